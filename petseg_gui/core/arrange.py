"""Which photos of a folder are listed, and in what order: plain values in, names out."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum

from petseg_gui.core.layout import folded
from petseg_gui.core.records import PhotoFlag, PhotoRecord, PhotoState


class Sort(StrEnum):
    """The order of the photos; photos of which the value is not known come last."""

    NAME = "name"
    DATE = "date"
    LEAST_SURE = "most uncertain first"
    MOST_SURE = "most confident first"
    DISAGREEMENT = "models disagree most"
    SAVED = "saved last"


@dataclass(frozen=True, slots=True)
class PhotoFilter:
    """What a photo must be like to be listed; the default lists all.

    Attributes:
        text: words, each of which must occur in its name, a tag or its note, whatever the case.
        states: one of these; empty: any.
        flags: one of these; empty: any.
        tags: has one of these; empty: any.
        model: id of the model that its label or prediction comes from; empty: any.
        least, most: bounds of its confidence, 0..1, both inclusive; None: no bound.  A photo
            whose confidence is not known is outside of any bound.
        changed_since: its label was saved later than this, ISO 8601 in UTC (empty: it was saved
            at all); None: whenever, or never.
        least_disagreement: two models differ on it by at least so much, 0..1; None: whatever.
        problems: only those that cannot be read or were replaced by another picture.
    """

    text: str = ""
    states: frozenset[PhotoState] = frozenset()
    flags: frozenset[PhotoFlag] = frozenset()
    tags: frozenset[str] = frozenset()
    model: str = ""
    least: float | None = None
    most: float | None = None
    changed_since: str | None = None
    least_disagreement: float | None = None
    problems: bool = False


@dataclass(frozen=True, slots=True)
class Arrangement:
    """A filter and an order.

    Attributes:
        show: which photos.
        sort: in which order.
        reverse: the other way round; photos of which the value is not known still come last.
    """

    show: PhotoFilter = field(default_factory=PhotoFilter)
    sort: Sort = Sort.NAME
    reverse: bool = False


def arrange(
    names: Sequence[str],
    records: Mapping[str, PhotoRecord],
    arrangement: Arrangement,
    unreadable: Collection[str] = (),
) -> list[str]:
    """The names that are listed, in their order.

    Args:
        names: all photos, in natural order of their names.
        records: what is known of each of them.
        arrangement: what is wanted.
        unreadable: photos that cannot be read.

    Returns:
        A part of ``names``; photos that the order does not tell apart stay in natural order.
    """
    tests = _tests(arrangement.show, unreadable)
    listed = [name for name in names if all(test(records[name]) for test in tests)]
    return _sorted(listed, records, arrangement.sort, arrangement.reverse)


_Test = Callable[[PhotoRecord], bool]


def _tests(show: PhotoFilter, unreadable: Collection[str]) -> list[_Test]:
    """What has to be true of a photo; cheap questions first."""
    tests: list[_Test] = []
    if show.states:
        tests.append(lambda record: record.state in show.states)
    if show.flags:
        tests.append(lambda record: record.flag in show.flags)
    if show.tags:
        tests.append(lambda record: not show.tags.isdisjoint(record.tags))
    if show.model:
        tests.append(lambda record: record.model == show.model)
    if show.least is not None or show.most is not None:
        low, high = show.least or 0.0, 1.0 if show.most is None else show.most
        tests.append(lambda record: _within(record.confidence, low, high))
    if (since := show.changed_since) is not None:
        tests.append(lambda record: record.label is not None and record.saved > since)
    if show.least_disagreement is not None:
        least = show.least_disagreement
        tests.append(lambda record: _within(record.disagreement, least, 1.0))
    if show.problems:
        tests.append(lambda record: record.replaced or record.name in unreadable)
    if words := folded(show.text).split():
        tests.append(lambda record: _mentions(record, words))
    return tests


def _within(value: float | None, low: float, high: float) -> bool:
    return value is not None and low <= value <= high


def _mentions(record: PhotoRecord, words: Iterable[str]) -> bool:
    text = folded("\n".join((record.name, *record.tags, record.note)))
    return all(word in text for word in words)


_KEYS: dict[Sort, tuple[Callable[[PhotoRecord], str | float | None], bool]] = {
    Sort.DATE: (lambda record: record.taken or None, False),
    Sort.LEAST_SURE: (lambda record: record.confidence, False),
    Sort.MOST_SURE: (lambda record: record.confidence, True),
    Sort.DISAGREEMENT: (lambda record: record.disagreement, True),
    Sort.SAVED: (lambda record: record.saved or None, True),
}
"""By what to sort, and whether the greatest comes first."""


def _sorted(
    listed: list[str], records: Mapping[str, PhotoRecord], sort: Sort, reverse: bool
) -> list[str]:
    if sort is Sort.NAME:
        return listed[::-1] if reverse else listed
    key, descending = _KEYS[sort]
    values = [(name, key(records[name])) for name in listed]
    known = [(name, value) for name, value in values if value is not None]
    # Stable both ways round: photos of one value stay in the order of their names.
    known.sort(key=lambda pair: pair[1], reverse=descending is not reverse)
    return [name for name, _ in known] + [name for name, value in values if value is None]
