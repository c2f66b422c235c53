"""Every tool on screens of device pixel ratio 1, 1.5 and 2: the same masks, and exact frames."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

ROOT = Path(__file__).parents[2]
SCRIPT = Path(__file__).with_name("every_tool.py")


@pytest.fixture(scope="module")
def masks(tmp_path_factory: pytest.TempPathFactory) -> dict[str, dict[str, np.ndarray]]:
    """By ratio, then by tool; Qt reads the ratio once, so each has a process of its own."""
    folder = tmp_path_factory.mktemp("masks")
    running = {}
    for ratio in ("1", "1.5", "2"):
        environment = {**os.environ, "QT_QPA_PLATFORM": "offscreen", "QT_SCALE_FACTOR": ratio}
        paths = [str(ROOT), *filter(None, [os.environ.get("PYTHONPATH")])]
        environment["PYTHONPATH"] = os.pathsep.join(paths)
        running[ratio] = subprocess.Popen(
            [sys.executable, str(SCRIPT), ratio, str(folder / f"{ratio}.npz")],
            env=environment,
            stderr=subprocess.PIPE,
            text=True,
        )
    for ratio, process in running.items():
        _, errors = process.communicate(timeout=120)
        assert process.returncode == 0, f"ratio {ratio}: {errors}"
    found = {}
    for ratio in running:
        with np.load(folder / f"{ratio}.npz") as file:
            found[ratio] = dict(file)
    return found


@pytest.mark.parametrize("ratio", ["1.5", "2"])
def test_every_tool_paints_the_same_at_every_ratio(
    masks: dict[str, dict[str, np.ndarray]], ratio: str
) -> None:
    assert len(masks["1"]) == 14
    for tool, mask in masks["1"].items():
        # A brush whose size is of the screen is, on the photo, as large as the screen makes it.
        if tool != "zoomed_brush":
            np.testing.assert_array_equal(masks[ratio][tool], mask, tool)


def test_the_tools_paint_what_they_should(masks: dict[str, dict[str, np.ndarray]]) -> None:
    found = masks["1"]
    # Lasso and polygon went round the same points; colour and edges give the same square.
    np.testing.assert_array_equal(found["lasso"], found["polygon"])
    square = np.full_like(found["lasso"], 2)
    square[30:60, 40:80] = 1
    np.testing.assert_array_equal(found["colour_fill"], square)
    np.testing.assert_array_equal(found["smart"], square)
    assert len({mask.tobytes() for mask in found.values()}) == len(found) - 2
