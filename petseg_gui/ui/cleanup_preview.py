"""Cleaning up with the bar: the outcome computed beside the window, shown before it is applied."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from PySide6.QtCore import QEvent, QObject, Qt
from PySide6.QtGui import QGuiApplication, QKeyEvent, QKeySequence
from PySide6.QtWidgets import QApplication

from petseg_gui.core.cleanup import CleanUp
from petseg_gui.services.ports import Services
from petseg_gui.ui.canvas import Canvas
from petseg_gui.ui.cleanup_bar import CleanUpBar
from petseg_gui.ui.cleanup_operations import Operation, outcome
from petseg_gui.ui.mask_work import MaskWork
from petseg_gui.ui.review_controller import ReviewController

_ENTER = (Qt.Key.Key_Return, Qt.Key.Key_Enter)


class CleanUpPreview(QObject):
    """Stands between the clean-up bar and the mask.

    Painting goes on while the bar is open: a stroke drops the preview, and when it has ended
    the preview is made anew of the mask as it then is.  The bar closes when the user applies,
    cancels, turns to smart select or to another photo.
    """

    def __init__(
        self,
        canvas: Canvas,
        review: ReviewController,
        services: Services,
        bar: CleanUpBar,
        parent: QObject,
    ) -> None:
        super().__init__(parent)
        self._canvas = canvas
        self._review = review
        self._messages = services.messages
        self._bar = bar
        self._work = MaskWork(canvas, review, services.reader, self, ready=self._may_show)
        self._result: CleanUp | None = None  # of the mask and the bar as they are now
        self._showing = False  # the canvas's preview is ours
        self._placing = False
        self._apply_next = False
        bar.asked.connect(self._compute)
        bar.applyAsked.connect(self.apply)
        bar.cancelAsked.connect(self.close)
        canvas.previewEnded.connect(self._preview_ended)
        canvas.maskChanged.connect(self._mask_changed)
        canvas.selectionAsked.connect(self.close)
        canvas.installEventFilter(self)
        review.maskChanged.connect(self._mask_changed)
        review.sessionReplaced.connect(self._mask_changed)
        for signal in (review.photoShown, review.photoPending, review.photoFailed):
            signal.connect(self.close)
        review.folderOpened.connect(self.close)
        review.projectClosed.connect(self.close)

    def toggle(self) -> None:
        """Open the bar for the photo on show, or close it."""
        session = self._review.session
        if self._bar.isVisible():
            self.close()
        elif session is not None and not session.in_gesture:
            self._canvas.settle()  # a selection that waits for an answer belongs to the mask
            self._bar.open_for(session.shape)

    def apply(self) -> None:
        """Make the change that the bar describes, as soon as it is known; then close."""
        if not self._bar.isVisible():
            return
        if self._result is None or self._bar.asking:
            self._apply_next = True
            if self._bar.asking or not self._work.busy:
                self._bar.ask_now()
            return
        patch = self._result.patch
        if patch is not None and not (self._showing and self._canvas.accept_preview()):
            self._canvas.apply(self._bar.operation.name, patch)
        self.close()

    def close(self, *_: object) -> None:
        """Close the bar and drop what has not been applied."""
        self._work.cancel()
        self._result, self._apply_next = None, False
        if not self._bar.isVisible():
            return
        focused = QApplication.focusWidget()
        if focused is not None and self._bar.isAncestorOf(focused):
            self._canvas.setFocus(Qt.FocusReason.OtherFocusReason)
        self._bar.hide()
        self._drop()

    # ------------------------------------------------------------------ the outcome

    def _compute(self, operation: Operation, amount: int) -> None:
        self._result = None

        def landed(result: CleanUp) -> None:
            self._landed(operation, result)

        self._work.start(lambda mask: operation.run(mask, amount), landed, self._failed)

    def _landed(self, operation: Operation, result: CleanUp) -> None:
        self._result = result
        self._bar.show_outcome(outcome(operation, result), changes=result.patch is not None)
        with self._placed():
            self._canvas.set_preview(result.patch, operation.name, keep=False)
        self._showing = result.patch is not None
        if self._apply_next:
            self.apply()

    def _failed(self, error: Exception) -> None:
        if not isinstance(error, MemoryError):
            raise error
        self._apply_next = False
        self._drop()
        self._bar.show_outcome("There is not enough memory for this", changes=False)
        self._messages.error(
            "There is not enough memory to clean up this mask; it is as it was. "
            "Close other programs and try again."
        )

    def _may_show(self) -> bool:
        """Whether no half-drawn polygon or selection is on the canvas."""
        return self._showing or not self._canvas.has_pending

    # ------------------------------------------------------------------ what happens meanwhile

    def _mask_changed(self, *_: object) -> None:
        """A stroke, undo or another mask: what is shown is not true any more."""
        ours = self._showing and self._canvas.preview is None  # the preview is being applied
        if self._bar.isVisible() and not ours:
            self._result = None
            self._drop()
            self._bar.ask_soon()

    def _preview_ended(self, accepted: bool) -> None:
        if self._placing or not self._showing:
            return
        self._showing = False
        if accepted:
            self.close()
        elif self._bar.isVisible():
            self._bar.ask_soon()

    def _drop(self) -> None:
        if self._showing:
            with self._placed():
                self._canvas.drop_preview()
            self._showing = False

    @contextmanager
    def _placed(self) -> Iterator[None]:
        """The canvas's preview changes by our own doing."""
        self._placing = True
        try:
            yield
        finally:
            self._placing = False

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """With the bar open, Enter on the canvas applies; Escape cancels, as Ctrl+Z does.

        Ctrl+Z takes back what came last, and that is the change on show; where there is none it
        takes back the last change of the mask, as ever.
        """
        kind = event.type()
        if (
            kind not in (QEvent.Type.ShortcutOverride, QEvent.Type.KeyPress)
            or not isinstance(event, QKeyEvent)
            or not self._bar.isVisible()
            or self._review.in_gesture()
            or QGuiApplication.mouseButtons() != Qt.MouseButton.NoButton  # a drag has its own
            or not self._may_show()
        ):
            return False
        plain = not event.modifiers() & ~Qt.KeyboardModifier.KeypadModifier
        enter = plain and event.key() in _ENTER
        back = self._showing and event.matches(QKeySequence.StandardKey.Undo)
        if not (enter or back or (plain and event.key() == Qt.Key.Key_Escape)):
            return False
        event.accept()
        if kind == QEvent.Type.KeyPress:
            if enter:
                self.apply()
            else:
                self.close()
        return True
