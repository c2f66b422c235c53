"""A process that has imported everything and forks a child on command: a child costs no time.

It has no threads and no Qt application of its own; each child makes its own.  One line of JSON
comes in, one goes out: ``{"start": {...}}`` answers with the child's id, ``{"reap": id}`` waits
for its end and answers with its exit status.
"""

from __future__ import annotations

import json
import os
import sys
import traceback
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any


def main() -> None:
    """Serve until the input ends."""
    # Imported before the first fork, for all children.
    from tests.crash import child
    from tests.crash.work import Work

    _answer("ready")
    for line in sys.stdin:
        command: dict[str, Any] = json.loads(line)
        if "reap" in command:
            _, status = os.waitpid(command["reap"], 0)
            _answer(os.waitstatus_to_exitcode(status))
            continue
        work = Work(**command["start"])
        if (process := os.fork()) == 0:
            _be(partial(child.run, work), Path(work.errors))
        _answer(process)


def _answer(value: object) -> None:
    sys.stdout.write(json.dumps(value) + "\n")
    sys.stdout.flush()


def _be(run: Callable[[], None], errors_file: Path) -> None:
    """Be the child: never returns."""
    status = 1
    try:
        nothing = os.open(os.devnull, os.O_RDWR)
        errors = os.open(errors_file, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
        for number, file in enumerate((nothing, nothing, errors)):
            os.dup2(file, number)
        run()
    except BaseException:  # noqa: BLE001 - the parent reads it in the file of errors
        traceback.print_exc()
    finally:
        sys.stderr.flush()
        os._exit(status)


if __name__ == "__main__":
    main()
