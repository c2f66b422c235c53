"""Closing the window: what has to be asked before, in which order."""

from __future__ import annotations

from PySide6.QtWidgets import QWidget

from petseg_gui.services.ports import Services
from petseg_gui.ui.dialogs import Unsaved, ask_about_unsaved, ask_to_stop_fine_tuning
from petseg_gui.ui.review_controller import ReviewController


def may_close(window: QWidget, services: Services, review: ReviewController) -> bool:
    """Ask about a running fine-tune and unsaved strokes; returns whether to close.

    What the user wants saved is on disk when this returns True.
    """
    if services.finetuning.running and not ask_to_stop_fine_tuning(window):
        return False
    names = review.unsaved()
    if not names:
        return True
    answer = ask_about_unsaved(window, names)
    if answer is Unsaved.SAVE:
        review.save_all()
        services.writer.drain()
        return not review.unsaved()  # a failed save has said so in the window
    if answer is Unsaved.DISCARD:
        review.discard_all()
        return True
    return False
