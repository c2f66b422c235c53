"""``petseg finetune``: progress as JSON lines, stopped and gone on with, adopted or not."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

import petseg_gui.cli.finetune as command
from petseg_gui.cli import main
from petseg_gui.core.store import Project, Provenance
from tests.conftest import blob
from tests.held import held_by_another_process
from tests.model.finetune_rig import small_and_short, write_model

QUICKLY = ("--epochs", "1", "--batch-size", "2", "--oxford", "none")
STEPS = 3


@pytest.fixture(scope="module")
def starter(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    with small_and_short(STEPS):
        yield write_model(tmp_path_factory.mktemp("models"))


@pytest.fixture
def folder(tmp_path: Path, starter: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Three photos with accepted labels."""
    monkeypatch.setattr(command, "STARTER_MODEL", starter)
    folder = tmp_path / "photos"
    folder.mkdir()
    for number in range(3):
        Image.fromarray(blob(70, 60, number)[0]).save(folder / f"pet{number}.jpg")
    project = Project.open(folder)
    for number in range(3):
        mask = blob(70, 60, number)[1]
        project.save_label(f"pet{number}.jpg", mask, Provenance("tiny-1", 1), accept=True)
    project.close()
    return folder


def events(capsys: pytest.CaptureFixture[str]) -> list[dict[str, Any]]:
    return [json.loads(line) for line in capsys.readouterr().out.splitlines()]


def in_use(folder: Path) -> str | None:
    project = Project.open(folder)
    found = project.model_in_use()
    project.close()
    return found


def test_progress_is_told_and_nothing_is_adopted_that_nobody_can_judge(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["finetune", str(folder), *QUICKLY]) == 0
    found = events(capsys)
    names = [event["event"] for event in found]
    assert names[0] == "started"
    assert names[-1] == "finished"
    (plan,) = [event for event in found if event["event"] == "plan"]
    assert (plan["own"], plan["own_held_out"], plan["oxford"], plan["steps"]) == (3, 0, 0, STEPS)
    steps = [event for event in found if event["event"] == "step"]
    assert [step["step"] for step in steps] == [1, 2, 3]
    assert all(0 < step["loss"] < 10 and 0 <= step["accuracy"] <= 1 for step in steps)
    last = found[-1]
    assert (last["candidate"], last["sure"], last["adopted"]) == ("tuned-001", False, False)
    assert (folder / "petseg/models/tuned-001.safetensors").is_file()
    assert in_use(folder) is None


@pytest.mark.parametrize(("adopt", "used"), [("always", "tuned-001"), ("never", None)])
def test_one_may_decide_beforehand(folder: Path, adopt: str, used: str | None) -> None:
    assert main(["finetune", str(folder), *QUICKLY, "--adopt", adopt]) == 0
    assert in_use(folder) == used


def test_a_run_that_was_stopped_is_gone_on_with(
    folder: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    original = command.Printer.stepped

    def stop(self: command.Printer, report: Any) -> None:
        original(self, report)
        self.stop()

    with monkeypatch.context() as patch:
        patch.setattr(command.Printer, "stepped", stop)
        assert main(["finetune", str(folder), *QUICKLY]) == command.INTERRUPTED
    assert events(capsys)[-1] == {"event": "interrupted"}

    assert main(["finetune", str(folder)]) == 0  # with the settings that it began with
    found = events(capsys)
    assert found[0]["go_on"] is True
    assert [event["step"] for event in found if event["event"] == "step"] == [2, 3]

    with monkeypatch.context() as patch:
        patch.setattr(command.Printer, "stepped", stop)
        assert main(["finetune", str(folder), *QUICKLY]) == command.INTERRUPTED
    capsys.readouterr()
    assert main(["finetune", str(folder), *QUICKLY, "--anew"]) == 0
    assert [e["step"] for e in events(capsys) if e["event"] == "step"] == [1, 2, 3]


def test_what_cannot_be_done_is_said(
    folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    def said(*arguments: str) -> str:
        assert main(["finetune", *arguments]) == 1
        return capsys.readouterr().err

    assert "is no folder" in said(str(tmp_path / "absent"))
    assert "at least 1" in said(str(folder), *QUICKLY, "--epochs", "0")
    with held_by_another_process(folder):
        assert "another window" in said(str(folder), *QUICKLY)
    for label in (folder / "petseg/labels").iterdir():
        label.unlink()
    assert "accept a few photos first" in said(str(folder), *QUICKLY)
