"""What a child is told to do."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Work:
    """Paths as text, so that it goes through a pipe.

    Attributes:
        folder: the photos.
        source: masks to import, as ``index`` understands them.
        target: where to export to.
        journal: see :mod:`tests.crash.journal`.
        errors: what the child writes to its standard error.
        seed: of chance.
        script: ``random``; ``calm``: the same without dialogs; or ``paint once``: one gesture, then
            rest.
    """

    folder: str
    source: str
    target: str
    journal: str
    errors: str
    seed: int
    script: str = "random"
