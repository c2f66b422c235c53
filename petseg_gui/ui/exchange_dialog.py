"""What the dialogs of import and export have in common: a plan in words, then the run."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from PySide6.QtCore import Signal
from PySide6.QtWidgets import (
    QDialog,
    QFileDialog,
    QFormLayout,
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QPlainTextEdit,
    QProgressBar,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from model.files import write_atomically
from petseg_gui.core.exchange.common import ExchangeError
from petseg_gui.core.records import StoreError
from petseg_gui.services.tasks import TaskRunner
from petseg_gui.ui.job import Job

MOST_LINES = 200
"""Of a report; the whole of it can be saved."""
TOLD = (ExchangeError, StoreError, OSError, ValueError)
"""What can go wrong with files; its text says what to do."""


class PathEdit(QWidget):
    """A line for a path with buttons to choose one.

    Signals:
        changed: the path is another one.
    """

    changed = Signal()

    def __init__(self, name: str, what: str, *, files: bool) -> None:
        super().__init__()
        self.line = QLineEdit()
        self.line.setObjectName(name)
        self.line.setAccessibleName(what)
        self.line.textChanged.connect(lambda _text: self.changed.emit())
        self._what = what
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.addWidget(self.line, 1)
        for text, wanted, slot in (
            ("File…", files, self._choose_file),
            ("Folder…", True, self._choose_folder),
        ):
            if wanted:
                button = QPushButton(text)
                button.setAutoDefault(False)
                button.clicked.connect(slot)
                row.addWidget(button)

    @property
    def path(self) -> Path | None:
        """What is chosen; None: nothing yet."""
        text = self.line.text().strip()
        return Path(text).expanduser() if text else None

    def _choose_file(self) -> None:
        found, _ = QFileDialog.getOpenFileName(self, self._what, self.line.text())
        if found:
            self.line.setText(found)

    def _choose_folder(self) -> None:
        found = QFileDialog.getExistingDirectory(self, self._what, self.line.text())
        if found:
            self.line.setText(found)


class ExchangeDialog(QDialog):
    """A form, a report, progress, and the buttons that start and stop.

    Signals:
        told: how the work ended, in a line, and whether it failed; only after it was closed.

    Attributes:
        form: where the choices go.
        report: what would happen, and what did.
        job: the work under way.
        writing: it is more than a plan.
        closed: nobody looks at it any more.
    """

    told = Signal(str, bool)

    def __init__(
        self, title: str, run: tuple[str, str], tasks: TaskRunner, parent: QWidget | None
    ) -> None:
        super().__init__(parent)
        self.setWindowTitle(title)
        self.job = Job(tasks, self)
        self.writing = False
        self._choices = QWidget()
        self.form = QFormLayout(self._choices)
        self.form.setContentsMargins(0, 0, 0, 0)
        self.report = QPlainTextEdit()
        self.report.setObjectName("exchangeReport")
        self.report.setReadOnly(True)
        self.report.setTabChangesFocus(True)
        self.report.setAccessibleName("What would be done, and what was")
        self.report.setMinimumHeight(150)
        self.progress = QProgressBar()
        self.progress.setAccessibleName("Progress")
        name, text = run
        self.run_button = QPushButton(text)
        self.run_button.setObjectName(name)
        self.stop_button = QPushButton("Cancel")
        self.stop_button.setObjectName("stopExchange")
        self.close_button = QPushButton("Close")
        self.close_button.setObjectName("closeExchange")
        for button in (self.run_button, self.stop_button, self.close_button):
            button.setAutoDefault(False)
        self.save_button = QPushButton("&Save report…")
        self.save_button.setObjectName("saveReport")
        self.save_button.setAutoDefault(False)
        self.save_button.hide()
        self.save_button.clicked.connect(self._save)
        self.problem = QLabel()
        self.problem.setObjectName("exchangeProblem")
        self.problem.setWordWrap(True)
        self.problem.hide()
        self._text = ""
        self.closed = False
        self.run_button.clicked.connect(self.run)
        self.stop_button.clicked.connect(self.job.stop)
        self.close_button.clicked.connect(self.reject)
        self.buttons = QHBoxLayout()
        self.buttons.addWidget(self.progress, 1)
        self.buttons.addWidget(self.save_button)
        self.buttons.addStretch(1)
        for button in (self.stop_button, self.run_button, self.close_button):
            self.buttons.addWidget(button)
        layout = QVBoxLayout(self)
        layout.addWidget(self._choices)
        layout.addWidget(self.report, 1)
        layout.addWidget(self.problem)
        layout.addLayout(self.buttons)
        self.job.progressed.connect(self._progressed)
        self.job.runningChanged.connect(lambda _running: self.follow())
        self.resize(680, 520)

    def run(self) -> None:
        """Do what the report says."""
        raise NotImplementedError

    def follow(self) -> None:
        """Enable what can be done now."""
        running = self.job.running
        self.writing = self.writing and running
        # Another choice drops a plan that is being made, but not what is being written.
        self._choices.setEnabled(not self.writing)
        self.progress.setVisible(running)
        self.stop_button.setVisible(running)
        if not running:
            self.progress.reset()

    def say(self, text: str, *, keep: bool = False, failed: bool = False) -> None:
        """Show a text in the report.

        Args:
            text: of a long one, the beginning is shown.
            keep: it is worth to be saved.
            failed: it tells of a failure.
        """
        self._text = text
        lines = text.split("\n")
        more = len(lines) - MOST_LINES
        if more > 0:
            lines = [*lines[:MOST_LINES], f"and {more:,} more"]
        self.report.setPlainText("\n".join(lines))
        self.save_button.setVisible(keep)
        if self.closed and keep:
            self.told.emit(f"{self.windowTitle()}: {lines[0]}", failed)
        self.problem.hide()

    def _save(self) -> None:
        """Write the whole report to a file that is asked for."""
        path, _ = QFileDialog.getSaveFileName(
            self, "Save the report", f"{self.windowTitle()}.txt", "Text (*.txt)"
        )
        if not path:
            return
        try:
            write_atomically(Path(path), f"{self._text}\n".encode(errors="replace"))
        except OSError as error:
            reason = error.strerror or str(error)
            text = f"The report was not saved to {path} ({reason}). Save it in another folder."
        else:
            text = f"The report is saved to {path}."
        self.problem.setText(text)
        self.problem.show()

    def broke(self, error: Exception) -> None:
        """The work failed."""
        if not isinstance(error, TOLD):
            self.say("Something unexpected went wrong. Nothing was changed by it.")
            raise error
        self.say(str(error), keep=self.closed, failed=True)
        self.follow()

    def done(self, result: int) -> None:
        """Escape as well: what is under way ends after its present piece, and still says so."""
        self.job.stop()
        self.closed = True
        super().done(result)

    def _progressed(self, done: int, total: int) -> None:
        self.progress.setRange(0, max(total, 1))
        self.progress.setValue(done)


def counted(count: int, what: str) -> str:
    """'1 label', '1,234 labels'."""
    return f"1 {what}" if count == 1 else f"{count:,} {what}s"


def described(kinds: Mapping[str, str]) -> list[tuple[str, str]]:
    """Kinds with their description, for a box: 'Coco: a COCO JSON file …'."""
    return [(f"{kind[0].upper()}{kind[1:]}: {text}", kind) for kind, text in kinds.items()]
