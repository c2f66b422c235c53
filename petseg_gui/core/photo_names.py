"""Which files of a folder are photos, and in which order they are listed."""

from __future__ import annotations

import os
import re
import unicodedata
from collections.abc import Callable
from pathlib import Path

from petseg_gui.core.layout import FOLDER_NAME, INDEX_NAME

PHOTO_SUFFIXES: frozenset[str] = frozenset(
    {
        *(".jpg", ".jpeg", ".jpe", ".jfif", ".png", ".apng", ".webp", ".bmp", ".gif"),
        *(".tif", ".tiff", ".avif", ".heic", ".heif", ".hif"),
    }
)
"""Endings of the files that count as photos: lower case, with the dot."""
_NUMBERS = re.compile("([0-9]+)")


def natural_key(name: str) -> tuple[list[str | int], str]:
    """Sorts names as people do: numbers by value, letters without regard to case."""
    folded = unicodedata.normalize("NFC", name).casefold() if not name.isascii() else name.lower()
    parts: list[str | int] = list(_NUMBERS.split(folded))
    parts[1::2] = [int(number) for number in parts[1::2]]
    return parts, name


def list_photo_names(
    folder: Path,
    subfolders: bool = False,
    *,
    on_error: Callable[[OSError], None] | None = None,
) -> list[str]:
    """The names of the photos in a folder, in natural order; hidden files are left out.

    A link that leads nowhere, or round in a circle, is listed as well: reading it says so.

    Args:
        folder: the photo folder.
        subfolders: list those of all folders below it too, as relative POSIX paths
            (``cats/1.jpg``).  Hidden folders, projects (ADR 2) and links to folders are not
            entered, so that no photo appears twice and no circle has no end.
        on_error: told of each subfolder that cannot be listed; the rest is listed all the same.

    Raises:
        OSError: the folder itself cannot be listed.
    """
    names, below = _scan(folder, "", subfolders)
    seen = {_identity(folder)} if below else set()
    while below:
        prefix = below.pop()
        place = folder / prefix
        try:
            # Mounts and junctions make circles without being links.
            if (identity := _identity(place)) in seen or (place / INDEX_NAME).exists():
                continue
            seen.add(identity)
            more, deeper = _scan(place, prefix, subfolders)
        except OSError as error:
            if on_error is not None:
                on_error(error)
            continue
        names += more
        below += deeper
    return sorted(names, key=natural_key)


def count_photos(folder: Path) -> int:
    """How many photos a folder has, not counting those in its subfolders.

    Raises:
        OSError: the folder cannot be listed.
    """
    return len(_scan(folder, "", False)[0])


def list_photos(folder: Path) -> list[Path]:
    """The photos in a folder (not in its subfolders), in natural order.

    Raises:
        OSError: the folder cannot be listed.
    """
    return [folder / name for name in list_photo_names(folder)]


def _scan(folder: Path, prefix: str, subfolders: bool) -> tuple[list[str], list[str]]:
    """Photos and folders in a folder, ``prefix`` ('' or 'a/b/') before each name."""
    names, below = [], []
    with os.scandir(folder) as entries:
        for entry in entries:
            name = entry.name
            if name.startswith("."):
                continue
            suffix = os.path.splitext(name)[1].lower()  # noqa: PTH122 - thousands of names
            if suffix in PHOTO_SUFFIXES and _may_be_photo(entry):
                names.append(prefix + name)
            elif subfolders and name != FOLDER_NAME and entry.is_dir(follow_symlinks=False):
                below.append(f"{prefix}{name}/")
    return names, below


def _may_be_photo(entry: os.DirEntry[str]) -> bool:
    """Whether the entry is a file, or a link that does not tell what it leads to."""
    try:
        return entry.is_file() or (entry.is_symlink() and not Path(entry.path).exists())
    except OSError:  # a circle of links, or a folder on the way that may not be entered
        return entry.is_symlink()


def _identity(folder: Path) -> tuple[int, int]:
    status = folder.stat()
    return status.st_dev, status.st_ino
