"""Fine-tuning: a copy of a model learns from corrected labels mixed with Oxford photos.

Every batch holds the chosen share of Oxford photos, so that the network does not forget what
it knew.  The caller's thread does the work; an :class:`Observer` hears of every step, and can
have it wait or stop within one.  With a folder for its state, a run goes on where it was when
the program ended, in whatever way that happened.
"""

from __future__ import annotations

import hashlib
import math
import time
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

import keras
import numpy as np
import tensorflow as tf

from model import run_state, weights
from model.augment import PHOTOS, Augmentation
from model.data import Example
from model.mixing import Mixer, Photos
from model.precision import best_policy
from model.run_state import Progress, RunStateError
from model.settings import Command, EpochReport, FineTuneSettings, StepReport
from model.training_step import Check, Network, Tally

OutOfMemoryError: type[Exception] = tf.errors.ResourceExhaustedError
CHECKPOINT_STEPS = 25
"""The state is written after so many steps, and after every epoch."""
# Photos are kept at this multiple of the network's size, so that a cut-out window stays sharp.
_STORED_SCALE = 1.25
_PAUSE_S = 0.05


class FineTuneCancelledError(Exception):
    """The observer asked to stop; with :attr:`Command.STOP`, the state is on disk."""


class FineTuneError(Exception):
    """A run that cannot go on; the message says why and what to do."""


class Observer(Protocol):
    """Who hears of the run, from the thread that trains."""

    def command(self) -> Command:
        """What to do; asked before every step, and between photos."""
        ...

    def stepped(self, report: StepReport) -> None:
        """A step was trained."""
        ...

    def validated(self, report: EpochReport) -> None:
        """An epoch ended; epoch 0 is the model as it was."""
        ...

    def resumed(self, epochs: list[EpochReport]) -> None:
        """It goes on with an interrupted run, whose epochs were these."""
        ...

    def noticed(self, text: str) -> None:
        """Something that the person should know, in a sentence or two; the run goes on."""
        ...


@dataclass(frozen=True, slots=True)
class Trained:
    """What a run came to.

    Attributes:
        model: the copy, with the weights of its best epoch.
        best_epoch: which one that was; the last one when no photo was held out.
        epochs: how many there were.
        steps: how many there were.
        history: an :meth:`EpochReport.to_dict` per epoch, the one before the first included.
    """

    model: keras.Model
    best_epoch: int
    epochs: int
    steps: int
    history: list[dict[str, Any]]


def raise_if_ended(observer: Observer) -> None:
    """Leave off when the observer asks for it.

    Raises:
        FineTuneCancelledError: it does.
    """
    if observer.command() in (Command.STOP, Command.CANCEL):
        raise FineTuneCancelledError


def gather(examples: Iterable[Example], size: int, observer: Observer) -> Photos:
    """Read and resize examples, asking the observer between photos.

    Args:
        examples: photos with masks, at their own sizes.
        size: in pixels.
        observer: may end it.

    Raises:
        FineTuneCancelledError: the observer asked to stop.
    """

    def asking() -> Iterable[Example]:
        for example in examples:
            raise_if_ended(observer)
            yield example

    return Photos.of(asking(), size)


def stored_size(input_size: int) -> int:
    """The size at which training photos are kept for a network of this input size."""
    return round(input_size * _STORED_SCALE)


def finetune(
    incumbent: Path,
    own: Photos,
    *,
    oxford: Photos,
    held_out: Mapping[str, Photos],
    settings: FineTuneSettings,
    observer: Observer,
    state: Path | None = None,
    augmentation: Augmentation = PHOTOS,
    policy: str | None = None,
) -> Trained:
    """Train a copy of a model; the model itself is only read.

    Args:
        incumbent: file of the model to start from.
        own: corrected photos to train on, at :func:`stored_size`; at least one.
        oxford: Oxford photos to mix in, at the same size; empty for none.
        held_out: photos to measure after each epoch, by group, at the network's size.
        settings: what the person chose.
        observer: hears of every step and may pause or end the run.
        state: folder for the run's state; what is there of a run from the same model is gone on
            with, else a new one begins.  None: nothing is kept.
        augmentation: what may be changed in a photo.
        policy: Keras's, of the precision; None: what is fastest on this device.

    Raises:
        FineTuneCancelledError: the observer asked to stop.
        FineTuneError: no photo to train on, or the loss is no longer a number.
        model.weights.ModelFileError: the incumbent cannot be read.
        OSError: the state could not be written.
        OutOfMemoryError, MemoryError: not even one photo at a time fits.
    """
    if not len(own):
        raise FineTuneError("There is no accepted label to learn from: accept a few photos first.")
    keras.utils.set_random_seed(settings.seed)
    model = weights.load(
        incumbent,
        freeze_encoder=settings.freeze_encoder,
        policy=policy or best_policy(),
    )
    per_epoch = settings.steps_per_epoch(len(own))
    network = Network(model, settings, per_epoch, augmentation)
    mixer = Mixer(own, oxford, settings.seed)
    steps = (per_epoch, per_epoch * settings.epochs)
    run = _Run(network, mixer, held_out, settings, observer, steps=steps, folder=state)
    try:
        run.restore(hashlib.sha256(incumbent.read_bytes()).hexdigest())
        return run.to_its_end()
    finally:
        network.close()


class _Run:
    """One run, from its beginning or from a state on disk."""

    def __init__(
        self,
        network: Network,
        mixer: Mixer,
        held_out: Mapping[str, Photos],
        settings: FineTuneSettings,
        observer: Observer,
        *,
        steps: tuple[int, int],
        folder: Path | None,
    ) -> None:
        self._network = network
        self._settings = settings
        self._observer = observer
        self._folder = folder
        self._mixer = mixer
        oxford = settings.oxford_per_batch() if mixer.has_oxford else 0
        self._share = oxford / settings.batch_size
        self._per_epoch, self._steps = steps
        self._check = Check(network, {name: p for name, p in held_out.items() if len(p)})
        self._progress = Progress("", held_out=self._check.digest(), batch_size=settings.batch_size)
        self._best: dict[str, Any] | None = None
        self._timed: tuple[int, float] | None = None
        self._tally = Tally()

    # ------------------------------------------------------------------ state on disk

    def restore(self, incumbent: str) -> None:
        """Take up what is on disk, if it is a run from the same model."""
        self._progress.incumbent = incumbent
        if self._folder is None:
            return
        shapes = self._network.shapes(optimizer=True)
        try:
            found = run_state.read(self._folder / run_state.STATE_NAME, shapes)
            if found is None or found[1].incumbent != incumbent:
                run_state.discard(self._folder)
                return
            arrays, progress = found
            epochs = _epochs(progress)
            if progress.held_out != self._progress.held_out:
                # Others measure from now on: scores of before say nothing beside theirs.
                progress.held_out = self._progress.held_out
                progress.best_epoch = progress.best_score = None
            if progress.best_epoch is not None:
                shapes = self._network.shapes(optimizer=False)
                best = run_state.read(self._folder / run_state.BEST_NAME, shapes)
                if best is None:
                    raise RunStateError("the weights of its best round are gone")
                self._best = best[0]
        except RunStateError as error:
            run_state.discard(self._folder)
            self._observer.noticed(
                f"What was kept of the interrupted run cannot be used ({error}). It begins anew."
            )
            return
        self._network.set_state(arrays)
        self._progress = progress
        self._mixer.own.drawn, self._mixer.oxford.drawn = progress.own_drawn, progress.oxford_drawn
        self._observer.resumed(epochs)

    def _save(self) -> None:
        if self._folder is None:
            return
        self._progress.own_drawn = self._mixer.own.drawn
        self._progress.oxford_drawn = self._mixer.oxford.drawn
        run_state.write(self._folder / run_state.STATE_NAME, self._network.state(), self._progress)

    # ------------------------------------------------------------------ the run

    def to_its_end(self) -> Trained:
        """Train until the last step, or until nothing gets better."""
        progress = self._progress
        while True:
            if self._is_unmeasured():
                self._validate(len(progress.history))
            if progress.step >= self._steps or self._is_stale():
                break
            self._obey()
            self._train_one()
            if progress.step % CHECKPOINT_STEPS == 0:
                self._save()
        if self._best is not None:
            self._network.set_learned(self._best)
        epochs = len(progress.history) - 1
        best = epochs if progress.best_epoch is None else progress.best_epoch
        return Trained(self._network.model, best, epochs, progress.step, list(progress.history))

    def _is_unmeasured(self) -> bool:
        """Whether an epoch has ended that nobody has looked at, or nothing has begun."""
        history, step = self._progress.history, self._progress.step
        return not history or (step % self._per_epoch == 0 and history[-1]["step"] != step)

    def _is_stale(self) -> bool:
        best, patience = self._progress.best_epoch, self._settings.patience
        if best is None or not patience:
            return False
        return len(self._progress.history) - 1 - best >= patience

    def _obey(self) -> None:
        command = self._observer.command()
        if command is Command.PAUSE:
            self._save()
            self._timed = None
            while (command := self._observer.command()) is Command.PAUSE:
                time.sleep(_PAUSE_S)
        if command is Command.STOP:
            self._save()
        if command in (Command.STOP, Command.CANCEL):
            raise FineTuneCancelledError

    def _train_one(self) -> None:
        progress = self._progress
        while True:
            theirs = min(round(progress.batch_size * self._share), progress.batch_size - 1)
            mine = progress.batch_size - theirs
            drawn = self._mixer.own.drawn, self._mixer.oxford.drawn
            photos, masks = self._mixer.batch(mine, theirs)
            try:
                found = self._network.train(photos, masks, mine, progress.step)
                break
            except (OutOfMemoryError, MemoryError):
                if progress.batch_size == 1:
                    raise
                # The same photos come again, in smaller helpings.
                self._mixer.own.drawn, self._mixer.oxford.drawn = drawn
                progress.batch_size //= 2
                self._observer.noticed(
                    "The memory is not enough for so many photos at a time: it goes on with "
                    f"{progress.batch_size} per step."
                )
        if not math.isfinite(found.loss):
            raise FineTuneError(
                "The training loss is no longer a number: try a smaller learning rate. The model "
                "in use is as it was."
            )
        if progress.step % self._per_epoch == 0:
            self._tally = Tally()
        self._tally.add(found)
        progress.step += 1
        self._observer.stepped(self._report())

    def _report(self) -> StepReport:
        step, now = self._progress.step, time.monotonic()
        if self._timed is None:  # the first step traced and compiled the network
            self._timed = (step, now)
        began, since = self._timed
        each = (now - since) / (step - began) if step > began else None
        return StepReport(
            step=step,
            steps=self._steps,
            epoch=(step - 1) // self._per_epoch + 1,
            epochs=self._settings.epochs,
            loss=self._tally.loss,
            accuracy=self._tally.accuracy,
            seconds_left=None if each is None else each * (self._steps - step),
            photos_per_second=None if not each else self._progress.batch_size / each,
            groups=self._tally.groups(),
        )

    def _validate(self, epoch: int) -> None:
        progress = self._progress
        scores, previews = self._check.measure(self._obey)
        total = Tally.of(scores)
        # The mean over the groups: few photos of one's own count as much as many of Oxford's.
        score = float(np.mean([s.loss for s in scores.values()])) if scores else None
        best = (
            score is not None
            and epoch > 0
            and (progress.best_score is None or score < progress.best_score)
        )
        report = EpochReport(
            epoch=epoch,
            step=progress.step,
            loss=self._tally.loss,
            accuracy=self._tally.accuracy,
            val_loss=total.loss if scores else None,
            val_accuracy=total.accuracy if scores else None,
            train=self._tally.groups(),
            held_out=scores,
            best=best,
            previews=previews,
        )
        progress.history.append(report.to_dict())
        if best:
            progress.best_epoch, progress.best_score = epoch, score
            self._best = self._network.learned()
            if self._folder is not None:
                run_state.write(self._folder / run_state.BEST_NAME, self._best, progress)
        if epoch:
            self._save()
        self._observer.validated(report)


def _epochs(progress: Progress) -> list[EpochReport]:
    try:
        return [EpochReport.from_dict(values) for values in progress.history]
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise RunStateError("its curves are damaged") from error
