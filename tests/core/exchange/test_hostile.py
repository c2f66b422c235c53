"""Import files that want too much; those that are damaged by chance are in ``fuzz``."""

from __future__ import annotations

import json
import os
import time
from pathlib import Path

import pytest
from PIL import Image

from petseg_gui.core.exchange.common import ExchangeError
from petseg_gui.core.exchange.importing import plan_import
from petseg_gui.core.store import Project

from .samples import DOG, coco_file

LONGEST = 5.0
"""Seconds."""


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
