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


def test_what_was_painted_before_a_rest_is_there_again(zygote: Zygote, tmp_path: Path) -> None:
    project = CrashedProject(tmp_path, 0)
    killed = project.run(zygote, project.work("paint once"), 2.5 * DURABLE_SECONDS)
    (stroke,) = [event for event in project.events if event.what == "stroke"]
    assert stroke.at < killed - DURABLE_SECONDS, "it did not rest for long enough to say anything"
    left = project.check(killed)
    assert not left.problems
    assert left.shown[stroke.name] == stroke.digest
