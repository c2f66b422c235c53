"""Between filter bar, filmstrip and review: what is listed, and how far the folder is."""

from __future__ import annotations

from PySide6.QtCore import QObject, Qt

from petseg_gui.core.arrange import Sort
from petseg_gui.core.pace import in_words
from petseg_gui.ui.actions import Actions
from petseg_gui.ui.filter_bar import SORTS
from petseg_gui.ui.review_controller import ReviewController
from petseg_gui.ui.window_parts import WindowParts

MOST_CHANGED = next(text for text, sort in SORTS.items() if sort is Sort.DISAGREEMENT)


class ListController(QObject):
    """Carries what is chosen in the filter bar to the review, and the list to the views."""

    def __init__(
        self,
        actions: Actions,
        parts: WindowParts,
        review: ReviewController,
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self._parts = parts
        self._bar = parts.folder.filter
        self._review = review
        bar, photos = self._bar, review.list
        bar.changed.connect(self._arrange)
        bar.allWanted.connect(self.show_all)
        bar.againWanted.connect(photos.arrange_again)
        bar.left.connect(self._leave)
        bar.moreOpening.connect(self._offer)
        photos.changed.connect(self._listed)
        photos.outdatedChanged.connect(bar.show_outdated)
        review.folderOpened.connect(self._opened)
        review.countsChanged.connect(self._count)
        actions["actionFind"].triggered.connect(lambda _on=False: bar.start_search())
        actions["actionShowAll"].triggered.connect(lambda _on=False: self.show_all())

    def show_all(self) -> None:
        """Drop every filter; the order stays."""
        self._bar.reset(order=False)
        self._arrange()

    def show_most_changed(self) -> None:
        """List all photos, those first on which the model in use and the one before differ."""
        self._bar.reset()
        self._bar.sorts.setCurrentText(MOST_CHANGED)  # which says that it changed

    def _arrange(self) -> None:
        if self._review.project is not None:
            photos = self._review.list
            photos.arrange(self._bar.arrangement(photos.model_made))

    def _opened(self, _names: list[str]) -> None:
        self._bar.reset()

    def _listed(self, names: list[str]) -> None:
        self._parts.filmstrip.set_names(names)
        if self._review.current is not None:
            self._parts.filmstrip.set_current(self._review.current)
        total = self._review.counts().total
        self._bar.show_listed(len(names), total, narrowed=self._review.list.narrowed)

    def _leave(self) -> None:
        if self._parts.canvas_shown:
            self._parts.focus_photo(typing_too=True)
        else:
            self._parts.filmstrip.setFocus(Qt.FocusReason.OtherFocusReason)

    def _offer(self) -> None:
        records = self._review.state.records.values()
        tags = {tag for record in records for tag in record.tags}
        self._bar.panel.offer(tags, {record.model for record in records if record.model})

    def _count(self) -> None:
        records = self._review.state.records
        counts = records.counts()
        pace = self._review.pace.seconds_per_photo(records.timed, records.seconds)
        words = in_words(counts.accepted, counts.total, pace)
        self._parts.folder.show_progress(words, counts.accepted, counts.total)
