"""Teaching the model: what with, how far it is, and what came of it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import (
    QFrame,
    QHBoxLayout,
    QLabel,
    QProgressBar,
    QPushButton,
    QScrollArea,
    QSizePolicy,
    QVBoxLayout,
    QWidget,
)

from model.settings import FineTuneSettings
from petseg_gui.ui.actions import Actions
from petseg_gui.ui.fine_tune_form import FineTuneForm
from petseg_gui.ui.fine_tune_reports import (
    EpochLike,
    OutcomeLike,
    StepLike,
    comparison_html,
    duration,
    percent,
)
from petseg_gui.ui.widgets import heading, keep_keys, quiet

if TYPE_CHECKING:
    from petseg_gui.ui.fine_tune_plot import FineTunePlot


class FineTunePanel(QWidget):
    """Shows the state of fine-tuning and sends the user's intent; trains nothing itself.

    Signals:
        startRequested: the settings dict of :class:`FineTuneForm`.
        cancelRequested: stop the running fine-tune.
        adoptRequested: id of the model that the user wants to use.
    """

    startRequested = Signal(object)  # noqa: N815 - Qt's spelling of signals
    cancelRequested = Signal()  # noqa: N815
    adoptRequested = Signal(str)  # noqa: N815

    def __init__(self, actions: Actions, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("fineTunePanel")
        self.setAccessibleName("Fine-tune")
        self._actions = actions
        self._start_action = actions["actionFineTune"]
        self._cancel_action = actions["actionCancelFineTune"]
        self._accepted = 0
        self._held_out = 0
        self._device = ""
        self._seconds_per_photo: float | None = None
        self._running = False
        self._possible = False
        self._why_not = ""
        self._last_step = 0
        self._previous_model = ""
        self._other_model = ""
        self.plot: FineTunePlot | None = None
        self.form = FineTuneForm()
        self._labels = QLabel()
        self._labels.setWordWrap(True)
        self._time = quiet()
        self._time.setContentsMargins(12, 4, 12, 0)
        self._build()
        self._start_action.triggered.connect(self._start)
        self._cancel_action.triggered.connect(self._cancel)
        self.form.changed.connect(self._refresh)
        keep_keys(self)
        self._refresh()

    @property
    def running(self) -> bool:
        """Whether a fine-tune is under way, as far as the panel was told."""
        return self._running

    def set_accepted(self, count: int, held_out: int) -> None:
        """How many accepted labels there are, and how many of them only measure."""
        self._accepted, self._held_out = count, held_out
        self._refresh()

    def set_device(self, device: str) -> None:
        """The device that training will use, in words."""
        self._device = device
        self._refresh()

    def set_possible(self, possible: bool, why_not: str = "") -> None:
        """Whether a fine-tune could start: a project is open, and can be written to."""
        self._possible = possible
        self._why_not = why_not
        for action in (self._start_action, self._cancel_action):
            self._actions.explain(action.objectName(), why_not)
        self._start_button.setToolTip(self._start_action.toolTip())
        self._refresh()

    def set_settings(self, settings: Mapping[str, Any]) -> None:
        """Show settings of an earlier time."""
        self.form.set_settings(settings)

    def show_started(self, model: str) -> None:
        """A fine-tune of ``model`` begins; the curves are empty."""
        from petseg_gui.ui.fine_tune_plot import FineTunePlot

        self._drop_plot()
        self.plot = FineTunePlot()
        self._progress_layout.insertWidget(2, self.plot, 1)
        self._previous_model = model
        self._last_step = 0
        self._running = True
        self._bar.setRange(0, 0)
        self._step_line.setText("Preparing the photos…")
        self._held_out_line.clear()
        self._progress.show()
        self.form.hide()
        self._result.hide()
        self._refresh()

    def show_step(self, report: StepLike) -> None:
        """One training step is done."""
        if not self._running:
            return
        self._last_step = report.step
        self._bar.setRange(0, report.steps)
        self._bar.setValue(report.step)
        self._measure(report)
        left = "" if report.seconds_left is None else f", {duration(report.seconds_left)} left"
        self._step_line.setText(
            f"Step {report.step} of {report.steps}, round {report.epoch} of {report.epochs}{left}"
        )
        if self.plot is not None:
            self.plot.add_step(report.step, report.loss, report.accuracy)

    def show_epoch(self, report: EpochLike) -> None:
        """An epoch is done and measured on held-out photos."""
        loss, accuracy = report.val_loss, report.val_accuracy
        if not self._running or loss is None or accuracy is None:
            return
        self._held_out_line.setText(f"Photos kept aside: {percent(accuracy)} of the pixels right")
        if self.plot is not None:
            self.plot.add_epoch(self._last_step, loss, accuracy)

    def show_phase(self, text: str) -> None:
        """Something other than training steps is being done; ``text`` says what."""
        if self._running:
            self._bar.setRange(0, 0)
            self._step_line.setText(text)

    def show_stopped(self, text: str) -> None:
        """The fine-tune ended without a result: cancelled, or ``text`` says what failed."""
        self._running = False
        self._other_model = ""
        self._progress.hide()
        self.form.show()
        self._show_result("Not finished", text, "", "")
        self._refresh()

    def show_outcome(self, outcome: OutcomeLike) -> None:
        """The fine-tune ended with a candidate."""
        self._running = False
        self._bar.setRange(0, 1)
        self._bar.setValue(1)
        self._step_line.setText("Finished")
        self._progress.hide()
        self.form.show()
        if outcome.adopted:
            self._other_model = self._previous_model
            title, button = "The new model is in use", "Go back to the previous model"
        else:
            self._other_model = outcome.candidate
            title, button = "The previous model stays in use", "Use the new model anyway"
        self._show_result(title, outcome.reason, comparison_html(outcome.rows), button)
        self._previous_model = outcome.candidate if outcome.adopted else self._previous_model
        self._refresh()

    def show_in_use(self, model: str) -> None:
        """``model`` is in use: the result card, if it shows, offers the other one from now on."""
        if self._result.isHidden() or not self._other_model:
            return
        if model not in (self._other_model, self._previous_model):
            self._result.hide()  # it speaks of two models, and neither is in use
        elif model == self._other_model:
            self._other_model, self._previous_model = self._previous_model, model
            self._result_title.setText("Your choice is in use")
            self._adopt.setText("Change back")

    def clear_result(self) -> None:
        """Take the result card away: it speaks of models of another folder."""
        self._other_model = ""
        self._result.hide()

    def close_plots(self) -> None:
        """Stop redrawing before the window goes."""
        self._drop_plot()

    def _build(self) -> None:
        inside = QWidget()
        layout = QVBoxLayout(inside)
        layout.setContentsMargins(12, 8, 12, 8)
        layout.setSpacing(6)
        layout.addWidget(heading("Fine-tune"))
        layout.addWidget(self._labels)
        layout.addWidget(self._build_result())
        layout.addWidget(self.form)
        layout.addWidget(self._build_progress(), 1)
        layout.addStretch(0)
        scroll = QScrollArea()
        scroll.setWidget(inside)
        scroll.setWidgetResizable(True)
        scroll.setFrameShape(QFrame.Shape.NoFrame)
        scroll.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        outer = QVBoxLayout(self)
        outer.setContentsMargins(0, 0, 0, 0)
        outer.setSpacing(0)
        outer.addWidget(scroll, 1)
        outer.addWidget(self._time)
        outer.addLayout(self._build_buttons())

    def _build_progress(self) -> QWidget:
        self._progress = QWidget()
        self._progress_layout = QVBoxLayout(self._progress)
        self._progress_layout.setContentsMargins(0, 0, 0, 0)
        self._bar = QProgressBar()
        self._bar.setTextVisible(False)
        self._bar.setFixedHeight(8)
        self._bar.setAccessibleName("Training progress")
        self._step_line = QLabel()
        self._step_line.setWordWrap(True)
        self._held_out_line = quiet()
        self._progress_layout.addWidget(self._bar)
        self._progress_layout.addWidget(self._step_line)
        self._progress_layout.addWidget(self._held_out_line)
        self._progress_layout.addStretch(0)
        self._progress.hide()
        return self._progress

    def _build_result(self) -> QWidget:
        self._result = QFrame()
        self._result.setObjectName("resultCard")
        layout = QVBoxLayout(self._result)
        layout.setContentsMargins(8, 6, 8, 8)
        layout.setSpacing(4)
        self._result_title = heading("")
        self._result_title.setWordWrap(True)
        self._result_reason = QLabel()
        self._result_reason.setWordWrap(True)
        self._result_table = QLabel()
        self._result_table.setTextFormat(Qt.TextFormat.RichText)
        self._result_table.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
        self._adopt = QPushButton()
        self._adopt.setObjectName("adoptButton")
        self._adopt.clicked.connect(lambda: self.adoptRequested.emit(self._other_model))
        for widget in (self._result_title, self._result_reason, self._result_table, self._adopt):
            layout.addWidget(widget)
        self._result.hide()
        return self._result

    def _build_buttons(self) -> QHBoxLayout:
        self._start_button = QPushButton("Start")
        self._start_button.setObjectName("startFineTune")
        self._start_button.setToolTip(self._start_action.toolTip())
        self._start_button.clicked.connect(self._start_action.trigger)
        self._cancel_button = QPushButton("Cancel")
        self._cancel_button.setObjectName("cancelFineTune")
        self._cancel_button.setToolTip(self._cancel_action.toolTip())
        self._cancel_button.clicked.connect(self._cancel_action.trigger)
        row = QHBoxLayout()
        row.setContentsMargins(12, 6, 12, 8)
        row.addWidget(self._start_button, 1)
        row.addWidget(self._cancel_button, 1)
        return row

    def _measure(self, report: StepLike) -> None:
        """Learn from this run how long the next one takes on this device."""
        if report.seconds_left and report.step < report.steps:
            per_step = report.seconds_left / (report.steps - report.step)
            self._seconds_per_photo = per_step / FineTuneSettings().batch_size

    def _start(self) -> None:
        self.startRequested.emit(self.form.settings())

    def _cancel(self) -> None:
        if self._running:
            self._cancel_action.setEnabled(False)
            self._cancel_button.setEnabled(False)
            self._step_line.setText("Stopping…")
            self.cancelRequested.emit()

    def _show_result(self, title: str, reason: str, table: str, button: str) -> None:
        self._result_title.setText(title)
        self._result_reason.setText(reason)
        self._result_table.setText(table)
        self._result_table.setVisible(bool(table))
        self._adopt.setText(button)
        self._adopt.setVisible(bool(button))
        self._result.show()

    def _drop_plot(self) -> None:
        if self.plot is not None:
            self.plot.close_plots()
            self._progress_layout.removeWidget(self.plot)
            self.plot.deleteLater()
            self.plot = None

    def _refresh(self) -> None:
        if self._accepted == 0:
            text = "No accepted masks yet. Accept some masks first: the model learns from them."
        elif self._accepted == 1:
            text = "1 accepted mask to learn from."
        else:
            text = f"{self._accepted} accepted masks to learn from."
        if self._held_out:
            text = text[:-1] + f", {self._held_out} of them kept aside to measure."
        self._labels.setText(self._why_not or text)
        own = self._accepted - self._held_out
        can_start = self._possible and own > 0 and not self._running
        for thing in (self._start_action, self._start_button):
            thing.setEnabled(can_start)
        for thing in (self._cancel_action, self._cancel_button):
            thing.setEnabled(self._running)
        self._start_button.setVisible(not self._running)
        self._cancel_button.setVisible(self._running)
        self._labels.setVisible(not self._running)
        self._time.setText(self.form.time(own, self._device, self._seconds_per_photo))
        self._time.setVisible(bool(self._time.text()) and not self._running)
