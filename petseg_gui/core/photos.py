"""Reading photos as they look: EXIF orientation, colour profiles, all common kinds of picture.

Every function here only reads.  A file that cannot be shown raises :class:`PhotoError`, whose
text names the file, says what is wrong and what to do.  The parts: ``photo_names`` lists,
``photo_kinds`` tells what a file is, ``photo_file`` opens it, ``photo_orientation`` and
``photo_colour`` say how it looks.
"""

from __future__ import annotations

from pathlib import Path
from typing import NamedTuple

from petseg_gui.core import photo_colour
from petseg_gui.core.photo_colour import RGBArray
from petseg_gui.core.photo_errors import PhotoError, PhotoTooLargeError, PhotoUnreadableError
from petseg_gui.core.photo_file import (
    DEFAULT_MAX_PIXELS,
    LIMIT_VARIABLE,
    opened,
    pixel_limit,
    set_pixel_limit,
)
from petseg_gui.core.photo_names import PHOTO_SUFFIXES, list_photo_names, list_photos, natural_key
from petseg_gui.core.photo_orientation import date_taken, find_late_exif, orientation

__all__ = [
    "DEFAULT_MAX_PIXELS",
    "LIMIT_VARIABLE",
    "PHOTO_SUFFIXES",
    "PhotoError",
    "PhotoHeader",
    "PhotoTooLargeError",
    "PhotoUnreadableError",
    "RGBArray",
    "list_photo_names",
    "list_photos",
    "natural_key",
    "photo_header",
    "photo_size",
    "pixel_limit",
    "read_photo",
    "read_thumbnail",
    "set_pixel_limit",
]


class PhotoHeader(NamedTuple):
    """What a photo says about itself.

    Attributes:
        width, height: in pixels as it is shown, its orientation applied.
        taken: when, as its camera's clock said: ISO 8601; empty when it does not say.
    """

    width: int
    height: int
    taken: str


def photo_header(path: Path) -> PhotoHeader:
    """Size and date of a photo; its pixels are not decoded.

    Raises:
        PhotoUnreadableError: see the class.
    """
    with opened(path, None) as image:
        width, height = image.size
        # Pillow gives the size of a TIFF with the orientation applied already.
        find_late_exif(image)
        if orientation(image) in photo_colour.SIDEWAYS:
            width, height = height, width
        return PhotoHeader(width, height, date_taken(image))


def photo_size(path: Path) -> tuple[int, int]:
    """(width, height) as the photo is shown, its orientation applied; pixels are not decoded.

    Raises:
        PhotoUnreadableError: see the class.
    """
    return photo_header(path)[:2]


def read_photo(path: Path, *, max_pixels: int | None = None) -> RGBArray:
    """The photo as it looks: uint8 (H, W, 3), sRGB, orientation applied, read-only.

    Of an animation it is the first frame; transparent parts are white.

    Args:
        path: the photo; its content says what it is, not its ending.
        max_pixels: a photo of more pixels is refused; None: :func:`pixel_limit`.

    Raises:
        PhotoUnreadableError: see the class.
        PhotoTooLargeError: see the class.
    """
    with opened(path, _limit(max_pixels)) as image:
        return photo_colour.upright(image, orientation(image))


def read_thumbnail(path: Path, size: int, *, max_pixels: int | None = None) -> RGBArray:
    """A small picture of the photo, uint8 (h, w, 3): at most ``size`` on each side, never enlarged.

    A JPEG is decoded at about the size needed, and of a HEIC photo the small picture in the file is
    used where it is large enough: many times faster.

    Args:
        path: the photo.
        size: pixels.
        max_pixels: see :func:`read_photo`.

    Raises:
        PhotoUnreadableError: see the class.
        PhotoTooLargeError: see the class.
    """
    with opened(path, _limit(max_pixels), draft=size) as image:
        way = orientation(image)
        return photo_colour.turned(photo_colour.shrunk(image, size), way)


def _limit(max_pixels: int | None) -> int:
    return pixel_limit() if max_pixels is None else max_pixels
