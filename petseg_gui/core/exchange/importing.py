"""Labels of other programs into a project: first a plan, which writes nothing, then the import.

Everything is saved through :meth:`Project.save_label`, so what a label was before can be
restored.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
from PIL import Image

from model.labels import MaskArray
from petseg_gui.core.disk import is_lasting
from petseg_gui.core.exchange.common import NOBODY, ExchangeError, UnknownValueError, Watcher
from petseg_gui.core.exchange.entries import Entry, Found, ImportOptions, PhotoShape, Refusal
from petseg_gui.core.exchange.from_coco import coco
from petseg_gui.core.exchange.from_labelme import labelme
from petseg_gui.core.exchange.from_pictures import binary, index, oxford
from petseg_gui.core.exchange.from_yolo import yolo
from petseg_gui.core.exchange.matching import Matcher
from petseg_gui.core.photos import PhotoError, photo_size
from petseg_gui.core.store import PhotoRecord, PhotoState, Project, Provenance, StoreError

KINDS: dict[str, tuple[str, Callable[[Path, ImportOptions], Found]]] = {
    "oxford": ("trimaps of the Oxford-IIIT Pet set: 1 pet, 2 background, 3 border", oxford),
    "index": ("palette or grey pictures whose values are classes", index),
    "binary": ("black and white masks", binary),
    "labelme": ("labelme's JSON files", labelme),
    "coco": ("a COCO JSON file, with polygons or run-length encodings", coco),
    "yolo": ("YOLO's text files of polygons", yolo),
}
"""What can be imported: what it is, and who reads it."""

IMPORTED = Provenance(None, 1)
"""Where imported labels come from: from no prediction, and by a person's hand."""


@dataclass(frozen=True, slots=True)
class ImportItem:
    """A label that fits a photo.

    Attributes:
        photo: the photo's name.
        entry: where the label comes from.
        overwrites: the photo has a label, or strokes that are not saved, that are different.
        unchanged: the photo has just this label already: there is nothing to do.
    """

    photo: str
    entry: Entry
    overwrites: bool
    unchanged: bool


@dataclass(frozen=True, slots=True)
class ImportPlan:
    """What an import would do; made by :func:`plan_import`, carried out by :func:`run_import`.

    Attributes:
        project: where to.
        kind: one of :data:`KINDS`.
        source: where from.
        options: how it is understood.
        items: what fits, in the order of the source.
        refused: what does not, and why.
        left_out: how often each name was met that no class is known for.
        missing: photos that nothing in the source belongs to.
    """

    project: Project
    kind: str
    source: Path
    options: ImportOptions
    items: tuple[ImportItem, ...]
    refused: tuple[Refusal, ...]
    left_out: dict[str, int]
    missing: tuple[str, ...]

    @property
    def overwritten(self) -> tuple[str, ...]:
        """Photos whose label would be replaced."""
        return tuple(item.photo for item in self.items if item.overwrites)

    def text(self) -> str:
        """The plan in words, a line for everything that a person may have to look at."""
        new = sum(not item.overwrites and not item.unchanged for item in self.items)
        same = sum(item.unchanged for item in self.items)
        lines = [
            f"{self.source}: {new} new labels, {len(self.overwritten)} that replace a label, "
            f"{same} that are there already, {len(self.refused)} that do not fit; "
            f"{len(self.missing)} photos without any"
        ]
        # What something can be done about comes first: a long list may be cut off.
        lines += [
            f"left out: {count} shapes called '{name}'. To use them, say for example {name}=pet."
            for name, count in sorted(self.left_out.items())
        ]
        lines += [f"does not fit: {refusal.title}: {refusal.reason}" for refusal in self.refused]
        lines += [
            f"replaces: {item.photo}, by {item.entry.title}"
            for item in self.items
            if item.overwrites
        ]
        return "\n".join(lines)


@dataclass(slots=True)
class ImportReport:
    """What an import did.

    Attributes:
        saved: photos that have their label now.
        unchanged: photos that had it before.
        kept: photos that kept their label because nothing was to be overwritten.
        failed: labels that could not be saved, and why.
        cancelled: it was stopped; what is not in the lists above was not touched.
        full: the last of ``failed`` would have failed for all that follow: they were not touched.
    """

    saved: list[str] = field(default_factory=list)
    unchanged: list[str] = field(default_factory=list)
    kept: list[str] = field(default_factory=list)
    failed: list[Refusal] = field(default_factory=list)
    cancelled: bool = False
    full: bool = False


def plan_import(
    project: Project,
    source: Path,
    kind: str,
    options: ImportOptions | None = None,
    progress: Watcher = NOBODY,
) -> ImportPlan:
    """What an import would do: every label is read and compared with its photo; nothing written.

    Args:
        project: where to.
        source: a folder or a file.
        kind: one of :data:`KINDS`.
        options: None: the usual ones.
        progress: is told; when it is cancelled, the plan has what was found until then.

    Raises:
        ExchangeError: nothing can be read there, or there is no such kind.
    """
    options = options or ImportOptions()
    if kind not in KINDS:
        raise ExchangeError(kind, "there is no such kind of labels", f"Choose {', '.join(KINDS)}.")
    found = KINDS[kind][1](source, options)
    records = project.records()
    matcher = Matcher(records)
    items: dict[str, ImportItem] = {}
    taken: dict[str, str] = {}
    refused = list(found.refused)
    for done, entry in enumerate(found.entries):
        if progress.cancelled:
            break
        progress.progress(done, len(found.entries))
        photo, reason = matcher.find(entry.names)
        if photo is not None and photo in taken:
            reason = f"{photo} has a label from {taken[photo]} already"
            photo = None
        if photo is None:
            refused.append(Refusal(entry.title, f"{reason}. Rename it, or leave it out."))
            continue
        taken[photo] = entry.title
        try:
            items[photo] = _planned(project, records[photo], entry, options)
        except (ExchangeError, PhotoError) as error:
            values = error.values if isinstance(error, UnknownValueError) else ()
            refused.append(Refusal(entry.title, str(error), photo, values))
    progress.progress(len(found.entries), len(found.entries))
    missing = tuple(name for name in records if name not in items)
    return ImportPlan(
        project,
        kind,
        source,
        options,
        tuple(items.values()),
        tuple(refused),
        found.left_out,
        missing,
    )


def _planned(
    project: Project, record: PhotoRecord, entry: Entry, options: ImportOptions
) -> ImportItem:
    mask = entry.read(_shape(project.photo_path(record.name)))
    if record.label is None and not record.has_draft:
        return ImportItem(record.name, entry, overwrites=False, unchanged=False)
    same = False
    if not record.has_draft:
        with suppress(StoreError):  # a damaged label is another, and may be replaced
            there = project.read_label(record.name)
            same = there is not None and np.array_equal(there, mask)
    accepted = record.state == PhotoState.ACCEPTED
    unchanged = same and (accepted or not options.accept)
    return ImportItem(record.name, entry, overwrites=not same, unchanged=unchanged)


def _shape(path: Path) -> PhotoShape:
    """The photo's size.

    Raises:
        PhotoError: it cannot be read.
    """
    width, height = photo_size(path)
    stored = (width, height)
    # Only to say why a size does not fit; photos that Pillow alone cannot open have one size.
    with suppress(Exception), Image.open(path, formats=("JPEG", "PNG", "WEBP", "TIFF")) as image:
        stored = image.size
    return PhotoShape(width, height, stored)


def run_import(
    plan: ImportPlan, *, overwrite: bool = False, progress: Watcher = NOBODY
) -> ImportReport:
    """Carry out a plan.  Files are read anew; one that fails does not stop the others.

    Args:
        plan: made by :func:`plan_import`.
        overwrite: replace labels that are different.  The label before stays a version of the
            photo, and so do strokes that were not saved.
        progress: is told; when it is cancelled, no further label is saved.

    Raises:
        ExchangeError: the project is open in another window, so nothing can be saved.
    """
    if plan.project.read_only:
        reason = "the project is open in another window, or cannot be written to"
        raise ExchangeError(plan.project.root, reason, "Close the other window and try again.")
    report = ImportReport()
    for done, item in enumerate(plan.items):
        if progress.cancelled:
            report.cancelled = True
            break
        progress.progress(done, len(plan.items))
        if item.unchanged:
            report.unchanged.append(item.photo)
            continue
        try:
            mask = item.entry.read(_shape(plan.project.photo_path(item.photo)))
            # Asked anew: a person may have gone on painting since the plan was made.
            record = plan.project.record(item.photo)
            if not overwrite and _differs(plan.project, record, mask):
                report.kept.append(item.photo)
                continue
            plan.project.replace_label(item.photo, mask, IMPORTED, accept=plan.options.accept)
        except (ExchangeError, PhotoError, StoreError) as error:
            report.failed.append(Refusal(item.entry.title, str(error), item.photo))
            if is_lasting(error):
                report.full = True
                break
            continue
        report.saved.append(item.photo)
    progress.progress(len(plan.items), len(plan.items))
    return report


def _differs(project: Project, record: PhotoRecord, mask: MaskArray) -> bool:
    if record.has_draft:
        return True
    if record.label is None:
        return False
    try:
        there = project.read_label(record.name)
    except StoreError:
        return True
    return there is not None and not np.array_equal(there, mask)
