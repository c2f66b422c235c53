"""Which class each value of a source of pictures is: found, guessed, and chosen by a person."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QVBoxLayout, QWidget

from model.labels import Label
from petseg_gui.core.exchange.common import ExchangeError
from petseg_gui.core.exchange.guess_values import (
    ValuesFound,
    find_values,
    guess_classes,
    looks_black_and_white,
)
from petseg_gui.services.tasks import TaskRunner
from petseg_gui.ui.class_table import ClassTable
from petseg_gui.ui.job import Job
from petseg_gui.ui.widgets import quiet

MOST_ROWS = 40
"""A picture with more values than this is no picture of classes."""
LIGHT, DARK = "light", "dark"


class ValueClasses(QWidget):
    """Looks at the pictures of a source, and shows a table of what they have.

    Attributes:
        table: the table.
        note: what there is to say about it.
        found: what the last look found; None: nothing yet.

    Signals:
        changed: other classes are chosen.
        looked: a look has ended.
    """

    changed = Signal()
    looked = Signal()

    def __init__(self, tasks: TaskRunner) -> None:
        super().__init__()
        self.table = ClassTable()
        self.note = quiet()
        self.note.setObjectName("valuesNote")
        self.found: ValuesFound | None = None
        self._job = Job(tasks, self)
        self._threshold: int | None = None
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(self.table)
        layout.addWidget(self.note)
        self.table.changed.connect(self.changed)
        self._say("")

    @property
    def looking(self) -> bool:
        """Whether a look is under way."""
        return self._job.running

    def look(self, source: Path | None, threshold: int | None) -> None:
        """Find out what the pictures have; the table is filled when that is known.

        Args:
            source: a folder or file; None: nothing is chosen.
            threshold: of black and white masks; None: values count as they are stored.
        """
        self._job.drop()
        self.found, self._threshold = None, threshold
        self._fill()
        self._say("")
        if source is None or not source.exists():
            return
        self._say("Looking at the values…")
        shades = threshold is not None
        self._job.start(
            lambda watch: find_values(source, shades=shades, progress=watch),
            self._found,
            self._broke,
        )

    def stop(self) -> None:
        """Nobody waits for it any more."""
        self._job.drop()

    def set_threshold(self, threshold: int) -> None:
        """What is as light as this is light."""
        if self._threshold is not None:
            self._threshold = threshold
            for key, text, share, _ in self._shades():
                self.table.set_share(key, text, share)

    def add(self, values: Iterable[int]) -> bool:
        """The source has these values as well; returns whether any of them is new."""
        there = self.table.classes
        new = sorted(set(values) - set(there))
        if new and self._threshold is None:
            rows = [(key, str(key), self._share(key), label) for key, label in there.items()]
            rows += [(value, str(value), None, Label.UNLABELLED) for value in new]
            self.table.show_rows(rows)
        return bool(new)

    @property
    def mapping(self) -> dict[str, Label | None]:
        """The class of every value, for the import; empty: the values are ours."""
        classes = self.table.classes
        if self._threshold is not None or all(key == label for key, label in classes.items()):
            return {}
        return {str(key): label for key, label in classes.items()}

    @property
    def light(self) -> Label:
        """The class of a black and white mask's light pixels."""
        return self.table.classes.get(LIGHT, Label.PET)

    @property
    def dark(self) -> Label:
        """The class of its dark pixels."""
        return self.table.classes.get(DARK, Label.BACKGROUND)

    def _found(self, found: ValuesFound) -> None:
        self.found = found
        problem = found.problem if not found.files else ""
        if self._threshold is None and len(found.counts) > MOST_ROWS:
            problem = (
                f"The pictures have {len(found.counts):,} values: they look like photos, or like "
                "black and white masks with soft edges."
            )
        self._fill()
        self._say(problem)
        self.looked.emit()

    def _broke(self, error: Exception) -> None:
        self._say(str(error) if isinstance(error, ExchangeError) else "")
        self.looked.emit()
        if not isinstance(error, ExchangeError):
            raise error

    def _fill(self) -> None:
        if self._threshold is not None:
            self.table.show_rows(self._shades())
            return
        counts = {} if self.found is None else self.found.counts
        classes = guess_classes(counts) if len(counts) <= MOST_ROWS else {}
        self.table.show_rows(
            [(value, str(value), self._share(value), label) for value, label in classes.items()]
        )

    def _shades(self) -> list[tuple[str, str, float | None, Label]]:
        threshold, found = self._threshold or 0, self.found
        light = None if found is None else found.share(range(threshold, 256))
        dark = None if light is None else 1 - light
        return [
            (LIGHT, f"{threshold} and lighter", light, Label.PET),
            (DARK, "darker", dark, Label.BACKGROUND),
        ]

    def _share(self, value: object) -> float | None:
        found = self.found
        return found.share([value]) if found is not None and isinstance(value, int) else None

    def _say(self, text: str) -> None:
        self.note.setText(text)
        self.note.setVisible(bool(text))
        self.table.setVisible(self.table.rowCount() > 0)


def is_black_and_white(values: ValueClasses) -> bool:
    """Whether what was looked at are black and white masks."""
    return values.found is not None and looks_black_and_white(values.found)
