"""Opening a project: its folder, its lock, its index."""

from __future__ import annotations

from pathlib import Path

from petseg_gui.core.disk import sweep, told
from petseg_gui.core.index import Index
from petseg_gui.core.layout import Layout, choose_root
from petseg_gui.core.listing import photo_names
from petseg_gui.core.lock import ProjectLock
from petseg_gui.core.rebuild import open_index, open_index_to_read
from petseg_gui.core.recovery import last_written, recover
from petseg_gui.core.workspace import READ_ONLY, Workspace


def open_workspace(
    folder: Path, root: Path | None, *, subfolders: bool, notices: list[str]
) -> Workspace:
    """See ``Project.open``.

    Args:
        folder: the photo folder.
        root: where the project lies; None: see :func:`petseg_gui.core.layout.choose_root`.
        subfolders: photos in subfolders belong to it.
        notices: is given what the user should know.

    Raises:
        StoreError: the folder cannot be read, or the project not be opened.
    """
    folder = folder.absolute()
    with told(folder, "opened"):
        names = photo_names(folder, subfolders=subfolders, notices=notices)
        if root is None:
            root, notice = choose_root(folder)
            if notice:
                notices.append(notice)
        else:
            root.mkdir(parents=True, exist_ok=True)
        layout = Layout(root.absolute(), subfolders=subfolders)
        layout.make_folders()
        lock = ProjectLock(layout.root)
    written = None
    try:
        if lock.first and lock.held:
            for below in (layout.root, layout.labels, layout.drafts, layout.models):
                sweep(below)
            written = last_written(layout)
        with told(layout.index, "opened"):
            if lock.held:
                index = open_index(layout, names, notices)
                if written is not None:
                    _recover(layout, index, written)
            else:
                notices.append(READ_ONLY)
                index = open_index_to_read(layout)
            return Workspace(folder, layout, index, names, lock)
    except BaseException:
        lock.release()
        raise


def _recover(layout: Layout, index: Index, written: float) -> None:
    try:
        recover(layout, index, written)
    except BaseException:
        index.close()
        raise
