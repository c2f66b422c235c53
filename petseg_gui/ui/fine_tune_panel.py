"""Teaching the model: what with, how far it is, and what came of it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QEvent, QObject, Qt, Signal
from PySide6.QtWidgets import (
    QFrame,
    QHBoxLayout,
    QLabel,
    QPushButton,
    QScrollArea,
    QVBoxLayout,
    QWidget,
)

from model.settings import EpochReport, FineTuneSettings, StepReport
from petseg_gui.services.finetune_request import Plan, Unfinished
from petseg_gui.ui.actions import Actions
from petseg_gui.ui.fine_tune_card import ResultCard, UnfinishedCard
from petseg_gui.ui.fine_tune_form import FineTuneForm
from petseg_gui.ui.fine_tune_pace import Paces
from petseg_gui.ui.fine_tune_reports import OutcomeLike, moment, photos
from petseg_gui.ui.fine_tune_run import FineTuneRun
from petseg_gui.ui.widgets import heading, keep_keys, quiet

if TYPE_CHECKING:
    from petseg_gui.ui.fine_tune_plot import FineTunePlot


_PAUSE = "&Pause fine-tuning"


class FineTunePanel(QWidget):
    """Shows the state of fine-tuning and sends the user's intent; trains nothing itself.

    Attributes:
        form, run, result, unfinished: its parts.

    Signals:
        startRequested: the settings dict of :class:`FineTuneForm`.
        pauseRequested: whether to wait (True) or to go on.
        cancelRequested: stop the running fine-tune and keep nothing of it.
    """

    startRequested = Signal(object)  # noqa: N815 - Qt's spelling of signals
    pauseRequested = Signal(bool)  # noqa: N815
    cancelRequested = Signal()  # noqa: N815

    def __init__(self, actions: Actions, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("fineTunePanel")
        self.setAccessibleName("Fine-tune")
        self._actions = actions
        self._start_action = actions["actionFineTune"]
        self._cancel_action = actions["actionCancelFineTune"]
        self._pause_action = actions["actionPauseFineTune"]
        self._accepted = 0
        self._held_out = 0
        self._device = ""
        self._paces = Paces()
        self._settings = FineTuneSettings()
        self._running = False
        self._paused = False
        self._ending = False
        self._possible = False
        self._why_not = ""
        self._previous_model = ""
        self.form = FineTuneForm()
        self.run = FineTuneRun()
        self.run.hide()
        self.result = ResultCard()
        self.unfinished = UnfinishedCard()
        self._labels = QLabel()
        self._labels.setWordWrap(True)
        self._time = quiet()
        self._time.setContentsMargins(12, 4, 12, 0)
        self._heading = heading("Fine-tune")
        self._scroll = QScrollArea()
        self._inside = QWidget()
        self._start_button = QPushButton("Start")
        self._pause_button = QPushButton("Pause")
        self._cancel_button = QPushButton("Cancel")
        self._build()
        self._start_action.triggered.connect(self._start)
        self._cancel_action.triggered.connect(self._cancel)
        for signal in (self._pause_button.clicked, self._pause_action.triggered):
            signal.connect(lambda: self.pauseRequested.emit(not self._paused))
        self.form.changed.connect(self._refresh)
        keep_keys(self)
        self._refresh()

    @property
    def running(self) -> bool:
        """Whether a fine-tune is under way, as far as the panel was told."""
        return self._running

    @property
    def plot(self) -> FineTunePlot | None:
        """The curves; None until they are made."""
        return self.run.plot

    # ------------------------------------------------------------------ what is known

    def set_accepted(self, count: int, held_out: int) -> None:
        """How many accepted labels there are, and how many of them only measure."""
        self._accepted, self._held_out = count, held_out
        self._refresh()

    def set_device(self, device: str) -> None:
        """The device that training will use, in words."""
        self._device = device
        self.run.set_device(device)
        self._refresh()

    def set_possible(self, possible: bool, why_not: str = "") -> None:
        """Whether a fine-tune could start: a project is open, and can be written to."""
        self._possible = possible
        self._why_not = why_not
        for action in (self._start_action, self._pause_action, self._cancel_action):
            self._actions.explain(action.objectName(), why_not)
        self._refresh()

    def set_settings(self, settings: Mapping[str, Any]) -> None:
        """Show settings of an earlier time, and know what was measured then."""
        self._paces.take(settings)
        self.form.set_settings(settings)
        self._refresh()

    def to_remember(self, settings: Mapping[str, Any]) -> dict[str, Any]:
        """Settings that were chosen, with what was measured: see :meth:`set_settings`."""
        return {**settings, **self._paces.to_settings()}

    # ------------------------------------------------------------------ a run

    def show_started(self, model: str, settings: Mapping[str, Any], *, keep: bool = False) -> None:
        """A fine-tune of ``model`` begins; ``keep``: it goes on from the one on show."""
        self.run.begin(keep=keep)
        self._settings = FineTuneSettings.from_dict(settings)
        self._previous_model = model
        self._running, self._paused, self._ending = True, False, False
        self.run.show()
        self.form.hide()
        self.result.hide()
        self.unfinished.hide()
        self._refresh()

    def show_plan(self, plan: Plan) -> None:
        """What the run will do is known."""
        if self._running:
            self.run.show_plan(plan)

    def show_step(self, report: StepReport) -> None:
        """One training step is done."""
        if self._running and not (self._paused or self._ending):
            self._measure(report)
            self.run.show_step(report)

    def show_epoch(self, report: EpochReport) -> None:
        """An epoch is done and measured on held-out photos."""
        if self._running:
            self.run.show_epoch(report)

    def show_phase(self, text: str) -> None:
        """Something other than training steps is being done; ``text`` says what."""
        if self._running and not self._ending:
            self.run.show_phase(text)

    def show_paused(self, paused: bool) -> None:
        """The run waits, or goes on."""
        if self._running and paused is not self._paused:
            self._paused = paused
            self.run.show_paused(paused)
            self._refresh()

    def show_ending(self, text: str) -> None:
        """The run was asked to end, which takes a moment: nothing more can be asked of it."""
        self._ending = True
        self.run.show_ending(text)
        self._refresh()

    def show_stopped(self, text: str, title: str = "Not finished") -> None:
        """The fine-tune ended without a result: cancelled, or ``text`` says what failed."""
        self._end()
        self.result.show_text(title, text)
        self._refresh()

    def show_interrupted(self) -> None:
        """The fine-tune ended and can be gone on with: the card for that follows."""
        self._end()
        self._refresh()

    def show_outcome(self, outcome: OutcomeLike) -> None:
        """The fine-tune ended with a candidate."""
        self._end()
        self.result.show_outcome(outcome, self._previous_model)
        self._scroll.verticalScrollBar().setValue(0)
        self._refresh()

    def show_unfinished(self, run: Unfinished | None, model: str) -> None:
        """An interrupted run that could be gone on with from ``model``, the one in use."""
        if run is None or self._running:
            self.unfinished.hide()
        else:
            text = f"{photos(len(run.photos))}, started {moment(run.started)}."
            may = run.model == model
            if not may:
                text += (
                    f" It began from the model {run.model}, and {model} is in use now: it cannot "
                    "be gone on with unless you choose that model again."
                )
            self.unfinished.tell(text, may_go_on=may)
        self._refresh()

    def clear_result(self) -> None:
        """Take the cards away: they speak of another folder."""
        self.result.outcome = None
        self.result.hide()
        self.unfinished.hide()
        self._refresh()

    def close_plots(self) -> None:
        """Stop redrawing before the window goes."""
        self.run.close_plots()

    # ------------------------------------------------------------------ the widget

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Know how much room there is for what runs."""
        viewport = self._scroll.viewport()
        if watched is viewport and event.type() == QEvent.Type.Resize:
            self.run.set_room(viewport.height())
        if event.type() in (QEvent.Type.Resize, QEvent.Type.LayoutRequest):
            # Lines that wrap need more than what a widget says that it needs at least: without
            # this, the parts would be pressed into each other instead of being scrolled.
            layout = self._inside.layout()
            if layout is not None:
                self._inside.setMinimumHeight(layout.minimumHeightForWidth(viewport.width()))
        return super().eventFilter(watched, event)

    def _build(self) -> None:
        inside = self._inside
        layout = QVBoxLayout(inside)
        layout.setContentsMargins(12, 8, 12, 4)
        layout.setSpacing(6)
        layout.addWidget(self._heading)
        layout.addWidget(self._labels)
        for part in (self.unfinished, self.result, self.form):
            layout.addWidget(part)
        layout.addWidget(self.run, 1)
        layout.addStretch(0)
        scroll = self._scroll
        scroll.setWidget(inside)
        scroll.setWidgetResizable(True)
        scroll.setFrameShape(QFrame.Shape.NoFrame)
        scroll.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        scroll.viewport().installEventFilter(self)
        inside.installEventFilter(self)
        outer = QVBoxLayout(self)
        outer.setContentsMargins(0, 0, 0, 0)
        outer.setSpacing(0)
        outer.addWidget(scroll, 1)
        outer.addWidget(self._time)
        outer.addLayout(self._build_buttons())

    def _build_buttons(self) -> QHBoxLayout:
        self._start_button.setObjectName("startFineTune")
        self._start_button.clicked.connect(self._start_action.trigger)
        self._pause_button.setObjectName("pauseFineTune")
        self._cancel_button.setObjectName("cancelFineTune")
        self._cancel_button.setToolTip(self._cancel_action.toolTip())
        self._cancel_button.clicked.connect(self._cancel_action.trigger)
        row = QHBoxLayout()
        row.setContentsMargins(12, 6, 12, 8)
        for button in (self._start_button, self._pause_button, self._cancel_button):
            row.addWidget(button, 1)
        return row

    def _measure(self, report: StepReport) -> None:
        """Learn from this run how long the next one takes on this device."""
        if report.seconds_left and report.step < report.steps:
            per_step = report.seconds_left / (report.steps - report.step)
            settings = self._settings
            self._paces.learn(self._device, settings.freeze_encoder, per_step / settings.batch_size)

    def _start(self) -> None:
        self.startRequested.emit(self.form.settings())

    def _cancel(self) -> None:
        if self._running:
            self.show_ending("Stopping…")
            self.cancelRequested.emit()

    def _end(self) -> None:
        self._running = self._paused = self._ending = False
        self.run.hide()
        self.form.show()

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
        ends = self._cancel_action, self._cancel_button
        for thing in (*ends, self._pause_action, self._pause_button):
            thing.setEnabled(self._running and not self._ending)
        self._pause_action.setText("&Go on with fine-tuning" if self._paused else _PAUSE)
        # Starting anew throws an interrupted run away: the button says so.
        anew = not self.unfinished.isHidden()
        self._start_button.setText("Start anew" if anew else "Start")
        self._start_button.setToolTip(
            "The interrupted run is thrown away" if anew else self._start_action.toolTip()
        )
        self._start_button.setVisible(not self._running)
        self._pause_button.setText("Go on" if self._paused else "Pause")
        self._pause_button.setToolTip(
            "Train on" if self._paused else "Wait before the next step; nothing is lost"
        )
        self._pause_button.setVisible(self._running)
        self._cancel_button.setVisible(self._running)
        self._heading.setVisible(not self._running)  # what runs needs the room
        compared = not self.result.isHidden() and self.result.outcome is not None
        self._labels.setVisible(not self._running and (not compared or bool(self._why_not)))
        self.form.look.setEnabled(own > 0)
        self._time.setText(self.form.time(own, self._device, self._paces))
        self._time.setVisible(bool(self._time.text()) and not self._running)
