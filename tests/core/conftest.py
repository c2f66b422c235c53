from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from petseg_gui.core.store import Project

OpenProject = Callable[..., Project]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder of photos; the store never looks into them, so they are empty."""
    folder = tmp_path / "photos"
    folder.mkdir()
    for number in range(1, 13):
        (folder / f"img{number}.jpg").touch()
    return folder


@pytest.fixture
def open_project(folder: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[OpenProject]:
    """Opens projects and closes what is still open at the end."""
    monkeypatch.setenv("XDG_DATA_HOME", str(folder.parent / "data"))
    opened: list[Project] = []

    def open_one(where: Path = folder, **options: Any) -> Project:
        project = Project.open(where, **options)
        opened.append(project)
        return project

    yield open_one
    for project in opened:
        project.close()


@pytest.fixture
def project(open_project: OpenProject) -> Project:
    return open_project()
