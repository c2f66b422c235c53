"""Bringing TensorFlow up: without freezing a window, and saying on what it runs.

Everything that imports TensorFlow inside the window's process calls :func:`load_tensorflow`
first, off the UI thread.
"""

from __future__ import annotations

import builtins
import ctypes
import gc
import importlib
import importlib.util
import linecache
import logging
import os
import sys
import threading
import traceback
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

_log = logging.getLogger(__name__)
_lock = threading.Lock()
_NEVER = 1_000_000_000
_FEW_CORES = 4
# Each takes about 100 MB for the photos under way.
_MOST_CALLS = 8


def load_tensorflow() -> Any:
    """Import TensorFlow and Keras so that other Python threads go on running meanwhile.

    A plain import holds the interpreter's lock while the dynamic linker maps and relocates
    TensorFlow's libraries, up to 400 ms at a stretch, in which a window does not paint.  Here
    the linker runs first, through a foreign call that lets go of the lock; the import then
    finds the libraries in place.  Reading the many Python modules gives the lock up as always,
    and the garbage collector, whose full passes take longer the more modules there are, rests
    until all of them are there and then leaves them alone.

    Where PySide is loaded, it reads the source of every module that is imported (to see whether
    it uses PySide) and Python keeps the text: 90 MB of it, let go of here.

    Returns:
        The module ``tensorflow``.
    """
    with _lock:
        if "tensorflow" in sys.modules and "keras" in sys.modules:
            return sys.modules["tensorflow"]
        os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")
        _map_libraries()
        with _importing_for_good():
            tf = importlib.import_module("tensorflow")
            importlib.import_module("keras")
        _grow_memory(tf)
        _in_sequence(tf)
        return tf


@contextmanager
def _importing_for_good() -> Iterator[None]:
    """Have the collector rest until the modules are there, and leave them alone afterwards."""
    collecting = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        linecache.clearcache()
        gc.freeze()
        if collecting:
            gc.enable()


def load_tfds() -> Any:
    """Import TensorFlow Datasets so that other threads can import meanwhile.

    While TFDS is imported, ``etils`` puts an import of its own in the place of Python's, for all
    threads: it refuses relative imports and hands out modules that are none yet.  A photo that
    another thread was just reading or predicting failed because of that.  Here only the thread
    that imports TFDS meets it.

    Returns:
        The module ``tensorflow_datasets``.
    """
    load_tensorflow()
    with _lock:
        if "tensorflow_datasets" in sys.modules:
            return sys.modules["tensorflow_datasets"]
        with _importing_for_good(), _lazy_imports_for_this_thread():
            return importlib.import_module("tensorflow_datasets")


@contextmanager
def _lazy_imports_for_this_thread() -> Iterator[None]:
    etils: Any = importlib.import_module("etils.epy.lazy_imports_utils")
    lazy, real = getattr(etils, "_lazy_import", None), builtins.__import__
    if lazy is None:
        yield
        return
    thread = threading.get_ident()

    def chosen(
        name: str,
        globals_: Any = None,
        locals_: Any = None,
        fromlist: Any = (),
        level: int = 0,
        **callbacks: Any,
    ) -> Any:
        if threading.get_ident() == thread:
            return lazy(name, globals_, locals_, fromlist, level, **callbacks)
        return real(name, globals_, locals_, fromlist, level)

    etils._lazy_import = chosen
    try:
        yield
    finally:
        etils._lazy_import = lazy


def _map_libraries() -> None:
    """Let the dynamic linker load TensorFlow's shared libraries with Python's lock released."""
    spec = importlib.util.find_spec("tensorflow")
    if spec is None or spec.origin is None or not sys.platform.startswith("linux"):
        return
    root = Path(spec.origin).parent
    # A function of a CDLL object is called without the interpreter's lock, ctypes.CDLL(path)
    # itself may not be.
    dlopen = ctypes.CDLL(None).dlopen
    dlopen.restype = ctypes.c_void_p
    dlopen.argtypes = (ctypes.c_char_p, ctypes.c_int)
    libraries = [
        *sorted(root.glob("libtensorflow_framework.so*")),
        *sorted(root.glob("libtensorflow_cc.so*")),
        *sorted((root / "python").glob("*.so")),
    ]
    for library in libraries:
        if not dlopen(os.fsencode(library), os.RTLD_LAZY | os.RTLD_LOCAL):
            _log.debug("could not map %s ahead of the import", library.name)


def _grow_memory(tf: Any) -> None:
    for gpu in tf.config.list_physical_devices("GPU"):
        try:
            tf.config.experimental.set_memory_growth(gpu, True)
        except RuntimeError as error:  # the device is in use already
            _log.warning("GPU memory is taken whole: %s", error)


def _in_sequence(tf: Any) -> None:
    """Have a processor of few cores work at one operation at a time, with all its cores.

    Operations at the same time only share the cores; which of them meet is chance, and with it how
    much memory a step takes.  The pool that they take it from never shrinks: with two at a time it
    grew over the first four fine-tunes by up to 200 MB, with one by 80 at most.
    """
    if tf.config.list_physical_devices("GPU") or "TF_NUM_INTEROP_THREADS" in os.environ:
        return
    if _cores() <= _FEW_CORES:
        try:
            tf.config.threading.set_inter_op_parallelism_threads(1)
        except RuntimeError as error:  # it computes already
            _log.debug("operations run beside each other: %s", error)


def one_core_per_call() -> int:
    """Have every call of a network stay on the core of the thread that makes it.

    For folders: threads that each take a photo from file to label keep all cores at work, and
    wait for each other less than the cores that share one operation.  Of a GPU, or where
    TensorFlow computes already, nothing changes.

    Returns:
        How many threads should predict.
    """
    tf = load_tensorflow()
    if not tf.config.list_physical_devices("GPU"):
        try:
            tf.config.threading.set_intra_op_parallelism_threads(1)
        except RuntimeError as error:
            _log.debug("operations share the cores: %s", error)
    return max(min(_cores(), _MOST_CALLS), 2)


def _cores() -> int:
    """Processors that this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def describe_device() -> str:
    """The device on which TensorFlow computes, by name: 'CPU, 2 cores' or the GPU's name."""
    tf = load_tensorflow()
    names = []
    for gpu in tf.config.list_physical_devices("GPU"):
        details = tf.config.experimental.get_device_details(gpu)
        names.append(str(details.get("device_name", gpu.name)))
    if names:
        return "GPU: " + ", ".join(names)
    return f"CPU, {_cores()} cores"


def lower_priority(nice: int = 5) -> None:
    """Let this thread, and the threads it starts, yield to the window's thread.

    TensorFlow's pool inherits the niceness of the thread that first computes with it.  Only
    Linux counts niceness by thread; elsewhere nothing happens.
    """
    if sys.platform.startswith("linux"):
        thread = threading.get_native_id()
        # Only an administrator may raise a priority: a program started with more niceness
        # than this keeps it.
        if os.getpriority(os.PRIO_PROCESS, thread) < nice:
            os.setpriority(os.PRIO_PROCESS, thread, nice)


_turn = threading.Lock()
_PREDICTION_S = 1.0
"""Longer than a prediction takes."""


@contextmanager
def one_at_a_time() -> Iterator[None]:
    """Wait until no other thread is in such a block.

    For predictions, and for tracing a network to train: together they would leave the window's
    thread neither a processor nor Python's lock, for as long as tracing takes.
    """
    with _turn:
        yield


def collect_garbage() -> None:
    """Collect all garbage between two predictions.

    No other thread of Python runs meanwhile, and it takes twice as long beside a prediction, for
    which TensorFlow takes every processor.  A network that is being traced is not waited for.
    """
    alone = _turn.acquire(timeout=_PREDICTION_S)
    try:
        gc.collect()
    finally:
        if alone:
            _turn.release()


class _Pause:
    """Puts full garbage collections off while somebody wants that; for any thread."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._wanted = 0
        self._thresholds = gc.get_threshold()

    def begin(self) -> None:
        """One more wants it."""
        with self._lock:
            self._wanted += 1
            if self._wanted == 1:
                self._thresholds = gc.get_threshold()
                gc.set_threshold(*self._thresholds[:2], _NEVER)

    def end(self, *, lasting: bool) -> None:
        """One less; the last one collects what was put off, lest the window's thread does.

        Args:
            lasting: what is left lasts: no collection looks through it again.
        """
        with self._lock:
            self._wanted -= 1
            if self._wanted:
                return
            gc.set_threshold(*self._thresholds)
        if gc.isenabled():
            collect_garbage()
            if lasting:
                gc.freeze()


_pause = _Pause()


@contextmanager
def without_full_collections(*, lasting: bool = False) -> Iterator[None]:
    """Put off full garbage collections until after the block; several threads may do so at once.

    While TensorFlow traces a network, Python makes some hundred thousand objects that live on,
    and its collector would look through all of them again and again: up to 100 ms each time,
    in which no other thread runs.

    Args:
        lasting: what is there after the block lasts about as long as the program: no collection
            looks through it again, unless another block is still under way.
    """
    _pause.begin()
    try:
        yield
    except BaseException as error:
        # The frames that it passed through hold the network of a run that was cancelled: it would
        # be the window's thread that lets go of it later.
        traceback.clear_frames(error.__traceback__)
        raise
    finally:
        _pause.end(lasting=lasting)
