"""Damages of files: bytes that change by chance, and fields of formats that say what is not so."""

from __future__ import annotations

import json
import random
import struct
import zlib
from collections.abc import Callable, Iterator
from typing import Any, Literal

Damage = Callable[[bytearray, random.Random], None]

NUMBERS = (0, 1, 2, 0x7F, 0xFF, 0x7FFF, 0xFFFF, 0x10000, 0x7FFFFFFF, 0x80000000, 0xFFFFFFFF)


def flip_bytes(data: bytearray, dice: random.Random) -> None:
    for _ in range(dice.choice((1, 1, 2, 4, 16, 64))):
        data[dice.randrange(len(data))] = dice.choice((0, 1, 127, 128, 255, dice.randrange(256)))


def flip_head(data: bytearray, dice: random.Random) -> None:
    for _ in range(dice.choice((1, 2, 3))):
        data[dice.randrange(min(128, len(data)))] = dice.randrange(256)


def cut(data: bytearray, dice: random.Random) -> None:
    del data[dice.randrange(len(data)) :]


def leave_out(data: bytearray, dice: random.Random) -> None:
    start = dice.randrange(len(data))
    del data[start : start + dice.randrange(1, 64)]


def repeat(data: bytearray, dice: random.Random) -> None:
    start = dice.randrange(len(data))
    data[start:start] = data[start : start + dice.randrange(1, 64)] * dice.choice((1, 10, 1000))


def large_number(data: bytearray, dice: random.Random) -> None:
    start = dice.randrange(len(data))
    number = dice.choice(NUMBERS)
    data[start : start + 4] = number.to_bytes(4, dice.choice(("big", "little")))


def zeros(data: bytearray, dice: random.Random) -> None:
    start = dice.randrange(len(data))
    end = min(len(data), start + dice.choice((16, 512, 4096)))
    data[start:end] = bytes(end - start)


ANYWHERE: tuple[Damage, ...] = (
    *(flip_bytes, flip_head, flip_head, cut, leave_out, repeat, large_number, large_number, zeros),
)


# -- fields of formats: whatever is changed, sums and places stay right -------------------------


def png_chunks(data: bytes) -> list[tuple[bytes, bytes]]:
    chunks, start = [], 8
    while start + 12 <= len(data):
        (length,) = struct.unpack_from(">I", data, start)
        chunks.append((data[start + 4 : start + 8], data[start + 8 : start + 8 + length]))
        start += 12 + length
    return chunks


def png_file(chunks: list[tuple[bytes, bytes]]) -> bytes:
    return b"\x89PNG\r\n\x1a\n" + b"".join(
        struct.pack(">I", len(content))
        + kind
        + content
        + struct.pack(">I", zlib.crc32(kind + content))
        for kind, content in chunks
    )


def png(data: bytearray, dice: random.Random) -> None:
    """Sizes, kinds, palettes, order and compressed texts of a PNG, with the right check sums."""
    chunks = png_chunks(bytes(data))
    if not chunks:
        return
    at, way = dice.randrange(len(chunks)), dice.randrange(7)
    kind, content = chunks[at]
    if way == 0 and len(chunks[0][1]) == 13:
        head = bytearray(chunks[0][1])
        field = dice.choice(((0, 4), (4, 8), (8, 9), (9, 10), (12, 13)))
        size = field[1] - field[0]
        head[slice(*field)] = (dice.choice(NUMBERS) % 256**size).to_bytes(size, "big")
        chunks[0] = (chunks[0][0], bytes(head))
    elif way == 1:
        chunks.insert(dice.randrange(len(chunks)), chunks[at])
    elif way == 2:
        del chunks[at]
    elif way == 3:
        dice.shuffle(chunks)
    elif way == 4:
        bomb = zlib.compress(bytes(dice.choice((1, 200_000, 30_000_000))))
        name = dice.choice((b"zTXt", b"iTXt", b"iCCP", b"IDAT", b"eXIf"))
        inside = {b"IDAT": bomb, b"eXIf": b"MM\0*" + bomb}.get(name, b"petseg\0\0" + bomb)
        if name == b"iTXt":
            inside = b"petseg\0\x01\0\0\0" + bomb
        chunks.insert(dice.randrange(1, len(chunks) + 1), (name, inside))
    elif way == 5:
        changed = bytearray(content or b"\0")
        dice.choice(ANYWHERE)(changed, dice)
        chunks[at] = (kind, bytes(changed))
    else:
        chunks[at:at] = [(b"tEXt", b"x\0y")] * dice.choice((10, 20_000))
    data[:] = png_file(chunks)


def jpeg(data: bytearray, dice: random.Random) -> None:
    """Lengths, sizes and numbers of components in the segments before the pixels."""
    places, start = [], 2
    while start + 4 < len(data) and data[start] == 0xFF:
        places.append(start)
        start += 2 + int.from_bytes(data[start + 2 : start + 4], "big")
    if not places:
        return
    at = dice.choice(places)
    frames = [place for place in places if 0xC0 <= data[place + 1] <= 0xC2]
    way = dice.randrange(4)
    if way == 0 and frames:
        field = frames[0] + dice.choice((5, 7))
        data[field : field + 2] = dice.choice((0, 1, 0x7FFF, 0xFFFF)).to_bytes(2, "big")
    elif way == 1:
        data[at + 2 : at + 4] = dice.choice((0, 1, 2, 3, 0xFFFF)).to_bytes(2, "big")
    elif way == 2:
        data[at + 1] = dice.randrange(0xC0, 0x100)
    else:
        length = 2 + int.from_bytes(data[at + 2 : at + 4], "big")
        data[at:at] = data[at : at + length] * dice.choice((1, 3, 300))


def tiff(data: bytearray, dice: random.Random) -> None:
    """A number, count, kind or place in a table of a TIFF file, or of EXIF in any other file."""
    heads = [at for mark in (b"II*\0", b"MM\0*") for at in _all(data, mark)]
    if not heads:
        return
    head = dice.choice(heads)
    order: Literal["little", "big"] = "little" if data[head] == 0x49 else "big"
    table = head + int.from_bytes(data[head + 4 : head + 8], order)
    entries = int.from_bytes(data[table : table + 2], order)
    way = dice.randrange(5)
    if way == 0:
        data[head + 4 : head + 8] = dice.choice((*NUMBERS, 8)).to_bytes(4, order)
    elif way == 1:
        data[table : table + 2] = dice.choice((0, 1, 0xFF, 0xFFFF)).to_bytes(2, order)
    elif way == 2:  # the table after it: itself
        end = table + 2 + 12 * entries
        data[end : end + 4] = dice.choice((table - head, 8, 0xFFFFFFFF)).to_bytes(4, order)
    elif entries:
        entry = table + 2 + 12 * dice.randrange(min(entries, 40))
        place, size = dice.choice(((0, 2), (2, 2), (4, 4), (8, 4)))
        number = dice.choice((*NUMBERS, 256, 257, 258, 259, 273, 277, 279, 322, 324, 330, 0x8769))
        value = (number % 256**size).to_bytes(size, order)
        data[entry + place : entry + place + size] = value


def boxes(data: bytearray, dice: random.Random) -> None:
    """Lengths and contents of the boxes of HEIC and AVIF, and of the chunks of WebP."""
    names = (
        *(b"meta", b"iloc", b"ispe", b"iinf", b"iprp", b"ipco", b"ipma", b"hvcC", b"av1C", b"mdat"),
        *(b"iref", b"irot", b"pitm", b"VP8X", b"VP8 ", b"VP8L", b"ANIM", b"ANMF", b"EXIF", b"RIFF"),
    )
    places = [at for name in names for at in _all(data, name)]
    if not places:
        return
    at, number = dice.choice(places), dice.choice(NUMBERS)
    order: Literal["little", "big"] = "little" if bytes(data[:4]) == b"RIFF" else "big"
    field = dice.choice((-4, 4, 8, 12, 16, 20))
    if field == -4 and order == "little":
        field = 4
    if at + field >= 0:
        data[at + field : at + field + 4] = number.to_bytes(4, order)


def small_heads(data: bytearray, dice: random.Random) -> None:
    """Sizes, depths and ways of compression in the heads of BMP and GIF."""
    if bytes(data[:2]) == b"BM":
        place, size = dice.choice(((10, 4), (14, 4), (18, 4), (22, 4), (28, 2), (30, 4), (46, 4)))
    else:
        frame = data.find(b",", 13)
        choices = ((6, 2), (8, 2), (10, 1), (frame + 5, 2), (frame + 7, 2), (frame + 10, 1))
        place, size = dice.choice(choices)
    value = dice.choice((*NUMBERS, 0xFFFFFFF0, 3, 16, 24, 32)) % 256**size
    data[place : place + size] = value.to_bytes(size, "little")


def _all(data: bytearray, mark: bytes) -> Iterator[int]:
    at = data.find(mark)
    while at >= 0:
        yield at
        at = data.find(mark, at + 1)


def fields_of(data: bytes) -> tuple[Damage, ...]:
    """The damages that know the format."""
    if data.startswith(b"\x89PNG"):
        return png, png, tiff
    if data.startswith(b"\xff\xd8"):
        return jpeg, jpeg, tiff
    if data[:2] in (b"II", b"MM"):
        return (tiff,)
    if data[:2] == b"BM" or data[:3] == b"GIF":
        return (small_heads,)
    return boxes, boxes, tiff


def damaged(data: bytes, dice: random.Random) -> bytes:
    """A file with a few faults, of its format and of any sort."""
    found, fields = bytearray(data), fields_of(data)
    for _ in range(dice.choice((1, 1, 1, 2, 3))):
        if not found:
            break
        dice.choice(fields if dice.random() < 0.5 else ANYWHERE)(found, dice)
    return bytes(found)


# -- texts -------------------------------------------------------------------------------------

TOKENS = (
    b"null", b"true", b"-1", b"0", b"1e308", b"-1e308", b"1e999", b"NaN", b"99999999999999999999",
    b"[]", b"{}", b'""', b"[[[[", b"]", b"}", b'"\\ud800"', b"\0", b"\xff", b"0.5", b"..", b"/",
)  # fmt: skip


def damaged_text(data: bytes, dice: random.Random) -> bytes:
    """A text with the faults that texts have."""
    found = bytearray(data)
    for _ in range(dice.randint(1, 4)):
        if not found:
            break
        at, way = dice.randrange(len(found)), dice.randrange(6)
        if way == 0:
            del found[at:]
        elif way == 1:
            found[at] = dice.randrange(256)
        elif way == 2:
            end = min(len(found), at + dice.randint(1, 40))
            found[at:end] = found[at:end] * dice.randint(2, 5)
        elif way == 3:
            del found[at : at + dice.randint(1, 40)]
        elif way == 4:
            found[at:at] = dice.choice(TOKENS)
        else:  # a number or a word becomes another
            end = at
            while end < len(found) and chr(found[end]).isalnum():
                end += 1
            found[at:end] = dice.choice(TOKENS)
    return bytes(found)


_VALUES: tuple[Any, ...] = (
    *(None, True, False, -1, 0, 1, 2**31, 2**63, 2**64, -(2**63), 10**400, 0.5, 1e308, -1e308),
    *(float("nan"), float("inf"), "", "..", "../../outside", "/etc/passwd", "a\0b", "\ud800"),
    *("C:\\x", "x" * 100_000, "img1.png", [], {}, [[]], [None] * 1000, [0] * 50_000, {"": {}}),
    *([[0, 0]] * 30_000, [1e308] * 8, [-1, -1, -1], {"size": [1, 1], "counts": [1]}),
    {"size": [2**31, 2**31], "counts": [2**62]},
)


def damaged_json(data: bytes, dice: random.Random) -> bytes:
    """A JSON text in which values, names or whole branches are others; or damaged as a text."""
    if dice.random() < 0.4:
        return damaged_text(data, dice)
    try:
        content = json.loads(data)
    except ValueError:
        return damaged_text(data, dice)
    for _ in range(dice.choice((1, 1, 2, 4))):
        content = _changed(content, dice)
    text = json.dumps(content)
    if dice.random() < 0.1:
        deep = dice.choice((50, 900, 1100, 100_000))
        text = text.replace(dice.choice(("0", "[", '"')), "[" * deep + "]" * deep, 1)
    return text.encode("utf-8", "surrogatepass")


def _changed(content: Any, dice: random.Random) -> Any:
    """The same with one place in it changed, the deeper the likelier."""
    if not isinstance(content, dict | list) or not content or dice.random() < 0.15:
        return dice.choice(_VALUES)
    way = dice.randrange(8)
    if isinstance(content, dict):
        key = dice.choice(list(content))
        if way == 0:
            return {name: value for name, value in content.items() if name != key}
        name = dice.choice(("", "x", "petseg", "__class__")) if way == 1 else key
        return content | {name: _changed(content[key], dice)}
    at = dice.randrange(len(content))
    changed = [_changed(content[at], dice)] if way > 1 else content[at : at + 1] * 500 * way
    return [*content[:at], *changed, *content[at + 1 :]]
