"""The canvas: the photo with its mask laid over it, and the brush that changes the mask.

``view`` maps photo to screen, ``pyramid`` and ``composer`` make the pixels, ``tools`` and
``gesture`` turn a drag into patches, ``cursor`` draws the ring, and ``canvas`` is the widget
that ties them to Qt.  Only ``cursor``, ``navigation`` and ``canvas`` know Qt.
"""

from petseg_gui.ui.canvas.canvas import Canvas
from petseg_gui.ui.canvas.pyramid import PhotoPyramid

__all__ = ["Canvas", "PhotoPyramid"]
