"""What the project knows about photos, as plain values, and the store's one error."""

from __future__ import annotations

import json
from collections.abc import Mapping
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
    """

    name: str
    state: PhotoState
    label: str | None
    model: str | None
    held_out: bool
    has_draft: bool


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
    """

    photo: str
    provenance: Provenance
    accepted: bool
    held_out: bool | None
    saved: str
    base: str = ""

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
        if not isinstance(content, dict) or not isinstance(content.get("photo"), str):
            return None
        model, gestures = content.get("model"), content.get("gestures")
        held_out = content.get("held_out")
        return cls(
            photo=content["photo"],
            provenance=Provenance(
                model if isinstance(model, str) else None,
                gestures if isinstance(gestures, int) else 0,
            ),
            accepted=content.get("state") == PhotoState.ACCEPTED,
            held_out=held_out if isinstance(held_out, bool) else None,
            saved=str(content.get("saved", "")),
            base=str(content.get("base", "")),
        )
