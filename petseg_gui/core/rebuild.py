"""Opening the index, and making it anew from the label files when it is lost or damaged."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Sequence
from pathlib import Path

from petseg_gui.core.index import Index, Row
from petseg_gui.core.layout import Layout, folded, names_in
from petseg_gui.core.records import TEXT_KEY, LabelText, Provenance

# Set together with the rows read from the labels: without it they were not read to the end.
_READ_KEY = "labels_read"


def held_out_next(rows: Iterable[Row]) -> bool:
    """Whether the next photo that is accepted for the first time is held out: every fifth is."""
    decided = [row.held_out for row in rows if row.held_out is not None]
    return sum(decided) < (len(decided) + 1) // 5


def label_text(path: Path) -> LabelText | None:
    """What a label or draft says about itself, without decoding its pixels; None: nothing.

    Raises:
        OSError: it cannot be opened or is no PNG.
    """
    from PIL import Image

    with Image.open(path, formats=("PNG",)) as image:
        return LabelText.decoded({TEXT_KEY: str(image.info.get(TEXT_KEY, ""))})


def open_index(layout: Layout, names: Sequence[str], notices: list[str]) -> Index:
    """The project's index; a damaged one is moved aside, a missing one made from the labels.

    Args:
        layout: the project's paths.
        names: the photos of the folder.
        notices: is given what the user should know.

    Raises:
        sqlite3.Error, OSError: the files cannot be used (locked, disk full, not permitted).
        StoreError: the index is of a newer version.
    """
    try:
        index = Index(layout.index)
    except sqlite3.OperationalError:
        raise
    except sqlite3.DatabaseError:
        aside = _move_aside(layout.index)
        notices.append(
            f"The list of labels of this folder was damaged and was made anew from the label "
            f"files. The damaged list is kept as {aside.name}."
        )
        index = Index(layout.index)
    try:
        if index.setting(_READ_KEY) is None:
            rows = _rows_from_labels(layout, names, notices)
            index.put(*rows, settings={_READ_KEY: "1"})
    except BaseException:
        index.close()
        raise
    return index


def _move_aside(path: Path) -> Path:
    number = 1
    while (aside := path.with_name(f"{path.name}.corrupt-{number}")).exists():
        number += 1
    for suffix in ("-wal", "-shm", ""):
        part = path.with_name(path.name + suffix)
        if part.exists():
            part.replace(aside.with_name(aside.name + suffix))
    return aside


def _rows_from_labels(layout: Layout, names: Sequence[str], notices: list[str]) -> list[Row]:
    """A row for every photo that a label file belongs to; the latest, where several do."""
    found: dict[str, tuple[Row, bool]] = {}
    unread = []
    for stem in sorted(names_in(layout.labels)):
        label = f"{stem}.png"
        try:
            text = label_text(layout.labels / label)
        except (OSError, SyntaxError, ValueError):
            unread.append(label)
            continue
        ours = text is not None
        if text is None:
            owner = _owner(stem, names)
            if owner is None:
                continue
            text = LabelText(owner, Provenance(None, 0), False, None, "")
        row = Row(
            text.photo,
            label,
            text.accepted,
            text.held_out,
            text.provenance.model,
            text.provenance.gestures,
            text.saved,
        )
        other = found.get(row.name)
        if other is None or (ours, row.saved) > (other[1], other[0].saved):
            found[row.name] = (row, ours)
    if unread:
        notices.append(
            f"{len(unread)} label files could not be read and were left out: "
            f"{', '.join(unread[:5])}{' …' if len(unread) > 5 else ''}. "
            f"They are in {layout.labels}, earlier versions in {layout.history}."
        )
    return _with_held_out([row for row, _ours in found.values()])


def _owner(stem: str, names: Sequence[str]) -> str | None:
    """The one photo that a label without our text can belong to, by its name."""
    key = folded(stem)
    owners = [name for name in names if key in (folded(name), folded(Path(name).stem))]
    return owners[0] if len(owners) == 1 else None


def _with_held_out(rows: list[Row]) -> list[Row]:
    """The rows, those accepted photos decided upon whose label does not say."""
    rows = sorted(rows, key=lambda row: (row.saved, row.name))
    for number, row in enumerate(rows):
        if row.accepted and row.held_out is None:
            rows[number] = Row(
                row.name,
                row.label,
                row.accepted,
                held_out_next(rows),
                row.model,
                row.gestures,
                row.saved,
            )
    return rows
