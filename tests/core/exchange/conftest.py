from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from petseg_gui.core.store import Project, Provenance

BY_HAND = Provenance(None, 3)

SIZES = {"cat.jpg": (40, 30), "cat.png": (20, 25), "dog 1.jpg": (33, 17), "turned.jpg": (24, 18)}
"""(width, height) as stored; turned.jpg is shown 18 wide and 24 high."""

MakeProject = Callable[[str], Project]


def mask(seed: int, shape: tuple[int, int]) -> np.ndarray:
    """All four values in blocks and specks, with holes."""
    rng = np.random.default_rng(seed)
    blocks = np.kron(rng.integers(0, 4, (8, 8)), np.ones((6, 6), np.int64))[: shape[0], : shape[1]]
    specks = rng.random(shape) < 0.05
    return np.where(specks, rng.integers(0, 4, shape), blocks).astype(np.uint8)


def make_photos(folder: Path) -> Path:
    folder.mkdir(parents=True)
    for number, (name, (width, height)) in enumerate(SIZES.items()):
        pixels = np.random.default_rng(number).integers(0, 255, (height, width, 3), np.uint8)
        exif = Image.Exif()
        if name == "turned.jpg":
            exif[0x0112] = 6
        Image.fromarray(pixels).save(folder / name, exif=exif)
    return folder


def shape_of(name: str) -> tuple[int, int]:
    width, height = SIZES[name]
    return (width, height) if name == "turned.jpg" else (height, width)


@pytest.fixture
def make_project(tmp_path: Path) -> Iterator[MakeProject]:
    """Makes projects of the same four photos, without labels."""
    opened: list[Project] = []

    def make(name: str) -> Project:
        opened.append(Project.open(make_photos(tmp_path / name)))
        return opened[-1]

    yield make
    for project in opened:
        project.close()


@pytest.fixture
def fresh(make_project: MakeProject) -> Project:
    """Four photos without labels."""
    return make_project("fresh")


@pytest.fixture
def labelled(make_project: MakeProject) -> Project:
    """Four photos with accepted labels."""
    project = make_project("labelled")
    for seed, name in enumerate(project.names()):
        project.save_label(name, mask(seed, shape_of(name)), BY_HAND, accept=True)
    return project


class Stopper:
    """A watcher that stops after so many photos."""

    def __init__(self, after: int) -> None:
        self.after = after
        self.seen: list[tuple[int, int]] = []

    @property
    def cancelled(self) -> bool:
        return len(self.seen) >= self.after

    def progress(self, done: int, total: int) -> None:
        self.seen.append((done, total))
