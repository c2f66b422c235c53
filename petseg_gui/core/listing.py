"""Which photos a folder has, those in its subfolders included where that is chosen."""

from __future__ import annotations

import os
from pathlib import Path

from petseg_gui.core.layout import FOLDER_NAME, INDEX_NAME
from petseg_gui.core.photos import list_photo_names, natural_key


def photo_names(folder: Path, *, subfolders: bool, notices: list[str]) -> list[str]:
    """Names of the photos: relative paths with forward slashes, in natural order.

    Hidden subfolders, folders of projects and links to folders are left out: a link may lead
    anywhere, also round in a circle.

    Args:
        folder: the photo folder.
        subfolders: whether photos in subfolders count.
        notices: is given what could not be looked into.

    Raises:
        OSError: the folder itself cannot be listed.
    """
    names = list_photo_names(folder)
    if not subfolders:
        return names
    unread: list[str] = []
    for parent, children, _files in os.walk(folder):
        below = Path(parent)
        children[:] = [child for child in children if wanted_folder(below / child)]
        for child in children:
            place = (below / child).relative_to(folder).as_posix()
            try:
                names += [f"{place}/{name}" for name in list_photo_names(below / child)]
            except OSError:
                unread.append(place)
    if unread:
        notices.append(
            f"{len(unread)} subfolders could not be read and were left out: "
            f"{', '.join(unread[:5])}{' …' if len(unread) > 5 else ''}. "
            "Check that you may read them, and open the folder again."
        )
    return sorted(names, key=natural_key)


def wanted_folder(child: Path) -> bool:
    """Whether photos in this subfolder can belong to the project."""
    if child.name.startswith(".") or child.is_symlink():
        return False
    return child.name != FOLDER_NAME or not (child / INDEX_NAME).exists()
