"""Everything the user can do, as actions: names, keys and explanations in one place."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from PySide6.QtCore import QObject, Qt, QTimer
from PySide6.QtGui import QAction, QActionGroup, QIcon, QKeySequence, QPalette, QPixmap
from PySide6.QtWidgets import QWidget

from model.labels import CLASSES, NAMES
from petseg_gui.core.history import History

ICON_SIZE = 18
NEEDS_PHOTO = (
    "actionSave",
    "actionAcceptAndNext",
    "actionZoomFit",
    "actionZoomActual",
    "actionZoomIn",
    "actionZoomOut",
)


@dataclass(frozen=True, slots=True)
class Spec:
    """One action: object name, menu text, keys, what it does, icon, and kind."""

    name: str
    text: str
    keys: tuple[str, ...]
    tip: str
    icon: str = ""
    checkable: bool = False
    group: str = ""


SPECS: tuple[Spec, ...] = (
    Spec(
        "actionOpenFolder",
        "&Open folder…",
        ("Ctrl+O",),
        "Open a folder of photos",
        "mdi6.folder-open-outline",
    ),
    Spec(
        "actionOpenSamples",
        "Try the &sample photos",
        (),
        "Copy the sample photos to your data folder and open them",
    ),
    Spec(
        "actionSave",
        "&Save",
        ("Ctrl+S",),
        "Save the mask of this photo without accepting it",
        "mdi6.content-save-outline",
    ),
    Spec("actionQuit", "&Quit", ("Ctrl+Q",), "Close PetSeg"),
    Spec("actionUndo", "&Undo", ("Ctrl+Z",), "Take back the last stroke", "mdi6.undo"),
    Spec(
        "actionRedo",
        "&Redo",
        ("Ctrl+Shift+Z", "Ctrl+Y"),
        "Bring back the stroke taken back last",
        "mdi6.redo",
    ),
    Spec(
        "actionPrevious",
        "&Previous photo",
        ("Left", "A"),
        "Show the photo before this one",
        "mdi6.chevron-left",
    ),
    Spec(
        "actionNext",
        "&Next photo",
        ("Right", "D"),
        "Show the photo after this one",
        "mdi6.chevron-right",
    ),
    Spec(
        "actionAcceptAndNext",
        "&Accept and next",
        ("Return", "Enter"),
        "This mask is right: save it as a label and show the next photo",
        "mdi6.check",
    ),
    Spec("actionZoomFit", "Zoom to &fit", ("F", "0"), "Show the whole photo", "mdi6.fit-to-screen"),
    Spec(
        "actionZoomActual",
        "Zoom to &100 %",
        ("Ctrl+1",),
        "One pixel of the photo on one of the screen",
        "mdi6.numeric-1-box-outline",
    ),
    Spec("actionZoomIn", "Zoom &in", ("Ctrl++", "Ctrl+=", "+", "="), "Zoom in"),
    Spec("actionZoomOut", "Zoom &out", ("Ctrl+-", "-"), "Zoom out"),
    Spec(
        "actionShowFineTune",
        "Fine-&tune panel",
        ("Ctrl+T",),
        "Show or hide the panel that teaches the model from your accepted masks",
        "mdi6.school-outline",
        checkable=True,
    ),
    Spec(
        "actionBrush",
        "&Brush",
        ("B",),
        "Paint the chosen class",
        "mdi6.brush",
        checkable=True,
        group="tool",
    ),
    Spec(
        "actionEraser",
        "&Eraser",
        ("E",),
        "Turn what you paint into background",
        "mdi6.eraser",
        checkable=True,
        group="tool",
    ),
    Spec("actionBrushSmaller", "S&maller brush", ("[",), "Make the brush smaller"),
    Spec("actionBrushLarger", "&Larger brush", ("]",), "Make the brush larger"),
    *(
        Spec(
            f"actionClass{int(label)}",
            f"&{NAMES[label]}",
            (str(int(label)),),
            f"Paint {NAMES[label].lower()}",
            checkable=True,
            group="class",
        )
        for label in CLASSES
    ),
    Spec(
        "actionFineTune",
        "&Start fine-tuning",
        ("Ctrl+Return",),
        "Teach a copy of the model from your accepted masks; you can go on working",
    ),
    Spec(
        "actionCancelFineTune", "&Cancel fine-tuning", (), "Stop; the model in use stays as it is"
    ),
    Spec("actionShortcuts", "&Keyboard shortcuts", ("?",), "Show all keys"),
    Spec("actionAbout", "&About PetSeg", (), "Version and licence"),
)


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
            if spec.icon:
                # A place holder of the final size: the toolbar does not jump when icons come.
                action.setIcon(QIcon(blank))
            if spec.group:
                group = self._groups.setdefault(spec.group, QActionGroup(self))
                group.addAction(action)
            window.addAction(action)
            self._actions[spec.name] = action
        # With the fine-tune panel focused, an arrow or Enter must not act twice when held down.
        for name in ("actionAcceptAndNext", "actionSave", "actionFineTune"):
            self._actions[name].setAutoRepeat(False)

    def __getitem__(self, name: str) -> QAction:
        return self._actions[name]

    def __iter__(self) -> Iterator[QAction]:
        return iter(self._actions.values())

    def follow(self, history: History | None, *, any_photo: bool, any_folder: bool) -> None:
        """Enable what can be done.

        Args:
            history: of the photo on the canvas; None: there is none.
            any_photo: whether there is a photo to leave.
            any_folder: whether a folder is open.
        """
        for name in NEEDS_PHOTO:
            self._actions[name].setEnabled(history is not None)
        for name in ("actionNext", "actionPrevious"):
            self._actions[name].setEnabled(any_photo)
        self._actions["actionShowFineTune"].setEnabled(any_folder)
        undo = history is not None and history.undo_name is not None
        redo = history is not None and history.redo_name is not None
        self._actions["actionUndo"].setEnabled(undo)
        self._actions["actionRedo"].setEnabled(redo)

    def load_icons(self, palette: QPalette) -> None:
        """Draw the icons in the colours of ``palette``; costs an import, so call it late."""
        import qtawesome

        role, group = QPalette.ColorRole, QPalette.ColorGroup
        normal = palette.color(role.ButtonText)
        for name, spec in self._specs.items():
            if not spec.icon:
                continue
            primary = name == "actionAcceptAndNext"
            self._actions[name].setIcon(
                qtawesome.icon(
                    spec.icon,
                    color=palette.color(role.HighlightedText) if primary else normal,
                    color_disabled=palette.color(group.Disabled, role.ButtonText),
                )
            )


class LateIcons(QObject):
    """Loads the icons of the actions when that delays nothing that matters more."""

    def __init__(self, actions: Actions, window: QWidget) -> None:
        super().__init__(window)
        self._actions = actions
        self._window = window
        self._held = False

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
            self._actions.load_icons(self._window.palette())


def tooltip(spec: Spec) -> str:
    """What an action does, with its keys."""
    keys = " or ".join(
        QKeySequence(key).toString(QKeySequence.SequenceFormat.NativeText) for key in spec.keys[:2]
    )
    return f"{spec.tip} ({keys})" if keys else spec.tip
