"""What the commands share."""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Callable


def quiet_tensorflow() -> None:
    """Keep TensorFlow's notes on its own build out of the output; its errors stay."""
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")


def fail(message: object) -> int:
    """Print an error for people and return the exit status that says so."""
    print(f"petseg: {message}", file=sys.stderr)
    return 1


def guarded(action: Callable[[], int], *errors: type[Exception]) -> int:
    """Run a command's work; its own typed errors end it with a message instead of a traceback."""
    try:
        return action()
    except errors as error:
        return fail(error)
    except KeyboardInterrupt:
        return fail("stopped")


def at_least_one(text: str) -> int:
    """An argument's value as a whole number of 1 or more.

    Raises:
        argparse.ArgumentTypeError: it is none.
    """
    if not text.isdecimal() or int(text) < 1:
        raise argparse.ArgumentTypeError(f"a whole number of 1 or more, not {text!r}")
    return int(text)
