"""A review that is killed at any moment: labels are whole, and no finished gesture is lost."""

from __future__ import annotations

import random
from pathlib import Path

import pytest

from tests.crash.checker import DURABLE_SECONDS
from tests.crash.killing import Zygote
from tests.crash.project import CrashedProject
from tests.scale import times

KILLS = 10
"""Of one project, before a new one is begun."""
SHORTEST, LONGEST = 0.25, 2.5
"""Seconds that a child lives."""


@pytest.mark.soak
@pytest.mark.parametrize("seed", range(times(40, 240) // KILLS))
def test_nothing_is_lost_whenever_the_process_is_killed(
    zygote: Zygote, tmp_path: Path, seed: int
) -> None:
    project = CrashedProject(tmp_path, seed)
    chance = random.Random(seed)
    for number in range(1, KILLS + 1):
        work = project.work()
        killed = project.run(zygote, work, chance.uniform(SHORTEST, LONGEST))
        left = project.check(killed)
        assert not left.problems, f"after kill {number}:\n" + "\n".join(left.problems)
