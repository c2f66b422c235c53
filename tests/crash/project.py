"""A project in which one child after the other works, and is killed."""

from __future__ import annotations

import random
import shutil
from pathlib import Path

from tests.crash.checker import Ledger, Left, check
from tests.crash.journal import Event, read_journal
from tests.crash.killing import Zygote
from tests.crash.photos import make_folder
from tests.crash.work import Work

WRITE_SECONDS = 0.01
"""A write takes about so long."""


class CrashedProject:
    """What crashes do to it adds up.

    Attributes:
        photos: the photo folder, with the project in it.
        events: what the last child did.
    """

    def __init__(self, base: Path, seed: int) -> None:
        self.photos = make_folder(base)
        self.events: list[Event] = []
        self._base = base
        self._ledger = Ledger.of(self.photos)
        self._chance = random.Random(seed)
        self._kills = 0

    def work(self, script: str = "") -> Work:
        """What the next child is to do; by chance, when it is not said."""
        self._kills += 1
        return Work(
            folder=str(self.photos),
            source=str(self._base / "source"),
            target=str(self._base / "exported"),
            journal=str(self._base / f"journal-{self._kills}"),
            errors=str(self._base / f"errors-{self._kills}"),
            seed=self._chance.randrange(2**32),
            script=script or self._chance.choice(("random", "calm")),
        )

    def run(self, zygote: Zygote, work: Work, seconds: float) -> float:
        """A child works so long and is killed; when that was."""
        child = zygote.start(work)
        journal = Path(work.journal)
        # Few moments are within a write: half of the time one of those is chosen.
        writing = (journal, self._chance.uniform(0, WRITE_SECONDS))
        killed = zygote.kill(child, seconds, writing=self._chance.choice((writing, None)))
        self.events = read_journal(journal)
        errors = Path(work.errors)
        text = errors.read_text() if errors.exists() else ""
        if text:
            raise AssertionError(f"the child said: {text}")
        return killed

    def check(self, killed: float) -> Left:
        """Look at what is left, half of the time in a copy: the next child repairs the project."""
        base = self._base
        if self._chance.random() < 0.5:
            base = base / "copy"
            shutil.rmtree(base, ignore_errors=True)
            shutil.copytree(self.photos, base / "photos")
            if (self._base / "exported").exists():
                shutil.copytree(self._base / "exported", base / "exported")
        return check(base / "photos", base / "exported", self.events, killed, ledger=self._ledger)
