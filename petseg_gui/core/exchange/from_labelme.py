"""labelme's JSON files: one for each photo, with polygons, rectangles and circles."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import Any

import numpy as np

from model.labels import Label, MaskArray
from petseg_gui.core.exchange.classes import class_of, is_known
from petseg_gui.core.exchange.common import ExchangeError
from petseg_gui.core.exchange.entries import (
    Entry,
    Found,
    ImportOptions,
    PhotoShape,
    Refusal,
    Shape,
    check_fits,
    paint_rest,
)
from petseg_gui.core.exchange.outlines import MAX_POINTS, Painter, Points
from petseg_gui.core.exchange.reading import files_below, number, read_json, text_of, whole

_REMEDY = "Open it in labelme, mend it and save it again."

MAX_SHAPES = 10_000
"""Shapes of a file that is read."""

_CIRCLE_CORNERS = 360

_Shapes = list[tuple[Shape | None, str]]


def labelme(source: Path, options: ImportOptions) -> Found:
    """The files of labelme in and below a folder, or one such file.

    Shapes are painted in their order in the file, later ones over earlier ones.  A circle is a
    polygon of 360 sides.

    Args:
        source: a folder or a file.
        options: ``mapping`` has the classes of names.

    Raises:
        ExchangeError: there are none.
    """
    found = Found()
    for path in files_below(source, frozenset({".json"})):
        inside = path.relative_to(source) if path != source else Path(path.name)
        try:
            content = read_json(path)
            shapes = _shapes(path, content, options)
        except ExchangeError as error:
            found.refused.append(Refusal(str(inside), str(error)))
            continue
        for _shape, name in shapes:
            if not is_known(name, options.mapping):
                found.left_out[name] = found.left_out.get(name, 0) + 1
        size = whole(content.get("imageWidth")), whole(content.get("imageHeight"))
        picture = text_of(content, "imagePath").replace("\\", "/").rpartition("/")[2]
        names = (picture, inside.with_suffix("").as_posix())
        read = partial(_mask, path, [s for s, _ in shapes if s is not None], size, options)
        found.entries.append(Entry(path, str(inside), tuple(name for name in names if name), read))
    return found


def _shapes(path: Path, content: dict[str, Any], options: ImportOptions) -> _Shapes:
    """Shapes with their names; None where the name has no class."""
    listed = content.get("shapes")
    if not isinstance(listed, list):
        raise ExchangeError(path, "it has no list of shapes, so it is not labelme's", _REMEDY)
    if len(listed) > MAX_SHAPES:
        raise ExchangeError(path, f"it has too many shapes, more than {MAX_SHAPES:,}", _REMEDY)
    shapes: _Shapes = []
    total = 0
    for place, shape in enumerate(listed, 1):
        if not isinstance(shape, dict):
            raise ExchangeError(path, f"its shape {place} is none", _REMEDY)
        name = text_of(shape, "label")
        label = class_of(name, options.mapping)
        if label is None:
            shapes.append((None, name))
            continue
        points = _outline(path, place, shape)
        total += len(points)
        if total > MAX_POINTS:
            raise ExchangeError(path, f"it has more than {MAX_POINTS:,} points", _REMEDY)
        shapes.append((Shape(points, label), name))
    return shapes


def _outline(path: Path, place: int, shape: dict[str, Any]) -> Points:
    kind = text_of(shape, "shape_type") or "polygon"
    points = _points(shape.get("points"))
    if points is None:
        raise ExchangeError(path, f"the points of its shape {place} are no numbers", _REMEDY)
    if kind == "polygon" and len(points) >= 3:
        return points
    if kind == "rectangle" and len(points) == 2:
        (x0, y0), (x1, y1) = points
        return np.array([[x0, y0], [x1, y0], [x1, y1], [x0, y1]])
    if kind == "rectangle" and len(points) == 4:  # since labelme 5.3 all corners may be there
        return points
    if kind == "circle" and len(points) == 2:
        radius = float(np.hypot(*(points[1] - points[0])))
        turn = np.linspace(0, 2 * np.pi, _CIRCLE_CORNERS, endpoint=False)
        circle: Points = points[0] + radius * np.stack([np.cos(turn), np.sin(turn)], axis=1)
        return circle
    raise ExchangeError(
        path,
        f"its shape {place}, a {kind} of {len(points)} points, covers no area that can be read",
        "Draw it as a polygon, a rectangle or a circle.",
    )


def _points(found: object) -> Points | None:
    """Points as float64 (N, 2); None when they are none."""
    if not isinstance(found, list) or len(found) > MAX_POINTS:
        return None
    values = []
    for point in found:
        if not isinstance(point, list) or len(point) != 2:
            return None
        x, y = number(point[0]), number(point[1])
        if x is None or y is None or max(abs(x), abs(y)) > 1e9:
            return None
        values.append((x, y))
    return np.array(values, np.float64).reshape(-1, 2)


def _mask(
    path: Path,
    shapes: list[Shape],
    size: tuple[int | None, int | None],
    options: ImportOptions,
    photo: PhotoShape,
) -> MaskArray:
    width, height = size
    if width is not None and height is not None:
        check_fits(path, width, height, photo, "the photo that it was made for")
    if not shapes:
        raise ExchangeError(
            path, "it has no shape whose name stands for a class", "Say which names are which."
        )
    rest = options.rest
    if rest is None:
        own = any(shape.label == Label.BACKGROUND for shape in shapes)
        rest = Label.UNLABELLED if own else Label.BACKGROUND
    painter = Painter(paint_rest(photo, rest))
    for shape in shapes:
        try:
            painter.polygon(shape.points, int(shape.label))
        except ValueError as error:
            raise ExchangeError(path, str(error), _REMEDY) from error
    return painter.mask
