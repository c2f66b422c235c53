"""Accepting what there is, and putting a label away: what is kept, and that nothing is lost."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from petseg_gui.core.store import PhotoFlag, PhotoState, Project, Provenance, StoreError

from .conftest import OpenProject

NAME = "img1.jpg"
BY_HAND = Provenance("starter", 3)


def mask(seed: int = 0) -> np.ndarray:
    return np.random.default_rng(seed).integers(1, 4, (6, 9), np.uint8)


def what(project: Project) -> list[str]:
    return [entry.what for entry in project.log(NAME)]


def test_the_nearest_to_a_persons_work_is_accepted(project: Project) -> None:
    project.set_model_in_use("starter")
    with pytest.raises(StoreError, match="no mask yet"):
        project.accept_as_is(NAME)
    project.write_prediction(NAME, "starter", mask(1))
    project.accept_as_is(NAME)
    np.testing.assert_array_equal(project.read_label(NAME), mask(1))
    assert project.label_provenance(NAME) == Provenance("starter", 0)
    project.unaccept(NAME)
    project.save_label(NAME, mask(2), BY_HAND, accept=False)
    project.accept_as_is(NAME)
    np.testing.assert_array_equal(project.read_label(NAME), mask(2))
    assert project.label_provenance(NAME) == BY_HAND
    project.write_draft(NAME, mask(3), Provenance("starter", 9))
    assert project.record(NAME).state is PhotoState.EDITED
    project.accept_as_is(NAME)
    np.testing.assert_array_equal(project.read_label(NAME), mask(3))
    assert project.label_provenance(NAME) == Provenance("starter", 9)
    assert project.read_draft(NAME) is None
    assert project.record(NAME).state is PhotoState.ACCEPTED


def test_what_is_accepted_already_is_not_written_again(project: Project) -> None:
    project.save_label(NAME, mask(1), BY_HAND, accept=True)
    versions, log = project.versions(NAME), what(project)
    project.accept_as_is(NAME)
    assert (project.versions(NAME), what(project)) == (versions, log)


def test_a_prediction_of_another_size_is_not_accepted(project: Project, folder: Path) -> None:
    from PIL import Image

    Image.new("RGB", (12, 8)).save(folder / NAME)
    project.examine(NAME)
    project.set_model_in_use("starter")
    project.write_prediction(NAME, "starter", mask(1))
    with pytest.raises(StoreError, match="size"):
        project.accept_as_is(NAME)
    assert project.record(NAME).label is None


def test_accepting_ends_being_skipped_and_leaves_other_flags(project: Project) -> None:
    project.set_flag(NAME, PhotoFlag.SKIPPED)
    project.save_label(NAME, mask(1), BY_HAND, accept=False)
    assert project.record(NAME).flag is PhotoFlag.SKIPPED
    project.save_label(NAME, mask(1), BY_HAND, accept=True)
    assert project.record(NAME).flag is PhotoFlag.NONE
    project.set_flag(NAME, PhotoFlag.FLAGGED)
    project.save_label(NAME, mask(2), BY_HAND, accept=True)
    assert project.record(NAME).flag is PhotoFlag.FLAGGED


def test_a_label_that_is_put_away_can_be_restored(
    project: Project, open_project: OpenProject
) -> None:
    project.set_model_in_use("starter")
    project.write_prediction(NAME, "starter", mask(7))
    project.save_label(NAME, mask(1), BY_HAND, accept=True)
    held_out = project.record(NAME).held_out
    project.write_draft(NAME, mask(2), BY_HAND)
    project.set_note(NAME, "stays")
    project.clear_label(NAME)
    record = project.record(NAME)
    assert (record.state, record.label, record.has_draft) == (PhotoState.PREDICTED, None, False)
    assert (record.note, record.held_out, record.model) == ("stays", held_out, "starter")
    assert project.read_label(NAME) is None
    assert project.accepted() == []
    assert record == project.records()[NAME]
    kept = [project.read_version(NAME, version.id) for version in project.versions(NAME)]
    assert [m.tolist() for m in kept] == [mask(2).tolist(), mask(1).tolist()]
    assert what(project)[-1] == "cleared"
    project.close()
    again = open_project()
    assert again.record(NAME).state is PhotoState.PREDICTED
    again.restore_version(NAME, again.versions(NAME)[-1].id)
    np.testing.assert_array_equal(again.read_label(NAME), mask(1))
    assert again.record(NAME).state is PhotoState.ACCEPTED


def test_strokes_that_were_never_saved_are_put_away_as_well(project: Project) -> None:
    project.write_draft(NAME, mask(2), BY_HAND)
    project.clear_label(NAME)
    assert project.record(NAME).state is PhotoState.NEW
    (version,) = project.versions(NAME)
    np.testing.assert_array_equal(project.read_version(NAME, version.id), mask(2))
    project.restore_version(NAME, version.id)
    np.testing.assert_array_equal(project.read_label(NAME), mask(2))


def test_clearing_nothing_changes_nothing(project: Project) -> None:
    project.clear_label(NAME)
    assert (what(project), project.versions(NAME)) == ([], [])
    project.save_label(NAME, mask(1), BY_HAND, accept=True)
    project.clear_label(NAME)
    log = what(project)
    project.clear_label(NAME)
    assert len(project.versions(NAME)) == 1
    assert what(project)[: len(log)] == log


def test_a_clearing_that_fails_leaves_label_index_and_draft(
    project: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    project.save_label(NAME, mask(1), BY_HAND, accept=True)
    project.write_draft(NAME, mask(2), BY_HAND)
    before = project.record(NAME)

    def full(*_: object, **__: object) -> None:
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as broken:
        broken.setattr("petseg_gui.core.index.Index.put", full)
        with pytest.raises(StoreError, match="space"):
            project.clear_label(NAME)
    assert project.record(NAME) == before
    np.testing.assert_array_equal(project.read_label(NAME), mask(1))
    np.testing.assert_array_equal(project.read_draft(NAME), mask(2))


def test_versions_of_a_label_that_was_put_away_outlive_the_index(
    project: Project, open_project: OpenProject
) -> None:
    project.save_label(NAME, mask(1), BY_HAND, accept=True)
    project.set_tags(NAME, ["dark"])
    project.clear_label(NAME)
    project.close()
    (project.root / "project.sqlite").unlink()
    again = open_project()
    record = again.record(NAME)
    assert (record.state, record.tags, record.label) == (PhotoState.NEW, ("dark",), None)
    (version,) = again.versions(NAME)
    np.testing.assert_array_equal(again.read_version(NAME, version.id), mask(1))
    # Its name is not given to another photo.
    other = again.save_label("img2.jpg", mask(5), BY_HAND, accept=True)
    assert other.name != "img1.png"
