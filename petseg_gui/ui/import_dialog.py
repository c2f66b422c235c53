"""Taking labels of other programs into the project: first what would happen, then doing it."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from PySide6.QtCore import Signal
from PySide6.QtWidgets import (
    QCheckBox,
    QComboBox,
    QLineEdit,
    QPushButton,
    QSizePolicy,
    QSpinBox,
    QWidget,
)

from petseg_gui.core.exchange.classes import WORDS, parse_mapping
from petseg_gui.core.exchange.entries import ImportOptions
from petseg_gui.core.exchange.guess import guess_kind
from petseg_gui.core.exchange.importing import (
    KINDS,
    ImportPlan,
    ImportReport,
    plan_import,
    run_import,
)
from petseg_gui.core.store import Project
from petseg_gui.services.tasks import TaskRunner
from petseg_gui.ui.exchange_dialog import ExchangeDialog, PathEdit, counted, described
from petseg_gui.ui.value_classes import ValueClasses, is_black_and_white
from petseg_gui.ui.widgets import with_room

VALUED = ("index", "binary")
"""Kinds of pictures, whose values a table gives classes to."""
SHAPED = ("labelme", "coco", "yolo")
"""Kinds of shapes, whose names do."""


class ImportDialog(ExchangeDialog):
    """Kind, source, options; a dry run; the import.

    Args:
        project: where to.
        tasks: where labels are read.
        settle: has everything that is unsaved written, and then calls what it is given.
        parent: as of every QWidget.

    Signals:
        imported: names of the photos that have other labels now (list of str).
    """

    imported = Signal(object)

    def __init__(
        self,
        project: Project,
        tasks: TaskRunner,
        settle: Callable[[Callable[[], None]], None],
        parent: QWidget | None = None,
    ) -> None:
        super().__init__("Import labels", ("runImport", "Import"), tasks, parent)
        self.setObjectName("importDialog")
        self._project = project
        self._settle = settle
        self._plan: ImportPlan | None = None
        self.source = PathEdit("importSource", "File or folder of labels", files=True)
        self.kind = QComboBox()
        self.kind.setObjectName("importKind")
        self.kind.setAccessibleName("Kind of labels")
        for text, kind in described({kind: text for kind, (text, _) in KINDS.items()}):
            self.kind.addItem(text, kind)
        self.mapping = QLineEdit()
        self.mapping.setObjectName("importMapping")
        self.mapping.setPlaceholderText("for example: dog=pet, chair=ignore")
        self.mapping.setAccessibleName("Which class each name is")
        self.values = ValueClasses(tasks)
        self.threshold = with_room(QSpinBox())
        self.threshold.setRange(1, 255)
        self.threshold.setValue(128)
        self.threshold.setAccessibleName("What is as light as this is foreground, 1 to 255")
        self.rest = _classes("What nothing covers", "as usual")
        self.accept_box = QCheckBox("The labels count as &accepted")
        self.accept_box.setObjectName("importAccept")
        self.overwrite = QCheckBox("&Replace labels that are different (they stay as versions)")
        self.overwrite.setObjectName("importOverwrite")
        self.check = QPushButton("&Check")
        self.check.setObjectName("planImport")
        self.check.setDefault(True)
        self._guessed = True
        self._plan_wanted = False
        self._build_form()
        self._connect()
        self._options_changed()

    def _build_form(self) -> None:
        self.threshold.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        self.form.addRow("&From", self.source)
        self.form.addRow("&Kind", self.kind)
        self.form.addRow("&Classes", self.mapping)
        self.form.addRow("&Light from", self.threshold)
        self.form.addRow("Classes", self.values)
        self.form.addRow("What &nothing covers", self.rest)
        self.form.addRow(self.accept_box)
        self.form.addRow(self.overwrite)
        self.buttons.insertWidget(3, self.check)

    def _connect(self) -> None:
        self.check.clicked.connect(self.plan)
        self.source.changed.connect(self._source_changed)
        self.kind.activated.connect(self._kind_chosen)
        self.kind.currentIndexChanged.connect(self._kind_changed)
        self.mapping.textChanged.connect(self._options_changed)
        self.threshold.valueChanged.connect(self.values.set_threshold)
        self.threshold.valueChanged.connect(self._options_changed)
        self.values.changed.connect(self._options_changed)
        self.values.looked.connect(self._looked)
        self.rest.currentIndexChanged.connect(self._options_changed)
        self.accept_box.toggled.connect(self._options_changed)
        self.overwrite.toggled.connect(lambda _on: self.follow())

    def options(self) -> ImportOptions:
        """What is chosen.

        Raises:
            ValueError: the classes are not understood; the text says what is wrong.
        """
        kind, accept = self.kind.currentData(), self.accept_box.isChecked()
        if kind == "binary":
            light, dark = self.values.light, self.values.dark
            return ImportOptions({}, self.threshold.value(), light, dark, accept)
        if kind in SHAPED:
            entries = [entry for entry in self.mapping.text().split(",") if entry.strip()]
            rest = WORDS.get(self.rest.currentData())
            return ImportOptions(mapping=parse_mapping(entries), rest=rest, accept=accept)
        mapping = self.values.mapping if kind == "index" else {}
        return ImportOptions(mapping=mapping, accept=accept)

    def plan(self) -> None:
        """See what an import would do; nothing is written."""
        source, kind = self.source.path, str(self.kind.currentData())
        if source is None:
            self.say("Choose a file or a folder of labels first.")
            return
        try:
            options = self.options()
        except ValueError as error:
            self.say(str(error))
            return
        self._plan = None
        self.say("Reading…")
        if self.values.looking:  # a moment: which class each value is belongs to the plan
            self._plan_wanted = True
            return
        self._settle(lambda: self._make_plan(source, kind, options))

    def _make_plan(self, source: Path, kind: str, options: ImportOptions) -> None:
        if not self.closed:
            self.job.start(
                lambda watch: plan_import(self._project, source, kind, options, watch),
                self._planned,
                self.broke,
            )

    def run(self) -> None:
        """Import what the plan says."""
        plan, overwrite = self._plan, self.overwrite.isChecked()
        if plan is not None:
            self._settle(lambda: self._run(plan, overwrite))

    def _run(self, plan: ImportPlan, overwrite: bool) -> None:
        if self.closed:  # while strokes were being written
            return
        self.writing = True
        self.job.start(
            lambda watch: run_import(plan, overwrite=overwrite, progress=watch),
            self._ran,
            self.broke,
        )

    def follow(self) -> None:
        """Enable what can be done now, and show the options that the kind has."""
        super().follow()
        kind, running = self.kind.currentData(), self.job.running
        for widget, shown in (
            (self.mapping, kind in SHAPED),
            (self.threshold, kind == "binary"),
            (self.values, kind in VALUED),
            (self.rest, kind in SHAPED),
        ):
            self.form.setRowVisible(widget, shown)
        self.check.setEnabled(not running)
        new = 0
        if self._plan is not None:
            replaced = self.overwrite.isChecked()
            new = sum(
                not item.unchanged and (replaced or not item.overwrites)
                for item in self._plan.items
            )
        self.run_button.setEnabled(new > 0 and not running)
        self.run_button.setText(f"Import {new}" if new else "Import")

    def _source_changed(self) -> None:
        source = self.source.path
        kind = guess_kind(source) if source is not None else None
        self._guessed = True
        before = self.kind.currentData()
        if kind is not None:
            self.kind.setCurrentIndex(self.kind.findData(kind))
        if kind is None or kind == before:
            self._kind_changed()

    def _kind_chosen(self, *_: object) -> None:
        self._guessed = False

    def _kind_changed(self, *_: object) -> None:
        kind = self.kind.currentData()
        threshold = self.threshold.value() if kind == "binary" else None
        self.values.look(self.source.path if kind in VALUED else None, threshold)
        self._options_changed()

    def _looked(self) -> None:
        if self._guessed and self.kind.currentData() == "index" and is_black_and_white(self.values):
            wanted = self._plan_wanted
            self.kind.setCurrentIndex(self.kind.findData("binary"))  # looks once more
            self._plan_wanted = wanted
        elif self._plan_wanted:
            self._plan_wanted = False
            self.plan()

    def done(self, result: int) -> None:
        """Nobody waits for a look at the source any more."""
        self.values.stop()
        super().done(result)

    def _options_changed(self, *_: object) -> None:
        self.job.drop()
        self._plan = None
        self._plan_wanted = False
        self.say("Check says what would be imported, and what does not fit. It changes nothing.")
        self.follow()

    def _planned(self, plan: ImportPlan) -> None:
        self._plan = plan
        lines = plan.text().splitlines()
        if len(plan.missing) < len(plan.project.names()):
            lines += [f"without any: {name}" for name in plan.missing]
        if self.values.add(value for refusal in plan.refused for value in refusal.values):
            lines.insert(1, "The table has more values now. Say which class they are, and Check.")
        self.say("\n".join(lines), keep=True)
        self.follow()

    def _ran(self, report: ImportReport) -> None:
        total = 0 if self._plan is None else len(self._plan.items)
        self._plan = None
        if report.cancelled:
            lines = [
                f"{len(report.saved):,} of {total:,} imported; cancelled.",
                "The other photos are as they were.",
            ]
        elif report.full:
            lines = [
                f"{len(report.saved):,} of {total:,} imported. {report.failed[-1].reason}",
                "The other photos are as they were; Check and Import go on where it stopped.",
            ]
            report.failed.pop()
        else:
            lines = [
                f"{counted(len(report.saved), 'label')} imported, "
                f"{len(report.unchanged):,} were there already"
            ]
        if report.kept:
            lines.append(
                f"{len(report.kept)} photos keep the label that they have: choose Replace to "
                "replace it"
            )
        lines += [f"not saved: {one.title}: {one.reason}" for one in report.failed]
        self.say("\n".join(lines), keep=True, failed=report.full)
        self.follow()
        self.imported.emit(report.saved)


def _classes(name: str, other: str = "") -> QComboBox:
    box = QComboBox()
    box.setAccessibleName(name)
    if other:
        box.addItem(other, "")
    for word in WORDS:
        box.addItem(word, word)
    return box
