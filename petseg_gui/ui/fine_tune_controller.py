"""Between the fine-tune panel and the services: starts, cancels, and adopts models."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from PySide6.QtCore import QObject, Signal

from petseg_gui.core.records import PhotoState
from petseg_gui.core.settings import Settings
from petseg_gui.services.messages import Offer
from petseg_gui.services.ports import Services
from petseg_gui.services.tasks import Task
from petseg_gui.ui.fine_tune_dialogs import FineTuneDialogs
from petseg_gui.ui.fine_tune_panel import FineTunePanel
from petseg_gui.ui.fine_tune_reports import OutcomeLike
from petseg_gui.ui.fine_tune_unfinished import UnfinishedRuns
from petseg_gui.ui.model_controller import ModelController
from petseg_gui.ui.review_controller import ReviewController

READ_ONLY = "Another window has this folder open. Fine-tune there, or close it first."
UNCHANGED = "The model in use has not changed."


class FineTuneController(QObject):
    """Carries intents from the panel to the worker and its reports back.

    Signals:
        changesWanted: list first the photos on which a new model and the one before differ most.
    """

    changesWanted = Signal()  # noqa: N815 - Qt's spelling of signals

    def __init__(
        self,
        services: Services,
        review: ReviewController,
        models: ModelController,
        panel: FineTunePanel,
        *,
        settings: Settings,
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self._services = services
        self._review = review
        self._models = models
        self._panel = panel
        self._settings = settings
        self._starting: Task | None = None
        self._run_settings: dict[str, Any] = {}
        self._known: dict[str, str] = {}
        self._continuing = False
        self._unfinished = UnfinishedRuns(services, review, panel, self)
        self._dialogs = FineTuneDialogs(services, review, panel, self)
        panel.set_settings(settings.finetune)
        self._connect_panel()
        self._connect_trainer()
        services.inference.modelLoaded.connect(lambda _model, device: panel.set_device(device))
        review.countsChanged.connect(self._counts_changed)
        review.folderOpened.connect(panel.clear_result)
        models.modelChanged.connect(self._model_changed)

    def _connect_panel(self) -> None:
        panel = self._panel
        panel.startRequested.connect(self._start)
        panel.pauseRequested.connect(self._services.finetuning.pause)
        panel.cancelRequested.connect(self._cancel)
        panel.run.continueRequested.connect(self._continue)
        panel.unfinished.goOnRequested.connect(self._go_on)
        panel.result.adoptRequested.connect(self._adopt)
        self._dialogs.adoptRequested.connect(self._adopt)

    def _connect_trainer(self) -> None:
        trainer, panel = self._services.finetuning, self._panel
        trainer.phase.connect(panel.show_phase)
        trainer.prepared.connect(panel.show_plan)
        trainer.stepped.connect(panel.show_step)
        trainer.validated.connect(panel.show_epoch)
        trainer.resumed.connect(panel.run.show_before)
        trainer.noticed.connect(self._noticed)
        trainer.paused.connect(panel.show_paused)
        trainer.finished.connect(self._finished)
        trainer.stopped.connect(self._stopped)
        trainer.cancelled.connect(self._cancelled)
        trainer.failed.connect(self._failed)

    def look_for_oxford_photos(self) -> None:
        """Find out, off the UI thread, whether the Oxford photos are on this computer."""
        ready = self._services.oxford_ready
        self._services.reader.run(
            lambda _state: ready(), self._panel.form.set_oxford_ready, priority=-20
        )

    # ------------------------------------------------------------------ labels

    def _counts_changed(self) -> None:
        self._panel.set_accepted(self._review.counts().accepted, self._review.held_out())
        project = self._review.project
        locked = project is not None and project.read_only
        self._panel.set_possible(project is not None and not locked, READ_ONLY if locked else "")
        if self._panel.running and self._starting is None and not self._continuing:
            known = self._known.items()
            self._panel.run.set_new_labels(len(self._accepted().items() - known))

    def _accepted(self) -> dict[str, str]:
        """When each accepted label was saved: one that was corrected since is new as well."""
        records = self._review.state.records
        return {name: records[name].saved for name in records.in_state(PhotoState.ACCEPTED)}

    # ------------------------------------------------------------------ a run begins

    def _start(self, settings: Mapping[str, Any]) -> None:
        if self._begin(settings, go_on=False):
            self._settings.finetune = self._panel.to_remember(settings)

    def _go_on(self) -> None:
        found = self._unfinished.found
        if found is not None:
            self._begin(found.settings, go_on=True)

    def _begin(self, settings: Mapping[str, Any], *, go_on: bool, keep: bool = False) -> bool:
        project = self._review.project
        if project is None or self._services.finetuning.running or self._starting is not None:
            return False
        model = self._services.models.in_use(project)
        self._run_settings = dict(settings)
        self._unfinished.forget()
        self._dialogs.close_report()
        self._panel.show_started(model.id, settings, keep=keep)
        # Labels whose save is under way belong to what the user accepted before Start.
        self._starting = self._services.writer.run(
            lambda _state: self._services.build_request(project, model, settings, go_on),
            self._built,
            self._could_not_start,
        )
        return True

    def _built(self, request: Any) -> None:
        self._starting = None
        self._known = self._accepted()
        self._services.finetuning.start(request)

    def _could_not_start(self, error: Exception) -> None:
        self._starting = None
        self._failed(f"Fine-tuning could not start: {error}")

    # ------------------------------------------------------------------ while it runs

    def _continue(self) -> None:
        if self._services.finetuning.running:
            self._continuing = True
            self._panel.show_ending("Taking the new labels in…")
            self._services.finetuning.interrupt()

    def _cancel(self) -> None:
        self._continuing = False
        if self._starting is None:
            self._services.finetuning.cancel()
        else:
            self._starting.cancel()
            self._starting = None
            self._cancelled()
            self._unfinished.look()  # one that was to be gone on with is still there

    def _noticed(self, text: str) -> None:
        if self._panel.run.add_notice(text):
            self._services.messages.warning(text)

    # ------------------------------------------------------------------ a run ends

    def _finished(self, outcome: OutcomeLike) -> None:
        self._end()
        self._panel.show_outcome(outcome)
        messages = self._services.messages
        if outcome.adopted:
            if not self._models.use(outcome.candidate):  # the person has been told why
                self._panel.result.show_in_use(self._review.model or "")
                return
            messages.info("Fine-tuning is done: the new model is in use.", self._offer())
        else:
            self._models.refresh()  # the candidate is kept: it can be chosen
            messages.info(
                "Fine-tuning is done: the previous model stays in use. The panel shows both."
                if outcome.sure
                else "Fine-tuning is done. Too few photos are kept aside to tell which model is "
                "better: look at both, and decide in the panel."
            )

    def _stopped(self) -> None:
        go_on = self._continuing
        self._end()
        if go_on and self._begin(self._run_settings, go_on=True, keep=True):
            return
        self._panel.show_interrupted()
        self._unfinished.look()

    def _cancelled(self) -> None:
        self._end()
        self._panel.show_stopped(f"You cancelled it. {UNCHANGED}")

    def _failed(self, reason: str) -> None:
        self._end()
        self._panel.show_stopped(f"{reason} {UNCHANGED}")
        self._services.messages.error(f"{reason} {UNCHANGED}")
        self._unfinished.look()  # what it had learnt may be there to go on with

    def _end(self) -> None:
        self._continuing = False
        self._settings.finetune = self._panel.to_remember(self._settings.finetune)

    # ------------------------------------------------------------------ models

    def _adopt(self, model_id: str) -> None:
        new = model_id == self._panel.result.candidate
        if model_id == self._review.model:
            self._model_changed(model_id)  # it stays: that was a decision as well
        elif self._models.use(model_id) and new:
            self._services.messages.info("The new model is in use.", self._offer())

    def _model_changed(self, model: str) -> None:
        self._panel.result.show_in_use(model)
        self._dialogs.show_in_use(model)
        self._unfinished.show()

    def _offer(self) -> Offer:
        return Offer("Show what changed most", self.changesWanted.emit)
