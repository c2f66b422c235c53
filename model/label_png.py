"""Labels as palette PNGs that any viewer shows in colour and any trimap reader reads as 1/2/3.

Needs Pillow and numpy only.
"""

from __future__ import annotations

import io
from collections.abc import Mapping
from pathlib import Path

import numpy as np
from PIL import Image, PngImagePlugin, UnidentifiedImageError

from model.labels import COLOURS, MaskArray, is_mask

DEFAULT_MAX_PIXELS = 250_000_000
"""A label of more pixels than this is refused before it is decoded."""

# Text is read from strangers' files: a bound keeps a crafted chunk from filling the memory.
_MAX_TEXT = 64 * 1024

# A palette of 256 entries in which every unused value is an unmistakable magenta.
_PALETTE = COLOURS.tobytes() + bytes((255, 0, 255)) * (256 - len(COLOURS))


class LabelFileError(ValueError):
    """A label file that cannot be used; the message says why and names the file if known."""


def encode(mask: MaskArray, text: Mapping[str, str] | None = None, *, level: int = 6) -> bytes:
    """The PNG file of a mask.

    Args:
        mask: uint8 (H, W), values 0..3.
        text: what to write into the file's ``iTXt`` chunks (where the label came from).
        level: zlib's compression level, 0 (fast) to 9 (small).

    Raises:
        ValueError: ``mask`` is not a mask, or has no pixels.
    """
    if not is_mask(mask) or mask.size == 0:
        raise ValueError(f"a mask is uint8 (H, W) with values 0..3, not {mask.dtype} {mask.shape}")
    height, width = mask.shape
    image = Image.frombytes("P", (width, height), mask.tobytes())
    image.putpalette(_PALETTE)
    info = PngImagePlugin.PngInfo()
    for key, value in (text or {}).items():
        info.add_itxt(key, value)
    buffer = io.BytesIO()
    # 8 bits per pixel: Pillow packs four colours into 2 bits otherwise, and some readers of
    # index PNGs do not unpack them.
    image.save(buffer, "PNG", pnginfo=info, compress_level=level, optimize=False, bits=8)
    return buffer.getvalue()


def decode(
    data: bytes, *, name: str = "label", max_pixels: int = DEFAULT_MAX_PIXELS
) -> tuple[MaskArray, dict[str, str]]:
    """A mask and its text from the bytes of an index PNG (palette or 8-bit grey).

    Args:
        data: the file's bytes.
        name: what to call the file in errors.
        max_pixels: larger pictures are refused before they are decoded.

    Returns:
        The mask, uint8 (H, W), and the file's text entries.

    Raises:
        LabelFileError: not a PNG, damaged, too large, in colour, or with values above 3.
    """
    try:
        with Image.open(io.BytesIO(data), formats=("PNG",)) as image:
            if image.width * image.height > max_pixels:
                raise LabelFileError(
                    f"{name}: {image.width}×{image.height} pixels are more than "
                    f"the limit of {max_pixels:,}"
                )
            if image.mode not in ("P", "L", "1"):
                raise LabelFileError(
                    f"{name}: a label is a palette or 8-bit grey PNG, this one is {image.mode}"
                )
            mask = np.array(image, dtype=np.uint8)
            text = {
                str(k): str(v)
                for k, v in getattr(image, "text", {}).items()
                if len(str(v)) <= _MAX_TEXT
            }
    except LabelFileError:
        raise
    except (
        UnidentifiedImageError,
        OSError,
        SyntaxError,
        ValueError,
        Image.DecompressionBombError,
    ) as error:
        raise LabelFileError(f"{name}: not a readable PNG ({error})") from error
    if not is_mask(mask):
        raise LabelFileError(
            f"{name}: pixel values are 0 to 3 (1 pet, 2 background, 3 border), "
            f"this file has {int(mask.max())}"
        )
    return mask, text


def read(path: Path, *, max_pixels: int = DEFAULT_MAX_PIXELS) -> MaskArray:
    """The mask in a label file.

    Raises:
        LabelFileError: see :func:`decode`.
        OSError: the file cannot be opened.
    """
    mask, _text = decode(path.read_bytes(), name=str(path), max_pixels=max_pixels)
    return mask
