"""Whether photos in subfolders belong to a project is remembered, and never loses labels."""

from __future__ import annotations

import os
import sqlite3
from pathlib import Path

import numpy as np
import pytest

from petseg_gui.core.index import Index
from petseg_gui.core.store import Project, Provenance, StoreError
from petseg_gui.core.subfolders import Below, count_below
from tests.held import held_by_another_process

from .conftest import OpenProject

BY_HAND = Provenance(None, 3)
MASK = np.ones((6, 9), np.uint8)


@pytest.fixture
def nested(folder: Path) -> Path:
    (folder / "x").mkdir()
    (folder / "x" / "1.jpg").write_bytes(b"one")
    return folder


def below(project: Project) -> list[str]:
    return [name for name in project.names() if "/" in name]


def forget(root: Path) -> None:
    """Lose the choice, as a version without it would have left the project."""
    with sqlite3.connect(root / "project.sqlite") as connection:
        connection.execute("DELETE FROM settings WHERE key = 'subfolders'")
    connection.close()


def test_what_was_chosen_last_is_remembered(open_project: OpenProject, nested: Path) -> None:
    for choice, found in (
        (None, []),
        (True, ["x/1.jpg"]),
        (None, ["x/1.jpg"]),
        (False, []),
        (None, []),
    ):
        project = open_project(nested, subfolders=choice)
        assert below(project) == found
        assert project.subfolders is bool(found)
        assert "img1.jpg" in project.names()
        assert project.notices == []
        project.close()


def test_it_is_remembered_within_the_project(
    open_project: OpenProject, nested: Path, tmp_path: Path
) -> None:
    open_project(nested, subfolders=True).close()
    moved = nested.rename(tmp_path / "elsewhere")
    assert below(open_project(moved)) == ["x/1.jpg"]


def test_a_choice_against_work_in_subfolders_is_kept(
    open_project: OpenProject, nested: Path
) -> None:
    project = open_project(nested, subfolders=True)
    project.save_label("x/1.jpg", MASK, BY_HAND, accept=True)
    project.write_draft("x/1.jpg", MASK, BY_HAND)
    assert project.labels_left_out() == 0
    project.close()
    open_project(nested, subfolders=False).close()
    project = open_project(nested)
    assert below(project) == []
    assert project.labels_left_out() == 1
    project.close()
    project = open_project(nested, subfolders=True)
    np.testing.assert_array_equal(project.read_label("x/1.jpg"), MASK)
    np.testing.assert_array_equal(project.read_draft("x/1.jpg"), MASK)


@pytest.mark.parametrize("lost", ["the choice", "the index", "a sound index", "a sound value"])
@pytest.mark.parametrize("work", ["label", "draft"])
def test_work_in_subfolders_is_shown_when_the_choice_is_lost(
    open_project: OpenProject, nested: Path, lost: str, work: str
) -> None:
    project = open_project(nested, subfolders=True)
    if work == "label":
        project.save_label("x/1.jpg", MASK, BY_HAND, accept=False)
    else:
        project.write_draft("x/1.jpg", MASK, BY_HAND)
    project.close()
    index = project.root / "project.sqlite"
    if lost == "the choice":
        forget(project.root)
    elif lost == "the index":
        index.unlink()
    elif lost == "a sound index":
        index.write_bytes(b"no database" * 999)
    else:
        with sqlite3.connect(index) as connection:
            connection.execute("UPDATE settings SET value = x'ff00' WHERE key = 'subfolders'")
        connection.close()
    project = open_project(nested)
    assert below(project) == ["x/1.jpg"]
    read = project.read_label if work == "label" else project.read_draft
    np.testing.assert_array_equal(read("x/1.jpg"), MASK)


def test_without_work_in_subfolders_they_are_left_out_when_the_choice_is_lost(
    open_project: OpenProject, nested: Path
) -> None:
    project = open_project(nested, subfolders=True)
    project.save_label("img1.jpg", MASK, BY_HAND, accept=True)
    project.write_draft(f"img~{'0' * 16}.jpg", MASK, BY_HAND)
    (project.root / "drafts" / "odd~1.png").write_bytes(b"no picture")
    project.close()
    forget(project.root)
    assert below(open_project(nested)) == []


def test_a_label_that_does_not_say_whose_it_is_finds_its_photo_in_a_subfolder(
    open_project: OpenProject, nested: Path
) -> None:
    project = open_project(nested, subfolders=True)
    path = project.save_label("x/1.jpg", MASK, BY_HAND, accept=False)
    project.close()
    from PIL import Image

    Image.fromarray(MASK).save(path)  # as another program writes it
    (project.root / "project.sqlite").unlink()
    project = open_project(nested)
    np.testing.assert_array_equal(project.read_label("x/1.jpg"), MASK)


def test_a_window_that_only_reads_honours_the_choice_and_writes_nothing(
    open_project: OpenProject, nested: Path
) -> None:
    open_project(nested, subfolders=True).close()
    with held_by_another_process(nested):
        for choice, found in ((None, ["x/1.jpg"]), (False, []), (None, ["x/1.jpg"])):
            project = open_project(nested, subfolders=choice)
            assert project.read_only
            assert len(project.notices) == 1
            assert below(project) == found
            project.close()
    assert below(open_project(nested)) == ["x/1.jpg"]


def test_a_choice_that_cannot_be_written_is_told_and_the_folder_opens(
    open_project: OpenProject, nested: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    open_project(nested).close()

    def full(*_rows: object, **_more: object) -> None:
        raise sqlite3.OperationalError("database or disk is full")

    monkeypatch.setattr(Index, "put", full)
    project = open_project(nested, subfolders=True)
    assert below(project) == ["x/1.jpg"]
    (notice,) = project.notices
    assert "could not be remembered (database or disk is full)" in notice


def test_a_folder_that_cannot_be_opened_is_not_chosen_for(
    open_project: OpenProject, nested: Path
) -> None:
    with pytest.raises(StoreError):
        open_project(nested / "absent", subfolders=True)
    assert not (nested / "absent").exists()


def test_photos_below_are_counted_as_they_would_be_listed(
    open_project: OpenProject, nested: Path
) -> None:
    for place in ("x/deep", ".hidden", "other/petseg"):
        (nested / place).mkdir(parents=True)
    (nested / "other/petseg/project.sqlite").touch()
    for name in ("x/deep/2.png", ".hidden/3.jpg", "other/petseg/4.png", "other/5.jpg", "x/no.txt"):
        (nested / name).touch()
    (nested / "round").symlink_to(nested)
    listed = below(open_project(nested, subfolders=True))
    assert listed == ["other/5.jpg", "x/1.jpg", "x/deep/2.png"]
    assert count_below(nested) == Below(3, True)


def test_counting_comes_to_an_end(nested: Path) -> None:
    for number in range(20):
        (nested / f"y{number}").mkdir()
        (nested / f"y{number}" / "1.jpg").touch()
    assert count_below(nested, most=10) == Below(10, False)
    assert count_below(nested, most=21) == Below(21, True)
    assert count_below(nested, seconds=-1) == Below(0, False)
    asked = iter([False, False, True])
    assert count_below(nested, stopped=lambda: next(asked)).photos == 2


@pytest.mark.skipif(os.name == "nt" or os.getuid() == 0, reason="nothing is forbidden here")
def test_what_cannot_be_read_is_not_counted(nested: Path) -> None:
    (nested / "y").mkdir()
    (nested / "y").chmod(0)
    try:
        assert count_below(nested) == Below(1, True)
    finally:
        (nested / "y").chmod(0o755)
