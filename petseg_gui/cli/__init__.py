"""The command line: ``petseg [FOLDER]`` opens the window, ``petseg COMMAND`` works without it."""

from __future__ import annotations

import importlib
import os
import sys
from collections.abc import Sequence

from petseg_gui.arguments import COMMANDS, folder_to_open

_DISPLAYS = ("DISPLAY", "WAYLAND_DISPLAY", "QT_QPA_PLATFORM")


def main(argv: Sequence[str] | None = None) -> int:
    """Run the command line; returns the exit status.

    The first argument decides: one of ``COMMANDS`` runs that command, anything else is the
    window's.  A folder that bears a command's name opens as ``./train``.
    """
    arguments = list(sys.argv[1:] if argv is None else argv)
    if arguments and arguments[0] in COMMANDS:
        module = "import_" if arguments[0] == "import" else arguments[0]  # a word of Python's
        command = importlib.import_module(f"{__name__}.{module}")
        status: int = command.main(arguments[1:])
        return status
    folder_to_open(arguments)  # wrong arguments and --help end here, before Qt is needed
    if sys.platform.startswith("linux") and not any(map(os.environ.get, _DISPLAYS)):
        from petseg_gui.cli.common import fail

        return fail(
            "there is no display to open the window on (DISPLAY and WAYLAND_DISPLAY are not set). "
            "'petseg --help' lists the commands that need none."
        )
    try:
        from petseg_gui.app import run
    except ImportError as error:
        if ".so" not in str(error):  # not a library of the system: a fault of ours
            raise
        from petseg_gui.cli.common import fail
        from petseg_gui.cli.qt_libraries import remedy

        return fail(f"the window cannot open: {error}\n{remedy()}")
    return run(arguments)
