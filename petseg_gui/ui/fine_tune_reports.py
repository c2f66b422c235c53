"""What the fine-tune panel reads from the reports of the training, as plain attributes.

The objects come from :mod:`model.finetune` through the service; any object with these
attributes will do, so the panel needs no TensorFlow and its tests no model.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol


class StepLike(Protocol):
    """One training step; ``seconds_left`` is None until it can be told."""

    @property
    def step(self) -> int: ...  # noqa: D102
    @property
    def steps(self) -> int: ...  # noqa: D102
    @property
    def epoch(self) -> int: ...  # noqa: D102
    @property
    def epochs(self) -> int: ...  # noqa: D102
    @property
    def loss(self) -> float: ...  # noqa: D102
    @property
    def accuracy(self) -> float: ...  # noqa: D102
    @property
    def seconds_left(self) -> float | None: ...  # noqa: D102


class EpochLike(Protocol):
    """The end of an epoch; ``val_*`` are of held-out photos, None where there are none."""

    @property
    def epoch(self) -> int: ...  # noqa: D102
    @property
    def val_loss(self) -> float | None: ...  # noqa: D102
    @property
    def val_accuracy(self) -> float | None: ...  # noqa: D102


class ComparisonRow(Protocol):
    """Both models on one set of held-out photos; the figures are 0..1."""

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


class OutcomeLike(Protocol):
    """The end of a fine-tune: the candidate, whether it is in use now, and why."""

    @property
    def candidate(self) -> str: ...  # noqa: D102
    @property
    def adopted(self) -> bool: ...  # noqa: D102
    @property
    def reason(self) -> str: ...  # noqa: D102
    @property
    def rows(self) -> Sequence[ComparisonRow]: ...  # noqa: D102


def percent(fraction: float) -> str:
    """0.9053 as '90.5 %'."""
    return f"{100 * fraction:.1f} %"


def duration(seconds: float) -> str:
    """A time span as a person would say it."""
    if seconds < 55:
        return f"{max(1, round(seconds))} s"
    minutes = round(seconds / 60)
    if minutes < 90:
        return f"{minutes} min"
    return f"{minutes // 60} h {minutes % 60} min"


def comparison_html(rows: Sequence[ComparisonRow]) -> str:
    """The table of the result card: per set of photos, both measures of both models."""
    lines = [
        "<table cellspacing='0' cellpadding='1' width='100%'>",
    ]
    before, after = "Before", "After"
    for row in rows:
        lines.append(
            f"<tr><td><b>{row.where}</b> ({row.photos})</td>"
            f"<td align='right'>{before}</td><td align='right'>{after}</td></tr>"
        )
        before = after = ""  # above the first figures only
        for what, old, new in (
            ("Pixels right", row.old_accuracy, row.new_accuracy),
            ("Mean IoU", row.old_mean_iou, row.new_mean_iou),
        ):
            sign = "▲" if new > old else "▼" if new < old else "="
            lines.append(
                f"<tr><td>{what}</td><td align='right'>{percent(old)}</td>"
                f"<td align='right'>{percent(new)} {sign}</td></tr>"
            )
    lines.append("</table>")
    return "".join(lines)
