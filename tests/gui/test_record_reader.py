from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from threading import Event
from unittest.mock import create_autospec

import pytest
from pytestqt.qtbot import QtBot

from petseg_gui.core.photo_records import PhotoRecords
from petseg_gui.core.records import PhotoRecord, PhotoState
from petseg_gui.core.store import Project
from petseg_gui.services.tasks import TaskRunner
from petseg_gui.ui.imports import import_ahead
from petseg_gui.ui.record_reader import RecordReader
from petseg_gui.ui.review_state import ReviewState


@pytest.fixture
def tasks(qtbot: QtBot) -> Iterator[TaskRunner]:
    runner = TaskRunner(1)
    yield runner
    runner.shutdown()


def record(name: str, state: PhotoState) -> PhotoRecord:
    return PhotoRecord(
        name=name, state=state, label=None, model=None, held_out=False, has_draft=False
    )


def test_a_record_that_changes_while_all_are_read_is_not_put_back(
    tasks: TaskRunner, qtbot: QtBot
) -> None:
    old = {name: record(name, PhotoState.PREDICTED) for name in ("a.jpg", "b.jpg")}
    state = ReviewState()
    state.records = PhotoRecords(old.values())
    accepted = replace(old["b.jpg"], state=PhotoState.ACCEPTED)
    saved = Event()

    def read_before_it_was_saved() -> dict[str, PhotoRecord]:
        found = {name: record(name, PhotoState.NEW) for name in old}
        saved.wait(10)
        return found

    project = create_autospec(Project, instance=True)
    project.records.side_effect = read_before_it_was_saved
    project.record.side_effect = lambda _name: accepted
    reader = RecordReader(tasks, state)
    with qtbot.waitSignal(reader.arrived):
        reader.read(project)
        state.records.put(accepted)
        saved.set()
    assert state.records["a.jpg"].state is PhotoState.NEW
    assert state.records["b.jpg"].state is PhotoState.ACCEPTED


def test_what_was_cancelled_never_arrives(tasks: TaskRunner, qtbot: QtBot) -> None:
    state = ReviewState()
    project = create_autospec(Project, instance=True)
    project.records.return_value = {"a.jpg": record("a.jpg", PhotoState.NEW)}
    reader = RecordReader(tasks, state)
    reader.read(project)
    reader.cancel()
    qtbot.waitUntil(lambda: not tasks.active)
    assert "a.jpg" not in state.records


def test_a_module_is_imported_by_another_thread_and_told_once(
    tasks: TaskRunner, qtbot: QtBot, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "petseg_test_ahead.py").write_text("import threading\nhere = threading.get_ident()")
    monkeypatch.syspath_prepend(str(tmp_path))
    told: list[str] = []
    import_ahead(tasks, "petseg_test_ahead", then=lambda: told.append("later"))
    assert told == []
    qtbot.waitUntil(lambda: told == ["later"])
    import threading

    import petseg_test_ahead  # type: ignore[import-not-found]

    assert petseg_test_ahead.here != threading.get_ident()
    import_ahead(tasks, "petseg_test_ahead", then=lambda: told.append("at once"))
    assert told == ["later", "at once"]
