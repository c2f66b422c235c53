"""The one route by which the user is told something."""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Literal

from PySide6.QtCore import QObject, Signal

_log = logging.getLogger(__name__)

Kind = Literal["info", "warning", "error"]

_LEVELS: dict[Kind, int] = {
    "info": logging.INFO,
    "warning": logging.WARNING,
    "error": logging.ERROR,
}


@dataclass(frozen=True, slots=True)
class Offer:
    """Something that can be done about a message with one click.

    Attributes:
        text: what the button says.
        act: does it; called in the window's thread.
    """

    text: str
    act: Callable[[], object]


@dataclass(frozen=True, slots=True)
class Message:
    """One sentence or two for the user, in plain words, and perhaps something to do about it."""

    kind: Kind
    text: str
    offer: Offer | None = field(default=None, compare=False)


class Messages(QObject):
    """Carries messages to whoever shows them, and to the log.

    Signals:
        posted: a :class:`Message`.
    """

    posted = Signal(object)

    def info(self, text: str, offer: Offer | None = None) -> None:
        """Something happened that the user may like to know; goes away by itself."""
        self._post("info", text, offer)

    def warning(self, text: str) -> None:
        """Something did not go as expected, and work goes on."""
        self._post("warning", text)

    def error(self, text: str) -> None:
        """Something failed; the text says what, with which file, and what to do."""
        self._post("error", text)

    def _post(self, kind: Kind, text: str, offer: Offer | None = None) -> None:
        # A record that is an error for the user is not one for the program: it was handled.
        _log.log(min(_LEVELS[kind], logging.WARNING), "%s: %s", kind, text)
        self.posted.emit(Message(kind, text, offer))
