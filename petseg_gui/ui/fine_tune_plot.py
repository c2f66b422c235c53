"""The curves of a running fine-tune: one measure at a time, one's own and Oxford's photos apart.

Importing this module imports pyqtgraph, so it is imported when the first training starts.
"""

from __future__ import annotations

import math
from collections.abc import Mapping

import pyqtgraph as pg
from PySide6.QtCore import Qt, QTimer
from PySide6.QtWidgets import QSizePolicy, QVBoxLayout, QWidget

from model.settings import OWN, OXFORD, GroupScore
from petseg_gui.ui.choices import LOW_BUTTONS, Choice
from petseg_gui.ui.diagram import diagram
from petseg_gui.ui.theme import is_dark
from petseg_gui.ui.widgets import quiet

MEASURES: tuple[tuple[str, str, str], ...] = (
    ("loss", "Loss", "What training makes small: how wrong the masks are, pixel by pixel"),
    ("accuracy", "Pixels right", "How many pixels of a mask are right, in percent"),
    ("mean_iou", "IoU", "How far masks overlap with the labels, mean over the classes, in percent"),
)
# Okabe & Ito, by group, on a light and on a dark ground; marks tell the groups apart as well.
_COLOURS = {OWN: ("#0072b2", "#56b4e9"), OXFORD: ("#d55e00", "#e69f00")}
_MARKS = {OWN: ("o", "●"), OXFORD: ("s", "■")}
_NAMES = {OWN: "yours", OXFORD: "Oxford"}
TRAINING, HELD_OUT = "training", "held out"
REDRAW_MS = 100
"""Steps may come faster than the eye can follow: the curves are drawn at most this often."""

Point = tuple[int, GroupScore]


class FineTunePlot(QWidget):
    """Loss, accuracy or IoU against training steps.

    Attributes:
        points: by group and kind (:data:`TRAINING`, :data:`HELD_OUT`): step and scores.
        measure: the name of what is shown.
    """

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAccessibleName("Curves of the training")
        self.measure = MEASURES[0][0]
        self.points: dict[tuple[str, str], list[Point]] = {}
        self._curves: dict[tuple[str, str], pg.PlotDataItem] = {}
        self._dark = is_dark(self.palette())
        self.choice = Choice("Curve", [(text, tip) for _name, text, tip in MEASURES])
        self.choice.setStyleSheet(LOW_BUTTONS)
        self.choice.choose(0)
        self.choice.chosen.connect(self._choose)
        self.plot = diagram(self.palette())
        self._legend = quiet()
        self._legend.setTextFormat(Qt.TextFormat.RichText)
        self._legend.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(1)
        layout.addWidget(self.choice)
        layout.addWidget(self.plot, 1)
        layout.addWidget(self._legend)
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.timeout.connect(self._draw)
        self._write_legend()

    def add_step(self, step: int, groups: Mapping[str, GroupScore]) -> None:
        """One more training step."""
        for group, score in groups.items():
            self._add(group, TRAINING, step, score)
        if not self._timer.isActive():
            self._timer.start(REDRAW_MS)

    def add_epoch(self, step: int, groups: Mapping[str, GroupScore]) -> None:
        """One more measurement on held-out photos, after ``step`` training steps."""
        for group, score in groups.items():
            self._add(group, HELD_OUT, step, score)
        self._draw()

    def add_before(
        self, step: int, train: Mapping[str, GroupScore], held_out: Mapping[str, GroupScore]
    ) -> None:
        """An epoch of before an interruption: of its training steps there is the mean alone."""
        for group, score in train.items():
            self._add(group, TRAINING, step, score)
        self.add_epoch(step, held_out)

    def clear(self) -> None:
        """Forget every point: another run begins."""
        self._timer.stop()
        for curve in self._curves.values():
            self.plot.removeItem(curve)
        self._curves.clear()
        self.points.clear()
        self._write_legend()

    def shown(self, group: str, kind: str) -> tuple[list[int], list[float]]:
        """Steps and values of a curve as it is drawn: percent, but for the loss."""
        factor = 1.0 if self.measure == "loss" else 100.0
        points = self.points.get((group, kind), [])
        known = [(step, factor * getattr(score, self.measure)) for step, score in points]
        known = [(step, value) for step, value in known if not math.isnan(value)]
        return [step for step, _ in known], [value for _, value in known]

    def close_plots(self) -> None:
        """Stop redrawing; the widget is about to go."""
        self._timer.stop()
        self.plot.close()

    def _add(self, group: str, kind: str, step: int, score: GroupScore) -> None:
        points = self.points.setdefault((group, kind), [])
        # A run that is gone on with may begin before where this curve has come to.
        while points and points[-1][0] >= step:
            points.pop()
        points.append((step, score))

    def _choose(self, index: int) -> None:
        self.measure = MEASURES[index][0]
        self._draw()

    def _draw(self) -> None:
        for group, kind in self.points:
            if (group, kind) not in self._curves:
                self._curves[group, kind] = self._curve(group, kind)
                self._write_legend()
            self._curves[group, kind].setData(*self.shown(group, kind))

    def _curve(self, group: str, kind: str) -> pg.PlotDataItem:
        colour = self._colour(group)
        if kind == TRAINING:
            return self.plot.plot(pen=pg.mkPen(colour, width=1.5, style=Qt.PenStyle.DashLine))
        return self.plot.plot(
            pen=pg.mkPen(colour, width=2),
            symbol=_MARKS[group][0],
            symbolSize=6,
            symbolBrush=colour,
            symbolPen=None,
        )

    def _colour(self, group: str) -> str:
        return _COLOURS[group][self._dark]

    def _write_legend(self) -> None:
        there = [group for group in (OWN, OXFORD) if any(group == key[0] for key in self.points)]
        groups = " ".join(
            f"<font color='{self._colour(group)}'>{_MARKS[group][1]}</font> {_NAMES[group]}"
            for group in there or [OWN]
        )
        self._legend.setText(
            f"<small>{groups} &nbsp;&nbsp; ┄┄ training &nbsp; ── kept aside</small>"
        )
