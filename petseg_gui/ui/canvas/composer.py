"""The pixels of the canvas: photo, mask and surroundings in one frame.  No Qt.

The frame is as large as the viewport, in device pixels, and lives as long as the viewport has
that size.  A change of the mask recomposes the device pixels that show it, a pan moves the frame
and composes the strips that came into view; nothing here costs by the size of the photo.

A device pixel shows the mask pixel (and, from 200 % on, the photo pixel) that its centre lies
in.  Below 200 % the photo is sampled smoothly, and those samples are kept beside the frame, so
that a stroke blends but never samples again.  Every pixel is computed from its own position
alone: composing a part gives the very bits that composing everything gives.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import cv2
import numpy as np
import numpy.typing as npt

from model.labels import CLASSES, COLOURS, Label
from petseg_gui.core.mask import Rect
from petseg_gui.ui.canvas.pyramid import PhotoPyramid, PixelArray
from petseg_gui.ui.canvas.view import Placement

NEAREST_FROM = 2.0
"""From this scale on, photo pixels are shown as squares."""

# Large areas go in bands of so many device rows: what they need in between stays in the cache.
_BAND = 128

# Blending in whole 1/128: products of bytes and weights, times a power of two, are exact in the
# single precision that cv2.multiply uses, so vector and scalar code round alike.
_ONE = 128


@dataclass(frozen=True, slots=True)
class Tints:
    """How strongly each label colours the photo: opacity 0..1, and which labels show at all."""

    opacity: float = 0.5
    visible: frozenset[int] = frozenset({int(Label.PET), int(Label.BORDER)})
    shown: bool = True

    def tables(self) -> tuple[npt.NDArray[np.uint32], npt.NDArray[np.uint32]]:
        """Per mask value: weights of the photo (of 128), and the colour to add; both as BGRX."""
        weights = np.full((256, 4), _ONE, np.uint8)
        colours = np.zeros((256, 4), np.uint8)
        alpha = round(self.opacity * _ONE)
        for label in CLASSES:
            if self.shown and int(label) in self.visible:
                weights[label, :3] = _ONE - alpha
                tint = COLOURS[label].astype(np.float64) * alpha / _ONE
                colours[label, :3] = np.rint(tint[::-1]).astype(np.uint8)
        return weights.view(np.uint32)[:, 0], colours.view(np.uint32)[:, 0]


class Composer:
    """Composes the frame of one photo and its mask.

    Attributes:
        frame: uint8 (height, width, 4), BGRX, in device pixels: what the screen shows.
        composed: device pixels composed so far; tests bound the cost of an event with it.
    """

    def __init__(self) -> None:
        self.frame: PixelArray = np.zeros((1, 1, 4), np.uint8)
        self.composed = 0
        self._pyramid: PhotoPyramid | None = None
        self._placement: Placement | None = None
        self._surround = np.array([64, 64, 64, 255], np.uint8)
        self._tints = Tints()
        self._weights, self._colours = self._tints.tables()
        self._samples: PixelArray | None = None
        self._columns = np.zeros(0, np.intp)
        self._rows = np.zeros(0, np.intp)

    @property
    def tints(self) -> Tints:
        """The tints in use."""
        return self._tints

    def set_photo(self, pyramid: PhotoPyramid | None) -> None:
        """Change the photo; the frame is stale until the next :meth:`show`."""
        self._pyramid = pyramid
        self.invalidate()

    def set_tints(self, tints: Tints) -> None:
        """Change the tints; the frame is stale until :meth:`recompose` without a rectangle."""
        self._tints = tints
        self._weights, self._colours = tints.tables()

    def set_surround(self, red: int, green: int, blue: int) -> None:
        """Change the colour round the photo; the frame is stale until the next :meth:`show`."""
        self._surround = np.array([blue, green, red, 255], np.uint8)
        self.invalidate()

    def invalidate(self) -> None:
        """Forget the frame's content; the next :meth:`show` composes all of it."""
        self._placement = None

    def show(self, placement: Placement, mask: PixelArray) -> None:
        """Bring the frame to this placement, at the least cost.

        Args:
            placement: where the photo lies in the viewport.
            mask: uint8 (H, W) of the photo's shape.
        """
        before = self._placement
        if before == placement:
            return
        moved_only = (
            before is not None
            and (before.scale, before.width, before.height)
            == (placement.scale, placement.width, placement.height)
            and abs(placement.x - before.x) < placement.width
            and abs(placement.y - before.y) < placement.height
        )
        self._place(placement)
        if before is not None and moved_only:
            self._scroll(placement.x - before.x, placement.y - before.y, mask)
        else:
            self._sample(0, 0, placement.width, placement.height)
            self._compose(0, 0, placement.width, placement.height, mask)

    def recompose(self, mask: PixelArray, rect: Rect | None = None) -> Rect | None:
        """Compose anew what shows a rectangle of the mask, or everything.

        Returns:
            The device rectangle that was composed; None when nothing of it is in view.
        """
        if self._placement is None:
            return None
        if rect is None:
            x0, y0, x1, y1 = 0, 0, self._placement.width, self._placement.height
        else:
            x0, x1 = np.searchsorted(self._columns, (rect.x, rect.x + rect.width)).tolist()
            y0, y1 = np.searchsorted(self._rows, (rect.y, rect.y + rect.height)).tolist()
        if x0 >= x1 or y0 >= y1:
            return None
        self._compose(x0, y0, x1, y1, mask)
        return Rect(x0, y0, x1 - x0, y1 - y0)

    def _place(self, placement: Placement) -> None:
        size = (placement.height, placement.width)
        if self.frame.shape[:2] != size:
            self.frame = np.empty((*size, 4), np.uint8)
        smooth = self._pyramid is not None and placement.scale < NEAREST_FROM
        if not smooth:
            self._samples = None
        elif self._samples is None or self._samples.shape[:2] != size:
            self._samples = np.zeros((*size, 4), np.uint8)
        self._columns = np.floor(_centres(0, size[1], placement.x, placement.scale)).astype(np.intp)
        self._rows = np.floor(_centres(0, size[0], placement.y, placement.scale)).astype(np.intp)
        self._placement = placement

    def _scroll(self, dx: int, dy: int, mask: PixelArray) -> None:
        height, width = self.frame.shape[:2]
        for pixels in (self.frame, self._samples):
            if pixels is not None:
                target = pixels[max(dy, 0) : height + min(dy, 0), max(dx, 0) : width + min(dx, 0)]
                source = pixels[max(-dy, 0) : height - max(dy, 0), max(-dx, 0) : width - max(dx, 0)]
                target[...] = source
        top, bottom = (0, dy) if dy >= 0 else (height + dy, height)
        left, right = (0, dx) if dx >= 0 else (width + dx, width)
        beside = (dy, height) if dy >= 0 else (0, height + dy)
        for x0, y0, x1, y1 in ((0, top, width, bottom), (left, beside[0], right, beside[1])):
            self._sample(x0, y0, x1, y1)
            self._compose(x0, y0, x1, y1, mask)

    def _inside(self, x0: int, y0: int, x1: int, y1: int) -> tuple[int, int, int, int]:
        """The part of a device rectangle that shows the photo; empty: it ends before it starts."""
        if self._pyramid is None:
            return 0, 0, 0, 0
        rows, columns = self._pyramid.shape
        left, right = np.searchsorted(self._columns, (0, columns)).tolist()
        top, bottom = np.searchsorted(self._rows, (0, rows)).tolist()
        return max(x0, left), max(y0, top), min(x1, right), min(y1, bottom)

    def _sample(self, x0: int, y0: int, x1: int, y1: int) -> None:
        x0, y0, x1, y1 = self._inside(x0, y0, x1, y1)
        if self._samples is None or x0 >= x1 or y0 >= y1:
            return
        assert self._pyramid is not None
        assert self._placement is not None
        at = self._placement
        xs = _centres(x0, x1, at.x, at.scale)
        for top, bottom in _bands(y0, y1):
            ys = _centres(top, bottom, at.y, at.scale)
            self._samples[top:bottom, x0:x1] = self._pyramid.sample(xs, ys, at.scale)

    def _compose(self, x0: int, y0: int, x1: int, y1: int, mask: PixelArray) -> None:
        if x0 >= x1 or y0 >= y1:
            return
        self.composed += (x1 - x0) * (y1 - y0)
        inner = self._inside(x0, y0, x1, y1)
        if inner != (x0, y0, x1, y1):
            self.frame[y0:y1, x0:x1] = self._surround
        x0, y0, x1, y1 = inner
        if x0 < x1:
            for start, stop in _bands(y0, y1):
                self._tint(x0, start, x1, stop, mask)

    def _tint(self, x0: int, y0: int, x1: int, y1: int, mask: PixelArray) -> None:
        """Compose a device rectangle, not empty, that lies wholly in the photo."""
        columns, rows = self._columns[x0:x1], self._rows[y0:y1]
        left, right = int(columns[0]), int(columns[-1]) + 1
        if self._samples is not None:
            labels = mask[rows, left:right].take(columns - left, axis=1)
            self.frame[y0:y1, x0:x1] = self._blend(self._samples[y0:y1, x0:x1], labels)
            return
        # Magnified: blend each photo pixel once, then repeat it.
        assert self._pyramid is not None
        top, bottom = int(rows[0]), int(rows[-1]) + 1
        photo = self._pyramid.crop(left, top, right, bottom)
        blended = self._blend(photo, mask[top:bottom, left:right])
        packed = blended.view(np.uint32)[:, :, 0].take(columns - left, axis=1)
        self.frame.view(np.uint32)[y0:y1, x0:x1, 0] = packed.take(rows - top, axis=0)

    def _blend(self, photo: PixelArray, labels: PixelArray) -> PixelArray:
        """The photo's pixels (h, w, 4), tinted by their labels (h, w)."""
        weights = self._weights.take(labels).view(np.uint8).reshape(*labels.shape, 4)
        colours = self._colours.take(labels).view(np.uint8).reshape(*labels.shape, 4)
        blended = cv2.multiply(photo, weights, scale=1 / _ONE)
        return np.asarray(cv2.add(blended, colours), np.uint8)


def _bands(start: int, stop: int) -> Iterator[tuple[int, int]]:
    for top in range(start, stop, _BAND):
        yield top, min(top + _BAND, stop)


def _centres(start: int, stop: int, offset: int, scale: float) -> npt.NDArray[np.float64]:
    """Photo coordinates of the centres of device pixels start..stop along one axis."""
    return (np.arange(start, stop, dtype=np.float64) + (0.5 - offset)) / scale
