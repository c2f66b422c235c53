"""Where messages appear: a bar above the photo that never asks for an answer."""

from __future__ import annotations

from collections import deque

from PySide6.QtCore import QTimer, Signal
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QToolButton, QWidget

from petseg_gui.services.messages import Kind, Message

INFO_MS = 4_000
OFFER_MS = 20_000
"""A note that offers something waits longer: it takes a moment to decide."""

_LOOKS: dict[Kind, tuple[str, str, str, str]] = {
    # sign, spoken name, background, text: the sign carries the kind as well as the colour
    "info": ("i", "Note", "#1f6f9f", "#ffffff"),
    "warning": ("!", "Warning", "#8a5a00", "#ffffff"),
    "error": ("✕", "Problem", "#a3341a", "#ffffff"),
}


class MessageBar(QFrame):
    """Shows one message at a time: problems stay until dismissed, notes go by themselves.

    Signals:
        shown: the text changed, and with it the height.
    """

    shown = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("messageBar")
        self._waiting: deque[Message] = deque()
        self._message: Message | None = None
        self._sign = QLabel()
        self._text = QLabel()
        self._text.setWordWrap(True)
        self._offer = QToolButton()
        self._offer.setObjectName("messageOffer")
        self._offer.clicked.connect(self._take_offer)
        self._close = QToolButton()
        self._close.setText("Dismiss")
        self._close.setAccessibleName("Dismiss this message")
        self._close.clicked.connect(self.dismiss)
        layout = QHBoxLayout(self)
        layout.setContentsMargins(12, 6, 8, 6)
        layout.addWidget(self._sign)
        layout.addWidget(self._text, 1)
        layout.addWidget(self._offer)
        layout.addWidget(self._close)
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.timeout.connect(self.dismiss)
        self.hide()

    @property
    def message(self) -> Message | None:
        """The message on show."""
        return self._message

    def post(self, message: Message) -> None:
        """Show ``message``, or queue it behind a problem that has not been dismissed."""
        if message == self._message or message in self._waiting:
            return
        if self._message is not None and self._message.kind != "info":
            self._waiting.append(message)
        else:
            self._show(message)

    def dismiss(self) -> None:
        """Take the present message away and show the next one."""
        self._timer.stop()
        self._message = None
        if self._waiting:
            self._show(self._waiting.popleft())
        else:
            self.hide()

    def dismiss_all(self) -> None:
        """Drop every message: the window closes."""
        self._waiting.clear()
        self.dismiss()

    def _take_offer(self) -> None:
        offer = self._message.offer if self._message is not None else None
        self.dismiss()
        if offer is not None:
            offer.act()

    def _show(self, message: Message) -> None:
        sign, name, background, colour = _LOOKS[message.kind]
        self._message = message
        self._sign.setText(sign)
        self._text.setText(message.text)
        self._offer.setText(message.offer.text if message.offer is not None else "")
        self._offer.setVisible(message.offer is not None)
        self.setAccessibleName(f"{name}: {message.text}")
        self.setStyleSheet(
            f"QFrame#messageBar {{ background: {background}; }}"
            f"QLabel {{ color: {colour}; background: transparent; }}"
            f"QToolButton {{ color: {colour}; border: 1px solid rgba(255, 255, 255, 90); }}"
        )
        self.show()
        self.shown.emit()
        self._timer.stop()
        if message.kind == "info":
            self._timer.start(INFO_MS if message.offer is None else OFFER_MS)
