"""What a child has done, written down as it does it: it outlives the child, whatever kills it.

Times are of ``time.monotonic``, which all processes of a Linux machine share.
"""

from __future__ import annotations

import hashlib
import json
import os
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from model.labels import MaskArray


def digest(mask: MaskArray) -> str:
    """A mask in a few characters: equal for equal size and values."""
    height, width = mask.shape
    return hashlib.blake2b(mask.tobytes() + b"%d %d" % (height, width), digest_size=6).hexdigest()


@dataclass(frozen=True, slots=True)
class Event:
    """One line of a journal.

    Attributes:
        at: when, in seconds.
        kind: ``screen`` (a photo's mask as it is on screen from now on), ``begin`` and ``end`` of
            something that is written, ``beat`` (the child's clock ticks), ``trouble``.
        what: what was done.
        name: the photo.
        digest: of its mask; empty: none.
        number: the same for a ``begin`` and its ``end``.
    """

    at: float
    kind: str
    what: str
    name: str = ""
    digest: str = ""
    number: int = 0


@dataclass(slots=True)
class Journal:
    """The child's end; may be written to from any thread.

    Nothing is buffered: what was written is in the file when the process is killed.
    """

    path: Path
    _descriptor: int = field(init=False)
    _numbers: int = 0

    def __post_init__(self) -> None:
        self._descriptor = os.open(self.path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)

    def write(
        self, kind: str, what: str, name: str = "", mask_digest: str = "", number: int = 0
    ) -> None:
        """Write a line; one call, so that it is whole or not there."""
        line: list[Any] = [time.monotonic(), kind, what, name, mask_digest, number]
        os.write(self._descriptor, json.dumps(line).encode() + b"\n")

    def beat(self) -> None:
        """The clock ticks, once the disk has everything."""
        os.fdatasync(self._descriptor)
        self.write("beat", "clock")

    def begin(self, what: str, name: str, mask_digest: str) -> int:
        """Something is going to be written; returns the number for :meth:`end`."""
        self._numbers += 1
        number = self._numbers
        self.write("begin", what, name, mask_digest, number)
        return number

    def end(self, what: str, name: str, mask_digest: str, number: int) -> None:
        """It is written."""
        self.write("end", what, name, mask_digest, number)


def read_journal(path: Path) -> list[Event]:
    """All that a child has done, in order; nothing when it did not come so far."""
    if not path.exists():
        return []
    return [Event(*json.loads(line)) for line in path.read_bytes().splitlines()]
