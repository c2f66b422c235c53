"""Imports ahead of time: what is needed later is imported by a thread that nobody waits for."""

from __future__ import annotations

import importlib
import sys
from collections.abc import Callable

from petseg_gui.services.tasks import TaskRunner

CURVES = "petseg_gui.ui.fine_tune_plot"
"""With pyqtgraph; needed when the first fine-tune starts."""
ICONS = "qtawesome"
PROFILES = "PIL.ImageCms"
"""Needed by the first photo with a colour profile."""
SWITCH_S = 0.00005
_PRIORITY = -20
_there: set[str] = set()
# Not sys.modules: a module is in it as soon as its import begins, and whoever uses it waits.


def take_short_turns() -> None:
    """Have any thread let go of Python's lock within 0.05 ms when another one wants it.

    A mouse event takes the lock tens of times on its way to the frame, once for every call of Qt;
    with Python's own 5 ms it would be late by so much each time while another thread imports, or
    traces a network.  Shorter turns make imports a little longer: so not before the first photo
    is there.
    """
    sys.setswitchinterval(SWITCH_S)


def import_ahead(tasks: TaskRunner, *modules: str, then: Callable[[], None] | None = None) -> None:
    """Import modules, one after the other, on a thread of ``tasks``, then call ``then`` here.

    A library of widgets takes a quarter of a second, more beside TensorFlow's import, in which
    a window that did it by itself would not answer.  What is there already is not waited for.

    What has libraries of its own comes before TensorFlow: the dynamic linker works for one at a
    time, and an import beside TensorFlow's waits for it with Python's lock in its hands.
    """
    if _there.issuperset(modules):
        if then is not None:
            then()
        return

    def imported(_modules: object) -> None:
        _there.update(modules)
        if then is not None:
            then()

    tasks.run(
        lambda _state: [importlib.import_module(module) for module in modules],
        imported,
        priority=_PRIORITY,
    )
