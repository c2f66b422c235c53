"""What a killed child has left on disk, compared with what it had done."""

from __future__ import annotations

import json
import sqlite3
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass, field
from itertools import pairwise
from pathlib import Path

import numpy as np
from PIL import Image

from model import label_png
from petseg_gui.core.disk import digest_of
from petseg_gui.core.label_chunk import label_text
from petseg_gui.core.store import PhotoState, Project, StoreError
from petseg_gui.ui.photo_loader import load_photo
from tests.crash.journal import Event, digest
from tests.crash.photos import MODEL, NAMES, cleared

DURABLE_SECONDS = 1.0
"""A gesture is on disk so long after it ended."""
BEAT_SECONDS = 0.1
"""The child's clock ticks far more often, unless processor or disk are busy with others."""

# Pillow forgives what is missing behind the last pixel.
_PNG_END = b"IEND\xaeB`\x82"


@dataclass(slots=True)
class Ledger:
    """What is known of a project from before the last kill.

    Attributes:
        shown: by photo, the digest of the mask with which it was opened last.
        painted: by photo, digests of all masks that were ever on screen.
        saved: by photo, digests of all masks that somebody began to save as a label.
        finished: by photo, digests of all masks that were saved as a label to the end.
        photos: by photo, the file's content.
    """

    shown: dict[str, str]
    photos: dict[str, str]
    painted: dict[str, set[str]] = field(default_factory=lambda: defaultdict(set))
    saved: dict[str, set[str]] = field(default_factory=lambda: defaultdict(set))
    finished: dict[str, set[str]] = field(default_factory=lambda: defaultdict(set))

    @classmethod
    def of(cls, photos: Path) -> Ledger:
        """That of a project in which nothing was done yet."""
        ledger = cls(
            {name: digest(cleared(name)) for name in NAMES},
            {name: digest_of(photos / name) for name in NAMES},
        )
        for name in NAMES:
            ledger.painted[name].add(ledger.shown[name])
        return ledger

    def add(self, events: Sequence[Event]) -> None:
        """A child has done this."""
        for event in events:
            if event.kind == "screen":
                self.painted[event.name].add(event.digest)
            elif event.kind == "begin" and event.what != "clear":
                self.saved[event.name].add(event.digest)
            elif event.kind == "end" and event.what != "clear":
                self.finished[event.name].add(event.digest)


@dataclass(frozen=True, slots=True)
class Left:
    """What is there when the project has been opened again.

    Attributes:
        problems: what must not be, in words.
        shown: by photo, digest of the mask that it begins with.
    """

    problems: list[str]
    shown: dict[str, str]


def check(
    photos: Path, target: Path, events: Sequence[Event], killed: float, *, ledger: Ledger
) -> Left:
    """Open the project of a killed child and look at everything.

    Args:
        photos: the photo folder; the project is in it.
        target: where it exported to.
        events: the child's journal.
        killed: when it was alive last.
        ledger: what was before; ``events`` are added to it.
    """
    problems = [f"the child was told: {event.what}" for event in events if event.kind == "trouble"]
    ledger.add(events)
    project = Project.open(photos)
    try:
        problems += [f"notice: {notice}" for notice in project.notices]
        shown = {name: digest(_shown(project, name)) for name in NAMES}
        problems += _disagreements(project)
    finally:
        project.close()
    root = project.root
    problems += _lost(events, killed, ledger.shown, shown)
    problems += _labels(root, ledger)
    problems += _index(root)
    problems += _left_over(root)
    problems += _changed_photos(photos, ledger)
    problems += [f"{path} is not whole" for path in sorted(target.rglob("*")) if not _whole(path)]
    ledger.shown = shown
    return Left(problems, shown)


def _shown(project: Project, name: str) -> np.ndarray:
    mask = load_photo(project, name, MODEL).mask
    assert mask is not None
    return mask


# ---------------------------------------------------------------------- gestures


@dataclass(frozen=True, slots=True)
class _State:
    """A mask that a photo had.

    Attributes:
        what: where it comes from.
        began: when it was the photo's mask at the earliest.
        on_disk: when it was on disk at the latest; infinite: nobody knows.
        by_hand: it was on screen: the next one that is on screen takes its place at once.
    """

    what: str
    digest: str
    began: float
    on_disk: float
    by_hand: bool


def _lost(
    events: Sequence[Event], killed: float, before: Mapping[str, str], shown: Mapping[str, str]
) -> Iterator[str]:
    late = stalled(events, killed)
    for name in NAMES:
        states = [_State("before", before[name], 0.0, 0.0, by_hand=True)]
        states += _states([event for event in events if event.name == name], late)
        allowed = [state for state in states if not _outdated(state, states, killed)]
        if shown[name] in {state.digest for state in allowed}:
            continue
        known = [state.what for state in states if state.digest == shown[name]]
        history = "\n".join(
            f"      {state.began - killed:8.3f} {state.what:16} {state.digest}"
            + (" allowed" if state in allowed else "")
            for state in states[-12:]
        )
        yield (
            f"{name} begins with {shown[name]} ({known or 'never seen'}); {late:.3f} s late; "
            f"seconds before the kill:\n{history}"
        )


def _states(events: Sequence[Event], late: float) -> Iterator[_State]:
    ends = {event.number: event.at for event in events if event.kind == "end"}
    for event in events:
        if event.kind == "screen":
            due = event.at + DURABLE_SECONDS + late
            yield _State(event.what, event.digest, event.at, due, by_hand=True)
        elif event.kind == "begin" and event.what != "save":  # what is saved is on screen
            end = ends.get(event.number, float("inf"))
            yield _State(event.what, event.digest, event.at, end, by_hand=False)


def _outdated(state: _State, states: Sequence[_State], killed: float) -> bool:
    """Whether a later state is on disk for certain."""
    return any(
        other.on_disk <= killed
        and (
            other.began > state.began
            if state.by_hand and other.by_hand
            else other.began >= state.on_disk
        )
        for other in states
        if other is not state
    )


def stalled(events: Sequence[Event], killed: float) -> float:
    """Seconds of the last few for which the child's clock did not tick: it could not work then."""
    ticks = sorted(
        event.at
        for event in events
        if event.kind == "beat" and event.at > killed - 3 * DURABLE_SECONDS
    )
    gaps = (after - at for at, after in pairwise([*ticks, killed]))
    return sum(gap for gap in gaps if gap > BEAT_SECONDS)


# ---------------------------------------------------------------------- files


def _disagreements(project: Project) -> Iterator[str]:
    """Of what the project says with the label files."""
    for name, record in project.records().items():
        try:
            label = project.read_label(name)
        except StoreError as error:
            yield str(error)
            continue
        if (record.label is None) != (label is None):
            yield f"{name}: the list says {record.label}"
        if record.state is PhotoState.ACCEPTED and label is None:
            yield f"{name} is accepted without a label"


def _labels(root: Path, ledger: Ledger) -> Iterator[str]:
    """Files that are not whole, or that nobody saved; labels that were saved and are gone."""
    there: dict[str, set[str]] = defaultdict(set)
    for path in (*root.glob("labels/*"), *root.glob("history/*/*")):
        if path.name.startswith(".petseg-"):
            continue
        stem = path.stem if path.parent.name == "labels" else path.parent.name
        name = f"{stem}.png"
        try:
            found = digest(label_png.read(path))
            if not path.read_bytes().endswith(_PNG_END):
                raise ValueError("its end is missing")
        except (OSError, ValueError) as error:
            yield f"{path} is not whole: {error}"
            continue
        there[name].add(found)
        # Strokes that were in no label are kept among the versions as well.
        known = ledger.saved[name]
        if path.parent.name != "labels":
            known = known | ledger.painted[name]
        if found not in known:
            yield f"{path} ({found}) was never saved"
    for name, finished in ledger.finished.items():
        for gone in finished - there[name]:
            yield f"a label of {name} that was saved ({gone}) is gone"


def _index(root: Path) -> Iterator[str]:
    """What SQLite finds, and what the label files say otherwise."""
    with closing(sqlite3.connect(root / "project.sqlite")) as index:
        for check_ in ("integrity_check", "foreign_key_check"):
            found = [row for row in index.execute(f"PRAGMA {check_}") if row != ("ok",)]
            if found:
                yield f"{check_}: {found}"
        rows = index.execute(
            "SELECT label, name, accepted, held_out, model, gestures, saved, note FROM photos"
        ).fetchall()
    labels = {path.name: path for path in root.glob("labels/*.png")}
    known = {label: row for label, *row in rows if label is not None}
    yield from (f"the index does not know {label}" for label in labels.keys() - known.keys())
    for label, row in known.items():
        if label not in labels:
            if row[1] or row[5]:
                yield f"the index has {label}, which is not there: {row}"
            continue
        text = label_text(labels[label])
        if text is None:
            yield f"{label} does not say whose it is"
            continue
        held_out = None if row[2] is None else bool(row[2])
        in_index = (row[0], bool(row[1]), held_out, *row[3:])
        origin = text.provenance
        says = (text.photo, text.accepted, text.held_out, origin.model, origin.gestures)
        says = (*says, text.saved, text.note)
        if in_index != says:
            yield f"{label} says {says}, the index {in_index}"


def _left_over(root: Path) -> Iterator[str]:
    for folder in ("", "labels", "drafts", "models"):
        yield from (f"{path} was not swept" for path in (root / folder).glob(".petseg-*"))
    yield from (f"{path}: a damaged index" for path in root.glob("*.corrupt-*"))


def _changed_photos(photos: Path, ledger: Ledger) -> Iterator[str]:
    for name, content in ledger.photos.items():
        if digest_of(photos / name) != content:
            yield f"the photo {name} was written to"


def _whole(path: Path) -> bool:
    """Whether an exported file can be read to its end."""
    if path.is_dir() or path.name.startswith(".petseg-"):
        return True
    try:
        if path.suffix in (".png", ".jpg"):
            with Image.open(path) as image:
                image.load()
                return image.format != "PNG" or path.read_bytes().endswith(_PNG_END)
        if path.suffix == ".json":
            json.loads(path.read_bytes())
        else:
            return path.stat().st_size == 0 or path.read_bytes().endswith(b"\n")
    except (OSError, ValueError, SyntaxError):
        return False
    return True
