"""The models of a project: the starter and what was fine-tuned from it, with their lineage.

Each model is a file ``<id>.safetensors`` in the project's folder ``models``; its header says what
it came from.  Titles and notes lie beside them (:mod:`model.model_names`), deleted models in a
folder of their own.  Nothing here needs TensorFlow.
"""

from __future__ import annotations

import errno
import os
import re
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from model import incoming, weights
from model.files import sync_folder, write_atomically
from model.model_names import Named, Names, clean_note, clean_title
from model.versions import (
    FINE_TUNED,
    IMPORTED,
    STARTER,
    Listing,
    Version,
    as_starter,
    read_version,
)

if TYPE_CHECKING:
    import keras

__all__ = [
    "FINE_TUNED",
    "IMPORTED",
    "MAX_DELETED",
    "STARTER",
    "Listing",
    "Registry",
    "RegistryError",
    "Version",
]

DELETED_FOLDER = "deleted"
MAX_DELETED = 5
"""Deleted models that are kept, so that they can be brought back; each takes up to 40 MB."""

_NUMBERED = re.compile(r"tuned-([0-9]+)")
_GONE = ".gone"
"""Ending of the empty file that keeps the number of a model that is gone for good."""
_REMEDIES = {
    errno.ENOSPC: "Free some space on the disk and try again.",
    errno.EDQUOT: "Free some space on the disk and try again.",
    errno.EACCES: "Check that you may write there and try again.",
    errno.EPERM: "Check that you may write there and try again.",
    errno.ENOENT: "Check that the folder is there.",
    errno.ENOTDIR: "Check that the folder is there.",
    errno.EROFS: "The disk is read-only: choose another one.",
}
# Numbers are given and files moved by several threads, each with a registry of its own.
_changing = threading.RLock()


class RegistryError(Exception):
    """Something that was wanted of the models was not done; the message says why and what to do."""


class Registry:
    """The starter model and the other ones of one project.

    Args:
        folder: the project's models; made when the first one is added.
        starter: file of the starter model, which is never written.
    """

    def __init__(self, folder: Path, starter: Path) -> None:
        self.folder = folder
        self.starter = starter
        self._deleted = folder / DELETED_FOLDER
        self._names = Names(folder)

    @property
    def starter_id(self) -> str:
        """The starter's id."""
        return self.starter.stem

    def path(self, version: str) -> Path:
        """The file of a model.

        Raises:
            KeyError: there is no such model.
        """
        if version == self.starter_id:
            return self.starter
        path = self.folder / f"{version}{weights.SUFFIX}"
        if not _NUMBERED.fullmatch(version) or not path.is_file():
            raise KeyError(version)
        return path

    # -- what there is ------------------------------------------------------------------

    def versions(self) -> list[Version]:
        """The starter, then the other models by number; unreadable files are left out."""
        return self.listing().versions

    def listing(self) -> Listing:
        """Every model, those that were deleted, and what cannot be read."""
        names = self._names.read()
        starter, _ = read_version(self.starter, names.get(self.starter_id, Named()))
        if starter is None:  # whatever is wrong with it shows where it is used
            starter = Version(self.starter_id, self.starter, None, "", {})
        versions = [as_starter(starter)]
        deleted, problems = [], []
        for path in sorted(_files(self.folder), key=_number):
            version, problem = read_version(path, names.get(path.stem, Named()))
            if version is not None:
                versions.append(version)
            else:
                problems.append(problem)
        for path in self._deleted_files():
            version, _ = read_version(path, names.get(path.stem, Named()))
            if version is not None:
                deleted.append(version)
        return Listing(versions, deleted, problems)

    # -- new models ---------------------------------------------------------------------

    def add(self, model: keras.Model, parent: str, about: Mapping[str, Any]) -> str:
        """Keep a fine-tuned model; returns its new id.

        Args:
            model: the network.
            parent: id of the model that it was fine-tuned from.
            about: plain values: settings, scores, photos.

        Raises:
            OSError: the file could not be written; nothing was added.
        """
        network = weights.read_card(self.path(parent)).network
        own = {"parent": parent, "created": _now(), "origin": FINE_TUNED}
        with _changing:
            version = self._next()
            card = weights.ModelCard(network, {**about, **own})
            weights.save(model, self.folder / f"{version}{weights.SUFFIX}", card)
        return version

    def import_model(self, path: Path) -> str:
        """Take in a copy of a model file from elsewhere; returns its new id.

        It is checked wholly before anything is written: format, classes, shapes, numbers.

        Raises:
            ModelFileError: it cannot be used; the message names the file, the reason, the remedy.
            RegistryError: the copy could not be written.
        """
        found = incoming.read(path, self.starter)
        own = {
            "parent": None,
            "created": _now(),
            "origin": IMPORTED,
            "imported_from": incoming.shown(path.name),
        }
        card = weights.ModelCard(found.network, {**found.about, **own})
        with _changing, _told(f"{path.name} was not imported"):
            version = self._next()
            weights.write(found.tensors, self.folder / f"{version}{weights.SUFFIX}", card)
        return version

    # -- what people do with them -------------------------------------------------------

    def export(self, version: str, path: Path) -> None:
        """Copy a model's file to ``path``; a file there is replaced by a complete one only.

        Raises:
            ModelFileError: the model cannot be read.
            RegistryError: it is no place for a model, or could not be written.
        """
        source = self._existing(version)
        if path.suffix.lower() != weights.SUFFIX:
            raise RegistryError(
                f"{path} is no name for a model file. Choose one that ends in {weights.SUFFIX}."
            )
        with _told(f"{path} was not written"):
            if path.is_dir():
                raise RegistryError(f"{path} is a folder. Choose a name for the file in it.")
            if self._is_own(path):
                raise RegistryError(
                    f"{path} belongs to the models of this program. Choose another folder."
                )
            weights.read_card(source)
            write_atomically(path, source.read_bytes())

    def rename(self, version: str, title: str) -> None:
        """Give a model the title that people know it by; empty: none.

        Raises:
            RegistryError: the title is too long, or could not be saved.
        """
        self._put(version, title=title)

    def set_note(self, version: str, note: str) -> None:
        """Write a note about a model in place of the one that it has; empty: none.

        Raises:
            RegistryError: the note is too long, or could not be saved.
        """
        self._put(version, note=note)

    def delete(self, version: str, *, in_use: str) -> None:
        """Put a model away; the last :data:`MAX_DELETED` can be brought back by :meth:`restore`.

        Models that were fine-tuned from it keep its id in their lineage.

        Args:
            version: its id.
            in_use: id of the model in use, which is not deleted.

        Raises:
            RegistryError: it is the starter or in use, or could not be moved.
        """
        if version == self.starter_id:
            raise RegistryError("The model that comes with PetSeg cannot be deleted.")
        if version == in_use:
            raise RegistryError(f"{version} is in use. Use another model, then delete it.")
        with _changing, _told(f"{version} was not deleted"):
            path = self._existing(version)
            self._deleted.mkdir(exist_ok=True)
            self._move(path, self._deleted / path.name)
            with suppress(OSError):  # the last deleted are kept the longest
                os.utime(self._deleted / path.name)
            self._purge()

    def restore(self, version: str) -> None:
        """Bring a deleted model back, with its id, title and note.

        Raises:
            RegistryError: it is not among the deleted ones, or could not be moved.
        """
        with _changing, _told(f"{version} was not brought back"):
            path = self._deleted / f"{version}{weights.SUFFIX}"
            if not _NUMBERED.fullmatch(version) or not path.is_file():
                raise RegistryError(f"There is no deleted model {version} in this project.")
            self._move(path, self.folder / path.name)

    # ----------------------------------------------------------------------------------

    def _existing(self, version: str) -> Path:
        try:
            return self.path(version)
        except KeyError as error:
            raise RegistryError(f"There is no model {version} in this project.") from error

    def _put(self, version: str, *, title: str | None = None, note: str | None = None) -> None:
        self._existing(version)
        with _changing, _told(f"The name and note of {version} were not saved"):
            before = self._names.read().get(version, Named())
            try:
                named = Named(
                    before.title if title is None else clean_title(title),
                    before.note if note is None else clean_note(note),
                )
            except ValueError as error:
                raise RegistryError(f"{error} Shorten it and try again.") from error
            if named != before:
                self._names.put(version, named)

    def _is_own(self, path: Path) -> bool:
        """Whether a file lies among the models, or is one of them by another name."""
        folder = self.folder.resolve()
        if folder in path.resolve().parents:
            return True
        if not path.exists():
            return False
        own = [self.starter, *_files(self.folder), *self._deleted_files()]
        return any(one.exists() and path.samefile(one) for one in own)

    def _next(self) -> str:
        """An id that no model ever had: deleted ones, and those that are gone, count as well."""
        kept = [*_files(self.folder), *_files(self._deleted), *_files(self._deleted, _GONE)]
        number = max(map(_number, kept), default=0) + 1
        # A folder that may not be listed looks empty.
        while (self.folder / f"tuned-{number:03d}{weights.SUFFIX}").exists():
            number += 1
        return f"tuned-{number:03d}"

    def _move(self, source: Path, target: Path) -> None:
        if target.exists():
            raise RegistryError(
                f"There is another file {target}. Move it elsewhere, then try again."
            )
        source.rename(target)
        for folder in (source.parent, target.parent):
            with suppress(OSError):  # it has been moved, which is all that can be said
                sync_folder(folder)

    def _deleted_files(self) -> list[Path]:
        """The latest deleted first."""

        def moved(path: Path) -> tuple[float, int]:
            with suppress(OSError):
                return path.stat().st_mtime, _number(path)
            return 0.0, _number(path)

        return sorted(_files(self._deleted), key=moved, reverse=True)

    def _purge(self) -> None:
        """Let go of the models that were deleted longest ago; their numbers stay taken."""
        for path in self._deleted_files()[MAX_DELETED:]:
            with suppress(OSError):  # it stays, and goes the next time
                path.with_suffix(_GONE).touch()
                path.unlink()
                self._names.put(path.stem, Named())
        for marker in sorted(_files(self._deleted, _GONE), key=_number)[:-1]:
            with suppress(OSError):
                marker.unlink()


def _files(folder: Path, suffix: str = weights.SUFFIX) -> list[Path]:
    return [path for path in folder.glob(f"tuned-*{suffix}") if _NUMBERED.fullmatch(path.stem)]


def _number(path: Path) -> int:
    match = _NUMBERED.fullmatch(path.stem)
    return int(match.group(1)) if match else 0


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="seconds")


@contextmanager
def _told(what: str) -> Iterator[None]:
    """Turn errors of the disk into one that can be shown."""
    try:
        yield
    except OSError as error:
        remedy = _REMEDIES.get(error.errno or 0, "Check the disk and try again.")
        raise RegistryError(f"{what} ({error.strerror or error}). {remedy}") from error
