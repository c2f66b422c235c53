"""Photos in subfolders, and labels that are never shared."""

from __future__ import annotations

import os
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from petseg_gui.core.layout import count_stems, file_key, folded, free_label_name
from petseg_gui.core.store import Change, PhotoState, Project, Provenance, StoreError

from .conftest import OpenProject

BY_HAND = Provenance(None, 3)


def mask(seed: int = 0) -> np.ndarray:
    return np.random.default_rng(seed).integers(1, 4, (6, 9), np.uint8)


@pytest.fixture
def nested(folder: Path) -> Path:
    for place in ("x", "y", "x/deep", ".hidden", "other/petseg/labels"):
        (folder / place).mkdir(parents=True)
    (folder / "other/petseg/project.sqlite").touch()
    for name in ("x/1.jpg", "y/1.jpg", "x/1.png", "x/deep/2.jpg", ".hidden/3.jpg"):
        (folder / name).write_bytes(name.encode())
    (folder / "other/petseg/labels/4.png").touch()
    (folder / "other/5.jpg").touch()
    return folder


def test_subfolders_are_included_by_choice(open_project: OpenProject, nested: Path) -> None:
    project = open_project(nested)
    assert not any("/" in name for name in project.names())
    project.close()
    names = open_project(nested, subfolders=True).names()
    assert [name for name in names if "/" in name] == [
        "other/5.jpg",
        "x/1.jpg",
        "x/1.png",
        "x/deep/2.jpg",
        "y/1.jpg",
    ]
    assert "img1.jpg" in names


def test_photos_of_one_name_in_two_folders_share_nothing(
    open_project: OpenProject, nested: Path
) -> None:
    project = open_project(nested, subfolders=True)
    names = ["x/1.jpg", "y/1.jpg", "x/1.png", "x/deep/2.jpg", "img1.jpg"]
    for number, name in enumerate(names):
        project.write_draft(name, mask(number + 10), BY_HAND)
        project.write_prediction(name, "m", mask(number + 20))
    project.close()
    again = open_project(nested, subfolders=True)
    for number, name in enumerate(names):
        np.testing.assert_array_equal(again.read_draft(name), mask(number + 10))
        np.testing.assert_array_equal(again.read_prediction(name, "m"), mask(number + 20))
        again.save_label(name, mask(number), BY_HAND, accept=True)
    labels = [again.record(name).label for name in names]
    assert labels == ["x_1.jpg.png", "y_1.png", "x_1.png.png", "x_deep_2.png", "img1.png"]
    again.close()
    (again.root / "project.sqlite").unlink()
    third = open_project(nested, subfolders=True)
    for number, name in enumerate(names):
        np.testing.assert_array_equal(third.read_label(name), mask(number))
        assert third.photo_path(name) == nested / name
    assert {record.state for record in third.records().values() if record.label} == {
        PhotoState.ACCEPTED
    }


def test_labels_of_subfolders_stay_when_those_are_left_out(
    open_project: OpenProject, nested: Path
) -> None:
    project = open_project(nested, subfolders=True)
    project.save_label("x/1.jpg", mask(1), BY_HAND, accept=True)
    project.close()
    flat = open_project(nested, subfolders=False)
    assert flat.accepted() == []
    flat.close()
    (nested / "x/1.jpg").rename(nested / "up.jpg")
    flat = open_project(nested)
    assert flat.examine("up.jpg").change is Change.RENAMED
    np.testing.assert_array_equal(flat.read_label("up.jpg"), mask(1))


def test_a_link_to_a_folder_leads_nowhere(
    open_project: OpenProject, nested: Path, tmp_path: Path
) -> None:
    outside = tmp_path / "outside"
    outside.mkdir()
    (outside / "secret.jpg").touch()
    try:
        (nested / "link").symlink_to(outside)
        (nested / "x" / "round").symlink_to(nested)
    except OSError:
        pytest.skip("no links here")
    project = open_project(nested, subfolders=True)
    assert not any("link" in name or "round" in name for name in project.names())
    with pytest.raises(StoreError, match=r"'link' is a link"):
        project.photo_path("link/secret.jpg")
    with pytest.raises(StoreError, match="is a link"):
        project.examine("x/round/img1.jpg")


@pytest.mark.parametrize(
    "name", ["../img1.jpg", "x/../../y.jpg", "/etc/passwd", "x//1.jpg", "x/", "./x.jpg", "x/\0"]
)
def test_names_that_lead_out_are_refused_with_subfolders_too(
    open_project: OpenProject, nested: Path, name: str
) -> None:
    project = open_project(nested, subfolders=True)
    for call in (project.photo_path, project.record, project.examine, project.read_draft):
        with pytest.raises(StoreError, match="no photo of this folder"):
            call(name)


@pytest.mark.skipif(os.name == "nt" or os.getuid() == 0, reason="nothing is forbidden here")
def test_a_subfolder_that_cannot_be_read_is_named(open_project: OpenProject, nested: Path) -> None:
    (nested / "y").chmod(0)
    try:
        project = open_project(nested, subfolders=True)
    finally:
        (nested / "y").chmod(0o755)
    assert "y" in project.notices[0]


def test_a_subfolder_that_fails_is_named_and_the_rest_goes_on(
    open_project: OpenProject, nested: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from petseg_gui.core import listing

    real = listing.list_photo_names

    def fail(folder: Path) -> list[str]:
        if folder.name == "y":
            raise OSError("broken disk")
        return real(folder)

    monkeypatch.setattr(listing, "list_photo_names", fail)
    project = open_project(nested, subfolders=True)
    (notice,) = project.notices
    assert "1 subfolders could not be read" in notice
    assert "x/1.jpg" in project.names()


NAMES = st.lists(
    st.text(alphabet="aAäÄa\u0308ſsß_/.12()", min_size=1, max_size=8)
    .map(lambda text: "/".join(filter(None, text.split("/"))) + ".jpg")
    .filter(lambda name: not any(part.startswith(".") for part in name.split("/"))),
    min_size=1,
    max_size=12,
    unique=True,
)


@given(NAMES)
def test_no_two_photos_share_a_label_whatever_they_are_called(names: list[str]) -> None:
    stems, taken = count_stems(names), set()
    for name in names:
        label = free_label_name(name, stems, taken)
        assert "/" not in label
        assert folded(label) not in taken
        taken.add(folded(label))
    assert len({file_key(name) for name in names}) == len(names)


def test_overlong_names_get_files_too(open_project: OpenProject, folder: Path) -> None:
    names = [f"{'ä' * 123}{number}.jpg" for number in (1, 2)]
    deep = "/".join(["d" * 100] * 4)
    (folder / deep).mkdir(parents=True)
    names += [f"{deep}/1.jpg", f"{'e' * 251}.jpg"[-255:]]
    for name in names:
        (folder / name).touch()
    project = open_project(subfolders=True)
    for number, name in enumerate(names):
        project.write_draft(name, mask(number), BY_HAND)
        project.write_prediction(name, "m", mask(number))
        project.save_label(name, mask(number), BY_HAND, accept=True)
    for number, name in enumerate(names):
        np.testing.assert_array_equal(project.read_label(name), mask(number))


def test_a_project_opened_without_subfolders_knows_no_such_names(project: Project) -> None:
    with pytest.raises(StoreError, match="no photo of this folder"):
        project.examine("x/1.jpg")
