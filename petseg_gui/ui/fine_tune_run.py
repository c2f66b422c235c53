"""A fine-tune that is under way: how far it is, its curves, and masks that change."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QLabel, QProgressBar, QPushButton, QVBoxLayout, QWidget

from model.settings import OWN, OXFORD, EpochReport, GroupScore, StepReport
from petseg_gui.core.memory import process_memory
from petseg_gui.services.finetune_request import Plan
from petseg_gui.ui.fine_tune_previews import Previews
from petseg_gui.ui.fine_tune_reports import duration, percent
from petseg_gui.ui.widgets import quiet

if TYPE_CHECKING:
    from petseg_gui.ui.fine_tune_plot import FineTunePlot

ROOM_FOR_BOTH = 400
"""With so many pixels of height, masks before and now are shown in two rows."""
_GIGABYTE = 1e9


class FineTuneRun(QWidget):
    """Shows reports of a run.

    Attributes:
        plot: the curves; None until they are made.
        previews: photos whose masks change.

    Signals:
        continueRequested: go on with the labels that came since the start as well.
    """

    continueRequested = Signal()  # noqa: N815 - Qt's spelling of signals

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.plot: FineTunePlot | None = None
        self.previews = Previews()
        self._device = ""
        self._notices: list[str] = []
        self._paused_from = ""
        self._bar = QProgressBar()
        self._bar.setTextVisible(False)
        self._bar.setFixedHeight(8)
        self._bar.setAccessibleName("Training progress")
        self._line = QLabel()
        self._line.setWordWrap(True)
        self._facts = quiet()
        self._facts.setObjectName("runFacts")
        self._scores = quiet()
        self._scores.setToolTip("How many pixels are right on the photos that are kept aside")
        self._notice = QLabel()
        self._notice.setObjectName("runNotice")
        self._notice.setWordWrap(True)
        self._more = QPushButton()
        self._more.setObjectName("continueWithNew")
        self._more.setToolTip(
            "What it has learnt is kept; from now on it learns from the new labels as well"
        )
        self._more.clicked.connect(self.continueRequested)
        self._layout = QVBoxLayout(self)
        self._layout.setContentsMargins(0, 0, 0, 0)
        self._layout.setSpacing(3)
        for widget in (self._bar, self._line, self._facts, self._scores, self._notice, self._more):
            self._layout.addWidget(widget)
        self._layout.addWidget(self.previews)
        self.set_new_labels(0)

    def prepare(self) -> None:
        """Make the curves, which takes a frame or two: when they are wanted, or before."""
        from petseg_gui.ui.fine_tune_plot import FineTunePlot

        # A new one for each run took the window's thread up to 170 ms each time.
        if self.plot is None:
            self.plot = FineTunePlot()
            self._layout.insertWidget(self._layout.indexOf(self.previews), self.plot, 1)

    def begin(self, *, keep: bool) -> None:
        """A run begins; ``keep``: it goes on from the one that is on show."""
        self._bar.setRange(0, 0)
        self._line.setText("Preparing the photos…")
        self.set_new_labels(0)
        if keep and self.plot is not None:
            return
        self.prepare()
        assert self.plot is not None
        self.plot.clear()
        self.previews.hide()
        self._notices.clear()
        self._notice.hide()
        self._facts.hide()
        self._scores.hide()

    def show_plan(self, plan: Plan) -> None:
        """What the run will do is known."""
        if not self.previews.masks[0] or self.previews.isHidden():
            self.previews.set_photos(plan.previews)

    def show_step(self, report: StepReport) -> None:
        """One training step is done."""
        self._bar.setRange(0, report.steps)
        self._bar.setValue(report.step)
        left = "" if report.seconds_left is None else f", {duration(report.seconds_left)} left"
        self._line.setText(
            f"Step {report.step} of {report.steps}, round {report.epoch} of {report.epochs}{left}"
        )
        self._facts.setText(" · ".join(self._known_facts(report)))
        self._facts.setVisible(bool(self._facts.text()))
        if self.plot is not None:
            self.plot.add_step(report.step, report.groups)

    def show_epoch(self, report: EpochReport) -> None:
        """An epoch is done and measured on held-out photos."""
        text = _kept_aside(report.held_out)
        self._scores.setText(text)
        self._scores.setVisible(bool(text))
        self.previews.set_masks(report.previews)
        if self.plot is not None and report.held_out:
            self.plot.add_epoch(report.step, report.held_out)

    def show_before(self, epochs: Sequence[EpochReport]) -> None:
        """A run goes on that was interrupted after these; what is on show of it stays."""
        if self.plot is not None and not self.plot.points:
            for report in epochs:
                self.plot.add_before(report.step, report.train, report.held_out)

    def show_phase(self, text: str) -> None:
        """Something other than training steps is being done; ``text`` says what."""
        self._bar.setRange(0, 0)
        self._line.setText(text)

    def show_paused(self, paused: bool) -> None:
        """The run waits, or goes on."""
        if paused:
            self._paused_from = self._line.text()
            where = self._line.text().partition(",")[0]
            at = f" at {where[0].lower()}{where[1:]}" if where.startswith("Step") else ""
            self._line.setText(f"Paused{at}; nothing is lost.")
        else:
            self._line.setText(self._paused_from)

    def add_notice(self, text: str) -> bool:
        """Say something that the person should know; returns whether it was new."""
        if text in self._notices:
            return False
        self._notices.append(text)
        self._notice.setText("\n".join(f"! {notice}" for notice in self._notices))
        self._notice.show()
        return True

    def set_new_labels(self, count: int) -> None:
        """So many labels were accepted since the run began."""
        labels = "1 new label" if count == 1 else f"{count} new labels"
        self._more.setText(f"Continue with {labels}")
        self._more.setEnabled(True)
        self._more.setVisible(count > 0)

    def show_ending(self, text: str) -> None:
        """The run was asked to end and will in a moment."""
        self._line.setText(text)
        self._more.setEnabled(False)

    def set_device(self, device: str) -> None:
        """On what it computes, in words."""
        self._device = device

    def set_room(self, height: int) -> None:
        """So many pixels of height are there for everything."""
        self.previews.set_both(height >= ROOM_FOR_BOTH)

    def close_plots(self) -> None:
        """Stop redrawing: the curves go."""
        if self.plot is not None:
            self.plot.close_plots()
            self._layout.removeWidget(self.plot)
            self.plot.deleteLater()
            self.plot = None

    def _known_facts(self, report: StepReport) -> list[str]:
        facts = [self._device] if self._device else []
        if report.photos_per_second is not None:
            speed = report.photos_per_second
            facts.append(f"{speed:.0f} photos/s" if speed >= 10 else f"{speed:.1f} photos/s")
        memory = process_memory()
        if memory is not None:
            facts.append(f"{memory / _GIGABYTE:.1f} GB")
        return facts


def _kept_aside(held_out: Mapping[str, GroupScore]) -> str:
    names = {OWN: "yours", OXFORD: "Oxford"}
    said = [
        f"{names[group]} {percent(held_out[group].accuracy)}"
        for group in names
        if group in held_out
    ]
    return f"Kept aside: {', '.join(said)}" if said else ""
