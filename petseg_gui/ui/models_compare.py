"""Two models side by side: where they come from, what they learned from, how good they were."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from PySide6.QtCore import Qt
from PySide6.QtGui import QFont
from PySide6.QtWidgets import (
    QAbstractItemView,
    QDialog,
    QHBoxLayout,
    QHeaderView,
    QPushButton,
    QTableWidget,
    QTableWidgetItem,
    QVBoxLayout,
    QWidget,
)

from model import facts
from model.facts import Score
from model.registry import Version
from petseg_gui.ui import model_words
from petseg_gui.ui.model_words import NOTHING
from petseg_gui.ui.widgets import quiet

SAME_PHOTOS = "Both were measured on the same photos when the second was made from the first."
OWN_PHOTOS = (
    "Each was measured on the photos that were kept aside when it was made: where those are not "
    "the same, small differences say little."
)
NOT_MEASURED = "No scores of both models are known."


@dataclass(frozen=True, slots=True)
class Row:
    """One line of a comparison; without values it is a heading."""

    what: str
    left: str = ""
    right: str = ""

    @property
    def heading(self) -> bool:
        """Whether it only names what follows."""
        return not self.left and not self.right

    @property
    def differs(self) -> bool:
        """Whether the models differ in it."""
        return self.left != self.right


def in_order(one: Version, other: Version) -> tuple[Version, Version]:
    """The two models, the one before the one that was made from it."""
    return (other, one) if one.parent == other.id else (one, other)


def compare(left: Version, right: Version) -> tuple[list[Row], str]:
    """Two models line by line, and a sentence on how far their scores can be compared.

    Where ``right`` was made from ``left``, the scores of both are those of that comparison.
    """
    before, after = facts.scores(left.about), facts.scores(right.about)
    related = right.parent == left.id and bool(after)
    if related:
        before = facts.scores(right.about, "old")
    rows = [
        Row("Made", _made(left), _made(right)),
        Row("From", model_words.origin(left), model_words.origin(right)),
        Row("Size", model_words.size(left.size), model_words.size(right.size)),
    ]
    rows += _scores(before, after)
    rows += _section("Photos", dict(model_words.photos(left)), dict(model_words.photos(right)))
    rows += _section("Settings", _settings(left), _settings(right))
    if left.note or right.note:
        rows += [Row("Note", left.note or NOTHING, right.note or NOTHING)]
    if not set(before) & set(after):
        return rows, NOT_MEASURED
    return rows, SAME_PHOTOS if related else OWN_PHOTOS


class ComparisonDialog(QDialog):
    """A table of :func:`compare`; what differs is bold."""

    def __init__(self, one: Version, other: Version, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("modelComparison")
        left, right = in_order(one, other)
        self.setWindowTitle(f"{model_words.name(left)} and {model_words.name(right)}")
        rows, sentence = compare(left, right)
        self.table = QTableWidget(len(rows), 3)
        self.table.setObjectName("comparisonTable")
        self.table.setAccessibleName("The two models side by side; what differs is bold")
        self.table.setHorizontalHeaderLabels(["", model_words.name(left), model_words.name(right)])
        self.table.verticalHeader().hide()
        self.table.setShowGrid(False)
        self.table.setWordWrap(True)
        self.table.setTabKeyNavigation(False)
        self.table.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.table.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        header = self.table.horizontalHeader()
        header.setSectionResizeMode(QHeaderView.ResizeMode.Stretch)
        header.setDefaultAlignment(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter)
        for number, row in enumerate(rows):
            self._fill(number, row)
        self.table.resizeRowsToContents()
        self.words = quiet(sentence)
        self.words.setObjectName("comparisonWords")
        close = QPushButton("Close")
        close.clicked.connect(self.reject)
        buttons = QHBoxLayout()
        buttons.addWidget(self.words, 1)
        buttons.addWidget(close)
        layout = QVBoxLayout(self)
        layout.addWidget(self.table, 1)
        layout.addLayout(buttons)
        self.resize(720, 560)

    def _fill(self, number: int, row: Row) -> None:
        for column, text in enumerate((row.what, row.left, row.right)):
            item = QTableWidgetItem(text)
            font = QFont(self.table.font())
            font.setBold(row.heading or (row.differs and column > 0))
            item.setFont(font)
            if row.heading:
                item.setFlags(Qt.ItemFlag.ItemIsEnabled)
            self.table.setItem(number, column, item)
        if row.heading:
            self.table.setSpan(number, 0, 1, 3)


def _scores(before: Mapping[str, Score], after: Mapping[str, Score]) -> list[Row]:
    rows = []
    for where in dict.fromkeys([*before, *after]):
        lines = []
        for measure, words in model_words.MEASURES.items():
            old = getattr(before.get(where), measure, None)
            new = getattr(after.get(where), measure, None)
            if old is None and new is None:
                continue
            sign = ""
            if old is not None and new is not None:
                sign = " ▲" if new > old else " ▼" if new < old else " ="
            lines.append(Row(words, model_words.percent(old), f"{model_words.percent(new)}{sign}"))
        if lines:
            counts = [_count(before.get(where)), _count(after.get(where))]
            group = model_words.GROUPS.get(where, where)
            rows += [Row(f"On {group} kept aside"), Row("How many", *counts), *lines]
    return rows


def _count(score: Score | None) -> str:
    return str(score.photos) if score is not None and score.photos is not None else NOTHING


def _section(title: str, left: Mapping[str, str], right: Mapping[str, str]) -> list[Row]:
    rows = [
        Row(key, left.get(key, NOTHING), right.get(key, NOTHING))
        for key in dict.fromkeys([*left, *right])
    ]
    return [Row(title), *rows] if rows else []


def _settings(version: Version) -> dict[str, str]:
    return {
        model_words.SETTINGS.get(key, key): model_words.setting(value) or NOTHING
        for key, value in facts.settings(version.about).items()
    }


def _made(version: Version) -> str:
    return model_words.when(version.created) or NOTHING
