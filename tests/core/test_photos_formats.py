"""Every kind of picture, made here, as it is to be shown."""

from __future__ import annotations

import io
import struct
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pillow_heif
import pytest
from PIL import Image, ImageCms, ImageOps, PngImagePlugin

from petseg_gui.core import photo_colour, photo_kinds
from petseg_gui.core.photos import PhotoUnreadableError, photo_size, read_photo, read_thumbnail

pillow_heif.register_heif_opener()

CORNERS = np.array([[[255, 0, 0], [0, 255, 0]], [[0, 0, 255], [255, 255, 255]]], np.uint8)
ORIENTATION = 0x0112


def sample(width: int = 96, height: int = 64) -> Image.Image:
    return Image.fromarray(CORNERS).resize((width, height), Image.Resampling.NEAREST)


def corners(array: np.ndarray) -> list[list[int]]:
    return [array[y, x].tolist() for y, x in ((2, 2), (2, -3), (-3, 2), (-3, -3))]


def exif(orientation: int) -> bytes:
    block = Image.Exif()
    block[ORIENTATION] = orientation
    return block.tobytes()


def upright(image: Image.Image, orientation: int) -> np.ndarray:
    plain = image.copy()
    plain.getexif()[ORIENTATION] = orientation
    return np.asarray(ImageOps.exif_transpose(plain))


def check(path: Path, expected: np.ndarray) -> None:
    """The photo, its size and its thumbnail agree with a picture of four colours."""
    shown, small = read_photo(path), read_thumbnail(path, 32)
    assert shown.shape == expected.shape
    assert not shown.flags.writeable
    assert photo_size(path) == (expected.shape[1], expected.shape[0])
    np.testing.assert_allclose(corners(shown), corners(expected), atol=6)
    assert small.shape == ((32, 21, 3) if expected.shape[0] > expected.shape[1] else (21, 32, 3))
    np.testing.assert_allclose(corners(small), corners(expected), atol=40)


# -- kinds and orientations ----------------------------------------------------------------


@pytest.mark.parametrize("kind", ["HEIF", "AVIF", "MPO"])
@pytest.mark.parametrize("orientation", range(1, 9))
def test_every_orientation_of_what_cameras_and_phones_write(
    tmp_path: Path, kind: str, orientation: int
) -> None:
    path = tmp_path / "photo.jpg"
    photo = sample()
    if kind == "HEIF":  # the container says how it is turned, as from a phone
        photo.info["exif"] = exif(orientation)
        photo.save(path, kind, quality=-1, chroma=444)
    else:
        options = {"save_all": True, "append_images": [photo]} if kind == "MPO" else {}
        photo.save(path, kind, exif=exif(orientation), quality=95, subsampling="4:4:4", **options)
    check(path, upright(photo, orientation))


def test_of_a_heic_photo_the_container_alone_says_how_it_is_turned(tmp_path: Path) -> None:
    path = tmp_path / "photo.heic"
    block = Image.Exif()
    block[ORIENTATION] = 6
    sample().save(path, quality=-1, chroma=444, exif=block)
    assert b"Exif" in path.read_bytes()
    assert b"irot" not in path.read_bytes()
    check(path, np.asarray(sample()))


@pytest.mark.parametrize("late", [False, True])
def test_the_orientation_of_a_png_may_stand_behind_its_pixels(tmp_path: Path, late: bool) -> None:
    buffer = io.BytesIO()
    sample().save(buffer, "PNG", exif=exif(6))
    data = buffer.getvalue()
    start = data.index(b"eXIf") - 4
    length = 12 + int.from_bytes(data[start : start + 4], "big")
    chunk, rest = data[start : start + length], data[:start] + data[start + length :]
    path = tmp_path / "photo.png"
    path.write_bytes(rest[:-12] + chunk + rest[-12:] if late else data)
    check(path, upright(sample(), 6))


@pytest.mark.parametrize("where", ["xmp", "ImageMagick"])
def test_an_orientation_may_stand_elsewhere(tmp_path: Path, where: str) -> None:
    path = tmp_path / "photo.png"
    notes = PngImagePlugin.PngInfo()
    if where == "xmp":
        notes.add_itxt("XML:com.adobe.xmp", '<x><a tiff:Orientation="8"/></x>')
    else:
        notes.add_text("Raw profile type exif", f"\nexif\n      34\n{exif(8).hex()}\n")
    sample().save(path, pnginfo=notes)
    check(path, upright(sample(), 8))


@pytest.mark.parametrize(
    "block",
    [
        b"Exif\0\0",
        b"Exif\0\0MM\0*\0\0\0\x08\0\x01\x01\x12\0\x03\0\0\0\x01\0\x09\0\0",  # 9 is none
        b"Exif\0\0MM\0*\0\0\0\x08\0\x01\x01\x12\0\x02\0\0\0\x01\0\x06\0\0",  # no number
        b"Exif\0\0II*\0\x08\0\0\0\xff\xff\x12",
    ],
)
def test_an_orientation_that_makes_no_sense_is_none(tmp_path: Path, block: bytes) -> None:
    path = tmp_path / "photo.webp"
    sample().save(path, lossless=True, exif=block)
    check(path, np.asarray(sample()))


def test_of_everything_that_moves_the_first_frame_is_shown(tmp_path: Path) -> None:
    frames = [Image.new("RGB", (8, 8), colour) for colour in ("red", "blue", "green")]
    for kind in ("GIF", "PNG", "WEBP", "AVIF", "TIFF", "HEIF"):
        path = tmp_path / kind
        options = {"lossless": True} if kind == "WEBP" else {}
        frames[0].save(path, kind, save_all=True, append_images=frames[1:], **options)
        for shown in (read_photo(path), read_thumbnail(path, 8)):
            np.testing.assert_allclose(shown[4, 4], (255, 0, 0), atol=12, err_msg=kind)


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "GIF", "BMP", "TIFF", "WEBP", "AVIF", "HEIF"])
def test_the_content_decides_under_every_ending(tmp_path: Path, kind: str) -> None:
    for ending in ("jpg", "png", "heic", "tif"):
        path = tmp_path / f"{kind}.{ending}"
        sample().save(path, kind)
        assert read_photo(path).shape == (64, 96, 3)


@pytest.mark.parametrize("size", [(1, 1), (1, 40_000), (40_000, 1), (3, 2)])
@pytest.mark.parametrize("kind", ["JPEG", "PNG", "GIF", "BMP", "TIFF", "WEBP", "AVIF", "HEIF"])
def test_the_smallest_and_the_thinnest(tmp_path: Path, kind: str, size: tuple[int, int]) -> None:
    longest = {"WEBP": 16_000, "AVIF": 16_000, "HEIF": 400}.get(kind, 40_000)
    size = (min(size[0], longest), min(size[1], longest))
    path = tmp_path / "photo"
    Image.new("RGB", size, (255, 255, 255)).save(path, kind)
    assert read_photo(path).shape == (size[1], size[0], 3)
    assert (read_photo(path) > 250).all()
    small = read_thumbnail(path, 16)
    assert small.shape[:2] == (min(size[1], 16), min(size[0], 16)) or size == (3, 2)
    assert (small > 250).all()


def test_a_thumbnail_in_a_heic_photo_is_used(tmp_path: Path) -> None:
    path = tmp_path / "photo.heic"
    photo = sample(1200, 900)
    photo.info["exif"] = exif(6)
    photo.save(path, thumbnails=[320])
    seen: list[tuple[int, int]] = []
    real = photo_colour.shrunk

    def shrunk(image: Image.Image, side: int) -> Image.Image:
        seen.append(image.size)
        return real(image, side)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(photo_colour, "shrunk", shrunk)
        small = read_thumbnail(path, 208)
        assert read_thumbnail(path, 400).shape == (400, 300, 3)
    assert small.shape == (208, 156, 3)
    np.testing.assert_allclose(corners(small), corners(upright(sample(), 6)), atol=20)
    assert seen == [(240, 320), (900, 1200)], "the second is larger than what is in the file"


# -- colours -------------------------------------------------------------------------------


def tiff16(samples: int, value: int, photometric: int) -> bytes:
    """A TIFF of 4×4 pixels with 16 bits per sample, which Pillow reads and does not write."""
    data = struct.pack("<H", value) * (16 * samples)
    tags = [
        *((256, 4, 4), (257, 4, 4), (262, 3, photometric), (277, 3, samples), (278, 4, 4)),
        *((259, 3, 1), (273, 4, 0), (279, 4, len(data)), (258, 3, 0)),
    ]
    tags.sort()
    bits = 8 + 2 + 12 * len(tags) + 4
    start = bits + 2 * samples
    directory = b""
    for tag, kind, number in tags:
        count, content = 1, number
        if tag == 258:
            count, content = (1, 16) if samples == 1 else (samples, bits)
        elif tag == 273:
            content = start
        directory += struct.pack("<HHII", tag, kind, count, content)
    head = b"II*\0" + struct.pack("<IH", 8, len(tags)) + directory + bytes(4)
    return head + struct.pack("<H", 16) * samples + data


@pytest.mark.parametrize(
    ("samples", "photometric", "colour"),
    [(1, 1, (200, 200, 200)), (3, 2, (200, 200, 200)), (4, 5, (12, 12, 12))],
)
def test_sixteen_bits_of_grey_colour_and_ink(
    tmp_path: Path, samples: int, photometric: int, colour: tuple[int, int, int]
) -> None:
    path = tmp_path / "photo.tif"
    path.write_bytes(tiff16(samples, 200 * 256 + 9, photometric))
    np.testing.assert_allclose(read_photo(path)[2, 2], colour, atol=1)
    np.testing.assert_allclose(read_thumbnail(path, 2)[1, 1], colour, atol=1)


def test_sixteen_bits_with_a_clear_grey(tmp_path: Path) -> None:
    values = np.full((24, 40), 25_700, np.uint16)
    values[:, 20:] = 40_000
    path = tmp_path / "photo.png"
    Image.fromarray(values).save(path, transparency=40_000)
    assert read_photo(path)[5, 5].tolist() == [100] * 3
    assert read_photo(path)[5, 30].tolist() == [255] * 3


def test_sixteen_bits_in_a_heic_photo(tmp_path: Path) -> None:
    path = tmp_path / "photo.heic"
    Image.fromarray(np.full((24, 40), 40_000, np.uint16)).save(path, quality=-1)
    np.testing.assert_allclose(read_photo(path)[5, 5], 156, atol=2)


@pytest.mark.parametrize("kind", ["PNG", "WEBP", "AVIF", "HEIF", "TIFF"])
def test_what_is_transparent_lies_on_white(tmp_path: Path, kind: str) -> None:
    photo = Image.new("RGBA", (64, 48), (0, 0, 0, 255))
    photo.paste((0, 0, 0, 0), (32, 0, 64, 24))
    photo.paste((255, 0, 0, 128), (32, 24, 64, 48))
    path = tmp_path / "photo"
    photo.save(path, kind, **({"lossless": True} if kind == "WEBP" else {}))
    for shown, scale in ((read_photo(path), 1), (read_thumbnail(path, 32), 2)):
        for (y, x), colour in {
            (12, 12): (0, 0, 0),
            (12, 48): (255, 255, 255),
            (36, 48): (255, 127, 127),
        }.items():
            np.testing.assert_allclose(shown[y // scale, x // scale], colour, atol=12)


def profile(space: bytes, tags: dict[bytes, bytes]) -> bytes:
    """An ICC profile (version 2.4) for input from a colour space."""
    table, body = struct.pack(">I", len(tags)), b""
    start = 128 + 4 + 12 * len(tags)
    for name, content in tags.items():
        table += name + struct.pack(">II", start + len(body), len(content))
        body += content + bytes(-len(content) % 4)
    pcs = b"Lab " if space == b"CMYK" else b"XYZ "
    head = struct.pack(">I4sI", start + len(body), b"", 0x02400000) + b"scnr" + space + pcs
    head += bytes(12) + b"acsp" + bytes(28) + struct.pack(">3I", 0xF6D6, 0x10000, 0xD32D)
    return head.ljust(128, b"\0") + table + body


WHITE = b"XYZ " + bytes(4) + struct.pack(">3I", 0xF6D6, 0x10000, 0xD32D)


def linear_grey() -> bytes:
    return profile(b"GRAY", {b"wtpt": WHITE, b"kTRC": b"curv" + bytes(4) + struct.pack(">I", 0)})


def black_ink_only() -> bytes:
    """A profile in which black is an ink and the colours are water."""
    ramp = bytes(range(256))
    head = b"mft1" + bytes(4) + bytes([4, 3, 2, 0])
    head += struct.pack(">9i", *(65536, 0, 0, 0) * 2, 65536)
    lab = (bytes([255, 128, 128]) + bytes([0, 128, 128])) * 8
    return profile(b"CMYK", {b"wtpt": WHITE, b"A2B0": head + ramp * 4 + lab + ramp * 3})


def reversed_primaries() -> bytes:
    """SRGB with red and green exchanged, under another name."""
    known = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    known = known.replace(b"sRGB", b"xxxx").replace("sRGB".encode("utf-16-be"), b"xxxxxxxx")
    for old, new in ((b"rXYZ", b"tmp!"), (b"gXYZ", b"rXYZ"), (b"tmp!", b"gXYZ")):
        known = known.replace(old, new)
    return known


def red() -> Image.Image:
    return Image.new("RGB", (40, 24), (255, 0, 0))


Colour = tuple[int, int, int]
PROFILES: dict[str, tuple[Callable[[], Image.Image], str, Callable[[], bytes], Colour]] = {
    "grey": (lambda: Image.new("L", (40, 24), 64), "PNG", linear_grey, (137, 137, 137)),
    "grey, alpha": (
        lambda: Image.new("LA", (40, 24), (64, 255)),
        "PNG",
        linear_grey,
        (137, 137, 137),
    ),
    "grey, 16 bits": (
        lambda: Image.fromarray(np.full((24, 40), 64 * 257, np.uint16)),
        "PNG",
        linear_grey,
        (137, 137, 137),
    ),
    "inks": (
        lambda: Image.new("CMYK", (40, 24), (255, 255, 255, 0)),
        "JPEG",
        black_ink_only,
        (255, 255, 255),
    ),
    "palette": (
        lambda: red().quantize(2),
        "PNG",
        reversed_primaries,
        (0, 255, 0),
    ),
    "colour, alpha": (
        lambda: Image.new("RGBA", (40, 24), (255, 0, 0, 128)),
        "PNG",
        reversed_primaries,
        (127, 255, 127),
    ),
    "HEIC": (red, "HEIF", reversed_primaries, (0, 255, 0)),
    "AVIF": (red, "AVIF", reversed_primaries, (0, 255, 0)),
    "of another kind of picture": (red, "PNG", linear_grey, (255, 0, 0)),
}


@pytest.mark.parametrize("kind", PROFILES)
def test_a_profile_is_applied_to_every_sort_of_picture(tmp_path: Path, kind: str) -> None:
    make, format_, profile_of, colour = PROFILES[kind]
    path = tmp_path / "photo"
    make().save(path, format_, icc_profile=profile_of())
    np.testing.assert_allclose(read_photo(path)[5, 5], colour, atol=4)
    np.testing.assert_allclose(read_thumbnail(path, 16)[5, 5], colour, atol=4)


def test_lab_colours_are_converted(tmp_path: Path) -> None:
    path = tmp_path / "photo.tif"
    Image.merge("LAB", [Image.new("L", (8, 8), value) for value in (128, 128, 128)]).save(path)
    np.testing.assert_allclose(read_photo(path)[4, 4], 119, atol=3)


@pytest.mark.parametrize("orientation", range(1, 9))
@pytest.mark.parametrize("mode", ["RGB", "P", "LA", "F", "I;16"])
def test_strips_fit_together(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, mode: str, orientation: int
) -> None:
    rng = np.random.default_rng(3)
    photo = Image.fromarray(rng.integers(0, 256, (37, 53, 3), np.uint8)).convert("RGB")
    if mode == "I;16":
        photo = Image.fromarray(rng.integers(0, 65536, (37, 53), np.uint16))
    elif mode == "F":
        photo = Image.fromarray(rng.normal(0, 500, (37, 53)).astype(np.float32))
    elif mode != "RGB":
        photo = photo.convert(mode)
    kind = "TIFF" if mode == "F" else "PNG"
    path = tmp_path / "photo"
    photo.save(path, kind, exif=exif(orientation))
    monkeypatch.setattr(photo_colour, "_STRIP_PIXELS", 10_000)
    whole, small = read_photo(path), read_thumbnail(path, 11)
    monkeypatch.setattr(photo_colour, "_STRIP_PIXELS", 53 * 6)
    np.testing.assert_array_equal(read_photo(path), whole)
    np.testing.assert_array_equal(read_thumbnail(path, 11), small)


# -- decoders ------------------------------------------------------------------------------


def test_decoders_are_imported_late() -> None:
    code = (
        "import sys; import petseg_gui.core.photos; "
        "print([m for m in sys.modules if m == 'pillow_heif' or m.endswith('ImagePlugin')])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


@pytest.mark.parametrize("kind", ["HEIF", "AVIF"])
def test_a_decoder_that_is_not_installed_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, kind: str
) -> None:
    path = tmp_path / "photo.jpg"
    sample().save(path, kind)
    monkeypatch.setitem(photo_kinds._DECODERS, kind, "no_such_decoder")
    with pytest.raises(PhotoUnreadableError, match=f"{kind} .*no_such_decoder .*not installed"):
        read_photo(path)
