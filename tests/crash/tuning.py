"""The child: fine-tunes, adopts and predicts anew, over and over, until it is killed.

    python -m tests.crash.tuning FOLDER PROJECT STARTER

Prints what it does, a line each: ``ready``, ``train``, ``step N``, ``adopt ID``, ``adopted ID``,
``predict``, ``predicted``.  A run that a child before it left is gone on with.
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import model.finetune
from model.predict import Predictor
from model.settings import Command
from petseg_gui.core.photos import read_photo
from petseg_gui.core.store import Project
from petseg_gui.services.finetune_job import run
from petseg_gui.services.finetune_request import build_request, read_unfinished
from petseg_gui.services.models import ProjectModels
from tests.model.finetune_rig import small_and_short

CHECKPOINT_STEPS = 2
STEPS = 4
EPOCHS = 2
SETTINGS = {"epochs": EPOCHS, "batch_size": 2, "oxford_share": 0.0, "oxford": "none"}


def say(*words: object) -> None:
    """Print a line at once."""
    sys.stdout.write(" ".join(map(str, words)) + "\n")
    sys.stdout.flush()


class Teller:
    """The job's observer."""

    def command(self) -> Command:
        """Go on."""
        return Command.GO

    def stepped(self, report: Any) -> None:
        """Say it."""
        say("step", report.step)

    def validated(self, report: Any) -> None:
        """Of no interest."""

    def resumed(self, epochs: Any) -> None:
        """Of no interest."""

    def noticed(self, text: str) -> None:
        """Nothing may be left by a kill that cannot be gone on with."""
        say("notice", text)

    def phase(self, text: str) -> None:
        """Of no interest."""

    def prepared(self, plan: Any) -> None:
        """Of no interest."""


def once(project: Project, models: ProjectModels) -> None:
    """Fine-tune, adopt, predict anew."""
    used = models.in_use(project)
    left = read_unfinished(project.models_dir)
    go_on = left is not None and left.model == used.id
    say("train")
    registry = models.registry(project)
    outcome = run(build_request(project, registry, used, SETTINGS, go_on=go_on), Teller())
    say("adopt", outcome.candidate)
    project.set_model_in_use(outcome.candidate)
    say("adopted", outcome.candidate)
    predictor = Predictor.load(registry.path(outcome.candidate))
    say("predict")
    for name in project.names():
        found = predictor.predict(read_photo(project.photo_path(name)))
        project.write_prediction(name, outcome.candidate, found.mask, found.probabilities)
    say("predicted")


def main(folder: str, root: str, starter: str) -> None:
    """Do it until somebody kills this process."""
    model.finetune.CHECKPOINT_STEPS = CHECKPOINT_STEPS
    with small_and_short(STEPS):
        project = Project.open(Path(folder), root=Path(root))
        models = ProjectModels(Path(starter))
        say("ready")
        while True:
            once(project, models)


if __name__ == "__main__":
    main(*sys.argv[1:])
