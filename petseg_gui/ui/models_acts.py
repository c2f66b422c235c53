"""What is done with the models in their dialog: in workers, told when it is over.

Importing this module imports the dialog, so it is imported when that is wanted.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from pathlib import Path

from PySide6.QtCore import QObject, Qt, Signal
from PySide6.QtWidgets import QFileDialog, QInputDialog, QLineEdit, QMessageBox, QWidget

from model.model_names import MAX_NOTE, MAX_TITLE
from model.registry import MAX_DELETED, Listing, RegistryError, Version
from model.weights import SUFFIX, ModelFileError
from petseg_gui.core.records import StoreError
from petseg_gui.core.store import Project
from petseg_gui.services.messages import Message
from petseg_gui.services.ports import Services
from petseg_gui.services.tasks import TaskRunner
from petseg_gui.ui import model_words
from petseg_gui.ui.models_compare import ComparisonDialog
from petseg_gui.ui.models_dialog import READ_ONLY, TRAINING, ModelsDialog

TOLD = (RegistryError, ModelFileError, StoreError)
"""What can go wrong; its text says what to do."""
FILES = f"Models of PetSeg (*{SUFFIX})"


class ModelsActs(QObject):
    """Opens the dialog of models and carries out what is wanted in it.

    Args:
        project: whose models.
        services: where it is done, and who knows of models and fine-tuning.
        use: brings a model into use; whether it is.
        in_use: id of the model in use.
        window: over which the dialog opens.

    Attributes:
        dialog: what is shown.

    Signals:
        changed: models were added, renamed or deleted.
    """

    changed = Signal()

    def __init__(
        self,
        project: Project,
        services: Services,
        use: Callable[[str], bool],
        in_use: str,
        window: QWidget,
    ) -> None:
        super().__init__(window)
        self._project = project
        self._services = services
        self._models = services.models
        self._use = use
        self._in_use = in_use
        self._busy = True
        self._open = True
        self.dialog = ModelsDialog(read_only=project.read_only, parent=window)
        self.dialog.wanted.connect(self._wanted)
        self.dialog.restoreWanted.connect(self._restore)
        self.dialog.finished.connect(self._closed)
        trainer = services.finetuning
        for signal in (trainer.prepared, trainer.finished, trainer.cancelled, trainer.failed):
            signal.connect(self._training_changed)
        services.messages.posted.connect(self._posted)
        self.dialog.set_training(trainer.running)
        self._list()
        self.dialog.open()

    def mark(self, in_use: str) -> None:
        """Another model is in use."""
        self._in_use = in_use
        self.dialog.mark(in_use)

    # -- listing ------------------------------------------------------------------------

    def _list(self, choose: str | None = None, said: str = "") -> None:
        models, project = self._models, self._project
        self._run(
            self._services.reader,
            lambda: models.listing(project),
            lambda listing: self._listed(listing, choose, said),
            "Reading…",
        )

    def _listed(self, listing: Listing, choose: str | None, said: str) -> None:
        problems = " ".join(f"Left out: {problem}." for problem in listing.problems)
        self.dialog.say(f"{said} {problems}".strip() or self._why_little())
        self.dialog.show_listing(listing, self._in_use, choose)

    def _why_little(self) -> str:
        """Why not everything can be done here; '': it can."""
        if self._project.read_only:
            return READ_ONLY
        return TRAINING if self._services.finetuning.running else ""

    def _training_changed(self, *_: object) -> None:
        self.dialog.set_training(self._services.finetuning.running)
        if self._open and not self._busy:
            self._list()  # there may be a new model

    def _posted(self, message: Message) -> None:
        # The window's own bar is behind the dialog.
        if self._open and message.kind != "info":
            self.dialog.say(message.text)

    # -- what is wanted -----------------------------------------------------------------

    def _wanted(self, what: str) -> None:
        chosen = self.dialog.chosen
        if what == "compare":
            self._compare(*chosen)
        elif what == "import_":
            self._import()
        elif len(chosen) == 1:
            acts = {
                "use": self._use_it,
                "rename": self._rename,
                "note": self._note,
                "export": self._export,
                "delete": self._delete,
            }
            acts[what](chosen[0])

    def _compare(self, one: Version, other: Version) -> None:
        dialog = ComparisonDialog(one, other, self.dialog)
        dialog.finished.connect(lambda _result: dialog.deleteLater())
        dialog.open()

    def _use_it(self, version: Version) -> None:
        if self._services.finetuning.running:  # it may have begun this very moment
            self.dialog.set_training(True)
        elif self._use(version.id):
            self.mark(version.id)
            self.dialog.say(
                f"{model_words.name(version)} is in use. Photos that you have not reviewed are "
                "predicted anew."
            )

    def _rename(self, version: Version) -> None:
        box = self._question("Rename", f"Name of {version.id}:", "renameDialog")
        box.setTextValue(version.title)
        line = box.findChild(QLineEdit)
        if line is not None:
            line.setMaxLength(MAX_TITLE)
        models, project = self._models, self._project
        box.textValueSelected.connect(
            lambda text: self._write(
                lambda: models.rename(project, version.id, text), version.id, "The name is saved."
            )
        )
        box.open()

    def _note(self, version: Version) -> None:
        label = f"Note about {version.id}, up to {MAX_NOTE:,} characters:"
        box = self._question("Note", label, "noteDialog")
        box.setOption(QInputDialog.InputDialogOption.UsePlainTextEditForTextInput)
        box.setTextValue(version.note)
        models, project = self._models, self._project
        box.textValueSelected.connect(
            lambda text: self._write(
                lambda: models.set_note(project, version.id, text), version.id, "The note is saved."
            )
        )
        box.open()

    def _question(self, title: str, label: str, name: str) -> QInputDialog:
        box = QInputDialog(self.dialog)
        box.setObjectName(name)
        box.setWindowTitle(title)
        box.setLabelText(label)
        box.setOkButtonText("Save")
        box.resize(420, 0)
        box.finished.connect(lambda _result: box.deleteLater())
        return box

    def _export(self, version: Version) -> None:
        start = str(Path.home() / f"{version.id}{SUFFIX}")
        found, _ = QFileDialog.getSaveFileName(self.dialog, "Export a model", start, FILES)
        if not found:
            return
        path = Path(found)
        if path.suffix.lower() != SUFFIX:
            path = path.with_name(f"{path.name}{SUFFIX}")
        models, project = self._models, self._project
        self._run(
            self._services.reader,
            lambda: models.export(project, version.id, path),
            lambda _done: self.dialog.say(f"{model_words.name(version)} is copied to {path}."),
            "Exporting…",
        )

    def _import(self) -> None:
        found, _ = QFileDialog.getOpenFileName(
            self.dialog, "Import a model", str(Path.home()), f"{FILES};;All files (*)"
        )
        if not found:
            return
        models, project, path = self._models, self._project, Path(found)
        self._run(
            self._services.reader,
            lambda: models.import_file(project, path),
            lambda new: self._changed(new, f"{path.name} is now {new}."),
            "Checking the file…",
        )

    def _delete(self, version: Version) -> None:
        box = QMessageBox(self.dialog)
        box.setObjectName("deleteModelDialog")
        box.setIcon(QMessageBox.Icon.Question)
        box.setWindowTitle("Delete a model")
        box.setTextFormat(Qt.TextFormat.PlainText)  # a title may look like HTML
        box.setText(f"Delete {model_words.name(version)}?")
        box.setInformativeText(
            f"It can be brought back: the last {MAX_DELETED} deleted models are kept."
        )
        box.addButton("Delete", QMessageBox.ButtonRole.AcceptRole)
        cancel = box.addButton("Cancel", QMessageBox.ButtonRole.RejectRole)
        box.setDefaultButton(cancel)
        box.setEscapeButton(cancel)
        models, project = self._models, self._project
        said = f"{model_words.name(version)} is deleted. Bring back undoes that."
        box.accepted.connect(
            lambda: self._write(lambda: models.delete(project, version.id), None, said)
        )
        box.finished.connect(lambda _result: box.deleteLater())
        box.open()

    def _restore(self, model_id: str) -> None:
        models, project = self._models, self._project
        self._write(lambda: models.restore(project, model_id), model_id, f"{model_id} is back.")

    # -- doing it -----------------------------------------------------------------------

    def _write(self, work: Callable[[], object], choose: str | None, said: str) -> None:
        self._run(self._services.writer, work, lambda _done: self._changed(choose, said), "Saving…")

    def _changed(self, choose: str | None, said: str) -> None:
        self.changed.emit()
        if self._open:
            self._list(choose, said)

    def _run(
        self,
        tasks: TaskRunner,
        work: Callable[[], object],
        done: Callable[..., None],
        waiting: str,
    ) -> None:
        self._busy = True
        self.dialog.set_busy(True, waiting)
        tasks.run(lambda _state: work(), partial(self._succeeded, done), self._failed)

    def _succeeded(self, done: Callable[..., None], result: object) -> None:
        self._ended()
        done(result)
        self._let_go()

    def _failed(self, error: Exception) -> None:
        self._ended()
        if not isinstance(error, TOLD):
            self.dialog.say("Something unexpected went wrong. Nothing was changed by it.")
            self._let_go()
            raise error
        if self._open:
            self.dialog.say(str(error))
        else:
            self._services.messages.error(str(error))
        self._let_go()

    def _ended(self) -> None:
        self._busy = False
        self.dialog.set_busy(False)

    def _closed(self, _result: int) -> None:
        self._open = False
        self._let_go()

    def _let_go(self) -> None:
        """End with the dialog, but not before what is under way has ended and was told."""
        if not self._open and not self._busy:
            self.dialog.deleteLater()
            self.deleteLater()
