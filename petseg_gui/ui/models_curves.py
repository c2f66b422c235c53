"""How a model learned: loss above, how much was right below.

Importing this module imports pyqtgraph, so it is imported when a model with curves is shown.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import pyqtgraph as pg
from PySide6.QtCore import Qt
from PySide6.QtGui import QCloseEvent, QPalette
from PySide6.QtWidgets import QVBoxLayout, QWidget

from petseg_gui.ui.diagram import diagram
from petseg_gui.ui.theme import is_dark
from petseg_gui.ui.widgets import quiet

History = Mapping[str, Sequence[tuple[float, float]]]

# Okabe & Ito, as while training; a lighter blue and green where the ground is dark.
_COLOURS = {
    "training": ("#0072b2", "#56b4e9"),
    "own": ("#b96f00", "#e69f00"),
    "oxford": ("#007f5f", "#2fbf94"),
}
_NAMES = {"training": "training", "own": "your photos", "oxford": "Oxford photos"}
_MARKS = {"training": None, "own": "o", "oxford": "t"}
_SIGNS = {"training": "━━", "own": "━ ●", "oxford": "━ ▼"}
DIAGRAMS = (
    ("Loss", {"training": "loss", "own": "own_loss", "oxford": "oxford_loss"}),
    ("Right", {"training": "accuracy", "own": "own_iou", "oxford": "oxford_iou"}),
)
_WORDS = {
    "Loss": "Loss",
    "Right": "Pixels right while training, mean IoU on photos kept aside",
}


class ModelCurves(QWidget):
    """The curves of one model against training steps; which there are, the captions say."""

    def __init__(self, history: History, palette: QPalette, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("modelCurves")
        self.setAccessibleName("Curves of the training")
        self._dark = is_dark(palette)
        self._plots: list[pg.PlotWidget] = []
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(2)
        for what, names in DIAGRAMS:
            shown = {group: history[name] for group, name in names.items() if history.get(name)}
            if not shown:
                continue
            caption = quiet(f"{_WORDS[what]}<br><small>{self._legend(shown)}</small>")
            layout.addWidget(caption)
            layout.addWidget(self._plot(shown, palette), 1)

    def _colour(self, group: str) -> str:
        return _COLOURS[group][self._dark]

    def _legend(self, shown: Mapping[str, object]) -> str:
        return " &nbsp; ".join(
            f"<font color='{self._colour(group)}'>{_SIGNS[group]}</font> {_NAMES[group]}"
            for group in shown
        )

    def _plot(
        self, curves: Mapping[str, Sequence[tuple[float, float]]], palette: QPalette
    ) -> pg.PlotWidget:
        widget = diagram(palette)
        for group, points in curves.items():
            colour = self._colour(group)
            style = Qt.PenStyle.SolidLine if group == "training" else Qt.PenStyle.DashLine
            widget.plot(
                [x for x, _ in points],
                [y for _, y in points],
                pen=pg.mkPen(colour, width=2, style=style),
                symbol=_MARKS[group],
                symbolSize=6,
                symbolBrush=colour,
                symbolPen=None,
            )
        self._plots.append(widget)
        return widget

    def closeEvent(self, event: QCloseEvent) -> None:
        """The diagrams end with it: pyqtgraph keeps scenes of its own."""
        for plot in self._plots:
            plot.close()
        super().closeEvent(event)
