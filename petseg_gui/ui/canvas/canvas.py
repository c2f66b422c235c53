"""The canvas widget: Qt's pointer, wheel and key events become touches of a tool, and a view."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QPointF, Qt
from PySide6.QtGui import (
    QEnterEvent,
    QFocusEvent,
    QHideEvent,
    QKeyEvent,
    QMouseEvent,
    QNativeGestureEvent,
    QTabletEvent,
    QWheelEvent,
)
from PySide6.QtWidgets import QWidget

from petseg_gui.ui.canvas.navigation import WheelKind, wheel_intent
from petseg_gui.ui.canvas.pointed import NO_BUTTON, PointedSurface
from petseg_gui.ui.canvas.pointer import PointerEvent, Taps, of_mouse, of_tablet
from petseg_gui.ui.canvas.tools import Touch


class Canvas(PointedSurface):
    """The photo, its mask, and the tools that change it.

    The left button uses the tool with the chosen class, the right one with the other
    (background, as a rule).  The middle button, or Space and a drag, moves the photo; the wheel
    zooms at the pointer, and with Shift sets the brush's size.  Escape during a drag takes the
    drag back; while something is pending, Enter accepts it and Escape drops it.
    """

    def __init__(self, parent: QWidget | None = None) -> None:
        self._drag_button = NO_BUTTON
        self._pan_from = QPointF()
        self._taps = Taps()
        super().__init__(parent)
        self.setObjectName("canvas")
        self.setAccessibleName("Photo and mask")
        self.setAccessibleDescription(
            "Drag to use the tool on the photo with the chosen class, with the right button to "
            "erase. The wheel zooms; hold Space and drag to move the photo."
        )
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setMouseTracking(True)
        self.setTabletTracking(True)

    # The pointer, of a mouse or a pen

    def _pressed(self, event: PointerEvent) -> None:
        self._shift, self._pressure = event.shift, event.pressure
        self._point_at(event.position)
        busy = self._drag is not None or self._panning or self._wiping
        if not self.has_document or busy:
            return
        button = event.button
        left = button == Qt.MouseButton.LeftButton
        if button == Qt.MouseButton.MiddleButton or (left and self._space):
            self._pan_from = event.position
            self._set_panning(button)
        elif left and self.wipe_at(event.position):
            self._wiping = True
            self._hand_changed()
        elif left or button == Qt.MouseButton.RightButton:
            self._drag_button = button
            secondary = button == Qt.MouseButton.RightButton
            self._begin(self._touch(event), secondary=secondary, erasing=event.eraser)
            self._draw_outline()

    def _pressed_twice(self, event: PointerEvent) -> None:
        """A second press followed the first at once and in the same place."""
        painting = event.button == Qt.MouseButton.LeftButton and not self._space
        if self.has_pending and painting and not self.wipe_at(event.position):
            self._accept_pending()
        else:
            self._pressed(event)

    def _moved(self, event: PointerEvent) -> None:
        self._shift = event.shift
        self._pressure = event.pressure if self._drag is not None else 1.0
        if self._panning:
            if not event.buttons & self._pan_button:
                self._set_panning(NO_BUTTON)
            else:
                step = event.position - self._pan_from
                self._pan_from = event.position
                self.pan(step.x(), step.y())
        elif self._wiping:
            if event.buttons & Qt.MouseButton.LeftButton:
                self.drag_wipe(event.position)
            else:
                self._wiping = False
                self._hand_changed()
        elif self._drag is not None:
            if event.buttons & self._drag_button:
                self._go_on(self._touch(event))
            else:
                # The release went to somebody else (a dialog that opened, a lost grab).
                self._end_drag()
        self._point_at(event.position)

    def _released(self, event: PointerEvent) -> None:
        self._pressure = 1.0
        if self._panning and event.button == self._pan_button:
            self._set_panning(NO_BUTTON)
        elif self._wiping and event.button == Qt.MouseButton.LeftButton:
            self._wiping = False
            self._hand_changed()
        elif self._drag is not None and event.button == self._drag_button:
            self._end_drag()
        self._point_at(event.position)

    def _touch(self, event: PointerEvent) -> Touch:
        point = self.widget_to_image(event.position)
        return Touch(point, event.pressure, event.shift, event.alt)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Start to paint or to move the photo."""
        self._pressed(of_mouse(event))

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        """Close the polygon, accept the selection; with other tools two clicks are two clicks."""
        self._pressed_twice(of_mouse(event))

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Paint or move on."""
        self._moved(of_mouse(event))

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        """End what the press began."""
        self._released(of_mouse(event))

    def tabletEvent(self, event: QTabletEvent) -> None:
        """A pen: as the mouse, with pressure; accepted, so that Qt makes no mouse event of it."""
        pointer = of_tablet(event, pressure=self._options.pressure)
        if event.type() == QEvent.Type.TabletPress:
            # A mouse's press does this by itself; and Qt pairs only a mouse's clicks.
            self.setFocus(Qt.FocusReason.MouseFocusReason)
            if self._taps.second(pointer, event.timestamp()):
                self._pressed_twice(pointer)
            else:
                self._pressed(pointer)
        elif event.type() == QEvent.Type.TabletMove:
            self._moved(pointer)
        elif event.type() == QEvent.Type.TabletRelease:
            self._released(pointer)
        event.accept()

    def wheelEvent(self, event: QWheelEvent) -> None:
        """Zoom at the pointer, set the brush's size, or pan."""
        if not self.has_document:
            event.ignore()
            return
        intent = wheel_intent(event)
        if intent.kind is WheelKind.PAN:
            self.pan(intent.dx, intent.dy)
        elif intent.kind is WheelKind.BRUSH:
            self.set_brush_diameter(self._brush.diameter * intent.factor)
        else:
            self.zoom_at(event.position(), intent.factor)
        event.accept()

    # Keys

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Space moves the photo; Escape takes a drag back; others end what is pending."""
        if event.key() == Qt.Key.Key_Shift:
            self._shift = True
            self._draw_outline()
            super().keyPressEvent(event)
        elif event.key() == Qt.Key.Key_Space and self.has_document:
            if not event.isAutoRepeat() and self._drag is None:
                self._space = True
                self._hand_changed()
        elif not self._claims(event):
            super().keyPressEvent(event)
        elif self._drag is not None:
            self._abort_drag()
            self._draw_outline()
        elif event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self._accept_pending()
        elif event.key() == Qt.Key.Key_Escape:
            self._drop_pending()
        else:
            self._step_back()

    def keyReleaseEvent(self, event: QKeyEvent) -> None:
        """Space is up: paint again."""
        if event.key() == Qt.Key.Key_Shift:
            self._shift = False
            self._draw_outline()
            super().keyReleaseEvent(event)
        elif event.key() == Qt.Key.Key_Space and self._space:
            if not event.isAutoRepeat():
                self._space = False
                self._hand_changed()
        else:
            super().keyReleaseEvent(event)

    def _claims(self, event: QKeyEvent) -> bool:
        """Whether a key is the canvas's own now: Escape in a drag, and what ends the pending."""
        key, modifiers = event.key(), event.modifiers()
        if self._drag is not None:
            return key == Qt.Key.Key_Escape
        if not self.has_pending:
            return False
        plain = not modifiers & ~Qt.KeyboardModifier.KeypadModifier
        if key == Qt.Key.Key_Z:
            return modifiers == Qt.KeyboardModifier.ControlModifier
        if key == Qt.Key.Key_Backspace:
            return plain and (self._polygon is not None or self._preview_is_kept)
        return plain and key in (Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_Escape)

    # What takes the pointer or the keys away

    def enterEvent(self, event: QEnterEvent) -> None:
        """The ring appears."""
        self._point_at(event.position())
        super().enterEvent(event)

    def leaveEvent(self, event: QEvent) -> None:
        """The ring goes."""
        self._point_at(None)
        super().leaveEvent(event)

    def focusOutEvent(self, event: QFocusEvent) -> None:
        """Keys and buttons that go up elsewhere are not seen here: end every drag."""
        self._let_go()
        super().focusOutEvent(event)

    def hideEvent(self, event: QHideEvent) -> None:
        """Commit the drag in progress."""
        self._let_go()
        self._point_at(None)
        super().hideEvent(event)

    def _let_go(self) -> None:
        self._end_drag()
        self._space = self._shift = self._wiping = False
        self._pressure = 1.0
        self._set_panning(NO_BUTTON)

    def event(self, event: QEvent) -> bool:
        """Claim the canvas's own keys, and see pinches and lost grabs."""
        kind = event.type()
        if kind == QEvent.Type.ShortcutOverride and isinstance(event, QKeyEvent):
            space = event.key() == Qt.Key.Key_Space and self.has_document
            if space or self._claims(event):
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
