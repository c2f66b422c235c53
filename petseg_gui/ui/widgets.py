"""Small parts that several panels share."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QObject, QSize, Qt, Signal
from PySide6.QtGui import QColor, QIcon, QKeyEvent, QPainter, QPixmap
from PySide6.QtWidgets import (
    QAbstractButton,
    QComboBox,
    QFrame,
    QLabel,
    QLineEdit,
    QSlider,
    QSpinBox,
    QWidget,
)

from model.labels import COLOURS, Label


def heading(text: str) -> QLabel:
    """The title of a panel."""
    label = QLabel(text)
    label.setProperty("heading", True)
    return label


def quiet(text: str = "") -> QLabel:
    """A line of explanation: smaller voice, wraps."""
    label = QLabel(text)
    label.setProperty("quiet", True)
    label.setWordWrap(True)
    return label


def separator() -> QFrame:
    """A hair line between two panels."""
    line = QFrame()
    line.setObjectName("separator")
    line.setFixedHeight(1)
    return line


def swatch(label: Label, size: int = 16) -> QIcon:
    """A round patch in the colour that the mask has for ``label``."""
    red, green, blue = (int(channel) for channel in COLOURS[label])
    pixmap = QPixmap(QSize(size, size) * 2)
    pixmap.setDevicePixelRatio(2)
    pixmap.fill(Qt.GlobalColor.transparent)
    painter = QPainter(pixmap)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setBrush(QColor(red, green, blue))
    painter.setPen(QColor(0, 0, 0, 110))
    painter.drawEllipse(1, 1, size - 2, size - 2)
    painter.end()
    return QIcon(pixmap)


def with_room(box: QSpinBox) -> QSpinBox:
    """As high as the boxes beside it: by itself it leaves no room below the letters."""
    box.setMinimumHeight(box.fontMetrics().height() + 8)
    return box


class LineEdit(QLineEdit):
    """A line to type in, whose keys are no shortcuts of the window; Enter and Escape leave it.

    Signals:
        left: the person is done: the photo may have the keys again.
    """

    left = Signal()

    _OWN = (
        Qt.Key.Key_Return,
        Qt.Key.Key_Enter,
        Qt.Key.Key_Escape,
        Qt.Key.Key_Left,
        Qt.Key.Key_Right,
        Qt.Key.Key_Backspace,
    )

    def event(self, event: QEvent) -> bool:
        """Claim the keys before they become shortcuts."""
        if (
            isinstance(event, QKeyEvent)
            and event.type() == QEvent.Type.ShortcutOverride
            and event.key() in self._OWN
        ):
            event.accept()
            return True
        return super().event(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Enter and Escape leave; Escape gives up what was typed."""
        if event.key() == Qt.Key.Key_Escape:
            self.undo_typing()
            self.left.emit()
            return
        super().keyPressEvent(event)
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self.left.emit()

    def keep_typing(self) -> None:
        """What is typed so far is kept elsewhere: Escape does not take it back any more."""
        place = self.cursorPosition()
        self.setText(self.text())  # forgets the steps that could be undone
        self.setCursorPosition(place)

    def undo_typing(self) -> None:
        """Back to what was there before."""
        while self.isUndoAvailable():
            self.undo()


class KeepsItsKeys(QObject):
    """Lets a focused button, slider or box use the keys that are shortcuts of the window.

    Enter accepts a mask and the arrows turn pages, but somebody who tabs to a button and
    presses Enter means that button.  Clicking never gives these widgets the focus (see
    :func:`keep_keys`), so on the way of the mouse the shortcuts always work.
    """

    _ENTER = (Qt.Key.Key_Return, Qt.Key.Key_Enter)
    _ARROWS = (Qt.Key.Key_Left, Qt.Key.Key_Right)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Claim Enter for buttons and the arrows for sliders and boxes."""
        if (
            not isinstance(event, QKeyEvent)
            or event.modifiers() & ~Qt.KeyboardModifier.KeypadModifier
        ):
            return False
        button = isinstance(watched, QAbstractButton)
        if event.type() == QEvent.Type.ShortcutOverride:
            wanted = self._ENTER if button else self._ARROWS
            if event.key() in wanted:
                event.accept()
                return True
        elif event.type() == QEvent.Type.KeyPress and button and event.key() in self._ENTER:
            assert isinstance(watched, QAbstractButton)
            watched.click()
            return True
        return False


def keep_keys(panel: QWidget) -> None:
    """Give buttons, sliders and boxes in ``panel`` the focus by Tab only, with their keys."""
    keeper = KeepsItsKeys(panel)
    kinds: tuple[type[QWidget], ...] = (QAbstractButton, QSlider, QComboBox)
    for kind in kinds:
        for widget in panel.findChildren(kind):
            widget.setFocusPolicy(Qt.FocusPolicy.TabFocus)
            widget.installEventFilter(keeper)
