"""The way past the limit of pixels: offered where a photo would be that has more."""

from __future__ import annotations

from functools import partial

from PySide6.QtCore import QObject

from petseg_gui.core.photos import PhotoError, photo_size, pixel_limit, set_pixel_limit
from petseg_gui.core.settings import MOST_MEGAPIXELS, Settings
from petseg_gui.services.tasks import TaskRunner
from petseg_gui.ui.empty_state import EmptyState
from petseg_gui.ui.photo_loader import CURRENT_PRIORITY
from petseg_gui.ui.review_controller import ReviewController

_STEP = 10
"""Megapixels: the limit becomes a round number."""


class LimitOffer(QObject):
    """Raises the limit, for good, when a person asks for it; memory is looked at all the same."""

    def __init__(
        self,
        review: ReviewController,
        empty: EmptyState,
        reader: TaskRunner,
        settings: Settings,
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self._review, self._empty = review, empty
        self._reader, self._settings = reader, settings
        self._megapixels = 0
        review.photoFailed.connect(self._look)
        empty.limitRequested.connect(self._raise_limit)

    def _look(self, name: str, _reason: str) -> None:
        """Whether it is the number of pixels that ``name`` is not shown for: its head says."""
        project = self._review.project
        if project is not None:
            path = project.photo_path(name)
            self._reader.run(
                lambda _state: photo_size(path),
                partial(self._offer, name),
                _nothing_to_offer,
                priority=CURRENT_PRIORITY,
            )

    def _offer(self, name: str, size: tuple[int, int]) -> None:
        pixels = size[0] * size[1]
        megapixels = -(-pixels // (_STEP * 1_000_000)) * _STEP
        failed = name == self._review.current and self._review.problem(name)
        if failed and pixels > pixel_limit() and megapixels <= MOST_MEGAPIXELS:
            self._megapixels = megapixels
            self._empty.offer_limit(megapixels)

    def _raise_limit(self) -> None:
        self._settings.max_megapixels = float(self._megapixels)
        set_pixel_limit(self._megapixels * 1_000_000)
        self._review.read_again()


def _nothing_to_offer(error: Exception) -> None:
    if not isinstance(error, PhotoError):
        raise error
