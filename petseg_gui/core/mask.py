"""The mask of one photo, and the one routine that changes it.

Every tool hands a :class:`Patch` to :meth:`Mask.apply` and gets back an :class:`Edit`, which
undoes and redoes exactly that change.  Time and memory follow the patch, never the photo.
"""

from __future__ import annotations

import weakref
from dataclasses import dataclass

import cv2
import numpy as np

from model.labels import Label, MaskArray, is_mask
from petseg_gui.core.edits import Before, BoolArray, Edit, bounds_of, packed, unpacked
from petseg_gui.core.rect import Rect
from petseg_gui.core.tool_options import ALL_LABELS

__all__ = ["BoolArray", "Edit", "Mask", "Patch", "Rect"]


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


class Mask:
    """The label values of one photo.

    Args:
        array: uint8 (H, W), values 0..3; copied.
        own: it is given away: it is changed in place, and copied only if it must not be.

    Raises:
        ValueError: ``array`` is not a mask.
    """

    def __init__(self, array: MaskArray, *, own: bool = False) -> None:
        if not is_mask(array):
            raise ValueError(f"a mask is uint8 (H, W), 0 to 3, not {array.dtype} {array.shape}")
        height, width = array.shape
        self._shape = (height, width)
        self._array: MaskArray | None = None
        self._packed = b""
        self._hold(np.require(array, None, ["C", "W"]) if own else np.array(array, order="C"))

    @property
    def shape(self) -> tuple[int, int]:
        """(rows, columns)."""
        return self._shape

    @property
    def nbytes(self) -> int:
        """Memory that the values take at present, packed or not."""
        return len(self._packed) if self._array is None else self._array.nbytes

    def view(self) -> MaskArray:
        """The live values, uint8 (H, W), read-only and not copied."""
        self._values()
        return self._view

    def apply(self, patch: Patch, only_over: frozenset[int] = ALL_LABELS) -> Edit | None:
        """Change the mask as the patch says.

        Args:
            patch: what is to change.
            only_over: pixels that have another value than these stay as they are.

        Returns:
            The record that undoes it, with the bounding box of the pixels that really changed;
            None when no pixel of the photo gets another value than it has.
        """
        before = self.remember()
        self.change(patch, before, only_over)
        return before.edit()

    def remember(self) -> Before:
        """What the mask is now; :meth:`change` fills it in where the mask is changed."""
        return Before(self._values())

    def change(
        self, patch: Patch, before: Before, only_over: frozenset[int] = ALL_LABELS
    ) -> Rect | None:
        """The one routine that changes the mask: as the patch says, and as part of a gesture.

        Args:
            patch: what is to change.
            before: of :meth:`remember` at the start of the gesture; gets what is overwritten.
            only_over: pixels that have another value than these stay as they are.

        Returns:
            Bounding box of the pixels that really changed; None when none did.
        """
        height, width = self.shape
        rows, columns = patch.selection.shape
        box = Rect(patch.x, patch.y, columns, rows).clipped(width, height)
        if box.empty:
            return None
        inner = Rect(box.x - patch.x, box.y - patch.y, box.width, box.height).slices
        value = patch.value[inner] if isinstance(patch.value, np.ndarray) else patch.value
        current = self._values()[box.slices]
        changed = current != value
        changed &= patch.selection[inner]
        if not only_over >= ALL_LABELS:
            changed &= _one_of(current, only_over)
        bounds = bounds_of(changed)
        if bounds is None:
            return None
        rect = Rect(box.x + bounds.x, box.y + bounds.y, bounds.width, bounds.height)
        before.keep(rect)
        fresh = value[bounds.slices] if isinstance(value, np.ndarray) else np.uint8(value)
        np.copyto(current[bounds.slices], fresh, where=changed[bounds.slices])
        return rect

    def revert(self, edit: Edit) -> Rect:
        """Take back an edit, the latest not yet taken back; return where the mask changed."""
        return edit.toggle(self._values())

    def reapply(self, edit: Edit) -> Rect:
        """Make an edit again that was taken back; return where the mask changed."""
        return edit.toggle(self._values())

    def pack(self) -> None:
        """Keep the values compressed until they are wanted again."""
        if self._array is None:
            return
        self._packed = packed(self._array)
        # Whoever still holds a view must not be left with one that is no longer live.
        self._shown = weakref.ref(self._array)
        self._array = None
        del self._view

    def _values(self) -> MaskArray:
        if self._array is None:
            shown = self._shown()
            self._hold(unpacked(self._packed, self._shape) if shown is None else shown)
            self._packed = b""
        assert self._array is not None
        return self._array

    def _hold(self, array: MaskArray) -> None:
        self._array = array
        self._view = array.view()
        self._view.flags.writeable = False


def _one_of(values: MaskArray, allowed: frozenset[int]) -> BoolArray:
    """Where the values, uint8 (h, w), are among those allowed."""
    table = np.zeros(256, np.uint8)
    table[list(allowed)] = 1
    return cv2.LUT(values, table).view(np.bool_)
