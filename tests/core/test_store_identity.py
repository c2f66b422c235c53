"""Which photo is which: renamed, moved, copied, replaced."""

from __future__ import annotations

import os
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from petseg_gui.core.store import Change, PhotoFlag, PhotoState, Project, Provenance, StoreError

from .conftest import OpenProject

BY_HAND = Provenance("starter", 3)


def mask(seed: int = 0) -> np.ndarray:
    return np.random.default_rng(seed).integers(1, 4, (6, 9), np.uint8)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Photos of which no two have the same content."""
    folder = tmp_path / "photos"
    folder.mkdir()
    for number in range(1, 7):
        (folder / f"img{number}.jpg").write_bytes(b"photo %d" % number)
    return folder


def examine_all(project: Project) -> dict[str, Change]:
    return {name: project.examine(name).change for name in project.names()}


def assert_label(project: Project, name: str, seed: int) -> None:
    label = project.read_label(name)
    assert label is not None, name
    np.testing.assert_array_equal(label, mask(seed))


def test_an_unchanged_photo_is_read_once(
    project: Project, open_project: OpenProject, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert project.unexamined() == project.names()
    assert set(examine_all(project).values()) == {Change.NEW}
    assert project.unexamined() == []
    project.close()
    again = open_project()
    monkeypatch.setattr("petseg_gui.core.identity.digest_of", lambda _path: pytest.fail("read"))
    assert set(examine_all(again).values()) == {Change.SAME}


def test_photos_never_examined_come_first(
    project: Project, open_project: OpenProject, folder: Path
) -> None:
    examine_all(project)
    project.close()
    (folder / "img9.jpg").write_bytes(b"new")
    assert open_project().unexamined()[:2] == ["img9.jpg", "img1.jpg"]


def test_a_touched_photo_is_the_same(project: Project, folder: Path) -> None:
    project.save_label("img1.jpg", mask(1), BY_HAND, accept=True)
    examine_all(project)
    os.utime(folder / "img1.jpg", ns=(5, 5))
    found = project.examine("img1.jpg")
    assert (found.change, found.message) == (Change.SAME, None)
    assert project.record("img1.jpg").state is PhotoState.ACCEPTED


def test_the_size_is_known_once_examined(project: Project, folder: Path) -> None:
    Image.new("RGB", (40, 30)).save(folder / "img1.jpg")
    assert project.record("img1.jpg").size is None
    examine_all(project)
    assert project.record("img1.jpg").size == (40, 30)
    assert project.record("img2.jpg").size is None, "no picture"


@pytest.mark.parametrize("examined_before", [True, False])
def test_a_renamed_photo_takes_everything_along(
    project: Project, open_project: OpenProject, folder: Path, examined_before: bool
) -> None:
    if examined_before:
        examine_all(project)
    path = project.save_label("img1.jpg", mask(1), BY_HAND, accept=True)
    project.save_label("img1.jpg", mask(2), BY_HAND, accept=True)
    project.set_tags("img1.jpg", ["blurred"])
    project.set_flag("img1.jpg", PhotoFlag.FLAGGED)
    project.write_draft("img1.jpg", mask(3), BY_HAND)
    before = project.record("img1.jpg")
    project.close()
    (folder / "img1.jpg").rename(folder / "cat.jpg")
    again = open_project()
    found = again.examine("cat.jpg")
    assert (found.change, found.was) == (Change.RENAMED, "img1.jpg")
    assert found.message is not None
    assert "img1.jpg" in found.message
    after = again.record("cat.jpg")
    assert (after.label, after.tags, after.flag) == (path.name, ("blurred",), PhotoFlag.FLAGGED)
    assert (after.state, after.has_draft, after.held_out) == (
        before.state,
        before.has_draft,
        before.held_out,
    )
    assert_label(again, "cat.jpg", 2)
    draft = again.read_draft("cat.jpg")
    assert draft is not None
    np.testing.assert_array_equal(draft, mask(3))
    assert len(again.label_versions("cat.jpg")) == 1
    assert [entry.what for entry in again.log("cat.jpg")] == [
        "accepted",
        "saved",
        "tags",
        "flag",
        "renamed",
    ]
    assert again.examine("cat.jpg").change is Change.SAME
    again.close()
    third = open_project()
    assert third.record("cat.jpg").has_draft
    assert_label(third, "cat.jpg", 2)


def test_a_rename_outlives_the_index(
    project: Project, open_project: OpenProject, folder: Path
) -> None:
    project.save_label("img1.jpg", mask(1), BY_HAND, accept=True)
    (folder / "img1.jpg").rename(folder / "cat.jpg")
    project.close()
    project = open_project()
    project.examine("cat.jpg")
    project.close()
    (project.root / "project.sqlite").unlink()
    again = open_project()
    assert_label(again, "cat.jpg", 1)
    # And one that was renamed while there was no index.
    again.close()
    (project.root / "project.sqlite").unlink()
    (folder / "cat.jpg").rename(folder / "dog.jpg")
    third = open_project()
    assert third.record("dog.jpg").state is PhotoState.NEW
    assert third.examine("dog.jpg").was == "cat.jpg"
    assert_label(third, "dog.jpg", 1)


def test_photos_that_change_names_keep_their_own_labels(
    project: Project, open_project: OpenProject, folder: Path
) -> None:
    for number in range(1, 7):
        project.save_label(f"img{number}.jpg", mask(number), BY_HAND, accept=True)
    examine_all(project)
    project.close()
    for number in range(6, 0, -1):  # renumbered by one, the last becomes the first
        (folder / f"img{number}.jpg").rename(folder / f"img{number + 1}.jpg")
    (folder / "img7.jpg").rename(folder / "img1.jpg")
    again = open_project()
    changes = examine_all(again)
    assert Change.REPLACED not in changes.values()
    for number in range(2, 7):
        assert_label(again, f"img{number}.jpg", number - 1)
    assert_label(again, "img1.jpg", 6)
    assert not any(record.replaced for record in again.records().values())


def test_a_new_photo_under_the_name_of_a_renamed_one_gets_nothing_of_it(
    project: Project, open_project: OpenProject, folder: Path
) -> None:
    examine_all(project)
    project.save_label("img1.jpg", mask(1), BY_HAND, accept=True)
    project.close()
    (folder / "img1.jpg").rename(folder / "zebra.jpg")
    (folder / "img1.jpg").write_bytes(b"quite another photo")
    again = open_project()
    examine_all(again)
    assert_label(again, "zebra.jpg", 1)
    assert again.read_label("img1.jpg") is None
    assert not again.record("img1.jpg").replaced
    assert [label.name for label in again.accepted()] == ["zebra.jpg"]


def test_a_copy_is_a_photo_of_its_own(
    project: Project, open_project: OpenProject, folder: Path
) -> None:
    project.save_label("img1.jpg", mask(1), BY_HAND, accept=True)
    examine_all(project)
    project.close()
    (folder / "copy.jpg").write_bytes((folder / "img1.jpg").read_bytes())
    again = open_project()
    assert again.examine("copy.jpg").change is Change.NEW
    assert again.read_label("copy.jpg") is None
    assert_label(again, "img1.jpg", 1)


def test_a_replaced_photo_is_noticed_and_its_label_not_used(
    project: Project, open_project: OpenProject, folder: Path
) -> None:
    project.set_model_in_use("m")
    project.save_label("img1.jpg", mask(1), BY_HAND, accept=True)
    project.write_prediction("img1.jpg", "m", mask(5))
    project.set_confidences({"img1.jpg": 0.5}, "m")
    examine_all(project)
    project.close()
    (folder / "img1.jpg").write_bytes(b"another picture")
    again = open_project()
    found = again.examine("img1.jpg")
    assert found.change is Change.REPLACED
    assert found.message is not None
    assert "img1.jpg" in found.message
    record = again.record("img1.jpg")
    assert record == again.records()["img1.jpg"]
    assert (record.state, record.replaced, record.label) == (PhotoState.NEW, True, None)
    assert (record.confidence, record.predicted_by) == (None, None)
    assert not again.has_prediction("img1.jpg", "m"), "it was for the other picture"
    assert again.read_label("img1.jpg") is None
    assert again.label_provenance("img1.jpg") is None
    assert again.accepted() == []
    np.testing.assert_array_equal(again.read_label("img1.jpg", replaced=True), mask(1))
    assert again.log("img1.jpg")[-1].what == "replaced"
    again.close()
    third = open_project()
    assert third.record("img1.jpg").replaced, "it stays so until somebody decides"
    third.keep_label("img1.jpg")
    assert third.record("img1.jpg").state is PhotoState.ACCEPTED
    assert_label(third, "img1.jpg", 1)
    third.close()
    (third.root / "project.sqlite").unlink()
    fourth = open_project()
    assert fourth.examine("img1.jpg").change is not Change.REPLACED
    assert_label(fourth, "img1.jpg", 1)


def test_a_new_label_for_a_replaced_photo_is_not_accepted_by_itself(
    project: Project, open_project: OpenProject, folder: Path
) -> None:
    project.save_label("img1.jpg", mask(1), BY_HAND, accept=True)
    project.close()
    (folder / "img1.jpg").write_bytes(b"another picture")
    again = open_project()
    again.examine("img1.jpg")
    again.save_label("img1.jpg", mask(2), BY_HAND, accept=False)
    record = again.record("img1.jpg")
    assert (record.state, record.replaced) == (PhotoState.EDITED, False)
    assert_label(again, "img1.jpg", 2)
    (version,) = again.versions("img1.jpg")
    again.restore_version("img1.jpg", version.id)
    assert again.record("img1.jpg").replaced, "the version is for the other picture"


def test_a_picture_that_comes_back_has_its_label_again(project: Project, folder: Path) -> None:
    content = (folder / "img1.jpg").read_bytes()
    project.save_label("img1.jpg", mask(1), BY_HAND, accept=True)
    project.examine("img1.jpg")
    (folder / "img1.jpg").write_bytes(b"another picture")
    assert project.examine("img1.jpg").change is Change.REPLACED
    (folder / "img1.jpg").write_bytes(content)
    assert project.examine("img1.jpg").change is Change.SAME
    assert project.record("img1.jpg").state is PhotoState.ACCEPTED


def test_strokes_for_another_picture_are_not_offered_but_kept(
    project: Project, folder: Path
) -> None:
    project.examine("img1.jpg")
    project.write_draft("img1.jpg", mask(1), BY_HAND)
    (folder / "img1.jpg").write_bytes(b"another picture")
    assert project.examine("img1.jpg").change is Change.REPLACED
    record = project.record("img1.jpg")
    assert (record.has_draft, record.replaced, record.state) == (False, True, PhotoState.NEW)
    assert project.read_draft("img1.jpg") is None
    project.write_draft("img1.jpg", mask(2), BY_HAND)
    assert project.record("img1.jpg").has_draft
    (kept,) = (project.root / "history").rglob("*.png")
    from model import label_png

    np.testing.assert_array_equal(label_png.read(kept), mask(1))


def test_a_label_is_for_what_was_looked_at_not_for_what_came_under_its_name_since(
    project: Project, folder: Path
) -> None:
    project.examine("img1.jpg")
    (folder / "img1.jpg").write_bytes(b"another picture")
    project.save_label("img1.jpg", mask(1), BY_HAND, accept=True)
    assert project.examine("img1.jpg").change is Change.REPLACED


def test_a_photo_that_is_not_there_or_cannot_be_read(
    project: Project, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (folder / "img1.jpg").unlink()
    assert project.examine("img1.jpg").change is Change.MISSING

    def refuse(_path: Path) -> str:
        raise OSError(13, "Permission denied")

    monkeypatch.setattr("petseg_gui.core.identity.digest_of", refuse)
    with pytest.raises(StoreError, match=r"img2\.jpg could not be read.*try again"):
        project.examine("img2.jpg")


def test_a_stranger_s_label_cannot_name_a_file_outside(
    project: Project, open_project: OpenProject, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from model import label_png
    from petseg_gui.core.disk import digest_of
    from petseg_gui.core.records import LabelText

    outside = folder.parent / "outside.jpg"
    outside.write_bytes(b"photo 0")
    digest = digest_of(folder / "img1.jpg")
    for number, photo in enumerate(("../outside.jpg", str(outside), "a\ud800.jpg")):
        text = LabelText("x", BY_HAND, True, None, "", digest=digest)
        encoded = {"petseg": text.encoded()["petseg"].replace('"x"', f'"{photo}"', 1)}
        if "\ud800" in photo:
            encoded = {"petseg": encoded["petseg"].replace("\ud800", "\\ud800")}
        data = label_png.encode(mask(number), encoded)
        (project.root / "labels" / f"strange{number}.png").write_bytes(data)
    project.close()
    (project.root / "project.sqlite").unlink()
    again = open_project()
    assert again.examine("img1.jpg").change is Change.NEW
    assert again.accepted() == []
