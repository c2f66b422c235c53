"""Opens what belongs to a fine-tune and needs more room than the panel has."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal

from petseg_gui.services.ports import Services
from petseg_gui.ui.fine_tune_panel import FineTunePanel
from petseg_gui.ui.review_controller import ReviewController

if TYPE_CHECKING:
    from petseg_gui.ui.fine_tune_report import ReportDialog


class FineTuneDialogs(QObject):
    """The report of a run, and the photos as the model sees them; both are imported late.

    Signals:
        adoptRequested: id of the model that was chosen in the report.
    """

    adoptRequested = Signal(str)  # noqa: N815 - Qt's spelling of signals

    def __init__(
        self,
        services: Services,
        review: ReviewController,
        panel: FineTunePanel,
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self._services = services
        self._review = review
        self._panel = panel
        self._report: ReportDialog | None = None
        panel.result.reportRequested.connect(self.show_report)
        panel.form.lookWanted.connect(self.show_augmented)
        review.projectClosed.connect(self.close_report)

    def show_report(self) -> None:
        """Everything that is known of the last run; the window can be used meanwhile."""
        outcome = self._panel.result.outcome
        if outcome is None:
            return
        if self._report is None:
            from petseg_gui.ui.fine_tune_report import ReportDialog

            dialog = ReportDialog(outcome, self._panel.result.previous, self._panel.window())
            dialog.show_in_use(self._review.model or "", decided=self._panel.result.decided)
            dialog.adoptRequested.connect(self.adoptRequested)
            dialog.finished.connect(self._report_closed)
            self._report = dialog
        self._report.show()
        self._report.raise_()
        self._report.activateWindow()

    def show_in_use(self, model: str) -> None:
        """Another model is in use: the report says so as well."""
        if self._report is not None:
            self._report.show_in_use(model)

    def close_report(self) -> None:
        """It speaks of models of a folder that is closed, or of a run before this one."""
        if self._report is not None:
            self._report.close()

    def show_augmented(self) -> None:
        """Photos as they are changed for training."""
        project = self._review.project
        if project is None:
            return
        from petseg_gui.ui.augmented_dialog import AugmentedDialog

        dialog = AugmentedDialog(
            lambda count: self._services.augmented(project.accepted(), count),
            self._services.reader,
            self._panel.window(),
        )
        dialog.exec()
        dialog.deleteLater()

    def _report_closed(self) -> None:
        if self._report is not None:
            self._report.deleteLater()
            self._report = None
