"""Walking through a folder and deciding about its photos by key: actions to the review."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QObject

from petseg_gui.core.records import PhotoFlag
from petseg_gui.services.messages import Messages
from petseg_gui.ui.actions import Actions
from petseg_gui.ui.review_controller import ReviewController

REPLACED = ("actionKeepLabel", "actionStartAnew")
WRITES = ("actionSkip", "actionFlag", "actionUnaccept", *REPLACED)
NO_DECISIONS = "Another window has this folder open: nothing is decided here"


class ReviewCommands(QObject):
    """Carries out the actions of ``review_specs.REVIEW`` that concern one photo."""

    def __init__(
        self,
        actions: Actions,
        review: ReviewController,
        messages: Messages,
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self._actions = actions
        self._review = review
        self._messages = messages
        slots: dict[str, Callable[[], None]] = {
            "actionPreviousUnreviewed": lambda: self._go(back=True),
            "actionNextUnreviewed": lambda: self._go(back=False),
            "actionMostUncertain": self._most_uncertain,
            "actionSkip": review.skip,
            "actionFlag": self._flag,
            "actionUnaccept": self._unaccept,
            "actionKeepLabel": self._keep_label,
            "actionArrangeAgain": review.list.arrange_again,
        }
        for name, slot in slots.items():
            actions[name].triggered.connect(lambda _checked=False, slot=slot: slot())
        for signal in (review.historyChanged, review.folderOpened, review.modelChanged):
            signal.connect(self._follow)
        review.markChanged.connect(self._follow_one)
        review.decisions.unaccepted.connect(self._unaccepted)
        self._follow()

    def _follow_one(self, name: str) -> None:
        if name == self._review.current:
            self._follow()

    def _follow(self, *_: object) -> None:
        """Enable what can be done to the current photo."""
        review, project = self._review, self._review.project
        record = None if review.current is None else review.record(review.current)
        writable = project is not None and not project.read_only and record is not None
        locked = project is not None and project.read_only
        for name in WRITES:
            self._actions[name].setEnabled(writable)
            self._actions.explain(name, NO_DECISIONS if locked else "")
        replaced = record is not None and record.replaced
        for name in REPLACED:
            self._actions[name].setEnabled(writable and replaced)
        for name in ("actionPreviousUnreviewed", "actionNextUnreviewed", "actionMostUncertain"):
            self._actions[name].setEnabled(record is not None)
        self._actions["actionArrangeAgain"].setEnabled(project is not None)
        flag = self._actions["actionFlag"]
        flag.setChecked(record is not None and review.state.flag(record.name) is PhotoFlag.FLAGGED)

    def _go(self, *, back: bool) -> None:
        queue, is_open = self._review.state.queue, self._review.state.is_open
        name = queue.preceding(is_open) if back else queue.following(is_open)
        if name is None:
            self._messages.info("No other photo of the list waits to be accepted.")
        else:
            self._review.go_to(name)

    def _most_uncertain(self) -> None:
        review = self._review
        found = [
            (record.confidence, name)
            for name in review.names
            if name != review.current
            and review.state.is_open(name)
            and (record := review.state.records[name]).confidence is not None
        ]
        if found:
            # The first of those that are equally unsure.
            review.go_to(min(found, key=lambda pair: pair[0] or 0.0)[1])
        else:
            self._messages.info("No other photo of the list has a prediction to be unsure of.")

    def _flag(self) -> None:
        if self._review.current is not None:
            self._review.decisions.toggle_flag(self._review.current)

    def _unaccept(self) -> None:
        """Of this photo, or else of the one that was accepted last: a key too many, most likely."""
        review = self._review
        name = review.current
        if name is None or review.in_gesture():
            return
        if not review.state.is_accepted(name):
            name = review.accepted_last()
            if name is None:
                self._messages.info("This photo is not accepted, and no other was in this session.")
                return
            review.go_to(name)
        review.decisions.unaccept(name)

    def _unaccepted(self, name: str) -> None:
        self._messages.info(f"{name} is not accepted any more. Its mask is still saved.")

    def _keep_label(self) -> None:
        name = self._review.current
        if name is not None and self._review.state.records[name].replaced:
            self._review.decisions.keep_label(name)
