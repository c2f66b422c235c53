"""Opening a folder: everything that touches the disk before the first photo shows."""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path

from model.files import write_atomically
from petseg_gui.core.photos import PhotoError
from petseg_gui.core.records import PhotoRecord, StoreError
from petseg_gui.core.store import Project
from petseg_gui.ui.photo_loader import LoadedPhoto, load_photo

VIEW_FILE = "view.json"
"""In the project: the photo that was looked at last."""


class FolderError(Exception):
    """A folder cannot be opened; the text is for the user."""


@dataclass(frozen=True, slots=True)
class OpenedFolder:
    """A project with what the window shows first.

    Attributes:
        start: the photo to begin with, '' in an empty folder.
        first: that photo, decoded, or why it cannot be.
    """

    project: Project
    names: list[str]
    records: dict[str, PhotoRecord]
    model: str
    start: str
    first: LoadedPhoto | PhotoError | None

    def again(self, start: str | None) -> OpenedFolder:
        """The same as it is by now, when it has been open in the window until this moment.

        What was read while it was opened lacks the strokes that were made meanwhile.

        Args:
            start: the photo to begin with, if it is there.

        Raises:
            StoreError: the project cannot be read any more.
        """
        self.project.reread_drafts()
        start = start if start in self.names else self.start
        return replace(self, records=self.project.records(), start=start or "", first=None)


def project_root(folder: Path, elsewhere: Path | None) -> Path | None:
    """Where the project of ``folder`` lives; None leaves that to the project.

    With ``elsewhere``, a folder that cannot be written to (a camera's card, somebody else's
    photos) has its project below it, named so that two folders of one name do not meet.
    """
    if elsewhere is None or os.access(folder, os.W_OK):
        return None
    digest = hashlib.sha256(str(folder.resolve()).encode()).hexdigest()[:12]
    return elsewhere / f"{folder.name}-{digest}"


def remember_photo(project: Project, name: str) -> None:
    """Begin with this photo when the folder is opened the next time; a failure is no loss."""
    with suppress(OSError):
        write_atomically(project.root / VIEW_FILE, json.dumps({"photo": name}).encode())


def _remembered_photo(project: Project) -> str:
    try:
        content = json.loads((project.root / VIEW_FILE).read_bytes())
    except (OSError, ValueError, RecursionError):
        return ""
    return str(content.get("photo", "")) if isinstance(content, dict) else ""


def open_folder(
    folder: Path,
    elsewhere: Path | None,
    model_of: Callable[[Project], str],
    *,
    subfolders: bool | None = None,
) -> OpenedFolder:
    """Open the project of ``folder`` and decode the photo to begin with.

    Args:
        folder: a folder of photos.
        elsewhere: parent of projects of folders that cannot be written to, if not the usual.
        model_of: the id of the model that a project uses.
        subfolders: photos in subfolders belong to it; None: as was chosen last.

    Raises:
        FolderError: the folder is missing, not a folder, or cannot be read or used.
    """
    if not folder.exists():
        raise FolderError(f"{folder} does not exist. It may have been moved or renamed.")
    if not folder.is_dir():
        raise FolderError(f"{folder} is a file. Open the folder that it is in.")
    try:
        project = Project.open(folder, root=project_root(folder, elsewhere), subfolders=subfolders)
    except PermissionError as error:
        raise FolderError(f"You have no permission to read {folder}.") from error
    except (StoreError, OSError) as error:
        raise FolderError(str(error)) from error
    try:
        return _with_first_photo(project, model_of)
    except StoreError as error:
        project.close()
        raise FolderError(str(error)) from error
    except BaseException:
        project.close()
        raise


def _with_first_photo(project: Project, model_of: Callable[[Project], str]) -> OpenedFolder:
    names = project.names()
    model = model_of(project)
    # A new project, or one whose model's file is gone.
    if project.model_in_use() != model and not project.read_only:
        project.set_model_in_use(model)
    last_photo = _remembered_photo(project)
    start = last_photo if last_photo in names else (names[0] if names else "")
    first: LoadedPhoto | PhotoError | None = None
    if start:
        try:
            first = load_photo(project, start, model)
        except PhotoError as error:
            first = error
    return OpenedFolder(project, names, project.records(), model, start, first)
