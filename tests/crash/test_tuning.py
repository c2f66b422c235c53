"""A fine-tune that is killed at any moment: the model in use loads, and the run is gone on with."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import threading
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from PIL import Image

from model import weights
from petseg_gui.core.records import Provenance
from petseg_gui.core.store import Project
from petseg_gui.services.finetune_request import STATE_FOLDER, read_unfinished
from petseg_gui.services.models import ProjectModels
from tests.conftest import blob
from tests.crash.tuning import CHECKPOINT_STEPS, EPOCHS, STEPS
from tests.model.finetune_rig import small_and_short, write_model
from tests.scale import times

KILLS = 5
"""Of one project, before a new one is begun."""
SHORTEST, LONGEST = 0.05, 4.0
"""Seconds that a child lives once it is ready."""
START_S = 180
REPOSITORY = Path(__file__).resolve().parents[2]


@dataclass
class Life:
    """What a child said until it was killed."""

    lines: list[str] = field(default_factory=list)

    @property
    def steps(self) -> list[int]:
        """The steps that it trained."""
        return [int(line.split()[1]) for line in self.lines if line.startswith("step ")]


def live(arguments: list[str], seconds: float) -> Life:
    """Start a child and kill it so many seconds after it is ready."""
    life, ready = Life(), threading.Event()
    process = subprocess.Popen(
        [sys.executable, "-m", "tests.crash.tuning", *arguments],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        cwd=REPOSITORY,
        env={**os.environ, "PYTHONPATH": str(REPOSITORY)},
    )
    assert process.stdout is not None
    assert process.stderr is not None
    errors: list[str] = []

    def read() -> None:
        assert process.stdout is not None
        for line in process.stdout:
            life.lines.append(line.strip())
            ready.set()

    readers = [
        threading.Thread(target=read),
        threading.Thread(target=lambda: errors.extend(process.stderr or ())),
    ]
    for reader in readers:
        reader.start()
    began = ready.wait(START_S)
    killer = threading.Event()
    killer.wait(seconds)
    ended = process.poll()
    process.send_signal(signal.SIGKILL)
    process.wait()
    for reader in readers:
        reader.join()
    process.stdout.close()
    process.stderr.close()
    assert began, "".join(errors)
    assert ended is None, "".join(errors)  # it failed by itself
    return life


@pytest.fixture
def starter(tmp_path: Path) -> Path:
    with small_and_short(STEPS):
        return write_model(tmp_path)


@pytest.fixture
def arguments(tmp_path: Path, starter: Path) -> list[str]:
    """A project of five photos with accepted labels, one of them held out."""
    folder = tmp_path / "photos"
    folder.mkdir()
    for number in range(5):
        Image.fromarray(blob(70, 60, number)[0]).save(folder / f"pet{number}.jpg")
    project = Project.open(folder, root=tmp_path / "project")
    for number in range(5):
        mask = blob(70, 60, number)[1]
        project.save_label(f"pet{number}.jpg", mask, Provenance("tiny-1", 1), accept=True)
    project.close()
    return [str(folder), str(tmp_path / "project"), str(starter)]


@pytest.mark.soak
@pytest.mark.parametrize("seed", range(times(5, 50) // KILLS))
def test_a_model_is_always_in_use_and_the_run_is_gone_on_with(
    arguments: list[str], starter: Path, seed: int
) -> None:
    chance = random.Random(seed)
    before = starter.read_bytes()
    reached = 0  # steps of the run that the last child left; 0: none that must be gone on with
    for number in range(1, KILLS + 1):
        life = live(arguments, chance.uniform(SHORTEST, LONGEST))
        assert not [line for line in life.lines if line.startswith("notice")], life.lines
        if reached and life.steps:
            assert life.steps[0] > reached - CHECKPOINT_STEPS, (number, life.lines)
        check(arguments, starter, life)
        reached = left_at(arguments, life, reached)
    assert starter.read_bytes() == before


def check(arguments: list[str], starter: Path, life: Life) -> None:
    """What is on disk is whole, whatever was being done."""
    with small_and_short(STEPS):
        project = Project.open(Path(arguments[0]), root=Path(arguments[1]))
        try:
            assert not project.notices
            models = ProjectModels(starter)
            adopted = [line.split()[1] for line in life.lines if line.startswith("adopted")]
            if adopted:
                assert project.model_in_use() == adopted[-1] or life.lines[-1].startswith("adopt ")
            used = models.in_use(project)
            assert used.id == (project.model_in_use() or used.id)  # its file was not lost
            weights.load(used.path)
            for version in models.versions(project):
                weights.load(version.path)
            for name in project.names():
                for version in models.versions(project):
                    mask = project.read_prediction(name, version.id)
                    assert mask is None or mask.shape == (60, 70)
        finally:
            project.close()


def left_at(arguments: list[str], life: Life, reached: int) -> int:
    """At which step the run stands that the next child must go on with; 0: at none."""
    models = Path(arguments[1]) / "models"
    if read_unfinished(models) is None:
        return 0
    if not (models / STATE_FOLDER / "state.safetensors").exists():
        return 0
    last = life.lines[-1].split()[0]
    if last != "step" or not life.steps:  # the kill came before the first step of this child
        return reached if last in {"ready", "train"} else 0
    return life.steps[-1] if life.steps[-1] < STEPS * EPOCHS else 0
