"""Between the fine-tune panel and the services: starts, cancels, and adopts models."""

from __future__ import annotations

from typing import Any

from PySide6.QtCore import QObject, Signal

from petseg_gui.services.ports import Services
from petseg_gui.services.tasks import Task
from petseg_gui.ui.fine_tune_panel import FineTunePanel
from petseg_gui.ui.fine_tune_reports import OutcomeLike
from petseg_gui.ui.model_controller import ModelController
from petseg_gui.ui.review_controller import ReviewController

READ_ONLY = "Another window has this folder open. Fine-tune there, or close it first."


class FineTuneController(QObject):
    """Carries intents from the panel to the worker and its reports back.

    Signals:
        settingsUsed: the settings dict that a fine-tune was started with, to be remembered.
    """

    settingsUsed = Signal(object)  # noqa: N815 - Qt's spelling of signals

    def __init__(
        self,
        services: Services,
        review: ReviewController,
        models: ModelController,
        panel: FineTunePanel,
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self._services = services
        self._review = review
        self._models = models
        self._panel = panel
        self._starting: Task | None = None
        panel.startRequested.connect(self._start)
        panel.cancelRequested.connect(self._cancel)
        panel.adoptRequested.connect(self._adopt)
        trainer = services.finetuning
        trainer.phase.connect(panel.show_phase)
        trainer.stepped.connect(panel.show_step)
        trainer.validated.connect(panel.show_epoch)
        trainer.finished.connect(self._finished)
        trainer.cancelled.connect(self._cancelled)
        trainer.failed.connect(self._failed)
        review.countsChanged.connect(self._counts_changed)
        review.folderOpened.connect(panel.clear_result)
        models.modelChanged.connect(panel.show_in_use)

    def look_for_oxford_photos(self) -> None:
        """Find out, off the UI thread, whether the Oxford photos are on this computer."""
        ready = self._services.oxford_ready
        self._services.reader.run(
            lambda _state: ready(), self._panel.form.set_oxford_ready, priority=-20
        )

    def _counts_changed(self) -> None:
        self._panel.set_accepted(self._review.counts().accepted, self._review.held_out())
        project = self._review.project
        locked = project is not None and project.read_only
        self._panel.set_possible(project is not None and not locked, READ_ONLY if locked else "")

    def _start(self, settings: dict[str, Any]) -> None:
        project = self._review.project
        if project is None or self._services.finetuning.running:
            return
        model = self._services.models.in_use(project)
        self._panel.show_started(model.id)
        self.settingsUsed.emit(settings)
        # Labels whose save is under way belong to what the user accepted before Start.
        self._starting = self._services.writer.run(
            lambda _state: self._services.build_request(project, model, settings),
            self._begin,
            self._could_not_start,
        )

    def _begin(self, request: Any) -> None:
        self._starting = None
        self._services.finetuning.start(request)

    def _cancel(self) -> None:
        if self._starting is None:
            self._services.finetuning.cancel()
        else:
            self._starting.cancel()
            self._starting = None
            self._cancelled()

    def _could_not_start(self, error: Exception) -> None:
        self._starting = None
        self._failed(f"Fine-tuning could not start: {error}")

    def _finished(self, outcome: OutcomeLike) -> None:
        self._panel.show_outcome(outcome)
        if outcome.adopted:
            if self._models.use(outcome.candidate):
                self._services.messages.info("Fine-tuning is done: the new model is in use.")
        else:
            self._models.refresh()  # the candidate is kept: it can be chosen
            self._services.messages.info(
                "Fine-tuning is done: the previous model stays in use. The panel shows both."
            )

    def _cancelled(self) -> None:
        self._panel.show_stopped("You cancelled it. The model in use has not changed.")

    def _failed(self, reason: str) -> None:
        self._panel.show_stopped(f"{reason} The model in use has not changed.")
        self._services.messages.error(f"{reason} The model in use has not changed.")

    def _adopt(self, model_id: str) -> None:
        self._models.use(model_id)
