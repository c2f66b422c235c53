"""How late an event loop is, and how long strokes take to be painted, with what it was doing."""

from __future__ import annotations

import ctypes
import faulthandler
import heapq
import itertools
import math
import os
import threading
import time
from collections import Counter
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any, TextIO

from _support import summary
from PySide6.QtCore import QEvent, QObject, QPointF, Qt, QTimer
from PySide6.QtGui import QMouseEvent
from PySide6.QtWidgets import QApplication, QWidget

TICK_MS = 5
EVENT_MS = 8
"""A mouse reports 125 times a second."""
MOVES, REST = 60, 10
"""Events of a stroke, and how many a hand rests for between two strokes."""
WORST = 10
STACKS_AFTER_S = 0.03


class Lateness:
    """A fast timer, the time by which it is late, and what took the processors meanwhile.

    A click may come at any moment, also in the midst of a gap: so a gap of 100 ms counts as one
    wait of 100 ms, one of 95 ms, and so on, not as one late tick among many.

    Attributes:
        phase: what the application is doing, to be set by whoever knows.
    """

    def __init__(self, began: float, stacks: TextIO | None) -> None:
        self.phase = "start"
        self._began = began
        self._stacks = stacks
        self._late: dict[str, list[float]] = {}
        self._own: list[float] = []
        self._worst: list[tuple[float, int, dict[str, Any]]] = []
        self._count = 0
        self._ready = _Ready()
        self._last = self._now()
        self._timer = QTimer()
        self._timer.setTimerType(Qt.TimerType.PreciseTimer)
        self._timer.timeout.connect(self._tick)

    def start(self) -> None:
        """Measure from now on."""
        self._last = self._now()
        self._timer.start(TICK_MS)

    def stop(self) -> None:
        """Measure no more."""
        self._timer.stop()
        faulthandler.cancel_dump_traceback_later()

    def _now(self) -> tuple[float, float, float, float]:
        return time.perf_counter(), time.thread_time(), time.process_time(), self._ready.seconds()

    def _tick(self) -> None:
        now = self._now()
        wall, thread, process, ready = (1e3 * (b - a) for a, b in zip(self._last, now, strict=True))
        self._last = now
        late = wall - TICK_MS
        # While it waited for a processor, the other threads of the process had at most their own
        # time: the rest of the wait was another process's doing.
        others = max(0.0, ready - (process - thread))
        self._own.append(max(late - others, 0.0))
        waits = self._late.setdefault(self.phase, [])
        waits.extend(self._spread([late]))
        self._count += 1
        if wall > 3 * TICK_MS:
            gap = {
                "late_ms": round(wall - TICK_MS, 1),
                "at_s": round(now[0] - self._began - wall / 1e3, 2),
                "phase": self.phase,
                "window_thread_cpu_ms": round(thread, 1),
                "window_thread_ready_ms": round(ready, 1),
                "process_cpu_ms": round(process, 1),
                "other_processes_ms": round(others, 1),
            }
            entry = (wall, self._count, gap)
            if len(self._worst) < WORST:
                heapq.heappush(self._worst, entry)
            else:
                heapq.heappushpop(self._worst, entry)
        if self._stacks is not None:
            if wall > 1e3 * STACKS_AFTER_S:
                print(f"=== {wall:.0f} ms until {now[0] - self._began:.2f} s", file=self._stacks)
                self._stacks.flush()
            faulthandler.dump_traceback_later(STACKS_AFTER_S, repeat=True, file=self._stacks)

    @staticmethod
    def _spread(gaps: Iterable[float]) -> Iterator[float]:
        for late in gaps:
            yield max(late, 0.0)
            while (late := late - TICK_MS) > 0:
                yield late

    def figures(self) -> dict[str, Any]:
        """Lateness in all, by phase, and the worst gaps."""
        return {
            "all": summary([late for waits in self._late.values() for late in waits], "ms", 1),
            "without_other_processes": summary([*self._spread(self._own)], "ms", 1),
            "by_phase": {
                phase: summary(waits, "ms", 1) for phase, waits in self._late.items() if waits
            },
            "worst": [gap for _wall, _count, gap in sorted(self._worst, reverse=True)],
        }


class _Ready:
    """How long this thread was ready to run while another one had the processor (Linux)."""

    def __init__(self) -> None:
        path = f"/proc/self/task/{threading.get_native_id()}/schedstat"
        self._file = os.open(path, os.O_RDONLY) if Path(path).exists() else None
        self._buffer = ctypes.create_string_buffer(128)
        # A function of a PyDLL keeps the interpreter's lock: to let go of it here would cost
        # the wait for it that is being measured.
        self._read: Any = ctypes.PyDLL(None).pread if self._file is not None else None

    def seconds(self) -> float:
        """Since the thread began."""
        if self._file is None:
            return 0.0
        size = self._read(self._file, self._buffer, 128, ctypes.c_long(0))
        return int(self._buffer.raw[:size].split()[1]) / 1e9


class Painter(QObject):
    """A hand that paints stroke after stroke, and how long each event waits for its frame.

    A real mouse does not wait for the program: an event counts from when it was due, and when
    the loop comes late, it finds the ones that were due meanwhile made into one, as Qt does.

    Attributes:
        phase: see :class:`Lateness`.
    """

    def __init__(self, canvas: QWidget) -> None:
        super().__init__()
        self.phase = "start"
        self.strokes = 0
        self.resting = True
        self._canvas: Any = canvas
        self._waits: dict[str, list[float]] = {}
        self._unseen: Counter[str] = Counter()
        self._began = self._due = 0.0
        self._asked: float | None = None
        self._at = 0
        self._events = self._hand()
        # Wound up anew for every event.  Qt moves the beat of a timer that repeats when it comes
        # late once: all the events after it would count as late by so much.
        self._timer = QTimer(self)
        self._timer.setTimerType(Qt.TimerType.PreciseTimer)
        self._timer.setSingleShot(True)
        self._timer.timeout.connect(self._event)
        self._note_frames(type(canvas))

    def start(self) -> None:
        """Paint from now on, whenever there is a photo."""
        self._began = time.perf_counter()
        self._wind_up(self._began)

    def _wind_up(self, now: float) -> None:
        """Have the next event come on the mouse's beat, to the half of a millisecond."""
        period = EVENT_MS / 1e3
        wait = max(round(1e3 * (period - (now - self._began) % period)), 1)
        self._due = now + wait / 1e3
        self._timer.start(wait)

    def stop(self) -> None:
        """End the stroke and paint no more."""
        self._timer.stop()
        self.lift()

    def lift(self) -> None:
        """End the stroke, if there is one."""
        if not self.resting:
            self._send(QEvent.Type.MouseButtonRelease, self._point(0))
        self._events = self._hand()
        self.resting = True

    def figures(self) -> dict[str, Any]:
        """From when an event was due until its frame was painted."""
        waits = [wait for some in self._waits.values() for wait in some]
        return {
            "all": summary(waits, "ms", 1),
            "by_phase": {phase: summary(some, "ms", 1) for phase, some in self._waits.items()},
            "events_without_a_frame_of_their_own": sum(self._unseen.values()),
            "strokes": self.strokes,
        }

    def _event(self) -> None:
        now, due = time.perf_counter(), self._due
        self._wind_up(now)
        if not (self._canvas.has_document and self._canvas.isEnabled()):
            self._asked = None
            self.lift()
        elif next(self._events):
            if self._asked is not None:
                self._unseen[self.phase] += 1
                due = self._asked  # it still waits
            self._asked = min(due, now)
            # The move itself is sent last: what it asks for is painted when this has returned.
            self._send(QEvent.Type.MouseMove, self._point(self._at))

    def _hand(self) -> Iterator[bool]:
        """Presses and releases; True where the mouse is to be moved."""
        for stroke in itertools.count():
            self._at = stroke * MOVES
            for _pause in range(REST):
                yield False
            self._send(QEvent.Type.MouseButtonPress, self._point(self._at))
            self.resting = False
            yield False
            for _move in range(1, MOVES):
                self._at += 1
                yield True
            self._asked = None
            self._send(QEvent.Type.MouseButtonRelease, self._point(self._at))
            self.resting = True
            self.strokes += 1
            yield False

    def _point(self, event: int) -> QPointF:
        """On a curve over the canvas, about 6 pixels from one event to the next."""
        width, height = self._canvas.width(), self._canvas.height()
        angle = 6 * event / (0.3 * height)
        return QPointF(
            width / 2 + 0.2 * width * math.cos(0.37 * angle),
            height / 2 + 0.2 * height * math.sin(angle),
        )

    def _send(self, kind: QEvent.Type, point: QPointF) -> None:
        left, none = Qt.MouseButton.LeftButton, Qt.MouseButton.NoButton
        event = QMouseEvent(
            kind,
            point,
            QPointF(self._canvas.mapToGlobal(point)),
            none if kind == QEvent.Type.MouseMove else left,
            none if kind == QEvent.Type.MouseButtonRelease else left,
            Qt.KeyboardModifier.NoModifier,
        )
        QApplication.sendEvent(self._canvas, event)

    def _note_frames(self, kind: Any) -> None:
        paint = kind.paintEvent

        def noted(canvas: QWidget, event: Any) -> None:
            paint(canvas, event)
            if self._asked is not None:
                wait = 1e3 * (time.perf_counter() - self._asked)
                self._waits.setdefault(self.phase, []).append(wait)
                self._asked = None

        kind.paintEvent = noted
