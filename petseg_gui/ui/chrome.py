"""Menus and toolbar: where the actions of :mod:`petseg_gui.ui.actions` are found."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QAction, QFontMetrics
from PySide6.QtWidgets import QMainWindow, QMenu, QSizePolicy, QToolBar, QToolButton, QWidget

from petseg_gui.ui.action_specs import TOOL_ACTIONS, VIEW_ACTIONS
from petseg_gui.ui.actions import ICON_SIZE, Actions
from petseg_gui.ui.model_menu import ModelMenu
from petseg_gui.ui.widgets import keep_keys

SEPARATOR = "|"
SPACE = "<"

VIEWS = " ".join(VIEW_ACTIONS.values())
TOOLS = " ".join(TOOL_ACTIONS.values())
MENUS: tuple[tuple[str, str], ...] = (
    (
        "&File",
        "actionOpenFolder recent actionOpenSamples | actionSubfolders | actionSave | "
        "actionImport actionExport actionExportSelected | actionQuit",
    ),
    ("&Edit", "actionUndo actionRedo | actionSelectAll"),
    (
        "&Review",
        "actionAcceptAndNext actionSkip actionFlag actionUnaccept | "
        "actionPrevious actionNext actionPreviousUnreviewed actionNextUnreviewed "
        "actionMostUncertain | actionVersions actionKeepLabel actionStartAnew | "
        "actionAcceptSelected actionPredictSelected actionTagSelected "
        "actionClearSelected",
    ),
    (
        "&View",
        "actionGrid actionFind actionShowAll actionArrangeAgain | "
        f"{VIEWS} | actionWipe actionOverlayWeaker actionOverlayStronger | "
        "actionZoomFit actionZoomActual actionZoomIn actionZoomOut | actionShowFineTune",
    ),
    (
        "&Mask",
        f"{TOOLS} | actionBrushSmaller actionBrushLarger | "
        "actionClass1 actionClass2 actionClass3 actionRestore | "
        "actionKeepBorder actionLayBorder | actionCleanUp | actionResetPhoto",
    ),
    ("M&odel", "models actionModels | actionFineTune actionPauseFineTune actionCancelFineTune"),
    ("&Help", "actionShortcuts actionAbout"),
)
TOOLBAR = (
    "actionOpenFolder | actionPrevious actionNext | actionUndo actionRedo actionSave | "
    "actionZoomFit actionZoomActual | views actionWipe < actionAcceptAndNext actionShowFineTune"
)
WITH_TEXT = ("actionOpenFolder", "actionWipe", "actionAcceptAndNext", "actionShowFineTune")


def build_menus(window: QMainWindow, actions: Actions) -> tuple[QMenu, ModelMenu]:
    """Fill the menu bar; returns the empty menus for recent folders and for models."""
    recent, models = QMenu("&Recent folders", window), ModelMenu(window)
    recent.setToolTipsVisible(True)
    submenus = {"recent": recent, "models": models}
    for title, names in MENUS:
        menu = window.menuBar().addMenu(title)
        menu.setToolTipsVisible(True)
        for name in names.split():
            if name == SEPARATOR:
                menu.addSeparator()
            elif name in submenus:
                menu.addMenu(submenus[name])
            else:
                menu.addAction(actions[name])
    return recent, models


def fill_recent(menu: QMenu, folders: Sequence[str], choose: Callable[[str], None]) -> None:
    """List ``folders``, the latest first."""
    menu.clear()
    menu.setEnabled(bool(folders))
    for folder in folders:
        # An ampersand in a folder's name is not a mnemonic.
        action = menu.addAction(folder.replace("&", "&&"))
        action.triggered.connect(lambda _=False, path=folder: choose(path))


class ViewButton(QToolButton):
    """Names the view in use and opens the list of all."""

    def __init__(self, actions: Actions) -> None:
        super().__init__()
        self.setObjectName("viewButton")
        self.setToolTip("How photo and mask are shown; each view has a key")
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Preferred)
        self.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
        self.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
        self.setStyleSheet(
            "QToolButton { padding-right: 16px; }"
            "QToolButton::menu-indicator {"
            " subcontrol-origin: padding; subcontrol-position: right center; right: 5px; }"
        )
        menu = QMenu(self)
        menu.setToolTipsVisible(True)
        self._views = [actions[name] for name in VIEW_ACTIONS.values()]
        for action in self._views:
            menu.addAction(action)
            action.toggled.connect(self._name)
            action.changed.connect(self._name)
        self.setMenu(menu)
        self._name()

    def sizeHint(self) -> QSize:
        """Room for the longest name: the neighbours stay where they are."""
        size, metrics = super().sizeHint(), QFontMetrics(self.font())
        # As QToolButton measures its text.
        flag = Qt.TextFlag.TextShowMnemonic.value
        widest = max(metrics.size(flag, action.iconText()).width() for action in self._views)
        return size + QSize(widest - metrics.size(flag, self.text()).width(), 0)

    def _name(self, _on: bool = True) -> None:
        for action in self._views:
            if action.isChecked():
                self.setText(action.iconText())
                self.setIcon(action.icon())
                self.setAccessibleName(f"View: {_plain(action)}")


def _plain(action: QAction) -> str:
    return action.text().replace("&", "")


def build_toolbar(window: QMainWindow, actions: Actions) -> QToolBar:
    """The toolbar: open and paging at the left, the decision at the right."""
    bar = QToolBar("Toolbar", window)
    bar.setObjectName("toolbar")
    bar.setMovable(False)
    bar.setFloatable(False)
    bar.setIconSize(QSize(ICON_SIZE, ICON_SIZE))
    bar.setContextMenuPolicy(Qt.ContextMenuPolicy.PreventContextMenu)
    for name in TOOLBAR.split():
        if name == SEPARATOR:
            bar.addSeparator()
        elif name == SPACE:
            spacer = QWidget()
            spacer.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Preferred)
            bar.addWidget(spacer)
        elif name == "views":
            bar.addWidget(ViewButton(actions))
        else:
            bar.addAction(actions[name])
    for name in WITH_TEXT:
        button = bar.widgetForAction(actions[name])
        if isinstance(button, QToolButton):
            button.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
    accept = bar.widgetForAction(actions["actionAcceptAndNext"])
    accept.setObjectName("primaryButton")
    keep_keys(bar)
    window.addToolBar(bar)
    return bar
