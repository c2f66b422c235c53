"""Opening a project: its folder, its lock, its index."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from petseg_gui.core.disk import sweep, told
from petseg_gui.core.index import Index
from petseg_gui.core.layout import Layout, choose_root
from petseg_gui.core.listing import photo_names
from petseg_gui.core.lock import ProjectLock
from petseg_gui.core.rebuild import open_index, open_index_to_read
from petseg_gui.core.recovery import last_written, recover
from petseg_gui.core.subfolders import remember, remembered
from petseg_gui.core.workspace import READ_ONLY, Workspace


def open_workspace(
    folder: Path, root: Path | None, *, subfolders: bool | None, notices: list[str]
) -> Workspace:
    """See ``Project.open``.

    Args:
        folder: the photo folder.
        root: where the project lies; None: see :func:`petseg_gui.core.layout.choose_root`.
        subfolders: photos in subfolders belong to it; None: as was chosen last.
        notices: is given what the user should know.

    Raises:
        StoreError: the folder cannot be read, or the project not be opened.
    """
    folder = folder.absolute()
    with told(folder, "opened"):
        names = photo_names(folder, subfolders=subfolders is True, notices=notices)
        if root is None:
            root, notice = choose_root(folder)
            if notice:
                notices.append(notice)
        else:
            root.mkdir(parents=True, exist_ok=True)
        layout = Layout(root.absolute(), subfolders=subfolders is True)
        layout.make_folders()
        lock = ProjectLock(layout.root)

    def owners() -> list[str]:
        # What was chosen is lost with the index: a label may be of any photo.
        return names if subfolders is not None else photo_names(folder, subfolders=True, notices=[])

    try:
        index = _open_index(layout, lock, owners, notices)
        try:
            if _include(layout, index, lock, subfolders, notices) and not layout.subfolders:
                layout.subfolders = True
                with told(folder, "opened"):
                    names = photo_names(folder, subfolders=True, notices=notices)
            return Workspace(folder, layout, index, names, lock)
        except BaseException:
            index.close()
            raise
    except BaseException:
        lock.release()
        raise


def _open_index(
    layout: Layout, lock: ProjectLock, owners: Callable[[], list[str]], notices: list[str]
) -> Index:
    """The index, with what a crash has left undone."""
    written = None
    if lock.first and lock.held:
        for below in (layout.root, layout.labels, layout.drafts, layout.models):
            sweep(below)
        written = last_written(layout)
    with told(layout.index, "opened"):
        if not lock.held:
            notices.append(READ_ONLY)
            return open_index_to_read(layout)
        index = open_index(layout, owners, notices)
        if written is not None:
            _recover(layout, index, written)
        return index


def _include(
    layout: Layout, index: Index, lock: ProjectLock, wanted: bool | None, notices: list[str]
) -> bool:
    """Whether photos in subfolders belong to the project; a choice is remembered."""
    with told(layout.index, "opened"):
        if wanted is None:
            return remembered(layout, index)
        if lock.held:
            with lock.writing:
                remember(index, wanted, notices)
        return wanted


def _recover(layout: Layout, index: Index, written: float) -> None:
    try:
        recover(layout, index, written)
    except BaseException:
        index.close()
        raise
