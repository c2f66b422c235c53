"""Where the photo lies in the widget: scale, offset, zoom, pan.  Pure Python.

Three coordinate systems, all x right and y down, all floats with pixel (i, j) covering
``[i, i+1) × [j, j+1)``:

- *photo*: pixels of the photo;
- *device*: physical pixels of the screen, from the widget's top left corner;
- *widget*: Qt's logical pixels, ``device / device pixel ratio``.

The scale is in device pixels per photo pixel, so that 100 % shows each photo pixel on exactly
one screen pixel at any device pixel ratio.
"""

from __future__ import annotations

from dataclasses import dataclass

MIN_SCALE = 0.02
MAX_SCALE = 64.0
FIT_MARGIN = 12.0
"""Widget pixels left free round a photo that is fitted to the window."""
KEEP_VISIBLE = 48.0
"""Widget pixels of the photo that no pan or zoom may push out of the viewport."""


@dataclass(frozen=True, slots=True)
class Placement:
    """What is needed to compose a frame, all in device pixels.

    ``x`` and ``y`` are where the photo's top left corner lies; they are whole numbers, so that
    a panned frame holds exactly the pixels of the frame before it, only elsewhere.
    """

    scale: float
    x: int
    y: int
    width: int
    height: int


class ViewTransform:
    """The mapping between the photo and the widget, and how the user changes it."""

    def __init__(self) -> None:
        self._photo = (1, 1)
        self._viewport = (1, 1)
        self._ratio = 1.0
        self._scale = 1.0
        # The wished-for offset keeps its fraction, or successive zooms would each lose up to
        # half a pixel, magnified by all that follow; the offset in use is rounded.
        self._x = 0.0
        self._y = 0.0
        self._fitted = True

    @property
    def scale(self) -> float:
        """Device pixels per photo pixel."""
        return self._scale

    @property
    def ratio(self) -> float:
        """Device pixels per widget pixel."""
        return self._ratio

    @property
    def fitted(self) -> bool:
        """Whether the photo is kept fitted to the window when that changes its size."""
        return self._fitted

    @property
    def placement(self) -> Placement:
        """The present mapping as the composer wants it."""
        return Placement(self._scale, round(self._x), round(self._y), *self._viewport)

    @property
    def min_scale(self) -> float:
        """The smallest scale: 2 %, or less where only that shows a huge photo whole."""
        return min(MIN_SCALE, self._fit_scale())

    def set_photo(self, width: int, height: int) -> None:
        """Show a photo of this size, fitted to the window.

        Raises:
            ValueError: a side is below one pixel.
        """
        if width < 1 or height < 1:
            raise ValueError(f"a photo has at least one pixel, not {width}×{height}")
        self._photo = (width, height)
        self.fit()

    def set_viewport(self, width: int, height: int, ratio: float) -> None:
        """Follow the widget's size in device pixels and its device pixel ratio.

        The photo point in the middle stays there; a fitted photo stays fitted.  A new ratio
        keeps the apparent size.

        Raises:
            ValueError: a side is below one pixel or the ratio is not positive.
        """
        if width < 1 or height < 1 or ratio <= 0:
            raise ValueError(f"no viewport: {width}×{height} at ratio {ratio}")
        centre = self._unrounded(self._viewport[0] / 2, self._viewport[1] / 2)
        if ratio != self._ratio:
            self._scale *= ratio / self._ratio
        self._viewport = (width, height)
        self._ratio = ratio
        if self._fitted:
            self.fit()
            return
        self._scale = self._clamped(self._scale)
        self._put(centre, width / 2, height / 2)

    def fit(self) -> None:
        """Show the whole photo, centred, as large as fits."""
        self._scale = min(self._fit_scale(), MAX_SCALE)
        self._x = (self._viewport[0] - self._photo[0] * self._scale) / 2
        self._y = (self._viewport[1] - self._photo[1] * self._scale) / 2
        self._fitted = True

    def zoom_to(self, scale: float, at: tuple[float, float] | None = None) -> None:
        """Set the scale, keeping the photo point under ``at`` (widget) where it is.

        ``at`` defaults to the middle of the widget; the scale is clamped.
        """
        if at is None:
            x, y = self._viewport[0] / 2, self._viewport[1] / 2
        else:
            x, y = at[0] * self._ratio, at[1] * self._ratio
        point = self._unrounded(x, y)
        self._scale = self._clamped(scale)
        self._fitted = False
        self._put(point, x, y)

    def zoom_at(self, at: tuple[float, float], factor: float) -> None:
        """Multiply the scale, keeping the photo point under ``at`` (widget) where it is."""
        self.zoom_to(self._scale * factor, at)

    def pan(self, dx: float, dy: float) -> None:
        """Move the photo by widget pixels."""
        self._x += dx * self._ratio
        self._y += dy * self._ratio
        self._fitted = False
        self._keep_visible()

    def image_to_device(self, x: float, y: float) -> tuple[float, float]:
        """The device point of a photo point."""
        return x * self._scale + round(self._x), y * self._scale + round(self._y)

    def device_to_image(self, x: float, y: float) -> tuple[float, float]:
        """The photo point of a device point; outside the photo too."""
        return (x - round(self._x)) / self._scale, (y - round(self._y)) / self._scale

    def image_to_widget(self, x: float, y: float) -> tuple[float, float]:
        """The widget point of a photo point."""
        dx, dy = self.image_to_device(x, y)
        return dx / self._ratio, dy / self._ratio

    def widget_to_image(self, x: float, y: float) -> tuple[float, float]:
        """The photo point of a widget point; outside the photo too."""
        return self.device_to_image(x * self._ratio, y * self._ratio)

    def _unrounded(self, x: float, y: float) -> tuple[float, float]:
        return (x - self._x) / self._scale, (y - self._y) / self._scale

    def _put(self, point: tuple[float, float], x: float, y: float) -> None:
        """Bring a photo point to a device point."""
        self._x = x - point[0] * self._scale
        self._y = y - point[1] * self._scale
        self._keep_visible()

    def _keep_visible(self) -> None:
        self._x = self._limited(self._x, self._photo[0], self._viewport[0])
        self._y = self._limited(self._y, self._photo[1], self._viewport[1])

    def _limited(self, offset: float, photo: int, viewport: int) -> float:
        length = photo * self._scale
        keep = min(KEEP_VISIBLE * self._ratio, length, viewport)
        return min(max(offset, keep - length), viewport - keep)

    def _fit_scale(self) -> float:
        margin = 2 * FIT_MARGIN * self._ratio
        return min(
            # In a window smaller than the margins the margins give way.
            (side - margin if side > 2 * margin else side) / pixels
            for side, pixels in zip(self._viewport, self._photo, strict=True)
        )

    def _clamped(self, scale: float) -> float:
        return min(max(scale, self.min_scale), MAX_SCALE)
