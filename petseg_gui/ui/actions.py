"""Everything the user can do, as actions; :mod:`action_specs` says what each is."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from itertools import islice

from PySide6.QtCore import QObject, Qt, QTimer
from PySide6.QtGui import QAction, QActionGroup, QIcon, QKeySequence, QPalette, QPixmap
from PySide6.QtWidgets import QWidget

from petseg_gui.core.history import History
from petseg_gui.services.tasks import TaskRunner
from petseg_gui.ui.action_specs import SPECS, Spec
from petseg_gui.ui.icon_font import icon_font
from petseg_gui.ui.imports import ICONS, import_ahead

ICON_SIZE = 18
ICONS_AT_ONCE = 4
SAVES = ("actionSave", "actionAcceptAndNext")
READ_ONLY = "Another window has this folder open: nothing can be saved here"
"""Why what changes something is not possible in a window that only reads."""
NEEDS_PHOTO = (
    "actionZoomFit",
    "actionZoomActual",
    "actionZoomIn",
    "actionZoomOut",
)
MASK = ("actionLayBorder", "actionCleanUp", "actionResetPhoto")
"""What changes the whole mask: as pointless as strokes where nothing can be saved."""


class Actions(QObject):
    """All actions of the window, by object name.

    Attributes:
        open_folder .. about: read with :meth:`get`, so that the names exist once.
    """

    def __init__(self, window: QWidget) -> None:
        super().__init__(window)
        self._specs = {spec.name: spec for spec in SPECS}
        self._actions: dict[str, QAction] = {}
        self._groups: dict[str, QActionGroup] = {}
        blank = QPixmap(ICON_SIZE, ICON_SIZE)
        blank.fill(Qt.GlobalColor.transparent)
        for spec in SPECS:
            action = QAction(spec.text, window)
            action.setObjectName(spec.name)
            action.setShortcuts([QKeySequence(key) for key in spec.keys])
            action.setCheckable(spec.checkable)
            action.setToolTip(tooltip(spec))
            action.setStatusTip(spec.tip)
            if spec.short:
                action.setIconText(spec.short)
            if spec.icon:
                # A place holder of the final size: the toolbar does not jump when icons come.
                action.setIcon(QIcon(blank))
            if spec.group:
                group = self._groups.setdefault(spec.group, QActionGroup(self))
                group.addAction(action)
            window.addAction(action)
            self._actions[spec.name] = action
        # Its icon has the colour of text on the filled button: on a menu it could not be seen.
        self._actions["actionAcceptAndNext"].setIconVisibleInMenu(False)
        # With the fine-tune panel focused, an arrow or Enter must not act twice when held down.
        for name in ("actionAcceptAndNext", "actionSave", "actionFineTune"):
            self._actions[name].setAutoRepeat(False)

    def __getitem__(self, name: str) -> QAction:
        return self._actions[name]

    def __iter__(self) -> Iterator[QAction]:
        return iter(self._actions.values())

    def connect_all(self, slots: Mapping[str, Callable[[], object]]) -> None:
        """Call each slot when its action is triggered, without the 'checked' that is sent."""
        for name, slot in slots.items():
            self._actions[name].triggered.connect(lambda _checked=False, slot=slot: slot())

    def follow(
        self,
        history: History | None,
        *,
        any_photo: bool,
        any_folder: bool,
        pending: bool = False,
        read_only: bool = False,
    ) -> None:
        """Enable what can be done.

        Args:
            history: of the photo on the canvas; None: there is none.
            any_photo: whether there is a photo to leave.
            any_folder: whether a folder is open.
            read_only: nothing can be saved.
            pending: something on the canvas is not finished: undo takes back its last part.
        """
        for name in NEEDS_PHOTO:
            self._actions[name].setEnabled(history is not None)
        for name in (*SAVES, *MASK):
            self._actions[name].setEnabled(history is not None and not read_only)
            self.explain(name, READ_ONLY if read_only else "")
        for name in ("actionNext", "actionPrevious"):
            self._actions[name].setEnabled(any_photo)
        self._actions["actionShowFineTune"].setEnabled(any_folder)
        self._name("actionUndo", "Undo", history.undo_name if history is not None else None)
        self._name("actionRedo", "Redo", history.redo_name if history is not None else None)
        if pending:
            self._name("actionUndo", "Undo", "the last step")
        if read_only:
            for name in ("actionUndo", "actionRedo"):
                self.explain(name, READ_ONLY)

    def explain(self, name: str, why: str) -> None:
        """Say why an action cannot be used at present; '': it can, or nothing is to be said."""
        spec = self._specs[name]
        self._actions[name].setToolTip(why or tooltip(spec))
        self._actions[name].setStatusTip(why or spec.tip)

    def _name(self, name: str, verb: str, gesture: str | None) -> None:
        """Let undo or redo say what it takes back or brings back; None: there is nothing."""
        action, spec = self._actions[name], self._specs[name]
        action.setEnabled(gesture is not None)
        words = f"{verb} {gesture}" if gesture is not None else verb
        action.setText(f"&{words}")
        action.setToolTip(with_keys(words if gesture is not None else spec.tip, spec))
        action.setStatusTip(words if gesture is not None else spec.tip)

    def load_icons(self, palette: QPalette) -> Iterator[None]:
        """Draw the icons in the colours of ``palette``, one a step; the first costs an import."""
        font = icon_font()
        role, group = QPalette.ColorRole, QPalette.ColorGroup
        normal = palette.color(role.ButtonText)
        for name, spec in self._specs.items():
            if not spec.icon:
                continue
            primary = name == "actionAcceptAndNext"
            self._actions[name].setIcon(
                font.icon(
                    spec.icon,
                    color=palette.color(role.HighlightedText) if primary else normal,
                    color_disabled=palette.color(group.Disabled, role.ButtonText),
                )
            )
            yield


class LateIcons(QObject):
    """Loads the icons of the actions when that delays nothing that matters more."""

    def __init__(self, actions: Actions, tasks: TaskRunner, window: QWidget) -> None:
        super().__init__(window)
        self._actions = actions
        self._tasks = tasks
        self._window = window
        self._held = False
        self._left: Iterator[None] = iter(())
        self._turn = QTimer(self)
        self._turn.setSingleShot(True)
        self._turn.timeout.connect(self._draw_some)

    def hold(self) -> None:
        """Wait: the first photo of a folder is on its way."""
        self._held = True

    def release(self) -> None:
        """The photo is on screen, or there is none."""
        if self._held:
            self._held = False
            self.refresh()

    def refresh(self) -> None:
        """Draw the icons in the window's present colours, as soon as there is nothing else."""
        QTimer.singleShot(0, self, self._load)

    def _load(self) -> None:
        if not self._held and self._window.isVisible():
            import_ahead(self._tasks, ICONS, then=self._draw)

    def _draw(self) -> None:
        if not self._held and self._window.isVisible():
            self._left = self._actions.load_icons(self._window.palette())
            self._turn.start(0)

    def _draw_some(self) -> None:
        # All at once, they and the buttons with them would be painted in one go: beside another
        # thread's import, a tenth of a second.
        if self._window.isVisible() and len([*islice(self._left, ICONS_AT_ONCE)]) == ICONS_AT_ONCE:
            self._turn.start(0)


def tooltip(spec: Spec) -> str:
    """What an action does, with its keys."""
    return with_keys(spec.tip, spec)


def with_keys(words: str, spec: Spec) -> str:
    """``words`` and the keys of an action."""
    keys = " or ".join(
        QKeySequence(key).toString(QKeySequence.SequenceFormat.NativeText) for key in spec.keys[:2]
    )
    return f"{words} ({keys})" if keys else words
