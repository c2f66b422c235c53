"""What the canvas area says while there is no photo to show."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from PySide6.QtCore import QMimeData, Qt, Signal, SignalInstance
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QPushButton, QVBoxLayout, QWidget

from petseg_gui.ui.widgets import keep_keys, quiet

RECENT_SHOWN = 5
ZONE_WIDTH = 640
"""Pixels: longer lines are hard to read."""


def dropped_folder(data: QMimeData) -> Path | None:
    """The folder that ``data`` means: itself, or the one that a photo is in."""
    paths = [Path(url.toLocalFile()) for url in data.urls() if url.isLocalFile()]
    if not paths:
        return None
    return paths[0].parent if paths[0].is_file() else paths[0]


class EmptyState(QWidget):
    """A title, a reason, and the ways on: open, samples, recent folders.

    Signals:
        openRequested: the user wants to choose a folder.
        samplesRequested: the user wants the sample photos.
        recentRequested: path of a recent folder.
        limitRequested: the user wants the photo all the same: see :meth:`offer_limit`.
        subfoldersRequested: the user wants photos in subfolders: see :meth:`offer_subfolders`.
    """

    openRequested = Signal()  # noqa: N815 - Qt's spelling of signals
    samplesRequested = Signal()  # noqa: N815
    recentRequested = Signal(str)  # noqa: N815
    limitRequested = Signal()  # noqa: N815
    subfoldersRequested = Signal()  # noqa: N815

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("emptyState")
        self._title = QLabel()
        font = self._title.font()
        font.setPointSizeF(2.0 * font.pointSizeF())
        self._title.setFont(font)
        self._reason = quiet()
        for label in (self._title, self._reason):
            label.setAlignment(Qt.AlignmentFlag.AlignHCenter)
            label.setWordWrap(True)
        self._open = _button("openButton", self.openRequested, "Open folder…")
        self._samples = _button("samplesButton", self.samplesRequested, "Try the sample photos")
        self._limit = _button("raiseLimitButton", self.limitRequested)
        self._subfolders = _button("includeSubfoldersButton", self.subfoldersRequested)
        buttons = QHBoxLayout()
        buttons.addStretch(1)
        buttons.addWidget(self._subfolders)
        buttons.addWidget(self._open)
        buttons.addWidget(self._samples)
        buttons.addWidget(self._limit)
        buttons.addStretch(1)
        self._recent_title = quiet("Recent folders")
        self._recent_title.setAlignment(Qt.AlignmentFlag.AlignHCenter)
        self._recent = QVBoxLayout()
        self._recent.setSpacing(2)
        self._zone = QFrame()
        self._zone.setObjectName("dropZone")
        self._zone.setMaximumWidth(ZONE_WIDTH)
        inside = QVBoxLayout(self._zone)
        inside.setContentsMargins(32, 32, 32, 32)
        inside.setSpacing(14)
        inside.addWidget(self._title)
        inside.addWidget(self._reason)
        inside.addLayout(buttons)
        middle = QHBoxLayout()
        middle.addStretch(1)
        middle.addWidget(self._zone, 1000)
        middle.addStretch(1)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(40, 20, 40, 20)
        layout.setSpacing(10)
        layout.addStretch(2)
        layout.addLayout(middle)
        layout.addSpacing(16)
        layout.addWidget(self._recent_title)
        layout.addLayout(self._recent)
        layout.addStretch(3)
        self.show_welcome()

    @property
    def text(self) -> str:
        """Title and reason, as shown."""
        return f"{self._title.text()}\n{self._reason.text()}"

    def show_welcome(self) -> None:
        """No folder is open."""
        self._show("Open a folder of pet photos", "Drop a folder here, or choose one.", ways=True)

    def show_opening(self, folder: Path) -> None:
        """A folder is being read."""
        self._show(f"Opening {folder.name}…", "", ways=False)

    def show_no_photos(self, folder: Path, *, subfolders: bool) -> None:
        """The folder has no photo in it, nor in its subfolders if those are included."""
        more = (
            "Neither have the folders inside it."
            if subfolders
            else "Photos in folders inside it are not shown."
        )
        self._show(
            f"No photos in {folder.name}",
            f"{folder} has no JPEG, PNG, TIFF, WebP or BMP file. {more}",
            ways=True,
        )

    def show_folder_problem(self, reason: str) -> None:
        """The folder could not be opened."""
        self._show("This folder cannot be opened", reason, ways=True)

    def show_photo_problem(self, name: str, reason: str) -> None:
        """A photo of the folder could not be read; the others go on."""
        self._show(f"{name} cannot be shown", reason, ways=False)

    def offer_limit(self, megapixels: int) -> None:
        """The photo of which :meth:`show_photo_problem` tells is only larger than is allowed."""
        self._limit.setText(f"Show photos of up to {megapixels:,} megapixels")
        self._limit.show()

    def offer_subfolders(self, photos: int, *, all_counted: bool) -> None:
        """The folder of which :meth:`show_no_photos` tells has photos in its subfolders.

        Args:
            photos: how many were counted.
            all_counted: there are no more than these.
        """
        if photos == 1 and all_counted:
            what = "the one photo"
        elif photos:
            what = f"the {photos:,}{'' if all_counted else '+'} photos"
        else:
            what = "photos"
        self._subfolders.setText(f"Include {what} in subfolders")
        keep_keys(self)
        self._subfolders.show()

    def set_recent(self, folders: Sequence[str]) -> None:
        """Offer these folders, the latest first."""
        while (item := self._recent.takeAt(0)) is not None:
            if (old := item.widget()) is not None:
                old.deleteLater()
        for folder in folders[:RECENT_SHOWN]:
            # An ampersand in a folder's name is not a mnemonic.
            shown = self.fontMetrics().elidedText(folder, Qt.TextElideMode.ElideMiddle, ZONE_WIDTH)
            button = QPushButton(shown.replace("&", "&&"))
            button.setFlat(True)
            button.setToolTip(folder)
            button.clicked.connect(lambda _=False, path=folder: self.recentRequested.emit(path))
            self._recent.addWidget(button, 0, Qt.AlignmentFlag.AlignHCenter)
        keep_keys(self)
        self._recent_title.setVisible(bool(folders) and not self._open.isHidden())

    def set_drag_over(self, over: bool) -> None:
        """Whether something is being dragged over the window that could be opened."""
        self._set_zone("over", over)

    def _set_zone(self, name: str, value: bool) -> None:
        self._zone.setProperty(name, value)
        self._zone.style().unpolish(self._zone)
        self._zone.style().polish(self._zone)

    def _show(self, title: str, reason: str, *, ways: bool) -> None:
        self._title.setText(title)
        self._reason.setText(reason)
        self._reason.setVisible(bool(reason))
        self._set_zone("drop", ways)
        self._open.setVisible(ways)
        self._samples.setVisible(ways)
        self._limit.hide()
        self._subfolders.hide()
        self._recent_title.setVisible(ways and self._recent.count() > 0)
        for row in range(self._recent.count()):
            item = self._recent.itemAt(row)
            if item is not None and (widget := item.widget()) is not None:
                widget.setVisible(ways)


def _button(name: str, wanted: SignalInstance, text: str = "") -> QPushButton:
    """A way on from here."""
    button = QPushButton(text)
    button.setObjectName(name)
    button.setMinimumHeight(36)
    button.clicked.connect(wanted)
    return button
