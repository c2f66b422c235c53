"""Commands on the whole mask: lay the border, clean up, go back to the prediction."""

from __future__ import annotations

from PySide6.QtCore import QObject

from model.labels import Label, MaskArray
from petseg_gui.core.border import border_patch, difference
from petseg_gui.core.mask import Patch, Rect
from petseg_gui.services.ports import Services
from petseg_gui.ui.actions import Actions
from petseg_gui.ui.canvas import Canvas
from petseg_gui.ui.cleanup_bar import CleanUpBar
from petseg_gui.ui.cleanup_preview import CleanUpPreview
from petseg_gui.ui.mask_work import MaskWork
from petseg_gui.ui.review_controller import ReviewController
from petseg_gui.ui.shown_predictions import ShownPredictions


def _lay_border(mask: MaskArray) -> tuple[Patch | None, bool]:
    """The border's patch, and whether there is a pet to lay it along."""
    return border_patch(mask), bool((mask == Label.PET).any())


class MaskCommands(QObject):
    """Carries out the commands of the Mask menu on the photo on show.

    Each is computed off the window's thread from a copy of the mask; if the mask changes
    meanwhile it is computed anew, and it never lands on another photo.  The one asked for last
    is the one that is done.
    """

    def __init__(  # noqa: PLR0917 - one of each
        self,
        actions: Actions,
        canvas: Canvas,
        review: ReviewController,
        services: Services,
        cleanup_bar: CleanUpBar,
        shown: ShownPredictions,
        parent: QObject,
    ) -> None:
        super().__init__(parent)
        self._canvas = canvas
        self._review = review
        self._messages = services.messages
        self._shown = shown
        self._work = MaskWork(canvas, review, services.reader, self)
        self._clean_up = CleanUpPreview(canvas, review, services, cleanup_bar, self)
        actions["actionLayBorder"].triggered.connect(lambda _on: self.lay_border())
        actions["actionResetPhoto"].triggered.connect(lambda _on: self.reset_photo())
        actions["actionCleanUp"].triggered.connect(lambda _on: self._clean_up.toggle())

    def lay_border(self) -> None:
        """Lay the border class along the pet's outline; nothing during a stroke."""

        def landed(answer: tuple[Patch | None, bool]) -> None:
            patch, any_pet = answer
            if patch is not None:
                self._canvas.apply("border", patch)
            elif any_pet:
                self._messages.info("The border lies along the outline already.")
            else:
                self._messages.info("There is no pet in this mask to lay a border along.")

        if self._begin():
            self._work.start(_lay_border, landed, self._failed)

    def reset_photo(self) -> None:
        """Give the photo the model's prediction again; says why if there is none."""
        session = self._review.session
        if session is None or session.in_gesture:
            return
        prediction = self._shown.current if self._shown.photo == session.photo else None
        if prediction is None or prediction.mask.shape != session.shape:
            reason = self._shown.why_no_current or "The prediction is still being read."
            self._messages.info(f"The mask was not reset. {reason}")
            return
        wanted = prediction.mask
        whole = Rect(0, 0, session.shape[1], session.shape[0])

        def landed(patch: Patch | None) -> None:
            if patch is None:
                self._messages.info("The mask is the model's prediction already.")
            else:
                self._canvas.apply("reset to prediction", patch)

        if self._begin():
            self._work.start(lambda mask: difference(whole, mask, wanted), landed, self._failed)

    def _begin(self) -> bool:
        session = self._review.session
        if session is None or session.in_gesture:
            return False
        self._canvas.settle()
        return True

    def _failed(self, error: Exception) -> None:
        if not isinstance(error, MemoryError):
            raise error
        self._messages.error(
            "There is not enough memory for this; the mask is as it was. "
            "Close other programs and try again."
        )
