"""A project in which something of everything has happened, and all that can be done to it."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Collection
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path

import numpy as np
from PIL import Image

from model import label_png
from petseg_gui.core.exchange.entries import ImportOptions
from petseg_gui.core.exchange.importing import plan_import, run_import
from petseg_gui.core.records import LabelText, PhotoRecord, PhotoState
from petseg_gui.core.store import PhotoFlag, Project, Provenance, StoreError

HEIGHT, WIDTH = 6, 9
BY_HAND = Provenance("starter", 3)

WORKED, REPLACED, PREDICTED, RENAMED, ACCEPTED, NEW, CHANGED, OTHER = (
    f"img{number}.png" for number in range(1, 9)
)
"""What has happened to each: see :func:`make_project`."""
CALLED = "cat.png"
"""What ``RENAMED`` is called now."""


def mask(seed: int = 0) -> np.ndarray:
    return np.random.default_rng(seed).integers(1, 4, (HEIGHT, WIDTH), np.uint8)


def sureness() -> np.ndarray:
    """Probabilities, uint8 (4, 4, 3)."""
    found = np.zeros((4, 4, 3), np.uint8)
    found[..., 0], found[..., 1] = 200, 55
    return found


def write_photo(path: Path, seed: int) -> None:
    noise = np.random.default_rng(seed).integers(0, 256, (HEIGHT, WIDTH, 3), np.uint8)
    Image.fromarray(noise).save(path)


def make_project(base: Path) -> None:
    """Photos in ``base/photos`` with a project beside them, and labels of others in ``theirs``."""
    folder, theirs = base / "photos", base / "theirs"
    for made in (folder, theirs):
        made.mkdir(parents=True)
    for number in range(1, 9):
        write_photo(folder / f"img{number}.png", number)
        Image.fromarray(np.where(mask(60) == 1, 255, 0).astype(np.uint8)).save(
            theirs / f"img{number}.png"
        )
    project = Project.open(folder)
    project.set_model_in_use("m")
    for seed in (1, 2):
        project.save_label(WORKED, mask(seed), BY_HAND, accept=True)
    project.set_tags(WORKED, ["a"])
    project.write_draft(WORKED, mask(3), BY_HAND)
    for number, name in enumerate((REPLACED, RENAMED, ACCEPTED, CHANGED)):
        project.save_label(name, mask(10 + number), BY_HAND, accept=True)
        project.write_prediction(name, "m", mask(20 + number), sureness())
        project.examine(name)
    for name in (RENAMED, OTHER):
        project.examine(name)
        project.write_draft(name, mask(30), BY_HAND)
    project.write_prediction(PREDICTED, "m", mask(40), sureness())
    write_photo(folder / REPLACED, 52)
    project.examine(REPLACED)
    project.close()
    (folder / RENAMED).rename(folder / CALLED)
    for name in (CHANGED, OTHER):
        write_photo(folder / name, 57)


def copy(source: Path, target: Path) -> None:
    """A copy; but for the index, no file is ever written into, so that a second name is enough."""

    def copied(one: str, other: str) -> None:
        (shutil.copyfile if "sqlite" in one else os.link)(one, other)

    shutil.copytree(source, target, copy_function=copied)


@cache
def _mask(data: bytes) -> bytes:
    return label_png.decode(data)[0].tobytes()


@cache
def _text(data: bytes) -> LabelText | None:
    """What a label file says, but for when it was written."""
    found = LabelText.decoded(label_png.decode(data)[1])
    return found and replace(found, saved="", base="")


State = dict[str, dict[str, object]]


def state_of(project: Project) -> State:
    """All that a project knows, but for the times at which it was written."""
    names = project.names()
    layout = project._layout
    return {
        "records": {k: replace(v, saved="") for k, v in project.records().items()},
        "log": {name: [(e.what, e.detail) for e in project.log(name)] for name in names},
        "model": {"in use": project.model_in_use()},
        "accepted": {label.name: label.held_out for label in project.accepted()},
        "labels": {path.name: _mask(path.read_bytes()) for path in _png(layout.labels)},
        "texts": {path.name: _text(path.read_bytes()) for path in _png(layout.labels)},
        "versions": {
            path.name: sorted(_mask(version.read_bytes()) for version in _png(path))
            for path in layout.history.iterdir()
            if _png(path)
        },
        "drafts": {
            name: drawn.tobytes()
            for name in names
            if (drawn := project.read_draft(name)) is not None
        },
        "predictions": {
            name: [
                None if read is None else read.tobytes()
                for read in (
                    project.read_prediction(name, "m"),
                    project.predictions.read_probabilities(name, "m"),
                )
            ]
            for name in names
        },
    }


def _png(folder: Path) -> list[Path]:
    return sorted(path for path in folder.glob("*.png") if not path.name.startswith("."))


def differences(now: State, expected: State, caches: Collection[str]) -> dict[str, object]:
    """What is not as it should be; of photos in ``caches`` the prediction may be missing."""
    found: dict[str, object] = {}
    for part, known in now.items():
        for key in known.keys() | expected[part].keys():
            one, other = known.get(key), expected[part].get(key)
            if one == other or (part == "predictions" and key in caches):
                continue
            if part == "texts" and key == RENAMED and key in caches:
                continue  # the index knows of the new name, and the label says its digest
            if part == "records" and key in caches:
                one, other = (_unpredicted(record) for record in (one, other))
            if one != other:
                found[f"{part}, {key}"] = (one, other)
    return found


def _unpredicted(record: object) -> PhotoRecord:
    assert isinstance(record, PhotoRecord)
    state = PhotoState.NEW if record.state is PhotoState.PREDICTED else record.state
    return replace(
        record, state=state, model=None, predicted_by=None, confidence=None, disagreement=None
    )


def lost(now: State, before: State, after: State) -> list[str]:
    """What a person made and is neither where it was nor where it was to go, nor a version."""
    kept = {mask for versions in now["versions"].values() for mask in _masks(versions)}
    everywhere = kept | set(now["labels"].values()) | set(now["drafts"].values())
    missing = []
    for part in ("labels", "drafts"):
        for key, mask in before[part].items():
            if now[part].get(key) != after[part].get(key) and mask not in everywhere:
                missing.append(f"{part}, {key}")
    for key, versions in before["versions"].items():
        if not set(_masks(versions)) <= everywhere:
            missing.append(f"versions, {key}")
    for key, record in now["records"].items():
        assert isinstance(record, PhotoRecord)
        ever = before["accepted"].keys() | after["accepted"].keys()
        if record.state is PhotoState.ACCEPTED and key not in ever:
            missing.append(f"records, {key}: accepted by nobody")
    return missing


def _masks(versions: object) -> list[object]:
    assert isinstance(versions, list)
    return versions


@dataclass(frozen=True)
class Action:
    """Something that writes.

    Attributes:
        do: does it; given the project and the folder of ``make_project``.
        before: what has to be read first, and may not fail: its result goes to ``do``.
        about: what a message has to name.
        caches: photos whose predictions may be lost when it fails: they are made again.
    """

    do: Callable[[Project, Path, object], object]
    about: str
    before: Callable[[Project, Path], object] = lambda _project, _base: None
    caches: tuple[str, ...] = ()


def _import(project: Project, base: Path, photo: str, accept: bool) -> object:
    options = ImportOptions(accept=accept)
    return plan_import(project, base / "theirs" / photo, "binary", options)


def _imported(plan: object) -> None:
    report = run_import(plan, overwrite=True)  # type: ignore[arg-type]
    assert len(report.saved) + len(report.unchanged) + len(report.failed) == 1
    if report.failed:
        raise StoreError(report.failed[0].reason)


def _importing(photo: str, *, accept: bool = False) -> Action:
    return Action(
        lambda _project, _base, plan: _imported(plan),
        photo,
        lambda project, base: _import(project, base, photo, accept),
    )


def _simple(do: Callable[[Project], object], about: str, caches: tuple[str, ...] = ()) -> Action:
    return Action(lambda project, _base, _before: do(project), about, caches=caches)


ACTIONS: dict[str, Action] = {
    "save first": _simple(lambda p: p.save_label(NEW, mask(5), BY_HAND, accept=False), NEW),
    "save": _simple(lambda p: p.save_label(WORKED, mask(5), BY_HAND, accept=False), WORKED),
    "accept first": _simple(lambda p: p.save_label(NEW, mask(5), BY_HAND, accept=True), NEW),
    "accept": _simple(lambda p: p.save_label(WORKED, mask(5), BY_HAND, accept=True), WORKED),
    "unaccept": _simple(lambda p: p.unaccept(ACCEPTED), ACCEPTED),
    "restore": _simple(lambda p: p.restore_version(WORKED, p.versions(WORKED)[0].id), WORKED),
    "draft first": _simple(lambda p: p.write_draft(NEW, mask(5), BY_HAND), NEW),
    "draft": _simple(lambda p: p.write_draft(WORKED, mask(5), BY_HAND), WORKED),
    "draft of another picture": _simple(lambda p: p.write_draft(OTHER, mask(5), BY_HAND), OTHER),
    "discard draft": _simple(lambda p: p.discard_draft(WORKED), WORKED),
    "flag first": _simple(lambda p: p.set_flag(NEW, PhotoFlag.FLAGGED), NEW),
    "flag": _simple(lambda p: p.set_flag(WORKED, PhotoFlag.SKIPPED), WORKED),
    "tags first": _simple(lambda p: p.set_tags(NEW, ["b"]), NEW),
    "tags": _simple(lambda p: p.set_tags(WORKED, ["b", "c"]), WORKED),
    "note first": _simple(lambda p: p.set_note(NEW, "note"), NEW),
    "note": _simple(lambda p: p.set_note(WORKED, "note"), WORKED),
    "seconds": _simple(lambda p: p.add_seconds(WORKED, 2), WORKED),
    "confidence": _simple(lambda p: p.set_confidences({WORKED: 0.5, NEW: 0.25}, "m"), WORKED),
    "predict": _simple(lambda p: p.write_prediction(NEW, "m", mask(5), sureness()), NEW, (NEW,)),
    "predict again": _simple(
        lambda p: p.write_prediction(PREDICTED, "m", mask(5)), PREDICTED, (PREDICTED,)
    ),
    "choose model": _simple(lambda p: p.set_model_in_use("other"), "model"),
    "examine a new one": _simple(lambda p: p.examine(NEW), NEW, (NEW,)),
    "examine a renamed one": _simple(lambda p: p.examine(CALLED), CALLED, (CALLED, RENAMED)),
    "examine a replaced one": _simple(lambda p: p.examine(CHANGED), CHANGED, (CHANGED,)),
    "examine one with strokes": _simple(lambda p: p.examine(OTHER), OTHER, (OTHER,)),
    "accept as predicted": _simple(lambda p: p.accept_as_is(PREDICTED), PREDICTED),
    "accept the draft": _simple(lambda p: p.accept_as_is(WORKED), WORKED),
    "put away": _simple(lambda p: p.clear_label(ACCEPTED), ACCEPTED),
    "put away with strokes": _simple(lambda p: p.clear_label(WORKED), WORKED),
    "put strokes away": _simple(lambda p: p.clear_label(OTHER), OTHER),
    "keep label": _simple(lambda p: p.keep_label(REPLACED), REPLACED),
    "import first": _importing(NEW),
    "import over strokes": _importing(WORKED),
    "import over accepted": _importing(ACCEPTED),
    "import as accepted": _importing(WORKED, accept=True),
}
