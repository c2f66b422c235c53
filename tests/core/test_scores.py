"""How sure the model in use is, and how far it is from the one before: kept with predictions."""

from __future__ import annotations

import sqlite3

import numpy as np
import pytest

from petseg_gui.core.confidence import confidence, disagreement
from petseg_gui.core.scores import likeliest
from petseg_gui.core.store import Project

from .conftest import OpenProject

NAME = "img1.jpg"


def probabilities(columns: int, size: int = 16, sure: int = 235) -> np.ndarray:
    """Pet in the left columns, background elsewhere."""
    found = np.zeros((size, size, 3), np.uint8)
    found[..., 0] = 255 - sure
    found[..., 1] = sure
    found[:, :columns] = (sure, 255 - sure, 0)
    return found


def full(small: np.ndarray) -> np.ndarray:
    return np.repeat(np.repeat(likeliest(small), 3, axis=0), 4, axis=1)


def predict(project: Project, model: str, found: np.ndarray) -> None:
    project.write_prediction(NAME, model, full(found), found)


def test_a_prediction_says_how_sure_the_model_is(project: Project) -> None:
    project.set_model_in_use("starter")
    predict(project, "starter", probabilities(8))
    record = project.record(NAME)
    assert record.confidence == pytest.approx(confidence(probabilities(8), full(probabilities(8))))
    assert (record.predicted_by, record.disagreement) == ("starter", None)
    predict(project, "starter", probabilities(8, sure=140))
    assert project.record(NAME).confidence < record.confidence


def test_the_next_model_is_compared_with_the_one_before(project: Project) -> None:
    project.set_model_in_use("starter")
    predict(project, "starter", probabilities(8))
    project.set_model_in_use("tuned-1")
    assert project.record(NAME).confidence is None, "the model in use has not said anything"
    predict(project, "tuned-1", probabilities(4))
    record = project.record(NAME)
    assert record.predicted_by == "tuned-1"
    assert record.disagreement == pytest.approx(0.5)
    # Predicted once more by the same model: still compared with the one before.
    predict(project, "tuned-1", probabilities(4))
    assert project.record(NAME).disagreement == pytest.approx(0.5)


def test_networks_of_different_sizes_can_be_compared(project: Project) -> None:
    project.set_model_in_use("starter")
    predict(project, "starter", probabilities(8))
    project.set_model_in_use("tuned-1")
    predict(project, "tuned-1", probabilities(32, size=64))
    assert project.record(NAME).disagreement == pytest.approx(0)


def test_a_model_that_is_not_in_use_says_nothing(project: Project) -> None:
    project.set_model_in_use("starter")
    predict(project, "starter", probabilities(8))
    before = project.record(NAME)
    predict(project, "tuned-1", probabilities(2))
    assert project.record(NAME) == before


def test_what_came_into_use_again_is_scored_from_its_prediction_on_disk(project: Project) -> None:
    project.set_model_in_use("starter")
    predict(project, "starter", probabilities(8))
    before = project.record(NAME)
    project.set_model_in_use("tuned-1")
    predict(project, "tuned-1", probabilities(4))
    project.set_model_in_use("starter")
    assert project.score_prediction(NAME)
    assert not project.score_prediction(NAME), "that is known now"
    record = project.record(NAME)
    assert (record.confidence, record.predicted_by) == (before.confidence, "starter")
    assert record.disagreement == pytest.approx(disagreement(*map(likeliest, _two())))
    assert not project.score_prediction("img2.jpg"), "there is no prediction of it"


def _two() -> tuple[np.ndarray, np.ndarray]:
    return probabilities(4), probabilities(8)


def test_a_prediction_of_an_older_version_has_no_confidence(project: Project) -> None:
    project.set_model_in_use("starter")
    project.write_prediction(NAME, "starter", full(probabilities(8)))
    record = project.record(NAME)
    assert (record.predicted_by, record.confidence) == ("starter", None)


def test_an_index_of_schema_2_is_taken_over_and_its_photos_looked_at_once_more(
    project: Project, open_project: OpenProject
) -> None:
    from PIL import Image

    Image.new("RGB", (12, 8)).save(project.folder / NAME)
    project.examine(NAME)
    project.set_tags(NAME, ["kept"])
    project.close()
    connection = sqlite3.connect(project.root / "project.sqlite")
    for column in ("taken", "disagreement"):
        connection.execute(f"ALTER TABLE photos DROP COLUMN {column}")
    connection.execute("PRAGMA user_version = 2")
    connection.commit()
    connection.close()
    again = open_project()
    assert again.notices == []
    record = again.record(NAME)
    assert (record.tags, record.taken, record.size) == (("kept",), "", (12, 8))
    assert NAME in again.unexamined()
    again.examine(NAME)
    assert again.record(NAME).taken.startswith("20")


def test_when_a_photo_was_taken_is_what_its_camera_says(project: Project) -> None:
    from PIL import Image

    exif = Image.Exif()
    exif[0x0132] = "2024:05:06 07:08:09"
    exif.get_ifd(0x8769)[0x9003] = "2023:02:03 04:05:06"
    Image.new("RGB", (12, 8)).save(project.folder / NAME, exif=exif)
    project.examine(NAME)
    assert project.record(NAME).taken == "2023-02-03T04:05:06"
    bare = Image.Exif()
    bare[0x0132] = "no date at all here"
    Image.new("RGB", (12, 8)).save(project.folder / "img2.jpg", exif=bare)
    project.examine("img2.jpg")
    assert project.record("img2.jpg").taken[:2] == "20", "the file's own time"
