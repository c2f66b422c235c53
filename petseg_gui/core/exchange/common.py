"""What import and export share: their error, and who watches them."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Protocol


class ExchangeError(Exception):
    """A file or folder that cannot be imported from, or exported to.

    The text names it, says what is wrong and what to do; it can be shown as it is.

    Attributes:
        path: the file or folder.
        reason: what is wrong with it, in words.
        remedy: what a person can do about it.
    """

    def __init__(self, path: Path | str, reason: str, remedy: str) -> None:
        super().__init__(f"{path}: {reason}. {remedy}")
        self.path = path
        self.reason = reason
        self.remedy = remedy


class UnknownValueError(ExchangeError):
    """A picture has values that no class is known for.

    Attributes:
        values: (some of) them.
    """

    def __init__(self, path: Path | str, reason: str, remedy: str, values: Sequence[int]) -> None:
        super().__init__(path, reason, remedy)
        self.values = tuple(values)


class Watcher(Protocol):
    """Who is told how far a long run is, and may stop it; a task's state is one."""

    @property
    def cancelled(self) -> bool:
        """Whether to stop before the next photo."""
        ...

    def progress(self, done: int, total: int) -> None:
        """``done`` of ``total`` photos are finished."""
        ...


class Nobody:
    """The watcher of a run that nobody watches."""

    cancelled = False

    def progress(self, done: int, total: int) -> None:
        """Nobody is told."""


NOBODY = Nobody()


def size_text(width: int, height: int) -> str:
    """A size in pixels as people write it."""
    return f"{width}×{height}"


def megabytes(count: float) -> str:
    """A number of bytes in words."""
    return f"{count / 1e6:,.1f} MB" if count < 1e9 else f"{count / 1e9:,.1f} GB"
