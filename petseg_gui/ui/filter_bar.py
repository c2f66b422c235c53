"""Search, filter and order of the photos, in a row above the filmstrip."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QObject, QSignalBlocker, Qt, QTimer, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QComboBox, QHBoxLayout, QLabel, QLineEdit, QToolButton, QWidget

from petseg_gui.core.arrange import Arrangement, PhotoFilter, Sort
from petseg_gui.core.records import PhotoFlag, PhotoState
from petseg_gui.ui.filter_more import MoreFilters
from petseg_gui.ui.widgets import keep_keys

TYPING_MS = 150
"""The list follows when nothing was typed for so long."""
SHOWN: dict[str, PhotoFilter] = {
    "All photos": PhotoFilter(),
    "Not accepted": PhotoFilter(states=frozenset(PhotoState) - {PhotoState.ACCEPTED}),
    "Not predicted": PhotoFilter(states=frozenset({PhotoState.NEW})),
    "Predicted": PhotoFilter(states=frozenset({PhotoState.PREDICTED})),
    "Edited": PhotoFilter(states=frozenset({PhotoState.EDITED})),
    "Accepted": PhotoFilter(states=frozenset({PhotoState.ACCEPTED})),
    "Flagged": PhotoFilter(flags=frozenset({PhotoFlag.FLAGGED})),
    "Skipped": PhotoFilter(flags=frozenset({PhotoFlag.SKIPPED})),
    "With problems": PhotoFilter(problems=True),
}
SORTS: dict[str, Sort] = {
    "By name": Sort.NAME,
    "By date": Sort.DATE,
    "Most uncertain first": Sort.LEAST_SURE,
    "Most confident first": Sort.MOST_SURE,
    "Models differ most": Sort.DISAGREEMENT,
    "Saved last": Sort.SAVED,
}


class FilterBar(QWidget):
    """What is to be listed, and in what order.

    Signals:
        changed: the person chose something.
        left: the person is done with searching: the photo may have the keys again.
        allWanted: drop every filter.
        againWanted: arrange the list anew.
        moreOpening: the rarer filters are about to be shown.
    """

    changed = Signal()
    left = Signal()
    allWanted = Signal()  # noqa: N815 - Qt's spelling of signals
    againWanted = Signal()  # noqa: N815
    moreOpening = Signal()  # noqa: N815

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("filterBar")
        self.setAccessibleName("Filter and order of the photos")
        self.search = QLineEdit()
        self.search.setObjectName("searchBox")
        self.search.setPlaceholderText("Search")
        self.search.setToolTip("Words of a name, a tag or a note (Ctrl+F)")
        self.search.setAccessibleName("Search photos by name, tag or note")
        self.search.setClearButtonEnabled(True)
        self.search.setFixedWidth(132)
        self.search.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.search.installEventFilter(self)
        self.states = _box("stateFilter", "Which photos are listed", list(SHOWN))
        self.sorts = _box("sortBox", "Order of the photos", list(SORTS))
        self.reverse = QToolButton()
        self.reverse.setObjectName("reverseSort")
        self.reverse.setCheckable(True)
        self.reverse.setText("⇅")
        self.reverse.setToolTip("The other way round")
        self.reverse.setAccessibleName("The other way round")
        self.more = QToolButton()
        self.more.setObjectName("moreFilters")
        self.more.setToolTip("Filter by confidence, tag, model, or where two models differ")
        self.panel = MoreFilters(self)
        self.listed = QLabel()
        self.listed.setObjectName("listedLabel")
        self.listed.setProperty("quiet", True)
        self.all = _link("showAll", "Show all", "Drop the filter (Ctrl+Shift+F)")
        self.again = _link(
            "arrangeAgain", "Arrange anew", "Photos changed since the list was arranged (F5)"
        )
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.setInterval(TYPING_MS)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(6)
        for widget in (
            self.search,
            self.states,
            self.more,
            self.sorts,
            self.reverse,
            self.listed,
            self.all,
            self.again,
        ):
            row.addWidget(widget)
        keep_keys(self)
        self._connect()
        self.reset()

    def _connect(self) -> None:
        self._timer.timeout.connect(self.changed)
        self.search.textChanged.connect(lambda _text: self._timer.start())
        self.search.returnPressed.connect(self._done)
        self.states.currentIndexChanged.connect(self._now)
        self.sorts.currentIndexChanged.connect(self._now)
        self.reverse.toggled.connect(self._now)
        self.panel.changed.connect(self._now)
        self.more.clicked.connect(self._open_more)
        self.all.clicked.connect(self.allWanted)
        self.again.clicked.connect(self.againWanted)

    def arrangement(self, model_made: str) -> Arrangement:
        """What is chosen; ``model_made``: see ``PhotoFilter.changed_since``."""
        shown = SHOWN[self.states.currentText()]
        show = PhotoFilter(
            text=self.search.text().strip(),
            states=shown.states,
            flags=shown.flags,
            problems=shown.problems,
        )
        sort = SORTS[self.sorts.currentText()]
        return Arrangement(self.panel.apply(show, model_made), sort, self.reverse.isChecked())

    def reset(self, *, order: bool = True) -> None:
        """List all photos, with ``order`` by name; says nothing."""
        self._timer.stop()
        boxes = (self.search, self.states, *((self.sorts, self.reverse) if order else ()))
        blockers = [QSignalBlocker(box) for box in boxes]
        self.search.clear()
        self.states.setCurrentIndex(0)
        if order:
            self.sorts.setCurrentIndex(0)
            self.reverse.setChecked(False)
        del blockers
        self.panel.reset()
        self._name_more()
        self.show_listed(0, 0, narrowed=False)
        self.show_outdated(False)

    def show_listed(self, count: int, total: int, *, narrowed: bool) -> None:
        """How many photos are listed."""
        self.listed.setText(f"{count:,} of {total:,}" if count else "No photo fits")
        self.listed.setVisible(narrowed)
        self.all.setVisible(narrowed)

    def show_outdated(self, outdated: bool) -> None:
        """Whether the list is not what it would be now."""
        self.again.setVisible(outdated)

    def start_search(self) -> None:
        """Let the person type what to search for."""
        self.search.setFocus(Qt.FocusReason.ShortcutFocusReason)
        self.search.selectAll()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Keys that mean something in the search box are no shortcuts of the window."""
        if watched is self.search and isinstance(event, QKeyEvent):
            escape = event.key() == Qt.Key.Key_Escape
            keys = (Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_Left, Qt.Key.Key_Right)
            if event.type() == QEvent.Type.ShortcutOverride and (
                escape or event.key() in (*keys, Qt.Key.Key_Backspace)
            ):
                event.accept()
                return True
            if event.type() == QEvent.Type.KeyPress and escape:
                self.search.clear()
                self._done()
                return True
        return super().eventFilter(watched, event)

    def _done(self) -> None:
        self._now()
        self.left.emit()

    def _now(self, *_: object) -> None:
        self._timer.stop()
        self._name_more()
        self.changed.emit()

    def _name_more(self) -> None:
        count = self.panel.count
        self.more.setText(f"More ({count})" if count else "More")

    def _open_more(self) -> None:
        self.moreOpening.emit()
        self.panel.open_above(self.more)


def _box(name: str, accessible: str, entries: list[str]) -> QComboBox:
    box = QComboBox()
    box.setObjectName(name)
    box.setAccessibleName(accessible)
    box.setToolTip(accessible)
    box.addItems(entries)
    box.setMaxVisibleItems(len(entries))
    return box


def _link(name: str, text: str, tip: str) -> QToolButton:
    button = QToolButton()
    button.setObjectName(name)
    button.setText(text)
    button.setToolTip(tip)
    button.setProperty("link", True)
    return button
