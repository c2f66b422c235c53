"""The canvas's display: the frame on the screen, zoom and pan, at the device's own pixels.

Changes of the mask are composed at once and ask for just their pixels to be redrawn.  Changes
of the view are brought into the frame when it is next painted, so that several of them between
two frames cost one.
"""

from __future__ import annotations

import math
from typing import Protocol

import numpy as np
from PySide6.QtCore import QEvent, QPointF, QRect, QSize, Qt, Signal
from PySide6.QtGui import (
    QColor,
    QImage,
    QPainter,
    QPaintEvent,
    QPalette,
    QRegion,
    QResizeEvent,
    QTransform,
)
from PySide6.QtWidgets import QWidget

from petseg_gui.core.mask import Rect
from petseg_gui.ui.canvas.composer import Composer
from petseg_gui.ui.canvas.cursor import rects_of, to_widget
from petseg_gui.ui.canvas.pyramid import PhotoPyramid, PixelArray
from petseg_gui.ui.canvas.view import ViewTransform

ZOOM_STEP = math.sqrt(2)
_NO_MASK = np.zeros((0, 0), np.uint8)
_NO_MASK.flags.writeable = False


class Marker(Protocol):
    """Something drawn over the frame at the pointer; equal markers look the same."""

    def region(self) -> QRegion:
        """The device pixels that it covers."""
        ...

    def draw(self, painter: QPainter) -> None:
        """Draw it with a painter in device pixels."""
        ...


class FrameWidget(QWidget):
    """Shows a photo with its mask, and the brush's outline; zooms and pans.

    Signals:
        zoomChanged(float): the new scale in screen pixels per photo pixel; 1.0 is 100 %.
    """

    zoomChanged = Signal(float)  # noqa: N815

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._view = ViewTransform()
        self._composer = Composer()
        self._mask_view: PixelArray = _NO_MASK
        self._photo: PhotoPyramid | None = None
        self._image = QImage()
        self._image_of: PixelArray | None = None
        self._ring: Marker | None = None
        self._own_background = False
        self._last_zoom = 0.0
        # Every exposed pixel is painted from the frame; Qt need not clear it first.
        self.setAttribute(Qt.WidgetAttribute.WA_OpaquePaintEvent)
        self._follow_palette()

    def sizeHint(self) -> QSize:
        """Room for a photo."""
        return QSize(800, 600)

    def minimumSizeHint(self) -> QSize:
        """Enough to see what one does."""
        return QSize(160, 120)

    # The photo and its mask

    # QWidget.mask(), the shape of a window, is of no use to a canvas; the name is agreed.
    def mask(self) -> PixelArray:  # type: ignore[override]
        """The mask on screen: uint8 (H, W), read-only, live; (0, 0) without a photo."""
        return self._mask_view

    def _show_photo(self, photo: PhotoPyramid | None, mask: PixelArray) -> None:
        """Show a photo, fitted, with its mask; None clears the canvas."""
        self._photo = photo
        self._mask_view = mask
        self._composer.set_photo(photo)
        rows, columns = photo.shape if photo is not None else (1, 1)
        self._view.set_photo(columns, rows)
        self._view_changed()

    def _show_mask(self, mask: PixelArray) -> None:
        """Show another mask over the same photo."""
        self._mask_view = mask
        self._mask_changed(None)

    def _mask_changed(self, rect: Rect | None) -> None:
        """Redraw what shows a rectangle of the mask, or all of it."""
        device = self._composer.recompose(self._mask_view, rect)
        if device is not None:
            self._update_device(QRegion(device.x, device.y, device.width, device.height))

    # Coordinates, zoom and pan

    def image_to_widget(self, x: float, y: float) -> QPointF:
        """Where a photo point (x right, y down) is in the widget."""
        return QPointF(*self._view.image_to_widget(x, y))

    def widget_to_image(self, point: QPointF) -> tuple[float, float]:
        """The photo point (x, y) under a widget point; outside the photo too."""
        return self._view.widget_to_image(point.x(), point.y())

    @property
    def zoom(self) -> float:
        """Screen pixels per photo pixel; 1.0 is 100 %."""
        return self._view.scale

    def zoom_to_fit(self) -> None:
        """Show the whole photo, and keep it whole when the window changes size."""
        self._view.fit()
        self._view_changed()

    def zoom_to_actual(self) -> None:
        """One photo pixel on one screen pixel."""
        self._view.zoom_to(1.0)
        self._view_changed()

    def zoom_in(self) -> None:
        """One step closer, about the middle."""
        self._view.zoom_to(self._view.scale * ZOOM_STEP)
        self._view_changed()

    def zoom_out(self) -> None:
        """One step away, about the middle."""
        self._view.zoom_to(self._view.scale / ZOOM_STEP)
        self._view_changed()

    def zoom_at(self, point: QPointF, factor: float) -> None:
        """Multiply the zoom, keeping the photo point under a widget point where it is."""
        self._view.zoom_at((point.x(), point.y()), factor)
        self._view_changed()

    def pan(self, dx: float, dy: float) -> None:
        """Move the photo by widget pixels."""
        self._view.pan(dx, dy)
        self._view_changed()

    def _view_changed(self) -> None:
        self.update()
        if self._view.scale != self._last_zoom:
            self._last_zoom = self._view.scale
            self.zoomChanged.emit(self._view.scale)

    # The surroundings

    def set_background(self, colour: QColor) -> None:
        """Choose the colour round the photo; it no longer follows the system's theme."""
        self._own_background = True
        self._surround_with(colour)

    def _follow_palette(self) -> None:
        if not self._own_background:
            # A little darker than the panels, so that the photo is what stands out.
            self._surround_with(self.palette().color(QPalette.ColorRole.Window).darker(115))

    def _surround_with(self, colour: QColor) -> None:
        self._composer.set_surround(colour.red(), colour.green(), colour.blue())
        self.update()

    def _set_ring(self, ring: Marker | None) -> None:
        """Draw the brush's outline here; only its old and its new pixels are redrawn."""
        if ring == self._ring:
            return
        region = QRegion()
        for cursor in (self._ring, ring):
            if cursor is not None:
                region = region.united(cursor.region())
        self._ring = ring
        self._update_device(region)

    def _update_device(self, region: QRegion) -> None:
        """Ask for device pixels to be redrawn."""
        ratio = self._view.ratio
        if ratio != int(ratio):
            # A widget may begin in the middle of a device pixel; the frame begins at a whole one.
            grown = QRegion()
            for rect in rects_of(region):
                grown = grown.united(rect.adjusted(-1, -1, 1, 1))
            region = grown
        self.update(to_widget(region, ratio))

    # Qt's events

    def event(self, event: QEvent) -> bool:
        """Follow the window to a screen with another device pixel ratio."""
        if event.type() == QEvent.Type.DevicePixelRatioChange:
            self._follow_size()
        return super().event(event)

    def changeEvent(self, event: QEvent) -> None:
        """Follow the system between light and dark."""
        if event.type() == QEvent.Type.PaletteChange:
            self._follow_palette()
        super().changeEvent(event)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Keep the photo in place, or fitted if it is."""
        self._follow_size()
        super().resizeEvent(event)

    def _follow_size(self) -> None:
        ratio = self.devicePixelRatioF()
        width, height = math.ceil(self.width() * ratio), math.ceil(self.height() * ratio)
        self._view.set_viewport(max(width, 1), max(height, 1), ratio)
        self._view_changed()

    def paintEvent(self, event: QPaintEvent) -> None:
        """Copy the exposed part of the frame, and draw the brush's outline."""
        self._composer.show(self._view.placement, self._mask_view)
        frame = self._composer.frame
        if frame is not self._image_of:
            height, width = frame.shape[:2]
            # The image reads the frame's own memory, which the frame must outlive.
            self._image_of = frame
            self._image = QImage(frame.data, width, height, 4 * width, QImage.Format.Format_RGB32)
        painter = QPainter(self)
        self._use_device_pixels(painter)
        for rect in rects_of(event.region()):
            exposed = self._device_rect(rect)
            painter.drawImage(exposed.topLeft(), self._image, exposed)
        self._draw_over(painter, [self._device_rect(rect) for rect in rects_of(event.region())])
        if self._ring is not None:
            painter.setOpacity(1.0)
            self._ring.draw(painter)
        painter.end()

    def _draw_over(self, painter: QPainter, exposed: list[QRect]) -> None:
        """Draw what lies between the frame and the brush's outline.

        Args:
            painter: counts device pixels, and is clipped to what is being redrawn.
            exposed: rectangles of device pixels that hold all that is being redrawn.
        """

    def _use_device_pixels(self, painter: QPainter) -> None:
        """Let the painter count device pixels from a whole one, so that frames copy exactly."""
        device = painter.deviceTransform()
        ratio = self._view.ratio
        if not math.isclose(device.m11(), ratio):
            # Drawn onto something else than its screen, which has another resolution.
            painter.scale(1 / ratio, 1 / ratio)
            return
        inverse, _ = device.inverted()
        whole = QTransform.fromTranslate(round(device.dx()), round(device.dy()))
        painter.setWorldTransform(whole * inverse)

    def _device_rect(self, rect: QRect) -> QRect:
        """Device pixels that cover a rectangle of the widget, one more at fractional ratios."""
        ratio = self._view.ratio
        spare = 0 if ratio == int(ratio) else 1
        left = math.floor(rect.x() * ratio) - spare
        top = math.floor(rect.y() * ratio) - spare
        right = math.ceil((rect.x() + rect.width()) * ratio) + spare
        bottom = math.ceil((rect.y() + rect.height()) * ratio) + spare
        covering = QRect(left, top, right - left, bottom - top)
        return covering.intersected(self._image.rect())
