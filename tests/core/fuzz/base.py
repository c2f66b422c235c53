"""What every reader of hostile files has, and what those have that read files of a project."""

from __future__ import annotations

import hashlib
import os
import random
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from petseg_gui.core.store import Project
from tests.core.fault_project import copy, make_project
from tests.core.fuzz import mutations


class Target:
    """Something that reads files of one kind.

    Args:
        folder: of its own; made anew.
        kind: see the class.
    """

    def __init__(self, folder: Path, kind: str) -> None:
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir(parents=True)
        self.folder, self.kind = folder, kind

    def prepare(self) -> None:
        """Make what the files are beside."""

    def whole(self) -> bytes:
        """A file as it should be."""
        raise NotImplementedError

    def damaged(self, dice: random.Random) -> bytes:
        """Another one."""
        return mutations.damaged(self.whole(), dice)

    def put(self, data: bytes) -> None:
        """Put the file where it is read."""
        raise NotImplementedError

    def attempt(self) -> str:
        """Read it in every way: 'read' or 'refused'."""
        raise NotImplementedError

    def check(self) -> None:
        """Nothing was written where nothing is to be written."""

    def close(self) -> None:
        """Let go of it."""


class InProject(Target):
    """A file of a project, which is made once and copied for every file."""

    def prepare(self) -> None:
        self._template = self.folder / "template"
        self._base = self.folder / "base"
        os.environ["XDG_DATA_HOME"] = str(self.folder / "data")
        make_project(self._template)
        self._outside = self._seen(self._template)

    def renew(self) -> Path:
        """A fresh copy; the project's folder."""
        shutil.rmtree(self._base, ignore_errors=True)
        copy(self._template, self._base)
        return self._base / "photos" / "petseg"

    @contextmanager
    def opened(self) -> Iterator[Project]:
        project = Project.open(self._base / "photos")
        try:
            yield project
        finally:
            project.close()

    def check(self) -> None:
        assert self._seen(self._base) == self._outside, "something outside of the project changed"
        assert {path.name for path in self.folder.iterdir()} <= {"template", "base"}

    def _seen(self, base: Path) -> dict[str, str]:
        """Digests of the files that are none of the project's."""
        return {
            str(path.relative_to(base)): hashlib.sha256(path.read_bytes()).hexdigest()
            for path in base.rglob("*")
            if path.is_file() and base / "photos" / "petseg" not in path.parents
        }
