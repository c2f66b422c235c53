"""The settings of a fine-tune, each with a default and one line that explains it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import (
    QCheckBox,
    QComboBox,
    QFormLayout,
    QHBoxLayout,
    QRadioButton,
    QSlider,
    QSpinBox,
    QVBoxLayout,
    QWidget,
)

from model.settings import FineTuneSettings
from petseg_gui.ui.fine_tune_reports import duration
from petseg_gui.ui.widgets import keep_keys, quiet

_FIELDS = ("epochs", "learning_rate", "oxford_share", "freeze_encoder")
_STANDARD = FineTuneSettings()
DEFAULTS: dict[str, Any] = {
    **{name: getattr(_STANDARD, name) for name in _FIELDS},
    "oxford": "none",
}
RATES: tuple[tuple[str, float], ...] = (
    ("Careful (0.00003)", 3e-5),
    ("Normal (0.0001)", 1e-4),
    ("Bold (0.0003)", 3e-4),
)
CPU_SECONDS_PER_PHOTO = 0.2
"""A training step on two cores, per photo; used until a step has been measured."""


class FineTuneForm(QWidget):
    """Edits the settings dict of the fine-tune panel (keys of :data:`DEFAULTS`)."""

    changed = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._oxford_ready = False
        self._epochs = QSpinBox()
        self._epochs.setRange(1, 100)
        self._epochs.setAccessibleName("Rounds")
        self._rate = QComboBox()
        for text, rate in RATES:
            self._rate.addItem(text, rate)
        self._rate.setAccessibleName("Learning rate")
        self._share = QSlider(Qt.Orientation.Horizontal)
        self._share.setRange(0, 9)
        self._share.setAccessibleName("Share of Oxford photos")
        self._share_text = quiet()
        self._freeze = QCheckBox("Keep the encoder frozen")
        self._own = QRadioButton("Only my photos")
        self._download = QRadioButton("Download (800 MB)")
        self._build()
        self.set_settings(DEFAULTS)
        self.set_oxford_ready(False)
        self._epochs.valueChanged.connect(self._refresh)
        self._rate.currentIndexChanged.connect(self._refresh)
        self._share.valueChanged.connect(self._refresh)
        self._freeze.toggled.connect(self._refresh)
        self._own.toggled.connect(self._refresh)
        keep_keys(self)

    def settings(self) -> dict[str, Any]:
        """What is chosen: epochs (int), learning_rate, oxford_share (0..0.9), freeze_encoder
        (bool), and oxford: 'none', 'local' (they are on this computer) or 'download'.
        """
        oxford = "local" if self._oxford_ready else "download"
        if self._share.value() == 0 or (not self._oxford_ready and self._own.isChecked()):
            oxford = "none"
        return {
            "epochs": self._epochs.value(),
            "learning_rate": float(self._rate.currentData()),
            "oxford_share": self._share.value() / 10 if oxford != "none" else 0.0,
            "freeze_encoder": self._freeze.isChecked(),
            "oxford": oxford,
        }

    def set_settings(self, settings: Mapping[str, Any]) -> None:
        """Show ``settings``; unknown keys are ignored, missing ones keep what is shown."""
        if "epochs" in settings:
            self._epochs.setValue(int(settings["epochs"]))
        if "learning_rate" in settings:
            rate = float(settings["learning_rate"])
            nearest = min(range(len(RATES)), key=lambda i: abs(RATES[i][1] - rate))
            self._rate.setCurrentIndex(nearest)
        if "oxford_share" in settings:
            self._share.setValue(round(10 * float(settings["oxford_share"])))
        if "freeze_encoder" in settings:
            self._freeze.setChecked(bool(settings["freeze_encoder"]))
        self._refresh()

    def set_oxford_ready(self, ready: bool) -> None:
        """Whether the Oxford photos are on this computer; if not, the user has a choice."""
        self._oxford_ready = ready
        self._own.setVisible(not ready)
        self._download.setVisible(not ready)
        self._refresh()

    def photos_per_run(self, own: int) -> int:
        """How many photos a run passes through the network, each as often as it is used.

        Args:
            own: corrected photos to train on (those that are kept aside do not count).
        """
        chosen = self.settings()
        settings = FineTuneSettings(**{name: chosen[name] for name in _FIELDS})
        return settings.steps_per_epoch(own) * settings.epochs * settings.batch_size

    def time(self, own: int, device: str, seconds_per_photo: float | None) -> str:
        """What the chosen settings mean in minutes on ``device``, in words; '' if not known.

        Args:
            own: corrected photos to train on.
            device: in words; '' while it is not known.
            seconds_per_photo: as measured in a run before; None: not measured yet.
        """
        if not device or own == 0:
            return ""
        if seconds_per_photo is None and not device.startswith("CPU"):
            return f"Trains on {device}."
        seconds = self.photos_per_run(own) * (seconds_per_photo or CPU_SECONDS_PER_PHOTO)
        about = "about" if seconds_per_photo else "roughly"
        return f"Trains on {device}: {about} {duration(seconds)}."

    def _build(self) -> None:
        form = QFormLayout()
        form.setContentsMargins(0, 0, 0, 0)
        form.setVerticalSpacing(3)
        form.setRowWrapPolicy(QFormLayout.RowWrapPolicy.DontWrapRows)
        form.setFieldGrowthPolicy(QFormLayout.FieldGrowthPolicy.AllNonFixedFieldsGrow)
        form.addRow("Rounds", self._epochs)
        form.addRow(quiet("How often it looks at every photo."))
        form.addRow("Learning rate", self._rate)
        form.addRow(quiet("How far each step may move the model."))
        form.addRow("Oxford photos", self._share)
        form.addRow(self._share_text)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(4)
        layout.addLayout(form)
        choice = QHBoxLayout()
        choice.setSpacing(14)
        choice.addWidget(self._own)
        choice.addWidget(self._download)
        choice.addStretch(1)
        layout.addLayout(choice)
        layout.addWidget(self._freeze)
        layout.addWidget(quiet("Faster, and safer with few masks."))
        self._own.setChecked(True)
        self._epochs.setToolTip(
            "How often it looks at every photo. More is slower, and not always better."
        )
        self._rate.setToolTip("How far one step may move the model away from what it knows")
        self._own.setToolTip("Train without the Oxford photos: they are not on this computer")
        self._download.setToolTip("Download the Oxford photos first (about 800 MB); once is enough")
        self._share.setToolTip("Share of Oxford photos among those that the model trains on")
        self._freeze.setToolTip(
            "Train only the part that draws the mask, not the one that sees. "
            "Faster, and safer with fewer than about 20 masks."
        )

    def _refresh(self) -> None:
        share = self._share.value() * 10
        if self.settings()["oxford"] == "none":
            text = "Only your photos: may forget other pets."
        else:
            text = f"{share} % of each batch: keeps it good at all pets."
        self._share_text.setText(text)
        self._share.setEnabled(self._oxford_ready or self._download.isChecked())
        self.changed.emit()
