"""The curves of a running fine-tune: loss above, accuracy below.

Importing this module imports pyqtgraph, so it is imported when the first training starts.
"""

from __future__ import annotations

import pyqtgraph as pg
from PySide6.QtCore import Qt, QTimer
from PySide6.QtGui import QPalette
from PySide6.QtWidgets import QSizePolicy, QVBoxLayout, QWidget

from petseg_gui.ui.widgets import quiet

# Okabe & Ito: blue for training, orange (and round marks) for held-out photos.
TRAINING = "#0072b2"
HELD_OUT = "#d88a00"
LEGEND = (
    f"&nbsp;<font color='{TRAINING}'>━━</font> training "
    f"&nbsp;<font color='{HELD_OUT}'>━ ●</font> photos kept aside"
)
REDRAW_MS = 100
"""Steps may come faster than the eye can follow: the curves are drawn at most this often."""


class Curves:
    """One diagram: training per step, held-out photos per epoch."""

    def __init__(self, palette: QPalette) -> None:
        text = palette.color(QPalette.ColorRole.WindowText)
        self.widget = pg.PlotWidget(background=palette.color(QPalette.ColorRole.Base))
        self.widget.setMinimumHeight(62)
        # The height that there is, not the one that a diagram would like.
        self.widget.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Ignored)
        self.widget.setMenuEnabled(False)
        self.widget.setMouseEnabled(x=False, y=False)
        self.widget.hideButtons()
        item = self.widget.getPlotItem()
        for side in ("left", "bottom"):
            axis = item.getAxis(side)
            axis.setTextPen(text)
            axis.setPen(palette.color(QPalette.ColorRole.Mid))
        item.getAxis("left").setWidth(36)
        item.showGrid(y=True, alpha=0.15)
        self._training = self.widget.plot(pen=pg.mkPen(TRAINING, width=2))
        self._held_out = self.widget.plot(
            pen=pg.mkPen(HELD_OUT, width=2, style=Qt.PenStyle.DashLine),
            symbol="o",
            symbolSize=6,
            symbolBrush=HELD_OUT,
            symbolPen=None,
        )
        self.training: list[tuple[float, float]] = []
        self.held_out: list[tuple[float, float]] = []

    def draw(self) -> None:
        """Bring the screen up to date."""
        for curve, points in ((self._training, self.training), (self._held_out, self.held_out)):
            curve.setData([x for x, _ in points], [y for _, y in points])


class FineTunePlot(QWidget):
    """Loss and accuracy against training steps."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAccessibleName("Loss and accuracy while training")
        self.loss = Curves(self.palette())
        self.accuracy = Curves(self.palette())
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(1)
        # One axis of steps serves both diagrams: they lie one above the other.
        self.loss.widget.getPlotItem().getAxis("bottom").setStyle(showValues=False)
        for caption, curves in (("Loss", self.loss), ("Accuracy", self.accuracy)):
            text = quiet(f"{caption} <small>{LEGEND}</small>")
            text.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
            layout.addWidget(text)
            layout.addWidget(curves.widget, 1)
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.timeout.connect(self._draw)

    def add_step(self, step: int, loss: float, accuracy: float) -> None:
        """One more training step."""
        self.loss.training.append((float(step), loss))
        self.accuracy.training.append((float(step), accuracy))
        if not self._timer.isActive():
            self._timer.start(REDRAW_MS)

    def add_epoch(self, step: int, loss: float, accuracy: float) -> None:
        """One more measurement on held-out photos, after ``step`` training steps."""
        self.loss.held_out.append((float(step), loss))
        self.accuracy.held_out.append((float(step), accuracy))
        self._draw()

    def close_plots(self) -> None:
        """Stop redrawing; the widget is about to go."""
        self._timer.stop()
        for curves in (self.loss, self.accuracy):
            curves.widget.close()

    def _draw(self) -> None:
        self.loss.draw()
        self.accuracy.draw()
