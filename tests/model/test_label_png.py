from __future__ import annotations

import io
import struct
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from model import label_png
from model.labels import COLOURS

MASK = np.array([[0, 1, 2], [3, 2, 1]], np.uint8)


def saved(image: Image.Image, kind: str = "PNG") -> bytes:
    buffer = io.BytesIO()
    image.save(buffer, kind)
    return buffer.getvalue()


@pytest.mark.parametrize("mask", [MASK, MASK[:1], np.full((7, 1), 2, np.uint8), MASK.T])
def test_a_mask_comes_back(mask: np.ndarray) -> None:
    decoded, text = label_png.decode(label_png.encode(mask))
    assert decoded.dtype == np.uint8
    np.testing.assert_array_equal(decoded, mask)
    assert text == {}


def test_text_comes_back_in_any_script() -> None:
    text = {"petseg": '{"photo": "Kätzchen 猫.jpg"}', "note": "two\nlines"}
    assert label_png.decode(label_png.encode(MASK, text))[1] == text


def test_a_plain_reader_finds_trimap_values_and_colours() -> None:
    with Image.open(io.BytesIO(label_png.encode(MASK))) as image:
        assert image.mode == "P"
        np.testing.assert_array_equal(np.array(image), MASK)
        np.testing.assert_array_equal(np.array(image.convert("RGB")), COLOURS[MASK])


def test_eight_bits_per_pixel_with_a_palette() -> None:
    width, height, depth, kind = struct.unpack(">IIBB", label_png.encode(MASK)[16:26])
    assert (width, height, depth, kind) == (3, 2, 8, 3)


@pytest.mark.parametrize(
    "bad", [MASK.astype(np.int64), MASK + 1, MASK[0], np.zeros((0, 3), np.uint8)]
)
def test_what_is_no_mask_is_not_written(bad: np.ndarray) -> None:
    with pytest.raises(ValueError, match="a mask is uint8"):
        label_png.encode(bad)


def test_grey_trimaps_are_read() -> None:
    decoded, _text = label_png.decode(saved(Image.fromarray(MASK)))
    np.testing.assert_array_equal(decoded, MASK)


@pytest.mark.parametrize(
    ("data", "says"),
    [
        (saved(Image.fromarray(np.zeros((2, 2, 3), np.uint8))), "this one is RGB"),
        (saved(Image.fromarray(np.ones((2, 2), np.uint16))), "this one is I;16"),
        (saved(Image.fromarray(np.array([[1, 4]], np.uint8))), "this file has 4"),
        (saved(Image.fromarray(MASK), "JPEG"), "not a readable PNG"),
        (saved(Image.fromarray(MASK), "BMP"), "not a readable PNG"),
        (b"", "not a readable PNG"),
        (b"plain text", "not a readable PNG"),
    ],
)
def test_other_files_are_refused_by_name(data: bytes, says: str) -> None:
    with pytest.raises(label_png.LabelFileError, match=says) as caught:
        label_png.decode(data, name="cat.png")
    assert str(caught.value).startswith("cat.png: ")


def test_a_truncated_file_is_refused_wherever_it_ends() -> None:
    rng = np.random.default_rng(0)
    data = label_png.encode(rng.integers(0, 4, (40, 40)).astype(np.uint8))
    for length in range(0, len(data) - 12, 37):  # the last chunk, IEND, holds nothing
        with pytest.raises(label_png.LabelFileError):
            label_png.decode(data[:length])


def test_a_label_with_too_many_pixels_is_refused() -> None:
    with pytest.raises(label_png.LabelFileError, match="3×2 pixels are more"):
        label_png.decode(label_png.encode(MASK), max_pixels=5)


def test_long_text_of_strangers_is_left_out() -> None:
    data = label_png.encode(MASK, {"short": "x", "long": "y" * 70_000})
    assert label_png.decode(data)[1] == {"short": "x"}


def test_reading_a_file_names_it(tmp_path: Path) -> None:
    path = tmp_path / "label.png"
    path.write_bytes(label_png.encode(MASK))
    np.testing.assert_array_equal(label_png.read(path), MASK)
    path.write_bytes(b"no")
    with pytest.raises(label_png.LabelFileError, match=r"label\.png"):
        label_png.read(path)
    with pytest.raises(OSError, match="No such file"):
        label_png.read(tmp_path / "absent.png")
