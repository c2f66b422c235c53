"""The gate: a fine-tuned candidate comes into use only if it does not lose."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import asdict, dataclass, replace
from typing import Any

from model.data import Example
from model.evaluate import Evaluation
from model.metrics import Scores, pet_iou_without_border
from model.predict import Predictor

OXFORD_MARGIN = 0.005
"""Mean IoU that may be lost on Oxford photos when the person's own photos hold or gain."""
OWN_MARGIN = 0.01
"""Pet IoU that may be lost on the person's own photos.

Their labels began as predictions of the model in use: where nobody painted, they agree with it
to the pixel, and any other model, however good, loses there by a hair.
"""


@dataclass(frozen=True, slots=True)
class Row:
    """Old against new on one group of held-out photos, at the photos' own size.

    Attributes:
        where: ``"own"`` or ``"oxford"``.
        photos: how many.
        old_accuracy, new_accuracy: pixel accuracy, 0 to 1.
        old_mean_iou, new_mean_iou: mean IoU over the classes, 0 to 1.
        old_pet_iou, new_pet_iou: IoU of the pet where neither truth nor prediction says border,
            0 to 1: free of a thin rim's jitter; NaN without a pet.
    """

    where: str
    photos: int
    old_accuracy: float
    new_accuracy: float
    old_mean_iou: float
    new_mean_iou: float
    old_pet_iou: float
    new_pet_iou: float

    def to_dict(self) -> dict[str, Any]:
        """Plain values for a manifest."""
        return asdict(self)

    def named(self, names: Mapping[str, str]) -> Row:
        """The same row under the name that people read."""
        return replace(self, where=names.get(self.where, self.where))


def compare(
    old: Predictor,
    new: Predictor,
    groups: Mapping[str, Iterable[Example]],
    *,
    check: Callable[[], None] = lambda: None,
) -> list[Row]:
    """Measure two models on the same held-out photos.

    Args:
        old: the model in use.
        new: the candidate.
        groups: held-out photos by ``"own"`` and ``"oxford"``; a group without a labelled pixel
            gives no row.
        check: called before every photo; raises to stop.
    """
    rows = []
    for where, examples in groups.items():
        before, after = Evaluation(old.input_size), Evaluation(new.input_size)
        for example in examples:
            check()
            for predictor, counts in ((old, before), (new, after)):
                (probabilities,) = predictor.probabilities([example.photo])
                counts.add(example, probabilities)
        was = Scores.from_confusion(before.at_photo_size)
        now = Scores.from_confusion(after.at_photo_size)
        if was.pixels:
            rows.append(
                Row(
                    where,
                    len(before.pet_iou),
                    was.pixel_accuracy,
                    now.pixel_accuracy,
                    was.mean_iou,
                    now.mean_iou,
                    pet_iou_without_border(before.at_photo_size),
                    pet_iou_without_border(after.at_photo_size),
                )
            )
    return rows


def decide(rows: Iterable[Row]) -> tuple[bool, str]:
    """Whether to adopt the candidate, and why, in words for the person.

    It must not lose more than :data:`OWN_MARGIN` on the person's own held-out photos (pet IoU,
    border apart), nor more than :data:`OXFORD_MARGIN` on Oxford's (mean IoU); without own photos
    it must not lose on Oxford's at all, and without any photo nothing is known and the old model
    stays.
    """
    by_group = {row.where: row for row in rows}
    own, oxford = by_group.get("own"), by_group.get("oxford")
    if own is None and oxford is None:
        return False, (
            "No photo that you corrected was held out, so the two models could not be compared."
        )
    if own is not None and own.old_pet_iou - own.new_pet_iou > OWN_MARGIN:
        return False, (
            "On your own held-out photos the new model finds the pet less well: overlap "
            f"{own.new_pet_iou:.1%} instead of {own.old_pet_iou:.1%}, border apart."
        )
    if oxford is not None:
        loss = oxford.old_mean_iou - oxford.new_mean_iou
        if loss > (OXFORD_MARGIN if own is not None else 0.0):
            return False, "On the Oxford photos the new model is worse."
    if own is None:
        return True, (
            "The new model is no worse on the Oxford photos; none of yours that you corrected was "
            "held out."
        )
    return True, (
        "On your own held-out photos the new model is no worse at finding the pet: overlap "
        f"{own.new_pet_iou:.1%} after {own.old_pet_iou:.1%}, border apart."
    )
