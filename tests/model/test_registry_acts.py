"""What people do with models: name, export, import, delete, bring back; full disks, too."""

from __future__ import annotations

import errno
import os
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any, cast

import pytest

from model import model_names, weights
from model.registry import FINE_TUNED, IMPORTED, MAX_DELETED, STARTER, Registry, RegistryError
from model.weights import ModelFileError
from tests.model.stranger import Network, model_file


@pytest.fixture
def registry(tmp_path: Path) -> Registry:
    starter = model_file(tmp_path / "program" / "starter-1.safetensors", {"recipe": "default"})
    return Registry(tmp_path / "models", starter)


@pytest.fixture
def add(registry: Registry) -> Callable[..., str]:
    """Adds a model; its parent is the starter unless named."""
    return lambda parent="starter-1", **about: registry.add(cast(Any, Network()), parent, about)


def ids(registry: Registry) -> list[str]:
    return [version.id for version in registry.versions()]


def everything(folder: Path) -> dict[str, bytes]:
    return {str(p.relative_to(folder)): p.read_bytes() for p in folder.rglob("*") if p.is_file()}


def test_a_version_says_where_it_is_from_and_how_large_it_is(
    registry: Registry, add: Callable[..., str], tmp_path: Path
) -> None:
    add(epochs=3)
    about = {"epochs": 4, "parent": "tuned-777", "origin": "starter"}
    registry.import_model(model_file(tmp_path / "theirs.safetensors", about))
    starter, tuned, imported = registry.versions()
    assert [v.origin for v in (starter, tuned, imported)] == [STARTER, FINE_TUNED, IMPORTED]
    assert [v.parent for v in (starter, tuned, imported)] == [None, "starter-1", None]
    assert starter.about["recipe"] == "default"
    assert imported.about["imported_from"] == "theirs.safetensors"
    assert imported.about["epochs"] == 4
    assert imported.created.endswith("+00:00")
    for version in (starter, tuned, imported):
        assert version.size == version.path.stat().st_size > 0


def test_a_card_with_a_strange_lineage_does_no_harm(registry: Registry) -> None:
    model_file(registry.folder / "tuned-001.safetensors", {"parent": ["x"], "created": 5})
    assert (registry.versions()[1].parent, registry.versions()[1].created) == (None, "")


# -- names and notes


def test_names_and_notes_leave_the_weights_alone(
    registry: Registry, add: Callable[..., str]
) -> None:
    before = registry.path(add()).stat()
    registry.rename("tuned-001", " Good with\ncats ")
    registry.set_note("tuned-001", "Trained in the rain.")
    registry.rename("starter-1", "As it came")
    starter, tuned = registry.versions()
    assert (tuned.title, tuned.note) == ("Good with cats", "Trained in the rain.")
    assert starter.title == "As it came"
    after = registry.path("tuned-001").stat()
    assert (after.st_ino, after.st_mtime_ns) == (before.st_ino, before.st_mtime_ns)
    registry.rename("tuned-001", "")
    assert registry.versions()[1].title == ""
    assert registry.versions()[1].note == "Trained in the rain."


def test_what_is_too_long_is_told_and_changes_nothing(
    registry: Registry, add: Callable[..., str]
) -> None:
    registry.rename(add(), "short")
    with pytest.raises(RegistryError, match=r"at most 80 .* Shorten it"):
        registry.rename("tuned-001", "x" * 81)
    with pytest.raises(RegistryError, match="at most 2,000"):
        registry.set_note("tuned-001", "x" * 2001)
    assert registry.versions()[1].title == "short"


def test_what_is_not_there_has_no_name(registry: Registry) -> None:
    for act in (
        lambda: registry.rename("tuned-009", "x"),
        lambda: registry.set_note("../names", "x"),
        lambda: registry.export("tuned-009", Path("x.safetensors")),
        lambda: registry.delete("tuned-009", in_use="starter-1"),
        lambda: registry.restore("../tuned-009"),
    ):
        with pytest.raises(RegistryError, match=r"There is no (deleted )?model"):
            act()


# -- export


def test_an_exported_model_can_be_imported(
    registry: Registry, add: Callable[..., str], tmp_path: Path
) -> None:
    add(settings={"epochs": 3})
    out = tmp_path / "usb" / "cats.SAFETENSORS"
    out.parent.mkdir()
    out.write_bytes(b"an older one")
    registry.export("tuned-001", out)
    assert out.read_bytes() == registry.path("tuned-001").read_bytes()
    assert [path.name for path in out.parent.iterdir()] == [out.name]
    assert registry.import_model(out) == "tuned-002"
    assert registry.versions()[2].about["settings"] == {"epochs": 3}


def test_an_export_never_overwrites_a_model_of_the_program_or_another_kind_of_file(
    registry: Registry, add: Callable[..., str], tmp_path: Path
) -> None:
    add()
    add()
    (tmp_path / "photo.png").write_bytes(b"a photo")
    (tmp_path / "folder.safetensors").mkdir()
    (tmp_path / "linked.safetensors").hardlink_to(registry.path("tuned-002"))
    (tmp_path / "by-link").symlink_to(registry.folder, target_is_directory=True)
    before = everything(tmp_path)
    for target in (
        registry.starter,
        registry.path("tuned-002"),
        registry.folder / "new.safetensors",
        registry.folder / "deleted" / "tuned-009.safetensors",
        tmp_path / "by-link" / "tuned-002.safetensors",
        tmp_path / "linked.safetensors",
        tmp_path / "photo.png",
        tmp_path / "folder.safetensors",
        tmp_path / "absent" / "x.safetensors",
    ):
        with pytest.raises(RegistryError, match=r"Choose|Check that"):
            registry.export("tuned-001", target)
    assert everything(tmp_path) == before


def test_a_damaged_model_is_not_exported(
    registry: Registry, add: Callable[..., str], tmp_path: Path
) -> None:
    registry.path(add()).write_bytes(b"damaged")
    with pytest.raises(ModelFileError, match="tuned-001"):
        registry.export("tuned-001", tmp_path / "x.safetensors")
    assert not (tmp_path / "x.safetensors").exists()


# -- import


def test_a_refused_import_leaves_nothing(registry: Registry, tmp_path: Path) -> None:
    (tmp_path / "bad.safetensors").write_bytes(b"nothing")
    with pytest.raises(ModelFileError):
        registry.import_model(tmp_path / "bad.safetensors")
    assert not registry.folder.exists()


# -- delete and restore


def test_a_deleted_model_can_be_brought_back_with_its_name(
    registry: Registry, add: Callable[..., str]
) -> None:
    add()
    add("tuned-001")
    registry.rename("tuned-001", "First")
    data = registry.path("tuned-001").read_bytes()
    registry.delete("tuned-001", in_use="tuned-002")
    assert ids(registry) == ["starter-1", "tuned-002"]
    assert registry.versions()[1].parent == "tuned-001", "lineage stays"
    (deleted,) = registry.listing().deleted
    assert (deleted.id, deleted.title) == ("tuned-001", "First")
    registry.restore("tuned-001")
    assert ids(registry) == ["starter-1", "tuned-001", "tuned-002"]
    assert registry.versions()[1].title == "First"
    assert registry.path("tuned-001").read_bytes() == data
    assert registry.listing().deleted == []


def test_the_starter_and_the_model_in_use_stay(registry: Registry, add: Callable[..., str]) -> None:
    add()
    with pytest.raises(RegistryError, match="comes with PetSeg cannot"):
        registry.delete("starter-1", in_use="tuned-001")
    with pytest.raises(RegistryError, match=r"in use\. Use another"):
        registry.delete("tuned-001", in_use="tuned-001")
    assert ids(registry) == ["starter-1", "tuned-001"]


def test_only_some_deleted_models_are_kept_the_last_ones(
    registry: Registry, add: Callable[..., str]
) -> None:
    for number in range(1, MAX_DELETED + 3):
        registry.rename(add(), f"Number {number}")
    for number, version in enumerate(reversed(ids(registry)[1:])):
        registry.delete(version, in_use="starter-1")
        moved = registry.folder / "deleted" / f"{version}.safetensors"
        os.utime(moved, (number, number))  # as if days had passed
    assert [v.id for v in registry.listing().deleted] == [f"tuned-00{n}" for n in (1, 2, 3, 4, 5)]
    kept = model_names.Names(registry.folder).read()
    assert "tuned-007" not in kept
    assert "tuned-005" in kept


def test_no_number_is_ever_given_twice(registry: Registry, add: Callable[..., str]) -> None:
    given = []
    for _ in range(3):
        given += [add() for _ in range(3)]
        for version in reversed(ids(registry)[1:]):  # those with the highest numbers go first
            registry.delete(version, in_use="starter-1")
    assert given == [f"tuned-{number:03d}" for number in range(1, 10)]
    deleted = registry.folder / "deleted"
    assert len(list(deleted.iterdir())) <= MAX_DELETED + 1


def test_nothing_is_overwritten_by_deleting_or_bringing_back(
    registry: Registry, add: Callable[..., str]
) -> None:
    add()
    other = registry.folder / "deleted" / "tuned-001.safetensors"
    other.parent.mkdir()
    other.write_bytes(b"a person's copy")
    for act in (
        lambda: registry.delete("tuned-001", in_use="starter-1"),
        lambda: registry.restore("tuned-001"),
    ):
        before = everything(registry.folder)
        with pytest.raises(RegistryError, match="There is another file"):
            act()
        assert everything(registry.folder) == before


def test_files_that_cannot_be_read_are_named(registry: Registry, add: Callable[..., str]) -> None:
    add()
    (registry.folder / "tuned-002.safetensors").write_bytes(b"damaged")
    listing = registry.listing()
    assert [v.id for v in listing.versions] == ["starter-1", "tuned-001"]
    (problem,) = listing.problems
    assert "tuned-002.safetensors" in problem


def test_a_starter_that_is_gone_is_still_listed(registry: Registry) -> None:
    registry.starter.unlink()
    (version,) = registry.versions()
    assert (version.id, version.origin, version.size) == ("starter-1", STARTER, 0)


# -- a full disk


@pytest.mark.parametrize("act", ["import", "export", "rename", "note", "add"])
def test_a_full_disk_leaves_everything_as_it_was(
    act: str,
    registry: Registry,
    add: Callable[..., str],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    add()
    registry.rename("tuned-001", "before")
    theirs = model_file(tmp_path / "theirs.safetensors")
    before = everything(tmp_path)

    def full(_descriptor: int) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(os, "fsync", full)
    acts: dict[str, Callable[[], object]] = {
        "import": lambda: registry.import_model(theirs),
        "export": lambda: registry.export("tuned-001", tmp_path / "x.safetensors"),
        "rename": lambda: registry.rename("tuned-001", "after"),
        "note": lambda: registry.set_note("tuned-001", "after"),
        "add": add,
    }
    with pytest.raises(OSError if act == "add" else RegistryError, match="No space left") as caught:
        acts[act]()
    if act != "add":
        assert "Free some space" in str(caught.value)
    assert everything(tmp_path) == before


@pytest.mark.parametrize("act", ["delete", "restore"])
def test_a_move_that_fails_is_told(
    act: str, registry: Registry, add: Callable[..., str], monkeypatch: pytest.MonkeyPatch
) -> None:
    add()
    if act == "restore":
        registry.delete("tuned-001", in_use="starter-1")
    before = everything(registry.folder)

    def denied(_self: Path, _target: Path) -> Path:
        raise PermissionError(errno.EACCES, os.strerror(errno.EACCES))

    monkeypatch.setattr(Path, "rename", denied)
    acts: dict[str, Callable[[], object]] = {
        "delete": lambda: registry.delete("tuned-001", in_use="starter-1"),
        "restore": lambda: registry.restore("tuned-001"),
    }
    with pytest.raises(RegistryError, match=r"tuned-001 was not .*Check that you may write"):
        acts[act]()
    assert everything(registry.folder) == before


def test_an_imported_model_can_be_used_as_a_parent(
    registry: Registry, add: Callable[..., str], tmp_path: Path
) -> None:
    registry.import_model(model_file(tmp_path / "theirs.safetensors", input_size=96))
    assert add("tuned-001") == "tuned-002"
    card = weights.read_card(registry.path("tuned-002"))
    assert card.network["input_size"] == 96
    assert registry.versions()[2].origin == FINE_TUNED


def test_models_that_are_added_at_the_same_time_get_numbers_of_their_own(
    registry: Registry, add: Callable[..., str], tmp_path: Path
) -> None:
    theirs = model_file(tmp_path / "theirs.safetensors")
    # Every thread has its own object, as the window's have.
    with ThreadPoolExecutor(4) as pool:
        jobs = [
            pool.submit(Registry(registry.folder, registry.starter).import_model, theirs)
            for _ in range(12)
        ]
        jobs += [pool.submit(add) for _ in range(12)]
        given = [job.result() for job in jobs]
    assert len(set(given)) == 24
    assert set(ids(registry)[1:]) == set(given)
