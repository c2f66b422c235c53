"""Reading files that strangers made: bounded in size, in depth, in pixels and in time."""

from __future__ import annotations

import json
import math
import os
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
from PIL import Image

from petseg_gui.core.exchange.common import ExchangeError, megabytes

MAX_JSON = 256 * 1024**2
"""Bytes of a JSON file; a COCO file of 10,000 photos with RLE has about 100 MB."""

MAX_TEXT = 64 * 1024**2
"""Bytes of a text file of polygons."""

MAX_PICTURE = 512 * 1024**2
"""Bytes of a picture file."""

MAX_DEPTH = 64
"""How deep lists and objects of a JSON file may be nested; COCO and labelme need 6."""

MAX_FILES = 1_000_000
"""Files looked at below a folder."""

_REMEDY = "Make the file again in the program that it comes from, or leave it out."

PLAIN = ("PNG", "BMP", "GIF", "TIFF")
"""Formats that keep index values as they are."""

ANY = (*PLAIN, "JPEG", "WEBP")
"""Formats from which a black and white mask can be read."""

PLAIN_SUFFIXES = frozenset({".png", ".bmp", ".gif", ".tif", ".tiff"})
ANY_SUFFIXES = PLAIN_SUFFIXES | {".jpg", ".jpeg", ".webp"}


def files_below(source: Path, suffixes: frozenset[str]) -> list[Path]:
    """Files with these endings, in and below a folder; the file itself when ``source`` is one.

    Hidden files and folders are left out, links to folders are not followed.

    Raises:
        ExchangeError: there is no such folder, or nothing in it with such an ending.
    """
    endings = ", ".join(sorted(suffixes))
    if source.is_file():
        if source.suffix.lower() not in suffixes:
            raise ExchangeError(source, f"its name ends in none of {endings}", "Choose another.")
        return [source]
    if not source.is_dir():
        raise ExchangeError(source, "there is no such file or folder", "Check the name.")
    found: list[Path] = []
    looked_at = 0
    for folder, folders, files in os.walk(source, onerror=_unreadable):
        folders[:] = sorted(name for name in folders if not name.startswith("."))
        looked_at += len(files)
        if looked_at > MAX_FILES:
            raise ExchangeError(source, f"it has more than {MAX_FILES:,} files", "Choose a part.")
        for name in sorted(files):
            path = Path(folder, name)
            if not name.startswith(".") and path.suffix.lower() in suffixes and path.is_file():
                found.append(path)
    if not found:
        raise ExchangeError(source, f"it has no file that ends in {endings}", "Choose another.")
    return found


def _unreadable(error: OSError) -> None:
    raise ExchangeError(
        str(error.filename), f"it cannot be read ({error.strerror})", "Check that you may read it."
    ) from error


def read_bytes(path: Path, most: int) -> bytes:
    """The content of a file of at most ``most`` bytes.

    Raises:
        ExchangeError: it is larger, no plain file, or cannot be read.
    """
    try:
        # Asked first: opening a pipe would wait for somebody to write into it.
        if not path.is_file():
            raise ExchangeError(path, "it is no file, or is not there any more", "Check the name.")
        with path.open("rb") as file:
            data = file.read(most + 1)
    except OSError as error:
        reason = error.strerror or str(error)
        remedy = "Check that it is still there and that you may read it."
        raise ExchangeError(path, f"it cannot be read ({reason})", remedy) from error
    if len(data) > most:
        raise ExchangeError(path, f"it is larger than {megabytes(most)}", "Divide it.")
    return data


def read_text(path: Path) -> str:
    """The content of a UTF-8 text file.

    Raises:
        ExchangeError: it is too large, no text, or cannot be read.
    """
    try:
        return read_bytes(path, MAX_TEXT).decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise ExchangeError(path, "it is no UTF-8 text", _REMEDY) from error


def read_json(path: Path) -> dict[str, Any]:
    """The object in a JSON file.

    Raises:
        ExchangeError: it is too large, nested too deep, no JSON, or no object.
    """
    data = read_bytes(path, MAX_JSON)
    try:
        found = json.loads(data.decode("utf-8-sig"), parse_constant=_no_number)
    except RecursionError as error:
        raise ExchangeError(path, "it is nested too deep", _REMEDY) from error
    except ValueError as error:  # no UTF-8, no JSON, a number of thousands of digits
        raise ExchangeError(path, f"it is no JSON ({_short(error)})", _REMEDY) from error
    except MemoryError as error:
        remedy = "Close other programs, or divide the file."
        raise ExchangeError(path, "there is not enough memory to read it", remedy) from error
    if not isinstance(found, dict):
        raise ExchangeError(path, "it is JSON, but not an object", _REMEDY)
    if _deeper_than(found, MAX_DEPTH):
        raise ExchangeError(path, "it is nested too deep", _REMEDY)
    return found


def _no_number(text: str) -> float:
    raise ValueError(f"{text} is no number")


def _short(error: Exception) -> str:
    return str(error)[:200]


def _deeper_than(value: object, depth: int) -> bool:
    level: list[object] = [value]
    for _ in range(depth):
        level = [
            child
            for parent in level
            if isinstance(parent, dict | list)
            for child in (parent.values() if isinstance(parent, dict) else parent)
            if isinstance(child, dict | list)
        ]
        if not level:
            return False
    return True


def number(value: object) -> float | None:
    """A finite number of a JSON file; None when it is none (true and false are none)."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    try:
        found = float(value)
    except OverflowError:
        return None
    return found if math.isfinite(found) else None


def whole(value: object) -> int | None:
    """A whole number of a JSON file, also when it is written 3.0; None when it is none."""
    found = number(value)
    return int(found) if found is not None and found == int(found) else None


@contextmanager
def picture(
    path: Path, formats: tuple[str, ...], check_size: Callable[[int, int], None]
) -> Iterator[Image.Image]:
    """The picture in a file; its size is checked before any pixel is decoded.

    Args:
        path: the file.
        formats: of Pillow, that may be tried.
        check_size: is given width and height, and raises when they do not fit.

    Raises:
        ExchangeError: the file is damaged, too large, of no such format, or cannot be read.
    """
    try:
        if not path.is_file():
            raise ExchangeError(path, "it is no file, or is not there any more", "Check the name.")
        if path.stat().st_size > MAX_PICTURE:
            raise ExchangeError(path, f"it is larger than {megabytes(MAX_PICTURE)}", "Leave it.")
        with Image.open(path, formats=formats) as image:
            check_size(*image.size)
            yield image
    except ExchangeError:
        raise
    except MemoryError as error:
        remedy = "Close other programs and try again."
        raise ExchangeError(path, "there is not enough memory to open it", remedy) from error
    except Exception as error:
        # Everything: over a damaged file, decoders raise whatever they stumble on.
        reason = f"it is no readable {' or '.join(formats)} ({_short(error)})"
        raise ExchangeError(path, reason, _REMEDY) from error


def pixels(path: Path, image: Image.Image) -> npt.NDArray[np.integer[Any]]:
    """The values of a grey or palette picture as they are stored, (H, W) of some integer type.

    Raises:
        ExchangeError: it is a picture in colour, or of fractions.
    """
    if image.mode not in ("P", "L", "1", "I", "I;16", "I;16B", "I;16L"):
        raise ExchangeError(
            path,
            f"its pixels are colours ({image.mode}), not class values",
            "Save it as a palette or grey picture.",
        )
    found = np.asarray(image)
    # Of mode 1 numpy gets booleans: such files store 0 and 1.
    return found.astype(np.uint8) if found.dtype == np.bool_ else found


def grey(image: Image.Image) -> npt.NDArray[np.int64]:
    """How light the pixels of a picture of any mode are, (H, W), 0..255."""
    if not image.mode.startswith("I"):
        return np.asarray(image.convert("L")).astype(np.int64)
    wide = np.asarray(image).astype(np.int64)
    return wide >> 8 if wide.size and int(wide.max()) > 255 else wide


def text_of(value: Mapping[str, Any], key: str) -> str:
    """A short text entry of a JSON object; empty when it is missing or none."""
    found = value.get(key)
    return found[:1000] if isinstance(found, str) else ""
