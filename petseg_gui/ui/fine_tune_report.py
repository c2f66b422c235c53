"""The report of a fine-tune: old model against new, in numbers and side by side.

Imported when somebody asks for it.
"""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtGui import QFont
from PySide6.QtWidgets import (
    QDialog,
    QFrame,
    QHBoxLayout,
    QLabel,
    QPushButton,
    QScrollArea,
    QTabWidget,
    QVBoxLayout,
    QWidget,
)

from petseg_gui.ui.choices import Choice
from petseg_gui.ui.fine_tune_card import KEEP, USE
from petseg_gui.ui.fine_tune_reports import ComparisonRow, OutcomeLike, title_of
from petseg_gui.ui.report_numbers import NumbersTable, PhotoTable
from petseg_gui.ui.report_sides import SideBySide
from petseg_gui.ui.widgets import keep_keys, quiet

WIDTH, HEIGHT = 960, 680
_EXPLAINED = (
    "IoU says how far two areas overlap: 100 % is a perfect match, 0 % is none at all. Both models "
    "were measured on photos that neither of them was trained on in this run."
)


class ReportDialog(QDialog):
    """Everything that is known of the end of a run; does not keep the window from being used.

    Args:
        outcome: of the run.
        previous: id of the model that it began from.
        parent: the window.

    Attributes:
        order: worse first or better first.
        photos, sides: what is in that order.

    Signals:
        adoptRequested: id of the model that the user wants to use.
    """

    adoptRequested = Signal(str)  # noqa: N815 - Qt's spelling of signals

    def __init__(self, outcome: OutcomeLike, previous: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("fineTuneReport")
        self.setWindowTitle("What came of the fine-tune")
        self._outcome, self._previous = outcome, previous
        self.title = QLabel(title_of(outcome))
        self.title.setObjectName("reportTitle")
        font = QFont(self.font())
        font.setPointSizeF(font.pointSizeF() * 1.5)
        font.setWeight(QFont.Weight.DemiBold)
        self.title.setFont(font)
        reason = QLabel(outcome.reason)
        reason.setWordWrap(True)
        self.order = Choice(
            "Order",
            [
                ("Worse first", "Photos on which the new model is worse come first"),
                ("Better first", "Photos on which the new model is better come first"),
            ],
        )
        self.order.choose(0)
        self.order.chosen.connect(self._arrange)
        self.photos = PhotoTable(outcome.rows)
        self.sides = SideBySide(outcome.sides)
        self.tabs = QTabWidget()
        self.tabs.setDocumentMode(True)
        self.tabs.addTab(_numbers(outcome.rows), "In &numbers")
        self.tabs.addTab(self.sides, "&Side by side")
        self.tabs.addTab(self.photos, "&Photo by photo")
        self.tabs.setCornerWidget(self.order)
        self.tabs.currentChanged.connect(self._show_order)
        self.use, self.keep = QPushButton(USE), QPushButton(KEEP)
        layout = QVBoxLayout(self)
        layout.setSpacing(8)
        layout.addWidget(self.title)
        layout.addWidget(reason)
        layout.addWidget(self.tabs, 1)
        layout.addLayout(self._build_buttons())
        keep_keys(self)
        self._arrange(0)
        self._show_order(0)
        self.show_in_use(outcome.candidate if outcome.adopted else previous, decided=outcome.sure)
        room = self.screen().availableGeometry().size() - QSize(20, 60)
        self.resize(QSize(WIDTH, HEIGHT).boundedTo(room))

    def show_in_use(self, model: str, *, decided: bool = True) -> None:
        """``model`` is in use: the other one is offered; ``decided``: that is what is wanted."""
        self.use.setEnabled(model != self._outcome.candidate)
        self.keep.setEnabled(model != self._previous or not decided)
        if decided and not self._outcome.sure:
            self.title.setText("Your choice is in use")

    def _build_buttons(self) -> QHBoxLayout:
        self.use.setObjectName("reportUse")
        self.keep.setObjectName("reportKeep")
        default = self.use if self._outcome.adopted else self.keep
        default.setDefault(True)
        close = QPushButton("Close")
        for button in (self.use, self.keep, close):
            button.setAutoDefault(False)
        self.use.clicked.connect(lambda: self.adoptRequested.emit(self._outcome.candidate))
        self.keep.clicked.connect(lambda: self.adoptRequested.emit(self._previous))
        close.clicked.connect(self.close)
        row = QHBoxLayout()
        row.addWidget(quiet("Every model is kept: the Model menu brings any of them back."), 1)
        for button in (self.use, self.keep, close):
            row.addWidget(button)
        return row

    def _arrange(self, index: int) -> None:
        self.photos.arrange(better_first=index == 1)
        self.sides.arrange(better_first=index == 1)

    def _show_order(self, tab: int) -> None:
        self.order.setVisible(tab > 0)


def _numbers(rows: Sequence[ComparisonRow]) -> QWidget:
    inside = QWidget()
    layout = QVBoxLayout(inside)
    tables = QHBoxLayout()
    tables.setSpacing(24)
    for row in rows:
        tables.addWidget(NumbersTable(row), 1, Qt.AlignmentFlag.AlignTop)
    if not rows:
        tables.addWidget(QLabel("No photo is kept aside: there is nothing to compare on."))
    layout.addLayout(tables)
    layout.addStretch(1)
    layout.addWidget(quiet(_EXPLAINED))
    area = QScrollArea()
    area.setWidget(inside)
    area.setWidgetResizable(True)
    area.setFrameShape(QFrame.Shape.NoFrame)
    return area
