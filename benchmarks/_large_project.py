"""A folder of 10,000 photos, and the project that weeks of work would have left beside it."""

from __future__ import annotations

import getpass
import json
import os
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

import cv2
import numpy as np
from _support import photos

if TYPE_CHECKING:
    from petseg_gui.core.index import Row
    from petseg_gui.core.layout import Layout
    from petseg_gui.core.records import LogEntry

PHOTOS = 10_000
LABELS = 4_000
LARGE = range(9_000, 9_040)
"""Rows of the photos of 12 megapixels."""
LAST_SEEN = 3_990
"""Row of the photo that was looked at last: near the end of those that have a label."""
TAGS = ("indoors", "outdoors", "two animals", "blurred", "night")
_LARGE_SIZE = (4000, 3000)
_SIDE = 256
_BEGAN = datetime(2026, 3, 2, 9, tzinfo=UTC)


def make_photos(folder: Path) -> list[str]:
    """Write the photos, each with a content of its own, and return their names in order."""
    folder.mkdir(parents=True)
    sources = photos()
    contents = [path.read_bytes() for path in sources]
    names = []
    for number in range(PHOTOS):
        source = number % len(sources)
        name = f"{number:05d}-{sources[source].name}"
        data = _enlarged(contents[source]) if number in LARGE else contents[source]
        # Behind the end of the picture: a digest of its own, and nothing else is different.
        (folder / name).write_bytes(data + number.to_bytes(4, "big"))
        names.append(name)
    return names


def _enlarged(data: bytes) -> bytes:
    photo = cv2.imdecode(np.frombuffer(data, np.uint8), cv2.IMREAD_COLOR)
    assert photo is not None
    large = cv2.resize(photo, _LARGE_SIZE, interpolation=cv2.INTER_CUBIC)
    return cv2.imencode(".jpg", large, [cv2.IMWRITE_JPEG_QUALITY, 92])[1].tobytes()


def make_project(folder: Path, names: Sequence[str], model: str) -> None:
    """Make the project of ``folder``: every photo examined and predicted, thousands labelled.

    Written as directly as can be: doing by hand what is counted on here takes weeks.

    Args:
        folder: the photos.
        names: theirs, in order.
        model: id of the model in use.
    """
    from petseg_gui.core.index import Index
    from petseg_gui.core.layout import Layout
    from petseg_gui.core.store import Project

    project = Project.open(folder)
    project.set_model_in_use(model)
    project.close()
    layout = Layout(project.root)
    _write_predictions(layout, folder, names, model)
    rows, log = [], []
    for number, name in enumerate(names):
        row, entries = _row(folder, number, name, model)
        rows.append(row)
        log += [(name, entry) for entry in entries]
    _write_labels(layout, rows, model)
    index = Index(layout.index)
    index.put(*rows, log=log)
    index.close()
    (layout.root / "view.json").write_text(json.dumps({"photo": names[LAST_SEEN]}))


def _write_predictions(layout: Layout, folder: Path, names: Sequence[str], model: str) -> None:
    """Masks and probabilities: one file, by many names, for all photos of the same size."""
    from petseg_gui.core.photos import photo_size
    from petseg_gui.core.predictions import Predictions

    predictions = Predictions(layout)
    places = (layout.prediction_folder(model), layout.probability_folder(model))
    made: dict[tuple[int, int], str] = {}
    for name in names:
        size = photo_size(folder / name)
        if size in made:
            for place in places:
                os.link(place / f"{made[size]}.png", place / f"{name}.png")
            continue
        made[size] = name
        pet = _ellipse(_SIDE, _SIDE)
        probabilities = np.dstack([pet, 255 - pet - pet // 9, pet // 9]).astype(np.uint8)
        # A pet, round it a border: values 1 to 3.
        mask = np.full(size[::-1], 2, np.uint8)
        pet = _ellipse(*size)
        mask[pet > 90] = 3
        mask[pet > 128] = 1
        predictions.write(name, model, mask, probabilities)


def _ellipse(width: int, height: int) -> np.ndarray:
    """How much each pixel is the pet's: uint8 (height, width), at most 229."""
    x = np.linspace(-1, 1, width)[None, :] / 0.7
    y = np.linspace(-1, 1, height)[:, None] / 0.6
    return np.clip(330 * (1.15 - np.hypot(x, y)), 0, 229).astype(np.uint8)


def _row(folder: Path, number: int, name: str, model: str) -> tuple[Row, list[LogEntry]]:
    from petseg_gui.core.disk import digest_of
    from petseg_gui.core.index import Row
    from petseg_gui.core.photos import photo_size
    from petseg_gui.core.records import LogEntry

    path = folder / name
    status, (width, height), chance = path.stat(), photo_size(path), np.random.default_rng(number)
    digest = digest_of(path)
    taken = _BEGAN - timedelta(minutes=int(chance.integers(500_000)))
    row = Row(
        name,
        bytes=status.st_size,
        mtime_ns=status.st_mtime_ns,
        digest=digest,
        width=width,
        height=height,
        flag=str(chance.choice(["", "flagged", "skipped"], p=[0.93, 0.05, 0.02])),
        predicted_by=model,
        confidence=float(chance.beta(8, 2)),
        disagreement=float(chance.beta(1, 9)) if number % 3 else None,
        taken=taken.strftime("%Y-%m-%dT%H:%M:%S"),
        tags=tuple(sorted(chance.choice(TAGS, chance.integers(3), replace=False).tolist())),
    )
    if number >= LABELS:
        return row, []
    saved = (_BEGAN + timedelta(seconds=47 * number)).isoformat(timespec="microseconds")
    row = row._replace(
        label=f"{Path(name).stem}.png",
        accepted=number % 20 != 0,
        held_out=number % 5 == 4,
        model=model,
        gestures=int(chance.integers(6)),
        saved=saved,
        made_for=digest,
        seconds=float(chance.gamma(3, 8)),
        note="ask the owner about the second animal" if number % 50 == 0 else "",
    )
    return row, [LogEntry(saved, getpass.getuser(), what, "") for what in ("saved", "accepted")]


def _write_labels(layout: Layout, rows: Sequence[Row], model: str) -> None:
    """The predictions, accepted as they were; each label says whose it is."""
    from petseg_gui.core.label_chunk import with_text
    from petseg_gui.core.workspace import text_of

    predictions = layout.prediction_folder(model)
    for row in rows:
        if row.label is not None:
            data = (predictions / f"{row.name}.png").read_bytes()
            (layout.labels / row.label).write_bytes(with_text(data, text_of(row)))
