from __future__ import annotations

import errno
import os
from pathlib import Path
from typing import NoReturn

import pytest

from petseg_gui.core.exchange import writing
from petseg_gui.core.exchange.common import ExchangeError
from petseg_gui.core.exchange.exporting import (
    KINDS,
    ExportOptions,
    file_stems,
    plan_export,
    run_export,
)
from petseg_gui.core.store import Project

from .conftest import Stopper


def files_in(folder: Path) -> dict[str, bytes]:
    return {
        str(path.relative_to(folder)): path.read_bytes()
        for path in folder.rglob("*")
        if path.is_file()
    }


def test_only_accepted_labels_are_exported_unless_all_are_wanted(
    labelled: Project, tmp_path: Path
) -> None:
    labelled.unaccept("turned.jpg")
    plan = plan_export(labelled, tmp_path / "out", "palette")
    assert "turned.jpg" not in [item.photo for item in plan.items]
    assert plan.not_accepted == ("turned.jpg",)
    assert "1 labels that nobody accepted" in plan.text()
    options = ExportOptions(everything=True)
    assert len(plan_export(labelled, tmp_path / "out", "palette", options).items) == 4
    some = ExportOptions(photos=frozenset({"cat.png"}))
    assert len(plan_export(labelled, tmp_path / "out", "palette", some).items) == 1
    assert not (tmp_path / "out").exists(), "a plan writes nothing"


@pytest.mark.parametrize("kind", KINDS)
def test_a_file_that_exists_is_replaced_only_when_asked(
    labelled: Project, tmp_path: Path, kind: str
) -> None:
    out = tmp_path / "out"
    run_export(plan_export(labelled, out, kind))
    *others, (name, content) = files_in(out).items()
    for other, _content in others:
        (out / other).unlink()
    (out / name).write_bytes(b"mine")
    before = files_in(out)
    plan = plan_export(labelled, out, kind)
    assert out / name in plan.existing
    with pytest.raises(ExchangeError, match=r"there already.*allow files to be replaced"):
        run_export(plan)
    assert files_in(out) == before
    run_export(plan, overwrite=True)
    assert files_in(out)[name] == content


def test_a_file_that_came_up_after_the_plan_is_not_replaced(
    labelled: Project, tmp_path: Path
) -> None:
    out = tmp_path / "out"
    plan = plan_export(labelled, out, "palette")
    out.mkdir()
    (out / "turned.png").write_bytes(b"mine")
    with pytest.raises(ExchangeError, match=r"turned\.png: it is there already"):
        run_export(plan)
    assert (out / "turned.png").read_bytes() == b"mine"


@pytest.mark.parametrize("kind", KINDS)
def test_stopping_leaves_whole_files_and_no_others(
    labelled: Project, tmp_path: Path, kind: str
) -> None:
    whole = tmp_path / "whole"
    run_export(plan_export(labelled, whole, kind))
    out = tmp_path / "out"
    stopper = Stopper(2)
    report = run_export(plan_export(labelled, out, kind), progress=stopper)
    assert report.cancelled
    assert len(report.photos) == 2
    assert stopper.seen == [(0, 4), (1, 4)]
    expected = files_in(whole)
    found = files_in(out) if out.exists() else {}
    assert len(found) < len(expected)
    assert all(content == expected[name] for name, content in found.items())
    assert sorted(report.written) == sorted(out / name for name in found)


@pytest.mark.parametrize("kind", KINDS)
def test_a_full_disk_is_told_and_leaves_whole_files(
    labelled: Project, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, kind: str
) -> None:
    whole = tmp_path / "whole"
    run_export(plan_export(labelled, whole, kind))
    out, left = tmp_path / "out", [2]
    real = os.fsync

    def fsync(descriptor: int) -> None:
        left[0] -= 1
        if left[0] < 1:
            raise OSError(errno.ENOSPC, "No space left on device")
        real(descriptor)

    monkeypatch.setattr(os, "fsync", fsync)
    with pytest.raises(ExchangeError, match=r"out.*No space left.*Free some space"):
        run_export(plan_export(labelled, out, kind))
    expected = files_in(whole)
    assert all(content == expected[name] for name, content in files_in(out).items())


def test_an_export_that_cannot_fit_on_the_disk_is_not_begun(
    labelled: Project, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Usage:
        free = 1000

    monkeypatch.setattr(writing.shutil, "disk_usage", lambda _path: Usage)
    with pytest.raises(ExchangeError, match=r"takes about 0\.1 MB, and the disk has 0\.0 MB free"):
        run_export(plan_export(labelled, tmp_path / "out", "palette"))
    assert not (tmp_path / "out").exists()


def test_a_photo_that_cannot_be_read_does_not_stop_the_others(
    labelled: Project, tmp_path: Path
) -> None:
    labelled.photo_path("cat.jpg").write_bytes(b"no picture")
    labelled.photo_path("cat.png").unlink()
    report = run_export(plan_export(labelled, tmp_path / "out", "oxford"))
    assert report.photos == ["dog 1.jpg", "turned.jpg"]
    assert [failure.photo for failure in report.failed] == ["cat.jpg", "cat.png"]
    assert "cat.jpg" in report.failed[0].reason
    text = (tmp_path / "out" / "annotations" / "list.txt").read_text()
    assert "cat" not in text


def test_photos_labels_and_files_are_no_targets(labelled: Project, tmp_path: Path) -> None:
    for target in (labelled.folder, labelled.root, labelled.root / "labels", labelled.root / "x"):
        with pytest.raises(ExchangeError, match="Choose another folder"):
            plan_export(labelled, target, "palette")
    (tmp_path / "file").touch()
    with pytest.raises(ExchangeError, match="it is a file"):
        plan_export(labelled, tmp_path / "file", "palette")
    with pytest.raises(ExchangeError, match="no such kind"):
        plan_export(labelled, tmp_path / "out", "jpeg")


def test_a_link_to_the_photos_is_no_target(labelled: Project, tmp_path: Path) -> None:
    (tmp_path / "link").symlink_to(labelled.folder)
    before = labelled.photo_path("cat.png").read_bytes()
    with pytest.raises(ExchangeError, match="holds the photos"):
        plan_export(labelled, tmp_path / "link", "palette")
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / "cat.png.png").symlink_to(labelled.photo_path("cat.png"))
    with pytest.raises(ExchangeError, match="photo of the project"):
        plan_export(labelled, tmp_path / "out", "palette")
    assert labelled.photo_path("cat.png").read_bytes() == before


def test_nothing_to_export_is_said(fresh: Project, labelled: Project, tmp_path: Path) -> None:
    with pytest.raises(ExchangeError, match="no photo has a label"):
        plan_export(fresh, tmp_path / "out", "coco")
    for name in labelled.names():
        labelled.unaccept(name)
    with pytest.raises(ExchangeError, match="no label has been accepted"):
        plan_export(labelled, tmp_path / "out", "coco")


def test_a_folder_that_cannot_be_written_is_told(
    labelled: Project, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_arguments: object, **_more: object) -> NoReturn:
        raise PermissionError(errno.EACCES, "Permission denied")

    plan = plan_export(labelled, tmp_path / "out", "palette")
    monkeypatch.setattr(writing, "write_atomically", refuse)
    with pytest.raises(ExchangeError, match=r"out.*Permission denied.*may write"):
        run_export(plan)


def test_no_two_photos_share_a_file() -> None:
    names = ["a.jpg", "a.png", "A.gif", "b.jpg", "x/b.jpg", "x/c d.jpg", "x_c_d.jpg", "b.jpg.gif"]
    for flat in (False, True):
        stems = file_stems(names, flat=flat)
        assert len({stem.casefold() for stem in stems.values()}) == len(names)
        assert stems["a.png"] == "a.png"
    assert file_stems(names, flat=False)["x/b.jpg"] == "x/b"
    assert not any(set(" /#") & set(stem) for stem in file_stems(names, flat=True).values())
