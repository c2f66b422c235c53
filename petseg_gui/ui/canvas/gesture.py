"""One step of undo: what a drag, a polygon or a command does to a session, and a drag's tool."""

from __future__ import annotations

import numpy as np

from model.labels import Label, MaskArray
from petseg_gui.core.border import kept_border_patch
from petseg_gui.core.mask import BoolArray, Patch, Rect
from petseg_gui.core.session import EditSession
from petseg_gui.core.tool_options import ALL_LABELS
from petseg_gui.ui.canvas.tools import SmartTool, Tool, Touch


class Gesture:
    """A change of a session's mask, begun, painted, and committed or aborted as one undo entry.

    Args:
        session: the photo being edited; its gesture begins here.
        name: what undo calls it.
        only_over: pixels of other values stay.
        keep_border: lay the border anew along what changed when the gesture ends.
        restoring: uint8 (H, W), the values that are laid instead of the patches' own.
    """

    def __init__(
        self,
        session: EditSession,
        name: str,
        *,
        only_over: frozenset[int] = ALL_LABELS,
        keep_border: bool = False,
        restoring: MaskArray | None = None,
    ) -> None:
        self._session = session
        self._only_over = only_over
        self._keep_border = keep_border
        self._restoring = restoring
        session.begin(name)

    def paint(self, patch: Patch | None) -> Rect | None:
        """Lay a patch; returns what changed."""
        if patch is not None and self._restoring is not None:
            patch = restored(patch, self._restoring)
        if patch is None:
            return None
        return self._session.paint(patch, only_over=self._only_over)

    def finish(self) -> tuple[Rect | None, bool]:
        """End it: what the border's keeping changed, and whether the gesture changed anything."""
        rect: Rect | None = None
        if self._keep_border and self._session.changed is not None:
            # The border follows the outline; it is no tool that 'paint only over' could hold back.
            border = kept_border_patch(self._session)
            rect = None if border is None else self._session.paint(border)
        return rect, self._session.commit()

    def abort(self) -> Rect | None:
        """Take everything back; returns what changed."""
        return self._session.abort()


class Drag:
    """A tool from press to release, with the gesture that takes what it paints.

    Args:
        session: the photo being edited.
        tool: what the pointer does.
        restoring: the values that are laid instead of the tool's, where it restores.
    """

    def __init__(self, session: EditSession, tool: Tool, restoring: MaskArray | None) -> None:
        self.tool = tool
        self._session = session
        self._restoring = restoring
        self._gesture: Gesture | None = None

    def press(self, touch: Touch) -> Rect | None:
        """Start; returns what changed."""
        patch = self.tool.press(touch)
        if isinstance(self.tool, SmartTool):
            return None
        self._gesture = gesture_of(self._session, self.tool, self._restoring)
        return self._gesture.paint(patch)

    def move(self, touch: Touch) -> Rect | None:
        """Go on; returns what changed."""
        patch = self.tool.move(touch)
        return None if self._gesture is None else self._gesture.paint(patch)

    def finish(self) -> tuple[list[Rect], bool]:
        """End it: what the release itself changed, and whether the gesture changed anything."""
        if self._gesture is None:
            return [], False
        rect = self._gesture.paint(self.tool.release())
        border, committed = self._gesture.finish()
        return [r for r in (rect, border) if r is not None], committed

    def abort(self) -> Rect | None:
        """Take everything back; returns what changed."""
        return None if self._gesture is None else self._gesture.abort()


def gesture_of(session: EditSession, tool: Tool, restoring: MaskArray | None) -> Gesture:
    """Begin the gesture that takes a tool's patches, by the tool's options."""
    options = tool.context.options
    by_hand = tool.value == Label.BORDER
    return Gesture(
        session,
        tool.gesture_name,
        only_over=options.only_over,
        # What is restored is the model's mask, its border too.
        keep_border=options.keep_border and restoring is None and not by_hand,
        restoring=restoring,
    )


def allowed(patch: Patch, mask: MaskArray, only_over: frozenset[int]) -> Patch | None:
    """The part of a patch that may change a mask, uint8 (H, W), now; None: it lies outside."""
    if only_over >= ALL_LABELS:
        return patch
    inner = _inside(patch, mask)
    if inner is None:
        return None
    box, selection = inner
    values = mask[box.y : box.bottom, box.x : box.right]
    value = patch.value
    if not isinstance(value, int):
        value = value[box.y - patch.y :, box.x - patch.x :][: box.height, : box.width]
    return Patch(box.x, box.y, selection & np.isin(values, list(only_over)), value)


def restored(patch: Patch, values: MaskArray) -> Patch | None:
    """The same pixels with other values: uint8 (H, W), of the photo; None: none lies in it."""
    inner = _inside(patch, values)
    if inner is None:
        return None
    box, selection = inner
    return Patch(box.x, box.y, selection, values[box.y : box.bottom, box.x : box.right])


def _inside(patch: Patch, mask: MaskArray) -> tuple[Rect, BoolArray] | None:
    """The part of the patch's box and selection that lies in a mask of this size."""
    rows, columns = mask.shape
    height, width = patch.selection.shape
    box = Rect(patch.x, patch.y, width, height).clipped(columns, rows)
    if box.empty:
        return None
    top, left = box.y - patch.y, box.x - patch.x
    return box, patch.selection[top : top + box.height, left : left + box.width]
