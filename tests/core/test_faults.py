"""Every write of every action fails in turn: all is as before or done whole, and is told once."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from petseg_gui.core.store import Project, StoreError
from tests.faults import GONE, KINDS, Fault, broken, count_statements

from .fault_project import ACTIONS, Action, differences, make_project, state_of


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

    def renew(self) -> Project:
        """A project as in the beginning."""
        self.close()
        shutil.rmtree(self.base, ignore_errors=True)
        shutil.copytree(self._template, self.base)
        return self.reopened()

    def reopened(self) -> Project:
        self.close()
        self.project = Project.open(self.base / "photos")
        assert not any("damaged" in notice for notice in self.project.notices)
        return self.project

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
    project = bench.renew()
    prepared = action.before(project, bench.base)
    before, photos = state_of(project), bench.photos()
    with broken(bench.base, Fault(kind, 0)) as disk:
        action.do(project, bench.base, prepared)
    after, steps = state_of(project), disk.operations
    assert steps
    assert after != before
    project = bench.renew()
    prepared = action.before(project, bench.base)
    failed = 0
    for at in range(1, len(steps) + 1):
        error = None
        with broken(bench.base / "photos", Fault(kind, at)) as disk:
            try:
                action.do(project, bench.base, prepared)
            except StoreError as caught:
                error = caught
        what = f"{kind} at {disk.operations[at - 1]} ({at} of {len(steps)}): {error}"
        now = state_of(project)
        assert bench.photos() == photos, what
        # In a folder that is gone nothing can be cleared away: that is done when it is opened.
        assert kind == GONE or not list(bench.base.rglob(".petseg-*")), what
        if error is None:
            assert not differences(now, after), what
            project = bench.renew()
            prepared = action.before(project, bench.base)
            continue
        failed += 1
        check_message(error, action, bench)
        assert not differences(now, before), what
        project = bench.reopened()
        assert not differences(state_of(project), before), what
        prepared = action.before(project, bench.base)
    assert failed or kind == GONE
    action.do(project, bench.base, prepared)
    assert not differences(state_of(project), after), "the next try does not do it whole"


def check_message(error: StoreError, action: Action, bench: Bench) -> None:
    """One sentence names the file and what happened, another what to do."""
    text = str(error)
    assert str(bench.base) in text
    assert "could not be " in text
    assert "(" in text, "the reason"
    assert any(
        remedy in text for remedy in ("try again", "still there", "copy the photos")
    ), "the remedy"
    assert error.__cause__ is not None
