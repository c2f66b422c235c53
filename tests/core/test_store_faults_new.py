"""Every write beside labels and drafts fails in turn: all is as before, and one message says so."""

from __future__ import annotations

import errno
import os
import sqlite3
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from model import files
from petseg_gui.core.index import Index
from petseg_gui.core.records import PhotoRecord
from petseg_gui.core.store import Change, PhotoFlag, PhotoState, Project, Provenance, StoreError

from .conftest import OpenProject

BY_HAND = Provenance("starter", 3)
NAME = "img1.jpg"


def mask(seed: int = 0) -> np.ndarray:
    return np.random.default_rng(seed).integers(1, 4, (6, 9), np.uint8)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    folder = tmp_path / "photos"
    folder.mkdir()
    for number in range(1, 4):
        (folder / f"img{number}.jpg").write_bytes(b"photo %d" % number)
    return folder


@pytest.fixture
def worked_on(project: Project, folder: Path) -> Project:
    """A label of two versions, a draft, notes; another photo that was replaced since."""
    for seed in (1, 2):
        project.save_label(NAME, mask(seed), BY_HAND, accept=True)
    project.set_tags(NAME, ["a"])
    project.write_draft(NAME, mask(3), BY_HAND)
    project.save_label("img2.jpg", mask(4), BY_HAND, accept=True)
    project.examine("img2.jpg")
    (folder / "img2.jpg").write_bytes(b"another picture")
    project.examine("img2.jpg")
    return project


def state_of(project: Project) -> tuple[dict[str, bytes], dict[str, PhotoRecord], list[object]]:
    kept = {
        str(path.relative_to(project.root)): path.read_bytes()
        for path in project.root.rglob("*")
        if path.is_file() and not path.name.startswith("project.")
    }
    return kept, project.records(), [project.log(name) for name in project.names()]


WRITES: dict[str, Callable[[Project], object]] = {
    "restore": lambda project: project.restore_version(NAME, project.versions(NAME)[0].id),
    "unaccept": lambda project: project.unaccept(NAME),
    "tags": lambda project: project.set_tags(NAME, ["b"]),
    "note": lambda project: project.set_note(NAME, "note"),
    "flag": lambda project: project.set_flag(NAME, PhotoFlag.FLAGGED),
    "seconds": lambda project: project.add_seconds(NAME, 1),
    "confidence": lambda project: project.set_confidences({NAME: 0.5}, "m"),
    "keep label": lambda project: project.keep_label("img2.jpg"),
    "model": lambda project: project.set_model_in_use("m"),
}

ERRORS = (errno.ENOSPC, errno.EIO, errno.EACCES)


def fail_on(
    monkeypatch: pytest.MonkeyPatch, call: str, number: int, error: int
) -> Callable[[], bool]:
    """Break the ``number``-th use of one way to write; says whether it came to that."""
    uses = 0

    def counted(real: Callable[..., object]) -> Callable[..., object]:
        def use(*arguments: object, **options: object) -> object:
            nonlocal uses
            uses += 1
            if uses == number:
                if call == "put":
                    raise sqlite3.OperationalError("disk I/O error")
                raise OSError(error, os.strerror(error))
            return real(*arguments, **options)

        return use

    target = Index if call == "put" else files.os
    monkeypatch.setattr(target, call, counted(getattr(target, call)))
    return lambda: uses >= number


@pytest.mark.parametrize("error", ERRORS)
@pytest.mark.parametrize("links", [True, False])
@pytest.mark.parametrize("write", WRITES)
def test_each_step_of_a_write_may_fail(
    worked_on: Project,
    monkeypatch: pytest.MonkeyPatch,
    write: str,
    links: bool,
    error: int,
) -> None:
    if not links:
        monkeypatch.setattr(os, "link", lambda *_: (_ for _ in ()).throw(OSError("no links")))
    before = state_of(worked_on)
    failed = 0
    for call in ("open", "fsync", "replace", "put"):
        number = 1
        while True:
            with monkeypatch.context() as broken:
                reached = fail_on(broken, call, number, error)
                try:
                    WRITES[write](worked_on)
                except StoreError as caught:
                    message, cause = str(caught), caught.__cause__
                else:
                    break  # it went through: all steps have failed once
                failed += 1
                assert "try again" in message
                assert cause is not None
                assert reached()
            after = state_of(worked_on)
            assert after[0].keys() - before[0].keys() <= kept_drafts(before[0], after[0])
            assert {k: v for k, v in after[0].items() if k in before[0]} == before[0]
            assert after[1:] == before[1:]
            number += 1
        if state_of(worked_on) != before:
            before = again_as_before(worked_on, write)
    assert failed


def kept_drafts(before: dict[str, bytes], after: dict[str, bytes]) -> set[str]:
    """A draft may be among the versions already: nothing is lost by that."""
    drafts = {data for name, data in before.items() if name.startswith("drafts")}
    return {name for name, data in after.items() if name.startswith("history") and data in drafts}


def again_as_before(
    project: Project, write: str
) -> tuple[dict[str, bytes], dict[str, PhotoRecord], list[object]]:
    """Take back a write that went through, so that it can fail at another step."""
    if write == "unaccept":
        project.save_label(NAME, mask(2), BY_HAND, accept=True)
    if write in ("tags", "note", "flag"):
        project.set_tags(NAME, ["a"])
        project.set_note(NAME, "")
        project.set_flag(NAME, PhotoFlag.NONE)
    if write == "keep label":
        project.save_label("img2.jpg", mask(4), BY_HAND, accept=True)
        path = project.folder / "img2.jpg"
        path.write_bytes(path.read_bytes() + b".")
        project.examine("img2.jpg")
    return state_of(project)


@pytest.mark.parametrize(
    ("call", "number", "told"),
    [("replace", 1, True), ("put", 1, True), ("replace", 2, False)],
    ids=["draft", "index", "text in the label"],
)
def test_a_rename_that_cannot_be_noted_is_recognised_later(  # noqa: PLR0917 - fixtures
    worked_on: Project,
    open_project: OpenProject,
    monkeypatch: pytest.MonkeyPatch,
    folder: Path,
    call: str,
    number: int,
    told: bool,
) -> None:
    worked_on.close()
    (folder / NAME).rename(folder / "cat.jpg")
    project = open_project()
    with monkeypatch.context() as broken:
        reached = fail_on(broken, call, number, errno.EIO)
        if told:
            with pytest.raises(StoreError, match="could not be saved"):
                project.examine("cat.jpg")
            assert project.record("cat.jpg").label is None
        else:  # the index knows it; the label itself says the old name still
            project.examine("cat.jpg")
        assert reached()
    project.close()
    again = open_project()
    again.examine("cat.jpg")
    record = again.record("cat.jpg")
    assert (record.label, record.has_draft) == ("img1.png", True)
    again.close()
    (again.root / "project.sqlite").unlink()
    third = open_project()
    third.examine("cat.jpg")
    np.testing.assert_array_equal(third.read_label("cat.jpg"), mask(2))


def test_a_replaced_photo_that_cannot_be_noted_is_noticed_later(
    project: Project, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    project.save_label(NAME, mask(1), BY_HAND, accept=True)
    (folder / NAME).write_bytes(b"another picture")
    with monkeypatch.context() as broken:
        fail_on(broken, "put", 1, errno.EIO)
        with pytest.raises(StoreError, match="could not be saved"):
            project.examine(NAME)
    assert project.examine(NAME).change is Change.REPLACED
    assert project.record(NAME).state is PhotoState.NEW


def test_a_prediction_that_cannot_be_deleted_is_named(
    project: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    project.write_prediction(NAME, "m", mask())

    def refuse(path: Path, **_options: object) -> None:
        raise OSError(errno.EACCES, "Permission denied", str(path))

    monkeypatch.setattr(Path, "unlink", refuse)
    with pytest.raises(StoreError, match=r"img1\.jpg\.png could not be deleted"):
        project.predictions.prune(0)


def test_a_lock_that_cannot_be_made_is_named(
    open_project: OpenProject, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(_path: Path) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr("petseg_gui.core.lock._locked", refuse)
    with pytest.raises(StoreError, match=r"No space left.*Free some space"):
        open_project()
