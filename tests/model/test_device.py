from __future__ import annotations

import gc
import importlib
import linecache
import os
import sys
import threading
import weakref
from types import SimpleNamespace

import pytest

from model import device
from model.device import (
    collect_garbage,
    describe_device,
    load_tensorflow,
    load_tfds,
    lower_priority,
    one_at_a_time,
    without_full_collections,
)


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="niceness by thread: Linux only")
@pytest.mark.parametrize(("at_first", "wanted"), [(0, [5]), (4, [5]), (5, []), (10, [])])
def test_a_thread_is_made_nicer_and_never_less_nice(
    monkeypatch: pytest.MonkeyPatch, at_first: int, wanted: list[int]
) -> None:
    """Raising a priority is an administrator's right: asking for it would end the thread."""
    asked: list[int] = []
    monkeypatch.setattr(os, "getpriority", lambda _which, _thread: at_first)
    monkeypatch.setattr(os, "setpriority", lambda _which, _thread, nice: asked.append(nice))
    thread = threading.Thread(target=lower_priority)
    thread.start()
    thread.join()
    assert asked == wanted


def test_the_device_has_a_name() -> None:
    assert describe_device().startswith(("CPU, ", "GPU: "))


@pytest.mark.parametrize(
    ("cores", "gpus", "chosen", "threads"),
    [
        (2, [], {}, [1]),
        (4, [], {}, [1]),
        (16, [], {}, []),
        (2, ["GPU:0"], {}, []),
        (2, [], {"TF_NUM_INTEROP_THREADS": "2"}, []),
    ],
)
def test_few_cores_work_at_one_operation_at_a_time(
    monkeypatch: pytest.MonkeyPatch,
    cores: int,
    gpus: list[str],
    chosen: dict[str, str],
    threads: list[int],
) -> None:
    asked: list[int] = []
    tf = SimpleNamespace(
        config=SimpleNamespace(
            list_physical_devices=lambda _kind: gpus,
            threading=SimpleNamespace(set_inter_op_parallelism_threads=asked.append),
        )
    )
    monkeypatch.setattr(device, "_cores", lambda: cores)
    monkeypatch.delenv("TF_NUM_INTEROP_THREADS", raising=False)
    for name, value in chosen.items():
        monkeypatch.setenv(name, value)
    device._in_sequence(tf)
    assert asked == threads


def test_a_tensorflow_that_computes_already_stays_as_it_is(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def too_late(_threads: int) -> None:
        raise RuntimeError("cannot be modified after initialization")

    threading_options = SimpleNamespace(set_inter_op_parallelism_threads=too_late)
    config = SimpleNamespace(list_physical_devices=lambda _kind: [], threading=threading_options)
    monkeypatch.setattr(device, "_cores", lambda: 2)
    monkeypatch.delenv("TF_NUM_INTEROP_THREADS", raising=False)
    with caplog.at_level("DEBUG", logger=device.__name__):
        device._in_sequence(SimpleNamespace(config=config))
    assert "after initialization" in caplog.text


@pytest.mark.parametrize(
    ("cores", "gpus", "hands", "asked_for"),
    [(1, [], 2, [1]), (2, [], 2, [1]), (6, [], 6, [1]), (64, [], 8, [1]), (6, ["GPU:0"], 6, [])],
)
def test_for_folders_every_call_stays_on_a_core(
    monkeypatch: pytest.MonkeyPatch,
    cores: int,
    gpus: list[str],
    hands: int,
    asked_for: list[int],
) -> None:
    asked: list[int] = []
    threading_options = SimpleNamespace(set_intra_op_parallelism_threads=asked.append)
    config = SimpleNamespace(list_physical_devices=lambda _kind: gpus, threading=threading_options)
    monkeypatch.setattr(device, "load_tensorflow", lambda: SimpleNamespace(config=config))
    monkeypatch.setattr(device, "_cores", lambda: cores)
    assert device.one_core_per_call() == hands
    assert asked == asked_for


def test_no_source_text_is_kept_after_the_import(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delitem(sys.modules, "keras", raising=False)  # so that it looks again
    linecache.getlines(__file__)
    assert linecache.cache
    load_tensorflow()
    assert not linecache.cache


def test_full_collections_come_back_when_the_last_of_several_threads_is_done() -> None:
    before = gc.get_threshold()
    with without_full_collections():
        first = gc.get_threshold()
        inside, leave = threading.Event(), threading.Event()

        def other() -> None:
            with without_full_collections():
                inside.set()
                leave.wait(10)

        thread = threading.Thread(target=other)
        thread.start()
        inside.wait(10)
        assert gc.get_threshold() == first
        assert first[2] > 1_000_000
        assert first[:2] == before[:2]
    assert gc.get_threshold() == first, "the other thread still traces"
    leave.set()
    thread.join()
    assert gc.get_threshold() == before


def test_what_lasts_is_not_looked_through_again() -> None:
    try:
        with without_full_collections():
            pass
        before = gc.get_freeze_count()
        with without_full_collections(lasting=True):
            kept = [[] for _ in range(1000)]
        assert gc.get_freeze_count() >= before + len(kept)
    finally:
        gc.unfreeze()


def test_what_a_cancelled_run_held_is_let_go_of_by_its_own_thread() -> None:
    class Network:
        """In a cycle, as Keras's are."""

        def __init__(self) -> None:
            self.itself = self

    held: list[weakref.ref[Network]] = []

    def run() -> None:
        network = Network()
        held.append(weakref.ref(network))
        raise KeyError

    def cancelled() -> None:
        with without_full_collections():
            run()

    with pytest.raises(KeyError) as caught:
        cancelled()
    assert caught.tb is not None
    assert held[0]() is None


def test_other_threads_import_while_tfds_is_imported(monkeypatch: pytest.MonkeyPatch) -> None:
    """``etils`` takes Python's import away from all threads; a photo failed because of it."""
    epy = importlib.import_module("etils.epy")
    found: list[object] = []

    def relative() -> None:
        here = {"__package__": "PIL", "__name__": "PIL.somewhere"}
        exec("from . import ImageFile", here)
        found.append(here["ImageFile"])

    def as_tfds_does(_name: str) -> object:
        with epy.lazy_imports():
            thread = threading.Thread(target=relative)
            thread.start()
            thread.join()
            import a_module_that_is_not_there as lazy  # type: ignore[import-not-found]
        return lazy

    monkeypatch.delitem(sys.modules, "tensorflow_datasets", raising=False)
    real = importlib.import_module
    monkeypatch.setattr(
        importlib,
        "import_module",
        lambda name: as_tfds_does(name) if name == "tensorflow_datasets" else real(name),
    )
    lazy = load_tfds()
    assert found == [real("PIL.ImageFile")]
    assert type(lazy).__name__ == "LazyModule", "TFDS itself still gets its lazy modules"


def test_garbage_is_collected_between_two_predictions() -> None:
    collected = threading.Event()

    def collect() -> None:
        collect_garbage()
        collected.set()

    thread = threading.Thread(target=collect)
    with one_at_a_time():
        thread.start()
        assert not collected.wait(0.1)
    assert collected.wait(10)
    thread.join()


def test_garbage_is_collected_although_something_goes_on_for_long(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(device, "_PREDICTION_S", 0.01)
    with one_at_a_time():
        collect_garbage()  # waits no longer
        assert device._turn.locked()
    with one_at_a_time():
        pass
