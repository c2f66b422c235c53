from __future__ import annotations

import io
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pillow_heif
import pytest
from PIL import Image, ImageCms, ImageOps

from petseg_gui.core import photo_colour
from petseg_gui.core.photos import (
    PhotoTooLargeError,
    PhotoUnreadableError,
    list_photos,
    photo_size,
    read_photo,
    read_thumbnail,
)

# Four corners of four colours, so that every turn and mirror image differs.
CORNERS = np.array([[[255, 0, 0], [0, 255, 0]], [[0, 0, 255], [255, 255, 255]]], np.uint8)


def sample(height: int = 24, width: int = 40) -> Image.Image:
    return Image.fromarray(CORNERS).resize((width, height), Image.Resampling.NEAREST)


def corners(array: np.ndarray) -> list[list[int]]:
    return [array[y, x].tolist() for y, x in ((2, 2), (2, -3), (-3, 2), (-3, -3))]


def test_photos_are_listed_in_natural_order_without_hidden_files_and_folders(
    tmp_path: Path,
) -> None:
    for name in ("img10.jpg", "img2.JPG", "IMG1.png", ".hidden.jpg", "notes.txt", "Zoë.webp"):
        (tmp_path / name).touch()
    (tmp_path / "folder.jpg").mkdir()
    names = [path.name for path in list_photos(tmp_path)]
    assert names == ["IMG1.png", "img2.JPG", "img10.jpg", "Zoë.webp"]
    with pytest.raises(FileNotFoundError):
        list_photos(tmp_path / "missing")


@pytest.mark.parametrize("suffix", ["jpg", "png", "tif", "webp"])
@pytest.mark.parametrize("orientation", range(1, 9))
def test_every_orientation_shows_upright_at_every_size(
    tmp_path: Path, orientation: int, suffix: str
) -> None:
    exif = Image.Exif()
    exif[0x0112] = orientation
    path = tmp_path / f"photo.{suffix}"
    quality = {"quality": 95, "subsampling": 0} if suffix == "jpg" else {}
    if suffix == "webp":
        quality = {"lossless": True}
    sample(64, 96).save(path, exif=exif, **quality)
    plain = sample(64, 96)
    plain.getexif()[0x0112] = orientation
    upright = np.asarray(ImageOps.exif_transpose(plain))
    shown = read_photo(path)
    assert shown.shape == upright.shape
    assert photo_size(path) == (upright.shape[1], upright.shape[0])
    np.testing.assert_allclose(corners(shown), corners(upright), atol=4)
    small = read_thumbnail(path, 32)
    assert max(small.shape[:2]) == 32
    assert (small.shape[0] < small.shape[1]) == (upright.shape[0] < upright.shape[1])
    np.testing.assert_allclose(corners(small), corners(upright), atol=30)


def grey16() -> Image.Image:
    return Image.fromarray(np.full((24, 40), 200 * 256 + 7, np.uint16))


MODES: dict[str, tuple[Callable[[], Image.Image], str, int | tuple[int, int, int]]] = {
    "1": (lambda: Image.new("1", (40, 24), 1), "png", 255),
    "L": (lambda: Image.new("L", (40, 24), 90), "png", 90),
    "LA": (lambda: Image.new("LA", (40, 24), (90, 255)), "png", 90),
    "LA clear": (lambda: Image.new("LA", (40, 24), (90, 0)), "png", 255),
    "P": (lambda: Image.new("RGB", (40, 24), (200, 100, 50)).quantize(4), "png", (200, 100, 50)),
    "PA": (
        lambda: Image.new("RGBA", (40, 24), (200, 100, 50, 0)).convert("PA"),
        "tif",
        (255, 255, 255),
    ),
    "RGB": (lambda: Image.new("RGB", (40, 24), (200, 100, 50)), "bmp", (200, 100, 50)),
    "RGBA": (lambda: Image.new("RGBA", (40, 24), (200, 100, 50, 255)), "png", (200, 100, 50)),
    "RGBA half": (lambda: Image.new("RGBA", (40, 24), (0, 0, 0, 128)), "png", 127),
    "CMYK": (lambda: Image.new("CMYK", (40, 24), (0, 255, 255, 0)), "jpg", (255, 0, 0)),
    "I;16": (grey16, "png", 200),
    "I": (lambda: Image.new("I", (40, 24), 200), "tif", 200),
    "I wide": (lambda: Image.new("I", (40, 24), 60_000), "tif", 234),
    "F": (lambda: Image.new("F", (40, 24), 0.5), "tif", 128),
}


@pytest.mark.parametrize("kind", MODES)
def test_every_pixel_format_reads_as_rgb(tmp_path: Path, kind: str) -> None:
    make, suffix, colour = MODES[kind]
    path = tmp_path / f"photo.{suffix}"
    make().save(path)
    expected = colour if isinstance(colour, tuple) else (colour,) * 3
    for array in (read_photo(path), read_thumbnail(path, 16)):
        assert array.dtype == np.uint8
        assert array.shape[2] == 3
        np.testing.assert_allclose(array[3, 3], expected, atol=3)
    assert read_photo(path).shape == (24, 40, 3)


def test_a_palette_with_a_transparent_colour_is_laid_on_white(tmp_path: Path) -> None:
    path = tmp_path / "photo.gif"
    image = Image.new("P", (8, 8), 1)
    image.putpalette([255, 0, 0, 0, 0, 255])
    image.save(path, transparency=1)
    assert (read_photo(path) == 255).all()


def test_of_an_animation_the_first_frame_is_shown(tmp_path: Path) -> None:
    path = tmp_path / "photo.gif"
    frames = [Image.new("RGB", (8, 8), colour) for colour in ("red", "blue")]
    frames[0].save(path, save_all=True, append_images=frames[1:])
    assert read_photo(path)[4, 4].tolist() == [255, 0, 0]


def test_a_profile_is_applied_and_a_broken_one_is_passed_over(tmp_path: Path) -> None:
    image = Image.new("RGB", (8, 8), (255, 0, 0))
    plain, broken, lab = (tmp_path / f"{name}.png" for name in ("plain", "broken", "linear"))
    profile = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    image.save(plain, icc_profile=profile)
    image.save(broken, icc_profile=b"not a profile")
    # The same primaries in another order: red is written where green belongs.
    swapped = profile.replace(b"sRGB", b"xxxx").replace("sRGB".encode("utf-16-be"), b"xxxxxxxx")
    swapped = swapped.replace(b"rXYZ", b"tmp!").replace(b"gXYZ", b"rXYZ").replace(b"tmp!", b"gXYZ")
    image.save(lab, icc_profile=swapped)
    assert read_photo(plain)[4, 4].tolist() == [255, 0, 0]
    assert read_photo(broken)[4, 4].tolist() == [255, 0, 0]
    np.testing.assert_allclose(read_photo(lab)[4, 4], [0, 255, 0], atol=2)
    np.testing.assert_allclose(read_thumbnail(lab, 4)[2, 2], [0, 255, 0], atol=2)


def test_the_content_counts_and_not_the_ending(tmp_path: Path) -> None:
    path = tmp_path / "photo.png"
    sample().save(path, "JPEG")
    assert read_photo(path).shape == (24, 40, 3)


def test_formats_that_run_programs_are_never_opened(tmp_path: Path) -> None:
    path = tmp_path / "photo.jpg"
    sample().save(path, "EPS")
    with pytest.raises(PhotoUnreadableError, match="not a picture that can be read"):
        read_photo(path)


def jpeg() -> bytes:
    buffer = io.BytesIO()
    noise = np.random.default_rng(0).integers(0, 256, (200, 200, 3), np.uint8)
    Image.fromarray(noise).save(buffer, "JPEG")
    return buffer.getvalue()


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", "the file is empty"),
        (b"hello", "not a picture"),
        (jpeg()[:5000], "damaged or incomplete"),
        (jpeg()[:30], "picture"),
    ],
)
@pytest.mark.parametrize("read", [read_photo, lambda path: read_thumbnail(path, 64)])
def test_a_bad_file_is_named_with_reason_and_remedy(
    tmp_path: Path, content: bytes, words: str, read: Callable[[Path], object]
) -> None:
    path = tmp_path / "bad.jpg"
    path.write_bytes(content)
    with pytest.raises(PhotoUnreadableError, match=words) as caught:
        read(path)
    assert caught.value.path == path
    assert str(path) in str(caught.value)
    assert "leave it out" in str(caught.value)


@pytest.mark.parametrize("suffix", ["png", "tif", "webp", "gif", "bmp"])
def test_truncated_files_of_every_format_are_damaged_photos(tmp_path: Path, suffix: str) -> None:
    path = tmp_path / f"bad.{suffix}"
    noise = np.random.default_rng(0).integers(0, 256, (100, 100, 3), np.uint8)
    Image.fromarray(noise).save(path)
    data = path.read_bytes()
    path.write_bytes(data[: len(data) // 2])
    with pytest.raises(PhotoUnreadableError):
        read_photo(path)


@pytest.mark.parametrize("kind", ["AVIF", "HEIF"])
@pytest.mark.parametrize("share", [0.02, 0.1, 0.5, 0.9, 0.99])
def test_truncated_files_of_phones_are_damaged_photos(
    tmp_path: Path, kind: str, share: float
) -> None:
    pillow_heif.register_heif_opener()
    path = tmp_path / "photo.jpg"
    noise = np.random.default_rng(0).integers(0, 256, (100, 100, 3), np.uint8)
    Image.fromarray(noise).save(path, kind)
    data = path.read_bytes()
    path.write_bytes(data[: int(len(data) * share)])
    for read in (read_photo, lambda path: read_thumbnail(path, 16)):
        with pytest.raises(PhotoUnreadableError):
            read(path)


def test_missing_and_unopenable_files(tmp_path: Path) -> None:
    with pytest.raises(PhotoUnreadableError, match="cannot be opened"):
        photo_size(tmp_path / "missing.jpg")
    (tmp_path / "folder.jpg").mkdir()
    with pytest.raises(PhotoUnreadableError, match="cannot be opened"):
        read_photo(tmp_path / "folder.jpg")


def test_a_photo_over_the_limit_is_refused_before_it_is_decoded(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "large.png"
    sample(30, 40).save(path)

    def no_decoding(_image: Image.Image) -> None:
        raise AssertionError("decoded")

    monkeypatch.setattr(Image.Image, "load", no_decoding)
    with pytest.raises(PhotoTooLargeError, match="limit of 1,199"):
        read_photo(path, max_pixels=1199)
    with pytest.raises(PhotoTooLargeError):
        read_thumbnail(path, 16, max_pixels=1199)


def test_a_photo_beyond_pillows_own_limit_raises_no_warning(tmp_path: Path) -> None:
    path = tmp_path / "large.png"
    Image.new("1", (20_000, 20_000)).save(path)
    assert photo_size(path) == (20_000, 20_000)
    with pytest.raises(PhotoTooLargeError):
        read_photo(path)


def test_small_photos_are_not_enlarged(tmp_path: Path) -> None:
    path = tmp_path / "small.jpg"
    sample(24, 40).save(path)
    assert read_thumbnail(path, 256).shape == (24, 40, 3)


def test_a_jpeg_thumbnail_is_decoded_small(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "photo.jpg"
    sample(1600, 1600).save(path)
    decoded: list[tuple[int, int]] = []
    real = photo_colour.shrunk
    monkeypatch.setattr(
        photo_colour,
        "shrunk",
        lambda image, side: (decoded.append(image.size), real(image, side))[1],
    )
    assert read_thumbnail(path, 100).shape == (100, 100, 3)
    assert decoded == [(200, 200)], "scaled by the decoder"


@pytest.mark.filterwarnings("ignore:Corrupt EXIF data")  # pytest drops our own filter
def test_a_damaged_exif_block_does_not_hide_the_photo(tmp_path: Path) -> None:
    path = tmp_path / "photo.jpg"
    sample().save(path, exif=b"Exif\0\0II*\0\xff\xff\xff\x7fgarbage")
    assert read_photo(path).shape == (24, 40, 3)
    assert photo_size(path) == (40, 24)
