"""Writing the project's labels for other programs: first what would be written, then doing it."""

from __future__ import annotations

from collections.abc import Collection
from functools import partial

from PySide6.QtCore import QUrl
from PySide6.QtGui import QDesktopServices
from PySide6.QtWidgets import QCheckBox, QComboBox, QPushButton, QWidget

from petseg_gui.core.exchange.classes import WORDS
from petseg_gui.core.exchange.exporting import (
    KINDS,
    ExportOptions,
    ExportPlan,
    ExportReport,
    plan_export,
    run_export,
)
from petseg_gui.core.store import Project
from petseg_gui.services.tasks import TaskRunner
from petseg_gui.ui.exchange_dialog import ExchangeDialog, PathEdit, counted, described

BORDERED = {
    "binary": ("pet", "background"),
    "cutouts": ("pet", "background"),
    "yolo": ("border", "pet", "background"),
}
"""What the border can count as, the usual first, where a kind does not have it as it is."""


class ExportDialog(ExchangeDialog):
    """Kind, target, options; what would be written; the export.

    Args:
        project: where from.
        tasks: where it is done.
        photos: names of the photos to export; None: all.
        parent: as of every QWidget.
    """

    def __init__(
        self,
        project: Project,
        tasks: TaskRunner,
        photos: Collection[str] | None = None,
        parent: QWidget | None = None,
    ) -> None:
        title = "Export labels" if photos is None else f"Export the labels of {len(photos)} photos"
        super().__init__(title, ("runExport", "Export"), tasks, parent)
        self.setObjectName("exportDialog")
        self._project = project
        self._photos = None if photos is None else frozenset(photos)
        self._plan: ExportPlan | None = None
        self.kind = QComboBox()
        self.kind.setObjectName("exportKind")
        self.kind.setAccessibleName("Kind of export")
        for text, kind in described({kind: what.text for kind, what in KINDS.items()}):
            self.kind.addItem(text, kind)
        self.target = PathEdit("exportTarget", "Folder to export to", files=False)
        self.everything = QCheckBox("Labels that nobody &accepted as well")
        self.everything.setObjectName("exportEverything")
        self.border = QComboBox()
        self.border.setObjectName("exportBorder")
        self.border.setAccessibleName("What the border counts as")
        self.overwrite = QCheckBox("&Replace files that are there already")
        self.overwrite.setObjectName("exportOverwrite")
        self.show_folder = QPushButton("Open the folder")
        self.show_folder.setAutoDefault(False)
        self.show_folder.hide()
        self.show_folder.clicked.connect(self._open_folder)
        self.form.addRow("&Folder", self.target)
        self.form.addRow("&Kind", self.kind)
        self.form.addRow("The &border counts as", self.border)
        self.form.addRow(self.everything)
        self.form.addRow(self.overwrite)
        self.buttons.insertWidget(3, self.show_folder)
        self.kind.currentIndexChanged.connect(self._kind_changed)
        self.target.changed.connect(self.plan)
        self.everything.toggled.connect(self.plan)
        self.border.currentIndexChanged.connect(self.plan)
        self.overwrite.toggled.connect(lambda _on: self.follow())
        self._kind_changed()

    def options(self) -> ExportOptions:
        """What is chosen."""
        border = self.border.currentText() if self.kind.currentData() in BORDERED else ""
        return ExportOptions(self.everything.isChecked(), WORDS.get(border), self._photos)

    def plan(self, *_: object) -> None:
        """See what would be written; nothing is."""
        self._plan = None
        self.show_folder.hide()
        target = self.target.path
        if target is None:
            self.job.drop()
            self.say("Choose a folder to export to.")
            self.follow()
            return
        work = partial(
            plan_export, self._project, target, str(self.kind.currentData()), self.options()
        )
        self.job.start(lambda _watch: work(), self._planned, self.broke)

    def run(self) -> None:
        """Write what the plan says."""
        plan, overwrite = self._plan, self.overwrite.isChecked()
        if plan is not None:
            self.writing = True
            self.job.start(
                lambda watch: run_export(plan, overwrite=overwrite, progress=watch),
                self._ran,
                self.broke,
            )

    def follow(self) -> None:
        """Enable what can be done now."""
        super().follow()
        plan = self._plan
        may = plan is not None and (self.overwrite.isChecked() or not plan.existing)
        self.run_button.setEnabled(may and not self.job.running)
        self.run_button.setText(f"Export {len(plan.items)}" if plan is not None else "Export")

    def _kind_changed(self, *_: object) -> None:
        classes = BORDERED.get(str(self.kind.currentData()), ())
        self.border.blockSignals(True)
        self.border.clear()
        self.border.addItems(classes)
        self.border.blockSignals(False)
        self.form.setRowVisible(self.border, bool(classes))
        self.plan()

    def _planned(self, plan: ExportPlan) -> None:
        self._plan = plan
        text = plan.text()
        if plan.existing:
            text += "\nChoose Replace to write over them, or another folder:"
            text += "".join(f"\n  {path.name}" for path in plan.existing[:10])
        self.say(text)
        self.follow()

    def _ran(self, report: ExportReport) -> None:
        total = 0 if self._plan is None else len(self._plan.items)
        self._plan = None
        if report.cancelled:
            lines = [
                f"{len(report.photos):,} of {total:,} exported; cancelled.",
                "What was written until then is whole.",
            ]
        else:
            lines = [f"{counted(len(report.photos), 'label')} exported to {self.target.path}"]
        lines += [f"left out: {one.title}: {one.reason}" for one in report.failed]
        self.say("\n".join(lines), keep=True)
        self.show_folder.show()
        self.follow()

    def _open_folder(self) -> None:
        if self.target.path is not None:
            QDesktopServices.openUrl(QUrl.fromLocalFile(str(self.target.path)))
