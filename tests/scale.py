"""How often tests of chance repeat: a little in the suite, much more by ``make soak``."""

from __future__ import annotations

import os

SOAK = bool(os.environ.get("PETSEG_SOAK"))


def times(suite: int, soak: int) -> int:
    """How often to repeat: ``suite`` times in the suite, ``soak`` times by ``make soak``."""
    return soak if SOAK else suite
