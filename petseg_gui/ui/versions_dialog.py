"""Earlier versions of a label: to be looked at, compared with the present one, and restored."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtGui import QImage, QPixmap, QResizeEvent
from PySide6.QtWidgets import (
    QCheckBox,
    QDialog,
    QHBoxLayout,
    QLabel,
    QListWidget,
    QListWidgetItem,
    QPlainTextEdit,
    QPushButton,
    QTabWidget,
    QVBoxLayout,
    QWidget,
)

from model.labels import MaskArray
from petseg_gui.core.photos import PhotoError, RGBArray, read_thumbnail
from petseg_gui.core.records import LabelVersion, LogEntry, Provenance, StoreError
from petseg_gui.core.store import Project
from petseg_gui.services.tasks import Task, TaskRunner
from petseg_gui.ui.actions import READ_ONLY
from petseg_gui.ui.versions_picture import Difference, difference, picture

PHOTO_SIDE = 900
PRIORITY = 3
NOW = ""
"""In the place of a version's id: the label as it is."""
NONE_EARLIER = "There is no earlier version of this label."


@dataclass(frozen=True, slots=True)
class _Opened:
    """What is there to be shown of a photo."""

    photo: RGBArray
    versions: Sequence[LabelVersion]
    log: Sequence[LogEntry]


@dataclass(frozen=True, slots=True)
class _Shown:
    """A version as it is shown."""

    image: QImage
    words: str


class VersionsDialog(QDialog):
    """The versions of one photo's label.

    Args:
        project: what it belongs to.
        photo: the photo's name.
        present: the mask on the canvas, uint8 (H, W); nobody may write to it.
        tasks: where files are read.
        parent: as of every QWidget.

    Signals:
        restoreWanted: id of the version that is to be the label again.
    """

    restoreWanted = Signal(str)  # noqa: N815 - Qt's spelling of signals

    def __init__(
        self,
        project: Project,
        photo: str,
        present: MaskArray,
        tasks: TaskRunner,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self.setObjectName("versionsDialog")
        self.setWindowTitle(f"Versions of {photo}")
        self._project, self._name, self._present = project, photo, present
        self._tasks = tasks
        self._task: Task | None = None
        self._opened: _Opened | None = None
        self._pixmap = QPixmap()
        self.list = QListWidget()
        self.list.setObjectName("versionList")
        self.list.setAccessibleName("Versions, the latest first")
        self.list.setMinimumWidth(250)
        self.list.setWordWrap(True)  # names of models are long, and their ends tell them apart
        self.list.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.list.setSpacing(2)
        self.picture = QLabel("Reading…")
        self.picture.setObjectName("versionPicture")
        self.picture.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self.picture.setMinimumSize(QSize(320, 240))
        self.words = QLabel()
        self.words.setObjectName("versionDifference")
        self.words.setWordWrap(True)
        self.compare = QCheckBox("&Compare: blue is pet only there, orange only now")
        self.compare.setObjectName("compareVersions")
        self.restore = QPushButton("&Restore this version")
        self.restore.setObjectName("restoreVersion")
        self.restore.setAutoDefault(False)
        self.log = QPlainTextEdit()
        self.log.setObjectName("versionLog")
        self.log.setReadOnly(True)
        self.log.setAccessibleName("Who changed what when")
        self._lay_out()
        self.list.currentItemChanged.connect(lambda *_items: self._show())
        self.compare.toggled.connect(lambda _on: self._show())
        self.restore.clicked.connect(self._restore)
        self.restore.setEnabled(False)
        self._run(self._open, self._opened_all)
        self.resize(900, 600)

    def _lay_out(self) -> None:
        close = QPushButton("Close")
        close.setAutoDefault(False)
        close.clicked.connect(self.reject)
        right = QVBoxLayout()
        right.addWidget(self.picture, 1)
        right.addWidget(self.words)
        right.addWidget(self.compare)
        versions = QWidget()
        row = QHBoxLayout(versions)
        row.addWidget(self.list)
        row.addLayout(right, 1)
        tabs = QTabWidget()
        tabs.addTab(versions, "&Versions")
        tabs.addTab(self.log, "&History of the photo")
        buttons = QHBoxLayout()
        buttons.addStretch(1)
        buttons.addWidget(self.restore)
        buttons.addWidget(close)
        layout = QVBoxLayout(self)
        layout.addWidget(tabs, 1)
        layout.addLayout(buttons)

    @property
    def chosen(self) -> str | None:
        """Id of the version on show, :data:`NOW` for the present mask; None: nothing is."""
        row = self.list.currentRow()
        return str(self.list.item(row).data(Qt.ItemDataRole.UserRole)) if row >= 0 else None

    def _open(self) -> _Opened:
        project, name = self._project, self._name
        return _Opened(
            read_thumbnail(project.photo_path(name), PHOTO_SIDE),
            project.versions(name)[::-1],
            project.log(name),
        )

    def _opened_all(self, opened: _Opened) -> None:
        self._opened = opened
        self._add("Now, as on the canvas", NOW)
        for version in opened.versions:
            self._add(title(version), version.id)
        self.log.setPlainText("\n".join(map(_entry, opened.log)) or "Nothing was changed yet.")
        self.list.setCurrentRow(1 if opened.versions else 0)
        self.compare.setEnabled(bool(opened.versions))
        self.list.setFocus()

    def _add(self, text: str, version: str) -> None:
        item = QListWidgetItem(text)
        item.setData(Qt.ItemDataRole.UserRole, version)
        self.list.addItem(item)

    def _show(self) -> None:
        opened, chosen = self._opened, self.chosen
        if opened is None or chosen is None:
            return
        self.restore.setEnabled(chosen != NOW and not self._project.read_only)
        self.restore.setToolTip(READ_ONLY if self._project.read_only else "")
        project, name, present = self._project, self._name, self._present
        compare = self.compare.isChecked() and chosen != NOW
        # Said with every picture of what is now: that picture is read later than the list is.
        about_now = "" if opened.versions else NONE_EARLIER

        def work() -> _Shown:
            mask = present if chosen == NOW else project.read_version(name, chosen)
            found: Difference | None = difference(mask, present)
            if found is None:
                size = f"{mask.shape[1]}×{mask.shape[0]}"
                return _Shown(picture(opened.photo, mask, None), f"It has {size} pixels.")
            words = about_now if chosen == NOW else found.words
            return _Shown(picture(opened.photo, mask, present if compare else None), words)

        self._run(work, self._shown)

    def _shown(self, shown: _Shown) -> None:
        self._pixmap = QPixmap.fromImage(shown.image)
        self.words.setText(shown.words)
        self._fit()

    def _restore(self) -> None:
        chosen = self.chosen
        if chosen:
            self.restoreWanted.emit(chosen)
            self.accept()

    def _run(self, work: Callable[[], object], done: Callable[..., None]) -> None:
        """Do ``work`` in a worker; what was asked before is not waited for any more."""
        if self._task is not None:
            self._task.cancel()
        self._task = self._tasks.run(lambda _state: work(), done, self._broke, priority=PRIORITY)

    def _broke(self, error: Exception) -> None:
        if not isinstance(error, PhotoError | StoreError):
            raise error
        self._pixmap = QPixmap()
        self.picture.setText("")
        self.words.setText(str(error))
        self.restore.setEnabled(False)

    def done(self, result: int) -> None:
        """Nobody waits for pictures any more."""
        if self._task is not None:
            self._task.cancel()
        super().done(result)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """The picture fills its place."""
        super().resizeEvent(event)
        self._fit()

    def _fit(self) -> None:
        if self._pixmap.isNull():
            return
        ratio = self.devicePixelRatioF()
        scaled = self._pixmap.scaled(
            self.picture.size() * ratio,
            Qt.AspectRatioMode.KeepAspectRatio,
            Qt.TransformationMode.SmoothTransformation,
        )
        scaled.setDevicePixelRatio(ratio)
        self.picture.setPixmap(scaled)


def title(version: LabelVersion) -> str:
    """When a version was saved, where it comes from, and whether it was accepted."""
    origin = _origin(version.provenance)
    return f"{when(version.saved)}\n{origin}{', accepted' if version.accepted else ''}"


def _origin(provenance: Provenance | None) -> str:
    if provenance is None:
        return "of unknown origin"
    strokes = "1 stroke" if provenance.gestures == 1 else f"{provenance.gestures} strokes"
    return f"{provenance.model or 'no model'}, {strokes}"


def when(saved: str) -> str:
    """A time in ISO 8601 as people read it, in their own zone."""
    try:
        return f"{datetime.fromisoformat(saved).astimezone():%d %b %Y, %H:%M:%S}"
    except ValueError:
        return saved or "at an unknown time"


def _entry(entry: LogEntry) -> str:
    detail = f": {entry.detail}" if entry.detail else ""
    return f"{when(entry.at)}  {entry.what}{detail}{f'  ({entry.who})' if entry.who else ''}"
