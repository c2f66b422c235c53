"""The gate: a fine-tuned candidate comes into use by itself only if it does not lose."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from itertools import islice
from typing import Any

import numpy as np

from model.data import Example
from model.evaluate import Evaluation
from model.labels import MaskArray
from model.metrics import Scores
from model.predict import Predictor, Variant
from model.settings import OWN, OXFORD

OXFORD_MARGIN = 0.005
"""Mean IoU that may be lost on Oxford photos when the person's own photos hold or gain."""
OWN_MARGIN = 0.01
"""Pet IoU that may be lost on the person's own photos.

Their labels began as predictions of the model in use: where nobody painted, they agree with it
to the pixel, and any other model, however good, loses there by a hair.
"""
ENOUGH = 4
"""Own held-out photos without which nothing is concluded from them."""
_AT_A_TIME = 4
"""Photos that one model predicts before the other one does: they may take turns in a network."""
_RESAMPLES = 2000
_LEVEL = 0.95


@dataclass(frozen=True, slots=True)
class PhotoScore:
    """Old against new on one photo: IoU of the pet, border apart, 0 to 1; NaN without a pet."""

    id: str
    old: float
    new: float

    @property
    def change(self) -> float:
        """How much better the new model is; below 0: worse."""
        return self.new - self.old


@dataclass(frozen=True, slots=True)
class Row:
    """Old against new on one group of held-out photos, at the photos' own size.

    Attributes:
        where: ``"own"`` or ``"oxford"``.
        photos: how many.
        old_accuracy, new_accuracy: pixel accuracy, 0 to 1.
        old_mean_iou, new_mean_iou: mean IoU over the classes, 0 to 1.
        old_pet_iou, new_pet_iou: mean over the photos of the pet's IoU where neither truth nor
            prediction says border, 0 to 1: free of a thin rim's jitter; NaN without a pet.
        old_iou, new_iou: IoU of each class, in the order of ``CLASSES``; NaN for one that is
            nowhere.
        low, high: between these the change of the pet's IoU lies for photos like these (95 %,
            by bootstrap over the photos); NaN for fewer than two.
        scores: photo by photo.
    """

    where: str
    photos: int
    old_accuracy: float
    new_accuracy: float
    old_mean_iou: float
    new_mean_iou: float
    old_pet_iou: float
    new_pet_iou: float
    old_iou: tuple[float, ...] = ()
    new_iou: tuple[float, ...] = ()
    low: float = math.nan
    high: float = math.nan
    scores: tuple[PhotoScore, ...] = field(default=(), repr=False)

    def to_dict(self) -> dict[str, Any]:
        """Plain values for a manifest, which knows no NaN: None stands for it."""
        return _plain(asdict(self))  # type: ignore[no-any-return]

    def named(self, names: Mapping[str, str]) -> Row:
        """The same row under the name that people read."""
        return replace(self, where=names.get(self.where, self.where))


@dataclass(frozen=True, slots=True)
class Verdict:
    """What follows from a comparison.

    Attributes:
        adopt: the candidate comes into use if nobody says otherwise.
        sure: there were enough photos to tell.
        reason: why, in words for the person.
    """

    adopt: bool
    sure: bool
    reason: str


def compare(
    old: Predictor | Variant,
    new: Predictor | Variant,
    groups: Mapping[str, Iterable[Example]],
    *,
    check: Callable[[], None] = lambda: None,
    on_photo: Callable[[str, Example, MaskArray, MaskArray], None] | None = None,
) -> list[Row]:
    """Measure two models on the same held-out photos.

    Args:
        old: the model in use.
        new: the candidate.
        groups: held-out photos by ``"own"`` and ``"oxford"``; a group without a labelled pixel
            gives no row.
        check: called before every prediction; raises to stop.
        on_photo: told group, photo, and what the old and the new model say of it.
    """
    rows = []
    for where, examples in groups.items():
        before, after = Evaluation(old.input_size), Evaluation(new.input_size)
        rest = iter(examples)
        while some := list(islice(rest, _AT_A_TIME)):
            masks = []
            for predictor, counts in ((old, before), (new, after)):
                for example in some:
                    check()
                    (probabilities,) = predictor.probabilities([example.photo])
                    masks.append(counts.add(example, probabilities))
            if on_photo is not None:
                for example, was, now in zip(some, masks, masks[len(some) :], strict=False):
                    on_photo(where, example, was, now)
        if before.at_photo_size.sum():
            rows.append(_row(where, before, after))
    return rows


def _row(where: str, before: Evaluation, after: Evaluation) -> Row:
    was, now = (Scores.from_confusion(found.at_photo_size) for found in (before, after))
    scores = [
        PhotoScore(name, old, after.pet_iou_inside[name])
        for name, old in before.pet_iou_inside.items()
    ]
    known = [s for s in scores if not math.isnan(s.change)]
    low, high = interval([score.change for score in known])
    return Row(
        where,
        len(scores),
        was.pixel_accuracy,
        now.pixel_accuracy,
        was.mean_iou,
        now.mean_iou,
        float(np.mean([s.old for s in known])) if known else math.nan,
        float(np.mean([s.new for s in known])) if known else math.nan,
        was.iou,
        now.iou,
        low,
        high,
        tuple(scores),
    )


def interval(changes: Sequence[float], seed: int = 0) -> tuple[float, float]:
    """Between what the mean of such changes lies: percentile bootstrap over the photos.

    Args:
        changes: one number per photo.
        seed: of the resampling.

    Returns:
        Bounds of the 95 % interval; NaN, NaN for fewer than two photos.
    """
    if len(changes) < 2:
        return math.nan, math.nan
    values = np.asarray(changes, np.float64)
    drawn = np.random.default_rng(seed).integers(0, len(values), (_RESAMPLES, len(values)))
    means = values[drawn].mean(axis=1)
    low, high = np.quantile(means, [(1 - _LEVEL) / 2, (1 + _LEVEL) / 2])
    return float(low), float(high)


def decide(rows: Iterable[Row]) -> Verdict:
    """Whether to adopt the candidate, and why, in words for the person.

    It must not lose more than :data:`OXFORD_MARGIN` on Oxford's photos (mean IoU), nor more than
    :data:`OWN_MARGIN` on the person's own (pet IoU, border apart), nor lose there beyond what
    chance explains.  With fewer than :data:`ENOUGH` own photos nobody can tell: the person
    decides, and the old model stays until then.
    """
    by_group = {row.where: row for row in rows}
    own, oxford = by_group.get(OWN), by_group.get(OXFORD)
    if oxford is not None and oxford.old_mean_iou - oxford.new_mean_iou > OXFORD_MARGIN:
        return Verdict(
            False,
            True,
            "On the Oxford photos the new model is worse: it has forgotten more than it may "
            f"(overlap {oxford.new_mean_iou:.1%} instead of {oxford.old_mean_iou:.1%}).",
        )
    if own is None or own.photos < ENOUGH:
        return Verdict(False, False, _too_few(own))
    pair = f"overlap {own.new_pet_iou:.1%} instead of {own.old_pet_iou:.1%}, border apart"
    lost = own.old_pet_iou - own.new_pet_iou
    if lost > OWN_MARGIN or own.high < 0:
        return Verdict(
            False,
            True,
            f"On your own photos kept aside the new model finds the pet less well: {pair}.",
        )
    better = "better" if own.low > 0 else "no worse"
    return Verdict(
        True,
        True,
        f"On your own photos kept aside the new model is {better} at finding the pet: {pair}.",
    )


def _too_few(own: Row | None) -> str:
    if own is None:
        return (
            "None of the photos that you corrected is kept aside yet, so nobody can tell whether "
            "the new model is better on yours. Look at its masks and decide."
        )
    photos = "1 photo of yours is" if own.photos == 1 else f"{own.photos} photos of yours are"
    return (
        f"Only {photos} kept aside: too few to tell which model is better ({ENOUGH} are needed). "
        f"Overlap with the pet: {own.new_pet_iou:.1%} instead of {own.old_pet_iou:.1%}."
    )


def _plain(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: _plain(each) for name, each in value.items()}
    if isinstance(value, (list, tuple)):
        return [_plain(each) for each in value]
    return None if isinstance(value, float) and math.isnan(value) else value
