"""Decoded photos in memory: the current one always, neighbours while there is room."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import cv2
import numpy as np
import pytest
from pytestqt.qtbot import QtBot

from petseg_gui.core import memory
from petseg_gui.core.store import Project
from petseg_gui.services.tasks import TaskRunner
from petseg_gui.ui.photo_loader import KEPT, PAINT_MS, PhotoLoader
from tests.gui.harness import HEIGHT, WIDTH, write_photo

PHOTO = HEIGHT * WIDTH * 4
"""So small a photo has no halves, and without a prediction nothing is copied: colours and mask."""
NAMES = [f"pet_{number}.png" for number in range(1, 11)]

MakeLoader = Callable[[int], PhotoLoader]


@pytest.fixture
def runner(qtbot: QtBot) -> Iterator[TaskRunner]:
    runner = TaskRunner(2)
    yield runner
    runner.shutdown()


@pytest.fixture
def make(
    tmp_path: Path, runner: TaskRunner, monkeypatch: pytest.MonkeyPatch
) -> Iterator[MakeLoader]:
    """Makes a loader with so many bytes for ten photos, each expected to take what it takes."""
    monkeypatch.setattr(memory, "BYTES_PER_PIXEL", PHOTO // (HEIGHT * WIDTH))
    for name in NAMES:
        write_photo(tmp_path / name, 100)
    project = Project.open(tmp_path)

    def loader(budget: int) -> PhotoLoader:
        loader = PhotoLoader(runner, runner, lambda _held: budget)
        loader.set_project(project)
        return loader

    yield loader
    runner.drain()
    project.close()


def settle(qtbot: QtBot, runner: TaskRunner) -> None:
    qtbot.wait(2 * PAINT_MS)  # until then nothing is decoded ahead
    qtbot.waitUntil(lambda: not runner.active)


def kept(loader: PhotoLoader) -> list[str]:
    return sorted((photo.name for photo in loader.kept), key=NAMES.index)


def test_with_room_all_neighbours_are_decoded(
    make: MakeLoader, runner: TaskRunner, qtbot: QtBot
) -> None:
    loader = make(100 * PHOTO)
    loader.want(NAMES, None)
    settle(qtbot, runner)
    assert kept(loader) == NAMES[:KEPT]


@pytest.mark.parametrize("fit", [1, 2, 3])
def test_neighbours_stay_within_the_budget_the_nearest_first(
    make: MakeLoader, runner: TaskRunner, qtbot: QtBot, fit: int
) -> None:
    loader = make(fit * PHOTO)
    loader.want(NAMES[:5], None)
    settle(qtbot, runner)
    assert kept(loader) == NAMES[:fit]
    assert loader.nbytes <= fit * PHOTO
    loader.want(NAMES[3:8], None)  # what was kept leaves, and makes room
    settle(qtbot, runner)
    assert kept(loader) == NAMES[3 : 3 + fit]


def test_the_current_photo_is_decoded_whatever_it_takes(
    make: MakeLoader, runner: TaskRunner, qtbot: QtBot
) -> None:
    loader = make(1)
    heard: list[str] = []
    loader.loaded.connect(lambda photo: heard.append(photo.name))
    loader.want(NAMES[:5], None)
    settle(qtbot, runner)
    assert kept(loader) == heard == NAMES[:1]
    loader.want([NAMES[1], NAMES[0], NAMES[2]], None)
    settle(qtbot, runner)
    assert kept(loader) == [NAMES[1]]
    assert heard == NAMES[:2]


def test_a_large_photo_pushes_its_neighbours_out(
    make: MakeLoader, runner: TaskRunner, qtbot: QtBot, tmp_path: Path
) -> None:
    assert cv2.imwrite(str(tmp_path / NAMES[4]), np.zeros((3 * HEIGHT, WIDTH, 3), np.uint8))
    budget = 5 * PHOTO + 100
    loader = make(budget)
    dropped: list[str] = []
    loader.dropped.connect(dropped.append)
    loader.want(NAMES[:4], None)
    settle(qtbot, runner)
    assert kept(loader) == NAMES[:4]
    loader.want([NAMES[4], *NAMES[:4]], None)
    settle(qtbot, runner)
    assert kept(loader) == [NAMES[0], NAMES[1], NAMES[4]]
    assert sorted(dropped) == NAMES[2:4]
    assert loader.nbytes <= budget


def test_a_nearer_photo_takes_the_room_of_one_farther_away(
    make: MakeLoader, runner: TaskRunner, qtbot: QtBot
) -> None:
    # So small a photo has no halves and takes less than was kept free for it: two fit, not three.
    loader = make(2 * PHOTO + 100)
    loader.want([NAMES[0], NAMES[3]], None)
    settle(qtbot, runner)
    assert kept(loader) == [NAMES[0], NAMES[3]]
    loader.want([NAMES[0], NAMES[1], NAMES[2], NAMES[3]], None)
    settle(qtbot, runner)
    assert kept(loader) == NAMES[:2]


def test_a_mask_that_is_in_a_session_makes_room(
    make: MakeLoader, runner: TaskRunner, qtbot: QtBot
) -> None:
    loader = make(100 * PHOTO)
    loader.want(NAMES[:1], None)
    settle(qtbot, runner)
    before = loader.nbytes
    loader.drop_mask(NAMES[0])
    loader.drop_mask(NAMES[0])
    assert loader.nbytes == before - HEIGHT * WIDTH
    photo = loader.get(NAMES[0])
    assert photo is not None
    assert photo.mask is None


def test_an_unreadable_photo_takes_no_room(
    make: MakeLoader, runner: TaskRunner, qtbot: QtBot, tmp_path: Path
) -> None:
    whole = (tmp_path / NAMES[1]).read_bytes()
    (tmp_path / NAMES[1]).write_bytes(whole[:-30])  # its head still says how large it is
    loader = make(2 * PHOTO)
    failed: list[str] = []
    loader.failed.connect(lambda name, _reason: failed.append(name))
    loader.want([NAMES[0], NAMES[1]], None)
    settle(qtbot, runner)
    loader.want([NAMES[0], NAMES[2]], None)
    settle(qtbot, runner)
    assert failed == [NAMES[1]]
    assert kept(loader) == [NAMES[0], NAMES[2]]
