"""Every setting of a fine-tune, for those who want to choose themselves; each with a line."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import (
    QCheckBox,
    QComboBox,
    QDoubleSpinBox,
    QFormLayout,
    QSlider,
    QSpinBox,
    QVBoxLayout,
    QWidget,
)

from model.settings import FineTuneSettings
from petseg_gui.ui.widgets import quiet

RATES: tuple[tuple[str, float], ...] = (
    ("Careful (0.00003)", 3e-5),
    ("Gentle (0.0001)", 1e-4),
    ("Slow (0.0002)", 2e-4),
    ("Normal (0.0003)", 3e-4),
    ("Brisk (0.0005)", 5e-4),
    ("Bold (0.001)", 1e-3),
)
MAX_ROUNDS, MAX_BATCH, MAX_PATIENCE, MAX_SEED = 100, 64, 50, 999_999


class FineTuneFields(QWidget):
    """Edits the fields of :class:`model.settings.FineTuneSettings`.

    Signals:
        changed: somebody chose something.
    """

    changed = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.epochs = _number("Rounds", 1, MAX_ROUNDS)
        self.rate = QComboBox()
        for text, rate in RATES:
            self.rate.addItem(text, rate)
        self.rate.setAccessibleName("Learning rate")
        self.share = QSlider(Qt.Orientation.Horizontal)
        self.share.setRange(0, 9)
        self.share.setAccessibleName("Share of Oxford photos")
        self._share_text = quiet()
        self.weight = QDoubleSpinBox()
        self.weight.setRange(0.1, 10.0)
        self.weight.setSingleStep(0.5)
        self.weight.setDecimals(1)
        self.weight.setAccessibleName("Weight of my photos")
        self.batch = _number("Photos per step", 1, MAX_BATCH)
        self.patience = _number("Patience", 0, MAX_PATIENCE)
        self.patience.setSpecialValueText("never stop early")
        self.seed = _number("Seed", 0, MAX_SEED)
        self.freeze = QCheckBox("Keep the encoder frozen")
        self._build()
        self._explain()
        for box in (self.epochs, self.batch, self.patience, self.seed, self.weight):
            box.valueChanged.connect(self._refresh)
        self.rate.currentIndexChanged.connect(self._refresh)
        self.share.valueChanged.connect(self._refresh)
        self.freeze.toggled.connect(self._refresh)
        self.set_values(FineTuneSettings().to_dict())

    def values(self) -> dict[str, Any]:
        """By the names of the settings."""
        return {
            "epochs": self.epochs.value(),
            "learning_rate": float(self.rate.currentData()),
            "oxford_share": self.share.value() / 10,
            "own_weight": round(self.weight.value(), 1),
            "freeze_encoder": self.freeze.isChecked(),
            "batch_size": self.batch.value(),
            "patience": self.patience.value(),
            "seed": self.seed.value(),
        }

    def set_values(self, values: Mapping[str, Any]) -> None:
        """Show ``values``; unknown ones are ignored, missing ones keep what is shown."""
        for name, box in (
            ("epochs", self.epochs),
            ("batch_size", self.batch),
            ("patience", self.patience),
            ("seed", self.seed),
        ):
            if name in values:
                box.setValue(int(values[name]))
        if "own_weight" in values:
            self.weight.setValue(float(values["own_weight"]))
        if "learning_rate" in values:
            self._set_rate(float(values["learning_rate"]))
        if "oxford_share" in values:
            self.share.setValue(round(10 * float(values["oxford_share"])))
        if "freeze_encoder" in values:
            self.freeze.setChecked(bool(values["freeze_encoder"]))
        self._refresh()

    def set_oxford(self, possible: bool) -> None:
        """Whether Oxford photos are mixed in at all."""
        self.share.setEnabled(possible)

    def _set_rate(self, rate: float) -> None:
        rates = [float(self.rate.itemData(i)) for i in range(self.rate.count())]
        for index, known in enumerate(rates):
            if math.isclose(known, rate, rel_tol=1e-6):
                self.rate.setCurrentIndex(index)
                return
        place = sum(known < rate for known in rates)
        self.rate.insertItem(place, f"Other ({rate:.10f}".rstrip("0") + ")", rate)
        self.rate.setCurrentIndex(place)

    def _build(self) -> None:
        form = QFormLayout()
        form.setContentsMargins(0, 0, 0, 0)
        form.setVerticalSpacing(3)
        form.setRowWrapPolicy(QFormLayout.RowWrapPolicy.DontWrapRows)
        form.setFieldGrowthPolicy(QFormLayout.FieldGrowthPolicy.AllNonFixedFieldsGrow)
        form.addRow("Rounds", self.epochs)
        form.addRow("Learning rate", self.rate)
        form.addRow("Oxford photos", self.share)
        form.addRow("", self._share_text)
        form.addRow("My photos count", self.weight)
        form.addRow("Photos per step", self.batch)
        form.addRow("Patience", self.patience)
        form.addRow("Seed", self.seed)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(3)
        layout.addLayout(form)
        layout.addWidget(self.freeze)

    def _explain(self) -> None:
        self.weight.setSuffix(" ×")
        for box, tip in (
            (self.epochs, "How often it looks at every photo. More is slower, not always better."),
            (self.rate, "How far one step may move the model away from what it knows"),
            (self.share, "Share of Oxford photos: they keep the model good at all pets"),
            (self.weight, "How much a photo of yours counts beside an Oxford photo"),
            (self.batch, "How many photos it looks at before it changes. More takes more memory."),
            (
                self.patience,
                "Stop after so many rounds in which the photos kept aside got no better",
            ),
            (self.seed, "Of what is left to chance: the same number, the same order of photos"),
            (
                self.freeze,
                "Train only the part that draws the mask, not the one that sees. "
                "Faster, and safer with fewer than about 20 masks.",
            ),
        ):
            box.setToolTip(tip)

    def _refresh(self, *_: object) -> None:
        self._share_text.setText(f"{self.share.value() * 10} % of every step")
        self.changed.emit()


def _number(name: str, low: int, high: int) -> QSpinBox:
    box = QSpinBox()
    box.setRange(low, high)
    box.setAccessibleName(name)
    return box
