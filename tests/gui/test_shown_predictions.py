"""The predictions of the photo on show: of that photo alone, by the model in use and its parent."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from model.registry import Version
from petseg_gui.core.predictions import Prediction, Predictions
from petseg_gui.core.records import PhotoState, StoreError
from petseg_gui.core.store import Project, Provenance
from petseg_gui.ui import shown_predictions
from petseg_gui.ui.shown_predictions import ShownPredictions
from tests.gui.harness import (
    HEIGHT,
    WIDTH,
    ReviewHarness,
    pet_mask,
    pet_probabilities,
    write_photo,
)

ONE, TWO, THREE = "pet_1.png", "pet_2.png", "pet_3.png"


@pytest.fixture
def shown(reviewing: ReviewHarness) -> ShownPredictions:
    return ShownPredictions(reviewing.review, reviewing.services, reviewing.review)


@pytest.fixture
def ready(reviewing: ReviewHarness, folder: Path) -> Project:
    """Photos 1 and 2 with a label, 1 also with a whole prediction; nothing is open yet."""
    project = Project.open(folder)
    project.set_model_in_use("starter")
    for name in (ONE, TWO):
        project.save_label(name, 3 - pet_mask(), Provenance("starter", 1), accept=True)
    project.write_prediction(ONE, "starter", pet_mask(), pet_probabilities())
    project.close()
    return project


@pytest.fixture
def gate(monkeypatch: pytest.MonkeyPatch) -> Iterator[threading.Event]:
    """Reading probabilities waits for this."""
    event = threading.Event()
    real = Predictions.read_probabilities

    def late(self: Predictions, name: str, model: str) -> np.ndarray | None:
        event.wait(10)
        return real(self, name, model)

    monkeypatch.setattr(Predictions, "read_probabilities", late)
    yield event
    event.set()


def arrived(prediction: Prediction | None, mask: np.ndarray) -> bool:
    return prediction is not None and np.array_equal(prediction.mask, mask)


def test_a_labelled_photo_shows_what_the_model_says(
    reviewing: ReviewHarness, shown: ShownPredictions, ready: Project, folder: Path
) -> None:
    assert (shown.photo, shown.current, shown.earlier) == (None, None, None)
    assert shown.why_no_current == shown.why_no_earlier == "No photo is on show."
    reviewing.open_review(folder)
    assert shown.photo == ONE
    assert shown.current is not None
    assert shown.current.model == "starter"
    np.testing.assert_array_equal(shown.current.mask, pet_mask())
    np.testing.assert_array_equal(shown.current.probabilities, pet_probabilities())
    assert shown.why_no_current == ""
    assert shown.earlier is None
    assert shown.why_no_earlier == "This is the first model; there is none before it."
    session = reviewing.review.session
    assert session is not None
    np.testing.assert_array_equal(session.view(), 3 - pet_mask())  # the label is what is edited


def test_it_is_empty_at_once_when_another_photo_is_gone_to(
    reviewing: ReviewHarness, shown: ShownPredictions, ready: Project, folder: Path
) -> None:
    reviewing.open_review(folder)
    heard: list[tuple[str | None, Prediction | None]] = []
    shown.changed.connect(lambda: heard.append((shown.photo, shown.current)))
    reviewing.review.go_to(TWO)
    assert shown.current is None
    assert heard[0][1] is None
    reviewing.settle()
    assert (shown.photo, shown.current) == (TWO, None)
    assert shown.why_no_current == "Not predicted yet."


def test_what_comes_late_for_another_photo_never_shows(
    reviewing: ReviewHarness,
    shown: ShownPredictions,
    ready: Project,
    folder: Path,
    gate: threading.Event,
) -> None:
    with reviewing.qtbot.waitSignal(reviewing.review.photoShown):
        reviewing.review.open_folder(folder)
    assert shown.why_no_current == "The prediction is being read."
    reviewing.review.go_to(TWO)  # photo 1's is still being read
    gate.set()
    reviewing.settle()
    assert (shown.photo, shown.current) == (TWO, None)
    reviewing.show(ONE)
    assert arrived(shown.current, pet_mask())


def test_closing_the_project_empties_it(
    reviewing: ReviewHarness,
    shown: ShownPredictions,
    ready: Project,
    folder: Path,
    gate: threading.Event,
) -> None:
    with reviewing.qtbot.waitSignal(reviewing.review.photoShown):
        reviewing.review.open_folder(folder)
    reviewing.review.close_project()
    assert shown.photo is None
    gate.set()
    reviewing.settle()
    assert (shown.photo, shown.current) == (None, None)


def test_the_mask_that_editing_begins_with_is_not_read_twice(
    reviewing: ReviewHarness,
    shown: ShownPredictions,
    folder: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    project = Project.open(folder)
    project.set_model_in_use("starter")
    project.write_prediction(ONE, "starter", pet_mask(), pet_probabilities())
    project.close()
    reads: list[str] = []
    real = Project.read_prediction

    def counted(self: Project, name: str, model: str) -> np.ndarray | None:
        reads.append(name)
        return real(self, name, model)

    monkeypatch.setattr(Project, "read_prediction", counted)
    reviewing.open_review(folder)
    assert arrived(shown.current, pet_mask())
    assert reads.count(ONE) == 1
    session = reviewing.review.session
    assert session is not None
    assert shown.current is not None
    assert not np.shares_memory(session.view(), shown.current.mask)  # strokes do not change it
    # Neither the loader nor anybody else holds another one.
    assert all(photo.mask is None for photo in reviewing.review._loader.kept if photo.name == ONE)


def test_a_prediction_that_arrives_is_read(
    reviewing: ReviewHarness, shown: ShownPredictions, ready: Project, folder: Path
) -> None:
    reviewing.open_review(folder)
    reviewing.show(TWO)
    assert reviewing.inference.requests[-1][0] == TWO
    with reviewing.qtbot.waitSignal(shown.changed):
        reviewing.inference.deliver(TWO, pet_mask(), pet_probabilities())
    assert arrived(shown.current, pet_mask())
    assert shown.current is not None
    assert shown.current.probabilities is not None
    # The label, the state and the session are what they were.
    assert reviewing.review.record(TWO).state is PhotoState.ACCEPTED  # type: ignore[union-attr]
    session = reviewing.review.session
    assert session is not None
    np.testing.assert_array_equal(session.view(), 3 - pet_mask())
    reviewing.inference.deliver(THREE, np.ones((HEIGHT, WIDTH), np.uint8))
    reviewing.settle()
    assert shown.photo == TWO
    assert arrived(shown.current, pet_mask())


def test_a_failed_prediction_is_said(
    reviewing: ReviewHarness, shown: ShownPredictions, ready: Project, folder: Path
) -> None:
    reviewing.open_review(folder)
    reviewing.show(TWO)
    reviewing.inference.failed.emit(TWO, "It needs more memory.")
    assert shown.why_no_current == "This photo could not be predicted."
    reviewing.settle()


def tune(reviewing: ReviewHarness, *versions: tuple[str, str | None]) -> None:
    reviewing.models.tuned = [Version(v, Path(v), parent, "", {}) for v, parent in versions]
    reviewing.models.known |= {v for v, _ in versions}


def use(reviewing: ReviewHarness, model: str) -> None:
    project = reviewing.review.project
    assert project is not None
    project.set_model_in_use(model)
    reviewing.inference.use_model(model, Path(model))
    reviewing.review.use_model(model)


def test_another_model_shows_its_own_and_that_of_the_one_before(
    reviewing: ReviewHarness, shown: ShownPredictions, ready: Project, folder: Path
) -> None:
    reviewing.open_review(folder)
    tune(reviewing, ("tuned-001", "starter"), ("tuned-002", "tuned-001"))
    use(reviewing, "tuned-001")
    assert shown.current is None  # at once: the one on show was another model's
    reviewing.settle()
    assert shown.why_no_current == "Not predicted yet."
    assert arrived(shown.earlier, pet_mask())
    assert shown.earlier is not None
    assert shown.earlier.model == "starter"
    assert shown.why_no_earlier == ""
    assert reviewing.inference.requests[-1][0] == ONE
    better = np.ones((HEIGHT, WIDTH), np.uint8)
    reviewing.inference.deliver(ONE, better, pet_probabilities())
    reviewing.settle()
    assert arrived(shown.current, better)
    assert arrived(shown.earlier, pet_mask())
    use(reviewing, "tuned-002")
    reviewing.settle()
    assert arrived(shown.earlier, better)


def test_a_parent_that_has_not_predicted_the_photo_or_is_not_known_is_said(
    reviewing: ReviewHarness, shown: ShownPredictions, ready: Project, folder: Path
) -> None:
    reviewing.open_review(folder)
    tune(reviewing, ("tuned-001", "starter"))
    use(reviewing, "tuned-001")
    reviewing.show(TWO)
    assert shown.earlier is None
    assert shown.why_no_earlier == "The model before this one has not predicted this photo."
    tune(reviewing)
    use(reviewing, "tuned-001")
    reviewing.settle()
    assert shown.earlier is None
    assert shown.why_no_earlier == shown_predictions.UNKNOWN_LINEAGE


def test_a_prediction_of_another_size_is_not_shown_and_is_made_again(
    reviewing: ReviewHarness, shown: ShownPredictions, ready: Project, folder: Path
) -> None:
    (folder / "petseg" / "predictions" / "starter").mkdir(exist_ok=True)
    project = Project.open(folder)
    project.write_prediction(ONE, "starter", pet_mask()[:50], pet_probabilities())
    project.close()
    reviewing.open_review(folder)
    assert shown.current is None
    assert shown.why_no_current == "Not predicted yet."
    assert reviewing.inference.requests[-1][0] == ONE
    reviewing.inference.deliver(ONE, pet_mask(), pet_probabilities())
    reviewing.settle()
    assert arrived(shown.current, pet_mask())


def test_damaged_probabilities_are_made_again_once(
    reviewing: ReviewHarness, shown: ShownPredictions, ready: Project, folder: Path
) -> None:
    file = folder / "petseg" / "predictions" / "starter" / "probabilities" / f"{ONE}.png"
    file.write_bytes(b"damaged")
    reviewing.open_review(folder)
    assert arrived(shown.current, pet_mask())  # the mask alone is of use
    assert shown.current is not None
    assert shown.current.probabilities is None
    assert reviewing.inference.requests[-1][0] == ONE
    asked = len(reviewing.inference.requests)
    # A disk that does not keep what is written: asked for once more, and then no longer.
    for _ in range(5):
        reviewing.inference.deliver(ONE, pet_mask())
        reviewing.settle()
    assert len(reviewing.inference.requests) <= asked + 1
    reviewing.inference.deliver(ONE, pet_mask(), pet_probabilities())
    reviewing.settle()
    np.testing.assert_array_equal(shown.current.probabilities, pet_probabilities())


def test_a_file_that_cannot_be_read_is_said_in_its_words(
    reviewing: ReviewHarness,
    shown: ShownPredictions,
    ready: Project,
    folder: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def fail(*_arguments: object) -> None:
        raise StoreError("The folder of predictions could not be read. Check the disk.")

    monkeypatch.setattr(Predictions, "read_probabilities", fail)
    reviewing.open_review(folder)
    assert shown.current is None
    assert shown.why_no_current.startswith("The folder of predictions could not be read")


def test_an_unreadable_photo_has_none(
    reviewing: ReviewHarness, shown: ShownPredictions, folder: Path
) -> None:
    (folder / TWO).write_bytes(b"no picture")
    write_photo(folder / "pet_5.png", 90)
    reviewing.open_review(folder)
    reviewing.review.go_to(TWO)
    reviewing.settle()
    assert (shown.photo, shown.why_no_current) == (None, "No photo is on show.")
