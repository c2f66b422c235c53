"""Undo survives switching photos, each photo its own, all together within a bound."""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np
import pytest

from petseg_gui.core.mask import Patch
from petseg_gui.core.session import EditSession
from petseg_gui.ui import undo_memory
from tests.gui.harness import HEIGHT, WIDTH, ReviewHarness, pet_mask, write_photo


def stroke(reviewing: ReviewHarness, column: int, noise: int = 0) -> None:
    """Paint a column of pet on the photo on show; ``noise`` makes the step of undo heavy."""
    session = reviewing.review.session
    assert session is not None
    selection = np.ones((HEIGHT, 1), bool)
    value: int | np.ndarray = 1
    if noise:
        rng = np.random.default_rng(noise)
        selection = rng.random((HEIGHT, WIDTH)) < 0.5
        value = rng.integers(1, 4, (HEIGHT, WIDTH)).astype(np.uint8)
    assert session.apply("brush stroke", Patch(column, 0, selection, value)) is not None
    reviewing.review.gesture_committed()


def mask_of(reviewing: ReviewHarness) -> np.ndarray:
    session = reviewing.review.session
    assert session is not None
    return session.view().copy()


def session_of(reviewing: ReviewHarness, name: str) -> EditSession:
    return reviewing.review._state.sessions[name]


def texts(reviewing: ReviewHarness) -> list[str]:
    return [message.text for message in reviewing.messages]


@pytest.fixture
def many(tmp_path: Path) -> Path:
    """30 photos."""
    folder = tmp_path / "many"
    folder.mkdir()
    for number in range(1, 31):
        write_photo(folder / f"pet_{number}.png", 5 * number)
    return folder


def test_after_thirty_photos_every_one_has_its_undo(reviewing: ReviewHarness, many: Path) -> None:
    reviewing.open_review(many)
    names = reviewing.review.names
    before, after = {}, {}
    for place, name in enumerate(names):
        reviewing.show(name)
        before[name] = mask_of(reviewing)
        stroke(reviewing, place)
        stroke(reviewing, place + 40)
        after[name] = mask_of(reviewing)
    for name in names:
        reviewing.show(name)
        np.testing.assert_array_equal(mask_of(reviewing), after[name])
        reviewing.review.undo()
        reviewing.review.undo()
        np.testing.assert_array_equal(mask_of(reviewing), before[name])
        reviewing.review.undo()  # there is no more, least of all of another photo
        np.testing.assert_array_equal(mask_of(reviewing), before[name])
        reviewing.review.redo()
        reviewing.review.redo()
        np.testing.assert_array_equal(mask_of(reviewing), after[name])
    assert texts(reviewing) == []
    assert sorted(reviewing.review.unsaved()) == sorted(names)


def test_undo_is_there_after_a_photo_was_accepted(reviewing: ReviewHarness, many: Path) -> None:
    reviewing.open_review(many)
    stroke(reviewing, 3)
    painted = mask_of(reviewing)
    reviewing.review.accept_and_next()
    reviewing.settle()
    for number in range(2, 25):
        reviewing.show(f"pet_{number}.png")
    reviewing.show("pet_1.png")
    np.testing.assert_array_equal(mask_of(reviewing), painted)
    assert reviewing.review.unsaved() == []
    reviewing.review.undo()
    assert not np.array_equal(mask_of(reviewing), painted)
    assert reviewing.review.unsaved() == ["pet_1.png"]


def test_masks_of_photos_that_were_left_are_packed(
    reviewing: ReviewHarness, many: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(undo_memory, "PACK_DELAY_MS", 1)
    reviewing.open_review(many)
    stroke(reviewing, 3)
    painted = mask_of(reviewing)
    session = session_of(reviewing, "pet_1.png")
    open_size = session.nbytes
    reviewing.show("pet_2.png")
    reviewing.qtbot.waitUntil(lambda: session.nbytes < open_size - HEIGHT * WIDTH // 2)
    assert session_of(reviewing, "pet_2.png").nbytes >= HEIGHT * WIDTH  # on show: not packed
    reviewing.review.save_all()  # takes the mask out, and it is packed again
    reviewing.settle()
    reviewing.qtbot.waitUntil(lambda: session.nbytes < open_size - HEIGHT * WIDTH // 2)
    project = reviewing.review.project
    assert project is not None
    np.testing.assert_array_equal(project.read_label("pet_1.png"), painted)
    reviewing.show("pet_1.png")
    np.testing.assert_array_equal(mask_of(reviewing), painted)


def test_who_pages_fast_leaves_few_masks_unpacked(reviewing: ReviewHarness, many: Path) -> None:
    reviewing.open_review(many)
    for number in range(1, 13):
        reviewing.show(f"pet_{number}.png")
        stroke(reviewing, number)
    unpacked = [s for s in reviewing.review._state.sessions.values() if s.nbytes >= HEIGHT * WIDTH]
    assert len(reviewing.review._state.sessions) == 12
    assert len(unpacked) <= undo_memory.UNPACKED + 1


def test_a_photo_that_nobody_painted_on_keeps_no_session_when_it_is_far(
    reviewing: ReviewHarness, many: Path
) -> None:
    reviewing.open_review(many)
    reviewing.show("pet_20.png")
    assert set(reviewing.review._state.sessions) == {"pet_20.png"}
    reviewing.show("pet_1.png")
    assert np.all(mask_of(reviewing) == 2)


def test_the_longest_left_clean_photo_loses_its_undo_first_and_it_is_told_once(
    reviewing: ReviewHarness, many: Path
) -> None:
    reviewing.open_review(many)
    masks = {}
    for number in (1, 2, 3):
        reviewing.show(f"pet_{number}.png")
        for noise in (1, 2):
            stroke(reviewing, 0, noise=10 * number + noise)
        masks[number] = mask_of(reviewing)
        if number != 1:  # the first one's strokes stay unsaved
            reviewing.review.save()
            reviewing.settle()
    state = reviewing.review._state
    total = sum(session.history.nbytes for session in state.sessions.values())
    state.undo_limit = total + 100
    reviewing.show("pet_4.png")
    stroke(reviewing, 0, noise=77)
    assert texts(reviewing) == [
        "The oldest 2 steps on pet_2.png can no longer be undone: the undo memory of "
        f"{state.undo_limit / 1024 / 1024:.3g} MB is full."
    ]
    assert "pet_2.png" not in state.sessions
    reviewing.show("pet_2.png")
    np.testing.assert_array_equal(mask_of(reviewing), masks[2])  # from its label
    for name, number in (("pet_1.png", 1), ("pet_3.png", 3)):
        reviewing.show(name)
        np.testing.assert_array_equal(mask_of(reviewing), masks[number])
        reviewing.review.undo()
        assert not np.array_equal(mask_of(reviewing), masks[number])
        reviewing.review.redo()
    assert len(reviewing.messages) == 1


def test_unsaved_strokes_outlive_their_undo(reviewing: ReviewHarness, many: Path) -> None:
    reviewing.open_review(many)
    state = reviewing.review._state
    for noise in (1, 2):
        stroke(reviewing, 0, noise=noise)
    painted, gestures = mask_of(reviewing), session_of(reviewing, "pet_1.png").gestures
    state.undo_limit = session_of(reviewing, "pet_1.png").history.nbytes + 100
    reviewing.show("pet_2.png")
    for noise in (3, 4):
        stroke(reviewing, 0, noise=noise)
    total = sum(session.history.nbytes for session in state.sessions.values())
    assert total <= state.undo_limit
    assert [text.split(" can ")[0] for text in texts(reviewing)] == [
        "The oldest 2 steps on pet_1.png"
    ]
    assert "pet_1.png" in reviewing.review.unsaved()
    reviewing.show("pet_1.png")
    np.testing.assert_array_equal(mask_of(reviewing), painted)
    session = session_of(reviewing, "pet_1.png")
    assert (session.gestures, session.dirty, session.edited) == (gestures, True, True)
    reviewing.review.save()
    reviewing.settle()
    project = reviewing.review.project
    assert project is not None
    np.testing.assert_array_equal(project.read_label("pet_1.png"), painted)
    assert project.label_provenance("pet_1.png").gestures == gestures  # type: ignore[union-attr]


def test_the_oldest_steps_of_the_photo_on_show_are_told_once(
    reviewing: ReviewHarness, many: Path
) -> None:
    reviewing.review._state.undo_limit = 12_000
    reviewing.open_review(many)
    for noise in range(1, 15):
        stroke(reviewing, 0, noise=noise)
    session = session_of(reviewing, "pet_1.png")
    assert session.history.dropped > 1
    assert session.history.nbytes <= 12_000
    assert [text.split(" can ")[0] for text in texts(reviewing)] == ["The oldest step on pet_1.png"]


def test_a_prediction_does_not_take_strokes_of_a_photo_that_was_left(
    reviewing: ReviewHarness, many: Path
) -> None:
    reviewing.open_review(many)
    stroke(reviewing, 3)
    painted = mask_of(reviewing)
    reviewing.show("pet_20.png")
    reviewing.inference.deliver("pet_1.png", pet_mask())
    reviewing.settle()
    reviewing.show("pet_1.png")
    np.testing.assert_array_equal(mask_of(reviewing), painted)


def test_a_photo_replaced_by_one_of_another_size_begins_anew(
    reviewing: ReviewHarness, many: Path
) -> None:
    reviewing.open_review(many)
    stroke(reviewing, 3)
    reviewing.show("pet_20.png")
    assert cv2.imwrite(str(many / "pet_1.png"), np.zeros((40, 50, 3), np.uint8))
    reviewing.show("pet_1.png")
    assert mask_of(reviewing).shape == (40, 50)
