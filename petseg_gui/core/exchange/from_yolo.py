"""YOLO's segmentation files: a text file for each photo, a polygon in each line."""

from __future__ import annotations

from functools import partial
from pathlib import Path

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
    paint_rest,
)
from petseg_gui.core.exchange.outlines import MAX_POINTS, Painter
from petseg_gui.core.exchange.reading import files_below, read_text

CLASSES = {"0": Label.PET, "1": Label.BORDER}
"""Class numbers as our own export writes them; what nothing covers is background."""

_REMEDY = "A line has a class number and then x and y of each point, from 0 to 1."

_NO_LABELS = frozenset({"classes.txt", "train.txt", "val.txt", "test.txt"})


def yolo(source: Path, options: ImportOptions) -> Found:
    """The text files in and below a folder, or one such file.

    Args:
        source: a folder or a file.
        options: ``mapping`` has the classes of class numbers; empty: 0 pet, 1 border.

    Raises:
        ExchangeError: there are none.
    """
    found = Found()
    mapping = options.mapping or CLASSES
    for path in files_below(source, frozenset({".txt"})):
        if path.name in _NO_LABELS:
            continue
        inside = path.relative_to(source) if path != source else Path(path.name)
        try:
            lines = _lines(path)
        except ExchangeError as error:
            found.refused.append(Refusal(str(inside), str(error)))
            continue
        shapes = []
        for name, points in lines:
            label = class_of(name, mapping)
            if label is not None:
                shapes.append(Shape(points, label))
            elif not is_known(name, mapping):
                found.left_out[name] = found.left_out.get(name, 0) + 1
        read = partial(_mask, path, shapes, bool(lines), options)
        name = inside.with_suffix("").as_posix()
        found.entries.append(Entry(path, str(inside), (name,), read))
    return found


def _lines(path: Path) -> list[tuple[str, np.ndarray]]:
    lines = []
    total = 0
    for place, line in enumerate(read_text(path).splitlines(), 1):
        words = line.split()
        if not words:
            continue
        total += len(words)
        if len(words) < 7 or len(words) % 2 == 0 or not words[0].isdecimal():
            raise ExchangeError(path, f"line {place} is no class and polygon", _REMEDY)
        if total > 2 * MAX_POINTS:
            raise ExchangeError(path, f"it has more than {MAX_POINTS:,} points", _REMEDY)
        try:
            points = np.array([float(word) for word in words[1:]]).reshape(-1, 2)
        except ValueError as error:
            raise ExchangeError(path, f"line {place} has no numbers", _REMEDY) from error
        if not np.all(np.isfinite(points)) or np.abs(points).max() > 1000:
            raise ExchangeError(path, f"line {place} is not in shares of the photo", _REMEDY)
        lines.append((words[0][:20], points))
    return lines


def _mask(
    path: Path, shapes: list[Shape], any_line: bool, options: ImportOptions, photo: PhotoShape
) -> MaskArray:
    # An empty file is a photo without a pet; one without any known class is a mistake.
    if any_line and not shapes:
        raise ExchangeError(path, "none of its classes is known", "Say which numbers are which.")
    rest = Label.BACKGROUND if options.rest is None else options.rest
    painter = Painter(paint_rest(photo, rest))
    for shape in sorted(shapes, key=lambda shape: shape.label == Label.BORDER):
        try:
            painter.polygon(shape.points * (photo.width, photo.height), int(shape.label))
        except ValueError as error:
            raise ExchangeError(path, str(error), _REMEDY) from error
    return painter.mask
