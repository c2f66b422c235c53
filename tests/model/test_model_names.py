"""Titles and notes of models, and what becomes of a damaged file of them."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from model.model_names import (
    DAMAGED_FILE,
    MAX_NOTE,
    MAX_TITLE,
    NAMES_FILE,
    Named,
    Names,
    clean_note,
    clean_title,
)

FORMAT = "petseg-model-names/1"


def test_titles_and_notes_come_back(tmp_path: Path) -> None:
    names = Names(tmp_path)
    assert names.read() == {}
    names.put("tuned-001", Named("Good with cats", "Line\nand ünïcode 🐈"))
    names.put("tuned-002", Named(note="only a note"))
    names.put("tuned-001", Named("Better"))
    assert Names(tmp_path).read() == {
        "tuned-001": Named("Better"),
        "tuned-002": Named(note="only a note"),
    }
    names.put("tuned-002", Named())
    assert list(names.read()) == ["tuned-001"]
    assert [path.name for path in tmp_path.iterdir()] == [NAMES_FILE]


def test_nothing_to_say_makes_no_file(tmp_path: Path) -> None:
    Names(tmp_path).put("tuned-001", Named())
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"{",
        b"[]",
        b"\xff\xfe",
        b"[" * 100_000,
        b'{"format": "another", "models": {}}',
        json.dumps({"format": FORMAT, "models": []}).encode(),
        b" " * (4 * 1024 * 1024 + 1),
    ],
    ids=["empty", "cut", "list", "bytes", "deep", "format", "models", "large"],
)
def test_a_damaged_file_is_ignored_and_kept_aside(tmp_path: Path, data: bytes) -> None:
    (tmp_path / NAMES_FILE).write_bytes(data)
    names = Names(tmp_path)
    assert names.read() == {}
    names.put("tuned-001", Named("new"))
    assert names.read() == {"tuned-001": Named("new")}
    assert (tmp_path / DAMAGED_FILE).read_bytes() == data


def test_a_damaged_entry_costs_no_other(tmp_path: Path) -> None:
    models = {
        "tuned-001": {"title": 5},
        "tuned-002": {"title": "good"},
        "tuned-003": {"title": "x" * (MAX_TITLE + 1)},
        "tuned-004": "text",
    }
    text = json.dumps({"format": FORMAT, "models": models})
    (tmp_path / NAMES_FILE).write_text(text)
    names = Names(tmp_path)
    assert names.read() == {"tuned-002": Named("good")}
    names.put("tuned-001", Named("mended"))
    assert set(names.read()) == {"tuned-001", "tuned-002"}
    assert (tmp_path / DAMAGED_FILE).read_text() == text


def test_texts_are_cleaned_and_bounded() -> None:
    assert clean_title("  two \n lines\u202e\x00 ") == "two lines"
    assert clean_note("one \r\n\x07two\n\n") == "one\n two"
    assert clean_title("\ud800a") == "a"
    with pytest.raises(ValueError, match="at most 80 characters"):
        clean_title("x" * (MAX_TITLE + 1))
    with pytest.raises(ValueError, match="at most 2,000 characters"):
        clean_note("x" * (MAX_NOTE + 1))
