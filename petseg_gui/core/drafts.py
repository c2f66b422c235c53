"""Which photos have strokes on disk that are in no label yet."""

from __future__ import annotations

from contextlib import suppress

from petseg_gui.core.index import Index
from petseg_gui.core.layout import Layout, names_in
from petseg_gui.core.rebuild import label_text


def current_drafts(layout: Layout, index: Index) -> set[str]:
    """Photos with a draft that is newer than their label (a crash can leave an older one).

    Raises:
        OSError: the drafts cannot be listed.
        sqlite3.Error: the index cannot be read.
    """
    drafts = names_in(layout.drafts)
    for name in list(drafts):
        row = index.row(name)
        if row is None:
            continue
        # One that cannot be read stays, and reading it says so: it may hold strokes.
        with suppress(OSError, SyntaxError, ValueError):
            text = label_text(layout.draft(name))
            if text is not None and text.base != row.saved:
                drafts.discard(name)
    return drafts
