"""One photo being edited: its mask, its history, and whether all of it is on disk."""

from __future__ import annotations

from model.labels import MaskArray
from petseg_gui.core.edits import Before
from petseg_gui.core.history import DEFAULT_LIMIT_BYTES, Gesture, History
from petseg_gui.core.mask import Mask, Patch
from petseg_gui.core.rect import Rect
from petseg_gui.core.tool_options import ALL_LABELS


class EditSession:
    """The document behind the canvas.

    Args:
        photo: the photo's name.
        mask: uint8 (H, W), values 0..3: what editing starts from; copied, unless it is given
            away (see ``own``).
        edited: a person has already changed it (it comes from a label or a draft, not
            straight from the model).
        unsaved: it holds strokes that are in no label yet (it comes from a draft).
        earlier_gestures: how many gestures went into ``mask`` already.
        limit_bytes: bound of the undo history.
        own: nobody else uses ``mask`` any more.
    """

    def __init__(
        self,
        photo: str,
        mask: MaskArray,
        *,
        edited: bool = False,
        unsaved: bool = False,
        earlier_gestures: int = 0,
        limit_bytes: int = DEFAULT_LIMIT_BYTES,
        own: bool = False,
    ) -> None:
        self.photo = photo
        self.history = History(limit_bytes)
        self._mask = Mask(mask, own=own)
        self._edited = edited
        self._earlier_gestures = earlier_gestures
        self._saved: int | None = None if unsaved else self.history.position
        self._gesture: str | None = None
        self._before: Before | None = None
        self._changed: Rect | None = None

    @property
    def shape(self) -> tuple[int, int]:
        """(rows, columns)."""
        return self._mask.shape

    @property
    def dirty(self) -> bool:
        """Whether the mask differs, as far as the history knows, from what is on disk."""
        return self._changed is not None or self.unsaved

    @property
    def unsaved(self) -> bool:
        """Whether finished gestures make it differ from what is on disk."""
        return self.history.position != self._saved

    @property
    def edited(self) -> bool:
        """Whether a person has changed the mask, counting what came before this session."""
        return self._edited or self._changed is not None or self.history.position != 0

    @property
    def gestures(self) -> int:
        """How many gestures went into the present mask, those of earlier sessions included."""
        return self._earlier_gestures + self.history.depth

    @property
    def in_gesture(self) -> bool:
        """Whether a gesture has begun and was neither committed nor aborted."""
        return self._gesture is not None

    @property
    def changed(self) -> Rect | None:
        """Bounding box of what the open gesture has changed so far; None: nothing, or none open."""
        return self._changed

    @property
    def nbytes(self) -> int:
        """Memory that the mask, the history and an open gesture take at present."""
        open_gesture = 0 if self._before is None else self._before.nbytes
        return self._mask.nbytes + self.history.nbytes + open_gesture

    def view(self) -> MaskArray:
        """The live mask, uint8 (H, W), read-only and not copied."""
        return self._mask.view()

    def before(self, rect: Rect) -> MaskArray:
        """The mask as it was when the open gesture began; the present one when none is open.

        Args:
            rect: which part; what lies outside the photo is cut off.

        Returns:
            uint8 (h, w), a copy.
        """
        height, width = self.shape
        part = rect.clipped(width, height)
        if self._before is None:
            return self._mask.view()[part.slices].copy()
        return self._before.read(part)

    def begin(self, name: str) -> None:
        """Begin a gesture; everything until :meth:`commit` is one step of undo.

        Raises:
            RuntimeError: a gesture is open already.
        """
        if self._gesture is not None:
            raise RuntimeError(f"'{self._gesture}' has not ended, '{name}' cannot begin")
        self._gesture = name
        self._before = self._mask.remember()

    def paint(self, patch: Patch, only_over: frozenset[int] = ALL_LABELS) -> Rect | None:
        """Apply a patch within the open gesture; return where the mask changed, if anywhere.

        Args:
            patch: what is to change.
            only_over: pixels that have another value than these stay as they are.

        Raises:
            RuntimeError: no gesture is open.
        """
        if self._before is None:
            raise RuntimeError("painting needs a gesture: begin() first")
        rect = self._mask.change(patch, self._before, only_over)
        if rect is not None:
            self._changed = rect if self._changed is None else self._changed.united(rect)
        return rect

    def commit(self) -> bool:
        """End the gesture and make it one step of undo; False when it changed no pixel.

        Raises:
            RuntimeError: no gesture is open.
        """
        if self._gesture is None or self._before is None:
            raise RuntimeError("there is no gesture to commit")
        name, edit = self._gesture, self._before.edit()
        self._gesture = self._before = self._changed = None
        if edit is None:
            return False
        self.history.push(Gesture(name, (edit,)))
        return True

    def abort(self) -> Rect | None:
        """Drop the open gesture: the mask is again what it was; return where it changed.

        Without an open gesture nothing happens: Escape may come at any time.
        """
        rect = self._changed
        if self._before is not None:
            self._before.restore()
        self._gesture = self._before = self._changed = None
        return rect

    def apply(self, name: str, patch: Patch, only_over: frozenset[int] = ALL_LABELS) -> Rect | None:
        """Make one whole gesture of a patch; return where the mask changed, if anywhere.

        Raises:
            RuntimeError: a gesture is open already.
        """
        self.begin(name)
        rect = self.paint(patch, only_over)
        self.commit()
        return rect

    def pack(self) -> None:
        """Compress the mask while the photo is not on show; it unpacks when it is asked for.

        A view from before stays live.  Its memory goes when nobody holds one any more.  During a
        gesture nothing happens.
        """
        if not self.in_gesture:
            self._mask.pack()

    def unpack(self) -> None:
        """Unpack the mask now, so that the first stroke need not."""
        self._mask.view()

    def undo(self) -> Rect | None:
        """Take back the last gesture; None when there is none, or one is under way."""
        if self.in_gesture:
            return None
        gesture = self.history.undo()
        if gesture is None:
            return None
        return _united([self._mask.revert(edit) for edit in reversed(gesture.edits)])

    def redo(self) -> Rect | None:
        """Make the gesture last undone again; None when there is none, or one is under way."""
        if self.in_gesture:
            return None
        gesture = self.history.redo()
        if gesture is None:
            return None
        return _united([self._mask.reapply(edit) for edit in gesture.edits])

    def mark_saved(self, position: int | None = None) -> None:
        """Note that a state is what is on disk.

        Args:
            position: ``history.position`` when the mask was handed to the save, for a save
                that ran while editing went on; None: the present state.
        """
        if position is not None:
            self._saved = position
        elif self._changed is not None:
            # Half a gesture is on disk; no state that can be reached is that one.
            self._saved = None
        else:
            self._saved = self.history.position


def _united(rects: list[Rect]) -> Rect | None:
    if not rects:
        return None
    whole = rects[0]
    for rect in rects[1:]:
        whole = whole.united(rect)
    return whole
