"""COCO's JSON: one file for all photos, with polygons and run-length encodings."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np

from model.labels import Label, MaskArray
from petseg_gui.core.exchange import rle
from petseg_gui.core.exchange.classes import ClassMapping, class_of, is_known
from petseg_gui.core.exchange.common import ExchangeError
from petseg_gui.core.exchange.entries import (
    Entry,
    Found,
    ImportOptions,
    PhotoShape,
    Refusal,
    check_fits,
    paint_rest,
)
from petseg_gui.core.exchange.outlines import MAX_POINTS, Painter, Points
from petseg_gui.core.exchange.reading import number, read_json, text_of, whole

_REMEDY = "Export it again from the program that it comes from."

_ORDER = (Label.BACKGROUND, Label.UNLABELLED, Label.PET, Label.BORDER)
"""Where annotations overlap, the later class here is seen; COCO itself knows no order."""

_Annotation = tuple[Label, object]


def coco(source: Path, options: ImportOptions) -> Found:
    """The annotations of a COCO file, one label for each of its images that has any.

    Args:
        source: the JSON file.
        options: ``mapping`` has the classes of categories, by name or by id.

    Raises:
        ExchangeError: the file is damaged, or not COCO's.
    """
    content = read_json(source)
    categories = _categories(source, content, options.mapping)
    found = Found()
    annotations: dict[int, list[_Annotation]] = {}
    for place, annotation in enumerate(_listed(source, content, "annotations"), 1):
        image, category = whole(annotation.get("image_id")), whole(annotation.get("category_id"))
        if image is None or category is None or category not in categories:
            title = f"{source.name}, annotation {place}"
            found.refused.append(Refusal(title, "it names no image or no category of the file."))
            continue
        name, label, known = categories[category]
        if label is None:
            if not known:
                found.left_out[name] = found.left_out.get(name, 0) + 1
            continue
        annotations.setdefault(image, []).append((label, annotation.get("segmentation")))
    rest = options.rest
    if rest is None:
        own = any(label == Label.BACKGROUND for _name, label, _known in categories.values())
        rest = Label.UNLABELLED if own else Label.BACKGROUND
    for listed in _listed(source, content, "images"):
        number_, name = whole(listed.get("id")), text_of(listed, "file_name")
        if number_ is None or not name:
            found.refused.append(Refusal(f"{source.name}, an image", "it has no id or no name."))
            continue
        size = whole(listed.get("width")), whole(listed.get("height"))
        drawn = annotations.pop(number_, [])
        read = partial(_mask, (source, name), drawn, size, rest)
        found.entries.append(Entry(source, f"{source.name}: {name}", (name,), read))
    return found


def _listed(path: Path, content: dict[str, Any], key: str) -> Iterator[dict[str, Any]]:
    listed = content.get(key)
    if not isinstance(listed, list) or not all(isinstance(entry, dict) for entry in listed):
        raise ExchangeError(path, f"it has no list of {key}, so it is not COCO's", _REMEDY)
    return iter(listed)


def _categories(
    path: Path, content: dict[str, Any], mapping: ClassMapping
) -> dict[int, tuple[str, Label | None, bool]]:
    """By id: name, class, and whether the name is known at all."""
    categories = {}
    for category in _listed(path, content, "categories"):
        number_, name = whole(category.get("id")), text_of(category, "name")
        if number_ is None:
            raise ExchangeError(path, f"its category {name!r} has no id", _REMEDY)
        key = str(number_) if str(number_) in mapping and name not in mapping else name
        categories[number_] = name, class_of(key, mapping), is_known(key, mapping)
    return categories


def _mask(
    image: tuple[Path, str],
    annotations: list[_Annotation],
    size: tuple[int | None, int | None],
    rest: Label,
    photo: PhotoShape,
) -> MaskArray:
    path, name = image
    width, height = size
    if width is not None and height is not None:
        check_fits(path, width, height, photo, f"its image {name}")
    painter = Painter(paint_rest(photo, rest))
    painted = False
    for label in _ORDER:
        for _label, segmentation in (a for a in annotations if a[0] == label):
            try:
                painted |= _paint(painter, segmentation, int(label))
            except ValueError as error:
                reason = f"an annotation of {name} cannot be used: {error}"
                raise ExchangeError(path, reason, _REMEDY) from error
    if not painted:
        reason = f"{name} has no annotation with a mask whose category stands for a class"
        raise ExchangeError(path, reason, "Say which categories are which.")
    return painter.mask


def _paint(painter: Painter, segmentation: object, value: int) -> bool:
    """Paint one annotation; False when it is a box alone.

    Raises:
        ValueError: it is damaged.
    """
    if segmentation is None or segmentation == []:
        return False
    if isinstance(segmentation, dict):
        height, width = painter.mask.shape
        painter.region(lambda: rle.decode(segmentation, (height, width)), value)
        return True
    if not isinstance(segmentation, list):
        raise ValueError("its segmentation is neither polygons nor a run-length encoding")
    rings = [_ring(ring) for ring in segmentation]
    if sum(map(len, rings)) > MAX_POINTS:
        raise ValueError(f"it has more than {MAX_POINTS:,} points")
    for ring in rings:
        painter.polygon(ring, value)
    return True


def _ring(found: object) -> Points:
    if not isinstance(found, list) or len(found) < 6 or len(found) % 2:
        raise ValueError("a polygon is a list of x, y, x, y, ... of three points at least")
    values = [number(value) for value in found]
    if any(value is None or abs(value) > 1e9 for value in values):
        raise ValueError("a polygon's points are no numbers")
    return np.array(values, np.float64).reshape(-1, 2)
