"""What a model's card says, read with care: settings, photos, scores, curves.

A card may be of an older version or from a stranger: whatever is not as expected is left out.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

MAX_POINTS = 20_000
"""Points of a curve that are read."""
MEASURES = ("accuracy", "mean_iou", "pet_iou")
CURVES = ("loss", "accuracy", "own_loss", "own_iou", "oxford_loss", "oxford_iou")


@dataclass(frozen=True, slots=True)
class Score:
    """How well a model did on one group of photos kept aside; None: not known.

    Attributes:
        where: ``"own"`` or ``"oxford"``.
        photos: how many.
        accuracy, mean_iou, pet_iou: 0 to 1; the last is free of the border.
    """

    where: str
    photos: int | None
    accuracy: float | None
    mean_iou: float | None
    pet_iou: float | None


def scores(about: Mapping[str, Any], which: str = "new") -> dict[str, Score]:
    """The scores in a card by group of photos.

    Args:
        about: of the card.
        which: ``"new"``: of this model; ``"old"``: of the one that it was compared with.
    """
    found = {}
    for row in _list(about.get("comparison")):
        where = row.get("where") if isinstance(row, Mapping) else None
        if isinstance(where, str) and where not in found:
            measured = [_share(row.get(f"{which}_{measure}")) for measure in MEASURES]
            found[where] = Score(where, whole(row.get("photos")), *measured)
    return found


def settings(about: Mapping[str, Any]) -> dict[str, bool | int | float | str]:
    """The settings that the model was fine-tuned with, or the recipe that it was trained by."""
    found = about.get("settings", about.get("recipe"))
    if not isinstance(found, Mapping):
        return {}
    return {
        str(key): value
        for key, value in found.items()
        if isinstance(value, bool | int | str) or number(value) is not None
    }


def photos(about: Mapping[str, Any]) -> dict[str, int]:
    """How many photos it was made with, by 'own', 'held_out' and 'oxford', as far as known."""
    counts = {
        "own": _count(about.get("own_photos")),
        "held_out": _count(about.get("held_out_photos")),
        "oxford": _count(about.get("oxford_photos")),
    }
    return {key: value for key, value in counts.items() if value is not None}


def history(about: Mapping[str, Any]) -> dict[str, list[tuple[float, float]]]:
    """The curves that there are, each as (step, value) in order; see :data:`CURVES`."""
    curves: dict[str, list[tuple[float, float]]] = {}
    for point in _list(about.get("history"))[:MAX_POINTS]:
        step = number(point.get("step")) if isinstance(point, Mapping) else None
        if step is None:
            continue
        for name in CURVES:
            value = number(_measured(point, name))
            if value is not None:
                curves.setdefault(name, []).append((step, value))
    return {name: sorted(points) for name, points in curves.items()}


def _measured(point: Mapping[str, Any], name: str) -> Any:
    """A value of an :meth:`EpochReport.to_dict`: the groups' are those of photos kept aside."""
    group, _, measure = name.partition("_")
    if not measure:
        return point.get(name)
    found: Any = point.get("held_out")
    for key in (group, "mean_iou" if measure == "iou" else measure):
        found = found.get(key) if isinstance(found, Mapping) else None
    return found


def text(about: Mapping[str, Any], key: str) -> str:
    """A text of the card; empty when there is none."""
    value = about.get(key)
    return value if isinstance(value, str) else ""


def number(value: Any) -> float | None:
    """A finite number; None: it is none."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    try:
        return float(value) if math.isfinite(value) else None
    except OverflowError:
        return None


def whole(value: Any) -> int | None:
    """A count; None: it is none."""
    found = number(value)
    return int(found) if found is not None and found >= 0 else None


def _share(value: Any) -> float | None:
    found = number(value)
    return found if found is not None and 0 <= found <= 1 else None


def _count(value: Any) -> int | None:
    return len(value) if isinstance(value, list | tuple) else whole(value)


def _list(value: Any) -> Sequence[Any]:
    return value if isinstance(value, list | tuple) else ()
