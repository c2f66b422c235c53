"""Starts a worker, waits for each of its files as long as is allowed, and says what it found."""

from __future__ import annotations

import json
import os
import select
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, Any

from tests.conftest import REPOSITORY

SECONDS = 5.0
"""Of the processor, for one file."""
STILL = 30.0
"""Seconds in which a file that takes no processor time has to be done: the machine may be busy."""
GROWTH = 400 << 20
"""Bytes by which the memory may grow over that of the whole file."""
SEED = os.environ.get("PETSEG_FUZZ_SEED", "0")


@dataclass
class Found:
    """What came of the files of one kind.

    Attributes:
        outcomes: how often each.
        problems: one text for each file with which something was wrong.
        slowest: seconds of the processor.
        growth: bytes by which the memory grew.
    """

    outcomes: Counter[str] = field(default_factory=Counter)
    problems: list[str] = field(default_factory=list)
    slowest: float = 0.0
    growth: int = 0


def tried(target: str, kind: str, count: int, folder: Path) -> Found:
    """Have a worker try so many files; one that ends it is a find, and another goes on."""
    found, number = Found(), 0
    while number < count:
        base = 0
        for said in _worker(target, kind, number, count - number, folder):
            problem = said.get("problem", "")
            if not base:  # the whole file, at first
                base = said.get("peak", 0)
                if problem or said["outcome"] != "read":
                    found.problems.append(f"the whole file: {problem or said['outcome']}")
                    return found
                continue
            if not problem:
                problem = _judged(said, base, found)
            if problem:
                found.problems.append(_named(target, kind, number, problem, folder))
            number += 1
    return found


def _judged(said: dict[str, Any], base: int, found: Found) -> str:
    """Note how a file went; what was wrong with it, if anything was."""
    outcome = said["outcome"]
    found.outcomes[outcome.partition("\n")[0]] += 1
    found.slowest = max(found.slowest, said["seconds"])
    grown = said["peak"] - base
    known, found.growth = found.growth, max(found.growth, grown)
    if outcome not in ("read", "refused"):
        return str(outcome)
    if said["seconds"] > SECONDS:
        return f"takes {said['seconds']:.1f} s"
    if grown > GROWTH and known <= GROWTH:
        return f"takes {grown >> 20} MB"
    return ""


def _named(target: str, kind: str, number: int, what: str, folder: Path) -> str:
    return (
        f"{target}, {kind}, file {number} of seed {SEED}: {what}\nAgain: python -m "
        f"tests.core.fuzz.worker {target} '{kind}' {SEED} {number} 1 {folder}"
    )


def _worker(
    target: str, kind: str, first: int, count: int, folder: Path
) -> Iterator[dict[str, Any]]:
    folder.mkdir(parents=True, exist_ok=True)
    command = [sys.executable, "-m", "tests.core.fuzz.worker", target, kind, SEED]
    with (folder / "errors.txt").open("wb") as errors:
        process = subprocess.Popen(
            [*command, str(first), str(count), str(folder / "work")],
            bufsize=0,  # a line that was read ahead would not be waited for
            stdout=subprocess.PIPE,
            stderr=errors,
            cwd=REPOSITORY,
            env=os.environ | {"OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1"},
        )
    assert process.stdout is not None
    try:
        for _ in range(count + 1):
            line = _line(process.pid, process.stdout)
            if line is None:
                yield {"problem": f"hangs for more than {SECONDS:g} s"}
                return
            if not line:
                process.wait()
                said = (folder / "errors.txt").read_text(errors="replace")[-1500:]
                yield {"problem": f"ends the program with status {process.returncode}: {said}"}
                return
            yield json.loads(line)
    finally:
        process.kill()
        process.wait()
        process.stdout.close()


def _line(pid: int, stream: IO[bytes]) -> bytes | None:
    """The next line; b'' at the end; None: it does not come."""
    begin, waited = _processor_seconds(pid), 0.0
    while not select.select([stream], [], [], SECONDS)[0]:
        waited += SECONDS
        # The start of a worker is among the first line's time.
        if _processor_seconds(pid) - begin > 2 * SECONDS or waited >= STILL:
            return None
    return stream.readline()


def _processor_seconds(pid: int) -> float:
    try:
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return 0.0
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")
