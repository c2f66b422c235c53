"""Mouse and pen speak alike: one kind of event for both."""

from __future__ import annotations

from dataclasses import dataclass

from PySide6.QtCore import QPointF, Qt
from PySide6.QtGui import QGuiApplication, QInputDevice, QMouseEvent, QPointingDevice, QTabletEvent

_LEAST_PRESSURE = 0.01
"""A pen that touches presses a little, even where its driver says 0."""


@dataclass(frozen=True, slots=True)
class PointerEvent:
    """Where the pointer is and what is held down.

    Attributes:
        position: widget coordinates, with fractions.
        button: the one that went down or up; none for a move.
        buttons: those that are down now.
        modifiers: the keys held.
        pressure: of a pen, above 0 and up to 1; 1 for a mouse.
        eraser: the pen is used by its eraser's end.
    """

    position: QPointF
    button: Qt.MouseButton
    buttons: Qt.MouseButton
    modifiers: Qt.KeyboardModifier
    pressure: float = 1.0
    eraser: bool = False

    @property
    def shift(self) -> bool:
        """Whether Shift is held."""
        return bool(self.modifiers & Qt.KeyboardModifier.ShiftModifier)

    @property
    def alt(self) -> bool:
        """Whether Alt is held."""
        return bool(self.modifiers & Qt.KeyboardModifier.AltModifier)


def of_mouse(event: QMouseEvent) -> PointerEvent:
    """A mouse event; a pen's, too, where the system makes mouse events of it."""
    return PointerEvent(event.position(), event.button(), event.buttons(), event.modifiers())


def of_tablet(event: QTabletEvent, *, pressure: bool) -> PointerEvent:
    """A pen's event.

    Args:
        event: a press, a move or a release.
        pressure: whether the user wants the pen's pressure to matter.
    """
    matters = pressure and event.device().hasCapability(QInputDevice.Capability.Pressure)
    return PointerEvent(
        event.position(),
        event.button(),
        event.buttons(),
        event.modifiers(),
        min(max(event.pressure(), _LEAST_PRESSURE), 1.0) if matters else 1.0,
        event.pointerType() == QPointingDevice.PointerType.Eraser,
    )


class Taps:
    """Tells the second of two quick taps of a pen, as Qt tells a mouse's double click."""

    def __init__(self) -> None:
        self._last: tuple[int, QPointF] | None = None

    def second(self, event: PointerEvent, timestamp: int) -> bool:
        """Whether this press is the second of two; a third begins anew.

        Args:
            event: the press.
            timestamp: of Qt's event, in milliseconds.
        """
        last, self._last = self._last, None
        if event.button != Qt.MouseButton.LeftButton:
            return False
        hints = QGuiApplication.styleHints()
        if last is not None and timestamp - last[0] <= hints.mouseDoubleClickInterval():
            step = event.position - last[1]
            if max(abs(step.x()), abs(step.y())) <= hints.touchDoubleTapDistance():
                return True
        self._last = (timestamp, event.position)
        return False
