"""A line of tags with commas between them, which offers the tags that the project has."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from PySide6.QtCore import QStringListModel, Qt
from PySide6.QtGui import QFocusEvent, QKeyEvent
from PySide6.QtWidgets import QCompleter, QListView

from petseg_gui.ui.widgets import LineEdit


class TagEdit(LineEdit):
    """While a tag is typed, those that begin in the same way are listed below.

    Down chooses one, Enter or a click takes it.  Not ``setCompleter``: what that puts in counts
    as not typed, so that it would neither be saved nor taken back by Escape.
    """

    def __init__(self) -> None:
        super().__init__()
        self._known: Callable[[], Iterable[str]] = tuple
        self._model = QStringListModel(self)
        self._completer = QCompleter(self._model, self)
        self._completer.setWidget(self)
        self._completer.setCaseSensitivity(Qt.CaseSensitivity.CaseInsensitive)
        self._completer.activated.connect(self._take)
        self._popup: QListView | None = None  # a window of its own: made when it is needed
        self.textEdited.connect(lambda _text: self._offer())

    def set_known(self, known: Callable[[], Iterable[str]]) -> None:
        """Where the tags come from that are offered: it is asked when somebody begins to type."""
        self._known = known

    @property
    def tags(self) -> list[str]:
        """What is typed."""
        return [tag.strip() for tag in self.text().split(",") if tag.strip()]

    def focusInEvent(self, event: QFocusEvent) -> None:
        """Somebody begins to type."""
        super().focusInEvent(event)
        known = sorted(set(self._known()))
        # Also when the offers go: what was chosen of them is still to be taken.
        if known != self._model.stringList():
            self._model.setStringList(known)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Enter takes the offer that is chosen, and Escape drops the offers, before they leave."""
        popup = self._popup
        if popup is not None and popup.isVisible():
            key = event.key()
            enter = key in (Qt.Key.Key_Return, Qt.Key.Key_Enter)
            if key == Qt.Key.Key_Escape or (enter and popup.currentIndex().isValid()):
                event.ignore()  # the completer does so
                return
            if enter:
                popup.hide()
        super().keyPressEvent(event)

    def _begun(self) -> tuple[int, str]:
        """Where the tag at the cursor begins, and what there is of it."""
        before = self.text()[: self.cursorPosition()]
        start = before.rfind(",") + 1
        part = before[start:]
        return start + len(part) - len(part.lstrip()), part.lstrip()

    def _offer(self) -> None:
        _, part = self._begun()
        self._completer.setCompletionPrefix(part)
        offers = self._completer.completionCount()
        same = offers == 1 and self._completer.currentCompletion() == part
        if part and offers and not same:
            if self._popup is None:
                self._popup = QListView()
                self._popup.setObjectName("tagOffers")
                self._completer.setPopup(self._popup)
            self._completer.complete()
        elif self._popup is not None:
            self._popup.hide()

    def _take(self, tag: str) -> None:
        start, part = self._begun()
        self.setSelection(start, len(part))
        self.insert(tag)
