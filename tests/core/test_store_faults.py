"""What the store does when disks fail, processes die and files are damaged."""

from __future__ import annotations

import errno
import os
import sqlite3
import stat
from pathlib import Path

import numpy as np
import pytest

from model import files
from petseg_gui.core.index import Index
from petseg_gui.core.store import PhotoState, Project, Provenance, StoreError

from .conftest import OpenProject

BY_HAND = Provenance("starter", 3)


def mask(seed: int = 0) -> np.ndarray:
    return np.random.default_rng(seed).integers(1, 4, (6, 9), np.uint8)


def contents(folder: Path) -> dict[str, bytes]:
    """All files but the index's own, whose bytes may differ without meaning anything."""
    return {
        str(path.relative_to(folder)): path.read_bytes()
        for path in folder.rglob("*")
        if path.is_file() and not path.name.startswith("project.sqlite")
    }


def break_fsync(monkeypatch: pytest.MonkeyPatch, *, of_folder: bool) -> None:
    real = os.fsync

    def fsync(descriptor: int) -> None:
        if stat.S_ISDIR(os.fstat(descriptor).st_mode) == of_folder:
            raise OSError(errno.EIO, "Input/output error")
        real(descriptor)

    monkeypatch.setattr(files.os, "fsync", fsync)


def break_replace(monkeypatch: pytest.MonkeyPatch) -> None:
    def replace(*_arguments: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(files.os, "replace", replace)


def break_index(monkeypatch: pytest.MonkeyPatch) -> None:
    def put(*_arguments: object, **_options: object) -> None:
        raise sqlite3.OperationalError("database is locked")

    monkeypatch.setattr(Index, "put", put)


FAULTS = {
    "replace": break_replace,
    "file": lambda monkeypatch: break_fsync(monkeypatch, of_folder=False),
    "folder": lambda monkeypatch: break_fsync(monkeypatch, of_folder=True),
    "index": break_index,
}


@pytest.mark.parametrize("fault", FAULTS)
@pytest.mark.parametrize("links", [True, False])
@pytest.mark.parametrize("saved_before", [True, False])
def test_a_failed_save_leaves_label_index_and_draft_as_they_were(
    project: Project,
    monkeypatch: pytest.MonkeyPatch,
    fault: str,
    links: bool,
    saved_before: bool,
) -> None:
    if not links:
        monkeypatch.setattr(os, "link", lambda *_: (_ for _ in ()).throw(OSError("no links")))
    if saved_before:
        project.save_label("img1.jpg", mask(1), BY_HAND, accept=True)
    project.write_draft("img1.jpg", mask(2), BY_HAND)
    files_before, record_before = contents(project.root), project.record("img1.jpg")
    with monkeypatch.context() as broken:
        FAULTS[fault](broken)
        with pytest.raises(StoreError, match=r"img1\.png could not be saved.*try again") as caught:
            project.save_label("img1.jpg", mask(3), BY_HAND, accept=True)
        assert caught.value.__cause__ is not None
    assert contents(project.root) == files_before
    assert project.record("img1.jpg") == record_before
    project.save_label("img1.jpg", mask(3), BY_HAND, accept=True)
    assert project.record("img1.jpg").state == PhotoState.ACCEPTED


@pytest.mark.parametrize("fault", ["replace", "file"])
def test_a_draft_that_cannot_be_written_leaves_the_earlier_one(
    project: Project, monkeypatch: pytest.MonkeyPatch, fault: str
) -> None:
    project.write_draft("img1.jpg", mask(1), BY_HAND)
    before = contents(project.root)
    FAULTS[fault](monkeypatch)
    with pytest.raises(StoreError, match=r"img1\.jpg\.png could not be saved"):
        project.write_draft("img1.jpg", mask(2), BY_HAND)
    with pytest.raises(StoreError, match=r"img2\.jpg\.png could not be saved"):
        project.write_draft("img2.jpg", mask(2), BY_HAND)
    assert contents(project.root) == before
    assert not project.record("img2.jpg").has_draft


def test_taking_acceptance_back_fails_whole(
    project: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    project.save_label("img1.jpg", mask(1), BY_HAND, accept=True)
    before = contents(project.root)
    break_index(monkeypatch)
    with pytest.raises(StoreError, match="could not be saved"):
        project.unaccept("img1.jpg")
    assert contents(project.root) == before
    assert project.record("img1.jpg").state == PhotoState.ACCEPTED


def test_a_full_disk_is_named_with_its_remedy(
    project: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    break_replace(monkeypatch)
    with pytest.raises(StoreError, match=r"No space left.*Free some space"):
        project.write_prediction("img1.jpg", "m", mask())
    assert not project.has_prediction("img1.jpg", "m")


def damage_with_text(path: Path) -> None:
    path.write_bytes(b"this was a database once" * 100)


def damage_inside(path: Path) -> None:
    data = bytearray(path.read_bytes())
    data[100:4096] = os.urandom(3996)
    path.write_bytes(data)


def drop_the_table(path: Path) -> None:
    connection = sqlite3.connect(path)
    connection.execute("DROP TABLE photos")
    connection.commit()
    connection.close()


def empty(path: Path) -> None:
    path.write_bytes(b"")


@pytest.mark.parametrize(
    ("damage", "kept"),
    [
        (damage_with_text, True),
        (damage_inside, True),
        (drop_the_table, True),
        (empty, False),
        (Path.unlink, False),
    ],
)
def test_a_damaged_index_is_put_aside_and_made_anew_from_the_labels(
    project: Project, open_project: OpenProject, damage: object, kept: bool
) -> None:
    for number in range(1, 8):
        project.save_label(
            f"img{number}.jpg", mask(number), Provenance("m", number), accept=number != 2
        )
    project.unaccept("img7.jpg")
    project.save_label("img3.jpg", mask(30), BY_HAND, accept=False)
    project.write_draft("img4.jpg", mask(40), BY_HAND)
    project.write_draft("img12.jpg", mask(12), BY_HAND)
    before = project.records()
    accepted = project.accepted()
    project.close()
    assert callable(damage)
    damage(project.root / "project.sqlite")
    again = open_project()
    assert again.records() == before
    assert again.accepted() == accepted
    assert again.label_provenance("img5.jpg") == Provenance("m", 5)
    aside = project.root / "project.sqlite.corrupt-1"
    assert aside.exists() == kept
    (notice,) = again.notices
    assert (aside.name in notice) == kept
    assert ("was missing" in notice) != kept
    assert "notes of photos without a label" in notice, "what is lost is said"
    again.close()
    assert open_project().notices == []


def test_a_second_damaged_index_does_not_overwrite_the_first(
    project: Project, open_project: OpenProject
) -> None:
    for number in (1, 2):
        project.close()
        damage_with_text(project.root / "project.sqlite")
        project = open_project()
        assert (project.root / f"project.sqlite.corrupt-{number}").exists()


def test_labels_of_strangers_are_taken_up_but_not_as_accepted(
    project: Project, open_project: OpenProject
) -> None:
    from model import label_png

    project.close()
    (project.root / "project.sqlite").unlink()
    labels = project.root / "labels"
    (labels / "img1.png").write_bytes(label_png.encode(mask(1)))
    (labels / "img2.png").write_bytes(b"damaged")
    (labels / "nobody.png").write_bytes(label_png.encode(mask(2)))
    (labels / "img3.png").write_bytes(label_png.encode(mask(1), {"petseg": '{"photo": 7}'}))
    (labels / "img4.png").write_bytes(label_png.encode(mask(1), {"petseg": "[" * 9999}))
    again = open_project()
    assert {
        name for name, record in again.records().items() if record.state == PhotoState.EDITED
    } == {"img1.jpg", "img3.jpg", "img4.jpg"}
    assert again.accepted() == []
    (notice,) = again.notices
    assert "img2.png" in notice


def test_a_rebuild_that_was_interrupted_is_done_again(
    project: Project, open_project: OpenProject, monkeypatch: pytest.MonkeyPatch
) -> None:
    project.save_label("img1.jpg", mask(1), BY_HAND, accept=True)
    project.close()
    (project.root / "project.sqlite").unlink()
    with monkeypatch.context() as broken:
        break_index(broken)
        with pytest.raises(StoreError, match="could not be opened"):
            open_project()
    assert open_project().record("img1.jpg").state == PhotoState.ACCEPTED


def test_an_index_of_a_newer_version_is_left_alone(
    project: Project, open_project: OpenProject
) -> None:
    project.close()
    path = project.root / "project.sqlite"
    connection = sqlite3.connect(path)
    connection.execute("PRAGMA user_version = 99")
    connection.close()
    with pytest.raises(StoreError, match="newer version"):
        open_project()
    assert path.exists()
    assert not path.with_name("project.sqlite.corrupt-1").exists()


def test_where_the_photo_folder_cannot_be_written_the_users_data_folder_serves(
    open_project: OpenProject, folder: Path
) -> None:
    obstacle = folder / "petseg"
    obstacle.write_text("not a folder")
    project = open_project()
    assert folder not in project.root.parents
    assert project.root.parent.name == "projects"
    assert len(project.root.name) == 16
    assert str(project.root) in project.notices[0]
    project.save_label("img1.jpg", mask(), BY_HAND, accept=True)
    project.close()
    obstacle.unlink()
    again = open_project()
    assert again.root == project.root, "the labels are found again, wherever they are"
    assert again.record("img1.jpg").state == PhotoState.ACCEPTED


def test_a_given_root_is_used(open_project: OpenProject, tmp_path: Path, folder: Path) -> None:
    project = open_project(root=tmp_path / "elsewhere")
    assert project.root == tmp_path / "elsewhere"
    assert not (folder / "petseg").exists()


def test_a_folder_that_is_not_there_is_named(open_project: OpenProject, tmp_path: Path) -> None:
    with pytest.raises(StoreError, match=r"missing could not be opened.*still there"):
        open_project(tmp_path / "missing")


@pytest.mark.parametrize(
    "change",
    [
        "UPDATE photos SET label = '../../outside.png'",
        "UPDATE photos SET label = x'00ff'",
        "UPDATE photos SET label = 'no ending'",
        "UPDATE photos SET flag = 'other'",
        "UPDATE photos SET seconds = 'long'",
        "UPDATE photos SET gestures = 'many'",
        "UPDATE photos SET name = CAST(x'c3c3' AS TEXT)",
        "UPDATE photos SET note = x'00'",
    ],
)
def test_an_index_with_values_of_strangers_is_made_anew(
    project: Project, open_project: OpenProject, change: str
) -> None:
    project.save_label("img1.jpg", mask(1), BY_HAND, accept=True)
    project.close()
    connection = sqlite3.connect(project.root / "project.sqlite")
    connection.execute(change)
    connection.commit()
    connection.close()
    again = open_project()
    assert "damaged" in again.notices[0]
    assert again.record("img1.jpg").state == PhotoState.ACCEPTED
    assert not (again.root.parent.parent / "outside.png").exists()


def test_a_damaged_choice_of_model_is_none(project: Project, open_project: OpenProject) -> None:
    project.close()
    connection = sqlite3.connect(project.root / "project.sqlite")
    connection.execute("INSERT INTO settings VALUES ('model_in_use', '../x')")
    connection.commit()
    connection.close()
    again = open_project()
    assert again.model_in_use() is None
    assert again.records()
