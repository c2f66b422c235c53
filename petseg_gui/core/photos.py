"""Reading photos as they look: EXIF orientation, colour profiles, all common pixel formats.

Every function here only reads.  A file that cannot be shown raises :class:`PhotoError`, whose
text names the file, says what is wrong and what to do.
"""

from __future__ import annotations

import io
import os
import re
import unicodedata
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np
import numpy.typing as npt
from PIL import Image, UnidentifiedImageError

RGBArray = npt.NDArray[np.uint8]
"""A photo: uint8 (H, W, 3), RGB, rows first, C-contiguous, read-only."""

PHOTO_SUFFIXES: frozenset[str] = frozenset(
    {".jpg", ".jpeg", ".jpe", ".jfif", ".png", ".webp", ".bmp", ".gif", ".tif", ".tiff"}
)
"""Endings of the files that count as photos: lower case, with the dot."""

DEFAULT_MAX_PIXELS = 250_000_000
"""A photo of more pixels than this is refused before it is decoded."""

# Only these decoders ever run, whatever a file is called: among Pillow's others are some that
# start programs.  The order is that of likelihood; the last two are not loaded until needed.
_FORMATS = ("JPEG", "PNG", "GIF", "BMP", "WEBP", "TIFF")

# Pillow's own limit warns at one size and fails at another.  Ours is checked by `_opened`
# before anything is decoded, for every photo.
Image.MAX_IMAGE_PIXELS = None

# A damaged EXIF block does not make a photo worse to look at: no reason to tell anybody.
warnings.filterwarnings("ignore", "Corrupt EXIF data", UserWarning, r"PIL\.")
warnings.filterwarnings("ignore", "Truncated File Read", UserWarning, r"PIL\.")

_ORIENTATION_TAG = 0x0112
_TURNS = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}
_SIDEWAYS = frozenset({5, 6, 7, 8})

_MODES_WITH_ALPHA = frozenset({"LA", "PA", "La", "RGBA", "RGBa"})


class PhotoError(Exception):
    """A photo that cannot be shown.

    Attributes:
        path: the file.
        reason: what is wrong with it, in words.
        remedy: what a person can do about it.
    """

    def __init__(self, path: Path, reason: str, remedy: str) -> None:
        super().__init__(f"{path}: {reason}. {remedy}")
        self.path = path
        self.reason = reason
        self.remedy = remedy


class PhotoUnreadableError(PhotoError):
    """The file is missing, may not be read, is damaged, or is no picture."""


class PhotoTooLargeError(PhotoError):
    """The photo has more pixels than the limit."""


def natural_key(name: str) -> tuple[list[str | int], str]:
    """Sorts names as people do: numbers by value, letters without regard to case."""
    folded = unicodedata.normalize("NFC", name).casefold() if not name.isascii() else name.lower()
    parts: list[str | int] = list(re.split(r"([0-9]+)", folded))
    parts[1::2] = [int(number) for number in parts[1::2]]
    return parts, name


def list_photo_names(folder: Path) -> list[str]:
    """The names of the photos in a folder, in natural order; hidden files are left out.

    Raises:
        OSError: the folder cannot be listed.
    """
    names = []
    with os.scandir(folder) as entries:
        for entry in entries:
            name = entry.name
            suffix = os.path.splitext(name)[1].lower()  # noqa: PTH122 - thousands of names
            if suffix in PHOTO_SUFFIXES and not name.startswith(".") and entry.is_file():
                names.append(name)
    return sorted(names, key=natural_key)


def list_photos(folder: Path) -> list[Path]:
    """The photos in a folder (not in its subfolders), in natural order.

    Raises:
        OSError: the folder cannot be listed.
    """
    return [folder / name for name in list_photo_names(folder)]


def photo_size(path: Path) -> tuple[int, int]:
    """(width, height) as the photo is shown, its orientation applied; pixels are not decoded.

    (A PNG may carry its orientation behind its pixels, but then it is read through.)

    Raises:
        PhotoUnreadableError: see the class.
    """
    with _opened(path, None) as image:
        width, height = image.size
        # Pillow gives the size of a TIFF with the orientation applied already.
        if image.format != "TIFF" and _orientation(image) in _SIDEWAYS:
            return height, width
        return width, height


def read_photo(path: Path, *, max_pixels: int = DEFAULT_MAX_PIXELS) -> RGBArray:
    """The photo as it looks: uint8 (H, W, 3), sRGB, orientation applied, read-only.

    Of an animation it is the first frame; transparent parts are white.

    Raises:
        PhotoUnreadableError: see the class.
        PhotoTooLargeError: the photo has more than ``max_pixels`` pixels.
    """
    with _opened(path, max_pixels) as image:
        image.load()
        return np.asarray(_turned(_srgb(image), _orientation(image)))


def read_thumbnail(path: Path, size: int, *, max_pixels: int = DEFAULT_MAX_PIXELS) -> RGBArray:
    """A small picture of the photo, uint8 (h, w, 3): at most ``size`` on each side, never enlarged.

    A JPEG is decoded at about the size needed, which is many times faster.

    Raises:
        PhotoUnreadableError: see the class.
        PhotoTooLargeError: the photo has more than ``max_pixels`` pixels.
    """
    with _opened(path, max_pixels) as image:
        small = image
        if image.mode in ("RGB", "L", "CMYK", "YCbCr"):
            image.thumbnail((size, size), Image.Resampling.BILINEAR, reducing_gap=2.0)
            small = _srgb(image)
        else:
            image.load()
            small = _srgb(image)
            small.thumbnail((size, size), Image.Resampling.BILINEAR, reducing_gap=2.0)
        return np.asarray(_turned(small, _orientation(image)))


@contextmanager
def _opened(path: Path, max_pixels: int | None) -> Iterator[Image.Image]:
    """The picture in a file, header read; whatever goes wrong inside becomes a PhotoError."""
    try:
        with Image.open(path, formats=_FORMATS) as image:
            if max_pixels is not None and image.width * image.height > max_pixels:
                raise PhotoTooLargeError(
                    path,
                    f"it has {image.width}×{image.height} pixels, "
                    f"more than the limit of {max_pixels:,}",
                    "Make it smaller in a photo editor, or leave it out.",
                )
            yield image
    except PhotoError:
        raise
    except UnidentifiedImageError as error:
        raise PhotoUnreadableError(path, _no_picture(path), _REMEDY_FILE) from error
    except MemoryError as error:
        raise PhotoUnreadableError(
            path, "there is not enough memory to open it", "Close other programs and try again."
        ) from error
    except Exception as error:
        # Everything: over a damaged file, decoders raise whatever they stumble on.
        if isinstance(error, OSError) and error.errno is not None:
            raise PhotoUnreadableError(
                path,
                f"the file cannot be opened ({error.strerror})",
                "Check that it is still there and that you may read it.",
            ) from error
        raise PhotoUnreadableError(
            path, f"the picture is damaged or incomplete ({error})", _REMEDY_FILE
        ) from error


_REMEDY_FILE = "Copy it from the camera again, or leave it out."


def _no_picture(path: Path) -> str:
    try:
        empty = path.stat().st_size == 0
    except OSError:
        empty = False
    return "the file is empty" if empty else "this is not a picture that can be read"


def _orientation(image: Image.Image) -> int:
    """The EXIF orientation, 1..8; a damaged EXIF block counts as none."""
    try:
        return int(image.getexif().get(_ORIENTATION_TAG, 1))
    except Exception:  # noqa: BLE001 - a photo is worth showing whatever its EXIF block holds
        return 1


def _turned(image: Image.Image, orientation: int) -> Image.Image:
    turn = _TURNS.get(orientation)
    return image if turn is None else image.transpose(turn)


def _srgb(image: Image.Image) -> Image.Image:
    """The picture in mode RGB and in sRGB as far as that can be told; no copy if it is so."""
    profile = image.info.get("icc_profile")
    if image.mode in _MODES_WITH_ALPHA or "transparency" in image.info:
        image = _on_white(image)
    elif image.mode in ("I", "F") or image.mode.startswith("I;16"):
        return Image.fromarray(_scaled_to_bytes(np.asarray(image))).convert("RGB")
    if isinstance(profile, bytes) and image.mode in ("RGB", "CMYK") and not _is_srgb(profile):
        image = _converted(image, profile)
    return image if image.mode == "RGB" else image.convert("RGB")


def _on_white(image: Image.Image) -> Image.Image:
    rgba = image if image.mode == "RGBA" else image.convert("RGBA")
    white = Image.new("RGB", image.size, (255, 255, 255))
    white.paste(rgba, mask=rgba.getchannel("A"))
    return white


def _scaled_to_bytes(values: npt.NDArray[np.generic]) -> npt.NDArray[np.uint8]:
    """Grey values (H, W) of 16 or 32 bits, whole or real, as 0..255."""
    if values.dtype.kind == "f":
        real = np.nan_to_num(values.astype(np.float32), posinf=0.0, neginf=0.0)
        least, most = float(real.min()), float(real.max())
        if least < 0 or most > 255:
            real = (real - least) * (255.0 / max(most - least, 1.0))
        elif most <= 1:
            real = real * 255.0
        return np.rint(real).astype(np.uint8)
    if values.dtype.itemsize == 2:
        return (values.astype(np.uint16, copy=False) >> 8).astype(np.uint8)
    whole = np.maximum(values.astype(np.int64), 0)
    high = int(whole.max())
    if high <= 0xFF:
        return whole.astype(np.uint8)
    # 16-bit pictures often come in this mode; what is larger is scaled by its maximum.
    return (whole >> 8 if high <= 0xFFFF else whole * 255 // high).astype(np.uint8)


def _is_srgb(profile: bytes) -> bool:
    """Whether the profile says that it is sRGB, as most do: converting would change nothing."""
    head = profile[:4096]
    return b"sRGB" in head or "sRGB".encode("utf-16-be") in head


def _converted(image: Image.Image, profile: bytes) -> Image.Image:
    """The picture in sRGB; as it is when its profile cannot be used."""
    from PIL import ImageCms

    try:
        converted = ImageCms.profileToProfile(
            image, io.BytesIO(profile), ImageCms.createProfile("sRGB"), outputMode="RGB"
        )
    except (ImageCms.PyCMSError, OSError, ValueError, TypeError):
        return image
    return image if converted is None else converted
