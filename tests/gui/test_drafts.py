"""What the drafts on disk hold while somebody paints."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from petseg_gui.core.mask import Patch
from petseg_gui.core.session import EditSession
from tests.gui.harness import ReviewHarness

NAME = "pet_1.png"


def patch(x: int) -> Patch:
    return Patch(x, 0, np.ones((20, 10), bool), 1)


def draft_of(reviewing: ReviewHarness) -> np.ndarray | None:
    """What is on disk when all that is due is written."""
    reviewing.review.flush_drafts()
    reviewing.settle()
    project = reviewing.review.project
    assert project is not None
    return project.read_draft(NAME)


@pytest.fixture
def session(reviewing: ReviewHarness, folder: Path) -> EditSession:
    reviewing.open_review(folder)
    session = reviewing.review.session
    assert session is not None
    return session


def test_a_stroke_that_is_given_up_is_in_no_draft(
    reviewing: ReviewHarness, session: EditSession
) -> None:
    session.apply("first", patch(0))
    reviewing.review.gesture_committed()
    finished = session.view().copy()
    session.begin("second")
    session.paint(patch(40))
    written = draft_of(reviewing)
    session.abort()
    np.testing.assert_array_equal(written, finished)
    assert reviewing.review.project is not None
    provenance = reviewing.review.project.draft_provenance(NAME)
    assert provenance is not None
    assert provenance.gestures == 1


def test_a_stroke_after_everything_was_undone_makes_no_draft_of_it(
    reviewing: ReviewHarness, session: EditSession
) -> None:
    session.apply("first", patch(0))
    reviewing.review.gesture_committed()
    assert draft_of(reviewing) is not None
    reviewing.review.undo()
    session.begin("second")
    session.paint(patch(40))
    written = draft_of(reviewing)
    session.abort()
    assert written is None
