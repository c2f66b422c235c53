"""The rarer filters, in a panel that opens above their button."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from PySide6.QtCore import QPoint, QSignalBlocker, Qt, Signal
from PySide6.QtWidgets import (
    QCheckBox,
    QComboBox,
    QFormLayout,
    QFrame,
    QPushButton,
    QSpinBox,
    QWidget,
)

from petseg_gui.core.arrange import PhotoFilter
from petseg_gui.ui.widgets import with_room

ANY = "any"
LONGEST_NAME = 18
"""Characters of a tag or a model that a box has room for."""


class MoreFilters(QFrame):
    """Confidence, tag, model, what changed since, and where two models differ.

    Signals:
        changed: something was chosen.
    """

    changed = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent, Qt.WindowType.Popup)
        self.setObjectName("moreFiltersPanel")
        self.setAccessibleName("More filters")
        self.setFrameShape(QFrame.Shape.StyledPanel)
        self.sure = _percent("How sure the model is, at most")
        self.apart = _percent("How much the two models differ, at least")
        self.tag = _choice("Tag")
        self.model = _choice("Model that the mask comes from")
        self.since = QCheckBox("Saved since the &last model")
        self.since.setToolTip("Labels that the model in use cannot have learnt from")
        self.nothing = QPushButton("&Clear these")
        self.nothing.setObjectName("clearMoreFilters")
        form = QFormLayout(self)
        form.setContentsMargins(12, 10, 12, 10)
        for words, box in (
            ("&Sure at most", self.sure),
            ("Models &differ by at least", self.apart),
            ("&Tag", self.tag),
            ("&Model", self.model),
        ):
            form.addRow(words, box)
        form.addRow(self.since)
        form.addRow(self.nothing)
        self.sure.valueChanged.connect(self.changed)
        self.apart.valueChanged.connect(self.changed)
        self.tag.currentIndexChanged.connect(self.changed)
        self.model.currentIndexChanged.connect(self.changed)
        self.since.toggled.connect(self.changed)
        self.nothing.clicked.connect(self._clear)

    def apply(self, show: PhotoFilter, model_made: str) -> PhotoFilter:
        """``show`` with what is chosen here; ``model_made``: see ``PhotoFilter.changed_since``."""
        return replace(
            show,
            most=self.sure.value() / 100 if self.sure.value() else None,
            least_disagreement=self.apart.value() / 100 if self.apart.value() else None,
            tags=frozenset({self.tag.currentData()} if self.tag.currentData() else ()),
            model=self.model.currentData() or "",
            changed_since=model_made if self.since.isChecked() else None,
        )

    @property
    def count(self) -> int:
        """How many of these filters are in force."""
        boxes = (self.sure.value(), self.apart.value(), self.tag.currentData())
        return sum(map(bool, (*boxes, self.model.currentData(), self.since.isChecked())))

    def offer(self, tags: Iterable[str], models: Iterable[str]) -> None:
        """The tags and models that there are; what is chosen stays."""
        for box, names in ((self.tag, tags), (self.model, models)):
            with QSignalBlocker(box):
                chosen = box.currentData()
                box.clear()
                box.addItem(ANY, "")
                for name in sorted({*names, *([chosen] if chosen else [])}):
                    box.addItem(name, name)
                box.setCurrentIndex(max(box.findData(chosen), 0))

    def reset(self) -> None:
        """Choose nothing, and say nothing."""
        boxes = (self.sure, self.apart, self.tag, self.model, self.since)
        blockers = [QSignalBlocker(box) for box in boxes]
        self.sure.setValue(0)
        self.apart.setValue(0)
        self.tag.setCurrentIndex(0)
        self.model.setCurrentIndex(0)
        self.since.setChecked(False)
        del blockers

    def open_above(self, button: QWidget) -> None:
        """Show the panel above ``button``."""
        self.adjustSize()
        corner = button.mapToGlobal(QPoint(0, 0))
        self.move(corner.x(), max(corner.y() - self.height() - 2, 0))
        self.show()
        self.sure.setFocus(Qt.FocusReason.PopupFocusReason)

    def _clear(self) -> None:
        self.reset()
        self.changed.emit()


def _percent(name: str) -> QSpinBox:
    box = QSpinBox()
    box.setRange(0, 100)
    box.setSingleStep(5)
    box.setSuffix(" %")
    box.setKeyboardTracking(False)  # of '85', the 8 is not meant
    box.setSpecialValueText(ANY)
    box.setAccessibleName(name)
    return with_room(box)


def _choice(name: str) -> QComboBox:
    box = QComboBox()
    box.addItem(ANY, "")
    box.setAccessibleName(name)
    box.setMinimumContentsLength(LONGEST_NAME)
    box.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
    return box
