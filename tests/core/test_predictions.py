"""Predictions as caches: mask and probabilities, and what happens to files that are no use."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from model import label_png
from petseg_gui.core import memory
from petseg_gui.core.predictions import is_probabilities
from petseg_gui.core.records import PhotoState, StoreError
from petseg_gui.core.store import Project

NAME, MODEL = "pet.png", "starter"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    folder = tmp_path / "photos"
    folder.mkdir()
    Image.new("RGB", (30, 20)).save(folder / NAME)
    return folder


@pytest.fixture
def project(folder: Path) -> Iterator[Project]:
    project = Project.open(folder)
    project.set_model_in_use(MODEL)
    yield project
    project.close()


def mask() -> np.ndarray:
    mask = np.full((20, 30), 2, np.uint8)
    mask[5:15, 5:20] = 1
    return mask


def probabilities() -> np.ndarray:
    found = np.random.default_rng(0).integers(0, 120, (8, 8, 3)).astype(np.uint8)
    found[..., 2] = 255 - found[..., 0] - found[..., 1]
    return found


def file_of(project: Project) -> Path:
    return project.root / "predictions" / MODEL / "probabilities" / f"{NAME}.png"


def test_mask_and_probabilities_come_back_as_they_were(project: Project, folder: Path) -> None:
    project.write_prediction(NAME, MODEL, mask(), probabilities())
    for reader in (project, Project.open(folder)):
        found = reader.predictions.read_probabilities(NAME, MODEL)
        assert found is not None
        np.testing.assert_array_equal(found, probabilities())
        np.testing.assert_array_equal(reader.read_prediction(NAME, MODEL), mask())
        if reader is not project:
            reader.close()
    with Image.open(file_of(project)) as image:
        assert (image.mode, image.size) == ("RGB", (8, 8))


def test_a_prediction_of_an_older_version_counts_without_probabilities(
    project: Project, folder: Path
) -> None:
    path = project.root / "predictions" / MODEL / f"{NAME}.png"
    path.parent.mkdir(parents=True)
    path.write_bytes(label_png.encode(mask()))
    again = Project.open(folder)
    assert again.record(NAME).state is PhotoState.PREDICTED
    assert again.has_prediction(NAME, MODEL)
    assert not again.predictions.has_probabilities(NAME, MODEL)
    assert again.predictions.read_probabilities(NAME, MODEL) is None
    again.close()


def grey(path: Path) -> None:
    Image.new("L", (8, 8), 200).save(path)


def oblong(path: Path) -> None:
    Image.fromarray(np.full((8, 9, 3), 85, np.uint8)).save(path)


def alien(path: Path) -> None:
    Image.new("RGB", (8, 8), (250, 250, 250)).save(path)


def huge(path: Path) -> None:
    Image.new("RGB", (5000, 5000), (85, 85, 85)).save(path)


def torn(path: Path) -> None:
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])


def empty(path: Path) -> None:
    path.write_bytes(b"")


def gone(path: Path) -> None:
    path.unlink()


@pytest.mark.parametrize("spoil", [grey, oblong, alien, huge, torn, empty, gone])
def test_probabilities_of_no_use_count_as_absent_and_are_written_anew(
    project: Project, spoil: object
) -> None:
    project.write_prediction(NAME, MODEL, mask(), probabilities())
    spoil(file_of(project))  # type: ignore[operator]
    assert project.predictions.read_probabilities(NAME, MODEL) is None
    assert not project.predictions.has_probabilities(NAME, MODEL)
    assert project.has_prediction(NAME, MODEL)  # the mask is none the worse
    np.testing.assert_array_equal(project.read_prediction(NAME, MODEL), mask())
    project.write_prediction(NAME, MODEL, mask(), probabilities())
    np.testing.assert_array_equal(
        project.predictions.read_probabilities(NAME, MODEL), probabilities()
    )


def test_a_prediction_without_probabilities_takes_those_before_it_away(project: Project) -> None:
    project.write_prediction(NAME, MODEL, mask(), probabilities())
    project.write_prediction(NAME, MODEL, mask())
    assert project.predictions.read_probabilities(NAME, MODEL) is None
    assert not file_of(project).exists()


@pytest.mark.parametrize(
    "wrong",
    [
        np.full((8, 8, 3), 1 / 3, np.float32),
        np.full((8, 8), 255, np.uint8),
        np.full((8, 8, 4), 64, np.uint8),
        np.full((8, 6, 3), 85, np.uint8),
        np.full((8, 8, 3), 90, np.uint8),
        np.zeros((0, 0, 3), np.uint8),
    ],
)
def test_what_is_no_probabilities_is_refused_and_nothing_is_written(
    project: Project, wrong: np.ndarray
) -> None:
    assert not is_probabilities(wrong)
    with pytest.raises(ValueError, match="sum to 255"):
        project.write_prediction(NAME, MODEL, mask(), wrong)
    assert not project.has_prediction(NAME, MODEL)
    assert not list((project.root / "predictions").rglob("*.png"))


def test_a_forgotten_prediction_makes_its_photo_new_again(project: Project) -> None:
    project.write_prediction(NAME, MODEL, mask(), probabilities())
    assert project.record(NAME).state is PhotoState.PREDICTED
    project.predictions.forget(NAME, MODEL)
    assert project.record(NAME).state is PhotoState.NEW
    assert project.predictions.read_probabilities(NAME, MODEL) is None


def test_names_that_lead_elsewhere_are_refused(project: Project) -> None:
    with pytest.raises(StoreError):
        project.predictions.read_probabilities("../pet.png", MODEL)
    with pytest.raises(StoreError):
        project.predictions.read_probabilities(NAME, "../starter")
    with pytest.raises(StoreError):
        project.write_prediction("../pet.png", MODEL, mask(), probabilities())


def test_a_full_disk_is_told_and_the_prediction_before_stays(
    project: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    project.write_prediction(NAME, MODEL, mask(), probabilities())

    def full(*_arguments: object, **_named: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("petseg_gui.core.predictions.write_atomically", full)
    with pytest.raises(StoreError, match="Free some space"):
        project.write_prediction(NAME, MODEL, np.ones((20, 30), np.uint8), probabilities())
    np.testing.assert_array_equal(project.read_prediction(NAME, MODEL), mask())
    np.testing.assert_array_equal(
        project.predictions.read_probabilities(NAME, MODEL), probabilities()
    )


def test_the_budget_follows_what_is_free(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(memory, "free_memory", lambda: 1000)
    assert memory.decode_budget(held=200) == 300
    monkeypatch.setattr(memory, "free_memory", lambda: 10**12)
    assert memory.decode_budget(held=0) == memory.DECODED_BYTES
    monkeypatch.setattr(memory, "free_memory", lambda: None)
    assert memory.decode_budget(held=0) == memory.DECODED_BYTES


def test_what_a_photo_will_take_is_read_from_its_head(folder: Path) -> None:
    assert memory.decoded_bytes(folder / NAME) == 30 * 20 * memory.BYTES_PER_PIXEL
    (folder / "no.png").write_bytes(b"no picture")
    assert memory.decoded_bytes(folder / "no.png") == 0
    assert memory.decoded_bytes(folder / "absent.png") == 0


def test_memory_is_given_back_after_large_work_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    calls: list[int] = []
    monkeypatch.setattr(memory, "_malloc_trim", lambda: calls.append)
    memory.give_back(memory.WORTH_GIVING_BACK - 1)
    assert calls == []
    memory.give_back(memory.WORTH_GIVING_BACK)
    assert calls == [0]
    monkeypatch.setattr(memory, "_malloc_trim", lambda: None)
    memory.give_back(memory.WORTH_GIVING_BACK)  # a system without it


def test_threads_share_the_allocators_arenas(monkeypatch: pytest.MonkeyPatch) -> None:
    calls: list[tuple[object, ...]] = []
    monkeypatch.setattr(
        memory, "_malloc", lambda name, *_types: lambda *to: calls.append((name, *to))
    )
    memory.share_arenas()
    assert calls == [("mallopt", -8, memory.ARENAS)]
    monkeypatch.setattr(memory, "_malloc", lambda _name, *_types: None)
    memory.share_arenas()  # a system without it


def sizes(project: Project) -> int:
    return sum(path.stat().st_size for path in (project.root / "predictions").rglob("*.png"))


def age(project: Project, name: str, model: str, seconds: float) -> None:
    for path in (project.root / "predictions" / model).rglob(f"{name}.png"):
        os.utime(path, (seconds, seconds))


def test_pruning_deletes_the_oldest_first_and_the_model_in_use_last(project: Project) -> None:
    for number in range(1, 4):
        for model in ("old", "new"):
            project.write_prediction(f"img{number}.jpg", model, mask(), probabilities())
            age(project, f"img{number}.jpg", model, 1000 + number)
    age(project, "img1.jpg", "new", 1)
    total, each = sizes(project), sizes(project) // 6
    assert project.predictions.prune(total, ["new"]) == 0
    assert project.predictions.prune(total - 1, ["new"]) == each
    assert not project.has_prediction("img1.jpg", "old")
    assert project.has_prediction("img2.jpg", "old")
    assert project.predictions.prune(2 * each, ["new"]) == 3 * each
    assert sizes(project) == 2 * each
    left = [
        name for name in ("img1.jpg", "img2.jpg", "img3.jpg") if project.has_prediction(name, "new")
    ]
    assert left == ["img2.jpg", "img3.jpg"]
    assert project.predictions.prune(0, ["new"]) == 2 * each
    assert sizes(project) == 0
    assert project.read_prediction("img3.jpg", "new") is None
    project.write_prediction("img3.jpg", "new", mask(), probabilities())
    assert project.predictions.has_probabilities("img3.jpg", "new"), "made again on demand"


def test_pruning_takes_up_what_is_left_alone_and_leaves_strangers(project: Project) -> None:
    project.write_prediction("img1.jpg", "m", mask(), probabilities())
    folder = project.root / "predictions"
    (folder / "m" / "img1.jpg.png").unlink()
    (folder / "not a model").mkdir()
    (folder / "not a model" / "x.png").write_bytes(b"mine")
    (folder / "m" / "notes.txt").write_bytes(b"mine")
    assert project.predictions.prune(0) > 0
    left = sorted(path.name for path in folder.rglob("*") if path.is_file())
    assert left == ["notes.txt", "x.png"]
