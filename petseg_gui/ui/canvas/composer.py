"""The pixels of the canvas: photo, mask and surroundings in one frame.  No Qt.

The frame is as large as the viewport, in device pixels, and lives as long as the viewport has
that size.  A change of the mask recomposes the device pixels that show it, a pan moves the frame
and composes the strips that came into view; nothing here costs by the size of the photo.

A device pixel shows the mask pixel (and, from 200 % on, the photo pixel) that its centre lies
in.  Below 200 % the photo is sampled smoothly, and those samples are kept beside the frame, so
that a stroke blends but never samples again.  What becomes of them is the scene's business
(:mod:`looks`).  Every pixel is computed from its surroundings on the photo alone: composing a
part gives the very bits that composing everything gives.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import replace

import numpy as np
import numpy.typing as npt

from petseg_gui.core.mask import BoolArray, Rect
from petseg_gui.ui.canvas.block import Block
from petseg_gui.ui.canvas.looks import Look
from petseg_gui.ui.canvas.preview import PreviewMark
from petseg_gui.ui.canvas.pyramid import PhotoPyramid, PixelArray
from petseg_gui.ui.canvas.scene import Scene
from petseg_gui.ui.canvas.view import Placement

NEAREST_FROM = 2.0
"""From this scale on, photo pixels are shown as squares."""
GRID_FROM = 16.0
"""From this scale on, lines tell them apart."""

# Large areas go in bands of so many device rows: what they need in between stays in the cache.
_BAND = 128

# The grid makes dark pixels lighter and light ones darker, by so much: seen on both, never loud.
_GRID_STRENGTH = 0.16
_STEPS = np.arange(256.0)
_LIGHTER = np.rint(_STEPS + (255 - _STEPS) * _GRID_STRENGTH).astype(np.uint8)
_DARKER = np.rint(_STEPS * (1 - _GRID_STRENGTH)).astype(np.uint8)
_DARK_BELOW = 112


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
        self._surround = _one_pixel(64, 64, 64)
        self._scene = Scene()
        self._stale = False
        self._position = 0.5
        self._samples: PixelArray | None = None
        self._columns = np.zeros(0, np.intp)
        self._rows = np.zeros(0, np.intp)

    def set_photo(self, pyramid: PhotoPyramid | None) -> None:
        """Change the photo; the frame is stale until the next :meth:`show`."""
        self._pyramid = pyramid
        self.invalidate()

    def set_scene(self, scene: Scene) -> None:
        """Change how the photo is shown; the frame is stale until the next :meth:`show`."""
        self._scene = scene
        self._stale = True

    def set_preview(self, preview: PreviewMark | None) -> None:
        """Change the pending change; only its rectangle and that of the one before are stale."""
        self._scene = replace(self._scene, preview=preview)

    def set_surround(self, red: int, green: int, blue: int) -> None:
        """Change the colour round the photo; the frame is stale until the next :meth:`show`."""
        self._surround = _one_pixel(red, green, blue)
        self.invalidate()

    def invalidate(self) -> None:
        """Forget the frame's content; the next :meth:`show` composes all of it."""
        self._placement = None

    def show(self, placement: Placement, mask: PixelArray) -> None:
        """Bring the frame to this placement and to the scene, at the least cost.

        Args:
            placement: where the photo lies in the viewport.
            mask: uint8 (H, W) of the photo's shape.
        """
        before = self._placement
        if before == placement and not self._stale:
            return
        moved_only = (
            before is not None
            and (before.scale, before.width, before.height)
            == (placement.scale, placement.width, placement.height)
            and abs(placement.x - before.x) < placement.width
            and abs(placement.y - before.y) < placement.height
        )
        if before is None or not moved_only:
            self._place(placement)
            self._sample(0, 0, placement.width, placement.height)
            self._stale = True
        elif before != placement:
            self._place(placement)
            self._scroll(placement.x - before.x, placement.y - before.y, mask)
        if self._stale:
            self._stale = False
            self._compose(0, 0, placement.width, placement.height, mask)

    def recompose(self, mask: PixelArray, rect: Rect | None = None) -> Rect | None:
        """Compose anew what shows a rectangle of the mask, or everything.

        Returns:
            The device rectangle that was composed; None when nothing of it is in view.
        """
        if self._placement is None:
            return None
        at, reach = self._placement, self._scene.reach
        if rect is None:
            self._stale = False
            x0, y0, x1, y1 = 0, 0, at.width, at.height
        elif reach == 0:
            x0, x1 = np.searchsorted(self._columns, (rect.x, rect.x + rect.width)).tolist()
            y0, y1 = np.searchsorted(self._rows, (rect.y, rect.y + rect.height)).tolist()
        else:
            # Also what lies beside pixels that are themselves out of view.
            x0 = max(math.floor(rect.x * at.scale) + at.x - reach, 0)
            y0 = max(math.floor(rect.y * at.scale) + at.y - reach, 0)
            x1 = min(math.ceil(rect.right * at.scale) + at.x + reach, at.width)
            y1 = min(math.ceil(rect.bottom * at.scale) + at.y + reach, at.height)
        if x0 >= x1 or y0 >= y1:
            return None
        self._compose(x0, y0, x1, y1, mask)
        return Rect(x0, y0, x1 - x0, y1 - y0)

    @property
    def divider(self) -> int:
        """The first device column right of the divider, if the scene has one."""
        return 0 if self._placement is None else round(self._position * self._placement.width)

    def set_divider(self, position: float, mask: PixelArray) -> Rect | None:
        """Move the divider of a scene that has one; only what it passes over is composed.

        Args:
            position: of the viewport's width, 0..1.
            mask: uint8 (H, W) of the photo's shape.

        Returns:
            The device rectangle that was composed; None: nothing.
        """
        before = self.divider
        self._position = position
        if self._placement is None or self._scene.before is None:
            return None
        left, right = sorted((before, self.divider))
        if left == right:
            return None
        self._compose(left, 0, right, self._placement.height, mask)
        return Rect(left, 0, right - left, self._placement.height)

    def _place(self, placement: Placement) -> None:
        size = (placement.height, placement.width)
        if self.frame.shape[:2] != size:
            self.frame = np.empty((*size, 4), np.uint8)
        smooth = self._pyramid is not None and placement.scale < NEAREST_FROM
        if not smooth:
            self._samples = None
        elif self._samples is None or self._samples.shape[:2] != size:
            self._samples = np.zeros((*size, 4), np.uint8)
        self._columns = _pixels(0, size[1], placement.x, placement.scale)
        self._rows = _pixels(0, size[0], placement.y, placement.scale)
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
            if not self._stale:
                self._compose(x0, y0, x1, y1, mask)
        if self._scene.before is not None and not self._stale:
            # The divider stays where it is; what was on one side of it is on the other now.
            x0, x1 = sorted((self.divider, self.divider + dx))
            self._compose(max(x0, 0), 0, min(x1, width), height, mask)

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
        self._fill_around(inner, x0, y0, x1, y1)
        x0, y0, x1, y1 = inner
        split = x0 if self._scene.before is None else min(max(self.divider, x0), x1)
        sides = ((self._scene.before, x0, split), (self._scene.look, split, x1))
        for look, left, right in sides:
            if look is not None and left < right:
                for top, bottom in _bands(y0, y1):
                    self._paint(look, Rect(left, top, right - left, bottom - top), mask)

    def _fill_around(
        self, inner: tuple[int, int, int, int], x0: int, y0: int, x1: int, y1: int
    ) -> None:
        """Fill what a device rectangle has beside the photo's part of it."""
        pixels = self.frame.view(np.uint32)[:, :, 0]
        left, top, right, bottom = inner
        if left >= right or top >= bottom:
            left, top, right, bottom = x1, y1, x1, y1
        for rows, columns in (
            (slice(y0, top), slice(x0, x1)),
            (slice(bottom, y1), slice(x0, x1)),
            (slice(top, bottom), slice(x0, left)),
            (slice(top, bottom), slice(right, x1)),
        ):
            pixels[rows, columns] = self._surround

    def _paint(self, look: Look, area: Rect, mask: PixelArray) -> None:
        """Compose a device rectangle, not empty, that lies wholly in the photo."""
        assert self._placement is not None
        x0, y0, x1, y1 = area.x, area.y, area.right, area.bottom
        preview = self._scene.preview
        magnified = self._samples is None
        if magnified and look.per_photo_pixel and preview is None:
            self._repeat(look, area, mask)
        else:
            block = self._block(x0, y0, x1, y1, mask)
            pixels = look.paint(block)
            if preview is not None and preview.touches(block):
                pixels = preview.paint(block, pixels)
            self.frame[y0:y1, x0:x1] = pixels
            if self._gridded:
                self._draw_grid(x0, y0, x1, y1)

    @property
    def _gridded(self) -> bool:
        assert self._placement is not None
        return self._scene.grid and self._placement.scale >= GRID_FROM

    def _repeat(self, look: Look, area: Rect, mask: PixelArray) -> None:
        """Magnified: compose each photo pixel once, and show it as often as it takes."""
        assert self._pyramid is not None
        x0, y0, x1, y1 = area.x, area.y, area.right, area.bottom
        columns, rows = self._columns[x0:x1], self._rows[y0:y1]
        left, right = int(columns[0]), int(columns[-1]) + 1
        top, bottom = int(rows[0]), int(rows[-1]) + 1
        across, down = np.arange(left, right), np.arange(top, bottom)
        photo = self._pyramid.crop(left, top, right, bottom)
        xs, ys = across + np.float64(0.5), down + np.float64(0.5)
        block = Block(photo, mask, across, down, 0, xs, ys, across, down)
        cells = np.ascontiguousarray(look.paint(block))
        wide = cells.view(np.uint32)[:, :, 0].take(columns - left, axis=1)
        source = rows - top
        if self._gridded:
            # Each row as it is, its pixels' first columns marked, and each row marked all over.
            marked = _marked(cells).view(np.uint32)[:, :, 0].take(columns - left, axis=1)
            first_columns, first_rows = self._firsts(x0, y0, x1, y1)
            wide[:, first_columns] = marked[:, first_columns]
            wide = np.vstack([wide, marked])
            source = source + len(cells) * first_rows
        self.frame.view(np.uint32)[y0:y1, x0:x1, 0] = wide.take(source, axis=0)

    def _block(self, x0: int, y0: int, x1: int, y1: int, mask: PixelArray) -> Block:
        assert self._pyramid is not None
        assert self._placement is not None
        at, reach = self._placement, self._scene.reach
        columns, rows = self._columns[x0:x1], self._rows[y0:y1]
        if self._samples is not None:
            photo = self._samples[y0:y1, x0:x1]
        else:
            left, top = int(columns[0]), int(rows[0])
            cells = self._pyramid.crop(left, top, int(columns[-1]) + 1, int(rows[-1]) + 1)
            wide = cells.view(np.uint32)[:, :, 0].take(columns - left, axis=1)
            photo = wide.take(rows - top, axis=0).view(np.uint8).reshape(y1 - y0, x1 - x0, 4)
        if reach:
            height, width = self._pyramid.shape
            columns = _pixels(x0 - reach, x1 + reach, at.x, at.scale).clip(0, width - 1)
            rows = _pixels(y0 - reach, y1 + reach, at.y, at.scale).clip(0, height - 1)
        return Block(
            photo,
            mask,
            columns,
            rows,
            reach,
            _centres(x0, x1, at.x, at.scale),
            _centres(y0, y1, at.y, at.scale),
            np.arange(x0 - at.x, x1 - at.x),
            np.arange(y0 - at.y, y1 - at.y),
        )

    def _draw_grid(self, x0: int, y0: int, x1: int, y1: int) -> None:
        """Mark the first device row and column of every photo pixel."""
        columns, rows = self._firsts(x0, y0, x1, y1)
        part = self.frame[y0:y1, x0:x1]
        part[rows] = _marked(part[rows])
        crossing = np.ix_(~rows, columns)
        part[crossing] = _marked(part[crossing])

    def _firsts(self, x0: int, y0: int, x1: int, y1: int) -> tuple[BoolArray, BoolArray]:
        """Which device columns and rows are the first to show their photo pixel."""
        assert self._placement is not None
        at = self._placement
        columns = np.diff(_pixels(x0 - 1, x1, at.x, at.scale)) > 0
        return columns, np.diff(_pixels(y0 - 1, y1, at.y, at.scale)) > 0


def _one_pixel(red: int, green: int, blue: int) -> np.uint32:
    """A pixel of the frame, BGRX, as one number: one is written faster than four."""
    pixel: np.uint32 = np.array([blue, green, red, 255], np.uint8).view(np.uint32)[0]
    return pixel


def _marked(pixels: PixelArray) -> PixelArray:
    """Pixels (n, m, 4), BGRX, as the grid shows them; green stands for how light they are."""
    dark = pixels[:, :, 1:2] < _DARK_BELOW
    marked = np.where(dark, _LIGHTER[pixels], _DARKER[pixels])
    marked[:, :, 3] = 255
    return marked


def _bands(start: int, stop: int) -> Iterator[tuple[int, int]]:
    for top in range(start, stop, _BAND):
        yield top, min(top + _BAND, stop)


def _centres(start: int, stop: int, offset: int, scale: float) -> npt.NDArray[np.float64]:
    """Photo coordinates of the centres of device pixels start..stop along one axis."""
    return (np.arange(start, stop, dtype=np.float64) + (0.5 - offset)) / scale


def _pixels(start: int, stop: int, offset: int, scale: float) -> npt.NDArray[np.intp]:
    """The photo pixels, or those beside it, that the centres lie in."""
    return np.floor(_centres(start, stop, offset, scale)).astype(np.intp)
