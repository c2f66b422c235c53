"""What is done to the project as a whole, or to the photos that are selected in it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from functools import partial

from PySide6.QtCore import QObject
from PySide6.QtWidgets import QMessageBox, QWidget

from petseg_gui.core.records import StoreError
from petseg_gui.core.store import Project
from petseg_gui.services.ports import Services
from petseg_gui.ui.actions import Actions
from petseg_gui.ui.exchange_dialog import ExchangeDialog
from petseg_gui.ui.export_dialog import ExportDialog
from petseg_gui.ui.import_dialog import ImportDialog
from petseg_gui.ui.photo_selection import PhotoSelection
from petseg_gui.ui.review_controller import ReviewController
from petseg_gui.ui.tags_dialog import TagsDialog
from petseg_gui.ui.versions_dialog import VersionsDialog

WRITES = (
    "actionImport",
    "actionAcceptSelected",
    "actionPredictSelected",
    "actionClearSelected",
    "actionTagSelected",
)
READS = ("actionExport", "actionExportSelected")


class ProjectController(QObject):
    """Opens the dialogs of versions, import and export; carries out what a selection is for."""

    def __init__(
        self,
        actions: Actions,
        review: ReviewController,
        services: Services,
        selection: PhotoSelection,
        window: QWidget,
    ) -> None:
        super().__init__(window)
        self._actions = actions
        self._review = review
        self._services = services
        self._selection = selection
        self._window = window
        self._changed: list[str] = []
        self._failures: list[str] = []
        slots: dict[str, Callable[[], object]] = {
            "actionVersions": self._versions,
            "actionImport": self._import,
            "actionExport": lambda: self._export(None),
            "actionExportSelected": lambda: self._export(selection.names()),
            "actionAcceptSelected": self._accept,
            "actionPredictSelected": self._predict,
            "actionClearSelected": self._clear,
            "actionTagSelected": self._tag,
        }
        for name, slot in slots.items():
            actions[name].triggered.connect(lambda _checked=False, slot=slot: slot())
        for signal in (review.historyChanged, review.folderOpened, review.projectClosed):
            signal.connect(self._follow)
        self._follow()

    def _follow(self, *_: object) -> None:
        project = self._review.project
        photos = project is not None and bool(self._review.all_names)
        for name in READS:
            self._actions[name].setEnabled(photos)
        for name in WRITES:
            self._actions[name].setEnabled(photos and project is not None and not project.read_only)
        self._actions["actionVersions"].setEnabled(self._review.session is not None)

    def _settle(self, then: Callable[[], None]) -> None:
        """Have what is unsaved written first, then go on; strokes that cannot be kept stop it."""
        self._review.flush_drafts()
        self._services.writer.run(lambda _state: None, lambda _done: self._settled(then))

    def _settled(self, then: Callable[[], None]) -> None:
        project = self._review.project
        if project is None:
            return
        lost = [name for name in self._review.unsaved() if not project.record(name).has_draft]
        if lost:
            self._services.messages.error(
                f"Nothing was done: the unsaved strokes on {lost[0]} could not be kept on disk. "
                "Save them first."
            )
        else:
            then()

    # ------------------------------------------------------------------ dialogs

    def _versions(self) -> None:
        project, session = self._review.project, self._review.session
        if project is None or session is None or session.in_gesture:
            return
        name, present = session.photo, session.view().copy()
        dialog = VersionsDialog(project, name, present, self._services.reader, self._window)
        dialog.restoreWanted.connect(partial(self._restore, project, name))
        dialog.finished.connect(lambda _result: dialog.deleteLater())
        dialog.open()

    def _restore(self, project: Project, name: str, version: str) -> None:
        self._settle(
            lambda: self._run(
                lambda: project.restore_version(name, version),
                lambda: self._review.reload([name], unsaved_too=True),
                f"The version of {name} was not restored",
            )
        )

    def _run(self, work: Callable[[], object], done: Callable[[], None], failed: str) -> None:
        self._services.writer.run(
            lambda _state: work(), lambda _result: done(), partial(self._failed, failed)
        )

    def _import(self) -> None:
        project = self._review.project
        if project is None:
            return
        dialog = ImportDialog(project, self._services.reader, self._settle, self._window)
        dialog.imported.connect(lambda names: self._review.reload(names, unsaved_too=True))
        self._open(dialog)

    def _export(self, names: list[str] | None) -> None:
        project = self._review.project
        if project is not None:
            self._open(ExportDialog(project, self._services.reader, names, self._window))

    def _open(self, dialog: ExchangeDialog) -> None:
        def ended(_result: int) -> None:
            # What is under way ends after its present piece, and is then told.
            if dialog.job.running:
                dialog.job.runningChanged.connect(lambda _on: dialog.deleteLater())
            else:
                dialog.deleteLater()

        dialog.finished.connect(ended)
        dialog.open()

    # ------------------------------------------------------------------ the selection

    def _accept(self) -> None:
        self._each("accepted", lambda project, name: project.accept_as_is(name))

    def _predict(self) -> None:
        self._each(
            "to be predicted anew",
            lambda project, name: project.predictions.remove(name),
            then=self._review.predict_anew,
        )

    def _tag(self) -> None:
        names, records = self._selection.names(), self._review.state.records
        if not names:
            return
        has = Counter(tag for name in names for tag in records[name].tags)
        known = {tag for record in records.values() for tag in record.tags}
        dialog = TagsDialog(has, len(names), known, self._window)
        dialog.chosen.connect(partial(self._set_tags, names))
        dialog.finished.connect(lambda _result: dialog.deleteLater())
        dialog.open()

    def _set_tags(self, names: list[str], more: set[str], less: set[str]) -> None:
        def change(project: Project, name: str) -> None:
            project.set_tags(name, (set(project.record(name).tags) | more) - less)

        self._each("tagged", change, names, then=self._review.read_records)

    def _clear(self) -> None:
        records = self._review.state.records
        names = self._selection.names()
        labelled = [name for name in names if records[name].label or records[name].has_draft]
        if labelled and self._confirmed(len(labelled)):
            self._each("put away", lambda project, name: project.clear_label(name), labelled)

    def _confirmed(self, count: int) -> bool:
        box = QMessageBox(self._window)
        box.setObjectName("clearDialog")
        box.setIcon(QMessageBox.Icon.Question)
        box.setWindowTitle("Clear labels")
        box.setText("Clear the label of 1 photo?" if count == 1 else f"Clear {count} labels?")
        box.setInformativeText("They stay among the versions of their photos.")
        clear = box.addButton("Clear", QMessageBox.ButtonRole.AcceptRole)
        box.addButton("Cancel", QMessageBox.ButtonRole.RejectRole)
        box.exec()
        return box.clickedButton() is clear

    def _each(
        self,
        done: str,
        change: Callable[[Project, str], object],
        names: list[str] | None = None,
        then: Callable[[list[str]], None] | None = None,
    ) -> None:
        """Change one photo after the other: each is a task, so that drafts never wait long.

        Args:
            done: what was done to them, in words.
            change: changes one photo on disk.
            names: the photos; None: the selected ones.
            then: shows what is so now; None: the masks are others, and are read anew.
        """
        project = self._review.project
        names = self._selection.names() if names is None else names
        if project is None or not names:
            return

        def one(name: str) -> None:
            self._services.writer.run(
                lambda _state: change(project, name),
                lambda _result: self._changed.append(name),
                self._one_failed,
            )

        def every() -> None:
            self._failures.clear()
            self._changed.clear()
            for name in names:
                one(name)
            self._services.writer.run(lambda _state: None, lambda _: self._all_done(done, then))

        self._settle(every)

    def _one_failed(self, error: Exception) -> None:
        if not isinstance(error, StoreError):
            raise error
        self._failures.append(str(error))

    def _all_done(self, done: str, then: Callable[[list[str]], None] | None) -> None:
        if then is not None:
            then(list(self._changed))
        else:
            self._review.reload(self._changed, unsaved_too=True)
        failures, count = len(self._failures), len(self._changed)
        photos = "1 photo" if count == 1 else f"{count} photos"
        if failures:
            self._services.messages.warning(
                f"{photos} {done}, {failures} not: {self._failures[0]}"
                + (" …" if failures > 1 else "")
            )
        else:
            self._services.messages.info(f"{photos} {done}.")

    def _failed(self, what: str, error: Exception) -> None:
        if not isinstance(error, StoreError):
            raise error
        self._services.messages.error(f"{what}: {error}")
