"""Small labels over the canvas: what the colours of a view mean, and names beside the divider."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from PySide6.QtCore import QPoint, QPointF, QRect, QRectF, Qt
from PySide6.QtGui import QColor, QFont, QFontMetricsF, QImage, QPainter

from model.labels import NAMES, Label
from petseg_gui.ui.canvas import palettes
from petseg_gui.ui.canvas.block import Block
from petseg_gui.ui.canvas.looks import ChangesLook
from petseg_gui.ui.canvas.sampling import PixelArray
from petseg_gui.ui.canvas.viewing import Viewing

Part = str | PixelArray
"""A word, or a swatch: uint8 (h, w, 4), BGRX, in device pixels."""

MARGIN = 10
"""Widget pixels between a label and the canvas's edges."""

# Dark with light text on any photo and in either theme.
_GROUND = QColor(20, 20, 20, 205)
_TEXT = QColor(245, 245, 245)
_TEXT_SIZE = 12
_PADDING = 7
_GAP = 7
_HEIGHT = 24
_SWATCH = 14
_SCALE_LENGTH = 96


@dataclass(frozen=True, slots=True)
class Caption:
    """A label, drawn once and then copied.

    Attributes:
        image: device pixels.
    """

    image: QImage

    @classmethod
    def of(cls, parts: Sequence[Part], font: QFont, ratio: float) -> Caption:
        """A label of words and swatches beside each other."""
        font = QFont(font)
        font.setPixelSize(round(_TEXT_SIZE * ratio))
        metrics = QFontMetricsF(font)
        widths = [
            metrics.horizontalAdvance(part) if isinstance(part, str) else float(part.shape[1])
            for part in parts
        ]
        width = sum(widths) + (2 * _PADDING + _GAP * (len(parts) - 1)) * ratio
        height = round(_HEIGHT * ratio)
        image = QImage(round(width), height, QImage.Format.Format_ARGB32_Premultiplied)
        image.fill(Qt.GlobalColor.transparent)
        painter = QPainter(image)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(_GROUND)
        painter.drawRoundedRect(QRectF(image.rect()), 5 * ratio, 5 * ratio)
        painter.setPen(_TEXT)
        painter.setFont(font)
        x = _PADDING * ratio
        for part, advance in zip(parts, widths, strict=True):
            if isinstance(part, str):
                base = (height + metrics.ascent() - metrics.descent()) / 2
                painter.drawText(QPointF(x, base), part)
            else:
                top = (height - part.shape[0]) // 2
                painter.drawImage(QPoint(round(x), top), _image(part))
            x += advance + _GAP * ratio
        painter.end()
        return cls(image)

    def at(self, x: int, y: int) -> QRect:
        """The device pixels that it covers when its top left corner lies there."""
        return QRect(QPoint(x, y), self.image.size())

    def draw(self, painter: QPainter, x: int, y: int, exposed: list[QRect]) -> None:
        """Draw it with a painter in device pixels, where ``exposed`` needs it."""
        place = self.at(x, y)
        if any(place.intersects(rect) for rect in exposed):
            painter.drawImage(QPoint(x, y), self.image)


def legend(viewing: Viewing, ratio: float) -> list[Part]:
    """What the view's colours mean; empty when they are the classes' own."""
    if not viewing.tints.shown or viewing.wiping:
        return []
    if viewing.problem:
        return [viewing.problem]
    if viewing.mode in ("changes", "models"):
        about = "Your mask, against the prediction:"
        if viewing.mode == "models":
            about = "New model, against the old one:"
        return [about, _hatching(ratio, 1), "more pet", _hatching(ratio, -1), "less pet"]
    if viewing.mode == "probability":
        name = NAMES[Label(viewing.label)]
        return [f"{name}:  0 %", _scale(palettes.VIRIDIS, ratio), "100 %"]
    if viewing.mode == "uncertainty":
        return ["Model is sure", _scale(palettes.INFERNO, ratio), "unsure"]
    return []


def _scale(colours: PixelArray, ratio: float) -> PixelArray:
    """A strip of a map's colours."""
    length, height = round(_SCALE_LENGTH * ratio), round(_SWATCH * 0.7 * ratio)
    row = palettes.packed(colours, alpha=255).take(np.linspace(0, 255, length).astype(np.intp))
    return np.tile(row, (height, 1)).view(np.uint8).reshape(height, length, 4)


def _hatching(ratio: float, gain: int) -> PixelArray:
    """A sample of how differences look: pet that came, or that went."""
    side = round(_SWATCH * ratio)
    background = np.full((side, side), int(Label.BACKGROUND), np.uint8)
    pet = np.full((side, side), int(Label.PET), np.uint8)
    before, after = (background, pet) if gain > 0 else (pet, background)
    steps = np.arange(side)
    photo = np.full((side, side, 4), 128, np.uint8)
    photo[:, :, 3] = 255
    centres = steps.astype(np.float64)
    block = Block(photo, after, steps, steps, 0, centres, centres, steps, steps)
    return ChangesLook(max(1, round(ratio)), before).paint(block)


def _image(pixels: PixelArray) -> QImage:
    height, width = pixels.shape[:2]
    # A copy of its own: the array goes.
    return QImage(
        np.ascontiguousarray(pixels).data, width, height, 4 * width, QImage.Format.Format_RGB32
    ).copy()
