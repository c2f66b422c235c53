"""What is known about the photo on the canvas, and what a person notes about it."""

from __future__ import annotations

from PySide6.QtCore import QSignalBlocker, Signal
from PySide6.QtWidgets import QFormLayout, QHBoxLayout, QLabel, QVBoxLayout, QWidget

from petseg_gui.core.records import MAX_NOTE, PhotoRecord
from petseg_gui.ui.marks import SIGNS, Mark
from petseg_gui.ui.widgets import LineEdit, heading, quiet

REPLACED = (
    "This is another picture than the one that was labelled under this name. Draw a new mask, or "
    "keep the label (Review menu)."
)


class PhotoPanel(QWidget):
    """State, confidence, model, time, tags and note of the present photo.

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
        self._model = QLabel()
        self._replaced = quiet(REPLACED)
        self._replaced.setObjectName("replacedNotice")
        self._tags = _edit("tagsEdit", "Tags, separated by commas", "Tags: a, b")
        self._note = _edit("noteEdit", "Note", "Note")
        self._note.setMaxLength(MAX_NOTE)
        form = QFormLayout()
        form.setContentsMargins(0, 0, 0, 0)
        form.setVerticalSpacing(3)
        strokes = QHBoxLayout()
        for widget in (self._time, quiet("Strokes"), self._gestures):
            strokes.addWidget(widget)
        notes = QHBoxLayout()
        notes.addWidget(self._tags, 2)
        notes.addWidget(self._note, 3)
        model = QHBoxLayout()
        model.addWidget(self._model, 1)
        model.addLayout(strokes)
        form.addRow(quiet("Predicted by"), model)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(12, 6, 12, 6)
        layout.setSpacing(3)
        first = QHBoxLayout()
        first.addWidget(heading("This photo"))
        first.addStretch(1)
        for label in (self._state, self._sure):
            first.addWidget(label)
        layout.addLayout(first)
        layout.addLayout(form)
        layout.addLayout(notes)
        layout.addWidget(self._replaced)
        for edit, finished in ((self._tags, self._tags_done), (self._note, self._note_done)):
            edit.editingFinished.connect(finished)
            edit.left.connect(self.left)
        self.clear()

    def clear(self) -> None:
        """No photo is open."""
        self.finish()
        self._name, self._record = None, None
        for label in (self._state, self._gestures, self._model):
            label.setText("–")
        for label in (self._sure, self._time):
            label.clear()
        for edit in (self._tags, self._note):
            edit.clear()
            edit.setEnabled(False)
        self._replaced.hide()

    def show_state(self, mark: Mark) -> None:
        """Show nothing but the state."""
        word = mark.value
        self._state.setText(f"{SIGNS[mark]} {word[0].upper()}{word[1:]}")

    def show_photo(
        self, mark: Mark, gestures: int, record: PhotoRecord | None, *, read_only: bool = False
    ) -> None:
        """Show the facts; ``gestures`` counts every stroke that is in the mask."""
        name = None if record is None else record.name
        if name != self._name:
            self.finish()
            self._name = name
        self._record = record
        self.show_state(mark)
        self._gestures.setText(str(gestures))
        self._model.setText((record.model if record is not None else None) or "–")
        sure = None if record is None else record.confidence
        self._sure.setText("" if sure is None else f"{sure:.0%} sure")
        self._time.setText(_spent(0.0 if record is None else record.seconds))
        self._replaced.setVisible(record is not None and record.replaced)
        tags, note = ("", "") if record is None else (", ".join(record.tags), record.note)
        for edit, text in ((self._tags, tags), (self._note, note)):
            edit.setEnabled(record is not None and not read_only)
            # What is being typed is not taken away.
            if not (edit.hasFocus() and edit.isModified()) and edit.text() != text:
                with QSignalBlocker(edit):
                    edit.setText(text)

    def finish(self) -> None:
        """The photo is about to be left: what was typed so far belongs to it."""
        self._tags_done()
        self._note_done()

    def _tags_done(self) -> None:
        if self._tags.isModified() and self._name is not None:
            self._tags.setModified(False)
            tags = [tag.strip() for tag in self._tags.text().split(",") if tag.strip()]
            self.tagsEdited.emit(self._name, tags)

    def _note_done(self) -> None:
        if self._note.isModified() and self._name is not None:
            self._note.setModified(False)
            self.noteEdited.emit(self._name, self._note.text())


def _edit(name: str, accessible: str, empty: str) -> LineEdit:
    edit = LineEdit()
    edit.setObjectName(name)
    edit.setAccessibleName(accessible)
    edit.setPlaceholderText(empty)
    return edit


def _spent(seconds: float) -> str:
    if seconds < 1:
        return ""
    return f"{seconds:.0f} s" if seconds < 90 else f"{seconds / 60:.0f} min"
