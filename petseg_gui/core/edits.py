"""What an edit of a mask remembers, small enough to keep thousands of them.

Values are 0..3, so the exclusive or of the mask before and after says all: it is 0 where nothing
changed, and applied once more it undoes, or redoes, the change.  It is kept for the tiles that
were touched: as one number where a tile changed alike throughout, otherwise as bits, and all of
it deflated.  A brush stroke weighs a few kilobytes, however many mouse events it was made of.
"""

from __future__ import annotations

import sys
import zlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

from model.labels import MaskArray
from petseg_gui.core.rect import Rect

BoolArray = npt.NDArray[np.bool_]

# Small tiles follow a stroke closely, large ones make fills cheap: a tile costs some ten
# microseconds however small it is, and half of 48 megapixels is 1,500 tiles of this size.
_TILE = 128

# How a block's values are kept.  1..3: all its pixels have that value.  _ONE + v: bits, set where
# the value is v and clear where it is 0.  _BOTH: the low bits of all values, then the high bits.
_ONE = 4
_BOTH = 8

_Block = tuple[int, int, MaskArray]
"""Column, row and values, uint8 (h, w)."""


@dataclass(frozen=True, slots=True)
class Edit:
    """One change of a mask, opaque but for where it is and what it weighs.

    Attributes:
        rect: bounding box of the pixels that really changed.
        nbytes: memory the record takes.
    """

    rect: Rect
    nbytes: int
    _data: bytes = field(repr=False)

    def toggle(self, array: MaskArray) -> Rect:
        """Undo the change in an array that has it, or redo it in one that has it not.

        Args:
            array: uint8 (H, W) that the edit was made in; changed in place.

        Returns:
            Where it changed.
        """
        for x, y, values in _decoded(self._data):
            height, width = values.shape
            array[y : y + height, x : x + width] ^= values
        return self.rect


# What the objects round the data weigh: the Edit, its Rect, the integers of both.
_OVERHEAD = 256


class Before:
    """What an array was before a gesture, remembered for the tiles that the gesture touches.

    Args:
        array: uint8 (H, W), values 0..3, about to be changed in place; not copied.
    """

    def __init__(self, array: MaskArray) -> None:
        self._array = array
        self._tiles: dict[tuple[int, int], MaskArray] = {}

    @property
    def nbytes(self) -> int:
        """Memory that the remembered tiles take."""
        return sum(tile.nbytes for tile in self._tiles.values())

    def keep(self, rect: Rect) -> None:
        """Remember what ``rect``, a part of the array, holds; call it before that changes."""
        for corner in _corners(rect):
            if corner not in self._tiles:
                self._tiles[corner] = self._tile(corner).copy()

    def read(self, rect: Rect) -> MaskArray:
        """What ``rect``, a part of the array, held before: uint8 (h, w), a copy."""
        result = self._array[rect.slices].copy()
        for y, x in _corners(rect):
            tile = self._tiles.get((y, x))
            if tile is None:
                continue
            top, left = max(y, rect.y), max(x, rect.x)
            bottom = min(y + tile.shape[0], rect.bottom)
            right = min(x + tile.shape[1], rect.right)
            result[top - rect.y : bottom - rect.y, left - rect.x : right - rect.x] = tile[
                top - y : bottom - y, left - x : right - x
            ]
        return result

    def restore(self) -> None:
        """Make the array what it was, and forget."""
        for corner, tile in self._tiles.items():
            self._tile(corner)[:] = tile
        self._tiles.clear()

    def edit(self) -> Edit | None:
        """The change since then as one record; None when the array is what it was."""
        blocks: list[_Block] = []
        rect = Rect(0, 0, 0, 0)
        for corner in sorted(self._tiles):
            y, x = corner
            trimmed = _trimmed(x, y, self._tile(corner) ^ self._tiles[corner])
            if trimmed is not None:
                blocks.append(trimmed)
                height, width = trimmed[2].shape
                rect = rect.united(Rect(trimmed[0], trimmed[1], width, height))
        if not blocks:
            return None
        data = _encoded(blocks)
        return Edit(rect, _OVERHEAD + sys.getsizeof(data), data)

    def _tile(self, corner: tuple[int, int]) -> MaskArray:
        y, x = corner
        return self._array[y : y + _TILE, x : x + _TILE]


def packed(array: MaskArray) -> bytes:
    """A mask, uint8 (H, W) with values 0..3, in as few bytes as its outlines take."""
    whole = Rect(0, 0, array.shape[1], array.shape[0])
    return _encoded(
        block
        for y, x in _corners(whole)
        if (block := _trimmed(x, y, array[y : y + _TILE, x : x + _TILE])) is not None
    )


def unpacked(data: bytes, shape: tuple[int, int]) -> MaskArray:
    """The mask of that shape that :func:`packed` made the bytes of."""
    array = np.zeros(shape, np.uint8)
    for x, y, values in _decoded(data):
        height, width = values.shape
        array[y : y + height, x : x + width] = values
    return array


def bounds_of(selection: BoolArray) -> Rect | None:
    """The smallest rectangle that holds every selected pixel of a bool (h, w); None: none is."""
    rows = np.flatnonzero(selection.any(axis=1))
    if rows.size == 0:
        return None
    top, bottom = int(rows[0]), int(rows[-1]) + 1
    columns = np.flatnonzero(selection[top:bottom].any(axis=0))
    left, right = int(columns[0]), int(columns[-1]) + 1
    return Rect(left, top, right - left, bottom - top)


def _corners(rect: Rect) -> Iterator[tuple[int, int]]:
    """Row and column of the first pixel of each tile that the rectangle meets."""
    if rect.empty:
        return
    for y in range(rect.y // _TILE * _TILE, rect.bottom, _TILE):
        for x in range(rect.x // _TILE * _TILE, rect.right, _TILE):
            yield y, x


def _trimmed(x: int, y: int, values: MaskArray) -> _Block | None:
    """The block without the rows and columns of zeros around it; None: it is all zeros."""
    if values.min() > 0:
        return x, y, values
    bounds = bounds_of(values.view(np.bool_) if values.flags.c_contiguous else values != 0)
    if bounds is None:
        return None
    return x + bounds.x, y + bounds.y, values[bounds.slices]


def _encoded(blocks: Iterable[_Block]) -> bytes:
    headers: list[tuple[int, int, int, int, int]] = []
    payload: list[bytes] = []
    for x, y, values in blocks:
        height, width = values.shape
        low, high = int(values.min()), int(values.max())
        kind = low
        if low != high:
            lows, highs = np.packbits(values & 1).tobytes(), np.packbits(values & 2).tobytes()
            if lows == highs:
                kind, bits = _ONE + 3, lows
            elif high == 1:
                kind, bits = _ONE + 1, lows
            elif lows.count(0) == len(lows):
                kind, bits = _ONE + 2, highs
            else:
                kind, bits = _BOTH, lows + highs
            payload.append(bits)
        headers.append((x, y, width, height, kind))
    head = np.array(headers, np.int32).reshape(-1, 5)
    # Grouped by column, small and similar numbers follow each other and deflate well.
    parts = [len(headers).to_bytes(4, "little"), head.T.tobytes(), *payload]
    return zlib.compress(b"".join(parts), level=1)


def _decoded(data: bytes) -> Iterator[_Block]:
    raw = zlib.decompress(data)
    count = int.from_bytes(raw[:4], "little")
    headers = np.frombuffer(raw, np.int32, 5 * count, 4).reshape(5, count).T.tolist()
    at = 4 + 20 * count
    for x, y, width, height, kind in headers:
        size = (width * height + 7) // 8
        if kind < _ONE:
            values = np.full((1, 1), kind, np.uint8)
            yield x, y, np.broadcast_to(values, (height, width))
            continue
        values = _bits(raw, at, width * height)
        at += size
        if kind == _BOTH:
            values |= _bits(raw, at, width * height) << 1
            at += size
        elif kind != _ONE + 1:
            values *= np.uint8(kind - _ONE)
        yield x, y, values.reshape(height, width)


def _bits(raw: bytes, offset: int, count: int) -> MaskArray:
    return np.unpackbits(np.frombuffer(raw, np.uint8, (count + 7) // 8, offset), count=count)
