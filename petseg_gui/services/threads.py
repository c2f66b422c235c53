"""The threads in which TensorFlow works."""

from __future__ import annotations

from PySide6.QtCore import QThread


class WorkerThread(QThread):
    """A thread with an event loop for one worker object.

    A plain ``QThread`` runs its loop in C++, and PySide makes and drops Python's state of the
    thread around every slot.  TensorFlow keeps data per thread that refers to that state, and
    crashes when a second slot builds a network.  Here a Python frame lives as long as the thread.
    """

    def run(self) -> None:
        """Run the event loop until :meth:`quit`."""
        self.exec()
