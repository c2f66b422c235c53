"""The command line: ``petseg [FOLDER]`` opens the window, ``petseg COMMAND`` works without it."""

from __future__ import annotations

import importlib
import sys
from collections.abc import Sequence

COMMANDS = {
    "model": "show the network: its layers, its parameters, a diagram",
    "data": "show or download training photos",
    "train": "train a network from ImageNet weights",
    "evaluate": "measure a model on labelled photos",
    "predict": "write a label PNG for every photo of a folder",
}
"""Subcommands and what they do; each is a module of this package, imported when it is used."""


def main(argv: Sequence[str] | None = None) -> int:
    """Run the command line; returns the exit status.

    The first argument decides: one of :data:`COMMANDS` runs that command, anything else is the
    window's.  A folder that bears a command's name opens as ``./train``.
    """
    arguments = list(sys.argv[1:] if argv is None else argv)
    if arguments and arguments[0] in COMMANDS:
        command = importlib.import_module(f"{__name__}.{arguments[0]}")
        status: int = command.main(arguments[1:])
        return status
    try:
        from petseg_gui.app import run
    except ImportError as error:
        if ".so" not in str(error):  # not a library of the system: a fault of ours
            raise
        from petseg_gui.cli.common import fail
        from petseg_gui.cli.qt_libraries import remedy

        return fail(f"the window cannot open: {error}\n{remedy()}")
    return run(arguments)
