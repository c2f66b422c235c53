"""The numbers in the report of a fine-tune: per group of photos, and photo by photo."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence

from PySide6.QtCore import Qt
from PySide6.QtWidgets import (
    QAbstractItemView,
    QGridLayout,
    QHeaderView,
    QLabel,
    QTableWidget,
    QTableWidgetItem,
    QVBoxLayout,
    QWidget,
)

from model.labels import CLASSES
from petseg_gui.ui.fine_tune_reports import (
    ComparisonRow,
    PhotoScoreLike,
    direction,
    percent,
    points,
)
from petseg_gui.ui.widgets import heading, quiet

_RIGHT = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
_COLUMNS = ("Photo", "Where", "Before", "After", "Change")


class NumbersTable(QWidget):
    """One group of photos: every measure before, after, and what it changed by."""

    def __init__(self, row: ComparisonRow, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 8, 0, 0)
        layout.addWidget(heading(f"{row.where} ({row.photos:,})"))
        grid = QGridLayout()
        grid.setHorizontalSpacing(16)
        grid.setVerticalSpacing(5)
        grid.setColumnStretch(0, 1)
        for column, text in enumerate(("", "Before", "After", "Change")):
            label = quiet(text)
            label.setWordWrap(False)
            grid.addWidget(label, 0, column, _RIGHT)
        for line, (what, tip, old, new) in enumerate(_measures(row), start=1):
            name = QLabel(what)
            name.setToolTip(tip)
            grid.addWidget(name, line, 0)
            change = f"{points(new - old)} {direction(new - old)}"
            for column, text in enumerate((percent(old), percent(new), change), start=1):
                label = QLabel(text)
                label.setAccessibleName(f"{what}, {('before', 'after', 'change')[column - 1]}")
                grid.addWidget(label, line, column, _RIGHT)
        layout.addLayout(grid)
        layout.addWidget(quiet(interval_in_words(row)))


class PhotoTable(QTableWidget):
    """Every photo that was kept aside with the IoU of its pet, before and after."""

    def __init__(self, rows: Sequence[ComparisonRow], parent: QWidget | None = None) -> None:
        super().__init__(0, len(_COLUMNS), parent)
        self.setObjectName("photoTable")
        self.setAccessibleName("IoU of the pet, photo by photo")
        self._scores = [(row.where, score) for row in rows for score in row.scores]
        self.setHorizontalHeaderLabels(list(_COLUMNS))
        self.horizontalHeader().setSectionResizeMode(0, QHeaderView.ResizeMode.Stretch)
        header = self.horizontalHeaderItem(0)
        if header is not None:
            header.setTextAlignment(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter)
        self.verticalHeader().hide()
        self.verticalHeader().setDefaultSectionSize(24)
        self.setShowGrid(False)
        self.setAlternatingRowColors(True)
        self.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)

    def arrange(self, *, better_first: bool) -> None:
        """Sort by the change; photos without a pet come last."""
        self.setRowCount(len(self._scores))
        for line, (where, score) in enumerate(_sorted(self._scores, better_first=better_first)):
            change = score.new - score.old
            texts = (
                score.id,
                where,
                percent(score.old),
                percent(score.new),
                f"{points(change)} {direction(change)}",
            )
            for column, text in enumerate(texts):
                item = QTableWidgetItem(text)
                if column > 1:
                    item.setTextAlignment(_RIGHT)
                self.setItem(line, column, item)
        self.scrollToTop()
        self.resizeColumnsToContents()


def interval_in_words(row: ComparisonRow) -> str:
    """How far the change of the pet's IoU can be trusted."""
    if math.isnan(row.low) or math.isnan(row.high):
        return "Too few photos to say how far this can be trusted."
    between = f"between {points(row.low)} and {points(row.high)} points (95 % interval)"
    if row.low > 0:
        verdict = "better than chance explains"
    elif row.high < 0:
        verdict = "worse than chance explains"
    else:
        verdict = "may be chance"
    return f"On other photos like these, the pet's IoU would change by {between}: {verdict}."


def _measures(row: ComparisonRow) -> Iterator[tuple[str, str, float, float]]:
    """What, what it means, before, after."""
    yield (
        "Pet found, border apart",
        "IoU of the pet, mean over the photos, where nobody says border: this decides",
        row.old_pet_iou,
        row.new_pet_iou,
    )
    yield "Pixels right", "Share of all pixels", row.old_accuracy, row.new_accuracy
    yield "Mean IoU", "Mean over the classes", row.old_mean_iou, row.new_mean_iou
    for label, old, new in zip(CLASSES, row.old_iou, row.new_iou, strict=False):
        yield f"IoU of {label.name.lower()}", "Of all pixels of this class", old, new


def _sorted(
    scores: Sequence[tuple[str, PhotoScoreLike]], *, better_first: bool
) -> list[tuple[str, PhotoScoreLike]]:
    def change(entry: tuple[str, PhotoScoreLike]) -> float:
        return entry[1].new - entry[1].old

    known = [entry for entry in scores if not math.isnan(change(entry))]
    known.sort(key=change, reverse=better_first)
    return known + [entry for entry in scores if math.isnan(change(entry))]
