"""The dialogs about the project as a whole and about its labels: versions, import, export.

Each is imported when it is wanted: together they take as long as a tenth of all other imports.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject
from PySide6.QtWidgets import QDialog, QMainWindow

from petseg_gui.core.records import StoreError
from petseg_gui.core.store import Project
from petseg_gui.services.ports import Services
from petseg_gui.ui.actions import READ_ONLY, Actions
from petseg_gui.ui.batch_controller import BatchController, Selection
from petseg_gui.ui.review_controller import ReviewController
from petseg_gui.ui.status_line import StatusLine

if TYPE_CHECKING:
    from petseg_gui.ui.exchange_dialog import ExchangeDialog

WRITES = (
    "actionImport",
    "actionAcceptSelected",
    "actionPredictSelected",
    "actionClearSelected",
    "actionTagSelected",
)
READS = ("actionExport", "actionExportSelected")


class ProjectController(QObject):
    """Opens the dialogs, and carries out what is wanted in them."""

    def __init__(
        self,
        actions: Actions,
        review: ReviewController,
        services: Services,
        selection: Selection,
        window: QMainWindow,
        *,
        status: StatusLine,
    ) -> None:
        super().__init__(window)
        self._actions = actions
        self._review = review
        self._services = services
        self._window = window
        self._dialogs: list[QDialog] = []
        self._ending: list[ExchangeDialog] = []  # closed, but not done yet
        BatchController(actions, review, services, selection, window, status=status)
        slots: dict[str, Callable[[], object]] = {
            "actionVersions": self._versions,
            "actionImport": self._import,
            "actionExport": lambda: self._export(None),
            "actionExportSelected": lambda: self._export(selection.names()),
        }
        for name, slot in slots.items():
            actions[name].triggered.connect(lambda _checked=False, slot=slot: slot())
        for signal in (review.historyChanged, review.folderOpened, review.projectClosed):
            signal.connect(self._follow)
        review.projectClosing.connect(self._close_dialogs)
        self._follow()

    def _follow(self, *_: object) -> None:
        project = self._review.project
        photos = project is not None and bool(self._review.all_names)
        for name in READS:
            self._actions[name].setEnabled(photos)
        locked = project is not None and project.read_only
        for name in WRITES:
            self._actions[name].setEnabled(photos and not locked)
            self._actions.explain(name, READ_ONLY if locked else "")
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
        from petseg_gui.ui.versions_dialog import VersionsDialog

        project, session = self._review.project, self._review.session
        if project is None or session is None or session.in_gesture:
            return
        name, present = session.photo, session.view().copy()
        dialog = VersionsDialog(project, name, present, self._services.reader, self._window)
        dialog.restoreWanted.connect(partial(self._restore, project, name))
        dialog.finished.connect(lambda _result: dialog.deleteLater())
        self._show(dialog)

    def _show(self, dialog: QDialog) -> None:
        self._dialogs.append(dialog)
        dialog.finished.connect(lambda _result: self._dialogs.remove(dialog))
        dialog.open()

    def _close_dialogs(self) -> None:
        """The project is about to be closed: nothing is written to it, or read from it, later."""
        if not self._dialogs and not self._ending:
            return
        from petseg_gui.ui.exchange_dialog import ExchangeDialog

        for dialog in list(self._dialogs):
            if isinstance(dialog, ExchangeDialog):
                dialog.job.finish()
            dialog.reject()
        for dialog in self._ending:
            dialog.job.finish()

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
        from petseg_gui.ui.import_dialog import ImportDialog

        project = self._review.project
        if project is None:
            return
        dialog = ImportDialog(project, self._services.reader, self._settle, self._window)
        dialog.imported.connect(partial(self._imported, project))
        self._open(dialog)

    def _imported(self, project: Project, names: list[str]) -> None:
        if project is self._review.project:
            self._review.reload(names, unsaved_too=True)

    def _export(self, names: list[str] | None) -> None:
        from petseg_gui.ui.export_dialog import ExportDialog

        project = self._review.project
        if project is not None:
            self._open(ExportDialog(project, self._services.reader, names, self._window))

    def _open(self, dialog: ExchangeDialog) -> None:
        def ended(_result: int) -> None:
            # What is under way ends after its present piece, and is then told.
            if dialog.job.running:
                self._ending.append(dialog)
                dialog.job.runningChanged.connect(over)
            else:
                dialog.deleteLater()

        def over(_running: bool) -> None:
            self._ending.remove(dialog)
            dialog.deleteLater()

        dialog.finished.connect(ended)
        dialog.told.connect(self._told)
        self._show(dialog)

    def _told(self, text: str, failed: bool) -> None:
        (self._services.messages.error if failed else self._services.messages.info)(text)

    def _failed(self, what: str, error: Exception) -> None:
        if not isinstance(error, StoreError):
            raise error
        self._services.messages.error(f"{what}: {error}")
