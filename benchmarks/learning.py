"""What a person's corrections teach the model about a kind of pet that it has never seen.

    python benchmarks/learning.py [--base FILE] [--labels 5 10 20 40] [--presets quick thorough]
                                  [--photos 100] [--draw learning.png]

A base model is trained on cats alone (``--base`` keeps it for the next time).  Then a person
opens a folder of dogs and accepts 5, 10, 20 and 40 true labels: a real project, of which some
labels are held out, fine-tuned as the program does it, with Oxford photos of cats mixed in.
Measured are other photos of dogs, and photos of cats, that nobody trained on, at their own size.

Beside the presets, with 20 labels and the Quick one:

- ``without_replay``: no Oxford photos are mixed in.  What is forgotten?
- ``spoiled_labels``: every label is another photo's.  Does the gate refuse?

Limits, for 20 labels and Quick: the error on dogs (1 - pet IoU) falls by a third, cats lose at
most 1 point of pet IoU; the gate refuses spoiled labels.
"""

from __future__ import annotations

import argparse
import json
import os
import tempfile
import time
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from _kinds import KindSource, make_base
from _support import isolate, report

if TYPE_CHECKING:
    from collections.abc import Sequence

    from model.data import Example

OLD, NEW = "cats", "dogs"
BASE_EPOCHS = 16
REPLAY_LABELS = 20
LIMITS = {"error_on_new_kind_falls_by": 1 / 3, "old_kind_loses_at_most": 0.01}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--base", type=Path, help="run folder of the base; made when it is absent")
    parser.add_argument("--labels", type=int, nargs="+", default=[5, 10, 20, 40])
    parser.add_argument("--presets", nargs="+", default=["quick", "thorough"])
    parser.add_argument("--photos", type=int, default=100, help="of each kind to measure on")
    parser.add_argument("--set", nargs="*", default=[], metavar="FIELD=VALUE", help="of settings")
    parser.add_argument("--only", nargs="+", choices=("curve", "replay", "spoiled"))
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--draw", type=Path, help="PNG of the learning curve")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        work = Path(name)
        isolate(work)
        bench = Bench(work, arguments)
        only = arguments.only or ("curve", "replay", "spoiled")
        results: dict[str, Any] = {"base": bench.before}
        if "curve" in only:
            results["curve"] = [
                bench.run(labels, preset)
                for preset in arguments.presets
                for labels in arguments.labels
            ]
        if "replay" in only:
            results["without_replay"] = bench.run(REPLAY_LABELS, "quick", oxford="none")
        if "spoiled" in only:
            results["spoiled_labels"] = bench.run(REPLAY_LABELS, "quick", spoiled=True)
    if arguments.draw and "curve" in results:
        draw(results, arguments.draw)
    report("learning", old_kind=OLD, new_kind=NEW, **results, limits=LIMITS)


@dataclass(frozen=True, slots=True)
class Measured:
    """How well a model finds pets of one kind."""

    pet_iou: float
    mean_iou: float

    def to_dict(self) -> dict[str, float]:
        """For JSON."""
        return {"pet_iou": round(self.pet_iou, 4), "mean_iou": round(self.mean_iou, 4)}


class Bench:
    """The base model, the photos, and what is done with them."""

    def __init__(self, work: Path, arguments: argparse.Namespace) -> None:
        from model import data
        from model.data import TfdsSource

        self._work = work
        self._arguments = arguments
        self._runs = 0
        self._base = make_base(OLD, BASE_EPOCHS, arguments.base or work / "base")
        test = TfdsSource("test", download=False)
        self._tests = {kind: _some(test, kind, arguments.photos) for kind in (OLD, NEW)}
        train = TfdsSource("train", download=False)
        dogs = KindSource(train, NEW)
        draw_order = np.random.default_rng(arguments.seed).permutation(len(dogs.ids()))
        ids = [dogs.ids()[i] for i in draw_order[: max(*arguments.labels, REPLAY_LABELS)]]
        by_id = {example.id: example for example in dogs.examples(ids)}
        self._labelled = [by_id[name] for name in ids]
        # What the program mixes in is Oxford's, but of the kind that the base knows.
        data.TfdsSource = lambda split, download: KindSource(train, OLD)  # type: ignore[assignment, misc]
        self._model = self._measure(self._base)
        self.before = {kind: found.to_dict() for kind, found in self._model.items()}

    def _measure(self, model: Path) -> dict[str, Measured]:
        from model.evaluate import evaluate
        from model.metrics import Scores
        from model.predict import Predictor

        predictor = Predictor.load(model)
        found = {}
        for kind, examples in self._tests.items():
            evaluation = evaluate(predictor, examples)
            found[kind] = Measured(
                float(np.nanmean(list(evaluation.pet_iou.values()))),
                Scores.from_confusion(evaluation.at_photo_size).mean_iou,
            )
        return found

    def run(
        self, labels: int, preset: str, *, oxford: str = "local", spoiled: bool = False
    ) -> dict[str, Any]:
        """Accept labels, fine-tune, measure."""
        from model.registry import Registry
        from model.settings import PRESETS
        from petseg_gui.core.store import Project
        from petseg_gui.services import finetune_job
        from petseg_gui.services.finetune_request import build_request
        from petseg_gui.services.ports import ModelRef

        self._runs += 1
        folder = self._work / f"folder-{self._runs}"
        _accept(folder, self._labelled[:labels], spoiled)
        settings = replace(PRESETS[preset], **_fields(self._arguments.set))
        if oxford == "none":
            settings = replace(settings, oxford_share=0.0)
        project = Project.open(folder)
        registry = Registry(project.models_dir, self._base)
        request = build_request(
            project,
            registry,
            ModelRef(registry.starter_id, self._base),
            {**settings.to_dict(), "oxford": oxford},
        )
        watch = Watch()
        began = time.monotonic()
        outcome = finetune_job.run(request, watch)
        seconds = time.monotonic() - began
        project.close()
        after = self._measure(registry.path(outcome.candidate))
        error = {kind: 1 - found.pet_iou for kind, found in self._model.items()}
        return {
            "labels": labels,
            "held_out": sum(label.held_out for label in request.labels),
            "preset": preset,
            "seconds": round(seconds, 1),
            "photos_per_second": round(watch.photos_per_second, 2),
            "steps": outcome.steps,
            "best_epoch": outcome.best_epoch,
            **{kind: found.to_dict() for kind, found in after.items()},
            "error_on_new_kind_falls_by": round(1 - (1 - after[NEW].pet_iou) / error[NEW], 3),
            "old_kind_loses": round(self._model[OLD].pet_iou - after[OLD].pet_iou, 4),
            "gate": {"adopt": outcome.adopted, "sure": outcome.sure, "reason": outcome.reason},
        }


class Watch:
    """The job's observer: notes how fast it goes."""

    photos_per_second = 0.0

    def command(self) -> Any:
        """Go on."""
        from model.settings import Command

        return Command.GO

    def stepped(self, report: Any) -> None:
        """Note the speed."""
        self.photos_per_second = report.photos_per_second or 0.0

    def validated(self, report: Any) -> None:
        """Say how it goes, for whoever waits."""
        import sys

        text = {name: round(score.pet_iou, 4) for name, score in report.held_out.items()}
        print(report.epoch, report.step, text, report.best, file=sys.stderr)

    def resumed(self, epochs: Any) -> None:
        """Every run here begins anew."""

    def noticed(self, text: str) -> None:
        """Nothing is expected to go wrong."""
        raise SystemExit(text)

    def phase(self, text: str) -> None:
        """Of no interest."""

    def prepared(self, plan: Any) -> None:
        """Of no interest."""


def _some(source: Any, kind: str, count: int) -> list[Example]:
    of_kind = KindSource(source, kind)
    return list(of_kind.examples(of_kind.ids()[:count]))


def _fields(pairs: Sequence[str]) -> dict[str, Any]:
    return {name: json.loads(value) for name, _, value in (pair.partition("=") for pair in pairs)}


def _accept(folder: Path, examples: Sequence[Example], spoiled: bool) -> None:
    """Make a folder of photos and accept their true labels, or each other's."""
    from PIL import Image

    from model.resize import resize_mask
    from petseg_gui.core.records import Provenance
    from petseg_gui.core.store import Project

    folder.mkdir()
    for example in examples:
        Image.fromarray(example.photo).save(folder / f"{example.id}.png", compress_level=1)
    project = Project.open(folder)
    for place, example in enumerate(examples):
        mask = example.mask
        if spoiled:
            other = examples[(place + len(examples) // 2) % len(examples)].mask
            square = resize_mask(other, max(mask.shape))
            mask = np.asarray(Image.fromarray(square).resize(mask.shape[::-1], 0))
        project.save_label(f"{example.id}.png", mask, Provenance("base", 1), accept=True)
    project.close()


def draw(results: dict[str, Any], path: Path) -> None:
    """The learning curve: error on the new kind and on the old one, by number of labels."""
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    figure = Figure(figsize=(9, 3.8), layout="constrained")
    FigureCanvasAgg(figure)
    styles = {"quick": ("o-", "#0072B2"), "thorough": ("s--", "#D55E00")}
    for axes, kind, title in zip(
        figure.subplots(1, 2), (NEW, OLD), ("New kind (dogs)", "Old kind (cats)"), strict=True
    ):
        base = 1 - results["base"][kind]["pet_iou"]
        for preset in dict.fromkeys(row["preset"] for row in results["curve"]):
            rows = [row for row in results["curve"] if row["preset"] == preset]
            marker, colour = styles.get(preset, ("^:", "#009E73"))
            axes.plot(
                [0, *(row["labels"] for row in rows)],
                [base, *(1 - row[kind]["pet_iou"] for row in rows)],
                marker,
                color=colour,
                label=preset.capitalize(),
            )
        axes.set(title=title, xlabel="Accepted labels", ylabel="Error (1 - pet IoU)")
        axes.set_ylim(bottom=0)
        axes.grid(alpha=0.3)
        axes.legend(loc="lower left")
    path.parent.mkdir(parents=True, exist_ok=True)
    figure.savefig(path, dpi=100)


if __name__ == "__main__":
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")
    main()
