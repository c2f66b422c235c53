from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

import keras
import pytest

from model import weights
from model.registry import Registry


@pytest.fixture(scope="module")
def network(tiny_model_file: Path) -> keras.Model:
    return weights.load(tiny_model_file)


@pytest.fixture
def registry(tiny_model_file: Path, tmp_path: Path) -> Registry:
    return Registry(tmp_path / "models", tiny_model_file)


@pytest.fixture
def add(registry: Registry, network: keras.Model) -> Callable[..., str]:
    """Adds a model; its parent is the starter unless named."""
    return lambda parent="tiny-1", **about: registry.add(network, parent, about)


def test_at_first_there_is_the_starter(registry: Registry, tiny_model_file: Path) -> None:
    assert registry.starter_id == "tiny-1"
    assert registry.path("tiny-1") == tiny_model_file
    (version,) = registry.versions()
    assert (version.id, version.parent, version.path) == ("tiny-1", None, tiny_model_file)


def test_models_are_numbered_and_know_their_lineage(
    registry: Registry, add: Callable[..., str]
) -> None:
    assert add(photos=5) == "tuned-001"
    assert add("tuned-001", photos=9) == "tuned-002"
    versions = registry.versions()
    assert [v.id for v in versions] == ["tiny-1", "tuned-001", "tuned-002"]
    assert [v.parent for v in versions] == [None, "tiny-1", "tuned-001"]
    assert [v.about.get("photos") for v in versions] == [None, 5, 9]
    assert versions[1].created.endswith("+00:00")
    card = weights.read_card(registry.path("tuned-002"))
    assert card.network["input_size"] == 64  # inherited


def test_numbers_go_on_after_the_highest_and_sort_by_value(
    registry: Registry, add: Callable[..., str]
) -> None:
    first = registry.path(add())
    for number in ("tuned-009", "tuned-1000"):
        shutil.copy(first, first.with_stem(number))
    first.unlink()
    assert add() == "tuned-1001"
    assert [v.id for v in registry.versions()][1:] == ["tuned-009", "tuned-1000", "tuned-1001"]


def test_damaged_files_are_left_out_and_keep_their_number(
    registry: Registry, add: Callable[..., str]
) -> None:
    add()
    (registry.folder / "tuned-002.safetensors").write_bytes(b"damaged")
    (registry.folder / "tuned-best.safetensors").write_bytes(b"a person's copy")
    assert [v.id for v in registry.versions()] == ["tiny-1", "tuned-001"]
    assert add() == "tuned-003"


@pytest.mark.parametrize(
    "version",
    ["tuned-001", "", "..", "../secret", "tuned-001/../../secret", "/etc/passwd", "tuned-1\n"],
)
def test_unknown_ids_lead_nowhere(registry: Registry, version: str) -> None:
    registry.folder.mkdir()
    (registry.folder.parent / "secret.safetensors").touch()
    with pytest.raises(KeyError):
        registry.path(version)


def test_an_unknown_parent_adds_nothing(registry: Registry, add: Callable[..., str]) -> None:
    with pytest.raises(KeyError):
        add("tuned-007")
    assert not registry.folder.exists()
