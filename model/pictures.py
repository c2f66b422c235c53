"""Pictures of photos beside their masks, for people to look at."""

from __future__ import annotations

from collections.abc import Sequence

import cv2
import numpy as np

from model.resize import Photo

_MARGIN = 4
_WHITE = 255


def contact_sheet(rows: Sequence[Sequence[Photo]], *, cell: int = 200, columns: int = 1) -> Photo:
    """Groups of pictures, each group side by side.

    Args:
        rows: one group per photo (such as photo, truth, prediction), all of equal length;
            masks go through :func:`model.labels.colourise` first.
        cell: width and height of each picture's place, in pixels; its aspect is kept.
        columns: groups beside each other.

    Returns:
        uint8 (H, W, 3) on white.

    Raises:
        ValueError: there is nothing to show.
    """
    if not rows:
        raise ValueError("there is no photo to show")
    groups = [np.hstack([_fit(picture, cell) for picture in row]) for row in rows]
    columns = min(columns, len(groups))
    groups += [np.full_like(groups[0], _WHITE)] * (-len(groups) % columns)
    lines = [np.hstack(groups[i : i + columns]) for i in range(0, len(groups), columns)]
    return np.vstack(lines)


def _fit(picture: Photo, cell: int) -> Photo:
    height, width = picture.shape[:2]
    scale = (cell - 2 * _MARGIN) / max(height, width)
    size = (max(1, round(width * scale)), max(1, round(height * scale)))
    method = cv2.INTER_AREA if scale < 1 else cv2.INTER_NEAREST
    framed = np.full((cell, cell, 3), _WHITE, np.uint8)
    top, left = (cell - size[1]) // 2, (cell - size[0]) // 2
    framed[top : top + size[1], left : left + size[0]] = cv2.resize(
        picture, size, interpolation=method
    )
    return framed
