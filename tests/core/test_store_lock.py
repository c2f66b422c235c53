"""One process writes, others read; a process that dies leaves nothing behind."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest

from petseg_gui.core.lock import LOCK_NAME, ProjectLock
from petseg_gui.core.store import PhotoFlag, PhotoState, Project, Provenance, StoreError

from .conftest import OpenProject

BY_HAND = Provenance("starter", 3)
MASK = np.ones((4, 5), np.uint8)
TOP = Path(__file__).parents[2]

OTHER_WINDOW = """
import sys
from pathlib import Path
import numpy as np
from petseg_gui.core.store import Project, Provenance
project = Project.open(Path(sys.argv[1]))
project.set_model_in_use("m")
project.save_label("img1.jpg", np.ones((4, 5), np.uint8), Provenance("m", 1), accept=True)
print(project.read_only, flush=True)
sys.stdin.read()
"""


@pytest.fixture
def other_window(folder: Path) -> Iterator[Callable[[], subprocess.Popen[str]]]:
    """Starts a process that has the folder open until its standard input ends."""
    started: list[subprocess.Popen[str]] = []

    def start() -> subprocess.Popen[str]:
        process = subprocess.Popen(
            [sys.executable, "-c", OTHER_WINDOW, str(folder)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            cwd=TOP,
        )
        started.append(process)
        assert process.stdout is not None
        assert process.stdout.readline() == "False\n"
        return process

    yield start
    for process in started:
        process.kill()
        process.communicate()


def test_the_second_window_reads_only_and_says_why(
    open_project: OpenProject, other_window: Callable[[], subprocess.Popen[str]]
) -> None:
    other_window()
    project = open_project()
    assert project.read_only
    (notice,) = project.notices
    assert "another window" in notice
    assert "Close" in notice
    assert project.record("img1.jpg").state is PhotoState.ACCEPTED
    np.testing.assert_array_equal(project.read_label("img1.jpg"), MASK)
    assert project.model_in_use() == "m"
    assert project.unexamined() == project.names()
    project.examine("img1.jpg")
    before = {path: path.read_bytes() for path in project.root.rglob("*.png")}
    for write in (
        lambda: project.save_label("img1.jpg", MASK, BY_HAND, accept=True),
        lambda: project.unaccept("img1.jpg"),
        lambda: project.restore_version("img1.jpg", "x"),
        lambda: project.keep_label("img1.jpg"),
        lambda: project.write_draft("img1.jpg", MASK, BY_HAND),
        lambda: project.discard_draft("img1.jpg"),
        lambda: project.set_model_in_use("n"),
        lambda: project.write_prediction("img1.jpg", "m", MASK),
        lambda: project.predictions.prune(0),
        lambda: project.predictions.remove("img1.jpg"),
        lambda: project.set_flag("img1.jpg", PhotoFlag.FLAGGED),
        lambda: project.set_tags("img1.jpg", ["a"]),
        lambda: project.set_note("img1.jpg", "a"),
        lambda: project.add_seconds("img1.jpg", 1),
        lambda: project.set_confidences({"img1.jpg": 0.5}, "m"),
    ):
        with pytest.raises(StoreError, match="another window"):
            write()
    assert {path: path.read_bytes() for path in project.root.rglob("*.png")} == before


@pytest.mark.parametrize("end", ["killed", "closed"])
def test_the_right_to_write_ends_with_its_process(
    open_project: OpenProject, other_window: Callable[[], subprocess.Popen[str]], end: str
) -> None:
    process = other_window()
    reader = open_project()
    assert reader.read_only
    if end == "killed":
        process.send_signal(signal.SIGKILL if os.name != "nt" else signal.SIGTERM)
    process.communicate()
    writer = open_project()
    assert not writer.read_only
    assert writer.notices == []
    writer.save_label("img2.jpg", MASK, BY_HAND, accept=True)
    assert reader.read_only, "a window does not change its mind under the user's hands"
    assert reader.record("img2.jpg").state is PhotoState.ACCEPTED


def test_a_project_that_is_just_being_made_is_not_opened_half(
    open_project: OpenProject,
    other_window: Callable[[], subprocess.Popen[str]],
    folder: Path,
) -> None:
    other_window()
    (folder / "petseg" / "project.sqlite").rename(folder / "petseg" / "gone")
    with pytest.raises(StoreError, match="another window"):
        open_project()
    assert not (folder / "petseg" / "project.sqlite").exists()


def test_within_one_window_a_folder_can_be_opened_anew_before_it_is_closed(
    open_project: OpenProject,
) -> None:
    first = open_project()
    second = open_project()
    assert not second.read_only
    first.close()
    first.close()
    second.save_label("img1.jpg", MASK, BY_HAND, accept=True)
    third = open_project()
    assert not third.read_only


def test_closing_one_of_two_does_not_let_others_write(folder: Path) -> None:
    first, second = Project.open(folder), Project.open(folder)
    first.close()
    command = [sys.executable, "-c", OTHER_WINDOW, str(folder)]
    done = subprocess.run(
        command, input="", capture_output=True, text=True, cwd=TOP, check=False, timeout=60
    )
    second.close()
    assert "another window" in done.stderr


def test_a_failed_open_gives_the_lock_back(
    open_project: OpenProject, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as broken:
        broken.setattr(
            "petseg_gui.core.opening.open_index", lambda *_: (_ for _ in ()).throw(OSError)
        )
        with pytest.raises(StoreError):
            open_project()
    lock = ProjectLock(folder / "petseg")
    assert lock.first
    lock.release()


def test_a_file_system_without_locks_is_worked_on_all_the_same(
    open_project: OpenProject, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(_descriptor: int) -> None:
        raise OSError(37, "No locks available")

    monkeypatch.setattr("petseg_gui.core.lock._take", refuse)
    assert not open_project().read_only


def test_what_a_crash_left_half_written_is_swept_at_opening(
    open_project: OpenProject, folder: Path
) -> None:
    project = open_project()
    project.save_label("img1.jpg", MASK, BY_HAND, accept=True)
    project.save_label("img1.jpg", MASK, BY_HAND, accept=True)
    project.write_prediction("img1.jpg", "m", MASK)
    root, name = project.root, ".petseg-0123456789abcdef.tmp"
    places = [root, root / "labels", root / "drafts", root / "models"]
    later = [root / "history" / "img1", root / "predictions" / "m"]
    for place in places + later:
        (place / name).write_bytes(b"half")
    second = open_project()
    assert (root / name).exists(), "the first may be writing it"
    project.close()
    second.close()
    third = open_project()
    assert [place for place in places if (place / name).exists()] == []
    assert (root / LOCK_NAME).exists()
    # Younger than any write takes: may be of one under way; older: left behind.
    third.save_label("img1.jpg", MASK, BY_HAND, accept=True)
    third.predictions.prune(10**9)
    assert all((place / name).exists() for place in later)
    for place in later:
        os.utime(place / name, (time.time() - 7200,) * 2)
    third.save_label("img1.jpg", MASK, BY_HAND, accept=True)
    third.predictions.prune(10**9)
    assert not any((place / name).exists() for place in later)
    assert third.has_prediction("img1.jpg", "m")
