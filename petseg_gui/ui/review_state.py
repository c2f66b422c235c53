"""What a review knows of the photos of a folder: no widgets, no signals, no disk."""

from __future__ import annotations

from collections import Counter
from collections.abc import Set

from petseg_gui.core.history import DEFAULT_LIMIT_BYTES
from petseg_gui.core.photo_records import Counts, PhotoRecords
from petseg_gui.core.queue import ReviewQueue
from petseg_gui.core.records import PhotoFlag, PhotoState
from petseg_gui.core.session import EditSession
from petseg_gui.ui.marks import Mark
from petseg_gui.ui.photo_loader import LoadedPhoto, Origin

_MARKS = {
    PhotoState.NEW: Mark.NEW,
    PhotoState.PREDICTED: Mark.PREDICTED,
    PhotoState.EDITED: Mark.EDITED,
    PhotoState.ACCEPTED: Mark.ACCEPTED,
}


class ReviewState:
    """The photos, what is stored of them, and what is being done to them.

    Attributes:
        queue: the listed photos in order, and the current one.
        records: what the project knows, by photo name; of every photo of the folder.
        sessions: photos that were on the canvas, with their undo history; used last comes last.
        based_on: by photo name, the model whose prediction its session started from.
        unreadable: by photo name, why it cannot be shown.
        shown: the photo on the canvas; None while the current one is being decoded.
        saving: by photo name, how many saves of its label are under way.
        accepting: photos whose accepted label is being written: as good as accepted.
        flagging: by photo name, the flag that is being written: as good as set.
        undo_limit: bytes of all undo histories together.
    """

    def __init__(self) -> None:
        self.queue = ReviewQueue([])
        self.records = PhotoRecords()
        self.sessions: dict[str, EditSession] = {}
        self.based_on: dict[str, str | None] = {}
        self.unreadable: dict[str, str] = {}
        self.shown: str | None = None
        self.saving: Counter[str] = Counter()
        self.accepting: Counter[str] = Counter()
        self.flagging: dict[str, PhotoFlag] = {}
        self.undo_limit = DEFAULT_LIMIT_BYTES

    def clear(self) -> None:
        """No folder is open."""
        self.shown = None
        self.queue = ReviewQueue([])
        self.records = PhotoRecords()
        for kept in (self.sessions, self.based_on, self.unreadable, self.saving, self.accepting):
            kept.clear()
        self.flagging.clear()

    def mark(self, name: str) -> Mark:
        """The state of ``name`` as the user sees it."""
        if name in self.unreadable:
            return Mark.UNREADABLE
        session = self.sessions.get(name)
        if session is not None and session.dirty:
            return Mark.EDITED
        record = self.records.get(name)
        if record is None:
            return Mark.NEW
        return Mark.EDITED if record.has_draft and session is None else _MARKS[record.state]

    def counts(self) -> Counts:
        """How many photos are in each state."""
        return self.records.counts()

    def held_out(self) -> int:
        """How many of the accepted photos only measure models."""
        return self.records.held_out

    def unsaved(self) -> list[str]:
        """Photos with strokes that are in no label."""
        return [name for name, session in self.sessions.items() if session.dirty]

    def untouched(self, name: str) -> bool:
        """Whether no person has had a hand in the mask of ``name``."""
        record, session = self.records[name], self.sessions.get(name)
        if record.label is not None or record.has_draft:
            return False
        return session is None or not (session.edited or session.in_gesture)

    def unpredicted(self) -> Set[str]:
        """Photos that wait for a prediction."""
        return self.records.in_state(PhotoState.NEW) - self.unreadable.keys()

    def is_accepted(self, name: str) -> bool:
        """Whether nothing is left to decide about ``name``."""
        return self.accepting[name] > 0 or self.records[name].state is PhotoState.ACCEPTED

    def flag(self, name: str) -> PhotoFlag:
        """The flag of ``name``, on disk or on its way there."""
        return self.flagging.get(name, self.records[name].flag)

    def is_open(self, name: str) -> bool:
        """Whether ``name`` waits for a person: it is neither accepted nor skipped, and readable."""
        skipped = self.flag(name) is PhotoFlag.SKIPPED
        return not (skipped or self.is_accepted(name) or name in self.unreadable)

    def is_left(self, name: str) -> bool:
        """Whether ``name`` could still be accepted: as :meth:`is_open`, or skipped."""
        return not (self.is_accepted(name) or name in self.unreadable)

    def session_for(self, photo: LoadedPhoto) -> EditSession:
        """The session of ``photo``, a new one if it has none; it counts as used last.

        A session of another size is of a photo that was replaced by another one of its name;
        what is unsaved of it is in its draft.

        Raises:
            ValueError: there is neither a session nor a mask to begin one with.
        """
        session = self.sessions.pop(photo.name, None)
        if session is None or session.shape != photo.pyramid.shape:
            if photo.mask is None:
                raise ValueError(f"there is no mask to begin with for {photo.name}")
            self.based_on[photo.name] = photo.provenance.model
            session = EditSession(
                photo.name,
                photo.mask if photo.working is None else photo.working,
                own=photo.working is not None,
                edited=photo.origin in (Origin.DRAFT, Origin.LABEL),
                unsaved=photo.origin is Origin.DRAFT,
                earlier_gestures=photo.provenance.gestures,
                limit_bytes=self.undo_limit,
            )
        self.sessions[photo.name] = session
        return session
