"""What the pointer shows: the brush's ring, a cursor, the line of a gesture, the pixel under it."""

from __future__ import annotations

import math

from PySide6.QtCore import QPointF, Qt, Signal
from PySide6.QtWidgets import QWidget

from petseg_gui.ui.canvas.area_cursors import AreaCursors
from petseg_gui.ui.canvas.cursor import SMALLEST_RING, BrushCursor
from petseg_gui.ui.canvas.outline import Outline
from petseg_gui.ui.canvas.pending import PendingSurface
from petseg_gui.ui.canvas.tools import Touch, pressed

NO_BUTTON = Qt.MouseButton.NoButton


class PointedSurface(PendingSurface):
    """The canvas, told where the pointer is and which keys are held.

    Signals:
        pointerMoved(object): (column, row) of the photo pixel under the pointer, or None.
    """

    pointerMoved = Signal(object)  # noqa: N815

    def __init__(self, parent: QWidget | None = None) -> None:
        self._pan_button = NO_BUTTON
        self._wiping = False
        self._over_wipe = False
        self._space = False
        self._shift = False
        self._pressure = 1.0
        self._pointer: QPointF | None = None
        self._pointer_pixel: tuple[int, int] | None = None
        self._area_cursors = AreaCursors()
        super().__init__(parent)
        self.wipeChanged.connect(self._pointer_changed)
        self.viewModeChanged.connect(self._pointer_changed)

    def _view_changed(self) -> None:
        super()._view_changed()
        self._pointer_changed()

    def _state_changed(self) -> None:
        super()._state_changed()
        self._choose_cursor()

    def _pointer_changed(self) -> None:
        """The pointer, or what lies under it, has moved."""
        over_wipe = self._pointer is not None and self.wipe_at(self._pointer)
        if over_wipe != self._over_wipe:
            self._over_wipe = over_wipe
            self._choose_cursor()
        self._place_ring()
        self._draw_outline()
        pixel: tuple[int, int] | None = None
        if self._pointer is not None and self._session is not None:
            x, y = (math.floor(value) for value in self.widget_to_image(self._pointer))
            rows, columns = self._session.shape
            if 0 <= x < columns and 0 <= y < rows:
                pixel = (x, y)
        if pixel != self._pointer_pixel:
            self._pointer_pixel = pixel
            self.pointerMoved.emit(pixel)

    def _place_ring(self) -> None:
        if self._pointer is None or not self._ringed:
            self._set_ring(None)
            return
        ratio = self._view.ratio
        diameter = pressed(self._brush.diameter, self._pressure) * self._view.scale
        # A ring about as large as the window may leave nothing of itself in view.
        crossed = diameter < SMALLEST_RING or diameter > ratio * min(self.width(), self.height())
        x, y = self._pointer.x() * ratio, self._pointer.y() * ratio
        square = self._options.square_brush
        self._set_ring(BrushCursor(x, y, diameter, max(1, round(ratio)), crossed, square))

    def _draw_outline(self) -> None:
        self.set_outline(self._outline_now())

    def _outline_now(self) -> Outline | None:
        """What the gesture, the polygon, or Shift with the brush draws over the photo."""
        if self._drag is not None:
            return self._drag.tool.outline()
        if self._polygon is not None:
            if self._pointer is not None:
                self._polygon.move(Touch(self.widget_to_image(self._pointer)))
            return self._polygon.outline()
        if self._shift and self._ringed and self._pointer is not None and self._last_end:
            return Outline((self._last_end, self.widget_to_image(self._pointer)))
        return None

    @property
    def _usable(self) -> bool:
        return self.has_document and self.isEnabled()

    @property
    def _ringed(self) -> bool:
        """Whether the brush's outline is the cursor."""
        moving = self._panning or self._space or self._wiping or self._aims_at_wipe
        return self._usable and self._tool.ring and not moving and self._can_paint

    @property
    def _aims_at_wipe(self) -> bool:
        """Whether a press would take hold of the divider between before and after."""
        return self._over_wipe and self._drag is None

    @property
    def _panning(self) -> bool:
        return self._pan_button != NO_BUTTON

    def _choose_cursor(self) -> None:
        if not self._usable:
            self.unsetCursor()
        elif self._panning:
            self.setCursor(Qt.CursorShape.ClosedHandCursor)
        elif self._space:
            self.setCursor(Qt.CursorShape.OpenHandCursor)
        elif self._wiping or self._aims_at_wipe:
            self.setCursor(Qt.CursorShape.SplitHCursor)
        elif not self._can_paint:
            self.setCursor(Qt.CursorShape.ForbiddenCursor)
        elif self._tool.ring:
            self.setCursor(Qt.CursorShape.BlankCursor)
        else:
            box = self._tool.name == "smart" and self._options.smart_box
            name = "box" if box else self._tool.name
            self.setCursor(self._area_cursors.of(name, self.devicePixelRatioF()))

    def _set_panning(self, button: Qt.MouseButton) -> None:
        self._pan_button = button
        self._hand_changed()

    def _hand_changed(self) -> None:
        self._choose_cursor()
        self._place_ring()
        self._draw_outline()

    def _point_at(self, position: QPointF | None) -> None:
        """The pointer is here, in widget coordinates, or gone."""
        self._pointer = position
        self._pointer_changed()
