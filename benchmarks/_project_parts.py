"""What ``project.py`` measures inside the window, each in a process of its own: prints JSON.

The real application, but for the thread that runs TensorFlow: it is never started.
"""

from __future__ import annotations

import ctypes
import gc
import json
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from _large_project import LARGE
from PySide6.QtCore import QEvent, QEventLoop, QObject, QPoint, QPointF, Qt, QTimer
from PySide6.QtGui import QMouseEvent, QWheelEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QScrollBar, QStyle, QStyleOptionSlider, QWidget

from petseg_gui.app import create_main_window
from petseg_gui.core.arrange import Arrangement, PhotoFilter, Sort
from petseg_gui.core.records import PhotoFlag, PhotoState
from petseg_gui.services.inference import InferenceService

TICK_MS = 1
FRAME_MS = 16
NOTCHES = 12
"""Of the wheel, between two frames: a wheel that is given a good push."""
DRAG_PIXELS = 3
"""Of the scroll bar's handle, between two frames: end to end in six seconds."""
LOOK_S = 1.0
"""How long a person looks at a photo, at least."""
MIB = 1 << 20


class Bench:
    """The window, with ways to wait that let its threads run as its own loop does."""

    def __init__(self, arguments: list[str]) -> None:
        InferenceService.start = lambda _self: None  # type: ignore[method-assign]
        self.window: Any = create_main_window(arguments)
        self.window.resize(1600, 1000)
        self.window.show()
        app = QApplication.instance()
        assert isinstance(app, QApplication)
        self.app = app
        self.review = self.window._review
        self.canvas = self._child("canvas")
        self.strip: Any = self._child("filmstrip")

    def _child(self, name: str) -> QWidget:
        found = self.window.findChild(QWidget, name)
        assert isinstance(found, QWidget)
        return found

    def until(self, done: Callable[[], bool], seconds: float = 120) -> None:
        """Process events until ``done``, asked after each of them."""
        end = time.monotonic() + seconds
        awake = QTimer()
        awake.start(5)
        while not done():
            if time.monotonic() > end:
                raise SystemExit("the application did not get there in time")
            self.app.processEvents(QEventLoop.ProcessEventsFlag.WaitForMoreEvents)

    def settle(self, seconds: float) -> None:
        """Let everything run for a while: nothing tells when all is over."""
        end = time.monotonic() + seconds
        self.until(lambda: time.monotonic() >= end)

    def open(self, folder: Path) -> None:
        """Open a folder; wait for its photo, and until photos have been looked after."""
        self.window.open_folder(folder)
        self.until(lambda: self.canvas.has_document)
        self.settle(1)
        self.until(lambda: not self.window._upkeep.busy, 600)
        self.settle(1)

    def show(self, name: str) -> None:
        """Go to a photo."""
        self.review.go_to(name)
        self.until(lambda: self.title_is(name))

    def title_is(self, name: str) -> bool:
        """Whether a photo is on show: the title says so."""
        return bool(self.window.windowTitle().startswith(name))


class Painted(QObject):
    """Notices that a widget is painted."""

    def __init__(self, widget: QWidget) -> None:
        super().__init__()
        self.seen = False
        widget.installEventFilter(self)

    def eventFilter(self, _watched: QObject, event: QEvent) -> bool:  # noqa: N802 - Qt's name
        """See the class."""
        self.seen |= event.type() == QEvent.Type.Paint
        return False


class Gaps:
    """Between ticks of a fast timer: how long the event loop came to nothing else.

    Attributes:
        wall: each gap in milliseconds.
        processor: time of the processor that this thread had meanwhile, in milliseconds: where it
            is far less, the thread waited for another one, or the machine for somebody else.
    """

    def __init__(self) -> None:
        self.wall: list[float] = []
        self.processor: list[float] = []
        self._last = (0.0, 0.0)

    @contextmanager
    def measured(self) -> Iterator[None]:
        """Measure what is done within."""
        timer = QTimer()
        timer.setTimerType(Qt.TimerType.PreciseTimer)
        timer.timeout.connect(self._tick)
        self._last = (time.perf_counter(), time.thread_time())
        timer.start(TICK_MS)
        yield
        timer.stop()

    def _tick(self) -> None:
        now = (time.perf_counter(), time.thread_time())
        self.wall.append(1e3 * (now[0] - self._last[0]))
        self.processor.append(1e3 * (now[1] - self._last[1]))
        self._last = now


def scroll(folder: Path) -> dict[str, object]:
    """Scroll the strip from end to end: by wheel, then back by dragging the scroll bar."""
    bench = Bench([])
    bench.open(folder)
    found = {}
    for way in (_wheel, _drag):
        gaps = Gaps()
        before = bench.strip._thumbnails.nbytes
        with gaps.measured():
            way(bench)
            bench.settle(1)  # the thumbnails of the last stop
        found[way.__name__.lstrip("_")] = {
            "wall": gaps.wall,
            "processor": gaps.processor,
            "thumbnails_mib": (bench.strip._thumbnails.nbytes - before) / MIB,
        }
    bench.window.close()
    return found


def _wheel(bench: Bench) -> None:
    viewport, bar = bench.strip.viewport(), bench.strip.horizontalScrollBar()
    bar.setValue(0)
    centre = QPointF(viewport.rect().center())

    def turn() -> None:
        for _notch in range(NOTCHES):
            event = QWheelEvent(
                centre,
                QPointF(viewport.mapToGlobal(centre.toPoint())),
                QPoint(),
                QPoint(0, -120),
                Qt.MouseButton.NoButton,
                Qt.KeyboardModifier.NoModifier,
                Qt.ScrollPhase.NoScrollPhase,
                False,
            )
            QApplication.sendEvent(viewport, event)

    _each_frame(bench, turn, lambda: bar.value() >= bar.maximum())


def _drag(bench: Bench) -> None:
    bar = bench.strip.horizontalScrollBar()
    option = QStyleOptionSlider()
    bar.initStyleOption(option)
    control, handle = QStyle.ComplexControl.CC_ScrollBar, QStyle.SubControl.SC_ScrollBarSlider
    place = bar.style().subControlRect(control, option, handle, bar).center()
    _mouse(bar, QEvent.Type.MouseButtonPress, place)

    def move() -> None:
        nonlocal place
        place -= QPoint(DRAG_PIXELS, 0)
        _mouse(bar, QEvent.Type.MouseMove, place)

    _each_frame(bench, move, lambda: bar.value() <= bar.minimum())
    _mouse(bar, QEvent.Type.MouseButtonRelease, place)


def _mouse(bar: QScrollBar, kind: QEvent.Type, place: QPoint) -> None:
    left, none = Qt.MouseButton.LeftButton, Qt.MouseButton.NoButton
    button = none if kind == QEvent.Type.MouseMove else left
    held = none if kind == QEvent.Type.MouseButtonRelease else left
    event = QMouseEvent(
        kind,
        QPointF(place),
        QPointF(bar.mapToGlobal(place)),
        button,
        held,
        Qt.KeyboardModifier.NoModifier,
    )
    QApplication.sendEvent(bar, event)


def _each_frame(bench: Bench, step: Callable[[], None], done: Callable[[], bool]) -> None:
    timer = QTimer()
    timer.setTimerType(Qt.TimerType.PreciseTimer)
    timer.timeout.connect(step)
    timer.start(FRAME_MS)
    bench.until(done)
    timer.stop()


def page(folder: Path) -> dict[str, object]:
    """From the key to the painted frame, through the photos of 12 megapixels."""
    bench = Bench([])
    bench.open(folder)
    names = bench.review.all_names
    bench.show(names[LARGE[0]])
    painted = Painted(bench.canvas)
    wall, processor = [], []
    for row in list(LARGE)[1:]:
        bench.settle(LOOK_S)
        bench.until(lambda name=names[row]: bench.review._loader.get(name) is not None)
        painted.seen = False
        began = (time.perf_counter(), time.thread_time())
        QTest.keyClick(bench.canvas, Qt.Key.Key_Right)
        bench.until(lambda name=names[row]: bench.title_is(name) and painted.seen)
        wall.append(1e3 * (time.perf_counter() - began[0]))
        processor.append(1e3 * (time.thread_time() - began[1]))
    shape = bench.canvas.mask().shape
    bench.window.close()
    return {"wall": wall, "processor": processor, "photo": f"{shape[1]}x{shape[0]}"}


def memory(folder: Path) -> dict[str, object]:
    """The empty window, then with the folder, scrolled through, then among large photos."""
    bench = Bench([])
    bench.settle(2)
    found = {"empty": _memory(bench)}
    bench.open(folder)
    found["opened"] = _memory(bench)
    _wheel(bench)
    _drag(bench)
    bench.settle(2)
    found["scrolled"] = _memory(bench)
    names = bench.review.all_names
    bench.show(names[LARGE[2]])
    bench.settle(5)
    found["large_photos"] = _memory(bench)
    bench.window.close()
    return found


def _memory(bench: Bench) -> dict[str, float]:
    """In MiB, when garbage is collected and the allocator has returned what is free."""
    bench.settle(1)
    gc.collect()
    ctypes.CDLL(None).malloc_trim(0)
    text = Path("/proc/self/smaps_rollup").read_text()
    found = {line.split(":")[0]: int(line.split()[1]) for line in text.splitlines()[1:]}
    return {"pss": found["Pss"] / 1024, "rss": found["Rss"] / 1024}


ARRANGEMENTS = {
    "by date": Arrangement(sort=Sort.DATE),
    "most uncertain first": Arrangement(sort=Sort.LEAST_SURE),
    "models disagree most": Arrangement(sort=Sort.DISAGREEMENT),
    "saved last": Arrangement(sort=Sort.SAVED),
    "by name, reversed": Arrangement(reverse=True),
    "not accepted": Arrangement(PhotoFilter(states=frozenset(PhotoState) - {PhotoState.ACCEPTED})),
    "accepted": Arrangement(PhotoFilter(states=frozenset({PhotoState.ACCEPTED}))),
    "flagged": Arrangement(PhotoFilter(flags=frozenset({PhotoFlag.FLAGGED}))),
    "tag, unsure, by confidence": Arrangement(
        PhotoFilter(tags=frozenset({"night"}), most=0.8), Sort.LEAST_SURE
    ),
    "search: samoyed indoors": Arrangement(PhotoFilter(text="samoyed indoors")),
    "all by name": Arrangement(),
}


def arrange(folder: Path) -> dict[str, object]:
    """From the call until the strip is painted; the photo on show may become another one."""
    bench = Bench([])
    bench.open(folder)
    painted = Painted(bench.strip.viewport())
    found: dict[str, dict[str, list[float]]] = {}
    for _turn in range(5):
        for name, wanted in ARRANGEMENTS.items():
            times = found.setdefault(name, {"wall": [], "processor": []})
            bench.settle(0.4)
            painted.seen = False
            began = (time.perf_counter(), time.thread_time())
            bench.review.list.arrange(wanted)
            bench.until(lambda: painted.seen)
            times["wall"].append(1e3 * (time.perf_counter() - began[0]))
            times["processor"].append(1e3 * (time.thread_time() - began[1]))
    listed = len(bench.review.names)
    bench.window.close()
    return {"listed": listed, "arrangements": found}


PARTS = {"scroll": scroll, "page": page, "memory": memory, "arrange": arrange}


if __name__ == "__main__":
    print(json.dumps(PARTS[sys.argv[1]](Path(sys.argv[2]))))
