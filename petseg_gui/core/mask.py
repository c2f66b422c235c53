"""The mask of one photo, and the one routine that changes it.

Every tool hands a :class:`Patch` to :meth:`Mask.apply` and gets back an :class:`Edit`, which
undoes and redoes exactly that change.  Time and memory follow the patch, never the photo.
"""

from __future__ import annotations

import sys
import zlib
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

from model.labels import Label, MaskArray, is_mask

BoolArray = npt.NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Rect:
    """A rectangle of pixels: columns ``x``..``right``-1, rows ``y``..``bottom``-1."""

    x: int
    y: int
    width: int
    height: int

    @property
    def right(self) -> int:
        """The first column to the right of the rectangle."""
        return self.x + self.width

    @property
    def bottom(self) -> int:
        """The first row below the rectangle."""
        return self.y + self.height

    @property
    def empty(self) -> bool:
        """Whether the rectangle holds no pixel."""
        return self.width <= 0 or self.height <= 0

    def united(self, other: Rect) -> Rect:
        """The smallest rectangle that holds both; an empty one adds nothing."""
        if other.empty:
            return self
        if self.empty:
            return other
        x, y = min(self.x, other.x), min(self.y, other.y)
        right, bottom = max(self.right, other.right), max(self.bottom, other.bottom)
        return Rect(x, y, right - x, bottom - y)

    def clipped(self, width: int, height: int) -> Rect:
        """The part inside a picture of that size; ``empty`` where there is none."""
        x, y = min(max(self.x, 0), width), min(max(self.y, 0), height)
        right, bottom = min(self.right, width), min(self.bottom, height)
        return Rect(x, y, max(right - x, 0), max(bottom - y, 0))


@dataclass(frozen=True, slots=True)
class Patch:
    """What a tool wants changed.

    Attributes:
        x: first column of the bounding box; may lie outside the photo.
        y: first row of the bounding box; may lie outside the photo.
        selection: bool (h, w), the pixels of the box that change.
        value: the new label value of all of them (0..3), or uint8 (h, w) of new values.
    """

    x: int
    y: int
    selection: BoolArray
    value: int | MaskArray

    def __post_init__(self) -> None:
        if self.selection.dtype != np.bool_ or self.selection.ndim != 2:
            raise ValueError("a patch's selection is bool (h, w)")
        if isinstance(self.value, np.ndarray):
            if self.value.shape != self.selection.shape or not is_mask(self.value):
                raise ValueError("a patch's values are uint8 of the selection's shape, 0 to 3")
        elif not 0 <= self.value <= Label.BORDER:
            raise ValueError(f"label values are 0 to 3, not {self.value}")


_Values = int | bytes
"""One value for all changed pixels, or zlib-packed uint8, one each, in row order."""


@dataclass(frozen=True, slots=True)
class Edit:
    """One change of a mask, opaque but for where it is and what it weighs.

    Attributes:
        rect: bounding box of the pixels that really changed.
        nbytes: memory the record takes.
    """

    rect: Rect
    nbytes: int
    _changed: bytes = field(repr=False)  # np.packbits over the rectangle, row order
    _old: _Values = field(repr=False)
    _new: _Values = field(repr=False)


def _pack(values: MaskArray) -> _Values:
    """The shortest record of the values, uint8 (n,) with n > 0."""
    first = int(values[0])
    if int(values.min()) == int(values.max()):
        return first
    return zlib.compress(values.data, level=1)


def _unpack(values: _Values) -> int | MaskArray:
    if isinstance(values, int):
        return values
    return np.frombuffer(zlib.decompress(values), np.uint8)


def _trimmed(selection: BoolArray) -> tuple[int, int, int, int] | None:
    """First and past-the-last row and column that hold a selected pixel; None: none does."""
    rows = np.flatnonzero(selection.any(axis=1))
    if rows.size == 0:
        return None
    top, bottom = int(rows[0]), int(rows[-1]) + 1
    columns = np.flatnonzero(selection[top:bottom].any(axis=0))
    return top, bottom, int(columns[0]), int(columns[-1]) + 1


# What the objects round the three payloads weigh: the Edit, its Rect, its own two integers.
_OVERHEAD = 256


class Mask:
    """The label values of one photo.

    Args:
        array: uint8 (H, W), values 0..3; copied.

    Raises:
        ValueError: ``array`` is not a mask.
    """

    def __init__(self, array: MaskArray) -> None:
        if not is_mask(array):
            raise ValueError(f"a mask is uint8 (H, W), 0 to 3, not {array.dtype} {array.shape}")
        self._array: MaskArray = np.array(array, order="C")
        self._view = self._array.view()
        self._view.flags.writeable = False

    @property
    def shape(self) -> tuple[int, int]:
        """(rows, columns)."""
        height, width = self._array.shape
        return height, width

    def view(self) -> MaskArray:
        """The live values, uint8 (H, W), read-only and not copied."""
        return self._view

    def apply(self, patch: Patch) -> Edit | None:
        """Change the mask as the patch says: the only routine that does.

        Returns:
            The record that undoes it, with the bounding box of the pixels that really changed;
            None when no pixel of the photo gets another value than it has.
        """
        height, width = self.shape
        rows, columns = patch.selection.shape
        box = Rect(patch.x, patch.y, columns, rows).clipped(width, height)
        if box.empty:
            return None
        inner = np.s_[box.y - patch.y : box.bottom - patch.y, box.x - patch.x : box.right - patch.x]
        value = patch.value[inner] if isinstance(patch.value, np.ndarray) else patch.value
        current = self._array[box.y : box.bottom, box.x : box.right]
        changed = current != value
        changed &= patch.selection[inner]
        trim = _trimmed(changed)
        if trim is None:
            return None
        top, bottom, left, right = trim
        changed = changed[top:bottom, left:right]
        current = current[top:bottom, left:right]
        old = _pack(current[changed])
        new: _Values
        if isinstance(value, np.ndarray):
            fresh = value[top:bottom, left:right][changed]
            new = _pack(fresh)
            current[changed] = fresh
        else:
            new = int(value)
            np.copyto(current, np.uint8(value), where=changed)
        bits = np.packbits(changed).tobytes()
        nbytes = _OVERHEAD + sum(sys.getsizeof(part) for part in (bits, old, new))
        rect = Rect(box.x + left, box.y + top, right - left, bottom - top)
        return Edit(rect, nbytes, bits, old, new)

    def revert(self, edit: Edit) -> Rect:
        """Take back an edit, the latest not yet taken back; return where the mask changed."""
        return self._write(edit, _unpack(edit._old))

    def reapply(self, edit: Edit) -> Rect:
        """Make an edit again that was taken back; return where the mask changed."""
        return self._write(edit, _unpack(edit._new))

    def _write(self, edit: Edit, values: int | MaskArray) -> Rect:
        rect = edit.rect
        count = rect.width * rect.height
        bits = np.unpackbits(np.frombuffer(edit._changed, np.uint8), count=count)
        changed = bits.view(np.bool_).reshape(rect.height, rect.width)
        region = self._array[rect.y : rect.bottom, rect.x : rect.right]
        if isinstance(values, int):
            np.copyto(region, np.uint8(values), where=changed)
        else:
            region[changed] = values
        return rect
