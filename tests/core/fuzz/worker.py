"""Reads hostile files, one after the other, in a process that may be killed.

Arguments: target, kind, seed, first number, how many, and a folder of its own.  Says for each file
how it went, as a line of JSON; whoever started it sees to the time.
"""

from __future__ import annotations

import json
import os
import random
import resource
import sqlite3
import sys
import time
import traceback
from contextlib import suppress
from functools import partial
from pathlib import Path
from typing import Any

from tests.core.fuzz.base import Target
from tests.core.fuzz.targets import TARGETS

MEMORY = 768 << 20
"""Bytes of addresses beside those that the program has when the files begin."""


def main(arguments: list[str]) -> None:
    target, kind, seed = arguments[:3]
    first, count, folder = int(arguments[3]), int(arguments[4]), Path(arguments[5])
    _never_wait_for_the_disk()
    tried = TARGETS[target](folder, kind)
    tried.prepare()
    _say(number=-1, outcome=attempt(tried, tried.whole()), seconds=0, peak=_peak())
    limit = _addresses() + MEMORY
    resource.setrlimit(resource.RLIMIT_AS, (limit, limit))
    for number in range(first, first + count):
        data = tried.damaged(random.Random(f"{seed} {target} {kind} {number}"))
        begin = time.process_time()
        outcome = attempt(tried, data)
        _say(
            number=number,
            outcome=outcome,
            seconds=time.process_time() - begin,
            peak=_peak(),
        )
    tried.close()


def attempt(target: Target, data: bytes) -> str:
    """'read', 'refused', or what went wrong, with its trace."""
    try:
        target.put(data)
        outcome = target.attempt()
        target.check()
    except MemoryError:
        return f"out of memory\n{traceback.format_exc()}"
    except Exception:  # noqa: BLE001 - any other is a find
        return f"wrong\n{traceback.format_exc()}"
    return outcome


def _never_wait_for_the_disk() -> None:
    """No power cut follows."""

    class Connection(sqlite3.Connection):
        def __init__(self, *arguments: Any, **options: Any) -> None:
            super().__init__(*arguments, **options)
            with suppress(sqlite3.Error, UnicodeDecodeError):
                self.execute("PRAGMA synchronous = OFF")

    os.fsync = lambda _descriptor: None
    sqlite3.connect = partial(sqlite3.connect, factory=Connection)


def _peak() -> int:
    """Bytes of memory that the process has had at once, at most.

    Not by getrusage: what it says begins with the peak of whoever started the process.
    """
    status = Path("/proc/self/status").read_text()
    return int(status.partition("VmHWM:")[2].split()[0]) << 10


def _addresses() -> int:
    pages = int(Path("/proc/self/statm").read_text().split()[0])
    return pages * resource.getpagesize()


def _say(**what: object) -> None:
    sys.stdout.write(json.dumps(what) + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    main(sys.argv[1:])
