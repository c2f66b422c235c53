"""Raw pointer, wheel and key events for a canvas, and what it shows."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from PySide6.QtCore import QEvent, QPoint, QPointF, Qt
from PySide6.QtGui import (
    QInputDevice,
    QKeyEvent,
    QMouseEvent,
    QPointingDevice,
    QPointingDeviceUniqueId,
    QTabletEvent,
    QWheelEvent,
)
from PySide6.QtWidgets import QApplication

from petseg_gui.core.mask import Mask
from petseg_gui.core.session import EditSession
from petseg_gui.ui.canvas import Canvas

HEIGHT, WIDTH = 240, 320
LEFT, RIGHT = Qt.MouseButton.LeftButton, Qt.MouseButton.RightButton
MIDDLE, NONE = Qt.MouseButton.MiddleButton, Qt.MouseButton.NoButton
PRESS, RELEASE = QEvent.Type.MouseButtonPress, QEvent.Type.MouseButtonRelease
PLAIN = Qt.KeyboardModifier.NoModifier
SHIFT, CTRL = Qt.KeyboardModifier.ShiftModifier, Qt.KeyboardModifier.ControlModifier
ALT = Qt.KeyboardModifier.AltModifier

Point = tuple[float, float]


def photo(height: int = HEIGHT, width: int = WIDTH) -> np.ndarray:
    return np.full((height, width, 3), 128, np.uint8)


def session(value: int = 2, height: int = HEIGHT, width: int = WIDTH) -> EditSession:
    return EditSession("cat.jpg", np.full((height, width), value, np.uint8))


def mouse(
    canvas: Canvas,
    kind: QEvent.Type,
    point: QPointF,
    *,
    button: Qt.MouseButton,
    held: Qt.MouseButton,
    keys: Qt.KeyboardModifier = PLAIN,
) -> None:
    event = QMouseEvent(kind, point, canvas.mapToGlobal(point), button, held, keys)
    QApplication.sendEvent(canvas, event)


def press(
    canvas: Canvas,
    point: QPointF,
    button: Qt.MouseButton = LEFT,
    keys: Qt.KeyboardModifier = PLAIN,
) -> None:
    mouse(canvas, PRESS, point, button=button, held=button, keys=keys)


def move(
    canvas: Canvas,
    point: QPointF,
    held: Qt.MouseButton = LEFT,
    keys: Qt.KeyboardModifier = PLAIN,
) -> None:
    mouse(canvas, QEvent.Type.MouseMove, point, button=NONE, held=held, keys=keys)


def release(
    canvas: Canvas,
    point: QPointF,
    button: Qt.MouseButton = LEFT,
    keys: Qt.KeyboardModifier = PLAIN,
) -> None:
    mouse(canvas, RELEASE, point, button=button, held=NONE, keys=keys)


def drag(
    canvas: Canvas,
    points: Sequence[QPointF],
    button: Qt.MouseButton = LEFT,
    keys: Qt.KeyboardModifier = PLAIN,
) -> None:
    press(canvas, points[0], button, keys)
    for point in points[1:]:
        move(canvas, point, button, keys)
    release(canvas, points[-1], button, keys)


def click(
    canvas: Canvas,
    point: QPointF,
    button: Qt.MouseButton = LEFT,
    keys: Qt.KeyboardModifier = PLAIN,
) -> None:
    drag(canvas, [point], button, keys)


def double_click(canvas: Canvas, point: QPointF) -> None:
    """As Qt sends it: press, release, double click, release."""
    click(canvas, point)
    mouse(canvas, QEvent.Type.MouseButtonDblClick, point, button=LEFT, held=LEFT)
    release(canvas, point)


def at(canvas: Canvas, *points: Point) -> list[QPointF]:
    """Widget points of photo points."""
    return [canvas.image_to_widget(x, y) for x, y in points]


def draw(
    canvas: Canvas,
    points: Sequence[Point],
    button: Qt.MouseButton = LEFT,
    keys: Qt.KeyboardModifier = PLAIN,
) -> None:
    """Drag through photo points."""
    drag(canvas, at(canvas, *points), button, keys)


def leave(canvas: Canvas) -> None:
    QApplication.sendEvent(canvas, QEvent(QEvent.Type.Leave))


def key(
    canvas: Canvas,
    which: Qt.Key,
    kind: QEvent.Type = QEvent.Type.KeyPress,
    keys: Qt.KeyboardModifier = PLAIN,
) -> bool:
    event = QKeyEvent(kind, which, keys)
    if kind == QEvent.Type.ShortcutOverride:
        event.ignore()  # as Qt sends it: a shortcut's, unless it is claimed
    QApplication.sendEvent(canvas, event)
    return event.isAccepted()


def claims(canvas: Canvas, which: Qt.Key, keys: Qt.KeyboardModifier = PLAIN) -> bool:
    """Whether the canvas takes a key before any shortcut of the window."""
    return key(canvas, which, QEvent.Type.ShortcutOverride, keys)


def wheel(
    canvas: Canvas,
    point: QPointF,
    notches: float = 1,
    modifiers: Qt.KeyboardModifier = PLAIN,
) -> None:
    event = QWheelEvent(
        point,
        canvas.mapToGlobal(point),
        QPoint(),
        QPoint(0, round(120 * notches)),
        NONE,
        modifiers,
        Qt.ScrollPhase.NoScrollPhase,
        False,
    )
    QApplication.sendEvent(canvas, event)


def pen_device(*, eraser: bool = False, pressure: bool = True) -> QPointingDevice:
    kinds = QPointingDevice.PointerType
    capabilities = QInputDevice.Capability.Position
    if pressure:
        capabilities |= QInputDevice.Capability.Pressure
    return QPointingDevice(
        "pen",
        11,
        QInputDevice.DeviceType.Stylus,
        kinds.Eraser if eraser else kinds.Pen,
        capabilities,
        1,
        3,
        "",
        QPointingDeviceUniqueId(),
    )


def pen(
    canvas: Canvas,
    kind: QEvent.Type,
    point: QPointF,
    *,
    pressure: float,
    device: QPointingDevice,
    button: Qt.MouseButton = LEFT,
    timestamp: int = 0,
) -> bool:
    """Send a pen's event; returns whether it was accepted, so that Qt makes no mouse event."""
    moved = kind == QEvent.Type.TabletMove
    held = NONE if kind == QEvent.Type.TabletRelease else button
    event = QTabletEvent(
        kind,
        device,
        point,
        canvas.mapToGlobal(point),
        pressure,
        0.0,
        0.0,
        0.0,
        0.0,
        0.0,
        PLAIN,
        NONE if moved else button,
        held,
    )
    event.setTimestamp(timestamp)
    event.ignore()
    QApplication.sendEvent(canvas, event)
    return event.isAccepted()


def pen_drag(
    canvas: Canvas,
    points: Sequence[tuple[QPointF, float]],
    device: QPointingDevice,
    button: Qt.MouseButton = LEFT,
) -> None:
    """Press, moves, release; each point with its pressure."""
    kinds = [QEvent.Type.TabletPress, *[QEvent.Type.TabletMove] * (len(points) - 1)]
    for kind, (point, pressure) in zip(kinds, points, strict=True):
        assert pen(canvas, kind, point, pressure=pressure, device=device, button=button)
    end = QEvent.Type.TabletRelease
    assert pen(canvas, end, points[-1][0], pressure=0.0, device=device, button=button)


def pixels(canvas: Canvas) -> np.ndarray:
    """What a new painting shows: (rows, columns, 3) RGB."""
    image = canvas.grab().toImage()
    rows = np.frombuffer(image.constBits(), np.uint8).reshape(image.height(), -1, 4)
    return rows[:, : image.width(), 2::-1].copy()


def on_screen(canvas: Canvas) -> np.ndarray:
    """What is on the screen without a new painting: (rows, columns, 3) RGB."""
    QApplication.processEvents()
    image = canvas.screen().grabWindow(canvas.winId()).toImage()
    rows = np.frombuffer(image.constBits(), np.uint8).reshape(image.height(), -1, 4)
    return rows[:, : image.width(), 2::-1].copy()


def painted(*patches: object, value: int = 2) -> np.ndarray:
    """The mask of one value after some patches."""
    mask = Mask(np.full((HEIGHT, WIDTH), value, np.uint8))
    for patch in patches:
        mask.apply(patch)  # type: ignore[arg-type]
    return mask.view()


def assert_alike(shown: np.ndarray, wanted: np.ndarray) -> None:
    """Two pictures are the same but for the softening of a few pixels along lines."""
    assert shown.shape == wanted.shape
    difference = np.abs(shown.astype(np.int16) - wanted).max(axis=2)
    assert difference.max() <= 64
    assert (difference > 8).mean() < 0.002
