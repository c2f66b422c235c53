"""Disks that are really full, and files that really may not grow: no fault is feigned here."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from petseg_gui.core.store import Project, StoreError
from tests.conftest import REPOSITORY

from .fault_project import ACTIONS, differences, make_project, state_of

NAMESPACE = ("unshare", "--user", "--map-root-user", "--mount")
LIMITS = (0, 60, 300, 1000, 4096, 12_000, 20_000, 30_000, 40_000, 60_000, 100_000)
"""Bytes to which a file may grow."""


@pytest.fixture(scope="module")
def template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    base = tmp_path_factory.mktemp("template") / "base"
    make_project(base)
    return base


def may_mount(folder: Path) -> bool:
    """Whether a process of the tests may have a small disk of its own."""
    if sys.platform != "linux" or shutil.which("unshare") is None:
        return False
    mount = ("mount", "-t", "tmpfs", "-o", "size=64k", "tmpfs", str(folder))
    return subprocess.run([*NAMESPACE, *mount], capture_output=True, check=False).returncode == 0


def test_on_a_full_disk_everything_is_done_whole_or_not_at_all(
    template: Path, tmp_path: Path
) -> None:
    disk = tmp_path / "disk"
    disk.mkdir()
    if not may_mount(disk):
        pytest.skip("no small disk can be mounted here")
    done = subprocess.run(
        [*NAMESPACE, sys.executable, "-m", "tests.core.full_disk", str(template), str(disk)],
        cwd=REPOSITORY,
        capture_output=True,
        text=True,
        check=False,
        timeout=200,
    )
    assert done.returncode == 0, done.stderr[-2000:]
    counts = json.loads(done.stdout)
    assert counts["failed"] > len(ACTIONS)
    assert counts["done"] > len(ACTIONS)


@contextmanager
def files_end_at(size: int) -> Iterator[None]:
    """No file of this process may become larger; writing on fails, as on a disk that is full."""
    resource = pytest.importorskip("resource")
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)


@pytest.mark.parametrize("name", ACTIONS)
def test_files_that_may_not_grow_are_as_they_were(
    template: Path, tmp_path: Path, name: str
) -> None:
    action, base = ACTIONS[name], tmp_path / "base"
    failed = 0
    after = None
    for limit in (None, *LIMITS):
        shutil.rmtree(base, ignore_errors=True)
        shutil.copytree(template, base)
        project = Project.open(base / "photos")
        prepared, error = action.before(project, base), None
        before = state_of(project)
        if limit is None:
            action.do(project, base, prepared)
            after = state_of(project)
        else:
            with files_end_at(limit):
                try:
                    action.do(project, base, prepared)
                except StoreError as caught:
                    error = caught
                    failed += 1
        assert after is not None
        expected = before if error is not None else after
        for again in (False, True):
            if again:
                project.close()
                project = Project.open(base / "photos")
            wrong = differences(state_of(project), expected, action.caches)
            assert not wrong, f"{limit} bytes: {error}"
        project.close()
    assert failed or name == "discard draft"
