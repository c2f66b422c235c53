"""Hostile files of every kind: each is read or refused, soon, in little memory, and harms nothing.

``make soak`` tries many more.  ``PETSEG_FUZZ_SEED`` sets by which numbers they are damaged.
"""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from tests.core.fuzz import files, watch
from tests.scale import times

pytestmark = [
    pytest.mark.soak,
    pytest.mark.skipif(sys.platform != "linux", reason="the watch over a process is Linux's"),
]

INDEXES = ("file", "log", "content")
LABELS = ("label", "version", "draft", "prediction", "probabilities")

CASES = {
    "photos": (files.PHOTOS, times(40, 420)),
    "labels": (LABELS, times(80, 800)),
    "indexes": (INDEXES, times(140, 1400)),
    "imports": (tuple(files.IMPORTS), times(50, 450)),
    "small files": (("settings", "view"), times(100, 1000)),
    "thumbnails": (("jpg", "png"), times(60, 600)),
}
"""Kinds of each, and how many files of a kind are tried."""


SILENT = ("prediction", "probabilities", "log", "view", "jpg", "png")
"""What is damaged of these is made again, or left out, without a word."""


@pytest.mark.parametrize(
    ("target", "kind"), [(target, kind) for target, (kinds, _) in CASES.items() for kind in kinds]
)
def test_hostile_files_do_no_harm(tmp_path: Path, target: str, kind: str) -> None:
    count = CASES[target][1]
    found = watch.tried(target, kind, count, tmp_path)
    assert found.problems == []
    assert sum(found.outcomes.values()) == count
    assert found.outcomes["refused"] or kind in SILENT, "no damage did any"


@pytest.mark.parametrize(
    ("kind", "words"),
    [
        ("computes without end", "hangs for more than"),
        ("ends the program", "ends the program with status -6"),
        ("takes memory", " MB"),
        ("takes all memory", "out of memory"),
        ("raises", "KeyError"),
    ],
)
def test_the_watch_names_the_file_and_goes_on(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, kind: str, words: str
) -> None:
    if "without end" in kind:
        monkeypatch.setattr(watch, "SECONDS", 0.5)
    found = watch.tried("troubles", kind, 4, tmp_path)
    (problem,) = found.problems
    assert words in problem
    assert f"troubles, {kind}, file 1 of seed" in problem
    assert found.outcomes["read"] >= 2, "the files after it"


def test_there_are_enough_of_them() -> None:
    assert sum(len(kinds) * count for kinds, count in CASES.values()) >= times(2_000, 20_000)
