"""What the project knows about photos, as plain values, and the store's one error."""

from __future__ import annotations

import json
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

TEXT_KEY = "petseg"
"""Keyword of the iTXt chunk in which label files and drafts say where they come from."""

TEXT_VERSION = 1


class StoreError(Exception):
    """Something in the project could not be read or written.

    The text names the file, says what happened and what to do; it can be shown as it is.
    """


class PhotoState(StrEnum):
    """How far a photo has come."""

    NEW = "new"
    PREDICTED = "predicted"
    EDITED = "edited"
    ACCEPTED = "accepted"


class PhotoFlag(StrEnum):
    """What a person says of a photo beside its label; independent of :class:`PhotoState`."""

    NONE = ""
    FLAGGED = "flagged"
    SKIPPED = "skipped"


@dataclass(frozen=True, slots=True)
class Provenance:
    """Where a mask comes from.

    Attributes:
        model: id of the model whose prediction it started from; None: from no prediction.
        gestures: how many gestures a person then made.
    """

    model: str | None
    gestures: int


@dataclass(frozen=True, slots=True)
class PhotoRecord:
    """What the project knows about one photo.

    Attributes:
        name: the photo's file name.
        state: see :class:`PhotoState`.
        label: file name of its label in the labels folder; None: never saved.
        model: id of the model that its label, or else its prediction, comes from.
        held_out: its label measures models and is never trained on.
        has_draft: there are strokes that are not in its label yet.
        replaced: its label (or draft) was made for another picture of the same name, and is
            not used until a person says so: see ``Project.keep_label``.  The state is then
            that of a photo without one.
        flag: see :class:`PhotoFlag`.
        tags: in alphabetical order.
        note: what a person wrote about it.
        seconds: time that a person has spent on it.
        confidence: how sure ``predicted_by`` was of it, 0..1; None: not known.
        predicted_by: id of the model in use when it was last predicted; None: never, or not since
            its content changed.
        saved: when its label was saved, ISO 8601 in UTC; empty: never.
        size: (width, height) in pixels as it is shown; None: not examined yet, or unreadable.
        taken: when it was taken, or else its file changed: ISO 8601, local time, to the second;
            empty: not examined yet.
        disagreement: how far the model in use is from the one before it, 0..1 (see
            ``confidence.disagreement``); None: not known.
    """

    name: str
    state: PhotoState
    label: str | None
    model: str | None
    held_out: bool
    has_draft: bool
    replaced: bool = False
    flag: PhotoFlag = PhotoFlag.NONE
    tags: tuple[str, ...] = ()
    note: str = ""
    seconds: float = 0.0
    confidence: float | None = None
    predicted_by: str | None = None
    saved: str = ""
    size: tuple[int, int] | None = None
    taken: str = ""
    disagreement: float | None = None


class Change(StrEnum):
    """What has become of a photo since it was last examined."""

    SAME = "same"
    NEW = "new"
    RENAMED = "renamed"
    REPLACED = "replaced"
    MISSING = "missing"


@dataclass(frozen=True, slots=True)
class Content:
    """What a photo's file holds at present.

    Attributes:
        digest: see ``disk.digest_of``.
        noted: what the project knows of the photo is about this content; False: it is another
            picture by now, and nobody has noticed yet.
    """

    digest: str
    noted: bool


@dataclass(frozen=True, slots=True)
class Examined:
    """What looking at a photo's file has found.

    Attributes:
        name: the photo's name.
        change: see :class:`Change`.
        was: its name before, when it was renamed or moved.
        message: what the user should be told, in words; None: nothing.
    """

    name: str
    change: Change
    was: str | None = None
    message: str | None = None


@dataclass(frozen=True, slots=True)
class LogEntry:
    """One change of a photo's work: who changed what when.

    Attributes:
        at: ISO 8601 in UTC.
        who: the name with which the person was logged in; empty: not known.
        what: ``saved``, ``accepted``, ``unaccepted``, ``restored``, ``cleared``, ``renamed``,
            ``replaced``, ``label kept``, ``flag``, ``tags`` or ``note``.
        detail: more about it, such as the new tags or the name before.
    """

    at: str
    who: str
    what: str
    detail: str


@dataclass(frozen=True, slots=True)
class LabelVersion:
    """An earlier version of a label.

    Attributes:
        id: names it in ``Project.read_version`` and ``restore_version``.
        path: its file.
        saved: when it was saved, or, if it does not say, replaced: ISO 8601 in UTC.
        provenance: see :class:`Provenance`; None: it does not say, or is damaged.
        accepted: a person had accepted it.
    """

    id: str
    path: Path
    saved: str
    provenance: Provenance | None
    accepted: bool


@dataclass(frozen=True, slots=True)
class AcceptedLabel:
    """A label that a person accepted: what models are trained on, or measured with.

    Attributes:
        name: the photo's name.
        photo: the photo's path.
        label: the label's path.
        held_out: it measures models and is never trained on.
        corrected: a person painted on it; otherwise it is a prediction, accepted as it was.
    """

    name: str
    photo: Path
    label: Path
    held_out: bool
    corrected: bool


@dataclass(frozen=True, slots=True)
class LabelText:
    """What a label file says about itself, enough to rebuild the index from the labels.

    Attributes:
        photo: the photo's name.
        provenance: see :class:`Provenance`.
        accepted: a person accepted it.
        held_out: see :class:`PhotoRecord`; None: not decided yet.
        saved: when it was saved, ISO 8601 in UTC.
        base: in a draft, ``saved`` of the label that it changes; empty: there was none.  Once
            the label has been saved again, the draft is out of date, whatever the clock says.
        digest: of the photo that it was drawn for (see ``identity.digest_of``); None: not known.
        tags, note, flag, seconds: see :class:`PhotoRecord`; the last two as of the last save.
    """

    photo: str
    provenance: Provenance
    accepted: bool
    held_out: bool | None
    saved: str
    base: str = ""
    digest: str | None = None
    tags: tuple[str, ...] = ()
    note: str = ""
    flag: PhotoFlag = PhotoFlag.NONE
    seconds: float = 0.0

    def encoded(self) -> dict[str, str]:
        """The text entries for the file."""
        state = PhotoState.ACCEPTED if self.accepted else PhotoState.EDITED
        content = {
            "photo": self.photo,
            "model": self.provenance.model,
            "gestures": self.provenance.gestures,
            "state": state.value,
            "held_out": self.held_out,
            "saved": self.saved,
            "base": self.base,
            "digest": self.digest,
            "tags": self.tags,
            "note": self.note,
            "flag": self.flag.value,
            "seconds": round(self.seconds, 1),
            "version": TEXT_VERSION,
        }
        return {TEXT_KEY: json.dumps(content)}

    @classmethod
    def decoded(cls, text: Mapping[str, str]) -> LabelText | None:
        """What the file's text entries say; None when they are not this program's."""
        try:
            content = json.loads(text[TEXT_KEY])
        except (KeyError, ValueError, RecursionError):
            return None
        if not isinstance(content, dict) or not _is_name(content.get("photo")):
            return None
        model, gestures = content.get("model"), content.get("gestures")
        held_out, digest = content.get("held_out"), content.get("digest")
        return cls(
            photo=content["photo"],
            provenance=Provenance(
                storable(model) if isinstance(model, str) else None,
                # SQLite takes 64 bits: a stranger's file may hold any number.
                gestures if isinstance(gestures, int) and 0 <= gestures < 2**63 else 0,
            ),
            accepted=content.get("state") == PhotoState.ACCEPTED,
            held_out=held_out if isinstance(held_out, bool) else None,
            saved=storable(str(content.get("saved", ""))),
            base=str(content.get("base", "")),
            digest=storable(digest) if isinstance(digest, str) else None,
            tags=_tags(content.get("tags")),
            note=_note(content.get("note")),
            flag=_flag(content.get("flag")),
            seconds=_seconds(content.get("seconds")),
        )


def _is_name(value: object) -> bool:
    """Whether it can be a photo's name: lone surrogates are those of names that are not UTF-8."""
    if not isinstance(value, str) or "\0" in value:
        return False
    try:
        value.encode("utf-8", "surrogateescape")
    except UnicodeEncodeError:
        return False
    return True


MAX_NOTE = 2000
"""Characters of a note: it has to fit into the label's text."""

MAX_TAGS = 30
"""Tags of one photo."""

MAX_TAG = 50
"""Characters of a tag."""


def clean_tag(tag: str) -> str:
    """The tag as it is kept: one line, no blanks around it.

    Raises:
        StoreError: nothing is left of it, or it is too long.
    """
    cleaned = " ".join("".join(c if c.isprintable() else " " for c in tag).split())
    if not cleaned or len(cleaned) > MAX_TAG:
        raise StoreError(f"A tag has 1 to {MAX_TAG} characters, '{cleaned[:80]}' cannot be one.")
    return cleaned


def _tags(value: object) -> tuple[str, ...]:
    found = set()
    for tag in value if isinstance(value, list) else []:
        if isinstance(tag, str):
            with suppress(StoreError):
                found.add(clean_tag(tag))
    return tuple(sorted(found)[:MAX_TAGS])


def _note(value: object) -> str:
    text = value if isinstance(value, str) else ""
    return storable(text)[:MAX_NOTE]


def storable(text: str) -> str:
    """The text without what neither SQLite nor a file takes: lone surrogates, NUL."""
    return text.encode("utf-8", "replace").decode("utf-8").replace("\0", "")


def _flag(value: object) -> PhotoFlag:
    try:
        return PhotoFlag(value)  # type: ignore[arg-type] # anything else is refused
    except ValueError:
        return PhotoFlag.NONE


def _seconds(value: object) -> float:
    if isinstance(value, int | float) and 0 <= value < 1e9:
        return float(value)
    return 0.0
