"""Whether photos in subfolders belong to a project: as was chosen last, else as there is work."""

from __future__ import annotations

import os
import sqlite3
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import NamedTuple

from petseg_gui.core.index import Index
from petseg_gui.core.label_chunk import label_text
from petseg_gui.core.layout import Layout, names_in
from petseg_gui.core.listing import wanted_folder
from petseg_gui.core.photo_names import count_photos

MOST_COUNTED = 10_000
"""Nobody needs to know more exactly how many photos there are."""
SECONDS = 3.0
"""How long photos are counted at most: a folder may be a whole disk, and the disk be slow."""

_KEY = "subfolders"
_VALUES = {"1": True, "0": False}


class Below(NamedTuple):
    """How many photos there are in the subfolders of a folder.

    Attributes:
        photos: those that were found.
        all: there are no more than these; False: counting was ended before.
    """

    photos: int
    all: bool


def remembered(layout: Layout, index: Index) -> bool:
    """Whether photos in subfolders belong to the project, as was chosen last.

    Where nothing was chosen, or that is lost with the index, they do if there is work on any of
    them: it would seem to be lost.

    Raises:
        OSError, sqlite3.Error: the project cannot be read.
    """
    choice = _VALUES.get(str(index.setting(_KEY)))
    return choice if choice is not None else index.any_below() or _any_draft_below(layout)


def remember(index: Index, choice: bool, notices: list[str]) -> None:
    """Open the project this way the next time.

    Args:
        index: the project's index.
        choice: photos in subfolders belong to the project.
        notices: is given why that could not be written: no reason not to open the project.
    """
    value = "1" if choice else "0"
    try:
        if index.setting(_KEY) != value:
            index.put(settings={_KEY: value})
    except sqlite3.OperationalError as error:  # a full disk, for one; damage is another matter
        notices.append(
            f"Whether photos in subfolders are shown could not be remembered ({error}). "
            "Choose it again when there is space on the disk."
        )


def _any_draft_below(layout: Layout) -> bool:
    for key in names_in(layout.drafts):
        if "~" not in key:  # what the drafts of photos in subfolders are called: see file_key
            continue
        with suppress(OSError, SyntaxError, ValueError):
            text = label_text(layout.drafts / f"{key}.png")
            if text is not None and "/" in text.photo:
                return True
    return False


def count_below(
    folder: Path,
    *,
    most: int = MOST_COUNTED,
    seconds: float = SECONDS,
    stopped: Callable[[], bool] = lambda: False,
) -> Below:
    """How many photos the subfolders of a folder have, of those that could belong to its project.

    What cannot be read is passed over.  Meant for a worker thread.

    Args:
        folder: the photo folder.
        most: to stop at.
        seconds: to stop after.
        stopped: nobody wants to know any more.
    """
    end, found = time.monotonic() + seconds, 0
    for parent, children, _files in os.walk(folder):
        below = Path(parent)
        children[:] = [child for child in children if wanted_folder(below / child)]
        for child in children:
            if found >= most or time.monotonic() > end or stopped():
                return Below(min(found, most), False)
            with suppress(OSError):
                found += count_photos(below / child)
    return Below(min(found, most), found <= most)
