from __future__ import annotations

import os
import sys
from pathlib import Path

import pytest

from petseg_gui.core.photo_errors import PhotoUnreadableError
from petseg_gui.core.photos import list_photo_names, read_photo

needs_links = pytest.mark.skipif(sys.platform == "win32", reason="links need rights there")


def touch(folder: Path, *names: str) -> None:
    for name in names:
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).touch()


@pytest.mark.parametrize(
    "ending",
    [
        "jpg",
        "JPEG",
        "jpe",
        "jfif",
        "png",
        "apng",
        "webp",
        "bmp",
        "gif",
        "tif",
        "TIFF",
        "avif",
        "heic",
        "HEIF",
        "hif",
    ],
)
def test_files_of_every_kind_are_listed(tmp_path: Path, ending: str) -> None:
    touch(tmp_path, f"a.{ending}", f"b{ending}", "c.pdf")
    assert list_photo_names(tmp_path) == [f"a.{ending}"]


def test_subfolders_are_left_out_unless_asked_for(tmp_path: Path) -> None:
    touch(tmp_path, "2.jpg", "10.jpg", "cats/10.jpg", "cats/9.jpg", "cats/old/1.png", "Ants/1.gif")
    assert list_photo_names(tmp_path) == ["2.jpg", "10.jpg"]
    assert list_photo_names(tmp_path, subfolders=True) == [
        "2.jpg",
        "10.jpg",
        "Ants/1.gif",
        "cats/9.jpg",
        "cats/10.jpg",
        "cats/old/1.png",
    ]


def test_hidden_folders_and_projects_hold_no_photos(tmp_path: Path) -> None:
    touch(tmp_path, "a.jpg", ".trash/1.jpg", "petseg/labels/a.png", "x/petseg/labels/b.png")
    touch(tmp_path, "elsewhere/project.sqlite", "elsewhere/labels/c.png", "x/b.jpg")
    assert list_photo_names(tmp_path, subfolders=True) == ["a.jpg", "x/b.jpg"]


def test_a_folder_that_is_called_like_a_photo_is_a_folder(tmp_path: Path) -> None:
    touch(tmp_path, "trip.jpg/1.jpg")
    assert list_photo_names(tmp_path) == []
    assert list_photo_names(tmp_path, subfolders=True) == ["trip.jpg/1.jpg"]


@needs_links
def test_links_to_folders_are_not_followed_round_in_circles(tmp_path: Path) -> None:
    touch(tmp_path, "photos/a.jpg", "photos/in/b.jpg", "outside/c.jpg")
    folder = tmp_path / "photos"
    (folder / "in" / "up").symlink_to(folder, target_is_directory=True)
    (folder / "self").symlink_to("self")
    (folder / "out").symlink_to(tmp_path / "outside", target_is_directory=True)
    assert list_photo_names(folder, subfolders=True) == ["a.jpg", "in/b.jpg"]
    through = tmp_path / "through"
    through.symlink_to(folder, target_is_directory=True)
    assert list_photo_names(through, subfolders=True) == ["a.jpg", "in/b.jpg"]


def test_folders_that_are_each_others_subfolders_come_to_an_end(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    # As a mount or a junction makes them, which are no links.
    touch(tmp_path, "a.jpg", "in/b.jpg", "in/again/a.jpg")
    again, real = tmp_path / "in" / "again", Path.stat

    def stat(self: Path, **options: bool) -> os.stat_result:
        return real(tmp_path if self == again else self, **options)

    monkeypatch.setattr(Path, "stat", stat)
    assert list_photo_names(tmp_path, subfolders=True) == ["a.jpg", "in/b.jpg"]


@needs_links
def test_links_to_photos_are_photos_and_broken_ones_keep_their_place(tmp_path: Path) -> None:
    touch(tmp_path, "b.jpg")
    (tmp_path / "a.jpg").symlink_to("b.jpg")
    (tmp_path / "c.jpg").symlink_to("c.jpg")
    (tmp_path / "d.jpg").symlink_to("nowhere.jpg")
    (tmp_path / "folder").mkdir()
    (tmp_path / "e.jpg").symlink_to("folder")
    assert list_photo_names(tmp_path) == ["a.jpg", "b.jpg", "c.jpg", "d.jpg"]
    with pytest.raises(PhotoUnreadableError, match="a link that leads back to itself"):
        read_photo(tmp_path / "c.jpg")
    with pytest.raises(PhotoUnreadableError, match="a link to a file that is not there"):
        read_photo(tmp_path / "d.jpg")


@needs_links
def test_pipes_are_no_photos(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "a.jpg")
    (tmp_path / "b.jpg").symlink_to("a.jpg")
    assert list_photo_names(tmp_path) == []
    for name in ("a.jpg", "b.jpg"):
        with pytest.raises(PhotoUnreadableError, match="a pipe or a device"):
            read_photo(tmp_path / name)


def test_a_subfolder_that_cannot_be_listed_does_not_stop_the_rest(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    touch(tmp_path, "a.jpg", "closed/b.jpg", "open/c.jpg")
    real = os.scandir

    def scandir(folder: Path) -> object:
        if folder.name == "closed":
            raise PermissionError(13, "Permission denied", str(folder))
        return real(folder)

    monkeypatch.setattr(os, "scandir", scandir)
    told: list[OSError] = []
    found = list_photo_names(tmp_path, subfolders=True, on_error=told.append)
    assert found == ["a.jpg", "open/c.jpg"] == list_photo_names(tmp_path, subfolders=True)
    assert [Path(error.filename).name for error in told] == ["closed"]


def test_a_photo_folder_that_is_missing_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        list_photo_names(tmp_path / "missing", subfolders=True)


NAMES = (
    *("two\nlines.jpg", "tab\t.jpg", "'\"`$(x)%s{0}.jpg", "-rf.jpg", " .jpg", "名前 🐈.jpg"),
    *("e\u0301.jpg", "\u202egnp.jpg", "a" * 250 + ".jpg", "no utf-8 \udcff.jpg"),
)


@pytest.mark.skipif(sys.platform != "linux", reason="names that other systems do not allow")
@pytest.mark.parametrize("name", NAMES)
def test_names_may_be_anything_and_messages_can_be_printed(tmp_path: Path, name: str) -> None:
    touch(tmp_path, name, f"in/{name}")
    assert list_photo_names(tmp_path) == [name]
    assert sorted(list_photo_names(tmp_path, subfolders=True)) == sorted([name, f"in/{name}"])
    with pytest.raises(PhotoUnreadableError, match="the file is empty") as caught:
        read_photo(tmp_path / name)
    text = str(caught.value)
    assert caught.value.path == tmp_path / name
    assert text.encode("utf-8").decode() == text
    assert "\n" not in text
    if "\udcff" in name:
        assert "no utf-8 \\udcff.jpg" in text
