"""The check after a crash finds what it is there to find."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import numpy as np
import pytest

from model import label_png
from petseg_gui.core.records import Provenance
from petseg_gui.core.store import Project
from tests.crash.checker import Ledger, check, stalled
from tests.crash.journal import Event, digest
from tests.crash.photos import HEIGHT, NAMES, WIDTH, make_folder

KILLED = 100.0
SAVED, PAINTED = NAMES[0], NAMES[1]


def mask(value: int) -> np.ndarray:
    return np.full((HEIGHT, WIDTH), value, np.uint8)


def events() -> list[Event]:
    """A label was saved twice; another photo was painted on twice, more than a second ago."""
    label, first = digest(mask(1)), digest(mask(3))
    return [
        Event(90.0, "screen", "stroke", SAVED, first),
        Event(90.1, "begin", "save", SAVED, first, 1),
        Event(90.2, "end", "save", SAVED, first, 1),
        Event(91.0, "screen", "stroke", SAVED, label),
        Event(91.1, "begin", "save", SAVED, label, 2),
        Event(91.2, "end", "save", SAVED, label, 2),
        Event(92.0, "screen", "stroke", PAINTED, first),
        Event(98.5, "screen", "stroke", PAINTED, label),
    ]


@pytest.fixture
def photos(tmp_path: Path) -> Path:
    """What such a child leaves."""
    folder = make_folder(tmp_path)
    project = Project.open(folder)
    for value in (3, 1):
        project.save_label(SAVED, mask(value), Provenance(None, 1), accept=True)
    project.write_draft(PAINTED, mask(1), Provenance(None, 2))
    project.close()
    exported = tmp_path / "exported"
    exported.mkdir()
    (exported / "one.png").write_bytes(label_png.encode(mask(1)))
    return folder


def beats() -> list[Event]:
    """The child's clock ticked in the last seconds."""
    return [Event(95.0 + number / 50, "beat", "clock") for number in range(250)]


def problems(photos: Path, did: list[Event], ledger: Ledger | None = None) -> str:
    target = photos.parent / "exported"
    left = check(photos, target, [*did, *beats()], KILLED, ledger=ledger or Ledger.of(photos))
    return "\n".join(left.problems)


def test_nothing_is_found_where_nothing_is_wrong(photos: Path) -> None:
    assert problems(photos, events()) == ""


def cut_off(path: Path) -> None:
    path.write_bytes(path.read_bytes()[:-20])


def exchanged(path: Path) -> None:
    path.write_bytes(label_png.encode(mask(0)))


def removed(path: Path) -> None:
    path.unlink()


def without_row(path: Path) -> None:
    with closing(sqlite3.connect(path)) as index:
        index.execute("UPDATE photos SET label = NULL, saved = '', accepted = 0")
        index.commit()


def with_foreign_row(path: Path) -> None:
    with closing(sqlite3.connect(path)) as index:
        index.execute("INSERT INTO tags VALUES (99, 'of nobody')")
        index.commit()


def overwritten(path: Path) -> None:
    path.write_bytes(b"no database" * 1000)


@pytest.mark.parametrize(
    ("where", "harm", "found"),
    [
        ("photos/petseg/labels/pet_1.png", cut_off, "is not whole"),
        ("photos/petseg/labels/pet_1.png", exchanged, "was never saved"),
        ("photos/petseg/labels/pet_1.png", removed, "which is not there"),
        ("photos/petseg/history/pet_1/*.png", cut_off, "is not whole"),
        ("photos/petseg/history/pet_1/*.png", removed, "that was saved"),
        ("photos/petseg/drafts/pet_2.png.png", removed, "pet_2.png begins with"),
        ("photos/petseg/drafts/pet_2.png.png", exchanged, "never seen"),
        ("photos/petseg/project.sqlite", without_row, "does not know pet_1.png"),
        ("photos/petseg/project.sqlite", with_foreign_row, "foreign_key_check"),
        ("photos/petseg/project.sqlite", overwritten, "was damaged"),
        ("exported/one.png", cut_off, "is not whole"),
    ],
)
def test_harm_is_found(photos: Path, where: str, harm: Callable[[Path], None], found: str) -> None:
    (path,) = photos.parent.glob(where)
    harm(path)
    assert found in problems(photos, events())


def test_a_photo_that_was_written_to_is_found(photos: Path) -> None:
    ledger = Ledger.of(photos)
    with (photos / NAMES[2]).open("ab") as photo:
        photo.write(b"more")
    assert "was written to" in problems(photos, events(), ledger)


def test_a_gesture_of_more_than_a_second_ago_may_not_be_missing(photos: Path) -> None:
    late = Event(98.9, "screen", "stroke", PAINTED, digest(mask(2)))
    assert "pet_2.png begins with" in problems(photos, [*events(), late])


def test_a_younger_gesture_may_be_missing(photos: Path) -> None:
    young = Event(99.2, "screen", "stroke", PAINTED, digest(mask(2)))
    assert problems(photos, [*events(), young]) == ""


def test_time_in_which_the_machine_stood_still_does_not_count() -> None:
    standing = [beat for beat in beats() if not 98.0 < beat.at < 99.5]
    assert stalled(beats(), KILLED) == 0
    assert stalled(standing, KILLED) == pytest.approx(1.5)


def test_what_was_begun_may_have_come_to_its_end_or_not(photos: Path) -> None:
    found = digest(mask(2))
    begun = Event(95.0, "begin", "import", SAVED, found, 3)
    assert problems(photos, [*events(), begun]) == ""
    ended = Event(95.1, "end", "import", SAVED, found, 3)
    assert "pet_1.png begins with" in problems(photos, [*events(), begun, ended])


def test_trouble_of_the_child_is_found(photos: Path) -> None:
    assert "no space" in problems(photos, [Event(99.0, "trouble", "no space")])
