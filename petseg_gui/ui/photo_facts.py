"""Joins the panel about the photo on show to the review."""

from __future__ import annotations

from functools import partial

from PySide6.QtCore import QObject
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QPushButton

from petseg_gui.ui.actions import Actions
from petseg_gui.ui.marks import Mark
from petseg_gui.ui.photo_panel import PhotoPanel
from petseg_gui.ui.review_controller import ReviewController


class PhotoFacts(QObject):
    """Keeps the panel at the photo on show, and carries out what is noted and decided there."""

    def __init__(
        self, actions: Actions, panel: PhotoPanel, review: ReviewController, parent: QObject
    ) -> None:
        super().__init__(parent)
        self._panel, self._review = panel, review
        review.historyChanged.connect(self.follow)
        review.countsChanged.connect(self.follow)
        review.aboutToLeave.connect(panel.finish)
        panel.tagsEdited.connect(review.decisions.set_tags)
        panel.noteEdited.connect(review.decisions.set_note)
        panel.tags.set_known(self._tags)
        for button, name in (
            (panel.keep_label, "actionKeepLabel"),
            (panel.start_anew, "actionStartAnew"),
        ):
            _stand_for(button, actions[name])

    def follow(self) -> None:
        """Show what is known of the photo on show."""
        review, panel = self._review, self._panel
        session, project = review.session, review.project
        if session is None:
            panel.clear()
            if review.current and review.problem(review.current):
                panel.show_state(Mark.UNREADABLE)
            return
        panel.show_photo(
            review.mark(session.photo),
            session.gestures,
            review.record(session.photo),
            size=(session.shape[1], session.shape[0]),
            read_only=project is not None and project.read_only,
        )

    def _tags(self) -> set[str]:
        """The tags of the project."""
        return {tag for record in self._review.state.records.values() for tag in record.tags}


def _stand_for(button: QPushButton, action: QAction) -> None:
    """A button does what an action does, when that can be done, and says why when it cannot."""

    def follow() -> None:
        button.setEnabled(action.isEnabled())
        button.setToolTip(action.toolTip())

    button.clicked.connect(partial(_trigger, action))
    action.changed.connect(follow)
    follow()


def _trigger(action: QAction, _checked: bool = False) -> None:
    action.trigger()
