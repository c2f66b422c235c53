"""What happens round a change of photo: pending work is settled, predictions are asked for."""

from __future__ import annotations

import threading
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from petseg_gui.core.mask import Patch
from petseg_gui.core.photos import read_photo
from petseg_gui.core.records import PhotoState
from petseg_gui.core.store import Project, Provenance
from petseg_gui.ui import photo_loader
from petseg_gui.ui.marks import Mark
from petseg_gui.ui.review_controller import ReviewController
from tests.gui.harness import HEIGHT, WIDTH, ReviewHarness, pet_mask, pet_probabilities

ONE, TWO, THREE, FOUR = (f"pet_{n}.png" for n in (1, 2, 3, 4))


def accept_all(folder: Path) -> None:
    project = Project.open(folder)
    project.set_model_in_use("starter")
    for name in project.names():
        project.save_label(name, pet_mask(), Provenance(None, 1), accept=True)
    project.close()


def settle_a_stroke(reviewing: ReviewHarness) -> list[str]:
    """Do what the canvas does when it is told: what was pending becomes a gesture."""
    told: list[str] = []

    def settle() -> None:
        session = reviewing.review.session
        assert session is not None
        told.append(session.photo)
        column = np.ones((HEIGHT, 1), bool)
        if session.apply("polygon fill", Patch(5, 0, column, 3)) is not None:
            reviewing.review.gesture_committed()

    reviewing.review.aboutToLeave.connect(settle)
    return told


@pytest.mark.parametrize(
    "leave",
    [
        ReviewController.next,
        ReviewController.previous,
        ReviewController.accept_and_next,
        ReviewController.save,
        ReviewController.save_all,
        ReviewController.close_project,
        lambda review: review.go_to(FOUR),
    ],
)
def test_pending_work_is_settled_before_a_photo_is_left(
    reviewing: ReviewHarness, folder: Path, leave: Callable[[ReviewController], None]
) -> None:
    reviewing.open_review(folder)
    reviewing.show(TWO)
    told = settle_a_stroke(reviewing)
    leave(reviewing.review)
    reviewing.settle()
    assert told == [TWO]
    reviewing.review.aboutToLeave.disconnect()
    project = reviewing.review.project
    if project is None:
        project = Project.open(folder)
        kept = project.read_draft(TWO)
        project.close()
    elif leave in (ReviewController.next, ReviewController.previous) or TWO in (
        reviewing.review.unsaved()
    ):
        kept = reviewing.show(TWO).view()
    else:
        kept = project.read_label(TWO)
    assert kept is not None
    assert np.all(kept[:, 5] == 3)


def test_nothing_is_settled_where_nothing_is_left(reviewing: ReviewHarness, folder: Path) -> None:
    reviewing.open_review(folder)
    told = settle_a_stroke(reviewing)
    reviewing.review.go_to(ONE)
    reviewing.review.previous()
    session = reviewing.review.session
    assert session is not None
    session.begin("brush stroke")
    reviewing.review.next()
    reviewing.review.save()
    assert told == []
    assert reviewing.review.current == ONE
    session.abort()
    reviewing.review.aboutToLeave.disconnect()


def test_a_labelled_photo_on_show_is_predicted_first_and_stays_what_it_is(
    reviewing: ReviewHarness, folder: Path
) -> None:
    accept_all(folder)
    reviewing.open_review(folder)
    review = reviewing.review
    assert reviewing.inference.requests == [[ONE]]
    session = review.session
    counts = review.counts()
    reviewing.inference.deliver(ONE, np.ones((HEIGHT, WIDTH), np.uint8), pet_probabilities())
    reviewing.settle()
    assert review.session is session
    assert session is not None
    np.testing.assert_array_equal(session.view(), pet_mask())
    assert not session.dirty
    assert review.mark(ONE) is Mark.ACCEPTED
    assert review.counts() == counts
    assert review.record(ONE).state is PhotoState.ACCEPTED  # type: ignore[union-attr]
    asked = len(reviewing.inference.requests)
    reviewing.show(TWO)
    assert reviewing.inference.requests[-1] == [TWO]
    reviewing.show(ONE)
    assert len(reviewing.inference.requests) == asked + 1  # nothing is missing any more


def test_the_photo_on_show_comes_before_new_ones(reviewing: ReviewHarness, folder: Path) -> None:
    project = Project.open(folder)
    project.save_label(TWO, pet_mask(), Provenance(None, 1), accept=True)
    project.close()
    reviewing.open_review(folder)
    assert reviewing.inference.requests[-1] == [ONE, THREE, FOUR]
    reviewing.show(TWO)
    assert reviewing.inference.requests[-1] == [TWO, THREE, ONE, FOUR]


def test_a_photo_that_fails_is_tried_once_per_visit(reviewing: ReviewHarness, folder: Path) -> None:
    accept_all(folder)
    reviewing.open_review(folder)
    requests = reviewing.inference.requests
    for _ in range(3):
        reviewing.inference.failed.emit(ONE, "It needs more memory.")
        reviewing.review.request_predictions()
        reviewing.settle()
    assert requests == [[ONE]]
    assert reviewing.review.prediction_failed(ONE)
    reviewing.show(TWO)
    reviewing.show(ONE)
    assert requests == [[ONE], [TWO], [ONE]]
    assert not reviewing.review.prediction_failed(ONE)


def test_a_new_photo_that_failed_is_not_asked_for_with_every_page(
    reviewing: ReviewHarness, folder: Path
) -> None:
    reviewing.open_review(folder)
    reviewing.inference.failed.emit(FOUR, "It needs more memory.")
    reviewing.settle()
    reviewing.show(TWO)
    assert reviewing.inference.requests[-1] == [TWO, THREE, ONE]
    reviewing.review.use_model("tuned-001")  # another model may manage it
    reviewing.settle()
    assert FOUR in reviewing.inference.requests[-1]


def test_probabilities_that_come_later_leave_strokes_and_redo_alone(
    reviewing: ReviewHarness, folder: Path
) -> None:
    project = Project.open(folder)
    project.set_model_in_use("starter")
    project.write_prediction(ONE, "starter", pet_mask())
    project.close()
    reviewing.open_review(folder)
    assert reviewing.inference.requests[-1][0] == ONE
    session = reviewing.review.session
    assert session is not None
    session.apply("brush stroke", Patch(0, 0, np.ones((9, 9), bool), 3))
    reviewing.review.gesture_committed()
    reviewing.review.undo()
    reviewing.inference.deliver(ONE, pet_mask(), pet_probabilities())
    reviewing.settle()
    assert reviewing.review.session is session
    assert session.history.redo_name == "brush stroke"


def test_a_model_used_again_shows_what_it_predicted_before(
    reviewing: ReviewHarness, folder: Path
) -> None:
    reviewing.open_review(folder)
    review = reviewing.review
    everything = np.ones((HEIGHT, WIDTH), np.uint8)
    reviewing.inference.deliver(ONE, pet_mask(), pet_probabilities())
    reviewing.inference.deliver(TWO, pet_mask(), pet_probabilities())
    reviewing.settle()
    reviewing.inference.use_model("tuned-001", Path("tuned-001"))
    review.use_model("tuned-001")
    for name in (ONE, TWO):
        reviewing.inference.deliver(name, everything, pet_probabilities())
    reviewing.settle()
    assert review.session is not None
    np.testing.assert_array_equal(review.session.view(), everything)
    reviewing.inference.use_model("starter", Path("starter"))
    review.use_model("starter")
    reviewing.settle()
    np.testing.assert_array_equal(review.session.view(), pet_mask())
    np.testing.assert_array_equal(reviewing.show(TWO).view(), pet_mask())


def test_turning_back_while_the_next_photo_is_read_shows_the_photo_again(
    reviewing: ReviewHarness, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    gate = threading.Event()

    def late(path: Path) -> np.ndarray:
        if path.name != ONE:
            gate.wait(10)
        return read_photo(path)

    monkeypatch.setattr(photo_loader, "read_photo", late)
    with reviewing.qtbot.waitSignal(reviewing.review.photoShown):
        reviewing.review.open_folder(folder)
    with reviewing.qtbot.waitSignal(reviewing.review.photoPending):
        reviewing.review.next()
    assert reviewing.review.session is None
    with reviewing.qtbot.waitSignal(reviewing.review.photoShown) as shown:
        reviewing.review.previous()
    photo, session = shown.args
    assert photo.name == session.photo == ONE
    gate.set()
    reviewing.settle()
