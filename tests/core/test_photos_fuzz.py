"""Damaged files of every kind: each is shown or refused with a PhotoError, and soon.

``PETSEG_FUZZ_PHOTOS`` sets how many files are tried (``make soak`` tries many), and
``PETSEG_FUZZ_SEED`` with which numbers they are damaged.
"""

from __future__ import annotations

import io
import os
import random
import time
from collections.abc import Callable
from functools import cache
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from petseg_gui.core.photos import PhotoError, photo_size, read_photo, read_thumbnail

FILES = int(os.environ.get("PETSEG_FUZZ_PHOTOS", "480"))
SEED = int(os.environ.get("PETSEG_FUZZ_SEED", "0"))
SECONDS = 5.0
MAX_PIXELS = 4_000_000
"""Damaged sizes are refused above this, so that memory and time stay small."""

# As `petseg_gui.core.photo_file` asks for; pytest puts its own filters in front.
pytestmark = pytest.mark.filterwarnings("ignore::UserWarning")

KINDS = (
    *(
        "JPEG",
        "JPEG progressive",
        "JPEG CMYK",
        "PNG",
        "PNG palette",
        "PNG 16",
        "WEBP",
        "WEBP moving",
    ),
    *("AVIF", "TIFF", "TIFF lzw", "TIFF jpeg", "BMP", "GIF", "HEIF", "HEIF thumbnail"),
)


@cache
def whole_file(kind: str) -> bytes:
    import pillow_heif

    pillow_heif.register_heif_opener()
    noise = np.random.default_rng(1).integers(0, 256, (12, 16, 3), np.uint8)
    photo = Image.fromarray(noise).resize((64, 48))
    exif = Image.Exif()
    exif[0x0112] = 6
    photo.info["exif"] = exif.tobytes()
    options: dict[str, object] = {"exif": exif.tobytes()}
    name, _, sort = kind.partition(" ")
    if sort == "progressive":
        options["progressive"] = True
    elif sort == "CMYK":
        photo = photo.convert("CMYK")
    elif sort == "palette":
        photo = photo.quantize(16)
        options["transparency"] = 3
    elif sort == "16":
        photo = Image.fromarray(np.arange(48 * 64, dtype=np.uint16).reshape(48, 64) * 21)
    elif sort == "moving":
        options |= {"save_all": True, "append_images": [photo.rotate(90)]}
    elif sort == "lzw":
        options["compression"] = "tiff_lzw"
    elif sort == "jpeg":
        options["compression"] = "jpeg"
    elif sort == "thumbnail":
        options["thumbnails"] = [32]
    if name in ("BMP", "GIF"):
        options = {}
    file = io.BytesIO()
    photo.save(file, name, **options)
    return file.getvalue()


def flip_bytes(data: bytearray, dice: random.Random) -> None:
    for _ in range(dice.choice((1, 1, 2, 4, 16, 64))):
        data[dice.randrange(len(data))] = dice.choice((0, 1, 127, 128, 255, dice.randrange(256)))


def flip_head(data: bytearray, dice: random.Random) -> None:
    for _ in range(dice.choice((1, 2, 3))):
        data[dice.randrange(min(128, len(data)))] = dice.randrange(256)


def cut(data: bytearray, dice: random.Random) -> None:
    del data[dice.randrange(len(data)) :]


def leave_out(data: bytearray, dice: random.Random) -> None:
    start = dice.randrange(len(data))
    del data[start : start + dice.randrange(1, 64)]


def repeat(data: bytearray, dice: random.Random) -> None:
    start = dice.randrange(len(data))
    data[start:start] = data[start : start + dice.randrange(1, 64)] * dice.choice((1, 10, 1000))


def large_number(data: bytearray, dice: random.Random) -> None:
    start = dice.randrange(len(data))
    number = dice.choice((0, 1, 0x7FFF, 0xFFFF, 0x7FFFFFFF, 0x80000000, 0xFFFFFFFF))
    data[start : start + 4] = number.to_bytes(4, dice.choice(("big", "little")))


def zeros(data: bytearray, dice: random.Random) -> None:
    start = dice.randrange(len(data))
    end = min(len(data), start + dice.choice((16, 512, 4096)))
    data[start:end] = bytes(end - start)


DAMAGES: tuple[Callable[[bytearray, random.Random], None], ...] = (
    *(flip_bytes, flip_head, flip_head, cut, leave_out, repeat, large_number, large_number, zeros),
)


def read(path: Path) -> PhotoError | None:
    """Read the file in every way; what it is refused with, if it is."""
    try:
        width, height = photo_size(path)
        pixels = read_photo(path, max_pixels=MAX_PIXELS)
        small = read_thumbnail(path, 16, max_pixels=MAX_PIXELS)
    except PhotoError as error:
        return error
    assert pixels.shape == (height, width, 3)
    assert pixels.dtype == np.uint8
    assert max(small.shape[:2]) <= 16
    return None


@pytest.mark.parametrize("kind", KINDS)
def test_a_damaged_file_is_shown_or_refused_soon(tmp_path: Path, kind: str) -> None:
    path = tmp_path / "photo.jpg"
    path.write_bytes(whole_file(kind))
    assert read(path) is None
    refused = 0
    for number in range(-(-FILES // len(KINDS))):
        dice = random.Random(f"{SEED} {kind} {number}")
        data = bytearray(whole_file(kind))
        for _ in range(dice.choice((1, 1, 1, 2, 3))):
            if data:
                dice.choice(DAMAGES)(data, dice)
        path.write_bytes(data)
        begin = time.perf_counter()
        if (error := read(path)) is not None:
            refused += 1
            assert error.path == path
            assert error.reason
            assert error.remedy.endswith(".")
        assert time.perf_counter() - begin < SECONDS, f"file {number} of seed {SEED}"
    assert refused, "no damage did any"
