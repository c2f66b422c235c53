"""Flags, tags, notes, time and confidence; what of them outlives the index."""

from __future__ import annotations

import getpass
import math
from pathlib import Path

import numpy as np
import pytest

from model import label_png
from petseg_gui.core.label_chunk import label_text, with_text
from petseg_gui.core.records import MAX_NOTE, MAX_TAG, MAX_TAGS, LabelText
from petseg_gui.core.store import PhotoFlag, PhotoState, Project, Provenance, StoreError

from .conftest import OpenProject

BY_HAND = Provenance("starter", 3)


def mask(seed: int = 0) -> np.ndarray:
    return np.random.default_rng(seed).integers(1, 4, (6, 9), np.uint8)


def annotate(project: Project, name: str) -> None:
    project.set_tags(name, ["dark", " two  words ", "dark", "Ünï\n"])
    project.set_note(name, "line\nwith 'quotes'; and \\xe9")
    project.set_flag(name, PhotoFlag.FLAGGED)
    project.add_seconds(name, 1.5)
    project.add_seconds(name, 2)
    project.set_confidences({name: 0.25}, "starter")


def test_what_is_noted_is_in_the_record_and_outlives_the_process(
    project: Project, open_project: OpenProject
) -> None:
    annotate(project, "img1.jpg")
    project.close()
    again = open_project()
    record = again.record("img1.jpg")
    assert record == again.records()["img1.jpg"]
    assert record.tags == ("dark", "two words", "Ünï")
    assert record.note == "line\nwith 'quotes'; and \\xe9"
    assert (record.flag, record.seconds) == (PhotoFlag.FLAGGED, 3.5)
    assert (record.confidence, record.predicted_by) == (0.25, "starter")
    assert (record.state, record.label) == (PhotoState.NEW, None)
    again.set_flag("img1.jpg", PhotoFlag.NONE)
    again.set_tags("img1.jpg", [])
    again.set_note("img1.jpg", "")
    again.set_confidences({"img1.jpg": None, "img2.jpg": 1.0}, "starter")
    record = again.record("img1.jpg")
    assert (record.flag, record.tags, record.note) == (PhotoFlag.NONE, (), "")
    assert (record.confidence, again.record("img2.jpg").confidence) == (None, 1.0)


def test_saving_a_label_keeps_what_is_noted(project: Project) -> None:
    annotate(project, "img1.jpg")
    project.save_label("img1.jpg", mask(), BY_HAND, accept=True)
    record = project.record("img1.jpg")
    assert (record.tags, record.flag) == (("dark", "two words", "Ünï"), PhotoFlag.FLAGGED)
    assert (record.seconds, record.state) == (3.5, PhotoState.ACCEPTED)
    project.unaccept("img1.jpg")
    assert project.record("img1.jpg").note.startswith("line")


def test_who_changed_what_is_in_the_log_once(project: Project) -> None:
    for _ in range(2):
        project.set_tags("img1.jpg", ["b", "a"])
        project.set_note("img1.jpg", "x")
        project.set_flag("img1.jpg", PhotoFlag.FLAGGED)
    assert [(entry.what, entry.detail) for entry in project.log("img1.jpg")] == [
        ("tags", "a, b"),
        ("note", "x"),
        ("flag", "flagged"),
    ]
    assert {entry.who for entry in project.log("img1.jpg")} == {getpass.getuser()}
    assert project.log("img2.jpg") == []


def test_nobody_known_is_no_reason_to_fail(
    project: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    def unknown() -> str:
        raise KeyError("uid not found")

    monkeypatch.setattr(getpass, "getuser", unknown)
    project.set_note("img1.jpg", "x")
    assert project.log("img1.jpg")[0].who == ""


def test_tags_and_notes_of_labelled_photos_outlive_the_index(
    project: Project, open_project: OpenProject
) -> None:
    for name in ("img1.jpg", "img2.jpg"):
        project.save_label(name, mask(1), BY_HAND, accept=True)
    annotate(project, "img1.jpg")
    annotate(project, "img3.jpg")
    project.save_label("img2.jpg", mask(2), BY_HAND, accept=True)
    before = project.record("img1.jpg")
    project.close()
    (project.root / "project.sqlite").unlink()
    again = open_project()
    after = again.record("img1.jpg")
    assert (after.tags, after.note, after.state) == (before.tags, before.note, before.state)
    assert again.record("img3.jpg").tags == (), "it has no label: the notice says that it is lost"
    assert "tags and notes of photos without a label" in again.notices[0]
    # Those of the last save are in the label as well.
    annotate(again, "img2.jpg")
    again.save_label("img2.jpg", mask(3), BY_HAND, accept=True)
    again.close()
    (again.root / "project.sqlite").unlink()
    third = open_project().record("img2.jpg")
    assert (third.flag, third.seconds) == (PhotoFlag.FLAGGED, 3.5)


def test_noting_does_not_touch_pixels_and_makes_no_version(project: Project) -> None:
    path = project.save_label("img1.jpg", mask(1), BY_HAND, accept=True)
    project.write_draft("img1.jpg", mask(2), BY_HAND)
    annotate(project, "img1.jpg")
    np.testing.assert_array_equal(label_png.read(path), mask(1))
    assert project.versions("img1.jpg") == []
    assert project.record("img1.jpg").has_draft
    text = label_text(path)
    assert text is not None
    assert (text.tags, text.provenance) == (("dark", "two words", "Ünï"), BY_HAND)


def test_a_damaged_or_missing_label_does_not_keep_anybody_from_noting(project: Project) -> None:
    path = project.save_label("img1.jpg", mask(1), BY_HAND, accept=True)
    path.write_bytes(b"damaged")
    project.set_note("img1.jpg", "damaged")
    assert path.read_bytes() == b"damaged"
    path.unlink()
    project.set_note("img1.jpg", "gone")
    assert not path.exists()
    assert project.record("img1.jpg").note == "gone"


@pytest.mark.parametrize("tag", ["", "  ", "\n", "x" * (MAX_TAG + 1)])
def test_what_is_no_tag_is_refused(project: Project, tag: str) -> None:
    with pytest.raises(StoreError, match="A tag has"):
        project.set_tags("img1.jpg", ["fine", tag])
    assert project.record("img1.jpg").tags == ()


def test_too_much_is_refused_and_the_most_fits_into_a_label(
    project: Project, open_project: OpenProject
) -> None:
    with pytest.raises(StoreError, match=r"2,001.*Shorten"):
        project.set_note("img1.jpg", "x" * (MAX_NOTE + 1))
    with pytest.raises(StoreError, match="at most 30 tags"):
        project.set_tags("img1.jpg", [str(number) for number in range(MAX_TAGS + 1)])
    for seconds in (-1, math.nan, math.inf):
        with pytest.raises(ValueError, match="no time"):
            project.add_seconds("img1.jpg", seconds)
    for confidence in (-0.1, 1.1, math.nan):
        with pytest.raises(ValueError, match="0 to 1"):
            project.set_confidences({"img1.jpg": confidence}, "m")
    tags = [f"{number:02}{'🐈' * (MAX_TAG - 2)}" for number in range(MAX_TAGS)]
    path = project.save_label("img1.jpg", mask(1), BY_HAND, accept=True)
    project.set_tags("img1.jpg", tags)
    project.set_note("img1.jpg", "🐈" * MAX_NOTE + "")
    _mask, text = label_png.decode(path.read_bytes())
    found = LabelText.decoded(text)
    assert found is not None
    assert list(found.tags) == tags
    project.close()
    (project.root / "project.sqlite").unlink()
    assert open_project().record("img1.jpg").note == "🐈" * MAX_NOTE


def test_a_note_with_what_no_file_takes_is_cleaned(project: Project) -> None:
    project.save_label("img1.jpg", mask(1), BY_HAND, accept=True)
    project.set_note("img1.jpg", "a\ud800b\0c")
    assert project.record("img1.jpg").note == "a?bc"
    project.set_tags("img1.jpg", ["a\ud800b"])
    assert project.record("img1.jpg").tags == ("a b",)


def test_a_prediction_by_the_model_in_use_is_noted_and_drops_the_confidence_of_another(
    project: Project,
) -> None:
    project.set_model_in_use("one")
    project.set_confidences({"img1.jpg": 0.5}, "old")
    project.write_prediction("img1.jpg", "two", mask())
    assert project.record("img1.jpg").predicted_by == "old"
    project.write_prediction("img1.jpg", "one", mask())
    record = project.record("img1.jpg")
    assert (record.predicted_by, record.confidence) == ("one", None)


def test_text_is_exchanged_only_in_whole_png_files(tmp_path: Path) -> None:
    text = LabelText("a.jpg", BY_HAND, True, None, "now", tags=("t",))
    data = label_png.encode(mask(3), {"petseg": "old", "Comment": "kept"})
    changed = with_text(data, text)
    found, entries = label_png.decode(changed)
    np.testing.assert_array_equal(found, mask(3))
    assert entries["Comment"] == "kept"
    assert LabelText.decoded(entries) == text
    for end in range(0, len(data) - 1, 7):
        with pytest.raises(ValueError, match="PNG"):
            with_text(data[:end], text)
    path = tmp_path / "label.png"
    path.write_bytes(changed)
    assert label_text(path) == text


def test_whatever_a_label_says_of_itself_is_taken_with_care() -> None:
    content = (
        '{"photo": "a.jpg", "gestures": 99999999999999999999, "tags": ["a", 7, "", "b"], '
        '"note": ["x"], "flag": {}, "seconds": "much", "digest": 5, "model": "m\\ud800"}'
    )
    text = LabelText.decoded({"petseg": content})
    assert text is not None
    assert (text.tags, text.note, text.flag, text.seconds) == (("a", "b"), "", PhotoFlag.NONE, 0.0)
    assert (text.digest, text.provenance) == (None, Provenance("m?", 0))
    assert LabelText.decoded({"petseg": '{"photo": "a\\u0000.jpg"}'}) is None
