"""Every write fails in turn while somebody works: one message, and the next try works."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from petseg_gui.core.mask import Patch
from petseg_gui.core.records import PhotoState
from petseg_gui.core.store import Project, Provenance
from tests.faults import GONE, KINDS, Disk, Fault, broken, count_statements
from tests.gui.harness import WIDTH, ReviewHarness, pet_mask, pet_probabilities

NAME, NEXT = "pet_1.png", "pet_2.png"
MOST = 40
"""More writes than any of these actions makes."""


@pytest.fixture(autouse=True)
def _counted(monkeypatch: pytest.MonkeyPatch) -> None:
    count_statements(monkeypatch)


@pytest.fixture
def labelled(folder: Path) -> Path:
    """A folder whose first photo has a label that was accepted."""
    project = Project.open(folder)
    project.set_model_in_use("starter")
    project.save_label(NAME, pet_mask(), Provenance(None, 1), accept=True)
    project.close()
    return folder


def stroke(reviewing: ReviewHarness, row: int) -> None:
    """A stroke along a row, in the other of two labels than there is."""
    session = reviewing.review.session
    assert session is not None
    value = 5 - int(session.view()[row, 0]) if session.view()[row, 0] > 1 else 3
    assert session.apply("brush stroke", Patch(0, row, np.ones((1, WIDTH), bool), value))
    reviewing.review.gesture_committed()


def written(reviewing: ReviewHarness) -> None:
    """Everything that is due is written now, and answered."""
    reviewing.review._saving._drafts.flush()
    reviewing.review._place.flush()
    reviewing.settle()


def troubles(reviewing: ReviewHarness) -> list[str]:
    return [m.text for m in reviewing.messages if m.kind != "info"]


def on_disk(folder: Path) -> tuple[object, ...]:
    """Label, draft and state of the photo, as a window finds them that is opened now."""
    project = Project.open(folder)
    try:
        label, draft = project.read_label(NAME), project.read_draft(NAME)
        return (
            None if label is None else label.tobytes(),
            None if draft is None else draft.tobytes(),
            project.record(NAME).state,
        )
    finally:
        project.close()


def check_told_once(reviewing: ReviewHarness, disk: Disk) -> None:
    (message,) = troubles(reviewing)
    assert NAME in message
    assert "could not be " in message, message
    assert str(disk.below) in message
    assert message.count("(") >= 1, "the reason"
    assert any(remedy in message for remedy in ("try again", "still there")), message


ACTIONS: dict[str, Callable[[ReviewHarness], None]] = {
    "save": lambda reviewing: reviewing.review.save(),
    "accept": lambda reviewing: reviewing.review.accept_and_next(),
    "draft": written,
}


@pytest.mark.parametrize(
    ("kind", "lasting"), [*((kind, False) for kind in KINDS), ("ENOSPC", True), (GONE, True)]
)
@pytest.mark.parametrize("action", ACTIONS)
def test_what_cannot_be_written_stays_in_the_window(
    reviewing: ReviewHarness, labelled: Path, action: str, kind: str, lasting: bool
) -> None:
    reviewing.open_review(labelled)
    failed, at = 0, 0
    while (at := at + 1) < MOST:
        reviewing.messages.clear()
        session = reviewing.show(NAME)
        stroke(reviewing, 1)
        written(reviewing)
        stroke(reviewing, 2)
        reviewing.messages.clear()
        painted, before = session.view().copy(), on_disk(labelled)
        with broken(labelled, Fault(kind, at, lasting)) as disk:
            ACTIONS[action](reviewing)
            reviewing.settle()
            if lasting:
                written(reviewing)  # what is tried again by itself, too, says nothing more
        if not disk.struck:
            break
        session = reviewing.show(NAME)
        np.testing.assert_array_equal(session.view(), painted, str(disk.last))
        if troubles(reviewing):
            failed += 1
            check_told_once(reviewing, disk)
            assert reviewing.review.unsaved() == [NAME], disk.last
            assert lasting or kind == GONE or on_disk(labelled) == before, disk.last
        reviewing.messages.clear()
        written(reviewing)
        ACTIONS[action](reviewing)
        reviewing.settle()
        assert troubles(reviewing) == []
        label, draft, state = on_disk(labelled)
        if action == "draft":
            assert draft == painted.tobytes()
        else:
            assert label == painted.tobytes()
            assert draft is None
            assert reviewing.review.unsaved() == []
        assert action != "accept" or state is PhotoState.ACCEPTED
    assert failed
    assert at < MOST


@pytest.mark.parametrize("kind", KINDS)
def test_a_folder_that_cannot_be_opened_is_told_once(
    reviewing: ReviewHarness, folder: Path, tmp_path: Path, kind: str
) -> None:
    reasons: list[str] = []
    reviewing.review.folderFailed.connect(reasons.append)
    opened: list[object] = []
    reviewing.review.folderOpened.connect(opened.append)
    failed, at = 0, 0
    while (at := at + 1) < 3 * MOST:
        for project in (folder / "petseg", tmp_path / "xdg"):
            shutil.rmtree(project, ignore_errors=True)
        reasons.clear()
        opened.clear()
        with broken(folder, Fault(kind, at)) as disk:
            reviewing.review.open_folder(folder)
            reviewing.settle()
            reviewing.review.close_project()
        assert len(reasons) + len(opened) == 1, disk.last
        if reasons:
            failed += 1
            assert str(folder) in reasons[0]
            assert any(word in reasons[0] for word in ("try again", "still there")), reasons[0]
        if not disk.struck:
            break
    assert failed
    assert at < 3 * MOST
    shutil.rmtree(tmp_path / "xdg", ignore_errors=True)
    reviewing.open_review(folder)  # nothing holds it any more
    assert reviewing.review.project is not None
    assert not reviewing.review.project.read_only


def test_predictions_that_cannot_be_written_are_told_once_until_one_can(
    reviewing: ReviewHarness, folder: Path
) -> None:
    reviewing.open_review(folder)
    reviewing.messages.clear()
    names = reviewing.review.names
    assert len(names) == 4
    for name in names:
        reviewing.inference.failed.emit(name, "No space left on device.")
        reviewing.settle()
    assert len(troubles(reviewing)) == 1
    reviewing.inference.deliver(names[1], pet_mask(), pet_probabilities())
    reviewing.settle()
    reviewing.inference.failed.emit(names[2], "No space left on device.")
    reviewing.settle()
    assert len(troubles(reviewing)) == 2


def test_strokes_that_were_given_up_are_not_written_later(
    reviewing: ReviewHarness, folder: Path
) -> None:
    reviewing.open_review(folder)
    stroke(reviewing, 1)
    with broken(folder, Fault("ENOSPC", 1, lasting=True)):
        reviewing.review._saving._drafts.flush()
        reviewing.review.discard_all()
        reviewing.settle()
    written(reviewing)
    assert on_disk(folder) == (None, None, PhotoState.NEW)
