"""Smart select: gestures of the tool become a selection that is computed beside the window."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt
from PySide6.QtCore import QEvent, QObject, Qt
from PySide6.QtGui import QGuiApplication, QKeyEvent, QKeySequence

from model.labels import MaskArray
from petseg_gui.core.mask import Patch
from petseg_gui.core.smart import SmartSelection, SmartStroke, warm_up
from petseg_gui.services.ports import Services
from petseg_gui.services.tasks import Task
from petseg_gui.ui.canvas import Canvas
from petseg_gui.ui.review_controller import ReviewController
from petseg_gui.ui.shown_predictions import ShownPredictions

GESTURE_NAME = "smart select"
PRIORITY = 30
"""Before everything else that the reader does: the pointer waits for it."""
_ENTER = (Qt.Key.Key_Return, Qt.Key.Key_Enter)


class StrokeError(Exception):
    """A stroke could not be worked out; ``__cause__`` says why."""

    def __init__(self, stroke: SmartStroke) -> None:
        super().__init__("a stroke of the selection could not be worked out")
        self.stroke = stroke


class Engine:
    """One selection, brought to the strokes that are wanted; for one worker thread at a time.

    Args:
        photo: uint8 (H, W, 3), RGB.
        mask: uint8 (H, W), the live mask; copied when the work begins.
        probabilities: uint8 (S, S, 3) of the photo's prediction, or None.
        label: the class to select for, 1..3.
        settle_border: see :class:`SmartSelection`.
    """

    def __init__(
        self,
        photo: npt.NDArray[np.uint8],
        mask: MaskArray,
        probabilities: npt.NDArray[np.uint8] | None,
        label: int,
        *,
        settle_border: bool = True,
    ) -> None:
        self._photo = photo
        self._live = mask
        self._mask: MaskArray | None = None
        self._probabilities = probabilities
        self._label = label
        self._settle_border = settle_border
        self._selection: SmartSelection | None = None
        self._patch: Patch | None = None

    def reach(self, strokes: Sequence[SmartStroke]) -> Patch | None:
        """The selection of exactly these strokes, at least one; None if it is empty.

        Raises:
            StrokeError: one of them failed; the selection can be asked for without it.
        """
        have = self._selection.strokes if self._selection is not None else ()
        common = 0
        while common < min(len(have), len(strokes)) and have[common] == strokes[common]:
            common += 1
        for _ in have[common:]:
            assert self._selection is not None
            self._patch = self._selection.undo()
        for stroke in strokes[common:]:
            try:
                self._patch = self._begun().add(stroke)
            except (MemoryError, ValueError) as error:
                # Whatever the failure left half done is not built upon.
                self._selection = None
                raise StrokeError(stroke) from error
        return self._patch

    def _begun(self) -> SmartSelection:
        if self._selection is None:
            if self._mask is None:
                self._mask = self._live.copy()
            self._selection = SmartSelection(
                self._photo,
                self._mask,
                self._probabilities,
                self._label,
                settle_border=self._settle_border,
            )
        return self._selection


@dataclass(slots=True, eq=False)
class _Pending:
    """A selection that has been neither applied nor dropped.

    Attributes:
        name: of its photo.
        wanted: the strokes that are to be in it.
        shown: those that the preview shows.
        accept: apply it as soon as it is complete.
    """

    name: str
    label: int
    engine: Engine
    wanted: list[SmartStroke] = field(default_factory=list)
    shown: list[SmartStroke] = field(default_factory=list)
    accept: bool = False


class SmartSelect(QObject):
    """Answers the smart select tool of a canvas.

    One selection is pending at a time; further strokes refine it.  It ends when its preview is
    applied or dropped, or another photo comes; a stroke for another class applies it first and
    begins another one.  While an answer is on its way, Enter applies it when it comes, Escape
    drops it, and Ctrl+Z takes the last stroke back.
    """

    def __init__(
        self,
        canvas: Canvas,
        services: Services,
        shown: ShownPredictions,
        review: ReviewController,
        parent: QObject,
    ) -> None:
        super().__init__(parent)
        self._canvas = canvas
        self._reader = services.reader
        self._messages = services.messages
        self._predictions = shown
        self._review = review
        self._pending: _Pending | None = None
        self._task: Task | None = None
        self._warm = False
        self._after: deque[tuple[SmartStroke, int]] = deque()  # for the selection that follows
        canvas.selectionAsked.connect(self._asked)
        canvas.stepBackAsked.connect(self._step_back)
        canvas.previewEnded.connect(self._preview_ended)
        canvas.toolChanged.connect(self._tool_changed)
        canvas.maskChanged.connect(self._mask_changed)
        canvas.installEventFilter(self)
        for signal in (review.photoShown, review.photoPending, review.photoFailed):
            signal.connect(self._forget)
        review.folderOpened.connect(self._forget)
        review.projectClosed.connect(self._forget)

    @property
    def busy(self) -> bool:
        """Whether an answer is still to come."""
        return self._task is not None

    # ------------------------------------------------------------------ what the user does

    def _asked(self, stroke: SmartStroke) -> None:
        self._add(stroke, self._canvas.label)

    def _add(self, stroke: SmartStroke, label: int) -> None:
        pending = self._pending
        if pending is not None and (pending.accept or pending.label != label):
            self._after.append((stroke, label))
            pending.accept = True
        else:
            if pending is None:
                self._pending = pending = self._new(label)
            if pending is not None:
                pending.wanted.append(stroke)
        self._go_on()

    def _step_back(self) -> None:
        if self._after:
            self._after.pop()
            return
        pending = self._pending
        if pending is None:
            return
        pending.accept = False
        pending.wanted.pop()
        if pending.wanted:
            self._go_on()
        else:
            self._drop()

    def _drop(self) -> None:
        """Give the selection up."""
        self._forget()
        self._canvas.drop_preview()

    def _tool_changed(self, tool: str) -> None:
        # Whoever turns elsewhere keeps the selection, as the canvas does with a preview.
        if self._pending is not None and tool != "smart":
            self._pending.accept = True
        if tool == "smart" and not self._warm:
            self._warm = True
            self._reader.run(lambda _state: warm_up(), priority=PRIORITY)

    def _mask_changed(self, _rect: object) -> None:
        if self.busy and self._canvas.tool != "smart":
            self._too_late()

    def _too_late(self) -> None:
        """Painting went on before the answer: it would land on top of what was painted since."""
        self._forget()
        self._messages.info("The smart selection was not ready in time and was not applied.")

    def _preview_ended(self, _accepted: bool) -> None:
        self._forget()

    def _forget(self, *_: object) -> None:
        """The selection has ended: no answer of it lands any more."""
        self._pending = None
        self._after.clear()
        if self._task is not None:
            self._task.cancel()
            self._task = None

    # ------------------------------------------------------------------ the answer

    def _new(self, label: int) -> _Pending | None:
        session, photo = self._review.session, self._canvas.photo
        if session is None or photo is None:
            return None
        known = self._predictions
        prediction = known.current if known.photo == session.photo else None
        probabilities = prediction.probabilities if prediction is not None else None
        engine = Engine(
            photo,
            session.view(),
            probabilities,
            label,
            settle_border=self._canvas.tool_options.smart_border,
        )
        return _Pending(session.photo, label, engine)

    def _go_on(self) -> None:
        """Work out what is wanted and not shown yet; otherwise apply it, if that is wanted."""
        pending = self._pending
        if pending is None or self._task is not None:
            return
        wanted = list(pending.wanted)
        if wanted == pending.shown:
            if pending.accept:
                self._end(self._canvas.accept_preview)
            return
        self._task = self._reader.run(
            lambda _state: pending.engine.reach(wanted),
            lambda patch: self._answered(pending, wanted, patch),
            lambda error: self._failed(pending, error),
            priority=PRIORITY,
        )

    def _answered(self, pending: _Pending, wanted: list[SmartStroke], patch: Patch | None) -> None:
        self._task = None
        session = self._review.session
        if session is None or session.photo != pending.name:
            self._forget()
            return
        if session.in_gesture:
            self._too_late()
            return
        pending.shown = wanted
        if patch is not None:
            self._canvas.set_preview(patch, GESTURE_NAME, keep=True)
        elif wanted == pending.wanted:
            self._nothing_found(pending)
            return
        self._go_on()

    def _nothing_found(self, pending: _Pending) -> None:
        if len(pending.wanted) > 1:
            self._messages.info("Nothing is left of the selection.")
        else:
            self._messages.info("Nothing was found there. Try a longer stroke, or the brush.")
        self._end(self._canvas.drop_preview)

    def _end(self, finish: Callable[[], bool]) -> None:
        """Apply or drop the selection; strokes that were kept waiting begin another one."""
        after = list(self._after)
        self._forget()
        finish()
        for stroke, label in after:
            self._add(stroke, label)

    def _failed(self, pending: _Pending, error: Exception) -> None:
        self._task = None
        if not isinstance(error, StrokeError):
            raise error
        if isinstance(error.__cause__, MemoryError):
            self._messages.error(
                "There is not enough memory to select there; nothing was changed. "
                "Close other programs, or use the brush."
            )
        else:
            self._messages.warning(
                f"Nothing could be selected there: {error.__cause__}. Nothing was changed."
            )
        if error.stroke in pending.wanted:
            pending.wanted.remove(error.stroke)
        if pending.wanted:
            self._go_on()
        else:
            self._end(self._canvas.drop_preview)

    # ------------------------------------------------------------------ keys

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Enter, Escape and Ctrl+Z mean the answer that is on its way."""
        kind = event.type()
        if (
            kind not in (QEvent.Type.ShortcutOverride, QEvent.Type.KeyPress)
            or not isinstance(event, QKeyEvent)
            or not self.busy
            or QGuiApplication.mouseButtons() != Qt.MouseButton.NoButton  # a drag has its own
        ):
            return False
        plain = not event.modifiers() & ~Qt.KeyboardModifier.KeypadModifier
        enter = plain and event.key() in _ENTER
        escape = plain and event.key() == Qt.Key.Key_Escape
        if not (enter or escape or event.matches(QKeySequence.StandardKey.Undo)):
            return False
        event.accept()
        if kind == QEvent.Type.KeyPress:
            if escape:
                self._drop()
            elif not enter:
                self._step_back()
            elif self._pending is not None:
                self._pending.accept = True
        return True
