"""Say what to install when Qt cannot start on this machine: ``python tools/check_qt.py``.

Qt ends the process when it finds no display plugin, so it is tried in a process of its own.
Exit status 0: it starts.  ``--packages`` prints the Debian packages that Qt needs.
"""

import subprocess
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from petseg_gui.cli.qt_libraries import packages, remedy

TRIAL = (
    "from PySide6 import QtGui, QtSvg, QtWidgets\n"
    "QtWidgets.QApplication([])\n"
    "print('starts', flush=True)\n"
)


def main(arguments: list[str]) -> int:
    """Try Qt, or print the packages."""
    if "--packages" in arguments:
        print(packages())
        return 0
    trial = subprocess.run(
        [sys.executable, "-c", TRIAL], capture_output=True, text=True, timeout=120, check=False
    )
    # What the trial prints counts, not its status: closing down is not what is tried.
    if "starts" in trial.stdout:
        return 0
    reason = [line for line in trial.stderr.splitlines() if line.strip()]
    print("Qt cannot start on this machine:", *reason[-3:], sep="\n  ", file=sys.stderr)
    print(remedy(), file=sys.stderr)
    return 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
