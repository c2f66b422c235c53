"""What the window takes on its command line; imports no Qt, so that ``--help`` is at once there."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from pathlib import Path

COMMANDS = {
    "model": "show the network: its layers, its parameters, a diagram",
    "data": "show or download training photos",
    "train": "train a network from ImageNet weights",
    "evaluate": "measure a model on labelled photos",
    "predict": "write a label PNG for every photo of a folder",
    "finetune": "teach a project's model what was accepted",
    "import": "take labels of other programs into a project",
    "export": "write a project's labels for other programs",
}
"""Subcommands and what they do; each is a module of :mod:`petseg_gui.cli`."""


def folder_to_open(argv: Sequence[str]) -> Path | None:
    """The folder that the window is to open; None: none was given.

    Raises:
        SystemExit: the arguments are off, or ask for help.
    """
    width = max(map(len, COMMANDS))
    commands = "\n".join(f"  {name:<{width}}  {what}" for name, what in COMMANDS.items())
    parser = argparse.ArgumentParser(
        prog="petseg",
        description="Review, correct and fine-tune pet masks.",
        epilog=f"commands that need no window:\n{commands}\n\n'petseg COMMAND --help' says more.",
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("folder", nargs="?", type=Path, help="a folder of pet photos to open")
    folder: Path | None = parser.parse_args(argv).folder
    return None if folder is None else folder.expanduser().absolute()
