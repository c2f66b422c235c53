"""Which photos are listed, and in what order."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from petseg_gui.core.arrange import Arrangement, PhotoFilter, Sort, arrange
from petseg_gui.core.records import PhotoFlag, PhotoRecord, PhotoState


def record(name: str, **known: Any) -> PhotoRecord:
    return replace(PhotoRecord(name, PhotoState.NEW, None, None, False, False), **known)


RECORDS = {
    one.name: one
    for one in (
        record("a.jpg", confidence=0.9, taken="2024-05-01T10:00:00", tags=("dark",)),
        record(
            "b.jpg",
            state=PhotoState.ACCEPTED,
            label="b.png",
            saved="2026-01-02T00:00:00+00:00",
            model="tuned-1",
            confidence=0.2,
            taken="2023-05-01T10:00:00",
        ),
        record("Käse.jpg", state=PhotoState.PREDICTED, model="starter", disagreement=0.3),
        record(
            "d.jpg",
            state=PhotoState.EDITED,
            label="d.png",
            saved="2026-03-02T00:00:00+00:00",
            confidence=0.5,
            disagreement=0.1,
            note="left ear",
            flag=PhotoFlag.FLAGGED,
        ),
        record("e.jpg", replaced=True, flag=PhotoFlag.SKIPPED, confidence=0.5),
    )
}
NAMES = list(RECORDS)


def shown(**wanted: Any) -> str:
    listed = arrange(NAMES, RECORDS, Arrangement(PhotoFilter(**wanted)), {"a.jpg"})
    return "".join(name[0] for name in listed)


@pytest.mark.parametrize(
    ("wanted", "expected"),
    [
        ({}, "abKde"),
        ({"text": "KÄSE"}, "K"),
        ({"text": "ka\u0308s jpg"}, "K"),
        ({"text": "dark"}, "a"),
        ({"text": "ear d.j"}, "d"),
        ({"text": "nothing"}, ""),
        ({"states": frozenset({PhotoState.NEW, PhotoState.EDITED})}, "ade"),
        ({"flags": frozenset({PhotoFlag.FLAGGED})}, "d"),
        ({"flags": frozenset({PhotoFlag.NONE})}, "abK"),
        ({"tags": frozenset({"dark", "light"})}, "a"),
        ({"model": "tuned-1"}, "b"),
        ({"most": 0.5}, "bde"),
        ({"least": 0.5}, "ade"),
        ({"least": 0.3, "most": 0.6}, "de"),
        ({"changed_since": ""}, "bd"),
        ({"changed_since": "2026-02-01T00:00:00+00:00"}, "d"),
        ({"least_disagreement": 0.2}, "K"),
        ({"problems": True}, "ae"),
        ({"states": frozenset({PhotoState.EDITED}), "text": "ear", "most": 0.4}, ""),
    ],
)
def test_what_is_listed(wanted: dict[str, Any], expected: str) -> None:
    assert shown(**wanted) == expected


@pytest.mark.parametrize(
    ("sort", "reverse", "expected"),
    [
        (Sort.NAME, False, "abKde"),
        (Sort.NAME, True, "edKba"),
        (Sort.DATE, False, "baKde"),
        (Sort.DATE, True, "abKde"),
        (Sort.LEAST_SURE, False, "bdeaK"),
        (Sort.LEAST_SURE, True, "adebK"),
        (Sort.MOST_SURE, False, "adebK"),
        (Sort.DISAGREEMENT, False, "Kdabe"),
        (Sort.SAVED, False, "dbaKe"),
    ],
)
def test_what_is_not_known_comes_last_whichever_way_round(
    sort: Sort, reverse: bool, expected: str
) -> None:
    listed = arrange(NAMES, RECORDS, Arrangement(sort=sort, reverse=reverse))
    assert "".join(name[0] for name in listed) == expected


@given(st.sampled_from(Sort), st.booleans())
def test_no_order_loses_a_photo(sort: Sort, reverse: bool) -> None:
    assert sorted(arrange(NAMES, RECORDS, Arrangement(sort=sort, reverse=reverse))) == sorted(NAMES)
