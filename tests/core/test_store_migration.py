"""Projects of earlier versions are opened with nothing lost."""

from __future__ import annotations

import sqlite3
from pathlib import Path

import numpy as np
import pytest

from model import label_png
from petseg_gui.core.index import MIGRATIONS, Index
from petseg_gui.core.store import Change, PhotoFlag, PhotoState, Provenance, StoreError

from .conftest import OpenProject

# What `.dump` says of an index that version 1 of the layout made, with user_version set.
VERSION_1 = """
BEGIN TRANSACTION;
CREATE TABLE photos (
        name TEXT PRIMARY KEY NOT NULL,
        label TEXT UNIQUE,
        accepted INTEGER NOT NULL DEFAULT 0,
        held_out INTEGER,
        model TEXT,
        gestures INTEGER NOT NULL DEFAULT 0,
        saved TEXT NOT NULL DEFAULT ''
    );
INSERT INTO photos VALUES('img1.jpg','img1.png',1,0,'starter',7,'2025-03-01T10:00:00.000000+00:00');
INSERT INTO photos VALUES('img2.jpg','img2.png',0,NULL,NULL,2,'2025-03-01T10:01:00.000000+00:00');
INSERT INTO photos VALUES('caf\\xe9\\\\x.jpg','odd.png',1,1,'ft-1',0,'2025-03-02T09:00:00+00:00');
CREATE TABLE settings (key TEXT PRIMARY KEY NOT NULL, value TEXT);
INSERT INTO settings VALUES('labels_read','1');
INSERT INTO settings VALUES('model_in_use','ft-1');
COMMIT;
PRAGMA user_version = 1;
"""


def mask(seed: int = 0) -> np.ndarray:
    return np.random.default_rng(seed).integers(1, 4, (6, 9), np.uint8)


@pytest.fixture
def old(folder: Path) -> Path:
    """A project of version 1, with its labels."""
    root = folder / "petseg"
    (root / "labels").mkdir(parents=True)
    connection = sqlite3.connect(root / "project.sqlite")
    connection.executescript(VERSION_1)
    connection.execute("PRAGMA journal_mode = WAL")
    connection.close()
    text = (
        '{"photo": "img1.jpg", "model": "starter", "gestures": 7, "state": "accepted", '
        '"held_out": false, "saved": "2025-03-01T10:00:00.000000+00:00", "base": "", "version": 1}'
    )
    (root / "labels" / "img1.png").write_bytes(label_png.encode(mask(1), {"petseg": text}))
    (root / "labels" / "img2.png").write_bytes(label_png.encode(mask(2)))
    return root


def test_a_project_of_version_1_is_taken_over_whole(old: Path, open_project: OpenProject) -> None:
    project = open_project()
    assert project.notices == []
    assert project.model_in_use() == "ft-1"
    first, second = project.record("img1.jpg"), project.record("img2.jpg")
    assert (first.state, first.label, first.model) == (PhotoState.ACCEPTED, "img1.png", "starter")
    assert (second.state, second.model) == (PhotoState.EDITED, None)
    assert project.label_provenance("img1.jpg") == Provenance("starter", 7)
    assert (first.tags, first.note, first.flag, first.seconds) == ((), "", PhotoFlag.NONE, 0)
    np.testing.assert_array_equal(project.read_label("img1.jpg"), mask(1))
    project.set_tags("img1.jpg", ["new"])
    project.close()
    index = Index(old / "project.sqlite")
    rows = {row.name: row for row in index.rows()}
    index.close()
    assert rows["caf\udce9\\x.jpg"].label == "odd.png"
    assert rows["caf\udce9\\x.jpg"].held_out is True
    assert (rows["img1.jpg"].held_out, rows["img2.jpg"].held_out) == (False, None)
    assert open_project().record("img1.jpg").tags == ("new",)


def test_a_label_of_version_1_belongs_to_the_photo_as_it_is_first_seen(
    old: Path, open_project: OpenProject, folder: Path
) -> None:
    (folder / "img1.jpg").write_bytes(b"the photo")
    project = open_project()
    assert project.examine("img1.jpg").change is Change.NEW
    assert project.record("img1.jpg").state is PhotoState.ACCEPTED
    (folder / "img1.jpg").write_bytes(b"another picture")
    assert project.examine("img1.jpg").change is Change.REPLACED


def test_a_draft_of_version_1_is_offered(old: Path, open_project: OpenProject) -> None:
    text = (
        '{"photo": "img2.jpg", "model": null, "gestures": 3, "state": "edited", "held_out": null, '
        '"saved": "x", "base": "2025-03-01T10:01:00.000000+00:00", "version": 1}'
    )
    (old / "drafts").mkdir()
    (old / "drafts" / "img2.jpg.png").write_bytes(label_png.encode(mask(9), {"petseg": text}))
    np.testing.assert_array_equal(open_project().read_draft("img2.jpg"), mask(9))


def test_an_interrupted_migration_leaves_version_1(
    old: Path, open_project: OpenProject, monkeypatch: pytest.MonkeyPatch
) -> None:
    class FullDisk(sqlite3.OperationalError):
        sqlite_errorcode = sqlite3.SQLITE_FULL

    def fail(script: str) -> list[str]:
        raise FullDisk("database or disk is full")

    with monkeypatch.context() as broken:
        broken.setattr("petseg_gui.core.index.statements", fail)
        with pytest.raises(StoreError, match="disk is full"):
            open_project()
    connection = sqlite3.connect(old / "project.sqlite")
    assert connection.execute("PRAGMA user_version").fetchone() == (1,)
    assert connection.execute("SELECT count(*) FROM photos").fetchone() == (3,)
    connection.close()
    assert open_project().record("img1.jpg").state is PhotoState.ACCEPTED


@pytest.mark.parametrize(
    "damage", ["DROP TABLE photos", "ALTER TABLE photos RENAME COLUMN model TO x"]
)
def test_a_version_1_that_does_not_fit_is_put_aside(
    old: Path, open_project: OpenProject, damage: str
) -> None:
    connection = sqlite3.connect(old / "project.sqlite")
    connection.execute(damage)
    connection.commit()
    connection.close()
    project = open_project()
    assert (old / "project.sqlite.corrupt-1").exists()
    assert "damaged" in project.notices[0]
    assert project.record("img1.jpg").state is PhotoState.ACCEPTED
    assert project.record("img2.jpg").state is PhotoState.EDITED


def test_the_layout_of_a_new_index_and_of_a_migrated_one_are_the_same(
    old: Path, tmp_path: Path
) -> None:
    schemas = []
    for path in (old / "project.sqlite", tmp_path / "new.sqlite"):
        Index(path).close()
        connection = sqlite3.connect(path)
        schemas.append(connection.execute("SELECT name, sql FROM sqlite_master ORDER BY name"))
        schemas[-1] = schemas[-1].fetchall()
        assert connection.execute("PRAGMA user_version").fetchone() == (len(MIGRATIONS),)
        assert connection.execute("PRAGMA journal_mode").fetchone() == ("wal",)
        connection.close()
    assert schemas[0] == schemas[1]


def test_the_log_is_only_added_to(old: Path, open_project: OpenProject) -> None:
    project = open_project()
    project.set_flag("img1.jpg", PhotoFlag.FLAGGED)
    project.close()
    connection = sqlite3.connect(old / "project.sqlite")
    connection.execute("PRAGMA foreign_keys = ON")
    for change in ("UPDATE log SET who = ''", "DELETE FROM log", "DELETE FROM photos"):
        with pytest.raises(sqlite3.IntegrityError):
            connection.execute(change)
    connection.close()
