"""Labels that are pictures: Oxford's trimaps, index pictures, black and white masks."""

from __future__ import annotations

import json
from collections.abc import Callable
from functools import partial
from pathlib import Path

import numpy as np

from model.labels import Label, MaskArray
from petseg_gui.core.exchange.classes import map_values
from petseg_gui.core.exchange.common import UnknownValueError
from petseg_gui.core.exchange.encoding import PHOTO_KEY
from petseg_gui.core.exchange.entries import Entry, Found, ImportOptions, PhotoShape, check_fits
from petseg_gui.core.exchange.reading import (
    ANY,
    ANY_SUFFIXES,
    PLAIN,
    PLAIN_SUFFIXES,
    files_below,
    grey,
    picture,
    pixels,
)

_MOST_TEXT = 64 * 1024
"""Bytes at the beginning of a file in which its photo's name is sought."""


def oxford(source: Path, options: ImportOptions) -> Found:
    """Trimaps of the Oxford-IIIT Pet set, or of a folder in its layout: 1 pet, 2 background.

    Args:
        source: the data set's folder, or any that holds trimaps; or one trimap.
        options: none matter here.

    Raises:
        ExchangeError: there are none.
    """
    for inner in (source / "annotations" / "trimaps", source / "trimaps"):
        if inner.is_dir():
            source = inner
            break
    plain = ImportOptions()
    return _found(source, frozenset({".png"}), lambda path: partial(_index, path, plain))


def index(source: Path, options: ImportOptions) -> Found:
    """Palette or grey pictures whose values are classes.

    Args:
        source: a folder or a file.
        options: ``mapping`` has the class of every value; empty: values are ours.

    Raises:
        ExchangeError: there are none.
    """
    return _found(source, PLAIN_SUFFIXES, lambda path: partial(_index, path, options))


def binary(source: Path, options: ImportOptions) -> Found:
    """Black and white pictures: light is ``options.foreground``, dark ``options.rest``.

    Args:
        source: a folder or a file.
        options: ``threshold`` says what is light.

    Raises:
        ExchangeError: there are none.
    """
    return _found(source, ANY_SUFFIXES, lambda path: partial(_binary, path, options))


def _found(
    source: Path,
    suffixes: frozenset[str],
    reader: Callable[[Path], Callable[[PhotoShape], MaskArray]],
) -> Found:
    found = Found()
    for path in files_below(source, suffixes):
        inside = path.relative_to(source) if path != source else Path(path.name)
        names = [inside.with_suffix("").as_posix()]
        if path.suffix.lower() == ".png":
            names += _own_name(path)
        found.entries.append(Entry(path, str(inside), tuple(names), reader(path)))
    return found


def _own_name(path: Path) -> list[str]:
    """The photo that a label of this program names in itself; it counts where names do not."""
    try:
        with path.open("rb") as file:
            start = file.read(_MOST_TEXT)
    except OSError:
        return []
    at = start.find(b"iTXt" + PHOTO_KEY.encode() + b"\0")
    if not start.startswith(b"\x89PNG") or at < 4:
        return []
    length = int.from_bytes(start[at - 4 : at], "big")
    chunk = start[at + 4 : at + 4 + length].split(b"\0", 5)[-1]
    try:
        photo = json.loads(chunk.decode())["photo"]
    except (ValueError, KeyError, TypeError, RecursionError):
        return []
    return [photo] if isinstance(photo, str) else []


def _index(path: Path, options: ImportOptions, photo: PhotoShape) -> MaskArray:
    with picture(path, PLAIN, lambda w, h: check_fits(path, w, h, photo)) as image:
        values = pixels(path, image)
    mask, strange = map_values(values, options.mapping)
    if mask is None:
        listed = ", ".join(map(str, strange))
        raise UnknownValueError(
            path,
            f"no class is known for the value{'s' if len(strange) > 1 else ''} {listed}",
            f"Say which class it is, for example {strange[0]}=unlabelled.",
            strange,
        )
    return mask


def _binary(path: Path, options: ImportOptions, photo: PhotoShape) -> MaskArray:
    with picture(path, ANY, lambda w, h: check_fits(path, w, h, photo)) as image:
        shades = grey(image)
    rest = Label.BACKGROUND if options.rest is None else options.rest
    light = shades >= options.threshold
    return np.where(light, np.uint8(options.foreground), np.uint8(rest))
