"""What the wheel, a touchpad and a pinch ask of the canvas."""

from __future__ import annotations

from enum import Enum, auto
from typing import NamedTuple

from PySide6.QtCore import Qt
from PySide6.QtGui import QInputDevice, QWheelEvent

ZOOM_PER_NOTCH = 1.25
BRUSH_PER_NOTCH = 1.15
_UNITS_PER_NOTCH = 120  # QWheelEvent: eighths of a degree, 15 degrees a notch


class WheelKind(Enum):
    """What a turn of the wheel means."""

    ZOOM = auto()
    BRUSH = auto()
    PAN = auto()


class WheelIntent(NamedTuple):
    """A wheel event in the canvas's terms: a factor, or a movement in widget pixels."""

    kind: WheelKind
    factor: float = 1.0
    dx: float = 0.0
    dy: float = 0.0


def wheel_intent(event: QWheelEvent) -> WheelIntent:
    """Read a wheel event.

    A wheel zooms and with Shift changes the brush; two fingers on a touchpad pan, as everywhere,
    and with Ctrl (which is also how some systems report a pinch) zoom.
    """
    modifiers = event.modifiers()
    pixels, angle = event.pixelDelta(), event.angleDelta()
    touchpad = event.device().type() == QInputDevice.DeviceType.TouchPad
    if touchpad and not pixels.isNull() and modifiers == Qt.KeyboardModifier.NoModifier:
        return WheelIntent(WheelKind.PAN, dx=pixels.x(), dy=pixels.y())
    # Some systems turn the axis while Shift or Alt is down.
    notches = (angle.y() or angle.x()) / _UNITS_PER_NOTCH
    if modifiers & Qt.KeyboardModifier.ShiftModifier:
        return WheelIntent(WheelKind.BRUSH, factor=BRUSH_PER_NOTCH**notches)
    return WheelIntent(WheelKind.ZOOM, factor=ZOOM_PER_NOTCH**notches)
