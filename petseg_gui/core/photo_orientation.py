"""EXIF orientation and date of a picture, read without believing anything that its block says.

Pillow's own reader copies whatever the block's entries point at: a small block can name the same
bytes thousands of times and so take all memory.

A HEIC or AVIF photo is turned by its container alone, as its standard has it: the EXIF block of
some says the same once more.  Their decoders do that, and leave no other orientation behind.
"""

from __future__ import annotations

import os
import re
import struct
from collections.abc import Iterator
from datetime import datetime
from typing import Any

from PIL import Image, ImageFile

_ORIENTATION, _EXIF_PART, _DATE_TAKEN, _DATE_CHANGED = 0x0112, 0x8769, 0x9003, 0x0132
_TEXT, _SHORT, _LONG = 2, 3, 4
_DATE_LENGTH = 19
_MOST_ENTRIES = 1000
_PNG_SIGNATURE = 8
_PNG_CHECKSUM = 4
_XMP = re.compile(rb'tiff:Orientation(?:="|>)([0-9])')


def orientation(image: Image.Image) -> int:
    """The EXIF orientation of a loaded picture, 1..8; a damaged EXIF block counts as none."""
    if image.format == "TIFF":  # turned by Pillow when it is loaded
        return 1
    found = _of_exif(_exif(image.info))
    if found is None:
        found = _of_xmp(image.info)
    return found if found is not None and 1 <= found <= 8 else 1


def find_late_exif(image: ImageFile.ImageFile) -> None:
    """Note the EXIF block that a PNG has behind its pixels, which are not decoded for it.

    The picture cannot be loaded any more.
    """
    file = image.fp
    if image.format != "PNG" or file is None:
        return
    file.seek(_PNG_SIGNATURE)
    while len(head := file.read(8)) == 8:
        length = int.from_bytes(head[:4], "big")
        if head[4:] == b"IEND":
            return
        if head[4:] == b"eXIf":  # of several the last one counts, as for Pillow
            image.info["exif"] = file.read(length)
            length = 0
        file.seek(length + _PNG_CHECKSUM, os.SEEK_CUR)


def _exif(info: dict[Any, Any]) -> bytes:
    """The picture's EXIF block, without the marker before it; b'' if there is none."""
    block = info.get("exif")
    if block is None and isinstance(text := info.get("Raw profile type exif"), str):
        # As ImageMagick writes it into a PNG: name, length, then hexadecimal digits.
        try:
            block = bytes.fromhex("".join(text.split("\n")[3:]))
        except ValueError:
            return b""
    if not isinstance(block, bytes):
        return b""
    while block.startswith(b"Exif\0\0"):
        block = block[6:]
    return block


def date_taken(image: Image.Image) -> str:
    """When the photo was taken, as its camera's clock said: ISO 8601; '' when it does not say."""
    block = _exif(image.info)
    changed, part = "", None
    for tag, kind, value in _entries(block, None):
        if tag == _DATE_CHANGED and kind == _TEXT:
            changed = _date_at(block, value)
        elif tag == _EXIF_PART and kind == _LONG:
            part = value
    for tag, kind, value in _entries(block, part) if part is not None else ():
        if tag == _DATE_TAKEN and kind == _TEXT:
            return _date_at(block, value) or changed
    return changed


def _of_exif(block: bytes) -> int | None:
    for tag, kind, value in _entries(block, None):
        if tag == _ORIENTATION:
            return value if kind == _SHORT else None
    return None


def _entries(block: bytes, start: int | None) -> Iterator[tuple[int, int, int]]:
    """Tag, kind, and value or place, of the entries that are whole; None: of the first list."""
    order = {b"II": "<", b"MM": ">"}.get(block[:2])
    if order is None:
        return
    try:
        if start is None:
            (start,) = struct.unpack_from(f"{order}I", block, 4)
        (entries,) = struct.unpack_from(f"{order}H", block, start)
        for number in range(min(entries, _MOST_ENTRIES)):
            at = start + 2 + 12 * number
            tag, kind, _count, value = struct.unpack_from(f"{order}HHII", block, at)
            if kind == _SHORT:  # it stands in the first half of its place
                (value,) = struct.unpack_from(f"{order}H", block, at + 8)
            yield tag, kind, value
    except struct.error:
        return


def _date_at(block: bytes, at: int) -> str:
    text = block[at : at + _DATE_LENGTH].decode("ascii", "replace")
    try:
        return datetime.strptime(text, "%Y:%m:%d %H:%M:%S").isoformat()
    except ValueError:
        return ""


def _of_xmp(info: dict[Any, Any]) -> int | None:
    text = info.get("XML:com.adobe.xmp") or info.get("xmp")
    if isinstance(text, str):
        text = text.encode("utf-8", "replace")
    found = _XMP.search(text) if isinstance(text, bytes) else None
    return int(found[1]) if found else None
