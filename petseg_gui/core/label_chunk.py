"""The text in a label file: read, and exchanged, without touching the pixels."""

from __future__ import annotations

import struct
import zlib
from pathlib import Path

from petseg_gui.core.records import TEXT_KEY, LabelText

_SIGNATURE = b"\x89PNG\r\n\x1a\n"


def label_text(path: Path) -> LabelText | None:
    """What a label or draft says about itself, without decoding its pixels; None: nothing.

    Raises:
        OSError, SyntaxError, ValueError: it cannot be opened or is no PNG.
    """
    from PIL import Image

    with Image.open(path, formats=("PNG",)) as image:
        return LabelText.decoded({TEXT_KEY: str(image.info.get(TEXT_KEY, ""))})


def with_text(data: bytes, text: LabelText) -> bytes:
    """The PNG file ``data`` with ``text`` in place of what it said about itself.

    Raises:
        ValueError: it is no whole PNG file.
    """
    if not data.startswith(_SIGNATURE):
        raise ValueError("not a PNG file")
    key = TEXT_KEY.encode("latin-1") + b"\0"
    parts, start, kind = [_SIGNATURE], len(_SIGNATURE), b""
    while kind != b"IEND":
        length, kind = (
            struct.unpack_from(">I4s", data, start) if start + 12 <= len(data) else (0, b"")
        )
        end = start + 12 + length
        if not kind or end > len(data):
            raise ValueError("a PNG file that is cut off")
        if kind not in (b"iTXt", b"tEXt", b"zTXt") or not data.startswith(key, start + 8):
            parts.append(data[start:end])
        if kind == b"IHDR":
            parts.append(_chunk(b"iTXt", key + b"\0\0\0\0" + text.encoded()[TEXT_KEY].encode()))
        start = end
    return b"".join(parts)


def _chunk(kind: bytes, content: bytes) -> bytes:
    check = zlib.crc32(content, zlib.crc32(kind))
    return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", check)
