"""Starting children that review at random, and killing them."""

from __future__ import annotations

import json
import os
import select
import signal
import subprocess
import sys
import time
from contextlib import suppress
from dataclasses import asdict
from pathlib import Path
from types import TracebackType
from typing import Any

from tests.conftest import REPOSITORY
from tests.crash.work import Work

POLL_SECONDS = 0.0005
LONGEST_WAIT = 1.0
"""Seconds; somebody who writes nothing for so long is killed without."""


class Zygote:
    """The process that forks children: see :mod:`tests.crash.zygote`."""

    def __init__(self) -> None:
        # Threads of libraries would not be there in a forked child.
        one = dict.fromkeys(("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS"), "1")
        environment = {**os.environ, **one, "PYTHONPATH": str(REPOSITORY)}
        self._process = subprocess.Popen(
            [sys.executable, "-m", "tests.crash.zygote"],
            cwd=REPOSITORY,
            env=environment,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        self._living: set[int] = set()
        if self._answer() != "ready":
            raise RuntimeError("no children can be made")

    def __enter__(self) -> Zygote:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        for child in list(self._living):  # a test has failed
            self.kill(child, 0.0)
        self._process.communicate(timeout=60)

    def start(self, work: Work) -> int:
        """A child that does this from now on; its process id."""
        child = int(self._ask({"start": asdict(work)}))
        self._living.add(child)
        return child

    def kill(
        self, child: int, seconds: float, *, writing: tuple[Path, float] | None = None
    ) -> float:
        """Kill a child, and wait until nothing is left of it; when it lived last.

        Args:
            child: its process id.
            seconds: how long it lives.
            writing: its journal, and how many seconds after it has begun to write something it
                is killed; None: whatever it is doing.

        Raises:
            RuntimeError: it had ended by itself.
        """
        process = os.pidfd_open(child)
        try:
            select.select([process], [], [], seconds)
            if writing is not None:
                _wait_for_write(process, writing[0])
                select.select([process], [], [], writing[1])
        finally:
            os.close(process)
        self._living.discard(child)
        at = time.monotonic()
        os.kill(child, signal.SIGKILL)
        if (status := int(self._ask({"reap": child}))) != -signal.SIGKILL:
            raise RuntimeError(f"the child ended by itself with {status}")
        return at

    def _ask(self, command: dict[str, Any]) -> Any:
        assert self._process.stdin is not None
        self._process.stdin.write(json.dumps(command) + "\n")
        self._process.stdin.flush()
        return self._answer()

    def _answer(self) -> Any:
        assert self._process.stdout is not None
        return json.loads(self._process.stdout.readline())


def _wait_for_write(process: int, journal: Path) -> None:
    """Wait until a line of the journal says that something is being written, or the end."""
    with suppress(FileNotFoundError), journal.open("rb") as lines:
        lines.seek(0, os.SEEK_END)
        end = time.monotonic() + LONGEST_WAIT
        while time.monotonic() < end and b'"begin"' not in lines.read():
            if select.select([process], [], [], POLL_SECONDS)[0]:
                return
