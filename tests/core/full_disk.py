"""Work on a disk that is really full: run as root of a mount namespace, see ``test_full_disk``.

Arguments: a template as ``fault_project.make_project`` leaves it, and a folder to mount a small
disk on.  Prints how many actions failed and how many went through, as JSON.
"""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from pathlib import Path

from petseg_gui.core.store import Project, StoreError
from tests.core.fault_project import ACTIONS, State, differences, state_of

FREE = (0, 4, 8, 16, 32, 48, 64, 96)
"""Kilobytes that are free when an action begins."""


def main(template: Path, disk: Path) -> dict[str, int]:
    subprocess.run(["mount", "-t", "tmpfs", "-o", "size=1m", "tmpfs", disk], check=True)
    counts = {"failed": 0, "done": 0}
    for name in ACTIONS:
        after: State = {}
        for free in (None, *FREE):
            base = disk / "base"
            shutil.rmtree(base, ignore_errors=True)
            shutil.copytree(template, base)
            project = Project.open(base / "photos")
            prepared = ACTIONS[name].before(project, base)
            before = state_of(project)
            if free is not None:
                fill(disk / "ballast", 1024 * free)
            error = None
            try:
                ACTIONS[name].do(project, base, prepared)
            except StoreError as caught:
                error = caught
                assert "try again" in str(error), error
            (disk / "ballast").unlink(missing_ok=True)
            if free is None:
                assert error is None, error
                after = state_of(project)
            expected = before if error is not None else after
            for again in (False, True):
                if again:
                    project.close()
                    project = Project.open(base / "photos")
                wrong = differences(state_of(project), expected, ACTIONS[name].caches)
                assert not wrong, f"{name}, {free} KB free: {error}: {wrong}"
            counts["done" if error is None else "failed"] += 1
            project.close()
    return counts


def fill(path: Path, free: int) -> None:
    """Fill the disk but for so many bytes."""
    size = max(0, shutil.disk_usage(path.parent).free - free)
    with path.open("wb") as file:
        file.write(bytes(size))


if __name__ == "__main__":
    sys.stdout.write(json.dumps(main(Path(sys.argv[1]), Path(sys.argv[2]))))
