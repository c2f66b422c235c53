"""A fine-tune from labels to candidate, in the thread that calls it: no Qt in here."""

from __future__ import annotations

import random
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import closing
from typing import TYPE_CHECKING, Any, Protocol

import cv2
import numpy as np

from model import label_png
from model.settings import OWN, OXFORD, Command
from petseg_gui.core.disk import label_limit
from petseg_gui.core.photos import PhotoError, read_photo
from petseg_gui.core.records import AcceptedLabel
from petseg_gui.services.finetune_request import (
    FineTuneRequest,
    Outcome,
    Plan,
    Side,
    discard_unfinished,
    write_unfinished,
)

if TYPE_CHECKING:
    from model.data import Example, Source
    from model.finetune import Trained
    from model.gate import Row
    from model.labels import MaskArray
    from model.mixing import Photos

MAX_OXFORD_PHOTOS = 256
"""Oxford photos kept in memory for a run (0.4 MB each): enough for hundreds of steps."""
MAX_HELD_OUT = 24
"""Photos of each group that are looked at after every epoch, and Oxford's in the comparison."""
# The share and seed with which the starter weights' own validation photos were held out: a
# photo that the starter has trained on would flatter the incumbent.
_OXFORD_HELD_OUT_SHARE = 0.1
_OXFORD_SPLIT_SEED = 0
_SIDE_PIXELS = 224
_SIDES = {OWN: 24, OXFORD: 8}
_NAMED = 3
_POLL_S = 0.1

GROUP_NAMES = {OWN: "Your photos", OXFORD: "Oxford photos"}


class RunFailedError(Exception):
    """The run cannot go on; the text is for the user."""


class JobObserver(Protocol):
    """Who hears of a job: :class:`model.finetune.Observer`, and what happens around the steps."""

    def command(self) -> Command: ...  # noqa: D102 - see model.finetune.Observer
    def stepped(self, report: Any) -> None: ...  # noqa: D102
    def validated(self, report: Any) -> None: ...  # noqa: D102
    def resumed(self, epochs: Any) -> None: ...  # noqa: D102
    def noticed(self, text: str) -> None: ...  # noqa: D102

    def phase(self, text: str) -> None:
        """Something else is being done now; ``text`` says what."""

    def prepared(self, plan: Plan) -> None:
        """The first step comes next."""


def run(request: FineTuneRequest, observer: JobObserver) -> Outcome:
    """Do what is asked; TensorFlow must have been loaded (:mod:`model.device`).

    The candidate is kept in the registry whatever comes of the comparison; bringing it into use
    is the caller's.

    Raises:
        RunFailedError, model.finetune.FineTuneError, model.data.DataError,
        model.weights.ModelFileError, OSError, MemoryError: it cannot go on; the model in use is
            as it was.
        model.finetune.FineTuneCancelledError: the observer asked to stop.
    """
    from model import weights
    from model.finetune import finetune, gather, stored_size

    settings = request.settings
    if not request.go_on:
        discard_unfinished(request.registry.folder)
    network = weights.read_card(request.model.path).network
    size = int(network.get("input_size", 256))
    data = _Data(request, observer)
    observer.phase("Reading the photos…")
    own = gather(data.own(), stored_size(size), observer)
    mixed = gather(data.oxford(), stored_size(size), observer)
    checks = {
        group: gather(_first(examples, MAX_HELD_OUT), size, observer)
        for group, examples in data.held_out().items()
    }
    data.tell_left_out()
    if not len(own):
        raise RunFailedError(
            "There is no accepted label left to learn from: accept a few photos first."
        )
    steps = settings.steps_per_epoch(len(own)) * settings.epochs
    write_unfinished(request, [label.name for label in data.train])
    observer.prepared(
        Plan(
            own=len(own),
            own_held_out=len(data.own_held_out),
            oxford=len(mixed),
            oxford_held_out=len(data.oxford_held_out),
            steps=steps,
            previews=_previews(checks),
        )
    )
    observer.phase("Training…")
    trained = finetune(
        request.model.path,
        own,
        oxford=mixed,
        held_out=checks,
        settings=settings,
        observer=observer,
        state=request.state,
    )
    return _compared(request, observer, data, trained, len(mixed))


def _compared(
    request: FineTuneRequest,
    observer: JobObserver,
    data: _Data,
    trained: Trained,
    oxford: int,
) -> Outcome:
    from model.device import collect_garbage
    from model.finetune import raise_if_ended
    from model.gate import compare, decide
    from model.graphs import take_model_apart
    from model.predict import Predictor, Variant

    observer.phase("Comparing with the model in use…")
    small = _Small()
    path = request.model.path
    learned = {variable.path: np.asarray(variable) for variable in trained.model.weights}
    take_model_apart(trained.model)
    collect_garbage()  # now and at the end: half as long each time
    # As it will be used: in float32, whatever the precision of the training was.
    with closing(Predictor.load(path)) as predictor:
        known = {variable.path: np.asarray(variable).copy() for variable in predictor.model.weights}
        incumbent, candidate = (Variant(predictor, x, path) for x in (known, learned))
        rows = compare(
            incumbent,
            candidate,
            data.held_out(),
            check=lambda: raise_if_ended(observer),
            on_photo=small.keep,
        )
        data.tell_left_out()
        verdict = decide(rows)
        about = {
            "settings": request.settings.to_dict(),
            "own_photos": [label.name for label in data.train],
            "held_out_photos": [label.name for label in data.own_held_out],
            "oxford_photos": oxford,
            "comparison": [row.to_dict() for row in rows],
            "history": trained.history,
            "steps": trained.steps,
            "best_epoch": trained.best_epoch,
            "adopted": verdict.adopt,
        }
        version = request.registry.add(candidate.use(), request.model.id, about)
    discard_unfinished(request.registry.folder)
    return Outcome(
        version,
        verdict.adopt,
        verdict.reason,
        [row.named(GROUP_NAMES) for row in rows],
        sure=verdict.sure,
        sides=small.chosen(rows),
        steps=trained.steps,
        epochs=trained.epochs,
        best_epoch=trained.best_epoch,
    )


class _Data:
    """The photos of a run, read when they are asked for: at their own sizes they are large."""

    def __init__(self, request: FineTuneRequest, observer: JobObserver) -> None:
        self._observer = observer
        self.train = [label for label in request.labels if not label.held_out]
        # A prediction that was accepted as it was agrees with the model that made it to the
        # pixel: it would measure nothing but likeness to that model.
        self.own_held_out = [x for x in request.labels if x.held_out and x.corrected]
        self._left_out: dict[str, str] = {}  # by photo, why; told ones lose their text
        self._source, self._oxford, self.oxford_held_out = _oxford(request, len(self.train))

    def own(self) -> Iterator[Example]:
        """Corrected photos to train on; what cannot be used is left out and noted."""
        return self._usable(self.train)

    def oxford(self) -> Iterator[Example]:
        """Oxford photos to mix in."""
        return self._source.examples(self._oxford) if self._source else iter(())

    def held_out(self) -> dict[str, Iterator[Example]]:
        """Photos that measure, by group."""
        source = self._source
        return {
            OWN: self._usable(self.own_held_out),
            OXFORD: source.examples(self.oxford_held_out) if source else iter(()),
        }

    def tell_left_out(self) -> None:
        """Say of each photo once that it was left out, and take it from the lists."""
        reasons = [reason for reason in self._left_out.values() if reason]
        if not reasons:
            return
        self._left_out = dict.fromkeys(self._left_out, "")
        more = f" And {len(reasons) - _NAMED} more." if len(reasons) > _NAMED else ""
        self._observer.noticed(" ".join(reasons[:_NAMED]) + more)
        self.train = [label for label in self.train if label.name not in self._left_out]
        self.own_held_out = [x for x in self.own_held_out if x.name not in self._left_out]

    def _usable(self, labels: Sequence[AcceptedLabel]) -> Iterator[Example]:
        for label in labels:
            try:
                yield _example(label)
            except RunFailedError as error:
                self._left_out.setdefault(label.name, str(error))


def _example(label: AcceptedLabel) -> Example:
    """A corrected photo with its label.

    Raises:
        RunFailedError: one of them cannot be read, or their sizes differ.
    """
    from model.data import Example

    try:
        photo = read_photo(label.photo)
    except PhotoError as error:
        raise RunFailedError(f"{label.name} is left out: {error}") from error
    try:
        mask = label_png.read(label.label, max_pixels=label_limit())
    except (OSError, label_png.LabelFileError) as error:
        raise RunFailedError(
            f"{label.name} is left out: its label cannot be read ({error}). Open the photo and "
            "accept it again."
        ) from error
    if mask.shape != photo.shape[:2]:
        raise RunFailedError(
            f"{label.name} is left out: its label has {mask.shape[1]}×{mask.shape[0]} pixels, the "
            f"photo {photo.shape[1]}×{photo.shape[0]}. Open the photo and accept it again."
        )
    # By its whole name: two photos may share a stem.
    return Example(label.name, photo, mask)


def _first(examples: Iterator[Example], count: int) -> Iterator[Example]:
    for _place, example in zip(range(count), examples, strict=False):
        yield example


def _oxford(request: FineTuneRequest, own: int) -> tuple[Source | None, list[str], list[str]]:
    """Source, ids to mix in, ids to measure with."""
    from model.data import TfdsSource, split_ids

    if request.oxford == "none":
        return None, [], []
    source = TfdsSource("train", download=False)
    train, held_out = split_ids(source.ids(), _OXFORD_HELD_OUT_SHARE, _OXFORD_SPLIT_SEED)
    draw = random.Random(request.settings.seed)
    wanted = min(request.settings.oxford_wanted(own), MAX_OXFORD_PHOTOS, len(train))
    return (
        source,
        draw.sample(train, wanted),
        draw.sample(held_out, min(MAX_HELD_OUT, len(held_out))),
    )


def _previews(checks: Mapping[str, Photos]) -> dict[str, list[Any]]:
    from model.training_step import PREVIEWS

    return {name: list(group.photos[:PREVIEWS]) for name, group in checks.items() if len(group)}


class _Small:
    """Photos of the comparison, small enough to keep until it is known which ones matter."""

    def __init__(self) -> None:
        self._sides: dict[tuple[str, str], tuple[Any, ...]] = {}

    def keep(self, group: str, example: Example, before: MaskArray, after: MaskArray) -> None:
        """Take a photo with its label and both predictions."""
        height, width = example.mask.shape
        scale = min(1.0, _SIDE_PIXELS / max(height, width))
        size = max(1, round(width * scale)), max(1, round(height * scale))
        masks = [
            cv2.resize(mask, size, interpolation=cv2.INTER_NEAREST)
            for mask in (example.mask, before, after)
        ]
        photo = cv2.resize(example.photo, size, interpolation=cv2.INTER_AREA)
        self._sides[group, example.id] = (photo, *masks)

    def chosen(self, rows: Sequence[Row]) -> list[Side]:
        """The photos that changed most in each group, the worse ones first."""
        found = []
        for row in rows:
            known = [score for score in row.scores if score.change == score.change]
            known.sort(key=lambda score: -abs(score.change))
            for score in sorted(known[: _SIDES[row.where]], key=lambda score: score.change):
                arrays = self._sides[row.where, score.id]
                found.append(Side(row.where, score.id, score.old, score.new, *arrays))
        return found


def download_oxford(
    phase: Callable[[str], None], command: Callable[[], Command], wait: Callable[[float], object]
) -> None:
    """Let a process of its own download the Oxford photos: it can be stopped at any time.

    Args:
        phase: told what is done.
        command: asked ten times a second whether to stop.
        wait: waits so many seconds, or until there is a new command.

    Raises:
        RunFailedError: they could not be downloaded, or it was stopped.
    """
    from model.oxford import DOWNLOAD_SIZE, is_present

    if is_present():
        return
    phase(f"Downloading the Oxford photos ({DOWNLOAD_SIZE})…")
    program = [sys.executable, "-m", "petseg_gui", "data", "download"]
    ended = False
    with subprocess.Popen(  # noqa: S603 - our own program
        program, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True
    ) as process:
        output: list[str] = []
        assert process.stderr is not None
        # The pipe must be emptied while the process runs, or it stops when it is full.
        reader = threading.Thread(target=output.extend, args=(process.stderr,), daemon=True)
        reader.start()
        while process.poll() is None:
            wait(_POLL_S)
            if command() in (Command.STOP, Command.CANCEL):
                ended = True
                process.kill()
        reader.join()
    if ended:
        raise RunFailedError("stopped")
    if process.returncode:
        last = next((line.strip() for line in reversed(output) if line.strip()), "no reason")
        raise RunFailedError(
            f"The Oxford photos could not be downloaded: {last.removeprefix('petseg: ')}"
        )
