"""How fast the window answers while it predicts and fine-tunes, and what many runs leave behind.

    python benchmarks/latency.py [--epochs 12] [--labels 12] [--photos 240] [--runs 20]

Two parts, each the real application on real photos, in a process of its own:

- ``session``: a hand paints all the time, 125 mouse events a second, from the first photo on:
  while TensorFlow is imported, the model loaded, photos are predicted and accepted, and, with
  predictions still coming, while a fine-tune by the Quick preset trains, compares and its model
  comes into use.  A
  timer that should fire every 5 ms tells how late the event loop runs, from when the window is
  shown until the end.  Limits: brush event to painted frame 8 ms (95th percentile), lateness
  16 ms (99th percentile) and 100 ms (longest).
- ``runs``: a fine-tune is started, and cancelled after its second step, again and again.  Limits:
  one more step until it has stopped; memory (PSS, garbage collected) after the last run at most
  150 MB over that after the first.

The longest gaps are listed with what the application was doing, and, in the meantime, the time of
the processor that the window's thread and the whole process had; 'ready' is how long the window's
thread could have run and was kept waiting for a processor, by this process or another one.
'other_processes' is the part of that wait which this process's other threads cannot have caused;
the figures are also given without it.  ``--stacks FILE`` has what every thread was doing in each
gap written there; it looks at threads while they run, which now and then ends the process.
"""

from __future__ import annotations

import argparse
import ctypes
import gc
import json
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from _support import fill, isolate, report, summary

AFTERWARDS_S = 15
PAGE_S = 10
QUIET_S = 5
LIMITS = {
    "brush_p95_ms": 8,
    "lateness_p99_ms": 16,
    "lateness_max_ms": 100,
    "steps_after_cancel": 1,
    "memory_growth_mb": 150,
}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--epochs", type=int, default=12, help="Quick has 12")
    parser.add_argument("--labels", type=int, default=12)
    parser.add_argument("--photos", type=int, default=240)
    parser.add_argument("--runs", type=int, default=20)
    parser.add_argument("--only", choices=PARTS, nargs="+", default=list(PARTS))
    parser.add_argument("--stacks", type=Path, help="where to write what happened in the gaps")
    parser.add_argument("--inside", type=Path, help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.inside:
        print(json.dumps(PARTS[arguments.only[0]](arguments)))
        return
    found = {}
    for part in arguments.only:
        with tempfile.TemporaryDirectory() as name:
            work = Path(name)
            isolate(work)
            fill(work / "photos", arguments.photos)
            inside = ["--inside", str(work / "photos"), "--only", part]
            command = [sys.executable, __file__, *sys.argv[1:], *inside]
            done = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=True)
            found[part] = json.loads(done.stdout)
    report("latency", **found, limits=LIMITS, met=_met(found))


def _met(found: dict[str, Any]) -> dict[str, bool]:
    figures: dict[str, float] = {}
    if session := found.get("session"):
        lateness = session["lateness"]["all"]
        figures["brush_p95_ms"] = session["brush"]["all"]["p95"]
        figures["lateness_p99_ms"], figures["lateness_max_ms"] = lateness["p99"], lateness["max"]
    if runs := found.get("runs"):
        figures["steps_after_cancel"] = runs["steps_after_cancel"]["max"]
        figures["memory_growth_mb"] = runs["memory_mb"]["growth"]
    return {name: figure <= LIMITS[name] for name, figure in figures.items()}


class Person:
    """The window, with somebody in front of it who paints, and says what happens meanwhile."""

    def __init__(self, arguments: argparse.Namespace) -> None:
        self.began = time.perf_counter()
        from _latency_watch import Lateness, Painter
        from PySide6.QtWidgets import QApplication, QWidget

        from petseg_gui.app import create_main_window

        self.window: Any = create_main_window([str(arguments.inside)])
        self.app: Any = QApplication.instance()
        self.review, self.services = self.window._review, self.window._services
        stacks = arguments.stacks.open("w") if arguments.stacks else None
        self.lateness = Lateness(self.began, stacks)
        self.painter = Painter(self.window.findChild(QWidget, "canvas"))
        self.moments: list[tuple[float, str]] = []
        self.window.resize(1600, 1000)
        self.window.show()
        self.lateness.start()
        self.painter.start()
        self.say("first photo, import of TensorFlow, model")
        self.steps: list[Any] = []
        self.ended: list[str] = []
        self.outcome: Any = None
        trainer = self.services.finetuning
        trainer.phase.connect(lambda text: self.say(f"fine-tune: {text}"))
        trainer.stepped.connect(self.steps.append)
        trainer.finished.connect(lambda outcome: self._end("finished", outcome))
        trainer.cancelled.connect(lambda: self._end("cancelled", None))
        trainer.failed.connect(lambda reason: self._end(f"failed: {reason}", None))

    def _end(self, how: str, outcome: Any) -> None:
        self.ended.append(how)
        self.outcome = outcome

    def say(self, phase: str) -> None:
        """Another phase begins."""
        self.lateness.phase = self.painter.phase = phase
        self.moments.append((round(time.perf_counter() - self.began, 2), phase))

    def until(self, done: Callable[[], bool], seconds: float) -> None:
        """Let the application run until ``done``, which is asked 20 times a second."""
        from PySide6.QtCore import QEventLoop, QTimer

        loop = QEventLoop()
        check = QTimer()
        check.timeout.connect(lambda: loop.quit() if done() else None)
        check.start(50)
        end = QTimer()
        end.setSingleShot(True)
        end.timeout.connect(loop.quit)
        end.start(int(seconds * 1000))
        loop.exec()
        check.stop()
        if not done():
            raise SystemExit(f"the application did not get there in time: {self.moments[-1]}")

    def let_run(self, seconds: float) -> None:
        """Go on painting for a while."""
        end = time.perf_counter() + seconds
        self.until(lambda: time.perf_counter() >= end, seconds + 60)

    def act(self, action: str) -> None:
        """Choose from the menu, with the mouse button up."""
        self.painter.lift()
        self.window._actions[action].trigger()

    def accept(self, count: int) -> None:
        """Correct and accept photos, one after the other, as their predictions come."""
        for _photo in range(count):
            strokes = self.painter.strokes
            self.until(lambda before=strokes: self._worked_on(before), 300)
            self.act("actionAcceptAndNext")
        self.until(lambda: self.review.counts().accepted >= count, 60)

    def _worked_on(self, strokes: int) -> bool:
        if self.painter.strokes <= strokes:
            return False
        record = self.review.record(self.review.current) if self.review.current else None
        return record is not None and record.predicted_by is not None

    def start_fine_tune(self, epochs: int) -> None:
        """By the button, with the photos that there are."""
        self.steps.clear()
        self.ended.clear()
        self.say("fine-tune: starting")
        self.window._parts.fine_tune.set_settings({"epochs": epochs})
        self.act("actionFineTune")

    def adopt(self) -> None:
        """Bring the new model into use, whatever came of the comparison."""
        from PySide6.QtWidgets import QPushButton

        self.say("new model in use")
        if not self.outcome.adopted:
            self.painter.lift()
            self.window.findChild(QPushButton, "adoptButton").click()

    def leave(self) -> None:
        """Close the window."""
        self.painter.stop()
        self.lateness.stop()
        for name in self.review.unsaved():
            self.review.state.sessions.pop(name, None)  # nobody answers a question
        self.window.close()


def session(arguments: argparse.Namespace) -> dict[str, Any]:
    """One sitting from the start to predictions by the fine-tuned model."""
    person = Person(arguments)
    inference = person.services.inference
    loaded: list[str] = []
    predicted: list[float] = []
    inference.modelLoaded.connect(lambda model, _device: loaded.append(model))
    inference.predicted.connect(lambda _name: predicted.append(time.perf_counter()))
    person.until(lambda: bool(loaded), 120)
    person.say("predictions")
    person.accept(arguments.labels)
    began = time.perf_counter()
    person.start_fine_tune(arguments.epochs)
    turned = [began]

    def work() -> bool:
        if time.perf_counter() - turned[0] > PAGE_S:
            turned[0] = time.perf_counter()
            person.act("actionNext")
        return bool(person.ended)

    person.until(work, 1800)
    ended = time.perf_counter()
    if person.ended != ["finished"]:
        raise SystemExit(f"the fine-tune did not finish: {person.ended}")
    person.adopt()
    person.until(lambda: len(loaded) > 1, 120)
    person.say("predictions with the new model")
    person.let_run(AFTERWARDS_S)
    person.say("end")
    person.leave()
    return {
        "brush": person.painter.figures(),
        "lateness": person.lateness.figures(),
        "moments_s": person.moments,
        "fine_tune": {
            "seconds": round(ended - began, 1),
            "steps": len(person.steps),
            "photos_predicted_meanwhile": sum(began < at < ended for at in predicted),
            "photos_predicted": len(predicted),
        },
    }


def runs(arguments: argparse.Namespace) -> dict[str, Any]:
    """Start and cancel, again and again, when all photos are predicted and take no more memory."""
    person = Person(arguments)
    predicted = [time.perf_counter()]
    person.services.inference.predicted.connect(lambda _name: predicted.append(time.perf_counter()))
    person.accept(arguments.labels)
    person.painter.stop()
    person.until(lambda: time.perf_counter() - predicted[-1] > QUIET_S, 600)
    waits, steps, memory = [], [], []
    for _run in range(arguments.runs):
        person.start_fine_tune(arguments.epochs)
        person.until(lambda: len(person.steps) >= 2 or bool(person.ended), 300)
        seen, cancelled = person.steps[-1].step, time.perf_counter()
        person.act("actionCancelFineTune")
        person.until(lambda: bool(person.ended), 60)
        waits.append(1e3 * (time.perf_counter() - cancelled))
        steps.append(person.steps[-1].step - seen)
        if person.ended != ["cancelled"]:
            raise SystemExit(f"a run was not cancelled: {person.ended}")
        person.let_run(0.5)
        memory.append(_memory())
    person.say("end")
    person.leave()
    return {
        "runs": arguments.runs,
        "steps_after_cancel": {"max": max(steps), "all": steps},
        "cancel_to_stopped": summary(waits, "ms", 1),
        "memory_mb": {
            "first": memory[0],
            "last": memory[-1],
            "growth": round(memory[-1] - memory[0], 1),
            "all": memory,
        },
        "lateness": person.lateness.figures(),
    }


def _memory() -> float:
    """PSS in MB, when garbage is collected and the allocator has returned what is free."""
    gc.collect()
    ctypes.CDLL(None).malloc_trim(0)
    text = Path("/proc/self/smaps_rollup").read_text()
    (line,) = (line for line in text.splitlines() if line.startswith("Pss:"))
    return round(int(line.split()[1]) * 1024 / 1e6, 1)


PARTS: dict[str, Callable[[argparse.Namespace], dict[str, Any]]] = {
    "session": session,
    "runs": runs,
}


if __name__ == "__main__":
    main()
