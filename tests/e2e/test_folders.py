"""Ways into a folder, and folders with something wrong in them."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from resources import STARTER_MODEL
from tests.e2e.conftest import Use
from tests.e2e.person import Person, read_png

MODEL = STARTER_MODEL.stem
pytestmark = [
    pytest.mark.shared,
    # The offscreen platform says this of every window and dialog.
    pytest.mark.qt_log_ignore("propagateSizeHints"),
    pytest.mark.timeout(600),
]


def turned(source: Path, target: Path) -> tuple[int, int]:
    """A photo as a camera held upright stores it; returns (width, height) as one sees it."""
    with Image.open(source) as image:
        stored = image.convert("RGB")
        exif = Image.Exif()
        exif[0x0112] = 6  # to be shown turned by 90 degrees
        stored.save(target, exif=exif)
        return stored.height, stored.width


def test_what_cannot_be_read_is_named_and_the_rest_goes_on(use: Use, few_photos: Path) -> None:
    first, second, third = sorted(p.name for p in few_photos.iterdir())
    width, height = turned(few_photos / second, few_photos / "ZZ_turned.jpg")
    whole = (few_photos / third).read_bytes()
    (few_photos / "AA_empty.jpg").touch()
    (few_photos / "MM_broken.jpg").write_bytes(b"\xff\xd8\xff\xe0 this was a photo once")
    (few_photos / "ZZ_cut_off.jpg").write_bytes(whole[: len(whole) // 20])
    broken = {"AA_empty.jpg", "MM_broken.jpg", "ZZ_cut_off.jpg"}
    fine = {first, second, third, "ZZ_turned.jpg"}

    def steps(person: Person) -> None:
        # It is the first of the folder: the title names it, the middle says what is wrong.
        person.wait(lambda: "cannot be shown" in person.empty_text)
        assert person.photo == "AA_empty.jpg"
        assert "AA_empty.jpg" in person.empty_text
        person.wait(lambda: set(person.log.predicted) == fine)
        person.wait(lambda: all(person.marks()[name] == "cannot be read" for name in broken))
        assert {person.marks()[name] for name in fine} == {"predicted"}
        # Paging goes through all of them.
        person.press("Right")
        person.sees_prediction(first, MODEL)
        person.stroke_somewhere()
        person.choose_photo("MM_broken.jpg")
        person.wait(lambda: "MM_broken.jpg" in person.empty_text)
        assert person.photo == "MM_broken.jpg"
        person.choose_photo("ZZ_turned.jpg")
        prediction = person.sees_prediction("ZZ_turned.jpg", MODEL)
        assert prediction.shape == (height, width)
        person.stroke_somewhere()
        name, accepted = person.accept()
        assert np.array_equal(read_png(person.label(name)), accepted)
        assert accepted.shape == (height, width)
        assert person.close("Discard")

    log = use(steps, few_photos)
    told = [text for _, text in log.messages]
    assert len(told) == len(set(told)), "nothing is told twice"
    assert not any(name in text for name in fine for text in told)


def test_a_dropped_folder_opens(
    use: Use, make_folder: Callable[[int], Path], tmp_path: Path
) -> None:
    first_folder, second_folder = make_folder(2), make_folder(3)

    def steps(person: Person) -> None:
        assert "Open a folder" in person.empty_text
        person.drop(first_folder)
        person.sees_photo(min(p.name for p in first_folder.iterdir() if p.is_file()))
        unsaved = person.stroke_somewhere()
        # A photo stands for its folder.
        photo = sorted(p for p in second_folder.iterdir() if p.is_file())[1]
        person.drop(photo)
        person.wait(lambda: len(person.marks()) == 3)
        person.sees_photo(min(p.name for p in second_folder.iterdir() if p.is_file()))
        # Nothing of the folder before is lost.
        person.drop(first_folder)
        person.wait(lambda: len(person.marks()) == 2)
        person.wait(lambda: np.array_equal(person.canvas.mask(), unsaved))
        assert person.close("Cancel") is False
        assert person.close("Discard")

    use(steps)


def test_a_folder_without_photos_says_so(use: Use, tmp_path: Path, few_photos: Path) -> None:
    empty = tmp_path / "nothing here"
    empty.mkdir()
    (empty / "notes.txt").write_text("no photo")

    def steps(person: Person) -> None:
        person.wait(lambda: "No photos in nothing here" in person.empty_text)
        person.drop(few_photos)
        person.sees_photo(min(p.name for p in few_photos.iterdir() if p.is_file()))
        assert person.close()

    use(steps, empty)


def test_a_missing_folder_says_so(use: Use, tmp_path: Path) -> None:
    missing = tmp_path / "gone"

    def steps(person: Person) -> None:
        person.wait(lambda: "cannot be opened" in person.empty_text)
        assert str(missing) in person.empty_text
        assert person.close()

    use(steps, missing)
    assert not missing.exists()
