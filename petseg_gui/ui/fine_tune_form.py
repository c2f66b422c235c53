"""What a person chooses before a fine-tune: a preset in plain words, or every field."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from PySide6.QtCore import Signal
from PySide6.QtWidgets import (
    QButtonGroup,
    QHBoxLayout,
    QPushButton,
    QRadioButton,
    QVBoxLayout,
    QWidget,
)

from model.settings import PRESETS, FineTuneSettings
from petseg_gui.ui.fine_tune_fields import FineTuneFields
from petseg_gui.ui.fine_tune_pace import Paces
from petseg_gui.ui.fine_tune_reports import duration
from petseg_gui.ui.widgets import keep_keys, quiet

CUSTOM = "custom"
CHOICES: tuple[tuple[str, str, str], ...] = (
    ("quick", "Quick: a few minutes", "Good for a start, and often enough"),
    (
        "thorough",
        "Thorough: up to five times as long",
        "Looks at more photos at a time and more often, until nothing gets better",
    ),
    (CUSTOM, "Custom", "Choose every setting yourself"),
)
_FIELDS = frozenset(FineTuneSettings().to_dict())


class FineTuneForm(QWidget):
    """Edits the settings dict of the fine-tune panel.

    Signals:
        changed: something was chosen.
        lookWanted: show what the model sees.
    """

    changed = Signal()
    lookWanted = Signal()  # noqa: N815 - Qt's spelling of signals

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._oxford_ready = False
        self._group = QButtonGroup(self)
        self._presets: dict[str, QRadioButton] = {}
        for name, text, tip in CHOICES:
            button = QRadioButton(text)
            button.setObjectName(f"preset{name.capitalize()}")
            button.setToolTip(tip)
            self._group.addButton(button)
            self._presets[name] = button
        self.fields = FineTuneFields()
        self.fields.setObjectName("fineTuneFields")
        self._own = QRadioButton("Only my photos")
        self._download = QRadioButton("Download (800 MB)")
        self._with = QButtonGroup(self)
        self._with.addButton(self._own)
        self._with.addButton(self._download)
        self._mix = quiet()
        self.look = QPushButton("What the model sees…")
        self.look.setObjectName("showAugmented")
        self.look.setToolTip("Photos of yours as they are changed at random for training")
        self._build()
        self._presets["quick"].setChecked(True)
        self._own.setChecked(True)
        self.set_oxford_ready(False)
        for button in self._presets.values():
            button.toggled.connect(self._chosen)
        self.fields.changed.connect(self._refresh)
        self._own.toggled.connect(self._refresh)
        self.look.clicked.connect(self.lookWanted)
        keep_keys(self)

    @property
    def preset(self) -> str:
        """The name of the chosen preset, or ``"custom"``."""
        return next(name for name, button in self._presets.items() if button.isChecked())

    def settings(self) -> dict[str, Any]:
        """What is chosen: the fields of :class:`model.settings.FineTuneSettings` by name,
        ``preset``, and ``oxford``: 'none', 'local' (they are on this computer) or 'download'.
        """
        preset = PRESETS.get(self.preset)
        values = self.fields.values() if preset is None else preset.to_dict()
        oxford = "local" if self._oxford_ready else "download"
        if values["oxford_share"] == 0 or (not self._oxford_ready and self._own.isChecked()):
            oxford = "none"
            values["oxford_share"] = 0.0
        return {"preset": self.preset, **values, "oxford": oxford}

    def set_settings(self, settings: Mapping[str, Any]) -> None:
        """Show ``settings``; unknown keys are ignored, missing ones keep what is shown.

        Without a preset, what is said of single fields makes it a custom choice.
        """
        preset = settings.get("preset", CUSTOM if _FIELDS & set(settings) else self.preset)
        if preset not in self._presets:
            preset = "quick"
        if preset == CUSTOM:
            share = float(settings.get("oxford_share", 0.0))
            # Without Oxford photos a run has a share of none; the field keeps what was chosen.
            known = {k: v for k, v in settings.items() if k != "oxford_share" or share > 0}
            self.fields.set_values(known)
        self._presets[preset].setChecked(True)
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
        settings = FineTuneSettings.from_dict(self.settings())
        return settings.steps_per_epoch(own) * settings.epochs * settings.batch_size

    def time(self, own: int, device: str, paces: Paces) -> str:
        """What the chosen settings mean in minutes on ``device``, in words; '' if not known.

        Args:
            own: corrected photos to train on.
            device: in words; '' while it is not known.
            paces: what runs before have measured.
        """
        if not device or own == 0:
            return ""
        expected = paces.expect(device, bool(self.settings()["freeze_encoder"]))
        if expected is None:
            return f"Trains on {device}."
        about = "about" if expected.measured else "roughly"
        return (
            f"Trains on {device}: {about} {duration(self.photos_per_run(own) * expected.seconds)}."
        )

    def _build(self) -> None:
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(4)
        for button in self._presets.values():
            layout.addWidget(button)
        layout.addWidget(self.fields)
        layout.addWidget(self._mix)
        choice = QHBoxLayout()
        choice.setSpacing(14)
        choice.addWidget(self._own)
        choice.addWidget(self._download)
        choice.addStretch(1)
        layout.addLayout(choice)
        layout.addWidget(self.look)
        self._own.setToolTip("Train without the Oxford photos: they are not on this computer")
        self._download.setToolTip("Download the Oxford photos first (about 800 MB); once is enough")

    def _chosen(self, on: bool) -> None:
        if on:
            preset = PRESETS.get(self.preset)
            if preset is not None:  # somebody who goes on to 'Custom' begins from it
                self.fields.set_values(preset.to_dict())
            self._refresh()

    def _refresh(self, *_: object) -> None:
        self.fields.setVisible(self.preset == CUSTOM)
        mixed = self.settings()["oxford"] != "none"
        self._mix.setText(
            "With Oxford photos mixed in: it stays good at all pets."
            if mixed
            else "Only your photos: it may forget other pets."
        )
        self.fields.set_oxford(self._oxford_ready or self._download.isChecked())
        self.changed.emit()
