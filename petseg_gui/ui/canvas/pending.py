"""What is pending: a change that is shown and not made yet, a polygon that is not closed yet."""

from __future__ import annotations

from dataclasses import dataclass

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QWidget

from model.labels import Label
from petseg_gui.core.mask import Patch
from petseg_gui.core.session import EditSession
from petseg_gui.core.tool_options import ToolOptions
from petseg_gui.ui.canvas import hints
from petseg_gui.ui.canvas.editing import NO_PREDICTION, EditingSurface
from petseg_gui.ui.canvas.gesture import Gesture, allowed, gesture_of, restored
from petseg_gui.ui.canvas.pyramid import PixelArray
from petseg_gui.ui.canvas.tools import PolygonTool, SmartTool, Tool, Touch


@dataclass(frozen=True, slots=True)
class Preview:
    """A pending change of the mask.

    Attributes:
        patch: what would change.
        name: what undo would call it.
        keep: whoever turns elsewhere wants it (a selection that was drawn); otherwise it was
            only looked at (what a command would do) and is dropped.
    """

    patch: Patch
    name: str
    keep: bool


class PendingSurface(EditingSurface):
    """The canvas's pending changes, and the gestures that commands make.

    Signals:
        previewEnded(bool): the pending change was applied, or (False) dropped.
        stepBackAsked(): the last gesture of the pending selection is to be taken back.
    """

    previewEnded = Signal(bool)  # noqa: N815
    stepBackAsked = Signal()  # noqa: N815

    def __init__(self, parent: QWidget | None = None) -> None:
        self._polygon: PolygonTool | None = None
        self._preview: Preview | None = None
        super().__init__(parent)

    # Changes by commands

    def apply(self, name: str, patch: Patch, *, of: PixelArray | None = None) -> bool:
        """Make a patch one step of undo; what is pending is settled first.

        Args:
            name: what undo calls it.
            patch: of the photo on show.
            of: the ``photo`` that the patch was made for: nothing happens if it is not on show.

        Returns:
            Whether the mask changed.
        """
        if self._session is None or not self._shows(of):
            return False
        if self._locked:
            self.refused.emit(self._locked)
            return False
        self.settle()
        return self._make(Gesture(self._session, name), patch)

    @property
    def preview(self) -> Patch | None:
        """The pending change, as it was given."""
        return None if self._preview is None else self._preview.patch

    def set_preview(
        self,
        patch: Patch | None,
        name: str = "",
        *,
        keep: bool = False,
        of: PixelArray | None = None,
    ) -> bool:
        """Show a pending change, in place of the one before it; the mask stays.

        Args:
            patch: what would change; None: nothing is pending any more.
            name: what undo would call it.
            keep: applied, not dropped, when the user turns elsewhere; the options 'paint only
                over', 'keep the border' and 'model's mask' hold for it as for any tool.
            of: the ``photo`` that the patch was made for: nothing happens if it is not on show.

        Returns:
            Whether it is taken: not without its photo, and not while nothing may be changed.
        """
        if self._session is None or self._locked or not self._shows(of):
            return False
        if patch is not None and self._preview_is_kept and name != self._preview_name:
            # Somebody else's: what is to be kept is kept.
            self._end_preview()
        self._preview = None if patch is None else Preview(patch, name, keep)
        self._show_pending()
        self._state_changed()
        return True

    def _show_pending(self) -> None:
        """Show the preview as it would be made."""
        patch = self.preview
        if patch is not None and self._preview_is_kept and self._session is not None:
            if self._restoring and self._predicted is not None:
                patch = restored(patch, self._predicted)
            if patch is not None:
                patch = allowed(patch, self._session.view(), self._options.only_over)
        self._show_preview(patch)

    def accept_preview(self) -> bool:
        """Make the pending change; returns whether the mask changed by it."""
        if self._preview is None or self._session is None:
            return False
        self._end_drag()
        preview = self._preview
        if preview.keep and self._restoring and self._predicted is None:
            self.refused.emit(NO_PREDICTION)
            self.drop_preview()
            return False
        self.set_preview(None)
        changed = self._make(self._gesture_for(preview), preview.patch)
        self.previewEnded.emit(True)
        return changed

    def _gesture_for(self, preview: Preview) -> Gesture:
        """Begin the gesture of a preview; what a tool drew obeys the tools' options."""
        assert self._session is not None
        if not preview.keep:
            return Gesture(self._session, preview.name)
        value = preview.patch.value
        border = isinstance(value, int) and value == Label.BORDER
        return Gesture(
            self._session,
            preview.name,
            only_over=self._options.only_over,
            keep_border=self._options.keep_border and not self._restoring and not border,
            restoring=self._predicted if self._restoring else None,
        )

    def drop_preview(self) -> bool:
        """Give the pending change up; returns whether there was one."""
        if self._preview is None:
            return False
        self.set_preview(None)
        self.previewEnded.emit(False)
        return True

    @property
    def has_pending(self) -> bool:
        """Whether a preview is shown or a polygon is unfinished."""
        return self._preview is not None or self._polygon is not None

    def settle(self) -> None:
        """Finish what is under way, because the user turns elsewhere.

        A drag is committed; a polygon that encloses something is filled; a preview is applied
        if it is to be kept; everything else is dropped.
        """
        self._end_drag()
        self._end_polygon()
        self._end_preview()

    @property
    def _preview_is_kept(self) -> bool:
        return self._preview is not None and self._preview.keep

    @property
    def _preview_name(self) -> str:
        return "" if self._preview is None else self._preview.name

    def _end_preview(self) -> None:
        if self._preview_is_kept:
            self.accept_preview()
        else:
            self.drop_preview()

    def _shows(self, photo: PixelArray | None) -> bool:
        return photo is None or photo is self.photo

    def _make(self, gesture: Gesture, patch: Patch | None) -> bool:
        """Begin and end a gesture of one patch."""
        self._edited(gesture.paint(patch))
        rect, committed = gesture.finish()
        self._edited(rect)
        if committed:
            self.gestureCommitted.emit()
        return committed

    # The polygon

    def _start(self, tool: Tool, touch: Touch) -> None:
        """A tool's gesture begins: the preview of another one ends."""
        if not (isinstance(tool, SmartTool) and self._preview_is_kept):
            self._end_preview()
        if not isinstance(tool, PolygonTool):
            super()._start(tool, touch)
            return
        if self._polygon is None:
            self._polygon = tool
        self._polygon.context.reach = tool.context.reach
        if self._polygon.closes(touch.point):
            self._end_polygon()
        else:
            self._polygon.press(touch)
        self._state_changed()

    def _end_polygon(self) -> None:
        """Fill the polygon, if it encloses anything, and draw it no more."""
        if self._polygon is None or self._session is None:
            return
        polygon, self._polygon = self._polygon, None
        polygon.context.label, polygon.context.restoring = self._label, self._restoring
        patch = polygon.release()
        refusal = self._refusal(polygon)
        if refusal:
            self.refused.emit(refusal)
        elif patch is not None:
            restoring = None if polygon.value else self._predicted
            self._make(gesture_of(self._session, polygon, restoring), patch)
        self._state_changed()

    def _drop_polygon(self) -> None:
        self._polygon = None
        self._state_changed()

    def _step_back(self) -> None:
        """Take back the last part of what is pending."""
        if self._polygon is not None:
            if not self._polygon.step_back():
                self._polygon = None
            self._state_changed()
        elif self._preview_is_kept:
            self.stepBackAsked.emit()
        else:
            self.drop_preview()

    def _accept_pending(self) -> None:
        """Enter or a double click: a polygon that encloses nothing yet waits for more."""
        if self._polygon is None:
            self.accept_preview()
        elif self._polygon.complete:
            self._end_polygon()

    def _drop_pending(self) -> None:
        if self._polygon is not None:
            self._drop_polygon()
        else:
            self.drop_preview()

    def set_session(self, session: EditSession) -> None:
        """Edit another mask of the photo that is shown; zoom and place stay.

        A drag is committed to the mask before it.  An unfinished polygon, or a selection that
        is to be kept, goes on over the new mask; another preview, which was of the mask before
        it, is dropped.

        Raises:
            ValueError: no photo is shown, or the sizes differ.
        """
        super().set_session(session)
        if self._preview is not None and not self._preview.keep:
            self.drop_preview()

    def set_tool_options(self, options: ToolOptions) -> None:
        """Set the options of the tools; a pending selection follows them at once."""
        super().set_tool_options(options)
        self._show_pending_again()

    def set_restoring(self, restoring: bool) -> None:
        """Paint what the model predicts in place of the chosen class, or that class again."""
        super().set_restoring(restoring)
        self._show_pending_again()

    def _show_pending_again(self) -> None:
        if self._preview_is_kept:
            self._show_pending()

    def _describe(self) -> str:
        if self._polygon is not None:
            return hints.POLYGON_HINT
        if self._preview is not None:
            return hints.KEPT_HINT if self._preview.keep else hints.PREVIEW_HINT
        return super()._describe()
