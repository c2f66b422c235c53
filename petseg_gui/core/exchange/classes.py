"""Which class a value or a name of another program stands for."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import numpy as np
import numpy.typing as npt

from model.labels import Label, MaskArray

LEAVE_OUT = "ignore"
"""What a name is mapped to when its shapes are not wanted."""

WORDS: dict[str, Label] = {
    "pet": Label.PET,
    "background": Label.BACKGROUND,
    "border": Label.BORDER,
    "unlabelled": Label.UNLABELLED,
}
"""The words for the classes on the command line and in category lists."""

NAMES_OF: dict[Label, str] = {label: word for word, label in WORDS.items()}

_USUAL: dict[str, Label] = {
    **WORDS,
    **dict.fromkeys(("cat", "dog", "animal", "foreground", "object"), Label.PET),
    **dict.fromkeys(("bg", "_background_", "back"), Label.BACKGROUND),
    **dict.fromkeys(("contour", "edge", "outline"), Label.BORDER),
    **dict.fromkeys(("unlabeled", "not labelled", "__ignore__", "void"), Label.UNLABELLED),
}

ClassMapping = Mapping[str, Label | None]
"""Names or values as text to classes; None: leave it out."""


def parse_mapping(entries: Iterable[str]) -> dict[str, Label | None]:
    """Entries like ``dog=pet`` or ``255=unlabelled`` as a mapping.

    Raises:
        ValueError: an entry is none.
    """
    mapping: dict[str, Label | None] = {}
    for entry in entries:
        name, equals, word = entry.rpartition("=")
        word = word.strip().lower()
        if not equals or not name.strip() or (word not in WORDS and word != LEAVE_OUT):
            words = ", ".join((*WORDS, LEAVE_OUT))
            raise ValueError(f"'{entry}' is no NAME=CLASS, where CLASS is one of {words}.")
        mapping[name.strip()] = WORDS.get(word)
    return mapping


def class_of(name: str, mapping: ClassMapping) -> Label | None:
    """The class that a name stands for; None: none, or it is to be left out.

    The mapping decides; a name that it does not have means what such names usually mean.
    """
    if name in mapping:
        return mapping[name]
    return _USUAL.get(name.strip().casefold())


def is_known(name: str, mapping: ClassMapping) -> bool:
    """Whether it is known what a name means, be it that its shapes are to be left out."""
    return name in mapping or name.strip().casefold() in _USUAL


def map_values(
    values: npt.NDArray[np.integer], mapping: ClassMapping
) -> tuple[MaskArray | None, list[int]]:
    """The mask of a picture of class values, uint8 (H, W), or the values that mean nothing.

    Args:
        values: (H, W), any integers.
        mapping: by value as text; empty: the values are ours, 0 to 3.  None leaves pixels
            unlabelled.

    Returns:
        The mask and an empty list; or None and (some of) the values that are not in the mapping.
    """
    classes: dict[int, int] = {}
    if mapping:
        for name, label in mapping.items():
            if name.lstrip("-").isdecimal():
                classes[int(name)] = int(label or Label.UNLABELLED)
    else:
        classes = {int(label): int(label) for label in Label}
    low, high = int(values.min()), int(values.max())
    if low >= 0 and high < 65536:
        present = np.flatnonzero(np.bincount(values.ravel(), minlength=1))
    else:
        present = np.unique(values)
    strange = [int(value) for value in present if int(value) not in classes]
    if strange:
        return None, strange[:10]
    mask = np.zeros(values.shape, np.uint8)
    for value in present:
        if classes[int(value)]:
            mask[values == value] = classes[int(value)]
    return mask, []
