"""Imports ahead of time: what is needed later is imported by a thread that nobody waits for."""

from __future__ import annotations

import importlib
import sys
from collections.abc import Callable

from petseg_gui.services.tasks import TaskRunner

CURVES = "petseg_gui.ui.fine_tune_plot"
"""With pyqtgraph; needed when the first fine-tune starts."""
ICONS = "qtawesome"
_PRIORITY = -20


def import_ahead(module: str, tasks: TaskRunner, then: Callable[[], None] | None = None) -> None:
    """Import ``module`` on a thread of ``tasks``, then call ``then`` in this one.

    A library of widgets takes a quarter of a second, more beside TensorFlow's import, in which
    a window that did it by itself would not answer.  What is there already is not waited for.
    """
    if module in sys.modules:
        if then is not None:
            then()
        return
    tasks.run(
        lambda _state: importlib.import_module(module),
        (lambda _module: then()) if then is not None else None,
        priority=_PRIORITY,
    )
