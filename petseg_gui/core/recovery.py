"""After a crash: what the label files say, and the index was not told any more.

A label is replaced first and noted in the index then.  Whoever is killed in between leaves a label
that the index does not know, or one that it believes to be there.
"""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path

from petseg_gui.core.index import Index, Row
from petseg_gui.core.label_chunk import label_text
from petseg_gui.core.layout import Layout, names_in
from petseg_gui.core.records import LabelText, LogEntry
from petseg_gui.core.workspace import entry

_SLACK_SECONDS = 60.0
"""A label that was written so long before the index was, or later, is compared with it."""
_DETAIL = "noted after a crash"


def last_written(layout: Layout) -> float | None:
    """When an index that was not closed was written last; None: it was closed, or is not there.

    Seconds as of files.  To be asked before the index is opened: SQLite keeps its journal until
    the index is closed.
    """
    with suppress(OSError):
        return layout.index.with_name(f"{layout.index.name}-wal").stat().st_mtime
    return None


def recover(layout: Layout, index: Index, written: float) -> None:
    """Note in the index what became of the labels just before the program ended.

    Args:
        layout: the project's paths.
        index: the project's index.
        written: see :func:`last_written`.

    Raises:
        OSError, sqlite3.Error: labels or index cannot be used; nothing was changed.
    """
    # Where the folder is away for a while, every label would seem to have been put away.
    layout.labels.stat()
    rows = {row.name: row for row in index.rows()}
    owners = {row.label: row.name for row in rows.values() if row.label is not None}
    labels = {f"{stem}.png" for stem in names_in(layout.labels)}
    changed: list[Row] = []
    log: list[tuple[str, LogEntry]] = []
    for label in sorted(labels):
        text = _recent_text(layout.labels / label, written - _SLACK_SECONDS)
        if text is None or owners.get(label, text.photo) != text.photo:
            continue
        old = rows.get(text.photo) or Row(text.photo)
        if old.label not in (None, label) or text.saved < old.saved:
            continue
        if (new := _noted(old, label, text)) == old:
            continue
        changed.append(new)
        if text.saved != old.saved:
            what = "accepted" if new.accepted and not old.accepted else "saved"
            log.append((new.name, entry(what, _DETAIL)))
    for row in rows.values():
        if row.label is not None and row.label not in labels and _was_put_away(layout, row):
            changed.append(row._replace(accepted=False, saved="", made_for=None))
            log.append((row.name, entry("cleared", _DETAIL)))
    if changed:
        index.put(*changed, log=log)


def _recent_text(path: Path, since: float) -> LabelText | None:
    """What a label says that was written since then; None: it is older, or says nothing."""
    with suppress(OSError, SyntaxError, ValueError):
        if path.stat().st_mtime >= since:
            return label_text(path)
    return None


def _noted(old: Row, label: str, text: LabelText) -> Row:
    """The row of a label that says this."""
    new = old._replace(
        label=label,
        accepted=text.accepted,
        held_out=text.held_out if old.held_out is None else old.held_out,
        model=text.provenance.model,
        gestures=text.provenance.gestures,
        saved=text.saved,
        made_for=text.digest,
        note=text.note,
        tags=text.tags,
    )
    if text.saved != old.saved:  # else the index may have these from later
        new = new._replace(flag=text.flag.value, seconds=text.seconds)
        if text.digest not in (None, old.digest):  # the next look at the photo compares anew
            new = new._replace(digest=text.digest, bytes=None, mtime_ns=None)
    return new


def _was_put_away(layout: Layout, row: Row) -> bool:
    """Whether a label that is not there became a version just as the index knows it."""
    if not row.saved:
        return False
    folder = layout.versions(str(row.label))
    versions = sorted(names_in(folder))
    with suppress(OSError, SyntaxError, ValueError):
        text = label_text(folder / f"{versions[-1]}.png") if versions else None
        return text is not None and text.saved == row.saved
    return False
