"""One photo being edited: its mask, its history, and whether all of it is on disk."""

from __future__ import annotations

from model.labels import MaskArray
from petseg_gui.core.history import DEFAULT_LIMIT_BYTES, Gesture, History
from petseg_gui.core.mask import Edit, Mask, Patch, Rect


class EditSession:
    """The document behind the canvas.

    Args:
        photo: the photo's name.
        mask: uint8 (H, W), values 0..3: what editing starts from; copied.
        edited: a person has already changed it (it comes from a label or a draft, not
            straight from the model).
        unsaved: it holds strokes that are in no label yet (it comes from a draft).
        earlier_gestures: how many gestures went into ``mask`` already.
        limit_bytes: bound of the undo history.
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
    ) -> None:
        self.photo = photo
        self.history = History(limit_bytes)
        self._mask = Mask(mask)
        self._edited = edited
        self._earlier_gestures = earlier_gestures
        self._saved: int | None = None if unsaved else self.history.position
        self._gesture: str | None = None
        self._edits: list[Edit] = []

    @property
    def shape(self) -> tuple[int, int]:
        """(rows, columns)."""
        return self._mask.shape

    @property
    def dirty(self) -> bool:
        """Whether the mask differs, as far as the history knows, from what is on disk."""
        return bool(self._edits) or self.history.position != self._saved

    @property
    def edited(self) -> bool:
        """Whether a person has changed the mask, counting what came before this session."""
        return self._edited or bool(self._edits) or self.history.position != 0

    @property
    def gestures(self) -> int:
        """How many gestures went into the present mask, those of earlier sessions included."""
        return self._earlier_gestures + self.history.depth

    @property
    def in_gesture(self) -> bool:
        """Whether a gesture has begun and was neither committed nor aborted."""
        return self._gesture is not None

    def view(self) -> MaskArray:
        """The live mask, uint8 (H, W), read-only and not copied."""
        return self._mask.view()

    def begin(self, name: str) -> None:
        """Begin a gesture; everything until :meth:`commit` is one step of undo.

        Raises:
            RuntimeError: a gesture is open already.
        """
        if self._gesture is not None:
            raise RuntimeError(f"'{self._gesture}' has not ended, '{name}' cannot begin")
        self._gesture = name

    def paint(self, patch: Patch) -> Rect | None:
        """Apply a patch within the open gesture; return where the mask changed, if anywhere.

        Raises:
            RuntimeError: no gesture is open.
        """
        if self._gesture is None:
            raise RuntimeError("painting needs a gesture: begin() first")
        edit = self._mask.apply(patch)
        if edit is None:
            return None
        self._edits.append(edit)
        return edit.rect

    def commit(self) -> bool:
        """End the gesture and make it one step of undo; False when it changed no pixel.

        Raises:
            RuntimeError: no gesture is open.
        """
        if self._gesture is None:
            raise RuntimeError("there is no gesture to commit")
        gesture = Gesture(self._gesture, tuple(self._edits))
        self._gesture = None
        self._edits = []
        if not gesture.edits:
            return False
        self.history.push(gesture)
        return True

    def abort(self) -> Rect | None:
        """Drop the open gesture: the mask is again what it was; return where it changed.

        Without an open gesture nothing happens: Escape may come at any time.
        """
        edits, self._edits, self._gesture = self._edits, [], None
        return _united([self._mask.revert(edit) for edit in reversed(edits)])

    def apply(self, name: str, patch: Patch) -> Rect | None:
        """Make one whole gesture of a patch; return where the mask changed, if anywhere.

        Raises:
            RuntimeError: a gesture is open already.
        """
        self.begin(name)
        rect = self.paint(patch)
        self.commit()
        return rect

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
        elif self._edits:
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
