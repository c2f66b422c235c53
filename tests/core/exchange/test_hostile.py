"""Import files that are mutated at random: refused or read, never a crash, a hang or a trace."""

from __future__ import annotations

import json
import os
import random
import time
from pathlib import Path

import pytest
from PIL import Image

from model.labels import Label, is_mask
from petseg_gui.core.exchange import rle
from petseg_gui.core.exchange.common import ExchangeError
from petseg_gui.core.exchange.entries import ImportOptions
from petseg_gui.core.exchange.exporting import plan_export, run_export
from petseg_gui.core.exchange.importing import plan_import, run_import
from petseg_gui.core.store import Project

from .conftest import SIZES, mask
from .samples import DOG, HEIGHT, WIDTH, coco_file, labelme_file, shape

ROUNDS = 70
LONGEST = 5.0
"""Seconds."""

_TOKENS = (
    b"null", b"true", b"-1", b"0", b"1e308", b"-1e308", b"1e999", b"NaN", b"99999999999999999999",
    b"[]", b"{}", b'""', b"[[[[", b"]", b"}", b'"\\ud800"', b"\0", b"\xff", b"0.5", b"..", b"/",
)  # fmt: skip


def mutated(data: bytes, rng: random.Random) -> bytes:
    """The data with a few of the faults that files have."""
    found = bytearray(data)
    for _ in range(rng.randint(1, 4)):
        if not found:
            break
        at, way = rng.randrange(len(found)), rng.randrange(6)
        if way == 0:
            del found[at:]
        elif way == 1:
            found[at] = rng.randrange(256)
        elif way == 2:
            end = min(len(found), at + rng.randint(1, 40))
            found[at:end] = found[at:end] * rng.randint(2, 5)
        elif way == 3:
            del found[at : at + rng.randint(1, 40)]
        elif way == 4:
            found[at:at] = rng.choice(_TOKENS)
        else:  # a number or a word becomes another
            end = at
            while end < len(found) and chr(found[end]).isalnum():
                end += 1
            found[at:end] = rng.choice(_TOKENS)
    return bytes(found)


def sample(project: Project, folder: Path, kind: str) -> bytes:
    """A file of the kind, as it should be."""
    if kind == "labelme":
        shapes = (
            shape("dog", "polygon", (1, 1), (9, 2), (5, 9.5)),
            shape("background", "rectangle", (2, 2), (4, 4)),
            shape("border", "circle", (9, 9), (9, 12)),
        )
        return labelme_file(folder / "sample.json", *shapes).read_bytes()
    if kind == "coco":
        counts = [HEIGHT * WIDTH - 40, 40]
        polygon = [[0, 0, 6, 0, 6, 5, 0, 5]]
        packed = rle.encode(mask(5, (HEIGHT, WIDTH)) == 1)
        plain = {"size": [HEIGHT, WIDTH], "counts": counts}
        return coco_file(folder / "sample.json", polygon, plain, packed).read_bytes()
    back = {"oxford": "oxford", "index": "palette", "binary": "binary", "yolo": "yolo"}[kind]
    run_export(plan_export(project, folder / back, back))
    suffix = "txt" if kind == "yolo" else "png"
    return next((folder / back).rglob(f"dog*1.{suffix}")).read_bytes()


SUFFIXES = {"labelme": "json", "coco": "json", "yolo": "txt"}


@pytest.mark.parametrize("suffix", ["tif", "gif", "bmp", "jpg", "webp"])
def test_mutated_pictures_of_any_format_are_read_or_refused(
    fresh: Project, tmp_path: Path, suffix: str
) -> None:
    path = tmp_path / f"sample.{suffix}"
    Image.fromarray(mask(5, (HEIGHT, WIDTH)) * 60).save(path)
    try_mutated(fresh, tmp_path, path.read_bytes(), "binary", suffix)


@pytest.mark.parametrize("kind", ["oxford", "index", "binary", "labelme", "coco", "yolo"])
def test_mutated_files_are_read_or_refused(
    labelled: Project, fresh: Project, tmp_path: Path, kind: str
) -> None:
    good = sample(labelled, tmp_path, kind)
    try_mutated(fresh, tmp_path, good, kind, SUFFIXES.get(kind, "png"))


def try_mutated(fresh: Project, tmp_path: Path, good: bytes, kind: str, suffix: str) -> None:
    """Import the file, and ever other mutations of it."""
    source = tmp_path / "hostile" / f"dog 1.{suffix}"
    source.parent.mkdir()
    rng = random.Random(kind + suffix)
    outside = {path for path in tmp_path.rglob("*") if fresh.root not in path.parents}
    read, messages = 0, []
    for number in range(ROUNDS):
        source.write_bytes(good if number == 0 else mutated(good, rng))
        begun = time.monotonic()
        try:
            plan = plan_import(fresh, source, kind, ImportOptions(rest=Label.BACKGROUND))
        except ExchangeError as error:
            messages.append(str(error))
        else:
            assert all(item.photo in SIZES for item in plan.items)
            assert len(plan.items) + len(plan.refused) >= (kind != "coco")
            report = run_import(plan, overwrite=True)
            assert report.failed == []
            read += len(plan.items)
        assert time.monotonic() - begun < LONGEST
        if (label := fresh.read_label(DOG)) is not None:
            assert is_mask(label)
            assert label.shape == (HEIGHT, WIDTH)
    assert all(source.name in message for message in messages)
    assert read >= 1, "the file is read when it is as it should be"
    now = {path for path in tmp_path.rglob("*") if fresh.root not in path.parents}
    assert now - outside == {source}


@pytest.mark.parametrize("shapes", [200_000, 9_999])
def test_more_shapes_than_anybody_draws_are_refused_in_time(
    fresh: Project, tmp_path: Path, shapes: int
) -> None:
    Image.new("L", (6000, 4000)).save(fresh.photo_path(DOG))
    triangle = {"label": "dog", "points": [[0, 0], [6000, 0], [3000, 4000]]}
    content = {"imagePath": DOG, "shapes": [triangle] * shapes}
    (tmp_path / "a.json").write_text(json.dumps(content))
    begun = time.monotonic()
    plan = plan_import(fresh, tmp_path / "a.json", "labelme")
    assert time.monotonic() - begun < LONGEST
    assert "too many" in plan.refused[0].reason


def test_more_regions_than_anybody_draws_are_refused_in_time(
    fresh: Project, tmp_path: Path
) -> None:
    Image.new("L", (6000, 4000)).save(fresh.photo_path(DOG))
    region = {"size": [4000, 6000], "counts": [0, 24_000_000]}
    path = coco_file(
        tmp_path / "c.json", *[region] * 10_000, images=[{"id": 7, "file_name": DOG}] * 3
    )
    begun = time.monotonic()
    plan = plan_import(fresh, path, "coco")
    assert time.monotonic() - begun < LONGEST
    assert ["too many" in refusal.reason for refusal in plan.refused] == [True, False, False]


def test_a_pipe_is_no_file(fresh: Project, tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "a.json")
    with pytest.raises(ExchangeError, match=r"a\.json"):
        plan_import(fresh, tmp_path / "a.json", "coco")
