from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from PIL import Image

from petseg_gui.core.store import Project, Provenance
from tests.conftest import blob


@pytest.fixture
def project(tmp_path: Path) -> Iterator[Project]:
    """Four photos; the first three have accepted labels, of which one is held out or none."""
    folder = tmp_path / "photos"
    folder.mkdir()
    for number in range(1, 5):
        Image.fromarray(blob(70, 60, number)[0]).save(folder / f"pet{number}.jpg")
    project = Project.open(folder, root=tmp_path / "project")
    for number in range(1, 4):
        mask = blob(70, 60, number)[1]
        project.save_label(f"pet{number}.jpg", mask, Provenance("tiny-1", 1), accept=True)
    yield project
    project.close()
