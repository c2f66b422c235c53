"""Mouse and pen speak alike: one kind of event for both."""

from __future__ import annotations

from dataclasses import dataclass

from PySide6.QtCore import QPointF, Qt
from PySide6.QtGui import QInputDevice, QMouseEvent, QPointingDevice, QTabletEvent

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
