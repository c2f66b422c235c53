"""The list of keys, shown by '?'."""

from __future__ import annotations

from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QKeySequence
from PySide6.QtWidgets import (
    QDialog,
    QDialogButtonBox,
    QFrame,
    QGridLayout,
    QHBoxLayout,
    QLabel,
    QScrollArea,
    QVBoxLayout,
    QWidget,
)

from petseg_gui.ui.action_specs import SECTIONS, Spec
from petseg_gui.ui.widgets import heading

COLUMNS = (3, 2, 1)
"""How many there may be: the most that the screen has room for."""
Rows = list[tuple[str, str]]

ON_THE_PHOTO: Rows = [
    ("Use the tool", "Drag or click"),
    ("The other class", "Right button"),
    ("Straight line from the last stroke", "Shift+click"),
    ("Brush size", "Shift+wheel"),
    ("Take the stroke under way back", "Esc"),
    ("Zoom at the pointer", "Wheel"),
    ("Move the photo", "Space+drag, middle button"),
    ("The photo alone", "Hold H or `"),
]
WHILE_PENDING: Rows = [
    ("Accept", "Enter, double-click"),
    ("Drop", "Esc"),
    ("Take the last step back", "Ctrl+Z"),
    ("Smart select: take away", "Right button, Alt"),
]


class ShortcutsDialog(QDialog):
    """Every action that has a key, by subject, and what the mouse does on the photo."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWindowTitle("Keyboard shortcuts")
        area = QScrollArea()
        area.setFrameShape(QFrame.Shape.NoFrame)
        area.setWidgetResizable(True)
        area.setAccessibleName("Keys")
        buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Close)
        buttons.rejected.connect(self.reject)
        layout = QVBoxLayout(self)
        layout.addWidget(area)
        layout.addWidget(buttons)
        # Some of the screen is the window's frame.
        room = self.screen().availableGeometry().size() - QSize(20, 60)
        for count in COLUMNS:
            content = self._content(count)
            wanted = content.sizeHint() + QSize(40, buttons.sizeHint().height() + 40)
            if wanted.width() <= room.width():
                break
        area.setWidget(content)
        self.resize(wanted.boundedTo(room))

    @staticmethod
    def _content(count: int) -> QWidget:
        content = QWidget()
        columns = QHBoxLayout(content)
        columns.setSpacing(36)
        for sections in in_columns(all_sections(), count):
            column = QVBoxLayout()
            column.setSpacing(14)
            for title, rows in sections:
                column.addLayout(_section(title, rows))
            column.addStretch(1)
            columns.addLayout(column)
        return content


def all_sections() -> list[tuple[str, Rows]]:
    """Titles with what has a key, and the keys."""
    keyed = [
        (title, [(spec.text.replace("&", ""), _keys(spec)) for spec in specs if spec.keys])
        for title, specs in SECTIONS
    ]
    return [*keyed, ("On the photo", ON_THE_PHOTO), ("While something is pending", WHILE_PENDING)]


def in_columns(sections: list[tuple[str, Rows]], count: int) -> list[list[tuple[str, Rows]]]:
    """Deal the sections, in their order, to at most ``count`` columns of similar height."""
    heights = [len(rows) + 2 for _, rows in sections]
    columns: list[list[tuple[str, Rows]]] = [[]]
    filled, total = 0, sum(heights)
    for section, height in zip(sections, heights, strict=True):
        # A section goes where its middle would be if the columns were one long strip.
        if columns[-1] and (filled + height / 2) * count > total * len(columns):
            columns.append([])
        columns[-1].append(section)
        filled += height
    return columns


def _keys(spec: Spec) -> str:
    native = QKeySequence.SequenceFormat.NativeText
    return ", ".join(QKeySequence(key).toString(native) for key in spec.keys)


def _section(title: str, rows: Rows) -> QGridLayout:
    grid = QGridLayout()
    grid.setHorizontalSpacing(16)
    grid.setVerticalSpacing(3)
    grid.setColumnStretch(0, 1)
    grid.addWidget(heading(title), 0, 0, 1, 2)
    for row, (what, keys) in enumerate(rows, start=1):
        grid.addWidget(QLabel(what), row, 0)
        label = QLabel(keys)
        label.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        font = label.font()
        font.setBold(True)
        label.setFont(font)
        grid.addWidget(label, row, 1, Qt.AlignmentFlag.AlignRight)
    return grid
