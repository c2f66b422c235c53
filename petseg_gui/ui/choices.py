"""Small controls of the tool panel: one of a few, a labelled slider, a button with its key."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QSignalBlocker, QSize, Qt, Signal
from PySide6.QtGui import QAction, QFontMetrics, QKeySequence, QPainter, QPaintEvent, QPalette
from PySide6.QtWidgets import (
    QButtonGroup,
    QHBoxLayout,
    QLabel,
    QSizePolicy,
    QSlider,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from petseg_gui.ui.widgets import quiet

KEY_MARGIN = 8
LOW_BUTTONS = "QToolButton { padding: 1px 4px; }"
"""A style sheet for choices in a panel that has little room."""


class KeyedButton(QToolButton):
    """A button with icon and text at the left and its action's first key, quietly, at the right."""

    def __init__(self, action: QAction) -> None:
        super().__init__()
        self._key = action.shortcut().toString(QKeySequence.SequenceFormat.NativeText)
        self.setDefaultAction(action)
        self.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        # Lower than other buttons: there are seven, and a laptop's screen is low.
        self.setStyleSheet("QToolButton { padding-top: 1px; padding-bottom: 1px; }")

    def sizeHint(self) -> QSize:
        """Room for the key beside the text."""
        size = super().sizeHint()
        key = QFontMetrics(self.font()).horizontalAdvance(self._key)
        return QSize(size.width() + key + 2 * KEY_MARGIN, size.height())

    def minimumSizeHint(self) -> QSize:
        """What is said is never cut off."""
        return self.sizeHint()

    def paintEvent(self, event: QPaintEvent) -> None:
        """The button as it is, and the key."""
        super().paintEvent(event)
        painter = QPainter(self)
        # Placeholder text is the palette's quiet voice; too quiet where a button is filled.
        role = QPalette.ColorRole
        quiet_or_not = role.ButtonText if self.isChecked() else role.PlaceholderText
        painter.setPen(self.palette().color(quiet_or_not))
        room = self.rect().adjusted(0, 0, -KEY_MARGIN, 0)
        painter.drawText(
            room, Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter, self._key
        )
        painter.end()


class Choice(QWidget):
    """A caption and a row of buttons, one of which is on.

    Signals:
        chosen: index of the button that the user chose.
    """

    chosen = Signal(int)

    def __init__(self, caption: str, options: Sequence[tuple[str, str]]) -> None:
        """``options``: text and explanation of each."""
        super().__init__()
        self.setAccessibleName(caption)
        self._group = QButtonGroup(self)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(2)
        row.addWidget(_caption(caption))
        row.addSpacing(4)
        for number, (text, tip) in enumerate(options):
            button = QToolButton()
            button.setText(text)
            button.setToolTip(tip)
            button.setAccessibleName(f"{caption}: {text}")
            button.setCheckable(True)
            button.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
            self._group.addButton(button, number)
            row.addWidget(button)
        self._group.idClicked.connect(self.chosen)

    @property
    def index(self) -> int:
        """Of the button that is on; -1 at first."""
        return self._group.checkedId()

    def choose(self, index: int) -> None:
        """Show a choice that came from elsewhere."""
        self._group.button(index).setChecked(True)


class NamedSlider(QWidget):
    """A caption, the value in words, and a slider beneath.

    Signals:
        moved: position, when the user moves the slider.
    """

    moved = Signal(int)

    def __init__(self, caption: str, name: str, tip: str, maximum: int) -> None:
        super().__init__()
        self.value = QLabel()
        self.slider = QSlider(Qt.Orientation.Horizontal)
        self.slider.setRange(0, maximum)
        self.slider.setPageStep(max(1, maximum // 20))
        self.slider.setAccessibleName(name)
        self.setToolTip(tip)
        self.slider.valueChanged.connect(self.moved)
        row = QHBoxLayout()
        row.addWidget(_caption(caption), 1)
        row.addWidget(self.value)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(1)
        layout.addLayout(row)
        layout.addWidget(self.slider)

    def show_position(self, position: int) -> None:
        """Move the slider to a value that came from elsewhere, without choosing it anew."""
        with QSignalBlocker(self.slider):
            self.slider.setValue(position)

    def show_value(self, text: str, spoken: str) -> None:
        """Say what the position means."""
        self.value.setText(text)
        self.slider.setAccessibleDescription(spoken)


def _caption(text: str) -> QLabel:
    """A quiet word that takes one line and no more."""
    label = quiet(text)
    label.setWordWrap(False)
    return label
