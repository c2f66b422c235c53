"""What the colours of a view mean, or why it shows nothing: a line in the canvas's corner."""

from __future__ import annotations

from dataclasses import dataclass

from PySide6.QtCore import QRect, QSize, Qt
from PySide6.QtGui import QColor, QFontMetrics, QLinearGradient, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QWidget

from model.labels import NAMES, Label
from petseg_gui.ui.canvas.looks import HATCH_PERIOD
from petseg_gui.ui.canvas.palettes import ADDED, INFERNO, REMOVED, VIRIDIS, Colour
from petseg_gui.ui.canvas.pyramid import PixelArray

PADDING = 10
GAP = 6
BAR = QSize(90, 10)
PATCH = QSize(20, 12)
STOPS = 16
GROUND = QColor(20, 20, 20, 205)
INK = QColor(245, 245, 245)


@dataclass(frozen=True, slots=True, eq=False)
class Heat:
    """A ramp of colours, uint8 (256, 3), from what ``low`` says to what ``high`` says."""

    colours: PixelArray
    low: str
    high: str


@dataclass(frozen=True, slots=True)
class Tint:
    """A colour, hatched as on the canvas, and what it says."""

    colour: Colour
    words: str
    rising: bool


Entry = str | Heat | Tint


def legend_of(mode: str, label: int, *, wipe: bool) -> tuple[Entry, ...]:
    """What explains a view of the canvas that is not self-explanatory; nothing otherwise.

    Args:
        mode: a name of :data:`MODES`.
        label: the class under work.
        wipe: whether before and after lie side by side, which needs no colours.
    """
    if mode == "probability":
        return (f"{NAMES[Label(label)]}, says the model:", Heat(VIRIDIS, "no", "certainly"))
    if mode == "uncertainty":
        return ("The model is", Heat(INFERNO, "sure", "unsure"))
    if mode == "changes" and not wipe:
        return (
            "Your mask has",
            Tint(ADDED, "more pet", True),
            Tint(REMOVED, "less pet", False),
            "than the prediction",
        )
    if mode == "models" and not wipe:
        return (
            "This model finds",
            Tint(ADDED, "more pet", True),
            Tint(REMOVED, "less pet", False),
            "than the one before",
        )
    return ()


class Legend(QWidget):
    """One line over the photo that no click ever hits."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("legend")
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self._entries: tuple[Entry, ...] = ()
        self.hide()

    @property
    def words(self) -> str:
        """All that is said, as one line."""
        return " ".join(_words(entry) for entry in self._entries)

    def show_entries(self, entries: tuple[Entry, ...]) -> None:
        """Say this; nothing hides the legend."""
        self._entries = entries
        self.setAccessibleName(self.words)
        self.resize(self.sizeHint())
        self.setVisible(bool(entries))
        self.update()

    def place_in(self, room: QSize) -> None:
        """Move to the lower left corner of an area of this size, and stay within it."""
        hint = self.sizeHint()
        width = min(hint.width(), max(room.width() - 2 * PADDING, 0))
        self.setGeometry(PADDING, room.height() - hint.height() - PADDING, width, hint.height())

    def sizeHint(self) -> QSize:
        """Room for one line."""
        metrics = QFontMetrics(self.font())
        width = sum(self._width(entry, metrics) for entry in self._entries)
        width += 2 * GAP * max(len(self._entries) - 1, 0) + 2 * PADDING
        return QSize(width, metrics.height() + PADDING)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Dark ground, light words: legible over any photo, in light and dark windows."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(GROUND)
        painter.drawRoundedRect(self.rect(), 6, 6)
        x, metrics = PADDING, QFontMetrics(self.font())
        for entry in self._entries:
            self._draw(painter, entry, x)
            x += self._width(entry, metrics) + 2 * GAP
        painter.end()

    @staticmethod
    def _width(entry: Entry, metrics: QFontMetrics) -> int:
        if isinstance(entry, str):
            return metrics.horizontalAdvance(entry)
        if isinstance(entry, Tint):
            return PATCH.width() + GAP + metrics.horizontalAdvance(entry.words)
        ends = metrics.horizontalAdvance(entry.low) + metrics.horizontalAdvance(entry.high)
        return ends + BAR.width() + 2 * GAP

    def _draw(self, painter: QPainter, entry: Entry, x: int) -> None:
        if isinstance(entry, str):
            self._write(painter, entry, x)
        elif isinstance(entry, Tint):
            _draw_patch(painter, self._middle(x, PATCH), entry)
            self._write(painter, entry.words, x + PATCH.width() + GAP)
        else:
            x = self._write(painter, entry.low, x) + GAP
            place = self._middle(x, BAR)
            ramp = QLinearGradient(place.topLeft(), place.topRight())
            for step in range(STOPS + 1):
                red, green, blue = entry.colours[255 * step // STOPS].tolist()
                ramp.setColorAt(step / STOPS, QColor(red, green, blue))
            painter.setPen(QColor(255, 255, 255, 120))
            painter.setBrush(ramp)
            painter.drawRect(place)
            self._write(painter, entry.high, x + BAR.width() + GAP)

    def _write(self, painter: QPainter, words: str, x: int) -> int:
        """Write ``words`` from ``x``; returns where they end."""
        width = QFontMetrics(self.font()).horizontalAdvance(words)
        painter.setPen(INK)
        # A little more than the advance: italic overhang and rounding cut nothing off.
        place = QRect(x, 0, width + 2, self.height())
        painter.drawText(place, Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter, words)
        return x + width

    def _middle(self, x: int, size: QSize) -> QRect:
        return QRect(x, (self.height() - size.height()) // 2, size.width(), size.height())


def _words(entry: Entry) -> str:
    if isinstance(entry, str):
        return entry
    return entry.words if isinstance(entry, Tint) else f"from {entry.low} to {entry.high}"


def _draw_patch(painter: QPainter, place: QRect, tint: Tint) -> None:
    """A patch with the stripes that the canvas has: rising for more, falling for less."""
    painter.fillRect(place, QColor(*tint.colour))
    painter.save()
    painter.setClipRect(place)
    painter.setPen(QPen(QColor(0, 0, 0, 140), 2))
    for offset in range(-place.height(), place.width(), HATCH_PERIOD):
        left, right = place.left() + offset, place.left() + offset + place.height()
        if tint.rising:
            painter.drawLine(left, place.bottom() + 1, right, place.top())
        else:
            painter.drawLine(left, place.top(), right, place.bottom() + 1)
    painter.restore()
