"""The models of the project: which there are, how they came to be, and what can be done with them.

The dialog knows what was chosen and says what came of it; :mod:`petseg_gui.ui.models_acts` does it.
"""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import (
    QDialog,
    QHBoxLayout,
    QMenu,
    QPushButton,
    QSplitter,
    QVBoxLayout,
    QWidget,
)

from model.registry import MAX_DELETED, STARTER, Listing, Version
from petseg_gui.ui import model_words
from petseg_gui.ui.models_details import ModelDetails
from petseg_gui.ui.models_list import ModelList
from petseg_gui.ui.widgets import quiet

READ_ONLY = "Another window has this folder open: the models can only be looked at here."
TRAINING = "Fine-tuning is running. Cancel it, or wait, before you choose another model."
TRAINING_DELETE = "Fine-tuning is running. Cancel it, or wait, before you delete a model."
BUSY = "Something is being done."
ONE = "Choose one model."
TWO = "Choose two models: hold Ctrl and click, or Shift and an arrow key."
IN_USE = "This model is in use."
KEEP_IN_USE = "This model is in use. Use another one, then delete it."
KEEP_STARTER = "The model that comes with PetSeg cannot be deleted."
NO_DELETED = "No model was deleted."

_BUTTONS = (
    ("use", "useModel", "&Use this model", "Predict with this model from now on"),
    ("compare", "compareModels", "&Compare", "Show scores and settings of two models side by side"),
    ("rename", "renameModel", "&Rename…", "Give this model a name (F2)"),
    ("note", "noteModel", "&Note…", "Write down something about this model"),
    ("export", "exportModel", "E&xport…", "Copy this model to a file"),
    ("import_", "importModel", "&Import…", "Take in a model from a file, once it is checked"),
    ("delete", "deleteModel", "&Delete…", "Put this model away; it can be brought back"),
    ("restore", "restoreModel", "&Bring back", f"The last {MAX_DELETED} deleted models"),
)


class ModelsDialog(QDialog):
    """The list, the details of what is chosen, the buttons.

    Attributes:
        list, details: what is shown.
        buttons: by what they do: use, compare, rename, note, export, import_, delete, restore.
        status: what was done, or why it was not.

    Signals:
        wanted: a button was pressed: one of the keys of ``buttons``; 'restore' comes as
            ``restoreWanted``.
        restoreWanted: id of a deleted model that is to be brought back.
    """

    wanted = Signal(str)
    restoreWanted = Signal(str)  # noqa: N815 - Qt's spelling of signals

    def __init__(self, *, read_only: bool, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("modelsDialog")
        self.setWindowTitle("Models")
        self._read_only = read_only
        self._training = False
        self._busy = True
        self._in_use = ""
        self._listing = Listing([], [], [])
        self._shown: Version | None = None
        self._focus_before: QWidget | None = None
        self.list = ModelList()
        self.details = ModelDetails()
        self.status = quiet("Reading…")
        self.status.setObjectName("modelStatus")
        self.status.setTextFormat(Qt.TextFormat.PlainText)  # file names may look like HTML
        self.buttons: dict[str, QPushButton] = {}
        for key, name, text, tip in _BUTTONS:
            button = QPushButton(text)
            button.setObjectName(name)
            button.setAutoDefault(False)
            button.setToolTip(tip)
            if key != "restore":
                button.clicked.connect(lambda _checked=False, key=key: self.wanted.emit(key))
            self.buttons[key] = button
        self._deleted = QMenu(self)
        self._deleted.setToolTipsVisible(True)
        self.buttons["restore"].setMenu(self._deleted)
        self._lay_out()
        self.list.itemSelectionChanged.connect(self._choose)
        self.list.currentItemChanged.connect(lambda *_items: self._choose())
        self._follow()
        self.resize(1080, 660)

    def _lay_out(self) -> None:
        column = QVBoxLayout()
        for key, button in self.buttons.items():
            column.addWidget(button)
            if key in ("compare", "note", "import_"):
                column.addSpacing(10)
        column.addStretch(1)
        top = QWidget()
        row = QHBoxLayout(top)
        row.setContentsMargins(0, 0, 0, 0)
        row.addWidget(self.list, 1)
        row.addLayout(column)
        parts = QSplitter(Qt.Orientation.Vertical)
        parts.setChildrenCollapsible(False)
        parts.addWidget(top)
        parts.addWidget(self.details)
        parts.setSizes([230, 370])
        close = QPushButton("Close")
        close.setAutoDefault(False)
        close.clicked.connect(self.reject)
        below = QHBoxLayout()
        below.addWidget(self.status, 1)
        below.addWidget(close)
        layout = QVBoxLayout(self)
        layout.addWidget(parts, 1)
        layout.addLayout(below)

    # -- what is to be shown ------------------------------------------------------------

    def show_listing(self, listing: Listing, in_use: str, choose: str | None = None) -> None:
        """List the models.

        Args:
            listing: the models.
            in_use: id of the one in use.
            choose: id of the one to be chosen; None: as before.
        """
        self._listing, self._in_use = listing, in_use
        self._shown = None
        self.list.show_versions(listing.versions, in_use, choose)
        self._deleted.clear()
        for version in listing.deleted:
            action = self._deleted.addAction(model_words.name(version).replace("&", "&&"))
            action.setToolTip(model_words.tooltip(version))
            action.setData(version.id)
            action.triggered.connect(
                lambda _checked=False, model_id=version.id: self.restoreWanted.emit(model_id)
            )
        self._follow()

    def mark(self, in_use: str) -> None:
        """Another model is in use."""
        self._in_use = in_use
        self.list.mark(in_use)
        focus = self.focusWidget()
        self._follow()
        self._focus_again(focus)

    def set_busy(self, busy: bool, text: str | None = None) -> None:
        """Whether something is being done, and what there is to say about it."""
        if busy and not self._busy:
            self._focus_before = self.focusWidget()
        self._busy = busy
        if text is not None:
            self.say(text)
        self._follow()
        if not busy:
            self._focus_again(self._focus_before)

    def set_training(self, training: bool) -> None:
        """Whether a fine-tune is under way."""
        self._training = training
        self._follow()

    def say(self, text: str) -> None:
        """Tell what was done, or why it was not."""
        self.status.setText(text)
        self.status.setAccessibleName(text)

    @property
    def chosen(self) -> list[Version]:
        """The selected models, in the order of the list."""
        known = model_words.known(self._listing.versions)
        return [known[one] for one in self.list.selected() if one in known]

    # ----------------------------------------------------------------------------------

    def _focus_again(self, before: QWidget | None) -> None:
        """Keys go where they went before; if that is disabled by now, to the list."""
        target = before if before is not None and before.isEnabled() else self.list
        target.setFocus(Qt.FocusReason.OtherFocusReason)

    def _choose(self) -> None:
        chosen = self.chosen
        if len(chosen) > 1:
            self._shown = None
            self.details.say(
                "Two models are chosen: Compare shows them side by side."
                if len(chosen) == 2
                else f"{len(chosen)} models are chosen. Two can be compared."
            )
        elif not chosen:
            self._shown = None
            self.details.show_version(None, {}, {})
        elif chosen[0] is not self._shown:
            self._shown = chosen[0]
            known = model_words.known(self._listing.versions)
            self.details.show_version(chosen[0], known, model_words.known(self._listing.deleted))
        self._follow()

    def _follow(self) -> None:
        """Enable what can be done now; what cannot says why."""
        tips = {key: tip for key, _name, _text, tip in _BUTTONS}
        for key, button in self.buttons.items():
            why = self._why_not(key)
            button.setEnabled(not why)
            button.setToolTip(why or tips[key])
            button.setAccessibleDescription(why or tips[key])

    def _why_not(self, key: str) -> str:
        """Why something cannot be done now; '': it can."""
        if self._busy:
            return BUSY
        if self._read_only and key not in ("compare", "export"):
            return READ_ONLY
        chosen = self.chosen
        whatever_is_chosen = {
            "compare": "" if len(chosen) == 2 else TWO,
            "import_": "",
            "restore": "" if self._listing.deleted else NO_DELETED,
        }
        if key in whatever_is_chosen:
            return whatever_is_chosen[key]
        return self._why_not_with(key, chosen[0]) if len(chosen) == 1 else ONE

    def _why_not_with(self, key: str, version: Version) -> str:
        in_use = version.id == self._in_use
        if key == "use":
            return IN_USE if in_use else TRAINING if self._training else ""
        if key != "delete":
            return ""
        if version.origin == STARTER:
            return KEEP_STARTER
        return KEEP_IN_USE if in_use else TRAINING_DELETE if self._training else ""

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """F2 renames, Delete deletes, when that can be done."""
        keys = {Qt.Key.Key_F2: "rename", Qt.Key.Key_Delete: "delete"}
        key = keys.get(Qt.Key(event.key())) if self.list.hasFocus() else None
        if key is None:
            super().keyPressEvent(event)
        elif self.buttons[key].isEnabled():
            self.wanted.emit(key)
        else:
            self.say(self._why_not(key))

    def done(self, result: int) -> None:
        """The diagrams go with it."""
        self.details.close_curves()
        super().done(result)
