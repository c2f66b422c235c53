"""A project's labels for other programs: first a plan, which writes nothing, then the export."""

from __future__ import annotations

import os
import re
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath

from model.labels import Label
from petseg_gui.core.exchange.common import NOBODY, ExchangeError, Watcher, megabytes
from petseg_gui.core.exchange.entries import Refusal
from petseg_gui.core.exchange.tfds import record_name
from petseg_gui.core.exchange.writers import KINDS, ExportItem
from petseg_gui.core.exchange.writing import Target, check_space, exists_already
from petseg_gui.core.layout import folded
from petseg_gui.core.store import Project, StoreError

__all__ = [
    "KINDS",
    "ExportOptions",
    "ExportPlan",
    "ExportReport",
    "plan_export",
    "run_export",
]


@dataclass(frozen=True, slots=True)
class ExportOptions:
    """What is exported, and how.

    Attributes:
        everything: labels that nobody accepted, too.
        border: the class as which the border counts where a kind has only pet and background;
            None: pet.  For YOLO, None makes it a class of its own.
        photos: names of the photos to export; None: all.
    """

    everything: bool = False
    border: Label | None = None
    photos: frozenset[str] | None = None


@dataclass(frozen=True, slots=True)
class ExportPlan:
    """What an export would write; made by :func:`plan_export`.

    Attributes:
        project: where from.
        target: the folder.
        kind: one of :data:`KINDS`.
        options: see the class.
        items: the photos.
        existing: files that are there already.
        not_accepted: photos whose label nobody accepted, and which are left out for that.
        size: about how many bytes it takes.
    """

    project: Project
    target: Path
    kind: str
    options: ExportOptions
    items: tuple[ExportItem, ...]
    existing: tuple[Path, ...]
    not_accepted: tuple[str, ...]
    size: int

    def text(self) -> str:
        """The plan in words."""
        held_out = sum(item.held_out for item in self.items)
        return (
            f"{self.target}: {len(self.items)} labels, {held_out} of them held out for tests, "
            f"about {megabytes(self.size)}; {len(self.not_accepted)} labels that nobody accepted "
            f"are left out; {len(self.existing)} files are there already"
        )


@dataclass(slots=True)
class ExportReport:
    """What an export did.

    Attributes:
        written: files, each of them whole.
        photos: photos that are exported.
        failed: photos that could not be exported, and why.
        cancelled: it was stopped; files for all photos together, as lists, were not written.
    """

    written: list[Path] = field(default_factory=list)
    photos: list[str] = field(default_factory=list)
    failed: list[Refusal] = field(default_factory=list)
    cancelled: bool = False


def plan_export(
    project: Project, target: Path, kind: str, options: ExportOptions | None = None
) -> ExportPlan:
    """What an export would write; nothing is written.

    Args:
        project: where from.
        target: a folder, which need not exist.
        kind: one of :data:`KINDS`.
        options: None: the usual ones.

    Raises:
        ExchangeError: the target is no folder to export to, there is no such kind, or nothing
            to export.
        StoreError: the project cannot be read.
    """
    options = options or ExportOptions()
    if kind not in KINDS:
        raise ExchangeError(kind, "there is no such kind of export", f"Choose {', '.join(KINDS)}.")
    _check_target(project, target)
    items, waiting = _items(project, kind, options)
    if not items:
        reason = "no photo has a label" if not waiting else "no label has been accepted"
        remedy = "Accept some first." if not waiting else "Accept some first, or export all labels."
        raise ExchangeError(project.folder, reason, remedy)
    names = [*(name for item in items for name in item.files), *_shared(kind, items)]
    photos = {project.photo_path(name).resolve() for name in project.names()}
    existing = []
    for name in names:
        path = target / name
        if path.resolve() in photos:
            raise ExchangeError(path, "it is a photo of the project", "Choose another folder.")
        if os.path.lexists(path):
            existing.append(path)
    size = _estimated(items, with_photos=KINDS[kind].with_photos)
    return ExportPlan(project, target, kind, options, items, tuple(existing), waiting, size)


def run_export(
    plan: ExportPlan, *, overwrite: bool = False, progress: Watcher = NOBODY
) -> ExportReport:
    """Carry out a plan.  A photo that cannot be read does not stop the others.

    Args:
        plan: made by :func:`plan_export`.
        overwrite: replace files that are there already.
        progress: is told; when it is cancelled, what is written until then is whole.

    Raises:
        ExchangeError: files exist and may not be replaced; or one could not be written, for
            example because the disk is full.  What was written until then is whole.
    """
    existing = [path for path in plan.existing if os.path.lexists(path)]
    if existing and not overwrite:
        raise exists_already(existing)
    _check_target(plan.project, plan.target)
    check_space(plan.target, plan.size)
    target = Target(plan.target, overwrite=overwrite)
    writer = KINDS[plan.kind].writer(target, plan.items, plan.options.border)
    report = ExportReport(written=target.written)
    try:
        for done, item in enumerate(plan.items):
            if progress.cancelled:
                report.cancelled = True
                return report
            progress.progress(done, len(plan.items))
            try:
                mask = plan.project.read_label(item.photo)
                if mask is None:
                    raise ExchangeError(item.path, "its label is gone", "Label it again.")
                writer.add(item, mask)
            except StoreError as error:
                report.failed.append(Refusal(item.photo, str(error), item.photo))
            except ExchangeError as error:
                if error.path != item.path:  # the target, not the photo: the next would fail, too
                    raise
                report.failed.append(Refusal(item.photo, str(error), item.photo))
            else:
                writer.done.append(item)
                report.photos.append(item.photo)
        if writer.done:
            writer.finish()
    finally:
        writer.close()
    progress.progress(len(plan.items), len(plan.items))
    return report


def _items(
    project: Project, kind: str, options: ExportOptions
) -> tuple[tuple[ExportItem, ...], tuple[str, ...]]:
    """The photos to export, and those whose label nobody accepted."""
    accepted = {label.name: label for label in project.accepted()}
    records = project.records()
    stems = file_stems(records, flat=KINDS[kind].flat)
    items, waiting = [], []
    for name, record in records.items():
        if record.label is None or (options.photos is not None and name not in options.photos):
            continue
        if name not in accepted and not options.everything:
            waiting.append(name)
            continue
        files = KINDS[kind].files(stems[name], record.held_out)
        path = project.photo_path(name)
        items.append(ExportItem(name, path, record.held_out, name in accepted, stems[name], files))
    return tuple(items), tuple(waiting)


def file_stems(names: Iterable[str], *, flat: bool) -> dict[str, str]:
    """What the files of each photo are called, without ending; no two are the same anywhere.

    The photo's name without its ending; with it, where photos differ in that alone.

    Args:
        names: of all photos of the project, so that a name does not depend on the others that
            are exported.
        flat: without folders and spaces, for lists in which a space ends a name.
    """
    short = {name: _plain(str(PurePosixPath(name).with_suffix("")), flat) for name in names}
    counts = Counter(map(folded, short.values()))
    stems: dict[str, str] = {}
    taken: set[str] = set()
    # Those that need their whole name first: no other may take it.
    for name in sorted(short, key=lambda name: counts[folded(short[name])] == 1):
        whole = _plain(name, flat)
        candidates = [whole] if counts[folded(short[name])] > 1 else [short[name], whole]
        number = 2
        while all(folded(candidate) in taken for candidate in candidates):
            candidates.append(f"{whole}-{number}")
            number += 1
        stems[name] = next(c for c in candidates if folded(c) not in taken)
        taken.add(folded(stems[name]))
    return stems


def _plain(name: str, flat: bool) -> str:
    return re.sub(r"[\s/\\]+", "_", name).replace("#", "_") if flat else name


def _shared(kind: str, items: Iterable[ExportItem]) -> list[str]:
    splits = {item.split for item in items}
    shared = KINDS[kind].shared
    if kind == "tfrecord":
        absent = {record_name(split) for split in {"train", "test"} - splits}
        return [name for name in shared if name not in absent]
    return list(shared)


def _estimated(items: Iterable[ExportItem], *, with_photos: bool) -> int:
    """About how many bytes: photos, where they are written, and labels as small as they are."""
    size = 0
    for item in items:
        size += 16 * 1024
        if with_photos:
            try:
                size += item.path.stat().st_size
            except OSError:  # gone: it will be told when it is read
                continue
    return size


def _check_target(project: Project, target: Path) -> None:
    """Whether one may export to a folder.

    Raises:
        ExchangeError: it is a file, the photo folder, or inside of the project.
    """
    if target.exists() and not target.is_dir():
        raise ExchangeError(target, "it is a file", "Choose a folder.")
    resolved, root = target.resolve(), project.root.resolve()
    if resolved == project.folder.resolve():
        raise ExchangeError(target, "it holds the photos", "Choose another folder.")
    if root in (resolved, *resolved.parents):
        raise ExchangeError(target, "it is inside of the project", "Choose another folder.")
