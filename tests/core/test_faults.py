"""Every write of every action fails in turn: all is as before or done whole, and is told once."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from petseg_gui.core.exchange.common import ExchangeError
from petseg_gui.core.exchange.exporting import KINDS as EXPORTS
from petseg_gui.core.exchange.exporting import plan_export, run_export
from petseg_gui.core.settings import Settings, load_settings, save_settings
from petseg_gui.core.store import Project, StoreError
from tests.faults import ERRORS, GONE, KINDS, Fault, broken, count_statements
from tests.scale import SOAK

from .fault_project import ACTIONS, Action, State, copy, differences, lost, make_project, state_of

pytestmark = pytest.mark.soak


@pytest.fixture(scope="module")
def template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    base = tmp_path_factory.mktemp("template") / "base"
    make_project(base)
    return base


class Bench:
    """Copies of one project, opened and closed."""

    def __init__(self, template: Path, folder: Path) -> None:
        self.base = folder / "base"
        self._template = template
        self.project: Project | None = None

    def renew(self, action: Action) -> tuple[Project, object]:
        """A project as in the beginning, and what the action has read before it begins."""
        self.close()
        shutil.rmtree(self.base, ignore_errors=True)
        copy(self._template, self.base)
        project = self.reopened()
        return project, action.before(project, self.base)

    def again(self, action: Action, now: State, before: State) -> tuple[Project, object]:
        """The same, at no cost if all is as it was."""
        if self.project is None or differences(now, before, ()):
            return self.renew(action)
        return self.project, action.before(self.project, self.base)

    def reopened(self) -> Project:
        self.close()
        self.project = Project.open(self.base / "photos")
        assert not any("damaged" in notice for notice in self.project.notices)
        return self.project

    def leftovers(self) -> set[str]:
        """Files on their way to their names."""
        return {str(path) for path in self.base.rglob(".petseg-*")}

    def close(self) -> None:
        if self.project is not None:
            self.project.close()
            self.project = None

    def photos(self) -> dict[str, bytes]:
        return {path.name: path.read_bytes() for path in (self.base / "photos").glob("*.png")}


@pytest.fixture
def bench(template: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Bench]:
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "data"))
    count_statements(monkeypatch)
    bench = Bench(template, tmp_path)
    yield bench
    bench.close()


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("name", ACTIONS)
def test_an_action_that_fails_at_any_write_changes_nothing(
    bench: Bench, name: str, kind: str
) -> None:
    action = ACTIONS[name]
    project, prepared = bench.renew(action)
    before, photos = state_of(project), bench.photos()
    with broken(bench.base, Fault(kind, 0)) as disk:
        action.do(project, bench.base, prepared)
    after, steps = state_of(project), disk.operations
    assert steps
    assert after != before
    project, prepared = bench.renew(action)
    failed = 0
    for at in range(1, len(steps) + 1):
        with broken(bench.base / "photos", Fault(kind, at)) as disk:
            error = attempt(action, project, bench.base, prepared)
        what = f"{kind} at {disk.last} ({at} of {len(steps)}): {error}"
        assert bench.photos() == photos, what
        if error is not None:
            failed += 1
            check_message(error, action, bench)
        else:  # folders that were made for the turn before need not be made any more
            assert disk.struck or at > len(disk.operations), what
        expected = before if error is not None else after
        # In a folder that is gone nothing can be put back or cleared away.
        strict = kind != GONE
        assert not strict or bench.leftovers() <= {disk.last[1]}, what
        # What is on disk does not depend on which error it was.
        for again in (False, True) if SOAK or kind in ("ENOSPC", GONE) else (False,):
            project = bench.reopened() if again else project
            assert not (again and strict and bench.leftovers()), what
            now = state_of(project)
            assert not lost(now, before, after), what
            assert not strict or not differences(now, expected, action.caches), what
        project, prepared = bench.again(action, now, before)
    assert failed or kind == GONE
    action.do(project, bench.base, prepared)
    assert not differences(state_of(project), after, ()), "the next try does not do it whole"


@pytest.mark.parametrize("name", ACTIONS)
def test_a_disk_that_fails_for_good_loses_nothing(bench: Bench, name: str) -> None:
    action = ACTIONS[name]
    project, prepared = bench.renew(action)
    before = state_of(project)
    with broken(bench.base, Fault("EIO", 0)) as disk:
        action.do(project, bench.base, prepared)
    after, steps = state_of(project), len(disk.operations)
    project, prepared = bench.renew(action)
    for at in range(1, steps + 1):
        with broken(bench.base / "photos", Fault("EIO", at, lasting=True)) as disk:
            error = attempt(action, project, bench.base, prepared)
        what = f"from {disk.last} ({at} of {steps}) on: {error}"
        if error is not None:
            check_message(error, action, bench)
        for again in (False, True):
            project = bench.reopened() if again else project
            now = state_of(project)
            assert not lost(now, before, after), what
        if at % 3 == 0:  # when the disk can be written to again, so can everything
            prepared = action.before(project, bench.base)
            action.do(project, bench.base, prepared)
            now = state_of(project)
        project, prepared = bench.again(action, now, before)


def attempt(action: Action, project: Project, base: Path, prepared: object) -> StoreError | None:
    """Do it; what it was refused with, if it was."""
    try:
        action.do(project, base, prepared)
    except StoreError as error:
        return error
    return None


def check_message(error: StoreError, action: Action, bench: Bench) -> None:
    """One sentence names the file and what happened, another what to do."""
    text = str(error)
    assert str(bench.base) in text
    assert "could not be " in text
    assert "(" in text, "the reason"
    assert any(remedy in text for remedy in ("try again", "still there", "copy the photos")), (
        "the remedy"
    )


# -- opening -------------------------------------------------------------------------------


def opened(folder: Path) -> Project | StoreError:
    try:
        return Project.open(folder)
    except StoreError as error:
        return error


@pytest.mark.parametrize("lasting", [False, True])
@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("case", ["known", "new", "without its list"])
def test_a_folder_is_opened_whole_or_not_at_all(  # noqa: PLR0917 - fixtures
    bench: Bench, template: Path, tmp_path: Path, case: str, kind: str, lasting: bool
) -> None:
    folder = bench.base / "photos"

    def begin() -> None:
        shutil.rmtree(bench.base, ignore_errors=True)
        copy(template, bench.base)
        shutil.rmtree(tmp_path / "data", ignore_errors=True)
        if case == "new":
            shutil.rmtree(folder / "petseg")
        if case == "without its list":
            for path in (folder / "petseg").glob("project.sqlite*"):
                path.unlink()

    begin()
    with broken(folder, Fault(kind, 0)) as disk:
        project = Project.open(folder)
    whole, steps = state_of(project), disk.operations
    project.close()
    for at in range(1, len(steps) + 1):
        begin()
        with broken(folder, Fault(kind, at, lasting)) as disk:
            found = opened(folder)
            what = f"{kind} at {disk.last} ({at} of {len(steps)}): {found}"
            assert disk.struck, what
            if isinstance(found, StoreError):
                text = str(found)
                assert str(folder) in text, what
                assert ("try again" in text) or ("still there" in text), what
            else:
                if found.root.parent == folder:
                    assert not any("damaged" in notice for notice in found.notices), what
                else:  # as where nothing may be written: it is said, and nothing is hidden unsaid
                    assert kind == "EACCES" or case != "known", what
                    assert any(str(found.root) in notice for notice in found.notices), what
                found.close()
        assert not list(folder.glob("petseg/*.corrupt-*")), what
        shutil.rmtree(tmp_path / "data", ignore_errors=True)
        again = Project.open(folder)
        assert not differences(state_of(again), whole, ()), what
        assert not list(bench.base.rglob(".petseg-*")), what
        again.close()


# -- what is written elsewhere -------------------------------------------------------------


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("to", EXPORTS)
def test_an_export_that_fails_leaves_whole_files_and_the_project_as_it_is(
    bench: Bench, tmp_path: Path, to: str, kind: str
) -> None:
    project, _ = bench.renew(ACTIONS["save"])
    before = state_of(project)
    target = tmp_path / "out" / to
    target.mkdir(parents=True)
    with broken(target.parent, Fault(kind, 0)) as disk:
        run_export(plan_export(project, target, to))
    steps, whole = disk.operations, files_in(target)
    for at in range(1, len(steps) + 1):
        shutil.rmtree(target.parent)
        target.mkdir(parents=True)
        plan, error = plan_export(project, target, to), None
        with broken(target.parent, Fault(kind, at)) as disk:
            try:
                run_export(plan)
            except ExchangeError as caught:
                error = caught
        what = f"{kind} at {disk.last} ({at} of {len(steps)}): {error}"
        assert disk.struck, what
        if error is None:
            assert kind in ("EACCES", GONE) or files_in(target).keys() == whole.keys(), what
        else:
            assert str(target) in str(error), what
            assert "cannot be written (" in str(error), what
            assert len(str(error).split(". ")) > 1, "the remedy"
        for name, data in files_in(target).items():
            if kind == GONE and Path(name).name.startswith(".petseg-"):
                continue  # in a folder that is gone nothing can be cleared away
            assert name in whole, what
            assert len(data) == len(whole[name]), what
    assert not differences(state_of(project), before, ())


def files_in(folder: Path) -> dict[str, bytes]:
    return {
        str(path.relative_to(folder)): path.read_bytes()
        for path in folder.rglob("*")
        if path.is_file()
    }


@pytest.mark.parametrize("kind", ERRORS)
def test_settings_that_cannot_be_saved_are_as_they_were(
    bench: Bench, tmp_path: Path, kind: str
) -> None:
    path = tmp_path / "config" / "settings.json"
    save_settings(path, Settings(brush_diameter=5))
    with broken(path.parent, Fault(kind, 0)) as disk:
        save_settings(path, Settings(brush_diameter=7))
    for at in range(1, len(disk.operations) + 1):
        save_settings(path, Settings(brush_diameter=5))
        failed = False
        with broken(path.parent, Fault(kind, at)):
            try:
                save_settings(path, Settings(brush_diameter=7))
            except OSError:
                failed = True
        in_place = disk.operations[at - 1][0] == "fsync" and at == len(disk.operations)
        assert load_settings(path).brush_diameter == (5 if failed and not in_place else 7)
