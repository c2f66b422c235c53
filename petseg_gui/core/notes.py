"""What is noted about a photo beside its label: flag, tags, a note, time spent, confidence."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping

from petseg_gui.core.disk import told
from petseg_gui.core.index import Row
from petseg_gui.core.label_files import LabelFiles
from petseg_gui.core.records import (
    MAX_NOTE,
    MAX_TAGS,
    LogEntry,
    PhotoFlag,
    StoreError,
    clean_tag,
    storable,
)
from petseg_gui.core.workspace import Workspace, entry


class Notes:
    """The notes of one project; every method may be called from any thread."""

    def __init__(self, workspace: Workspace, labels: LabelFiles) -> None:
        self._workspace = workspace
        self._labels = labels

    def set_flag(self, name: str, flag: PhotoFlag) -> None:
        """See ``Project.set_flag``."""
        log = entry("flag", flag.value)
        self._change(name, log, lambda row: row._replace(flag=flag.value), in_label=False)

    def set_tags(self, name: str, tags: Iterable[str]) -> None:
        """See ``Project.set_tags``."""
        cleaned = tuple(sorted({clean_tag(tag) for tag in tags}))
        if len(cleaned) > MAX_TAGS:
            raise StoreError(f"A photo has at most {MAX_TAGS} tags. Remove some of '{name}'.")
        log = entry("tags", ", ".join(cleaned))
        self._change(name, log, lambda row: row._replace(tags=cleaned), in_label=True)

    def set_note(self, name: str, note: str) -> None:
        """See ``Project.set_note``."""
        note = storable(note)
        if len(note) > MAX_NOTE:
            raise StoreError(
                f"A note has at most {MAX_NOTE:,} characters, that of '{name}' has {len(note):,}. "
                "Shorten it and try again."
            )
        self._change(name, entry("note", note), lambda row: row._replace(note=note), in_label=True)

    def add_seconds(self, name: str, seconds: float) -> None:
        """See ``Project.add_seconds``."""
        if not (math.isfinite(seconds) and seconds >= 0):
            raise ValueError(f"time spent is not negative, {seconds} is no time")
        self._change(
            name, None, lambda row: row._replace(seconds=row.seconds + seconds), in_label=False
        )

    def set_confidences(self, confidences: Mapping[str, float | None], model: str) -> None:
        """See ``Project.set_confidences``."""
        for name, value in confidences.items():
            self._workspace.layout.check(name)
            if value is not None and not 0 <= value <= 1:
                raise ValueError(f"a confidence is 0 to 1, not {value}")
        with self._workspace.changing(), told(self._workspace.layout.index, "saved"):
            index = self._workspace.index
            if len(confidences) > 1:
                known = {row.name: row for row in index.rows()}
            else:
                known = {row.name: row for name in confidences if (row := index.row(name))}
            index.put(
                *(
                    known.get(name, Row(name))._replace(predicted_by=model, confidence=value)
                    for name, value in confidences.items()
                )
            )

    def _change(
        self, name: str, log: LogEntry | None, change: Callable[[Row], Row], *, in_label: bool
    ) -> None:
        with self._workspace.changing():
            old = self._workspace.row(name) or Row(name)
            new = change(old)
            if new == old:
                return
            if in_label:
                self._labels.put(new, *([log] if log else []))
                return
            with told(self._workspace.layout.index, "saved"):
                self._workspace.index.put(new, log=[(name, log)] if log else [])
