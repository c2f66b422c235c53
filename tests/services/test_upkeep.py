"""What is looked after in the background: whose photo is whose, scores, caches, one message."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from pytestqt.qtbot import QtBot

from petseg_gui.core.store import PhotoState, Project, Provenance, StoreError
from petseg_gui.services import upkeep
from petseg_gui.services.messages import Message, Messages
from petseg_gui.services.tasks import TaskRunner
from petseg_gui.services.upkeep import Upkeep
from tests.conftest import blob


class Rig:
    """Upkeep on a runner of its own, with what it said."""

    def __init__(self, qtbot: QtBot) -> None:
        self.qtbot = qtbot
        self.said: list[Message] = []
        self.changed: list[str] = []
        messages = Messages()
        messages.posted.connect(self.said.append)
        self.runner = TaskRunner(2)
        self.upkeep = Upkeep(self.runner, messages)
        self.upkeep.changed.connect(self.changed.extend)
        self._messages = messages

    def look_after(self, project: Project) -> None:
        with self.qtbot.waitSignal(self.upkeep.finished):
            self.upkeep.open_project(project)

    def end(self) -> None:
        self.upkeep.close_project()
        self.runner.shutdown()


@pytest.fixture
def rig(qtbot: QtBot) -> Iterator[Rig]:
    rig = Rig(qtbot)
    yield rig
    rig.end()


def test_every_photo_is_examined_once(rig: Rig, project: Project) -> None:
    rig.look_after(project)
    assert project.unexamined() == []
    assert {record.size for record in project.records().values()} == {(70, 60)}
    assert not rig.upkeep.busy
    assert rig.said == []
    rig.changed.clear()
    rig.look_after(project)
    assert rig.changed == []


def test_renamed_and_replaced_photos_are_told_and_announced(rig: Rig, project: Project) -> None:
    rig.look_after(project)
    root, folder = project.root, project.folder
    project.close()
    (folder / "pet1.jpg").rename(folder / "other.jpg")
    Image.fromarray(blob(70, 60, 9)[0]).save(folder / "pet2.jpg")
    again = Project.open(folder, root=root)
    rig.changed.clear()
    rig.look_after(again)
    assert again.record("other.jpg").state is PhotoState.ACCEPTED
    assert again.record("pet2.jpg").replaced
    assert {"other.jpg", "pet2.jpg"} <= set(rig.changed)
    texts = [message.text for message in rig.said]
    assert len(texts) == 2
    assert any("'other.jpg' is the photo that was called 'pet1.jpg'" in text for text in texts)
    assert any("'pet2.jpg' is another picture" in text for text in texts)
    again.close()


def test_many_replaced_photos_are_told_in_one_message(rig: Rig, tmp_path: Path) -> None:
    folder = tmp_path / "many"
    folder.mkdir()
    names = [f"p{number}.png" for number in range(6)]
    for number, name in enumerate(names):
        Image.fromarray(blob(20, 16, number)[0]).save(folder / name)
    project = Project.open(folder)
    rig.look_after(project)
    for name in names:
        project.save_label(name, np.full((16, 20), 2, np.uint8), Provenance(None, 1), accept=True)
    project.close()
    for number, name in enumerate(names):
        Image.fromarray(blob(20, 16, 100 + number)[0]).save(folder / name)
    again = Project.open(folder)
    rig.look_after(again)
    (message,) = rig.said
    assert message.text.startswith("6 photos are other pictures")
    again.close()


def test_a_photo_that_cannot_be_read_does_not_stop_the_others(rig: Rig, project: Project) -> None:
    (project.folder / "pet2.jpg").unlink()
    (project.folder / "pet4.jpg").write_bytes(b"no picture")
    rig.look_after(project)
    assert project.record("pet3.jpg").size == (70, 60)
    assert project.record("pet4.jpg").size is None
    assert rig.said == []


def test_a_project_that_cannot_be_written_is_told_once(
    rig: Rig, project: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object, **__: object) -> None:
        raise OSError(28, "No space left on device")

    asked: list[str] = []
    examine = Project.examine

    def counted(self: Project, name: str) -> object:
        asked.append(name)
        return examine(self, name)

    monkeypatch.setattr(Project, "examine", counted)
    monkeypatch.setattr("petseg_gui.core.index.Index.put", full)
    rig.look_after(project)
    (message,) = rig.said
    assert "Free some space" in message.text
    assert len(asked) == 1


def test_a_model_that_came_into_use_again_is_scored(rig: Rig, project: Project) -> None:
    found = np.zeros((16, 16, 3), np.uint8)
    found[..., 1] = 255
    found[:, :8] = (250, 5, 0)
    mask = blob(70, 60, 4)[1]
    for model in ("tuned-1", "tiny-1"):
        project.set_model_in_use(model)
        project.write_prediction("pet4.jpg", model, mask, found)
    rig.look_after(project)
    project.set_model_in_use("tuned-1")
    assert project.record("pet4.jpg").confidence is None
    rig.changed.clear()
    with rig.qtbot.waitSignal(rig.upkeep.finished):
        rig.upkeep.model_changed()
    assert project.record("pet4.jpg").confidence is not None
    assert rig.changed == ["pet4.jpg"]


def test_predictions_are_kept_within_their_bound(
    rig: Rig, project: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    mask = blob(70, 60, 4)[1]
    project.set_model_in_use("tiny-1")
    for model in ("old", "tiny-1"):
        project.write_prediction("pet4.jpg", model, mask)
    size = (project.root / "predictions" / "tiny-1" / "pet4.jpg.png").stat().st_size
    monkeypatch.setattr(upkeep, "PREDICTIONS_BYTES", size)
    rig.look_after(project)
    assert not project.has_prediction("pet4.jpg", "old")
    assert project.has_prediction("pet4.jpg", "tiny-1")


def test_a_project_that_was_let_go_is_not_heard_of_any_more(rig: Rig, project: Project) -> None:
    rig.upkeep.open_project(project)
    rig.upkeep.close_project()
    rig.runner.drain()
    assert not rig.upkeep.busy
    assert rig.changed == []


def test_a_read_only_project_is_looked_at_and_not_written(
    rig: Rig, project: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(project, "read_only", True)
    monkeypatch.setattr(project._workspace, "read_only", True)
    rig.look_after(project)
    rig.upkeep.model_changed()
    assert rig.said == []
    with pytest.raises(StoreError):
        project.set_note("pet4.jpg", "x")
