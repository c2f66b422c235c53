"""What undo costs: memory of 1,000 strokes, time of one undo, redo and commit.  Prints JSON.

    python benchmarks/undo.py [--strokes 1000]

Strokes are drags of 60 to 100 mouse events with brushes of 60 to 120 pixels on a mask of
8000×6000, every tenth a fast one across much of the photo, and every fifth an eraser stroke.
Memory is counted twice: what Python and numpy allocated by the time the gestures were made
(tracemalloc, less the mask, which is there before), and what the history says of itself.
"""

from __future__ import annotations

import argparse
import gc
import math
import time
import tracemalloc
from collections.abc import Callable
from itertools import pairwise

import _support
import numpy as np

from petseg_gui.core.brush import Point, stroke
from petseg_gui.core.fill import region_patch
from petseg_gui.core.session import EditSession

SHAPE = (6000, 8000)
MB = 1e6


def path(rng: np.random.Generator, events: int, step: float) -> list[Point]:
    """A hand's way: even speed, slowly turning, kept within the photo."""
    height, width = SHAPE
    x, y = rng.uniform(0.1, 0.9) * width, rng.uniform(0.1, 0.9) * height
    angle, turn = rng.uniform(0, 2 * math.pi), 0.0
    points = [(x, y)]
    for _ in range(events):
        turn = 0.9 * turn + rng.normal(0, 0.04)
        angle += turn
        x = min(max(x + step * math.cos(angle), 0), width)
        y = min(max(y + step * math.sin(angle), 0), height)
        points.append((x, y))
    return points


def truth() -> np.ndarray:
    """A mask as a prediction leaves it: an animal's shape with a border and a noisy outline."""
    height, width = SHAPE
    rows, columns = np.ogrid[:height, :width]
    angle = np.arctan2(rows - height / 2, columns - width / 2)
    wave = 1 + 0.15 * np.sin(5 * angle) + 0.02 * np.sin(61 * angle)
    distance = np.hypot((rows - height / 2) / height, (columns - width / 2) / width)
    inside = distance.astype(np.float32) / wave.astype(np.float32)
    return np.where(inside < 0.28, 1, np.where(inside < 0.3, 3, 2)).astype(np.uint8)


def timed(times: list[float], work: Callable[[], object]) -> None:
    start = time.perf_counter()
    work()
    times.append(1000 * (time.perf_counter() - start))


def draw(session: EditSession, rng: np.random.Generator, number: int) -> float:
    """One drag, event by event as the brush tool makes it; milliseconds of the commit."""
    long = number % 10 == 0
    points = path(rng, int(rng.integers(60, 101)), 60 if long else float(rng.uniform(6, 20)))
    diameter, value = float(rng.uniform(60, 120)), 2 if number % 5 == 0 else 1
    session.begin("Brush stroke")
    for ends in [points[:1], *pairwise(points)]:
        patch = stroke(ends, diameter, value, SHAPE)
        if patch is not None:
            session.paint(patch)
    start = time.perf_counter()
    session.commit()
    return 1000 * (time.perf_counter() - start)


def strokes(count: int) -> dict[str, object]:
    """Memory and times of so many strokes on one photo."""
    session = EditSession("photo", truth())
    rng = np.random.default_rng(0)
    first = session.view().copy()
    gc.collect()
    tracemalloc.start()
    before = tracemalloc.get_traced_memory()[0]
    number = 0
    while session.history.depth < count:  # some change nothing: they erase where nothing is
        draw(session, rng, number)
        number += 1
    gc.collect()
    traced = tracemalloc.get_traced_memory()[0] - before
    tracemalloc.stop()
    weight, last = session.history.nbytes, session.view().copy()
    undo: list[float] = []
    redo: list[float] = []
    while session.history.undo_name is not None:
        timed(undo, session.undo)
    if not np.array_equal(session.view(), first):
        raise RuntimeError("undoing every stroke does not give the first mask")
    while session.history.redo_name is not None:
        timed(redo, session.redo)
    if not np.array_equal(session.view(), last):
        raise RuntimeError("redoing every stroke does not give the last mask")
    # Timed on their own: tracemalloc makes every allocation slow.
    rng = np.random.default_rng(0)
    session = EditSession("photo", first)
    commits = [draw(session, rng, number) for number in range(min(count, 200))]
    return {
        "strokes": count,
        "history_mb_traced": round(traced / MB, 2),
        "history_mb_own_count": round(weight / MB, 2),
        "undo": _support.summary(undo, "ms"),
        "redo": _support.summary(redo, "ms"),
        "commit": _support.summary(commits, "ms"),
    }


def fill() -> dict[str, object]:
    """A flood fill of half the photo: the region left of a wavy line from top to bottom."""
    height, width = SHAPE
    line = width / 2 + 300 * np.sin(np.arange(height) / 90)
    mask = np.where(np.arange(width) < line[:, None], 2, 1).astype(np.uint8)
    session = EditSession("photo", mask)
    find: list[float] = []
    apply: list[float] = []
    undo: list[float] = []
    redo: list[float] = []
    for _ in range(5):
        start = time.perf_counter()
        patch = region_patch(session.view(), (10.5, height / 2), 1)
        find.append(1000 * (time.perf_counter() - start))
        if patch is None:
            raise RuntimeError("there was nothing to fill")
        timed(apply, lambda patch=patch: session.apply("Fill", patch))
        timed(undo, session.undo)
        timed(redo, session.redo)
        session.undo()
    return {
        "share_of_photo": round(float(np.mean(mask == 2)), 3),
        "history_kb": round(session.history.nbytes / 1e3, 1),
        "find": _support.summary(find, "ms"),
        "apply": _support.summary(apply, "ms"),
        "undo": _support.summary(undo, "ms"),
        "redo": _support.summary(redo, "ms"),
    }


def main() -> None:
    parser = argparse.ArgumentParser(description="Memory and time of undo, as JSON.")
    parser.add_argument("--strokes", type=int, default=1000)
    arguments = parser.parse_args()
    _support.report(
        "undo",
        photo=f"{SHAPE[1]}x{SHAPE[0]}",
        strokes=strokes(arguments.strokes),
        fill_of_half_the_photo=fill(),
        limits={"strokes_mb": 60, "undo_ms": 5, "undo_fill_ms": 50},
    )


if __name__ == "__main__":
    main()
