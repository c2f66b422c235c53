"""``petseg finetune``: teach a project's model what was accepted, without a window."""

from __future__ import annotations

import argparse
import json
import math
import signal
import sys
import threading
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from model.settings import PRESETS, Command, EpochReport, FineTuneSettings, StepReport
from petseg_gui.cli.common import fail, guarded, open_project, quiet_tensorflow
from petseg_gui.core.records import StoreError
from resources import STARTER_MODEL

if TYPE_CHECKING:
    from petseg_gui.core.store import Project
    from petseg_gui.services.finetune_request import FineTuneRequest, Outcome, Plan

INTERRUPTED = 3
"""Exit status when the run was stopped and can be gone on with."""
_FIELDS = {
    "epochs": int,
    "learning_rate": float,
    "oxford_share": float,
    "own_weight": float,
    "batch_size": int,
    "patience": int,
    "seed": int,
}


def main(argv: Sequence[str]) -> int:
    """Parse the arguments and fine-tune; exit status 0, 1 failed, 3 stopped (can go on)."""
    arguments = _parser().parse_args(argv)
    quiet_tensorflow()
    return guarded(lambda: _finetune(arguments), StoreError, ValueError)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="petseg finetune",
        description=__doc__,
        epilog="Progress is printed as JSON, one object a line.  Ctrl+C ends the run so that the "
        "same command goes on where it was.",
    )
    parser.add_argument("folder", type=Path, help="the photo folder of the project")
    parser.add_argument("--preset", choices=list(PRESETS), default="quick")
    for name, kind in _FIELDS.items():
        option = f"--{name.replace('_', '-')}"
        parser.add_argument(option, type=kind, help="in place of the preset's")
    parser.add_argument("--train-encoder", action="store_true", help="let the whole network learn")
    parser.add_argument(
        "--oxford",
        choices=("none", "local", "download"),
        help="Oxford photos to mix in; default: local where they are on this computer, else none",
    )
    parser.add_argument("--anew", action="store_true", help="do not go on with an interrupted run")
    parser.add_argument(
        "--adopt",
        choices=("auto", "always", "never"),
        default="auto",
        help="bring the new model into use: only if it does not lose (default), or as you say",
    )
    parser.add_argument("--subfolders", action=argparse.BooleanOptionalAction, default=None)
    return parser


def _settings(arguments: argparse.Namespace) -> dict[str, Any]:
    from model.oxford import is_present

    chosen = PRESETS[arguments.preset].to_dict()
    chosen.update(
        {name: value for name in _FIELDS if (value := getattr(arguments, name)) is not None}
    )
    if arguments.train_encoder:
        chosen["freeze_encoder"] = False
    oxford = arguments.oxford or ("local" if is_present() else "none")
    if oxford == "none":
        chosen["oxford_share"] = 0.0
    FineTuneSettings.from_dict(chosen)
    return {**chosen, "oxford": oxford}


def _finetune(arguments: argparse.Namespace) -> int:
    from petseg_gui.services.finetune_request import build_request, read_unfinished
    from petseg_gui.services.models import ProjectModels

    with open_project(arguments.folder, subfolders=arguments.subfolders) as project:
        if project.read_only:
            return fail("another window has this folder open: close it first")
        models = ProjectModels(STARTER_MODEL)
        model, settings, go_on = models.in_use(project), _settings(arguments), False
        left = None if arguments.anew else read_unfinished(project.models_dir)
        if left is not None and left.model == model.id:
            settings, go_on = dict(left.settings), True
        request = build_request(project, models.registry(project), model, settings, go_on=go_on)
        return _run(request, project, arguments.adopt)


def _run(request: FineTuneRequest, project: Project, adopt: str) -> int:
    from model.device import describe_device, load_tensorflow
    from petseg_gui.services.finetune_job import download_oxford, run
    from petseg_gui.services.finetuning import explain

    printer = Printer()
    # A machine that goes down says so by the second.
    before = {
        number: signal.signal(number, lambda *_: printer.stop())
        for number in (signal.SIGINT, signal.SIGTERM)
    }
    try:
        if request.oxford == "download":
            download_oxford(printer.phase, printer.command, printer.ended.wait)
        load_tensorflow()
        printer.say(
            "started", model=request.model.id, device=describe_device(), go_on=request.go_on
        )
        outcome = run(request, printer)
    except Exception as error:  # noqa: BLE001 - the command's boundary: TensorFlow raises many
        if printer.command() is Command.STOP:
            printer.say("interrupted")
            return INTERRUPTED
        return fail(explain(error))
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
    adopted = outcome.adopted if adopt == "auto" else adopt == "always"
    if adopted:
        project.set_model_in_use(outcome.candidate)
    printer.say("finished", **_summary(outcome), adopted=adopted)
    return 0


def _summary(outcome: Outcome) -> dict[str, Any]:
    return {
        "candidate": outcome.candidate,
        "recommended": outcome.adopted,
        "sure": outcome.sure,
        "reason": outcome.reason,
        "steps": outcome.steps,
        "epochs": outcome.epochs,
        "best_epoch": outcome.best_epoch,
        "comparison": [row.to_dict() for row in outcome.rows],
    }


class Printer:
    """The job's observer on a terminal: a JSON object a line.

    Attributes:
        ended: set when the run is to stop.
    """

    def __init__(self) -> None:
        self.ended = threading.Event()

    def stop(self) -> None:
        """Have the run stop within a step."""
        self.ended.set()

    def command(self) -> Command:
        """Go on, until Ctrl+C."""
        return Command.STOP if self.ended.is_set() else Command.GO

    def say(self, event: str, **values: Any) -> None:
        """Print an object."""
        json.dump({"event": event, **values}, sys.stdout)
        sys.stdout.write("\n")
        sys.stdout.flush()

    def phase(self, text: str) -> None:
        """What is being done."""
        self.say("phase", text=text)

    def noticed(self, text: str) -> None:
        """What the person should know."""
        self.say("notice", text=text)

    def prepared(self, plan: Plan) -> None:
        """What will be done."""
        self.say(
            "plan",
            own=plan.own,
            own_held_out=plan.own_held_out,
            oxford=plan.oxford,
            oxford_held_out=plan.oxford_held_out,
            steps=plan.steps,
        )

    def stepped(self, report: StepReport) -> None:
        """A step."""
        self.say(
            "step",
            step=report.step,
            steps=report.steps,
            loss=_number(report.loss),
            accuracy=_number(report.accuracy),
            seconds_left=report.seconds_left,
            photos_per_second=report.photos_per_second,
        )

    def validated(self, report: EpochReport) -> None:
        """An epoch."""
        self.say("epoch", **report.to_dict())

    def resumed(self, epochs: list[EpochReport]) -> None:
        """An interrupted run goes on."""
        self.say("resumed", epochs=len(epochs), step=epochs[-1].step if epochs else 0)


def _number(value: float) -> float | None:
    return value if math.isfinite(value) else None
