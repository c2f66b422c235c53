"""Opening the index, and making it anew from the label files when it is lost or damaged."""

from __future__ import annotations

import sqlite3
from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from pathlib import Path

from petseg_gui.core.index import Index, Row
from petseg_gui.core.label_chunk import label_text
from petseg_gui.core.layout import Layout, folded, label_keys, names_in
from petseg_gui.core.records import LabelText, Provenance

# Set together with the rows read from the labels: without it they were not read to the end.
_READ_KEY = "labels_read"


_LOST = (
    "Labels, their tags and notes are as they were. What only the list knew is lost: tags and "
    "notes of photos without a label, marks and times since a label was last saved, and who "
    "changed what. How sure the model is comes back with the next predictions."
)


def held_out_next(held: int, decided: int) -> bool:
    """Whether the next photo that is accepted for the first time is held out: every fifth is.

    Args:
        held: how many are held out.
        decided: of how many that was decided.
    """
    return held < (decided + 1) // 5


def open_index_to_read(layout: Layout) -> Index:
    """The project's index while another process writes to it: nothing is made, nothing repaired.

    Raises:
        sqlite3.Error: it is missing, damaged, or of another version.
    """
    if not layout.index.exists():
        raise sqlite3.OperationalError("another window is just making it")
    return Index(layout.index, read_only=True)


def open_index(layout: Layout, names: Callable[[], Sequence[str]], notices: list[str]) -> Index:
    """The project's index; a damaged one is moved aside, a missing one made from the labels.

    Args:
        layout: the project's paths.
        names: lists the photos of the folder; asked only where there is a label that does not
            say whose it is.
        notices: is given what the user should know.

    Raises:
        sqlite3.Error, OSError: the files cannot be used (locked, disk full, not permitted).
        StoreError: the index is of a newer version.
    """
    damaged = False
    try:
        index = Index(layout.index)
        if index.setting(_READ_KEY) is None and index.rows():
            index.close()  # rows come together with the key: these are a stranger's
            raise sqlite3.DatabaseError("rows that this program did not write")
    except sqlite3.DatabaseError as error:
        if isinstance(error, sqlite3.OperationalError) and not _is_damage(error, layout.index):
            raise
        damaged = True
        aside = _move_aside(layout.index)
        notices.append(
            f"The list of labels of this folder was damaged and was made anew from the label "
            f"files. The damaged list is kept as {aside.name}. {_LOST}"
        )
        index = Index(layout.index)
    try:
        if index.setting(_READ_KEY) is None:
            rows, ours = _rows_from_labels(layout, names, notices)
            # In a folder that is away for a while there seem to be no labels: they would be
            # passed over for good.
            layout.labels.stat()
            if ours and not damaged:
                notices.append(
                    "The list of labels of this folder was missing and was made anew from "
                    f"{ours} label files. {_LOST}"
                )
            index.put(*rows, settings={_READ_KEY: "1"})
    except BaseException:
        index.close()
        raise
    return index


def _is_damage(error: sqlite3.OperationalError, path: Path) -> bool:
    """Whether SQLite takes for a fault of the disk what is one of the file's content."""
    code = getattr(error, "sqlite_errorcode", None)
    if code == sqlite3.SQLITE_READONLY:
        with path.open("rb") as file:  # how SQLite is to read and write it: 1 or 2
            return max(file.read(20)[18:], default=0) > 2
    # An unknown format, or tables that do not fit the statements.
    return code == sqlite3.SQLITE_ERROR


def _move_aside(path: Path) -> Path:
    number = 1
    while (aside := path.with_name(f"{path.name}.corrupt-{number}")).exists():
        number += 1
    for suffix in ("-wal", "-shm", ""):
        part = path.with_name(path.name + suffix)
        if part.exists():
            part.replace(aside.with_name(aside.name + suffix))
    return aside


def _rows_from_labels(
    layout: Layout, names: Callable[[], Sequence[str]], notices: list[str]
) -> tuple[list[Row], int]:
    """A row for every photo that a label file belongs to; the latest, where several do.

    Also how many of them say themselves whose label they are.
    """
    found: dict[str, tuple[Row, bool]] = {}
    owners: dict[str, set[str]] | None = None
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
            # By its name, where it can belong to one photo only.
            owners = _owners(names()) if owners is None else owners
            if len(owners[folded(stem)]) != 1:
                continue
            (owner,) = owners[folded(stem)]
            text = LabelText(owner, Provenance(None, 0), False, None, "")
        row = Row(
            text.photo,
            label,
            text.accepted,
            text.held_out,
            text.provenance.model,
            text.provenance.gestures,
            text.saved,
            digest=text.digest,
            made_for=text.digest,
            flag=text.flag.value,
            seconds=text.seconds,
            note=text.note,
            tags=text.tags,
        )
        other = found.get(row.name)
        if other is None or (ours, row.saved) > (other[1], other[0].saved):
            found[row.name] = (row, ours)
    for row in _rows_from_versions(layout):
        found.setdefault(row.name, (row, False))
    if unread:
        notices.append(
            f"{len(unread)} label files could not be read and were left out: "
            f"{', '.join(unread[:5])}{' …' if len(unread) > 5 else ''}. "
            f"They are in {layout.labels}, earlier versions in {layout.history}."
        )
    rows = _with_held_out([row for row, _ours in found.values()])
    return rows, sum(ours for _row, ours in found.values())


def _owners(names: Sequence[str]) -> dict[str, set[str]]:
    """The photos that a label could belong to, by its folded stem."""
    owners: dict[str, set[str]] = defaultdict(set)
    for name in names:
        for key in label_keys(name):
            owners[key].add(name)
    return owners


def _rows_from_versions(layout: Layout) -> Iterator[Row]:
    """Photos whose label was put away: their versions are found by the name that it had."""
    labels = names_in(layout.labels)
    with suppress(FileNotFoundError):
        for folder in sorted(layout.history.iterdir()):
            versions = sorted(names_in(folder)) if folder.is_dir() else []
            if folder.name in labels or not versions:
                continue
            with suppress(OSError, SyntaxError, ValueError):
                text = label_text(folder / f"{versions[-1]}.png")
                if text is not None:
                    yield Row(
                        text.photo,
                        f"{folder.name}.png",
                        held_out=text.held_out,
                        flag=text.flag.value,
                        seconds=text.seconds,
                        note=text.note,
                        tags=text.tags,
                    )


def _with_held_out(rows: list[Row]) -> list[Row]:
    """The rows, those accepted photos decided upon whose label does not say."""
    rows = sorted(rows, key=lambda row: (row.saved, row.name))
    decisions = [row.held_out for row in rows if row.held_out is not None]
    held, decided = sum(decisions), len(decisions)
    for number, row in enumerate(rows):
        if row.accepted and row.held_out is None:
            out = held_out_next(held, decided)
            rows[number] = row._replace(held_out=out)
            held, decided = held + out, decided + 1
    return rows
