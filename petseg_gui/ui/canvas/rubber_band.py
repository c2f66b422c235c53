"""The outline that follows the pointer: lasso, polygon, rectangle, box, rough stroke.

Points are kept in photo coordinates and drawn in device pixels, dark under light, so that the
line shows on anything.  While the pointer draws on, only the pixels of the segments that came
or went are drawn anew, however many points the outline has.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Callable

import numpy as np
import numpy.typing as npt
from PySide6.QtCore import QPointF, QRect, QRectF, Qt
from PySide6.QtGui import QColor, QPainter, QPainterPath, QPen, QPolygonF, QRegion

from petseg_gui.ui.canvas.outline import Outline, Point

ToDevice = Callable[[float, float], tuple[float, float]]

_DARK = QColor(0, 0, 0, 190)
_LIGHT = QColor(255, 255, 255, 235)
# Longer segments are covered by several rectangles: a diagonal one has a large bounding box.
_PIECE = 96.0
# Device pixels from its middle within which a line, or the end of a piece of it, leaves a trace.
_SPARE = 12.0
_HANDLE = 3.5
"""Half the side of a handle, in widget pixels."""


def changed_region(
    old: Outline | None, new: Outline | None, to_device: ToDevice, unit: float
) -> QRegion:
    """The device pixels in which two outlines differ, generously.

    Args:
        old: the outline on screen, if any.
        new: the outline that replaces it, if any.
        to_device: the device point of a photo point.
        unit: device pixels per widget pixel.
    """
    shared = 0
    if old is not None and new is not None and old.handles == new.handles:
        shared = _shared(old.points, new.points)
    region = QRegion()
    for outline in (old, new):
        if outline is not None:
            region = region.united(_region(outline, max(shared - 1, 0), to_device, unit))
    return region


def draw(
    outline: Outline, painter: QPainter, exposed: list[QRect], to_device: ToDevice, unit: float
) -> None:
    """Draw the part of an outline that crosses ``exposed``, with a painter in device pixels."""
    if not outline.points:
        return
    points = np.array([to_device(x, y) for x, y in outline.points], np.float64)
    spare = (_HANDLE + 2) * unit
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    # One path: where lines that are not opaque cross, separate ones would show it.
    path = QPainterPath()
    for run in _runs(outline, points, exposed):
        path.addPolygon(QPolygonF([QPointF(x, y) for x, y in run]))
    for colour, width in ((_DARK, 4.0), (_LIGHT, 1.5)):
        pen = QPen(colour, width * unit)
        pen.setJoinStyle(Qt.PenJoinStyle.RoundJoin)
        pen.setCapStyle(Qt.PenCapStyle.RoundCap)
        painter.strokePath(path, pen)
    if outline.handles:
        near = [QRectF(rect).adjusted(-spare, -spare, spare, spare) for rect in exposed]
        painter.setPen(QPen(_DARK, unit))
        painter.setBrush(_LIGHT)
        half = _HANDLE * unit
        for x, y in points:
            if any(rect.contains(QPointF(x, y)) for rect in near):
                painter.drawRect(QRectF(x - half, y - half, 2 * half, 2 * half))


def _shared(old: tuple[Point, ...], new: tuple[Point, ...]) -> int:
    """How many points two outlines begin with together."""
    count = min(len(old), len(new))
    # Nearly always a point was added, or the last one moved.
    for length in (count, count - 1):
        if length >= 0 and old[:length] == new[:length]:
            return length
    return next(i for i in range(count) if old[i] != new[i])


def _region(outline: Outline, first: int, to_device: ToDevice, unit: float) -> QRegion:
    """What the segments from point ``first`` on cover, with the one that closes the outline."""
    points = [to_device(x, y) for x, y in outline.points[first:]]
    if outline.closed and len(outline.points) > 1:
        points.append(to_device(*outline.points[0]))
    margin = (_HANDLE + 2 if outline.handles else 3.0) * unit
    region = QRegion()
    if len(points) == 1:
        points = points * 2
    for (x0, y0), (x1, y1) in itertools.pairwise(points):
        pieces = max(1, math.ceil(min(abs(x1 - x0), abs(y1 - y0)) / _PIECE))
        for i in range(pieces):
            xs = (x0 + (x1 - x0) * i / pieces, x0 + (x1 - x0) * (i + 1) / pieces)
            ys = (y0 + (y1 - y0) * i / pieces, y0 + (y1 - y0) * (i + 1) / pieces)
            rect = QRectF(QPointF(min(xs), min(ys)), QPointF(max(xs), max(ys)))
            region = region.united(rect.adjusted(-margin, -margin, margin, margin).toAlignedRect())
    return region


def _runs(
    outline: Outline, points: npt.NDArray[np.float64], exposed: list[QRect]
) -> list[npt.NDArray[np.float64]]:
    """The stretches of the line whose segments may cross ``exposed``."""
    if outline.closed and len(points) > 1:
        points = np.vstack([points, points[:1]])
    if len(points) == 1:
        return []
    low = np.minimum(points[:-1], points[1:])
    high = np.maximum(points[:-1], points[1:])
    near = np.zeros(len(low), np.bool_)
    for rect in exposed:
        near |= (
            (high[:, 0] >= rect.left() - _SPARE)
            & (low[:, 0] <= rect.right() + 1 + _SPARE)
            & (high[:, 1] >= rect.top() - _SPARE)
            & (low[:, 1] <= rect.bottom() + 1 + _SPARE)
        )
    # The segment that closes it stands alone: a path that is closed is drawn otherwise at its
    # start than its parts are.
    cut = [len(near) - 1] if outline.closed else []
    runs = []
    for first, last in itertools.pairwise([0, *cut, len(near)]):
        edges = np.flatnonzero(np.diff(np.concatenate([[0], near[first:last].view(np.int8), [0]])))
        runs += [points[first + a : first + b + 1] for a, b in edges.reshape(-1, 2)]
    return runs
