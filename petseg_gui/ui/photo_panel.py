"""What is known about the photo on the canvas, and what a person notes about it."""

from __future__ import annotations

from PySide6.QtCore import QSignalBlocker, Signal
from PySide6.QtWidgets import QHBoxLayout, QLabel, QPushButton, QVBoxLayout, QWidget

from petseg_gui.core.records import MAX_NOTE, PhotoRecord
from petseg_gui.ui.actions import READ_ONLY
from petseg_gui.ui.marks import SIGNS, Mark
from petseg_gui.ui.status_line import ElidedLabel
from petseg_gui.ui.tag_edit import TagEdit
from petseg_gui.ui.widgets import LineEdit, heading, keep_keys, quiet

REPLACED = "Another picture was labelled under this name. Its label is not used."


class PhotoPanel(QWidget):
    """Size, state, confidence, model, time, tags and note of the present photo.

    Attributes:
        tags: the line of tags.
        keep_label, start_anew: the buttons for a photo that was replaced under its label.

    Signals:
        tagsEdited: name of the photo, its tags from now on (list of str).
        noteEdited: name of the photo, its note from now on.
        left: the person is done with typing.
    """

    tagsEdited = Signal(object, object)  # noqa: N815 - Qt's spelling of signals
    noteEdited = Signal(object, str)  # noqa: N815
    left = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("photoPanel")
        self.setAccessibleName("This photo")
        self._name: str | None = None
        self._record: PhotoRecord | None = None
        self._state, self._sure = QLabel(), QLabel()
        self._gestures, self._time = QLabel(), QLabel()
        for label in (self._sure, self._time):
            label.setProperty("quiet", True)
        # The two that may be long: what stands beside them keeps its place.
        self._size, self._model = ElidedLabel(), ElidedLabel()
        self._size.setObjectName("photoSize")
        self.tags = TagEdit()
        self._note = LineEdit()
        _name(self.tags, "tagsEdit", "Tags, separated by commas", "Tags: a, b")
        _name(self._note, "noteEdit", "Note", "Note")
        self._note.setMaxLength(MAX_NOTE)
        self.keep_label = QPushButton("Keep the label")
        self.keep_label.setObjectName("keepLabel")
        self.start_anew = QPushButton("Start from the new prediction")
        self.start_anew.setObjectName("startAnew")
        self._replaced = QWidget()
        self._replaced.setObjectName("replacedNotice")
        self._lay_out()
        for edit, finished in ((self.tags, self._tags_done), (self._note, self._note_done)):
            edit.editingFinished.connect(finished)
            edit.left.connect(self.left)
        self.clear()

    def _lay_out(self) -> None:
        layout = QVBoxLayout(self)
        layout.setContentsMargins(12, 6, 12, 6)
        layout.setSpacing(3)
        self._size.setProperty("quiet", True)
        strokes = _short("Strokes")
        for widgets, wide in (
            ((heading("Photo"), self._size, self._state), self._size),
            (
                (_short("Model"), self._model, self._sure, self._time, strokes, self._gestures),
                self._model,
            ),
            ((self.tags, self._note), self._note),
        ):
            row = QHBoxLayout()
            row.setSpacing(6)
            for widget in widgets:
                row.addWidget(widget, 1 if widget is wide else 0)
            layout.addLayout(row)
        notice = QVBoxLayout(self._replaced)
        notice.setContentsMargins(0, 3, 0, 0)
        notice.setSpacing(3)
        notice.addWidget(quiet(REPLACED))
        for button in (self.keep_label, self.start_anew):
            notice.addWidget(button)
        keep_keys(self._replaced)
        layout.addWidget(self._replaced)

    def clear(self) -> None:
        """No photo is open."""
        self.finish()
        self._name, self._record = None, None
        for label in (self._state, self._gestures, self._model):
            label.setText("–")
        for label in (self._sure, self._time, self._size):
            label.clear()
        for edit in (self.tags, self._note):
            edit.clear()
            edit.setEnabled(False)
        self._replaced.hide()

    def show_state(self, mark: Mark) -> None:
        """Show nothing but the state."""
        word = mark.value
        self._state.setText(f"{SIGNS[mark]} {word[0].upper()}{word[1:]}")

    def show_photo(
        self,
        mark: Mark,
        gestures: int,
        record: PhotoRecord | None,
        *,
        size: tuple[int, int] | None = None,
        read_only: bool = False,
    ) -> None:
        """Show the facts.

        Args:
            mark: its state.
            gestures: how many strokes are in the mask.
            record: what the project knows of it.
            size: width and height in pixels.
            read_only: nothing can be noted.
        """
        name = None if record is None else record.name
        if name != self._name:
            self.finish()
            self._name = name
        self._record = record
        self.show_state(mark)
        self._gestures.setText(str(gestures))
        self._size.setText("" if size is None else f"{size[0]} × {size[1]}")
        self._model.setText((record.model if record is not None else None) or "–")
        sure = None if record is None else record.confidence
        self._sure.setText("" if sure is None else f"{sure:.0%} sure")
        self._time.setText(_spent(0.0 if record is None else record.seconds))
        self._replaced.setVisible(record is not None and record.replaced)
        tags, note = ("", "") if record is None else (", ".join(record.tags), record.note)
        for edit, text in ((self.tags, tags), (self._note, note)):
            edit.setEnabled(record is not None and not read_only)
            # What is being typed is not taken away.
            if not (edit.hasFocus() and edit.isModified()) and edit.text() != text:
                with QSignalBlocker(edit):
                    edit.setText(text)
                    edit.setCursorPosition(0)  # of a long one the beginning is to be seen
            edit.setToolTip(READ_ONLY if read_only else edit.text())

    def finish(self) -> None:
        """The photo is about to be left: what was typed so far belongs to it."""
        self._tags_done()
        self._note_done()

    def _tags_done(self) -> None:
        if self.tags.isModified() and self._name is not None:
            self.tags.keep_typing()
            self.tagsEdited.emit(self._name, self.tags.tags)

    def _note_done(self) -> None:
        if self._note.isModified() and self._name is not None:
            self._note.keep_typing()
            self.noteEdited.emit(self._name, self._note.text())


def _name(edit: LineEdit, name: str, accessible: str, empty: str) -> None:
    edit.setObjectName(name)
    edit.setAccessibleName(accessible)
    edit.setPlaceholderText(empty)


def _short(text: str) -> QLabel:
    """A quiet word on one line."""
    label = quiet(text)
    label.setWordWrap(False)
    return label


def _spent(seconds: float) -> str:
    if seconds < 1:
        return ""
    return f"{seconds:.0f} s" if seconds < 90 else f"{seconds / 60:.0f} min"
