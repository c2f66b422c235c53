"""The canvas widget: turns the pointer into edits of a session, and shows them at once."""

from __future__ import annotations

import math

from PySide6.QtCore import QEvent, QPointF, Qt, Signal
from PySide6.QtGui import (
    QEnterEvent,
    QFocusEvent,
    QHideEvent,
    QKeyEvent,
    QMouseEvent,
    QNativeGestureEvent,
    QWheelEvent,
)
from PySide6.QtWidgets import QWidget

from model.labels import Label
from petseg_gui.core.mask import Rect
from petseg_gui.core.session import EditSession
from petseg_gui.ui.canvas.cursor import SMALLEST_RING, BrushCursor
from petseg_gui.ui.canvas.gesture import Gesture
from petseg_gui.ui.canvas.navigation import WheelKind, wheel_intent
from petseg_gui.ui.canvas.pyramid import PhotoPyramid, PixelArray
from petseg_gui.ui.canvas.surface import PhotoSurface, check_label
from petseg_gui.ui.canvas.tools import Tool, ToolContext, find_tool

MIN_DIAMETER = 1.0
MAX_DIAMETER = 2000.0


class Canvas(PhotoSurface):
    """The photo, its mask, and the tools that change it.

    The left button paints the chosen class, the right one the other (background, as a rule).
    The middle button, or Space and a drag, moves the photo; the wheel zooms at the pointer, and
    with Shift sets the brush's size.  Escape during a drag takes the drag back.

    Signals:
        gestureCommitted(): a drag that changed the mask has ended.
        maskChanged(Rect): the canvas changed the mask inside this rectangle of the photo.
        brushDiameterChanged(float): photo pixels.
        pointerMoved(object): (column, row) of the photo pixel under the pointer, or None.
    """

    gestureCommitted = Signal()  # noqa: N815
    maskChanged = Signal(object)  # noqa: N815
    brushDiameterChanged = Signal(float)  # noqa: N815
    pointerMoved = Signal(object)  # noqa: N815

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._session: EditSession | None = None
        self._tool: type[Tool] = find_tool("brush")
        self._diameter = 40.0
        self._label = int(Label.PET)
        self._gesture: Gesture | None = None
        self._gesture_button = Qt.MouseButton.NoButton
        self._pan_button = Qt.MouseButton.NoButton
        self._pan_from = QPointF()
        self._space = False
        self._pointer: QPointF | None = None
        self._pointer_pixel: tuple[int, int] | None = None
        self.setObjectName("canvas")
        self.setAccessibleName("Photo and mask")
        self.setAccessibleDescription(
            "Drag to paint the chosen class on the photo, with the right button to erase. "
            "The wheel zooms; hold Space and drag to move the photo."
        )
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setMouseTracking(True)

    # The document

    @property
    def has_document(self) -> bool:
        """Whether a photo is shown."""
        return self._session is not None

    def set_document(self, photo: PixelArray | PhotoPyramid, session: EditSession) -> None:
        """Show a photo and edit its mask.

        A drag in progress on the photo before it is committed first.

        Args:
            photo: uint8 (H, W, 3), RGB, kept and not copied; or a pyramid of it that was
                prepared elsewhere, which spares this thread the work for a large photo.
            session: of the same size.

        Raises:
            ValueError: not a photo, or the sizes differ; what is shown stays.
        """
        pyramid = photo if isinstance(photo, PhotoPyramid) else PhotoPyramid(photo)
        _check_size(pyramid, session)
        self._end_gesture()
        self._session = session
        self._show_photo(pyramid, session.view())
        self._pointer_changed()
        self._choose_cursor()

    def set_session(self, session: EditSession) -> None:
        """Edit another mask of the photo that is shown; zoom and place stay.

        Raises:
            ValueError: no photo is shown, or the sizes differ.
        """
        if self._photo is None:
            raise ValueError("there is no photo that this mask could belong to")
        _check_size(self._photo, session)
        self._end_gesture()
        self._session = session
        self._show_mask(session.view())

    def clear_document(self) -> None:
        """Show no photo; a drag in progress is committed."""
        self._end_gesture()
        self._session = None
        self._show_photo(None, PhotoSurface.mask(self)[:0, :0])
        self._pointer_changed()
        self._choose_cursor()

    def refresh(self, rect: Rect | None = None) -> None:
        """Redraw what was changed from elsewhere (undo, redo): this rectangle, or everything."""
        self._mask_changed(rect)

    # Tools

    @property
    def tool(self) -> str:
        """The name of the tool in use."""
        return self._tool.name

    def set_tool(self, name: str) -> None:
        """Use a tool from the next drag on.

        Raises:
            ValueError: there is no such tool, or it is not available yet.
        """
        self._tool = find_tool(name)
        self._choose_cursor()
        self._place_ring()

    @property
    def label(self) -> int:
        """The class that the brush paints: 1 pet, 2 background, 3 border."""
        return self._label

    def set_label(self, value: int) -> None:
        """Choose the class to paint, from the next drag on.

        Raises:
            ValueError: ``value`` is not 1, 2 or 3.
        """
        check_label(value)
        self._label = int(value)

    @property
    def brush_diameter(self) -> float:
        """Photo pixels."""
        return self._diameter

    def set_brush_diameter(self, photo_pixels: float) -> None:
        """Set the brush's diameter, clamped to 1..2000 photo pixels; at once, even in a drag.

        Raises:
            ValueError: not a number.
        """
        if math.isnan(photo_pixels):
            raise ValueError("a brush's diameter is a number")
        diameter = min(max(float(photo_pixels), MIN_DIAMETER), MAX_DIAMETER)
        if diameter == self._diameter:
            return
        self._diameter = diameter
        if self._gesture is not None:
            self._gesture.context.diameter = diameter
        self._place_ring()
        self.brushDiameterChanged.emit(diameter)

    # A drag

    def _begin_gesture(self, event: QMouseEvent) -> None:
        assert self._session is not None
        secondary = event.button() == Qt.MouseButton.RightButton
        context = ToolContext(self._diameter, self._label, secondary, self._session.shape)
        self._gesture = Gesture(self._session, self._tool, context)
        self._gesture_button = event.button()
        self._edited(self._gesture.press(self.widget_to_image(event.position())))

    def _end_gesture(self) -> None:
        """Commit the drag in progress, if any: whatever takes the pointer away loses no stroke."""
        if self._gesture is None:
            return
        gesture, self._gesture = self._gesture, None
        rect, committed = gesture.finish()
        self._edited(rect)
        if committed:
            self.gestureCommitted.emit()

    def _abort_gesture(self) -> None:
        if self._gesture is not None:
            gesture, self._gesture = self._gesture, None
            self._edited(gesture.abort())

    def _edited(self, rect: Rect | None) -> None:
        if rect is not None:
            self._mask_changed(rect)
            self.maskChanged.emit(rect)

    # The pointer

    def _view_changed(self) -> None:
        super()._view_changed()
        self._pointer_changed()

    def _point_at(self, position: QPointF | None) -> None:
        self._pointer = position
        self._pointer_changed()

    def _pointer_changed(self) -> None:
        """The pointer, or what lies under it, has moved."""
        self._place_ring()
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
        painting = self._usable and self._tool.ring and not (self._panning or self._space)
        if self._pointer is None or not painting:
            self._set_ring(None)
            return
        ratio = self._view.ratio
        diameter = self._diameter * self._view.scale
        # A ring about as large as the window may leave nothing of itself in view.
        crossed = diameter < SMALLEST_RING or diameter > ratio * min(self.width(), self.height())
        x, y = self._pointer.x() * ratio, self._pointer.y() * ratio
        self._set_ring(BrushCursor(x, y, diameter, max(1, round(ratio)), crossed))

    @property
    def _usable(self) -> bool:
        return self.has_document and self.isEnabled()

    @property
    def _panning(self) -> bool:
        return self._pan_button != Qt.MouseButton.NoButton

    def _choose_cursor(self) -> None:
        if not self._usable:
            self.unsetCursor()
        elif self._panning:
            self.setCursor(Qt.CursorShape.ClosedHandCursor)
        elif self._space:
            self.setCursor(Qt.CursorShape.OpenHandCursor)
        elif self._tool.ring:
            self.setCursor(Qt.CursorShape.BlankCursor)
        else:
            self.setCursor(Qt.CursorShape.CrossCursor)

    def _set_panning(self, button: Qt.MouseButton) -> None:
        self._pan_button = button
        self._choose_cursor()
        self._place_ring()

    def _set_space(self, down: bool) -> None:
        self._space = down
        self._choose_cursor()
        self._place_ring()

    # Qt's events

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Start to paint or to move the photo."""
        self._point_at(event.position())
        button = event.button()
        if not self.has_document or self._gesture is not None or self._panning:
            return
        left = button == Qt.MouseButton.LeftButton
        if button == Qt.MouseButton.MiddleButton or (left and self._space):
            self._pan_from = event.position()
            self._set_panning(button)
        elif left or button == Qt.MouseButton.RightButton:
            self._begin_gesture(event)

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        """Two quick dabs are two dabs."""
        self.mousePressEvent(event)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Paint or move on."""
        self._point_at(event.position())
        if self._panning:
            if not event.buttons() & self._pan_button:
                self._set_panning(Qt.MouseButton.NoButton)
                return
            step = event.position() - self._pan_from
            self._pan_from = event.position()
            self.pan(step.x(), step.y())
        elif self._gesture is not None:
            if not event.buttons() & self._gesture_button:
                # The release went to somebody else (a dialog that opened, a lost grab).
                self._end_gesture()
                return
            self._edited(self._gesture.move(self.widget_to_image(event.position())))

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        """End what the press began."""
        self._point_at(event.position())
        if self._panning and event.button() == self._pan_button:
            self._set_panning(Qt.MouseButton.NoButton)
        elif self._gesture is not None and event.button() == self._gesture_button:
            self._end_gesture()

    def wheelEvent(self, event: QWheelEvent) -> None:
        """Zoom at the pointer, set the brush's size, or pan."""
        if not self.has_document:
            event.ignore()
            return
        intent = wheel_intent(event)
        if intent.kind is WheelKind.PAN:
            self.pan(intent.dx, intent.dy)
        elif intent.kind is WheelKind.BRUSH:
            self.set_brush_diameter(self._diameter * intent.factor)
        else:
            self.zoom_at(event.position(), intent.factor)
        event.accept()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Space: move the photo by dragging.  Escape: take the drag back."""
        if event.key() == Qt.Key.Key_Space and self.has_document:
            if not event.isAutoRepeat() and self._gesture is None:
                self._set_space(True)
        elif event.key() == Qt.Key.Key_Escape and self._gesture is not None:
            self._abort_gesture()
        else:
            super().keyPressEvent(event)

    def keyReleaseEvent(self, event: QKeyEvent) -> None:
        """Space is up: paint again."""
        if event.key() == Qt.Key.Key_Space and self._space:
            if not event.isAutoRepeat():
                self._set_space(False)
        else:
            super().keyReleaseEvent(event)

    def enterEvent(self, event: QEnterEvent) -> None:
        """The ring appears."""
        self._point_at(event.position())
        super().enterEvent(event)

    def leaveEvent(self, event: QEvent) -> None:
        """The ring goes."""
        self._point_at(None)
        super().leaveEvent(event)

    def focusOutEvent(self, event: QFocusEvent) -> None:
        """Keys and buttons that go up elsewhere are not seen here: end everything."""
        self._let_go()
        super().focusOutEvent(event)

    def hideEvent(self, event: QHideEvent) -> None:
        """Commit the drag in progress."""
        self._let_go()
        self._point_at(None)
        super().hideEvent(event)

    def _let_go(self) -> None:
        self._end_gesture()
        self._space = False
        self._set_panning(Qt.MouseButton.NoButton)

    def event(self, event: QEvent) -> bool:
        """Claim the canvas's own keys, and see pinches and lost grabs."""
        kind = event.type()
        if kind == QEvent.Type.ShortcutOverride and isinstance(event, QKeyEvent):
            dragging = self._gesture is not None and event.key() == Qt.Key.Key_Escape
            if dragging or (event.key() == Qt.Key.Key_Space and self.has_document):
                event.accept()
                return True
        elif kind in (QEvent.Type.UngrabMouse, QEvent.Type.EnabledChange):
            self._let_go()
        elif kind == QEvent.Type.NativeGesture and isinstance(event, QNativeGestureEvent):
            pinch = event.gestureType() == Qt.NativeGestureType.ZoomNativeGesture
            if pinch and self.has_document:
                self.zoom_at(event.position(), max(1 + event.value(), 0.1))
                return True
        return super().event(event)


def _check_size(photo: PhotoPyramid, session: EditSession) -> None:
    if photo.shape != session.shape:
        raise ValueError(f"the photo has {photo.shape} rows and columns, its mask {session.shape}")
