"""What the fine-tune panel reads from the reports of the training, as plain attributes, and words.

The comparison comes from :mod:`model.gate` through the service; any object with these
attributes will do, so the panel needs no TensorFlow and its tests no model.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from datetime import datetime
from html import escape
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from petseg_gui.services.finetune_request import Side

UNKNOWN = "–"


class PhotoScoreLike(Protocol):
    """Old against new on one photo: IoU of the pet, 0..1; NaN without a pet."""

    @property
    def id(self) -> str: ...  # noqa: D102
    @property
    def old(self) -> float: ...  # noqa: D102
    @property
    def new(self) -> float: ...  # noqa: D102


class ComparisonRow(Protocol):
    """Both models on one set of held-out photos (:class:`model.gate.Row`); figures are 0..1."""

    @property
    def where(self) -> str: ...  # noqa: D102
    @property
    def photos(self) -> int: ...  # noqa: D102
    @property
    def old_accuracy(self) -> float: ...  # noqa: D102
    @property
    def new_accuracy(self) -> float: ...  # noqa: D102
    @property
    def old_mean_iou(self) -> float: ...  # noqa: D102
    @property
    def new_mean_iou(self) -> float: ...  # noqa: D102
    @property
    def old_pet_iou(self) -> float: ...  # noqa: D102
    @property
    def new_pet_iou(self) -> float: ...  # noqa: D102
    @property
    def old_iou(self) -> Sequence[float]: ...  # noqa: D102
    @property
    def new_iou(self) -> Sequence[float]: ...  # noqa: D102
    @property
    def low(self) -> float: ...  # noqa: D102
    @property
    def high(self) -> float: ...  # noqa: D102
    @property
    def scores(self) -> Sequence[PhotoScoreLike]: ...  # noqa: D102


class OutcomeLike(Protocol):
    """The end of a fine-tune (:class:`petseg_gui.services.finetune_request.Outcome`)."""

    @property
    def candidate(self) -> str: ...  # noqa: D102
    @property
    def adopted(self) -> bool: ...  # noqa: D102
    @property
    def sure(self) -> bool: ...  # noqa: D102
    @property
    def reason(self) -> str: ...  # noqa: D102
    @property
    def rows(self) -> Sequence[ComparisonRow]: ...  # noqa: D102
    @property
    def sides(self) -> Sequence[Side]: ...  # noqa: D102


def title_of(outcome: OutcomeLike) -> str:
    """What came of a fine-tune, in a few words."""
    if outcome.adopted:
        return "The new model is in use"
    if not outcome.sure:
        return "Too few photos to tell: you decide"
    return "The previous model stays in use"


def percent(fraction: float) -> str:
    """0.9053 as '90.5 %'; NaN as a dash."""
    return UNKNOWN if math.isnan(fraction) else f"{100 * fraction:.1f} %"


def points(change: float) -> str:
    """A difference of two shares in percentage points, with its sign; NaN as a dash."""
    if math.isnan(change):
        return UNKNOWN
    rounded = round(100 * change, 1)
    return "0.0" if rounded == 0 else f"{rounded:+.1f}".replace("-", "−")


def direction(change: float) -> str:
    """A sign that says whether something got better, to be read beside a number."""
    rounded = 0.0 if math.isnan(change) else round(100 * change, 1)
    return "▲" if rounded > 0 else "▼" if rounded < 0 else "="


def in_words(old: float, new: float) -> str:
    """How a photo's mask changed, for people."""
    if math.isnan(old) or math.isnan(new):
        return "No pet to compare"
    change = round(100 * (new - old), 1)
    pair = f"pet {percent(old)} → {percent(new)}"
    if change == 0:
        return f"No difference: {pair}"
    size = "Much" if abs(change) >= 10 else "Somewhat" if abs(change) >= 2 else "Slightly"
    return f"{size} {'better' if change > 0 else 'worse'}: {pair}"


def duration(seconds: float) -> str:
    """A time span as a person would say it."""
    if seconds < 55:
        return f"{max(1, round(seconds))} s"
    minutes = round(seconds / 60)
    if minutes < 90:
        return f"{minutes} min"
    return f"{minutes // 60} h {minutes % 60} min"


def moment(iso: str) -> str:
    """A time in ISO 8601 as people say it, in their own zone."""
    try:
        at = datetime.fromisoformat(iso).astimezone()
    except ValueError:  # a file that somebody edited
        return iso
    return f"{at.day} {at:%b, %H:%M}"


def photos(count: int) -> str:
    """'1 photo', '20 photos'."""
    return "1 photo" if count == 1 else f"{count:,} photos"


def comparison_html(rows: Sequence[ComparisonRow]) -> str:
    """The table of the result card: per set of photos, two measures of both models."""
    lines = ["<table cellspacing='0' cellpadding='0' width='100%'>"]
    before, after = "Before", "After"
    for row in rows:
        lines.append(
            f"<tr><td><b>{escape(row.where)}</b> ({row.photos})</td>"
            f"<td align='right'>{before}</td><td align='right'>{after}</td></tr>"
        )
        before = after = ""  # above the first figures only
        for what, old, new in (
            ("Pet found", row.old_pet_iou, row.new_pet_iou),
            ("Pixels right", row.old_accuracy, row.new_accuracy),
        ):
            lines.append(
                f"<tr><td>{what}</td><td align='right'>{percent(old)}</td>"
                f"<td align='right'>{percent(new)} {direction(new - old)}</td></tr>"
            )
    lines.append("</table>")
    return "".join(lines)
