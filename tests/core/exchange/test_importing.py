from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from model import label_png
from model.labels import Label
from petseg_gui.core.exchange.classes import parse_mapping
from petseg_gui.core.exchange.common import ExchangeError
from petseg_gui.core.exchange.entries import ImportOptions
from petseg_gui.core.exchange.importing import plan_import, run_import
from petseg_gui.core.exchange.matching import Matcher
from petseg_gui.core.store import PhotoState, Project, StoreError

from .conftest import BY_HAND, Stopper, mask, shape_of
from .samples import (
    DOG,
    HEIGHT,
    WIDTH,
    the_reason,
    write_png,
)


def test_a_plan_says_what_fits_what_does_not_and_what_would_be_replaced(
    labelled: Project, tmp_path: Path
) -> None:
    source = tmp_path / "labels"
    same = labelled.read_label("cat.jpg")
    assert same is not None
    write_png(source / "cat.jpg.png", same)
    write_png(source / "dog 1.png", mask(9, shape_of(DOG)))
    write_png(source / "cat.png", mask(9, (5, 5)))
    write_png(source / "horse.png", mask(9, (5, 5)))
    write_png(source / "turned.png", mask(9, (18, 24)))
    write_png(source / "more" / "dog 1.png", mask(8, shape_of(DOG)))
    (source / ".hidden.png").write_bytes(b"nothing")
    before = {path: path.read_bytes() for path in labelled.root.rglob("*.png")}
    plan = plan_import(labelled, source, "oxford")
    assert [(i.photo, i.overwrites, i.unchanged) for i in plan.items] == [
        ("cat.jpg", False, True),
        (DOG, True, False),
    ]
    assert plan.overwritten == (DOG,)
    assert plan.missing == ("cat.png", "turned.jpg")
    reasons = {refusal.title: refusal.reason for refusal in plan.refused}
    assert "several photos could be meant: cat.jpg, cat.png" in reasons["cat.png"]
    assert "no photo is called horse" in reasons["horse.png"]
    assert "unturned. Turn the label" in reasons["turned.png"]
    assert "has a label from dog 1.png already" in reasons[str(Path("more", "dog 1.png"))]
    text = plan.text()
    assert "0 new labels, 1 that replace a label, 1 that are there already, 4 that do" in text
    assert "replaces: dog 1.jpg, by dog 1.png" in text
    assert {path: path.read_bytes() for path in labelled.root.rglob("*.png")} == before


def test_an_exchanged_size_is_recognised(fresh: Project, tmp_path: Path) -> None:
    write_png(tmp_path / "m" / "dog 1.png", mask(0, (WIDTH, HEIGHT)))
    reason = the_reason(plan_import(fresh, tmp_path / "m", "oxford"))
    assert "has 17×33 pixels, but its photo has 33×17: width and height are exchanged" in reason


def test_a_label_is_replaced_only_when_asked_and_stays_a_version(
    labelled: Project, tmp_path: Path
) -> None:
    new = mask(9, shape_of(DOG))
    write_png(tmp_path / "m" / "dog 1.png", new)
    old = labelled.read_label(DOG)
    plan = plan_import(labelled, tmp_path / "m", "oxford")
    report = run_import(plan)
    assert (report.saved, report.kept) == ([], [DOG])
    np.testing.assert_array_equal(labelled.read_label(DOG), old)
    report = run_import(plan, overwrite=True)
    assert report.saved == [DOG]
    np.testing.assert_array_equal(labelled.read_label(DOG), new)
    versions = [label_png.read(path) for path in labelled.label_versions(DOG)]
    assert any(np.array_equal(version, old) for version in versions)
    assert labelled.record(DOG).state == PhotoState.EDITED, "nobody accepted what has come"
    again = plan_import(labelled, tmp_path / "m", "oxford")
    assert again.items[0].unchanged
    assert run_import(again).unchanged == [DOG]


def test_accepting_is_asked_for(labelled: Project, tmp_path: Path) -> None:
    write_png(tmp_path / "m" / "dog 1.png", mask(9, shape_of(DOG)))
    labelled.unaccept(DOG)
    for accept, state in ((False, PhotoState.EDITED), (True, PhotoState.ACCEPTED)):
        options = ImportOptions(accept=accept)
        run_import(plan_import(labelled, tmp_path / "m", "oxford", options), overwrite=True)
        assert labelled.record(DOG).state == state


def test_strokes_that_are_not_saved_are_replaced_only_when_asked_and_stay_a_version(
    fresh: Project, tmp_path: Path
) -> None:
    strokes = mask(3, shape_of(DOG))
    fresh.write_draft(DOG, strokes, BY_HAND)
    write_png(tmp_path / "m" / "dog 1.png", mask(9, shape_of(DOG)))
    plan = plan_import(fresh, tmp_path / "m", "oxford")
    assert plan.overwritten == (DOG,)
    assert run_import(plan).kept == [DOG]
    np.testing.assert_array_equal(fresh.read_draft(DOG), strokes)
    assert run_import(plan, overwrite=True).saved == [DOG]
    (version,) = fresh.label_versions(DOG)
    np.testing.assert_array_equal(label_png.read(version), strokes)


def test_strokes_over_an_accepted_label_go_with_its_acceptance(
    labelled: Project, tmp_path: Path
) -> None:
    strokes, old = mask(3, shape_of(DOG)), labelled.read_label(DOG)
    labelled.write_draft(DOG, strokes, BY_HAND)
    write_png(tmp_path / "m" / "dog 1.png", mask(9, shape_of(DOG)))
    plan = plan_import(labelled, tmp_path / "m", "oxford")
    assert run_import(plan, overwrite=True).saved == [DOG]
    versions = [label_png.read(path) for path in labelled.label_versions(DOG)]
    for expected in (old, strokes):
        assert any(np.array_equal(version, expected) for version in versions)
    assert labelled.record(DOG).state == PhotoState.EDITED
    assert DOG not in [label.name for label in labelled.accepted()]


def test_what_was_painted_after_the_plan_is_kept(fresh: Project, tmp_path: Path) -> None:
    write_png(tmp_path / "m" / "dog 1.png", mask(9, shape_of(DOG)))
    plan = plan_import(fresh, tmp_path / "m", "oxford")
    assert plan.overwritten == ()
    fresh.save_label(DOG, mask(1, shape_of(DOG)), BY_HAND, accept=True)
    assert run_import(plan).kept == [DOG]
    np.testing.assert_array_equal(fresh.read_label(DOG), mask(1, shape_of(DOG)))


def test_an_import_that_fails_leaves_label_and_acceptance(
    labelled: Project, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write_png(tmp_path / "m" / "dog 1.png", mask(9, shape_of(DOG)))
    plan = plan_import(labelled, tmp_path / "m", "oxford")
    old = labelled.read_label(DOG)

    def fail(*_arguments: Any, **_more: Any) -> Path:
        raise StoreError("the disk is full")

    monkeypatch.setattr(labelled, "replace_label", fail)
    report = run_import(plan, overwrite=True)
    assert [failure.reason for failure in report.failed] == ["the disk is full"]
    np.testing.assert_array_equal(labelled.read_label(DOG), old)
    assert labelled.record(DOG).state == PhotoState.ACCEPTED


def test_stopping_saves_no_further_label(fresh: Project, tmp_path: Path) -> None:
    for name in ("cat.jpg", "cat.png", DOG):
        write_png(tmp_path / "m" / f"{name}.png", mask(9, shape_of(name)))
    plan = plan_import(fresh, tmp_path / "m", "oxford")
    report = run_import(plan, progress=Stopper(2))
    assert report.cancelled
    assert report.saved == ["cat.jpg", "cat.png"]
    assert fresh.read_label(DOG) is None
    assert len(plan_import(fresh, tmp_path / "m", "oxford", progress=Stopper(1)).items) == 1


def test_a_project_that_is_open_elsewhere_is_not_imported_into(
    fresh: Project, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write_png(tmp_path / "m" / "dog 1.png", mask(9, shape_of(DOG)))
    monkeypatch.setattr(fresh, "read_only", True)
    plan = plan_import(fresh, tmp_path / "m", "oxford")
    assert len(plan.items) == 1
    with pytest.raises(ExchangeError, match="open in another window"):
        run_import(plan)
    assert fresh.read_label(DOG) is None


def test_a_file_that_vanished_after_the_plan_is_told(fresh: Project, tmp_path: Path) -> None:
    path = write_png(tmp_path / "m" / "dog 1.png", mask(9, shape_of(DOG)))
    write_png(tmp_path / "m" / "turned.png", mask(9, shape_of("turned.jpg")))
    plan = plan_import(fresh, tmp_path / "m", "oxford")
    path.unlink()
    report = run_import(plan)
    assert report.saved == ["turned.jpg"]
    assert "dog 1.png" in report.failed[0].reason


def test_an_unreadable_photo_is_told(fresh: Project, tmp_path: Path) -> None:
    write_png(tmp_path / "m" / "dog 1.png", mask(9, shape_of(DOG)))
    fresh.photo_path(DOG).write_bytes(b"no picture")
    assert DOG in the_reason(plan_import(fresh, tmp_path / "m", "oxford"))


@pytest.mark.parametrize("kind", ["oxford", "index", "binary", "labelme", "coco", "yolo"])
def test_a_source_that_is_none_is_named(fresh: Project, tmp_path: Path, kind: str) -> None:
    with pytest.raises(ExchangeError, match="absent"):
        plan_import(fresh, tmp_path / "absent", kind)
    (tmp_path / "empty").mkdir()
    with pytest.raises(ExchangeError, match="empty"):
        plan_import(fresh, tmp_path / "empty", kind)
    with pytest.raises(ExchangeError, match="no such kind"):
        plan_import(fresh, tmp_path, "pickle")


@pytest.mark.parametrize(
    ("name", "photo"),
    [
        ("a.jpg", "a.jpg"),
        ("a", "a.jpg"),
        ("A", "a.jpg"),
        ("trimaps/a", "a.jpg"),
        (r"C:\photos\a.jpg", "a.jpg"),
        ("x/1", "x/1.jpg"),
        ("labels/y/1", "y/1.jpg"),
        ("z/1", None),
        ("labels/train/x/1", "x/1.jpg"),
        ("labels/train/c", "c.jpg"),
        ("labels/x/c", "x/c.jpg"),
        ("1", None),
        ("b", None),
        ("b.png", "b.png"),
        ("Cafe\u0301", "caf\u00e9.jpg"),
        ("", None),
        ("../..", None),
    ],
)
def test_names_are_matched_surely_or_not_at_all(name: str, photo: str | None) -> None:
    photos = ["a.jpg", "b.jpg", "b.png", "x/1.jpg", "y/1.jpg", "c.jpg", "x/c.jpg", "caf\u00e9.jpg"]
    found, reason = Matcher(photos).find([name])
    assert found == photo
    assert bool(reason) == (photo is None)


def test_a_mapping_that_is_none_is_told() -> None:
    assert parse_mapping(["a=b=pet", "255=ignore"]) == {"a=b": Label.PET, "255": None}
    for entry in ("dog", "=pet", "dog=cat", ""):
        with pytest.raises(ValueError, match="NAME=CLASS"):
            parse_mapping([entry])
