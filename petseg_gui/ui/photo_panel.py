"""What is known about the photo on the canvas."""

from __future__ import annotations

from PySide6.QtWidgets import QFormLayout, QHBoxLayout, QLabel, QVBoxLayout, QWidget

from petseg_gui.ui.marks import SIGNS, Mark
from petseg_gui.ui.widgets import heading, quiet


class PhotoPanel(QWidget):
    """State, model and number of strokes of the present photo."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("photoPanel")
        self.setAccessibleName("This photo")
        self._state = QLabel()
        self._gestures = QLabel()
        self._model = QLabel()
        self._model.setWordWrap(True)
        form = QFormLayout()
        form.setContentsMargins(0, 0, 0, 0)
        form.setVerticalSpacing(3)
        first = QHBoxLayout()
        first.addWidget(self._state)
        first.addStretch(1)
        first.addWidget(quiet("Strokes"))
        first.addSpacing(8)
        first.addWidget(self._gestures)
        form.addRow(quiet("State"), first)
        form.addRow(quiet("Predicted by"), self._model)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(12, 8, 12, 8)
        layout.setSpacing(6)
        layout.addWidget(heading("This photo"))
        layout.addLayout(form)
        self.clear()

    def clear(self) -> None:
        """No photo is open."""
        for label in (self._state, self._gestures, self._model):
            label.setText("–")

    def show_state(self, mark: Mark) -> None:
        """Show nothing but the state."""
        word = mark.value
        self._state.setText(f"{SIGNS[mark]} {word[0].upper()}{word[1:]}")

    def show_photo(self, mark: Mark, gestures: int, model: str | None) -> None:
        """Show the facts; ``gestures`` counts every stroke that is in the mask."""
        self.show_state(mark)
        self._gestures.setText(str(gestures))
        self._model.setText(model or "–")
