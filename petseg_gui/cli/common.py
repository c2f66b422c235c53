"""What the commands share."""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from model.predict import Probable
    from petseg_gui.core.store import Project

CAREFUL = "the mean of four looks at each photo: better masks, about five times the time"
SOME_FAILED = 2
"""Exit status when the work was done but for some photos or files, which were named."""


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


def predictor_of(model: Path, *, careful: bool) -> Probable:
    """What predicts with a model file.

    Raises:
        model.weights.ModelFileError: it cannot be used.
    """
    if careful:
        from model.careful import CarefulPredictor

        return CarefulPredictor(model)
    from model.predict import Predictor

    return Predictor.load(model)


def at_least_one(text: str) -> int:
    """An argument's value as a whole number of 1 or more.

    Raises:
        argparse.ArgumentTypeError: it is none.
    """
    if not text.isdecimal() or int(text) < 1:
        raise argparse.ArgumentTypeError(f"a whole number of 1 or more, not {text!r}")
    return int(text)


def add_subfolders(parser: argparse.ArgumentParser) -> None:
    """Let a command say whether photos in subfolders belong to its folder."""
    parser.add_argument(
        "--subfolders",
        action=argparse.BooleanOptionalAction,
        default=None,
        help="photos in subfolders as well, or not, from now on (default: as chosen last)",
    )


@contextmanager
def open_project(folder: Path, *, subfolders: bool | None) -> Iterator[Project]:
    """The project of a photo folder, closed at the end; what there is to say about it is printed.

    Args:
        folder: the photo folder.
        subfolders: the photos in its subfolders belong to it; None: as was chosen last.

    Raises:
        StoreError: it cannot be opened.
    """
    from petseg_gui.core.store import Project, StoreError

    if not folder.is_dir():  # a project would be begun for a name that was mistyped
        raise StoreError(f"{folder} is no folder. Check the name.")
    project = Project.open(folder, subfolders=subfolders)
    try:
        for notice in project.notices:
            print(f"petseg: {notice}", file=sys.stderr)
        yield project
    finally:
        project.close()


class Bar:
    """A progress bar on the terminal, for work that reports ``done`` of ``total`` photos."""

    cancelled = False

    def __init__(self) -> None:
        from tqdm import tqdm

        self._bar: Any = tqdm(unit="photo", leave=False, disable=None)

    def progress(self, done: int, total: int) -> None:
        """Show it."""
        self._bar.total = total
        self._bar.update(done - self._bar.n)

    def __enter__(self) -> Bar:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self._bar.close()
