"""Photos and masks as the bytes of picture files for other programs."""

from __future__ import annotations

import io
from collections.abc import Mapping
from pathlib import Path

import numpy as np
import numpy.typing as npt
from PIL import Image, PngImagePlugin

from petseg_gui.core.exchange.common import ExchangeError
from petseg_gui.core.photos import PhotoError, photo_size, read_photo

_QUALITY = 95
"""Of JPEGs that are made anew."""

_ORIENTATION_TAG = 0x0112

PHOTO_KEY = "petseg"
"""Keyword of the text chunk in which an exported label names its photo, in JSON."""


def grey_png(values: npt.NDArray[np.uint8], text: Mapping[str, str] | None = None) -> bytes:
    """An 8-bit grey PNG of the values, uint8 (H, W), with text entries."""
    info = PngImagePlugin.PngInfo()
    for key, value in (text or {}).items():
        info.add_itxt(key, value)
    return _saved(Image.fromarray(values), "PNG", pnginfo=info)


def cut_out_png(path: Path, alpha: npt.NDArray[np.uint8]) -> bytes:
    """The photo as a PNG with transparency; what cannot be seen is black.

    Args:
        path: the photo.
        alpha: uint8 (H, W), 0 transparent, 255 opaque.

    Raises:
        ExchangeError: the photo cannot be read, or has another size.
    """
    try:
        photo = read_photo(path)
    except PhotoError as error:
        raise ExchangeError(path, error.reason, error.remedy) from error
    check_size(path, (photo.shape[1], photo.shape[0]), alpha)
    seen = np.where(alpha[..., None] > 0, photo, np.uint8(0))
    return _saved(Image.fromarray(np.dstack([seen, alpha])), "PNG")


def photo_jpeg(path: Path, mask: npt.NDArray[np.uint8]) -> bytes:
    """The photo as a JPEG that looks the same to readers that know nothing of EXIF.

    A JPEG that is not turned by its EXIF orientation is taken as it is, byte by byte; any other
    photo is encoded anew.

    Args:
        path: the photo.
        mask: its label, to compare the sizes.

    Raises:
        ExchangeError: the photo cannot be read, or has another size.
    """
    try:
        check_size(path, photo_size(path), mask)
        if _is_plain_jpeg(path):
            return path.read_bytes()
        return _saved(Image.fromarray(read_photo(path)), "JPEG", quality=_QUALITY, subsampling=0)
    except PhotoError as error:
        raise ExchangeError(path, error.reason, error.remedy) from error
    except OSError as error:
        reason = f"it cannot be read ({error.strerror or error})"
        raise ExchangeError(path, reason, "Check that it is still there.") from error


def check_size(path: Path, size: tuple[int, int], mask: npt.NDArray[np.uint8]) -> None:
    """Whether a photo of (width, height) is of the size of its label.

    Raises:
        ExchangeError: it is not.
    """
    if size != (mask.shape[1], mask.shape[0]):
        reason = f"it has {size[0]}×{size[1]} pixels, but its label {mask.shape[1]}×{mask.shape[0]}"
        raise ExchangeError(path, reason, "Make the label again: the photo has been replaced.")


def _is_plain_jpeg(path: Path) -> bool:
    try:
        with Image.open(path, formats=("JPEG",)) as image:
            turned = image.getexif().get(_ORIENTATION_TAG, 1)
            # Pillow calls JPEGs with more pictures behind the first, of some cameras, MPO.
            return image.mode in ("RGB", "L") and turned in (0, 1)
    except (OSError, ValueError, SyntaxError):  # no JPEG, or one that needs more care
        return False


def _saved(image: Image.Image, kind: str, **options: object) -> bytes:
    buffer = io.BytesIO()
    image.save(buffer, kind, **options)
    return buffer.getvalue()
