"""What a wheel, a touchpad and a pinch ask for."""

from __future__ import annotations

import pytest
from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtGui import QInputDevice, QPointingDevice, QWheelEvent
from pytestqt.qtbot import QtBot

from petseg_gui.ui.canvas.navigation import (
    BRUSH_PER_NOTCH,
    ZOOM_PER_NOTCH,
    WheelIntent,
    WheelKind,
    wheel_intent,
)

PLAIN = Qt.KeyboardModifier.NoModifier
SHIFT, CTRL = Qt.KeyboardModifier.ShiftModifier, Qt.KeyboardModifier.ControlModifier


def read(
    kind: QInputDevice.DeviceType, pixels: QPoint, angle: QPoint, modifiers: Qt.KeyboardModifier
) -> WheelIntent:
    pointer = QPointingDevice.PointerType.Finger
    capabilities = QInputDevice.Capability.Scroll | QInputDevice.Capability.PixelScroll
    device = QPointingDevice("pointer", 7, kind, pointer, capabilities, 1, 3)
    point = QPointF(10, 10)
    return wheel_intent(
        QWheelEvent(
            point,
            point,
            pixels,
            angle,
            Qt.MouseButton.NoButton,
            modifiers,
            Qt.ScrollPhase.NoScrollPhase,
            False,
            Qt.MouseEventSource.MouseEventNotSynthesized,
            device,
        )
    )


MOUSE, PAD = QInputDevice.DeviceType.Mouse, QInputDevice.DeviceType.TouchPad


@pytest.mark.parametrize(
    ("device", "pixels", "angle", "modifiers", "wanted"),
    [
        (MOUSE, (0, 0), (0, 120), PLAIN, WheelIntent(WheelKind.ZOOM, ZOOM_PER_NOTCH)),
        (MOUSE, (0, 0), (0, -240), PLAIN, WheelIntent(WheelKind.ZOOM, ZOOM_PER_NOTCH**-2)),
        # A mouse whose driver reports pixels is still a wheel.
        (MOUSE, (0, 40), (0, 120), PLAIN, WheelIntent(WheelKind.ZOOM, ZOOM_PER_NOTCH)),
        (MOUSE, (0, 0), (0, 120), CTRL, WheelIntent(WheelKind.ZOOM, ZOOM_PER_NOTCH)),
        (MOUSE, (0, 0), (0, 120), SHIFT, WheelIntent(WheelKind.BRUSH, BRUSH_PER_NOTCH)),
        # Some systems turn the axis while Shift is down.
        (MOUSE, (0, 0), (120, 0), SHIFT, WheelIntent(WheelKind.BRUSH, BRUSH_PER_NOTCH)),
        (PAD, (-7, 12), (-14, 24), PLAIN, WheelIntent(WheelKind.PAN, dx=-7, dy=12)),
        (PAD, (0, 60), (0, 120), CTRL, WheelIntent(WheelKind.ZOOM, ZOOM_PER_NOTCH)),
        (PAD, (0, 0), (0, 120), PLAIN, WheelIntent(WheelKind.ZOOM, ZOOM_PER_NOTCH)),
    ],
)
def test_wheel_intent(
    qtbot: QtBot,
    *,
    device: QInputDevice.DeviceType,
    pixels: tuple[int, int],
    angle: tuple[int, int],
    modifiers: Qt.KeyboardModifier,
    wanted: WheelIntent,
) -> None:
    got = read(device, QPoint(*pixels), QPoint(*angle), modifiers)
    assert got.kind is wanted.kind
    assert (got.factor, got.dx, got.dy) == pytest.approx((wanted.factor, wanted.dx, wanted.dy))
