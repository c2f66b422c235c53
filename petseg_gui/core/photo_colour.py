"""The colours of a photo as a viewer shows them: sRGB, transparent parts white.

Everything is done strip by strip: beside the decoded picture and the result there are only some
megabytes in memory, and what the processor works on stays in its cache.

What is decided here, once:

- A profile in the file is applied, for colour, grey and CMYK.  One that cannot be used, or does
  not fit the picture, is passed over, as browsers do.
- CMYK without a profile is converted as if the inks were ideal.
- Transparent parts are laid on white, after the colours were converted.
- Of 16 bits the upper 8 are shown.  32-bit whole numbers are shown as they are up to 255, like 16
  bits up to 65,535, and else by their maximum; real numbers from 0 to 1 or 0 to 255, and else
  from least to most.
"""

from __future__ import annotations

import io
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
import numpy.typing as npt
from PIL import Image

RGBArray = npt.NDArray[np.uint8]
"""A photo: uint8 (H, W, 3), RGB, rows first, C-contiguous, read-only."""

_Colours = Callable[[Image.Image], Image.Image]
"""From a strip of a picture, in the picture's mode, to mode RGB in sRGB."""

_STRIP_PIXELS = 300_000

_TURNS = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}
SIDEWAYS = frozenset({5, 6, 7, 8})
"""EXIF orientations that exchange width and height."""
_BOTTOM_FIRST = frozenset({3, 4, 6, 7})
"""Orientations in which the last row of the file comes first, as row or as column."""

_WITH_ALPHA = frozenset({"LA", "PA", "La", "RGBA", "RGBa"})
_GREY = frozenset({"1", "L", "LA", "La"})
_REDUCIBLE = frozenset({"RGB", "L", "CMYK", "YCbCr"})
"""Modes whose mean values mean what they should, before the colours are converted."""


def upright(image: Image.Image, orientation: int) -> RGBArray:
    """The loaded picture in sRGB, turned by an EXIF orientation (1..8): (H, W, 3), read-only."""
    width, height = image.size
    turn = _TURNS.get(orientation)
    sideways = orientation in SIDEWAYS
    shown = np.empty((width, height, 3) if sideways else (height, width, 3), np.uint8)
    for top, strip in _srgb_strips(image, max(1, _STRIP_PIXELS // width)):
        pixels = np.asarray(strip if turn is None else strip.transpose(turn))
        first = height - top - strip.height if orientation in _BOTTOM_FIRST else top
        rows = slice(first, first + strip.height)
        if sideways:
            shown[:, rows] = pixels
        else:
            shown[rows] = pixels
    shown.setflags(write=False)
    return shown


def turned(image: Image.Image, orientation: int) -> RGBArray:
    """A small picture of mode RGB, turned by an EXIF orientation (1..8)."""
    turn = _TURNS.get(orientation)
    return np.asarray(image if turn is None else image.transpose(turn))


def shrunk(image: Image.Image, size: int) -> Image.Image:
    """The loaded picture in sRGB, at most ``size`` pixels on each side, never enlarged."""
    if image.mode in _REDUCIBLE and "transparency" not in image.info:
        image.thumbnail((size, size), Image.Resampling.BILINEAR, reducing_gap=2.0)
        return _colours(image)(image)
    # The others are converted first; what is far too large is made smaller strip by strip.
    width, height = image.size
    factor = max(1, max(width, height) // (2 * size))
    small = Image.new("RGB", (-(-width // factor), -(-height // factor)))
    rows = factor * max(1, _STRIP_PIXELS // (width * factor))
    for top, strip in _srgb_strips(image, rows):
        small.paste(strip.reduce(factor) if factor > 1 else strip, (0, top // factor))
    small.thumbnail((size, size), Image.Resampling.BILINEAR)
    return small


def _srgb_strips(image: Image.Image, rows: int) -> Iterator[tuple[int, Image.Image]]:
    """Strips of ``rows`` rows, the last one perhaps lower, in sRGB, and where each begins."""
    colours = _colours(image)
    for top, strip in _strips(image, rows):
        yield top, colours(strip)


def _strips(image: Image.Image, rows: int) -> Iterator[tuple[int, Image.Image]]:
    width, height = image.size
    if rows >= height:
        yield 0, image
        return
    for top in range(0, height, rows):
        yield top, image.crop((0, top, width, min(top + rows, height)))


def _colours(image: Image.Image) -> _Colours:
    """What makes sRGB of the picture's strips."""
    wide = image.mode in ("I", "F") or image.mode.startswith("I;16")
    mode = "L" if wide else image.mode
    profile = image.info.get("icc_profile")
    to_srgb = _conversion(profile if isinstance(profile, bytes) else b"", mode)
    if wide:
        return _wide_colours(image, to_srgb)
    if mode not in _WITH_ALPHA and "transparency" not in image.info:
        return to_srgb

    def on_white(strip: Image.Image) -> Image.Image:
        rgba = _with_alpha(strip)
        white = Image.new("RGB", strip.size, (255, 255, 255))
        white.paste(to_srgb(rgba.convert("RGB")), mask=rgba.getchannel("A"))
        return white

    return on_white


def _with_alpha(strip: Image.Image) -> Image.Image:
    if strip.mode == "La":
        strip = strip.convert("LA")
    return strip if strip.mode == "RGBA" else strip.convert("RGBA")


def _conversion(profile: bytes, mode: str) -> _Colours:
    """From pictures of a mode, alpha aside, to sRGB; without a usable profile by Pillow's rules."""
    if mode == "LAB":
        from PIL import ImageCms

        return _applying(
            ImageCms.buildTransform(
                ImageCms.createProfile("LAB"), ImageCms.createProfile("sRGB"), "LAB", "RGB"
            ),
            "LAB",
        )
    if profile and not _is_srgb(profile) and (transform := _transform(profile, mode)) is not None:
        return transform
    return lambda strip: strip if strip.mode == "RGB" else strip.convert("RGB")


def _is_srgb(profile: bytes) -> bool:
    """Whether the profile says that it is sRGB, as most do: converting would change nothing."""
    head = profile[:4096]
    return b"sRGB" in head or "sRGB".encode("utf-16-be") in head


def _transform(profile: bytes, mode: str) -> _Colours | None:
    """The conversion that a profile describes; None: it cannot be used for such a picture."""
    from PIL import ImageCms

    try:
        source = ImageCms.ImageCmsProfile(io.BytesIO(profile))
        space = source.profile.xcolor_space.strip()
        if space == "RGB" and mode != "CMYK":
            entered = "RGB"
        elif (space == "GRAY" and mode in _GREY) or (space == "CMYK" and mode == "CMYK"):
            entered = "CMYK" if mode == "CMYK" else "L"
        else:
            return None
        built = ImageCms.buildTransform(source, ImageCms.createProfile("sRGB"), entered, "RGB")
    except (ImageCms.PyCMSError, OSError, ValueError, TypeError):
        return None
    return _applying(built, entered)


def _applying(transform: Any, mode: str) -> _Colours:
    def apply(strip: Image.Image) -> Image.Image:
        converted: Image.Image = transform.apply(
            strip if strip.mode == mode else strip.convert(mode)
        )
        return converted

    return apply


def _wide_colours(image: Image.Image, to_srgb: _Colours) -> _Colours:
    """For grey values of 16 or 32 bits: their scale is that of the whole picture."""
    to_bytes = _scale(image)
    clear = image.info.get("transparency")

    def convert(strip: Image.Image) -> Image.Image:
        values = np.asarray(strip)
        shown = to_srgb(Image.fromarray(to_bytes(values)))
        if isinstance(clear, int):
            shown.paste((255, 255, 255), mask=Image.fromarray(values == clear))
        return shown

    return convert


def _scale(image: Image.Image) -> Callable[[npt.NDArray[Any]], npt.NDArray[np.uint8]]:
    """From grey values (H, W), whole or real, to 0..255."""
    if image.mode.startswith("I;16"):
        return lambda values: (values.astype(np.uint16, copy=False) >> 8).astype(np.uint8)
    least, most = _extremes(image)
    if image.mode == "F":
        low, factor = 0.0, 1.0
        if least < 0 or most > 255:
            low, factor = least, 255.0 / max(most - least, 1.0)
        elif most <= 1:
            factor = 255.0
        return lambda values: np.rint((_finite(values) - low) * factor).astype(np.uint8)
    high = int(most)
    if high <= 0xFF:
        return lambda values: np.maximum(values, 0).astype(np.uint8)
    # 16-bit pictures often come in this mode; what is larger is scaled by its maximum.
    if high <= 0xFFFF:
        return lambda values: (np.maximum(values, 0) >> 8).astype(np.uint8)
    return lambda values: (np.maximum(values, 0).astype(np.int64) * 255 // high).astype(np.uint8)


def _finite(values: npt.NDArray[Any]) -> npt.NDArray[np.float64]:
    """As float64, in which differences of float32 do not overflow; what is no number is 0."""
    return np.nan_to_num(values.astype(np.float64), nan=0.0, posinf=0.0, neginf=0.0)


def _extremes(image: Image.Image) -> tuple[float, float]:
    """The least and the greatest value of a picture of mode I or F."""
    least, most = np.inf, -np.inf
    for _top, strip in _strips(image, max(1, _STRIP_PIXELS // image.width)):
        values = _finite(np.asarray(strip))
        least, most = min(least, float(values.min())), max(most, float(values.max()))
    return least, most
