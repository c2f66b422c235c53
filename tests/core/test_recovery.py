"""Killed between a label and its entry in the index: opening the folder brings them together."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from petseg_gui.core import recovery
from petseg_gui.core.index import Index
from petseg_gui.core.store import PhotoFlag, PhotoState, Project, Provenance

from .conftest import OpenProject

NAME = "img1.jpg"
LABEL = Path("labels/img1.png")
BY_HAND = Provenance("starter", 3)


def mask(seed: int = 0) -> np.ndarray:
    return np.random.default_rng(seed).integers(1, 4, (6, 9), np.uint8)


class KilledError(BaseException):
    """Nobody catches it, and nothing is put back: see :func:`crashed`."""


@pytest.fixture
def crashed(
    folder: Path, open_project: OpenProject, monkeypatch: pytest.MonkeyPatch
) -> Callable[..., Project]:
    """Does something, is killed before the index is told, and opens the folder again."""

    def crash(before: Callable[[Project], object], action: Callable[[Project], object]) -> Project:
        project = open_project()
        before(project)
        left = folder.parent / "left"

        def killed(*_values: object, **_options: object) -> None:
            shutil.copytree(folder, left)  # all that a killed process leaves
            raise KilledError

        with monkeypatch.context() as patch:
            patch.setattr(Index, "put", killed)
            with pytest.raises(KilledError):
                action(project)
        project.close()
        return open_project(left)

    return crash


def nothing(_project: Project) -> None:
    """Before it, nothing was done."""


def test_a_first_label_is_known(crashed: Callable[..., Project]) -> None:
    project = crashed(nothing, lambda p: p.save_label(NAME, mask(), BY_HAND, accept=True))
    record = project.record(NAME)
    assert (record.state, record.label) == (PhotoState.ACCEPTED, "img1.png")
    assert project.label_provenance(NAME) == BY_HAND
    np.testing.assert_array_equal(project.read_label(NAME), mask())
    assert [entry.what for entry in project.log(NAME)] == ["accepted"]
    assert project.notices == []


def test_a_newer_label_counts_and_the_draft_that_went_into_it_does_not(
    crashed: Callable[..., Project],
) -> None:
    def before(project: Project) -> None:
        project.save_label(NAME, mask(1), Provenance(None, 1), accept=False)
        project.set_flag(NAME, PhotoFlag.SKIPPED)
        project.write_draft(NAME, mask(2), BY_HAND)

    project = crashed(before, lambda p: p.save_label(NAME, mask(2), BY_HAND, accept=True))
    record = project.record(NAME)
    assert (record.state, record.has_draft, record.flag) == (
        PhotoState.ACCEPTED,
        False,
        PhotoFlag.NONE,
    )
    assert project.label_provenance(NAME) == BY_HAND
    assert len(project.versions(NAME)) == 1


def test_tags_that_are_in_the_label_count(crashed: Callable[..., Project]) -> None:
    def before(project: Project) -> None:
        project.save_label(NAME, mask(), BY_HAND, accept=True)
        project.set_flag(NAME, PhotoFlag.FLAGGED)

    project = crashed(before, lambda p: p.set_tags(NAME, ["cat"]))
    assert project.record(NAME).tags == ("cat",)
    assert project.record(NAME).flag is PhotoFlag.FLAGGED, "the label does not know it yet"


def test_a_label_that_was_put_away_stays_away(crashed: Callable[..., Project]) -> None:
    def before(project: Project) -> None:
        project.save_label(NAME, mask(), BY_HAND, accept=True)

    project = crashed(before, lambda p: p.clear_label(NAME))
    assert (project.record(NAME).state, project.record(NAME).saved) == (PhotoState.NEW, "")
    assert len(project.versions(NAME)) == 1
    project.save_label(NAME, mask(1), BY_HAND, accept=False)
    assert project.record(NAME).state is PhotoState.EDITED, "nobody has accepted this one"


def test_a_label_is_put_away_together_with_the_strokes_on_it(
    crashed: Callable[..., Project],
) -> None:
    def before(project: Project) -> None:
        project.save_label(NAME, mask(1), BY_HAND, accept=False)
        project.write_draft(NAME, mask(2), BY_HAND)

    project = crashed(before, lambda p: p.clear_label(NAME))
    assert project.record(NAME).state is PhotoState.NEW
    assert project.read_draft(NAME) is None
    kept = [project.read_version(NAME, version.id) for version in project.versions(NAME)]
    np.testing.assert_array_equal(kept, [mask(2), mask(1)])


def test_strokes_are_there_until_the_label_below_them_is_gone(
    folder: Path, open_project: OpenProject, monkeypatch: pytest.MonkeyPatch
) -> None:
    project = open_project()
    project.save_label(NAME, mask(1), BY_HAND, accept=False)
    project.write_draft(NAME, mask(2), BY_HAND)
    left = folder.parent / "left"
    unlink = Path.unlink

    def killed(path: Path, missing_ok: bool = False) -> None:
        if path == project.root / LABEL:
            shutil.copytree(folder, left)
            raise KilledError
        unlink(path, missing_ok=missing_ok)

    monkeypatch.setattr(Path, "unlink", killed)
    with pytest.raises(KilledError):
        project.clear_label(NAME)
    monkeypatch.undo()
    project.close()
    np.testing.assert_array_equal(open_project(left).read_draft(NAME), mask(2))


def test_a_label_that_somebody_has_deleted_is_not_taken_for_put_away(
    crashed: Callable[..., Project],
) -> None:
    def before(project: Project) -> None:
        project.save_label(NAME, mask(), BY_HAND, accept=True)
        (project.root / LABEL).unlink()

    project = crashed(before, lambda p: p.set_flag("img2.jpg", PhotoFlag.FLAGGED))
    assert project.record(NAME).saved != ""


def test_a_label_that_is_older_than_the_index_knows_does_not_count(
    crashed: Callable[..., Project],
) -> None:
    def before(project: Project) -> None:
        project.save_label(NAME, mask(1), BY_HAND, accept=False)
        project.save_label(NAME, mask(2), BY_HAND, accept=True)
        shutil.copyfile(project.versions(NAME)[0].path, project.root / LABEL)

    project = crashed(before, lambda p: p.set_flag("img2.jpg", PhotoFlag.FLAGGED))
    assert project.record(NAME).state is PhotoState.ACCEPTED


def test_only_labels_written_since_the_index_are_looked_at(
    folder: Path, open_project: OpenProject, monkeypatch: pytest.MonkeyPatch
) -> None:
    project = open_project()
    project.save_label(NAME, mask(1), BY_HAND, accept=False)
    project.save_label("img2.jpg", mask(1), BY_HAND, accept=False)
    os.utime(project.root / LABEL, (0, 0))
    left = folder.parent / "left"
    shutil.copytree(folder, left)
    read: list[str] = []
    monkeypatch.setattr(recovery, "label_text", lambda path: read.append(path.name))
    open_project(left)
    assert read == ["img2.png"]


def test_nothing_is_compared_after_the_index_was_closed(
    open_project: OpenProject, monkeypatch: pytest.MonkeyPatch
) -> None:
    project = open_project()
    project.save_label(NAME, mask(1), BY_HAND, accept=False)
    project.close()
    monkeypatch.delattr(recovery, "label_text")  # it would be missed
    assert open_project().record(NAME).label == Path(LABEL).name
