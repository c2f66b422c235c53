"""``petseg model list`` and its neighbours, on small model files."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from PIL import Image

from petseg_gui.cli import main
from petseg_gui.core.store import Project
from tests.conftest import blob
from tests.held import held_by_another_process
from tests.model.stranger import model_file

Ask = Callable[..., tuple[int, str, str]]


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A photo, and a program whose starter is small."""
    starter = model_file(tmp_path / "program" / "starter-1.safetensors")
    monkeypatch.setattr("petseg_gui.cli.project_models.STARTER_MODEL", starter)
    folder = tmp_path / "photos"
    folder.mkdir()
    Image.fromarray(blob(50, 40)[0]).save(folder / "cat.png")
    return folder


@pytest.fixture
def ask(folder: Path, capsys: pytest.CaptureFixture[str]) -> Ask:
    """Runs an action on the folder; returns status, output, errors."""

    def run(action: str, *more: object) -> tuple[int, str, str]:
        status = main(["model", action, str(folder), *map(str, more)])
        out, err = capsys.readouterr()
        return status, out, err

    return run


def test_a_model_is_imported_named_used_and_exported(ask: Ask, tmp_path: Path) -> None:
    theirs = model_file(tmp_path / "theirs.safetensors")
    assert ask("import", theirs, "--title", "From a friend")[0] == 0
    assert ask("note", "tuned-001", "Good with cats")[0] == 0
    assert ask("use", "tuned-001")[0] == 0
    status, text, _ = ask("list")
    assert status == 0
    header, starter, imported = text.splitlines()
    assert header.split()[:3] == ["ID", "MADE", "FROM"]
    assert starter.split()[:2] == ["starter-1", "starter"]
    assert imported.split()[:2] == ["*", "tuned-001"]
    assert imported.endswith("From a friend")
    out = tmp_path / "out.safetensors"
    assert ask("export", "tuned-001", "--out", out)[0] == 0
    assert out.stat().st_size > 0
    status, _, error = ask("export", "tuned-001", "--out", out)
    assert status == 1
    assert "--overwrite" in error
    assert ask("export", "tuned-001", "--out", out, "--overwrite")[0] == 0


def test_nothing_is_imported_for_a_name_that_is_too_long(ask: Ask, tmp_path: Path) -> None:
    theirs = model_file(tmp_path / "theirs.safetensors")
    status, _, error = ask("import", theirs, "--title", "x" * 81)
    assert (status, "at most 80" in error) == (1, True)
    assert "tuned-001" not in ask("list")[1]


def test_a_model_is_deleted_and_brought_back(ask: Ask, tmp_path: Path) -> None:
    ask("import", model_file(tmp_path / "theirs.safetensors"))
    ask("use", "tuned-001")
    status, _, error = ask("delete", "tuned-001")
    assert (status, "is in use" in error) == (1, True)
    ask("use", "starter-1")
    assert ask("delete", "tuned-001")[0] == 0
    assert ask("list")[1].splitlines()[-1].split()[:2] == ["deleted", "tuned-001"]
    assert ask("restore", "tuned-001")[0] == 0
    assert "deleted" not in ask("list")[1]
    assert "cannot be deleted" in ask("delete", "starter-1")[2]


@pytest.mark.parametrize(
    "arguments",
    [
        ("import", "absent.safetensors"),
        ("use", "tuned-009"),
        ("rename", "tuned-009", "x"),
        ("rename", "starter-1", "x" * 81),
        ("export", "tuned-009", "--out", "x.safetensors"),
    ],
    ids=lambda arguments: arguments[0],
)
def test_what_cannot_be_done_is_told_in_one_line(ask: Ask, arguments: tuple[str, ...]) -> None:
    status, _, error = ask(*arguments)
    assert status == 1
    assert len(error.splitlines()) == 1
    assert error.startswith("petseg: ")


def test_damaged_files_are_named_and_the_rest_is_listed(ask: Ask, folder: Path) -> None:
    ask("list")
    models = folder / "petseg" / "models"
    (models / "tuned-001.safetensors").write_bytes(b"damaged")
    model_file(models / "tuned-002.safetensors", {"created": "\x1b[31m", "parent": "\x1b[2J"})
    status, text, error = ask("list")
    assert status == 0
    assert "tuned-001.safetensors" in error
    assert "tuned-002" in text
    assert "\x1b" not in text


def test_while_a_window_is_open_models_are_only_read(
    ask: Ask, folder: Path, tmp_path: Path
) -> None:
    with held_by_another_process(folder):
        status, _, error = ask("import", model_file(tmp_path / "theirs.safetensors"))
        assert status == 1
        assert "Close the other window" in error
        assert ask("export", "starter-1", "--out", tmp_path / "x.safetensors")[0] == 0
    project = Project.open(folder)
    assert not list(project.models_dir.iterdir())
    project.close()
