"""Small pictures on disk: named after what they were made of, bounded, made again when lost."""

from __future__ import annotations

import os
import threading
from pathlib import Path

import cv2
import numpy as np
import pytest
from PIL import Image

from model.labels import MaskArray
from petseg_gui.core import thumbnails
from petseg_gui.core.photos import PhotoUnreadableError
from petseg_gui.core.records import Change, Provenance
from petseg_gui.core.store import Project
from petseg_gui.core.thumbnails import MAX_BYTES, SIDE, Thumbnail, ThumbnailFiles, ThumbnailMaker

from .conftest import OpenProject

NAME = "cat.jpg"
HEIGHT, WIDTH = 480, 640
BLOCK = 4096


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    folder = tmp_path / "photos"
    folder.mkdir()
    write_photo(folder / NAME, 1)
    write_photo(folder / "dog.jpg", 2)
    return folder


@pytest.fixture
def project(open_project: OpenProject) -> Project:
    project = open_project()
    project.set_model_in_use("starter")
    return project


def write_photo(path: Path, seed: int) -> None:
    rng = np.random.default_rng(seed)
    small = rng.integers(0, 255, (6, 8, 3)).astype(np.uint8)
    pixels = cv2.resize(small, (WIDTH, HEIGHT), interpolation=cv2.INTER_CUBIC)
    Image.fromarray(pixels).save(path, quality=90)


def pet(rows: slice) -> MaskArray:
    """Pet in some rows of a photo, background elsewhere."""
    mask = np.full((HEIGHT, WIDTH), 2, np.uint8)
    mask[rows] = 1
    return mask


def probabilities(rows: slice) -> np.ndarray:
    """The same as a network of size 24 says it."""
    found = np.zeros((24, 24, 3), np.uint8)
    found[..., 1] = 255
    found[rows] = (255, 0, 0)
    return found


def made(maker: ThumbnailMaker, name: str = NAME) -> Thumbnail:
    found = maker.make(name)
    assert found is not None
    return found


def pet_rows(thumbnail: Thumbnail) -> list[int]:
    assert thumbnail.labels is not None
    rows: list[int] = np.flatnonzero(thumbnail.labels[:, 0] == 1).tolist()
    return rows


def files(project: Project) -> list[Path]:
    return sorted((project.root / "thumbnails").glob("*"))


@pytest.fixture
def reads(monkeypatch: pytest.MonkeyPatch) -> list[Path]:
    """Photos that were decoded."""
    found: list[Path] = []
    real = thumbnails.read_thumbnail

    def read(path: Path, size: int) -> np.ndarray:
        found.append(path)
        return real(path, size)

    monkeypatch.setattr(thumbnails, "read_thumbnail", read)
    return found


def test_a_photo_without_a_mask(project: Project) -> None:
    found = made(ThumbnailMaker(project))
    assert found.photo.shape == (SIDE * HEIGHT // WIDTH, SIDE, 3)
    assert found.labels is None


def test_it_is_decoded_once(project: Project, reads: list[Path]) -> None:
    first = made(ThumbnailMaker(project))
    second = made(ThumbnailMaker(project))
    assert len(reads) == 1
    assert first.made_of == second.made_of
    difference = np.abs(first.photo.astype(int) - second.photo.astype(int))
    assert difference.mean() < 3, "a JPEG, and its channels in the right order"


def test_photos_of_one_content_share_it(project: Project, reads: list[Path]) -> None:
    (project.folder / "dog.jpg").write_bytes((project.folder / NAME).read_bytes())
    maker = ThumbnailMaker(project)
    made(maker)
    made(maker, "dog.jpg")
    assert len(reads) == 1


def test_it_has_the_mask_that_the_photo_is_opened_with(project: Project) -> None:
    """Label before prediction, strokes before the label."""
    maker = ThumbnailMaker(project)
    project.write_prediction(NAME, "starter", pet(slice(0, 240)), probabilities(slice(0, 12)))
    assert pet_rows(made(maker)) == list(range(96))
    project.save_label(NAME, pet(slice(240, 480)), Provenance("starter", 1), accept=True)
    assert pet_rows(made(maker)) == list(range(96, 192))
    project.write_draft(NAME, pet(slice(0, 480)), Provenance("starter", 2))
    assert pet_rows(made(maker)) == list(range(192))
    project.discard_draft(NAME)
    assert pet_rows(made(maker)) == list(range(96, 192))
    project.clear_label(NAME)
    assert pet_rows(made(maker)) == list(range(96))


def test_another_model_has_another_mask(project: Project) -> None:
    maker = ThumbnailMaker(project)
    project.write_prediction(NAME, "starter", pet(slice(0, 240)), probabilities(slice(0, 12)))
    before = made(maker)
    project.set_model_in_use("tuned-1")
    assert made(maker).labels is None, "it has said nothing yet"
    project.write_prediction(NAME, "tuned-1", pet(slice(240, 480)), probabilities(slice(12, 24)))
    after = made(maker)
    assert pet_rows(after) == list(range(96, 192))
    project.set_model_in_use("starter")
    again = made(maker)
    assert pet_rows(again) == pet_rows(before)
    assert again.made_of == before.made_of != after.made_of


def test_a_prediction_without_probabilities_has_its_mask(project: Project) -> None:
    project.write_prediction(NAME, "starter", pet(slice(0, 240)))
    assert pet_rows(made(ThumbnailMaker(project))) == list(range(96))


def test_what_the_caller_has_is_not_made_again(project: Project, reads: list[Path]) -> None:
    maker = ThumbnailMaker(project)
    known = made(maker).made_of
    assert maker.make(NAME, known) is None
    project.write_prediction(NAME, "starter", pet(slice(0, 240)), probabilities(slice(0, 12)))
    assert maker.make(NAME, known) is not None
    assert len(reads) == 1


def test_another_picture_of_the_same_name(project: Project) -> None:
    maker = ThumbnailMaker(project)
    project.examine(NAME)
    project.write_prediction(NAME, "starter", pet(slice(0, 240)), probabilities(slice(0, 12)))
    before = made(maker)
    write_photo(project.folder / NAME, 3)
    after = made(maker)
    assert np.abs(after.photo.astype(int) - before.photo.astype(int)).mean() > 20
    assert after.labels is None, "the mask is another picture's, which nobody has noticed yet"
    assert project.examine(NAME).change is not Change.MISSING
    project.write_prediction(NAME, "starter", pet(slice(240, 480)), probabilities(slice(12, 24)))
    assert pet_rows(made(maker)) == list(range(96, 192))


def test_a_label_of_another_size_is_not_shown(project: Project) -> None:
    project.examine(NAME)
    project.save_label(NAME, np.ones((30, 40), np.uint8), Provenance(None, 1), accept=False)
    assert made(ThumbnailMaker(project)).labels is None


def test_a_damaged_label_is_not_shown(project: Project) -> None:
    path = project.save_label(NAME, pet(slice(0, 240)), Provenance(None, 1), accept=True)
    path.write_bytes(path.read_bytes()[:100])
    assert made(ThumbnailMaker(project)).labels is None


def test_a_photo_that_cannot_be_read_says_so(project: Project) -> None:
    (project.folder / NAME).write_bytes(b"no picture")
    with pytest.raises(PhotoUnreadableError, match=r"cat\.jpg"):
        ThumbnailMaker(project).make(NAME)


@pytest.mark.parametrize("damage", ["cut", "flipped", "alien", "empty", "folder", "gone"])
def test_a_damaged_file_is_made_again(project: Project, damage: str) -> None:
    project.write_prediction(NAME, "starter", pet(slice(0, 240)), probabilities(slice(0, 12)))
    before = made(ThumbnailMaker(project))
    assert len(files(project)) == 2
    whole = [path.read_bytes() for path in files(project)]
    for path in files(project):
        data = bytearray(path.read_bytes())
        path.unlink()
        if damage == "cut":
            path.write_bytes(data[: len(data) // 2])
        elif damage == "flipped":
            data[len(data) // 2] ^= 0xFF
            path.write_bytes(data)
        elif damage == "alien":
            Image.new("RGB", (9, 9)).save(path)
        elif damage == "empty":
            path.touch()
        elif damage == "folder":
            path.mkdir()
    again = made(ThumbnailMaker(project))
    assert np.array_equal(again.labels, before.labels)
    assert np.abs(again.photo.astype(int) - before.photo.astype(int)).mean() < 3
    if damage != "folder":
        assert [path.read_bytes() for path in files(project)] == whole


def test_the_folder_can_be_deleted_at_any_time(project: Project) -> None:
    maker = ThumbnailMaker(project)
    made(maker)
    for path in files(project):
        path.unlink()
    (project.root / "thumbnails").rmdir()
    made(maker)
    assert len(files(project)) == 1


def test_a_file_in_the_place_of_the_folder_is_no_harm(project: Project) -> None:
    (project.root / "thumbnails").write_text("mine")
    assert made(ThumbnailMaker(project)).photo.size
    assert (project.root / "thumbnails").read_text() == "mine"


def test_nothing_is_written_for_a_window_that_only_reads(
    project: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    made(ThumbnailMaker(project), "dog.jpg")
    old = 1_000_000_000
    os.utime(files(project)[0], (old, old))
    monkeypatch.setattr(project, "read_only", True)
    second = ThumbnailMaker(project)
    assert made(second).photo.size
    assert made(second, "dog.jpg").photo.size
    assert len(files(project)) == 1
    assert files(project)[0].stat().st_mtime == old, "not even when it was used"


def key(number: int) -> str:
    return f"{number:040x}.jpg"


def cache(folder: Path, blocks: int) -> ThumbnailFiles:
    return ThumbnailFiles(folder, read_only=False, max_bytes=blocks * BLOCK)


def test_what_was_not_used_longest_goes_first(tmp_path: Path) -> None:
    kept = cache(tmp_path, 10)
    for number in range(10):
        kept.write(key(number), b"x")
        os.utime(tmp_path / key(number), (number, number))
    assert kept.read(key(0)) == b"x"  # used just now
    kept.write(key(10), b"x")
    left = [number for number in range(11) if kept.read(key(number)) is not None]
    assert left == [0, 4, 5, 6, 7, 8, 9, 10]


def test_it_stays_within_its_bounds_whatever_was_there_before(tmp_path: Path) -> None:
    before = cache(tmp_path, 1000)
    for number in range(50):
        before.write(key(number), bytes(3 * BLOCK))
    after = cache(tmp_path, 20)
    for number in range(50, 80):
        after.write(key(number), bytes(BLOCK // 2))
        taken = sum(-(-path.stat().st_size // BLOCK) * BLOCK for path in tmp_path.iterdir())
        assert taken <= 20 * BLOCK
        assert after.read(key(number)) is not None, "what came last is there"


def test_files_of_others_are_left_alone(tmp_path: Path) -> None:
    others = ["notes.txt", "cat.jpg", "0" * 39 + ".jpg", key(1) + ".bak"]
    for name in others:
        (tmp_path / name).write_bytes(bytes(10 * BLOCK))
    kept = cache(tmp_path, 3)
    for number in range(10):
        kept.write(key(number), b"x")
    assert set(others) <= {path.name for path in tmp_path.iterdir()}


def test_what_a_crash_left_goes(tmp_path: Path) -> None:
    old = tmp_path / ".petseg-0123456789abcdef.tmp"
    old.touch()
    os.utime(old, (0, 0))
    cache(tmp_path, 3).write(key(1), b"x")
    assert not old.exists()


def test_a_huge_file_is_not_read(tmp_path: Path) -> None:
    kept = cache(tmp_path, 10)
    kept.write(key(1), b"x")
    with (tmp_path / key(1)).open("r+b") as file:
        file.truncate(5 * 1024**3)
    assert kept.read(key(1)) is None


def test_several_threads_share_it(project: Project) -> None:
    maker = ThumbnailMaker(project, max_bytes=3 * BLOCK)
    project.write_prediction(NAME, "starter", pet(slice(0, 240)), probabilities(slice(0, 12)))
    errors: list[BaseException] = []

    def work() -> None:
        try:
            for _ in range(20):
                assert pet_rows(made(maker)) == list(range(96))
                made(maker, "dog.jpg")
        except BaseException as error:  # noqa: BLE001 - told by the test
            errors.append(error)

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not errors


def test_ten_thousand_photos_have_room() -> None:
    """A JPEG of a photo is 8 to 16 KB, its labels fill a block."""
    assert 10_000 * (16 * 1024 + BLOCK) < MAX_BYTES
