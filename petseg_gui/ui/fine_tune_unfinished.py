"""Interrupted runs of the project that is open: found, told of, and thrown away."""

from __future__ import annotations

from functools import partial

from PySide6.QtCore import QObject

from petseg_gui.core.store import Project
from petseg_gui.services.finetune_request import Unfinished, discard_unfinished, read_unfinished
from petseg_gui.services.ports import Services
from petseg_gui.ui.fine_tune_panel import FineTunePanel
from petseg_gui.ui.review_controller import ReviewController

PRIORITY = -10


class UnfinishedRuns(QObject):
    """Keeps the panel's card of an interrupted run true.

    Attributes:
        found: the interrupted run; None: there is none, or nobody has looked yet.
    """

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
        self.found: Unfinished | None = None
        panel.unfinished.discardRequested.connect(self._discard)
        review.folderOpened.connect(self.look)
        review.projectClosed.connect(self.forget)

    def look(self) -> None:
        """Find out, off the UI thread, whether a run was interrupted."""
        self.forget()
        project = self._review.project
        if project is not None and not project.read_only:
            models = project.models_dir
            self._services.reader.run(
                lambda _state: read_unfinished(models),
                partial(self._looked, project),
                priority=PRIORITY,
            )

    def forget(self) -> None:
        """There is none any more, as far as is known."""
        self.found = None
        self.show()

    def show(self) -> None:
        """Another model may be in use: say whether the run can be gone on with."""
        self._panel.show_unfinished(self.found, self._review.model or "")

    def _looked(self, project: Project, found: Unfinished | None) -> None:
        if project is self._review.project and not self._panel.running:
            self.found = found
            self.show()

    def _discard(self) -> None:
        project = self._review.project
        if project is not None:
            models = project.models_dir
            self.forget()
            self._services.writer.run(lambda _state: discard_unfinished(models))
