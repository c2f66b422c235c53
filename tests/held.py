"""A project that another process has open."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

_TOP = Path(__file__).parents[1]
_HOLD = """
import sys
from pathlib import Path
from petseg_gui.core.store import Project
project = Project.open(Path(sys.argv[1]))
print(project.read_only, flush=True)
sys.stdin.read()
"""


@contextmanager
def held_by_another_process(folder: Path) -> Iterator[None]:
    """The project of ``folder`` is open elsewhere within the block."""
    holder = subprocess.Popen(
        [sys.executable, "-c", _HOLD, str(folder)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        cwd=_TOP,
    )
    try:
        assert holder.stdout is not None
        assert holder.stdout.readline() == "False\n"
        yield
    finally:
        holder.communicate("")
