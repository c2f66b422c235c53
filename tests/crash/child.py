"""The child: a real review without a window, in which somebody does things at random."""

from __future__ import annotations

import logging
import random
import sys
import threading
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path
from unittest import mock

import numpy as np
from PySide6.QtCore import QCoreApplication, QTimer

from model.labels import MaskArray
from petseg_gui.core.exchange import exporting, importing
from petseg_gui.core.exchange.entries import ImportOptions
from petseg_gui.core.mask import Patch
from petseg_gui.core.records import PhotoFlag, Provenance
from petseg_gui.core.session import EditSession
from petseg_gui.core.store import Project
from petseg_gui.services.messages import Message, Messages
from petseg_gui.services.ports import Services
from petseg_gui.services.tasks import TaskRunner
from petseg_gui.services.upkeep import Upkeep
from petseg_gui.ui.review_controller import ReviewController
from tests.crash.journal import Journal, digest
from tests.crash.photos import MODEL, PREDICTED, cleared, index_mask, predicted_mask
from tests.crash.work import Work
from tests.gui.harness import FakeFineTuning, FakeInference, FakeModels

LONGEST_MS = 60_000
"""A child that nobody kills ends by itself."""
BEAT_SECONDS = 0.02
"""How often the child's clock ticks, on a thread of its own that writes as little as possible."""
HOLD_MS = 900
PAUSE_MS = 50
"""Between two things that are done, at most."""
# Kinds whose export takes no TensorFlow and little time.
_EXPORTS = ("oxford", "palette", "binary", "coco", "yolo", "cutouts")


def run(work: Work) -> None:
    """Do it until somebody kills this process."""
    # What the user is told is in the journal; the standard error is for what nobody expected.
    logging.getLogger().addHandler(logging.NullHandler())
    application = QCoreApplication(["review"])
    review = RandomReview(work)
    review.begin()
    QTimer.singleShot(LONGEST_MS, application.quit)
    threading.Thread(target=_beat, args=(review.journal,), daemon=True).start()
    sys.excepthook = partial(_excepted, review.journal)
    application.exec()


def _beat(journal: Journal) -> None:
    while True:
        journal.beat()
        time.sleep(BEAT_SECONDS)


def _excepted(journal: Journal, kind: object, error: BaseException, _trace: object) -> None:
    journal.write("trouble", f"{kind}: {error}")


class RandomReview:
    """What a window would do, by chance."""

    def __init__(self, work: Work) -> None:
        self.journal = Journal(Path(work.journal))
        self._work = work
        self._random = random.Random(work.seed)
        messages = Messages()
        messages.posted.connect(self._told)
        self._inference = FakeInference()
        self._services = Services(
            messages=messages,
            reader=TaskRunner(2),
            writer=TaskRunner(1),
            inference=self._inference,
            finetuning=FakeFineTuning(),
            models=FakeModels(),
            build_request=lambda _project, model, settings, go_on: (
                model.id,
                dict(settings),
                go_on,
            ),
            oxford_ready=lambda: False,
            augmented=lambda _labels, _count: [],
        )
        self._exchange = TaskRunner(1)
        self.review = ReviewController(self._services, None)
        self.review.folderOpened.connect(self._opened)
        self.review.folderFailed.connect(partial(self.journal.write, "trouble"))
        self.review.photoShown.connect(lambda _photo, session: self._screen("shown", session))
        self.review.sessionReplaced.connect(partial(self._screen, "predicted"))
        self._upkeep = Upkeep(self._services.reader, messages)
        self._upkeep.changed.connect(self.review.read_records)
        self._calm: dict[Callable[[], None], float] = {
            self._begin_stroke: 10,
            self._undo: 3,
            self._redo: 1.5,
            self._rest: 3,
            self.review.save: 0.5,
            self.review.accept_and_next: 0.5,
            self.review.next: 1,
            self.review.previous: 1,
            self._note: 0.5,
        }
        # Whatever a dialog does writes all drafts first: the calm rely on the keeper's timer.
        self._all = self._calm | {
            self._rest: 1,
            self.review.save: 1.5,
            self.review.accept_and_next: 1.5,
            self.review.skip: 0.3,
            self.review.next: 2,
            self.review.previous: 2,
            self._go_anywhere: 2,
            self._restore: 1,
            self._clear: 0.7,
            self._accept_as_is: 0.7,
            self._import: 0.7,
            self._export: 0.7,
            self._note: 1,
            self._predict: 0.5,
        }
        self._waiting = False
        self._exporting = False
        self._next = QTimer()
        self._next.setSingleShot(True)
        self._next.timeout.connect(self._act)

    def begin(self) -> None:
        """Open the folder; all else follows."""
        self.review.open_folder(Path(self._work.folder))

    @property
    def _project(self) -> Project:
        assert self.review.project is not None
        return self.review.project

    def _opened(self, _names: object) -> None:
        self._watch(self._project)
        self._upkeep.open_project(self._project)
        if self._work.script != "paint once":
            self._next.start(0)
        else:
            self.review.photoShown.connect(self._paint_once)

    def _told(self, message: Message) -> None:
        if message.kind != "info" and "has no mask yet" not in message.text:
            self.journal.write("trouble", message.text)

    def _screen(self, what: str, session: EditSession) -> None:
        self.journal.write("screen", what, session.photo, digest(session.view()))

    def _watch(self, project: Project) -> None:
        """Write down when labels are saved."""
        save = project.save_label

        def saved(name: str, mask: MaskArray, provenance: Provenance, *, accept: bool) -> Path:
            found = digest(mask)
            number = self.journal.begin("save", name, found)
            path = save(name, mask, provenance, accept=accept)
            self.journal.end("save", name, found, number)
            return path

        mock.patch.object(project, "save_label", saved).start()

    # ------------------------------------------------------------------ one thing after the other

    def _act(self) -> None:
        self._next.start(self._random.randrange(PAUSE_MS))
        session = self.review.session
        if self._waiting or session is None:
            return
        if session.in_gesture:
            self._go_on_with_stroke(session)
            return
        doings = self._calm if self._work.script == "calm" else self._all
        self._random.choices(list(doings), list(doings.values()))[0]()

    def _anyone(self) -> str:
        return self._random.choice(self.review.all_names)

    def _begin_stroke(self) -> None:
        session = self.review.session
        assert session is not None
        session.begin("stroke")
        self._go_on_with_stroke(session)
        # Most strokes are short.
        if self._random.random() < 0.7 and session.in_gesture:
            self._end_stroke(session)

    def _go_on_with_stroke(self, session: EditSession) -> None:
        choice = self._random.random()
        if choice < 0.2:
            session.abort()
            self._screen("aborted", session)
        elif choice < 0.4:
            self._end_stroke(session)
        else:
            _paint(session, self._random)
            if choice > 0.7:  # somebody holds the button down
                self._next.start(self._random.randrange(HOLD_MS))

    def _end_stroke(self, session: EditSession) -> None:
        if session.commit():
            self._screen("stroke", session)
            self.review.gesture_committed()

    def _paint_once(self, _photo: object, session: EditSession) -> None:
        session.begin("stroke")
        _paint(session, self._random)
        self._end_stroke(session)

    def _undo(self) -> None:
        self.review.undo()
        if (session := self.review.session) is not None:
            self._screen("undo", session)

    def _redo(self) -> None:
        self.review.redo()
        if (session := self.review.session) is not None:
            self._screen("redo", session)

    def _rest(self) -> None:
        self._next.start(self._random.randrange(800))

    def _go_anywhere(self) -> None:
        self.review.go_to(self._anyone())

    def _note(self) -> None:
        name = self._anyone()
        choice = self._random.randrange(4)
        if choice == 0:
            self.review.decisions.toggle_flag(name)
        elif choice == 1:
            self.review.decisions.set_tags(name, [f"tag {self._random.randrange(5)}"])
        elif choice == 2:
            self.review.decisions.add_seconds(name, 1.0)
        elif self.review.state.records[name].flag is not PhotoFlag.FLAGGED:
            self.review.decisions.set_note(name, f"note {self._random.randrange(100)}")

    def _predict(self) -> None:
        if (name := self._anyone()) in PREDICTED:
            self._inference.deliver(name, predicted_mask())

    # ------------------------------------------------------------------ as dialogs do it

    def _wait_for(self, runner: TaskRunner, work: Callable[[], list[str]]) -> None:
        """Nobody paints while labels change on disk: all drafts are there, then masks are read."""
        self._waiting = True
        self.review.flush_drafts()

        def ended(names: list[str]) -> None:
            self.review.reload(names, unsaved_too=True)
            self._waiting = False

        def written(_nothing: object) -> None:
            runner.run(lambda _state: work(), ended)

        self._services.writer.run(lambda _state: None, written)

    def _restore(self) -> None:
        name, project, choice = self._anyone(), self._project, self._random.random()

        def work() -> list[str]:
            versions = project.versions(name)
            if not versions:
                return []
            version = versions[int(choice * len(versions))].id
            found = digest(project.read_version(name, version))
            number = self.journal.begin("restore", name, found)
            project.restore_version(name, version)
            self.journal.end("restore", name, found, number)
            return [name]

        self._wait_for(self._services.writer, work)

    def _clear(self) -> None:
        name, project = self._anyone(), self._project

        def work() -> list[str]:
            found = digest(cleared(name))
            number = self.journal.begin("clear", name, found)
            project.clear_label(name)
            self.journal.end("clear", name, found, number)
            return [name]

        self._wait_for(self._services.writer, work)

    def _accept_as_is(self) -> None:
        name, project = self._anyone(), self._project

        def work() -> list[str]:
            mask = project.read_draft(name)
            if mask is None:
                mask = project.read_label(name)
            if mask is None:
                mask = project.read_prediction(name, MODEL)
            if mask is None:
                return []
            number = self.journal.begin("save", name, digest(mask))
            project.accept_as_is(name)
            self.journal.end("save", name, digest(mask), number)
            return [name]

        self._wait_for(self._services.writer, work)

    def _import(self) -> None:
        project, source = self._project, Path(self._work.source)
        options = ImportOptions(accept=self._random.random() < 0.5)
        overwrite = self._random.random() < 0.7

        def work() -> list[str]:
            plan = importing.plan_import(project, source, "index", options)
            begun = {
                item.photo: self.journal.begin(
                    "import", item.photo, digest(index_mask(source, item.photo))
                )
                for item in plan.items
                if not item.unchanged
            }
            report = importing.run_import(plan, overwrite=overwrite)
            for failed in report.failed:
                self.journal.write("trouble", f"import: {failed.title}: {failed.reason}")
            for name in report.saved:
                self.journal.end("import", name, digest(index_mask(source, name)), begun[name])
            return report.saved

        self._wait_for(self._exchange, work)

    def _export(self) -> None:
        if self._exporting:
            return
        project, kind = self._project, self._random.choice(_EXPORTS)
        options = exporting.ExportOptions(everything=True)
        target = Path(self._work.target) / kind

        def work(_state: object) -> None:
            if any(record.label for record in project.records().values()):
                plan = exporting.plan_export(project, target, kind, options)
                exporting.run_export(plan, overwrite=True)

        def failed(error: Exception) -> None:
            self._exporting = False
            # Labels may be cleared while it plans.
            if not isinstance(error, exporting.ExchangeError):
                raise error

        def ended(_nothing: None) -> None:
            self._exporting = False

        self._exporting = True
        self._exchange.run(work, ended, failed)


def _paint(session: EditSession, chance: random.Random) -> None:
    height, width = session.shape
    side = chance.randrange(4, 30)
    x, y = chance.randrange(-side // 2, width), chance.randrange(-side // 2, height)
    session.paint(Patch(x, y, np.ones((side, side), np.bool_), chance.randrange(1, 4)))
