"""Where cells of one size lie, in rows or in one endless row: arithmetic, whatever their number."""

from __future__ import annotations

from dataclasses import dataclass

from PySide6.QtCore import QRect, QSize


@dataclass(frozen=True, slots=True)
class CellLayout:
    """A number of cells, from left to right and then down.

    Attributes:
        count: how many cells there are.
        width, height: of a cell, in pixels.
        columns: how many are beside each other; None: all.
    """

    count: int
    width: int
    height: int
    columns: int | None = None

    @property
    def size(self) -> QSize:
        """Pixels that all cells take."""
        columns = self.count if self.columns is None else self.columns
        lines = -(-self.count // columns) if columns else 0
        return QSize(columns * self.width, lines * self.height)

    def rect(self, row: int) -> QRect:
        """Where a cell lies, from the top left corner of all."""
        line, column = (0, row) if self.columns is None else divmod(row, self.columns)
        return QRect(column * self.width, line * self.height, self.width, self.height)

    def row_at(self, x: int, y: int) -> int:
        """The cell at a point; -1: none is there."""
        if x < 0 or y < 0:
            return -1
        column, line = x // self.width, y // self.height
        columns = self.count if self.columns is None else self.columns
        row = line * columns + column
        return row if column < columns and row < self.count else -1

    def rows_in(self, area: QRect) -> range:
        """The cells in the lines (or, in one endless row, the columns) that an area touches."""
        if self.count == 0 or area.isEmpty():
            return range(0)
        if self.columns is None:
            first, last = area.left() // self.width, area.right() // self.width + 1
        else:
            first = area.top() // self.height * self.columns
            last = (area.bottom() // self.height + 1) * self.columns
        return range(max(0, min(first, self.count)), max(0, min(last, self.count)))
