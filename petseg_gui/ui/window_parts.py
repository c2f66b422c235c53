"""The parts of the main window and where each of them lies."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QObject, Qt
from PySide6.QtWidgets import (
    QApplication,
    QFrame,
    QHBoxLayout,
    QLineEdit,
    QScrollArea,
    QStackedWidget,
    QVBoxLayout,
    QWidget,
)

from petseg_gui.ui.actions import Actions
from petseg_gui.ui.canvas import Canvas
from petseg_gui.ui.class_panel import ClassPanel
from petseg_gui.ui.cleanup_bar import CleanUpBar
from petseg_gui.ui.empty_state import EmptyState
from petseg_gui.ui.filmstrip import Filmstrip
from petseg_gui.ui.fine_tune_panel import FineTunePanel
from petseg_gui.ui.folder_bar import FolderBar
from petseg_gui.ui.message_bar import MessageBar
from petseg_gui.ui.photo_grid import PhotoGrid
from petseg_gui.ui.photo_panel import PhotoPanel
from petseg_gui.ui.tool_panel import ToolPanel
from petseg_gui.ui.widgets import separator

SIDE_WIDTH = 316
FINE_TUNE_HEIGHT = 190
"""Pixels: its heading, a row or two of its form, and its button."""


class WindowParts(QWidget):
    """The central widget: tools, photo, panels, filmstrip.

    Attributes:
        canvas, clean_up, empty, messages, tools, classes, photo, fine_tune, filmstrip, grid,
            folder: the parts.
        grid_shown: the grid is in the place of the photo.
    """

    def __init__(self, actions: Actions, filmstrip: Filmstrip, grid: PhotoGrid) -> None:
        super().__init__()
        self.canvas = Canvas()
        self.canvas.setObjectName("canvas")
        self.canvas.setAccessibleName("Photo and mask")
        self.clean_up = CleanUpBar()
        self.clean_up.hide()
        self.empty = EmptyState()
        self.messages = MessageBar()
        self.tools = ToolPanel(actions)
        self.classes = ClassPanel(actions)
        self.photo = PhotoPanel()
        self.fine_tune = FineTunePanel(actions)
        self.filmstrip = filmstrip
        self.grid = grid
        self.folder = FolderBar(filmstrip)
        self._stack = QStackedWidget()
        self._stack.addWidget(self.empty)
        self._stack.addWidget(self.canvas)
        self._stack.addWidget(self.grid)
        self.grid_shown = False
        self._below: QWidget = self.empty
        self._side = self._build_side()
        self.messages.setParent(self._stack)
        self._stack.installEventFilter(self)
        self.messages.shown.connect(self._place_messages)
        top = QHBoxLayout()
        top.setSpacing(0)
        top.addWidget(self.tools)
        middle = QVBoxLayout()
        middle.setSpacing(0)
        middle.addWidget(self._stack, 1)
        middle.addWidget(self.clean_up)
        top.addLayout(middle, 1)
        top.addWidget(self._side)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        layout.addLayout(top, 1)
        layout.addWidget(self.folder)
        self.show_review(False)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Keep the message bar along the top of the photo, over it: the photo does not move."""
        if watched is self._stack and event.type() == QEvent.Type.Resize:
            self._place_messages()
        return super().eventFilter(watched, event)

    def _place_messages(self) -> None:
        width = self._stack.width()
        self.messages.setGeometry(0, 0, width, self.messages.heightForWidth(width))
        self.messages.raise_()

    def show_review(self, shown: bool) -> None:
        """Show what belongs to an open folder; without one only the ways to open it remain."""
        for part in (self.tools, self._side, self.folder):
            part.setVisible(shown)

    def show_canvas(self) -> None:
        """The photo is to be seen, unless the grid is."""
        self._show(self.canvas)

    def show_empty(self) -> None:
        """A text is to be seen instead of a photo, unless the grid is."""
        self._show(self.empty)

    def show_grid(self, shown: bool) -> None:
        """All photos are to be seen in the place of one, or not any more."""
        self.grid_shown = shown
        self._show(self._below)
        self.focus_photo(typing_too=True)

    def focus_photo(self, *, typing_too: bool = False) -> None:
        """Keys are meant for the photo, or for the grid in its place.

        Args:
            typing_too: also when somebody is typing: a photo that comes does not interrupt.
        """
        if isinstance(QApplication.focusWidget(), QLineEdit) and not typing_too:
            return
        shown = self._stack.currentWidget()
        if shown is not None and shown is not self.empty:
            shown.setFocus(Qt.FocusReason.OtherFocusReason)

    @property
    def canvas_shown(self) -> bool:
        """Whether the canvas, not a text, is in the middle, or would be without the grid."""
        return self._below is self.canvas

    def _show(self, below: QWidget) -> None:
        self._below = below
        self._stack.setCurrentWidget(self.grid if self.grid_shown else below)

    def _build_side(self) -> QWidget:
        panels = QWidget()
        layout = QVBoxLayout(panels)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        layout.addWidget(self.classes)
        layout.addWidget(separator())
        layout.addWidget(self.photo)
        layout.addWidget(separator())
        layout.addWidget(self.fine_tune, 1)
        layout.addStretch(0)
        # In a low window all of them are scrolled, so that none is squeezed to nothing.
        self.fine_tune.setMinimumHeight(FINE_TUNE_HEIGHT)
        side = QScrollArea()
        side.setObjectName("sidePanels")
        side.setFixedWidth(SIDE_WIDTH)
        side.setFrameShape(QFrame.Shape.NoFrame)
        side.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        side.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        side.setWidgetResizable(True)
        side.setWidget(panels)
        return side
