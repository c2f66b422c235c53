"""The list of photos that one walks through: filtered and sorted, and steady while one works."""

from __future__ import annotations

from dataclasses import replace

from PySide6.QtCore import QObject, Signal

from petseg_gui.core.arrange import Arrangement, PhotoFilter, Sort, arrange
from petseg_gui.core.store import Project
from petseg_gui.services.ports import Services
from petseg_gui.ui.review_state import ReviewState

PRIORITY = -15
"""When the model was made is asked before anybody can have opened the filter's menu."""
_BY_MODEL = (Sort.LEAST_SURE, Sort.MOST_SURE, Sort.DISAGREEMENT)


class ReviewList(QObject):
    """Arranges the photos of the folder, when asked to: nothing jumps while one works.

    The list keeps its members and its order while photos are accepted or predicted.  It says when
    it is out of date; and once, when all predictions have come that an order by the model waited
    for, it arranges itself.  Then the photo on show stays, listed or not: somebody works on it.

    Attributes:
        arrangement: what is listed, and in what order.
        outdated: something changed that may matter since it was arranged.
        model_made: when the model in use was made, ISO 8601 in UTC; empty: it came with the
            program, or nobody knows yet.

    Signals:
        changed: the names that are listed now (list of str).
        firstWanted: the name of the list's first photo, just after ``changed``: the one on show is
            not listed any more.
        outdatedChanged: whether the list is out of date.
    """

    changed = Signal(object)
    firstWanted = Signal(object)  # noqa: N815 - Qt's spelling of signals
    outdatedChanged = Signal(bool)  # noqa: N815

    def __init__(
        self, services: Services, state: ReviewState, parent: QObject | None = None
    ) -> None:
        super().__init__(parent)
        self._services = services
        self._state = state
        self.arrangement = Arrangement()
        self.outdated = False
        self.model_made = ""
        self._model: tuple[Project, str] | None = None
        self._awaits_predictions = False
        services.inference.progressed.connect(self._predictions_progressed)

    @property
    def narrowed(self) -> bool:
        """Whether a filter is in force."""
        return self.arrangement.show != PhotoFilter()

    def reset(self) -> None:
        """Another folder: all of it, by name.  Nothing is announced."""
        self.arrangement = Arrangement()
        self.model_made = ""
        self._model = None
        self._awaits_predictions = False
        self._set_outdated(False)

    def arrange(self, arrangement: Arrangement) -> None:
        """List photos by ``arrangement``, as they are now."""
        self.arrangement = arrangement
        names = self._arrange()
        if names and not self._state.queue.listed:
            self.firstWanted.emit(names[0])

    def _arrange(self) -> list[str]:
        arrangement, state = self.arrangement, self._state
        self._awaits_predictions = arrangement.sort in _BY_MODEL and state.records.counts().new > 0
        names = arrange(state.queue.all_names, state.records, arrangement, state.unreadable)
        state.queue.arrange(names)
        self._set_outdated(False)
        self.changed.emit(names)
        return names

    def arrange_again(self) -> None:
        """The same arrangement by what is known now."""
        self.arrange(self.arrangement)

    def note_change(self) -> None:
        """Something became known of a photo."""
        if self.arrangement != Arrangement(reverse=self.arrangement.reverse):
            self._set_outdated(True)

    def learn_model(self, project: Project, model: str) -> None:
        """Find out, off the UI thread, when ``model``, which is in use from now on, was made."""
        models = self._services.models
        asked = self._model = (project, model)
        # It predicts what has no label anew: an order by the model waits for that.
        self._awaits_predictions = self.arrangement.sort in _BY_MODEL

        def found(made: str) -> None:
            if self._model is not asked:
                return
            self.model_made = made
            show = self.arrangement.show
            if show.changed_since not in (None, made):
                # Arranged anew, it lists what was saved since this model.
                self.arrangement = replace(self.arrangement, show=replace(show, changed_since=made))
                self._set_outdated(True)

        self._services.reader.run(
            lambda _state: next(
                (one.created for one in models.versions(project) if one.id == model), ""
            ),
            found,
            priority=PRIORITY,
        )

    def _predictions_progressed(self, done: int, total: int) -> None:
        if done >= total and self._awaits_predictions and self.outdated:
            self._arrange()
            self._awaits_predictions = False

    def _set_outdated(self, outdated: bool) -> None:
        if outdated != self.outdated:
            self.outdated = outdated
            self.outdatedChanged.emit(outdated)
