"""What a source of labels is made of, whatever program it comes from."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from model.labels import Label, MaskArray
from petseg_gui.core.exchange.common import ExchangeError, size_text
from petseg_gui.core.exchange.outlines import Points


@dataclass(frozen=True, slots=True)
class ImportOptions:
    """How the values and names of a source are to be understood.

    Attributes:
        mapping: names or values (as text) to classes; None: leave them out.  What is not in it
            means what it usually means; index pictures need every value of theirs in it.
        threshold: of a black and white mask, 0..255: what is as light or lighter is foreground.
        foreground: the class of a binary mask's light pixels.
        rest: the class of pixels that nothing covers; None: background, but in a file that has
            shapes for the background as well, not labelled.
        accept: the labels count as accepted by a person.
    """

    mapping: Mapping[str, Label | None] = field(default_factory=dict)
    threshold: int = 128
    foreground: Label = Label.PET
    rest: Label | None = None
    accept: bool = False


@dataclass(frozen=True, slots=True)
class PhotoShape:
    """A photo's size in pixels.

    Attributes:
        width: as it is shown, its EXIF orientation applied.
        height: the same.
        stored: (width, height) as the file stores it.
    """

    width: int
    height: int
    stored: tuple[int, int]


@dataclass(frozen=True, slots=True)
class Entry:
    """The label of one photo in a source.

    Attributes:
        path: the file that it is in.
        title: what to call it in a report.
        names: what its photo may be called, the surest first.
        read: makes the mask, uint8 (H, W), for a photo of that size.  Raises ExchangeError.
    """

    path: Path
    title: str
    names: tuple[str, ...]
    read: Callable[[PhotoShape], MaskArray]


@dataclass(frozen=True, slots=True)
class Refusal:
    """Something in a source that cannot be imported.

    Attributes:
        title: what it is.
        reason: why, and what to do, in words.
        photo: the photo that it belongs to, if that is known.
        values: the values of it that no class is known for.
    """

    title: str
    reason: str
    photo: str | None = None
    values: tuple[int, ...] = ()


@dataclass(slots=True)
class Found:
    """What a source has.

    Attributes:
        entries: labels, one for each photo of theirs.
        refused: files of which not even the photo can be said.
        left_out: how often each name was met that no class is known for.
    """

    entries: list[Entry] = field(default_factory=list)
    refused: list[Refusal] = field(default_factory=list)
    left_out: dict[str, int] = field(default_factory=dict)


def check_fits(path: Path, width: int, height: int, photo: PhotoShape, what: str = "it") -> None:
    """Whether something of a size belongs to the photo.

    Raises:
        ExchangeError: its size is another; the text says if only the photo was turned.
    """
    if (width, height) == (photo.width, photo.height):
        return
    reason = (
        f"{what} has {size_text(width, height)} pixels, but its photo has "
        f"{size_text(photo.width, photo.height)}"
    )
    remedy = "Make it again for this photo."
    if (height, width) == (photo.width, photo.height):
        if photo.stored == (width, height):
            reason += ", turned by its EXIF orientation: the label was made for the photo unturned"
            remedy = "Turn the label as the photo is shown."
        else:
            reason += ": width and height are exchanged"
            remedy = "Turn the label as the photo is."
    raise ExchangeError(path, reason, remedy)


@dataclass(frozen=True, slots=True)
class Shape:
    """A shape of an annotation, and its class.

    Attributes:
        points: polygon in photo coordinates, (N, 2); or in shares of width and height.
        label: its class.
    """

    points: Points
    label: Label


def paint_rest(photo: PhotoShape, rest: Label) -> MaskArray:
    """A mask of one class for a photo, to paint shapes on."""
    return np.full((photo.height, photo.width), int(rest), np.uint8)
