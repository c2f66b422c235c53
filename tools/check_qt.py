"""Say what to install when Qt cannot start on this machine: ``python tools/check_qt.py``.

Qt ends the process when it finds no display plugin, so it is tried in a process of its own.
Exit status 0: it starts.  ``--packages`` prints the Debian packages that Qt needs.
"""

import os
import subprocess
import sys

BASE = (
    "libdbus-1-3",
    "libegl1",
    "libfontconfig1",
    "libfreetype6",
    "libgl1",
    "libglib2.0-0",
    "libx11-6",
    "libxkbcommon0",
)
"""What Qt's own libraries and its offscreen plugin are linked to."""
DISPLAY = (
    "libx11-xcb1",
    "libxcb-cursor0",
    "libxcb-icccm4",
    "libxcb-image0",
    "libxcb-keysyms1",
    "libxcb-randr0",
    "libxcb-render-util0",
    "libxcb-shape0",
    "libxcb-sync1",
    "libxcb-util1",
    "libxcb-xfixes0",
    "libxcb-xkb1",
    "libxkbcommon-x11-0",
    "libwayland-client0",
    "libwayland-cursor0",
    "libwayland-egl1",
)
"""What the plugins for X11 and Wayland are linked to as well."""
TRIAL = (
    "from PySide6 import QtGui, QtSvg, QtWidgets\n"
    "QtWidgets.QApplication([])\n"
    "print('starts', flush=True)\n"
)


def main(arguments: list[str]) -> int:
    """Try Qt, or print the packages."""
    offscreen = os.environ.get("QT_QPA_PLATFORM") == "offscreen"
    packages = " ".join(BASE if offscreen else BASE + DISPLAY)
    if "--packages" in arguments:
        print(packages)
        return 0
    trial = subprocess.run(
        [sys.executable, "-c", TRIAL], capture_output=True, text=True, timeout=120, check=False
    )
    # What the trial prints counts, not its status: closing down is not what is tried.
    if "starts" in trial.stdout:
        return 0
    reason = [line for line in trial.stderr.splitlines() if line.strip()]
    print("Qt cannot start on this machine:", *reason[-3:], sep="\n  ", file=sys.stderr)
    print(f"On Debian and Ubuntu:\n\n  sudo apt-get install {packages}\n", file=sys.stderr)
    return 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
