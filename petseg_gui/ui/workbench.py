"""Working on the photo on show: joins canvas, commands, views and status line to the review."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QObject, Qt
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QApplication

from petseg_gui.core.settings import Settings
from petseg_gui.services.ports import Services
from petseg_gui.ui.actions import Actions
from petseg_gui.ui.canvas_controls import CanvasControls
from petseg_gui.ui.mask_commands import MaskCommands
from petseg_gui.ui.review_controller import ReviewController
from petseg_gui.ui.shown_predictions import ShownPredictions
from petseg_gui.ui.smart_select import SmartSelect
from petseg_gui.ui.status_line import StatusLine
from petseg_gui.ui.view_controls import ViewControls
from petseg_gui.ui.window_parts import WindowParts

READ_ONLY = "Another window has this folder open; here it can only be looked at."


class Workbench(QObject):
    """Everything that changes or explains the mask of the photo on show.

    Attributes:
        shown: what the models say of the photo on show.
        controls: tools, classes and options.
        views: views, wipe and opacity.
    """

    def __init__(
        self,
        actions: Actions,
        parts: WindowParts,
        status: StatusLine,
        *,
        review: ReviewController,
        services: Services,
        settings: Settings,
        parent: QObject,
    ) -> None:
        super().__init__(parent)
        self._actions = actions
        self._canvas = parts.canvas
        self._status = status
        self._review = review
        self._where: tuple[int, int] | None = None
        self.shown = ShownPredictions(review, services, self)
        self.controls = CanvasControls(actions, parts, settings, self)
        self.views = ViewControls(
            actions,
            parts,
            self.shown,
            messages=services.messages,
            settings=settings,
            parent=self,
        )
        self._commands = MaskCommands(
            actions, parts.canvas, review, services, parts.clean_up, self.shown, self
        )
        self._smart = SmartSelect(parts.canvas, services, self.shown, review, self)
        self._connect(services)

    def _connect(self, services: Services) -> None:
        canvas, review = self._canvas, self._review
        # What is pending on the canvas belongs to the photo that is left, saved or accepted.
        review.aboutToLeave.connect(canvas.settle)
        review.folderOpened.connect(self._lock_canvas)
        review.maskChanged.connect(canvas.refresh)
        canvas.gestureCommitted.connect(review.gesture_committed)
        canvas.refused.connect(services.messages.info)
        canvas.hintChanged.connect(self._show_hint)
        canvas.zoomChanged.connect(self._zoom_changed)
        canvas.pointerMoved.connect(self._pointer_moved)
        # The pointer may rest while what is under it changes.
        for signal in (
            canvas.maskChanged,
            review.maskChanged,
            review.photoShown,
            review.sessionReplaced,
            self.shown.changed,
        ):
            signal.connect(self._show_pixel)
        review.photoShown.connect(self._show_hint)

    def _lock_canvas(self, _names: object) -> None:
        """Strokes that could never be saved are not taken in the first place."""
        project = self._review.project
        self._canvas.set_locked(READ_ONLY if project is not None and project.read_only else "")

    def step_back(self) -> bool:
        """Take back the last part of what is pending on the canvas; returns whether any was."""
        if not self._canvas.has_pending:
            return False
        # The canvas does so at the keys of undo, before they are a shortcut of the window.
        control = Qt.KeyboardModifier.ControlModifier
        QApplication.sendEvent(self._canvas, QKeyEvent(QEvent.Type.KeyPress, Qt.Key.Key_Z, control))
        return True

    def _zoom_changed(self, zoom: float) -> None:
        if self._canvas.has_document:
            self._status.show_zoom(zoom)

    def _show_hint(self, *_: object) -> None:
        self._status.show_hint(self._canvas.hint if self._canvas.has_document else "")

    def _pointer_moved(self, where: tuple[int, int] | None) -> None:
        self._where = where
        self._show_pixel()

    def _show_pixel(self, *_: object) -> None:
        session, where = self._review.session, self._where
        if session is None or where is None:
            self._status.show_pixel(None, None)
            return
        column, row = where
        probabilities = self._canvas.probability_at(column + 0.5, row + 0.5)
        self._status.show_pixel(where, session.view(), probabilities)
