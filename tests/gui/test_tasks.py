"""Tasks: results and errors arrive in the UI thread, cancelled ones never."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from pytestqt.qtbot import QtBot

from petseg_gui.services.tasks import PROGRESS_STEPS, TaskRunner, TaskState

THREADS = Path("/proc/self/task")


@pytest.fixture
def runner(qtbot: QtBot) -> Iterator[TaskRunner]:
    runner = TaskRunner(1)
    yield runner
    runner.shutdown()


def test_a_result_arrives_in_the_thread_that_asked(qtbot: QtBot, runner: TaskRunner) -> None:
    results: list[tuple[int, bool]] = []
    main = threading.get_ident()

    def work(_state: TaskState) -> bool:
        return threading.get_ident() != main

    runner.run(work, lambda elsewhere: results.append((threading.get_ident(), elsewhere)))
    qtbot.waitUntil(lambda: bool(results))
    assert results == [(main, True)]


def test_an_error_goes_to_its_callback_and_not_to_the_result(
    qtbot: QtBot, runner: TaskRunner
) -> None:
    seen: list[object] = []

    def work(_state: TaskState) -> int:
        raise ValueError("broken")

    runner.run(work, seen.append, lambda error: seen.append(str(error)))
    qtbot.waitUntil(lambda: bool(seen))
    assert seen == ["broken"]


def test_an_error_that_nobody_expects_reaches_the_exception_hook(
    qtbot: QtBot, runner: TaskRunner
) -> None:
    def work(_state: TaskState) -> int:
        raise ValueError("unexpected")

    with qtbot.capture_exceptions() as caught:
        task = runner.run(work)
        qtbot.waitUntil(lambda: task.finished)
    assert [str(error) for _, error, _ in caught] == ["unexpected"]


def test_a_cancelled_task_never_lands(qtbot: QtBot, runner: TaskRunner) -> None:
    landed: list[object] = []
    begun, go_on = threading.Event(), threading.Event()

    def work(_state: TaskState) -> int:
        begun.set()
        assert go_on.wait(5)
        return 1

    task = runner.run(work, landed.append, landed.append)
    assert begun.wait(5)
    task.cancel()
    go_on.set()
    qtbot.waitUntil(lambda: task.finished)
    assert landed == []


def test_a_function_can_stop_when_it_is_cancelled(qtbot: QtBot, runner: TaskRunner) -> None:
    begun, go_on = threading.Event(), threading.Event()
    after: list[int] = []

    def work(state: TaskState) -> None:
        begun.set()
        assert go_on.wait(5)
        state.raise_if_cancelled()
        after.append(1)

    task = runner.run(work)
    assert begun.wait(5)
    task.cancel()
    go_on.set()
    qtbot.waitUntil(lambda: task.finished)
    assert after == []


def test_one_thread_keeps_the_order(qtbot: QtBot, runner: TaskRunner) -> None:
    order: list[int] = []
    for number in range(20):
        runner.run(lambda _state, n=number: order.append(n))
    qtbot.waitUntil(lambda: runner.active == 0)
    assert order == list(range(20))


def test_the_more_urgent_task_starts_first(qtbot: QtBot, runner: TaskRunner) -> None:
    order: list[str] = []
    begun, go_on = threading.Event(), threading.Event()

    def block(_state: TaskState) -> None:
        begun.set()
        assert go_on.wait(5)

    runner.run(block)
    assert begun.wait(5)
    runner.run(lambda _state: order.append("later"), priority=-1)
    runner.run(lambda _state: order.append("first"), priority=1)
    go_on.set()
    qtbot.waitUntil(lambda: runner.active == 0)
    assert order == ["first", "later"]


def test_progress_is_reported_only_when_it_shows(qtbot: QtBot, runner: TaskRunner) -> None:
    seen: list[int] = []

    def work(state: TaskState) -> None:
        for done in range(100_000):
            state.progress(done, 100_000)

    task = runner.run(work)
    task.progressed.connect(lambda done, _total: seen.append(done))
    qtbot.waitUntil(lambda: runner.active == 0)
    assert 1 <= len(seen) <= PROGRESS_STEPS


def test_drain_delivers_what_was_begun(runner: TaskRunner) -> None:
    results: list[int] = []
    for number in range(3):
        runner.run(lambda _state, n=number: n, results.append)
    runner.drain()
    assert results == [0, 1, 2]


def test_after_shutdown_nothing_lands_and_nothing_starts(qtbot: QtBot) -> None:
    runner = TaskRunner(1)
    results: list[int] = []
    runner.run(lambda _state: 1, results.append)
    runner.shutdown()
    qtbot.wait(0)
    assert results == []
    with pytest.raises(RuntimeError, match="shut down"):
        runner.run(lambda _state: 1)


@pytest.mark.skipif(not THREADS.is_dir(), reason="the system does not list a process's threads")
@pytest.mark.parametrize("drained", [False, True])
def test_no_thread_is_started_for_a_task(qtbot: QtBot, drained: bool) -> None:
    """Whoever starts a thread waits for the dynamic linker, which may be at work for long."""
    before = {thread.name for thread in THREADS.iterdir()}
    runner = TaskRunner(2)
    if drained:  # as for every folder that is opened
        runner.drain()
    there = {thread.name for thread in THREADS.iterdir()}
    meet = threading.Barrier(2)  # both at once

    seen: list[str] = []
    for _task in range(2):
        runner.run(lambda _state: meet.wait() and None, lambda _result: seen.append("done"))
    qtbot.waitUntil(lambda: len(seen) == 2)

    # Of drained ones, one may still have been ending when they were counted.
    qtbot.waitUntil(lambda: len({thread.name for thread in THREADS.iterdir()} - before) == 2)
    assert {thread.name for thread in THREADS.iterdir()} <= there
    runner.shutdown()
