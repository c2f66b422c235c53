"""The canvas: the photo with its mask laid over it, and the tools that change the mask.

Each class adds one thing to the one before it: ``frame_widget`` shows a frame, ``surface`` the
views of photo and mask, ``editing`` has the document, the tool and its drags, ``pending`` what
is shown and not made yet, ``pointed`` what the pointer shows, and ``canvas`` turns Qt's events
into all that.  ``tools`` and ``gesture`` turn touches into patches and know no Qt, nor do
``view``, which maps photo to screen, ``pyramid``, ``composer`` and ``looks``, which make pixels.
"""

from petseg_gui.ui.canvas.canvas import Canvas
from petseg_gui.ui.canvas.pyramid import PhotoPyramid

__all__ = ["Canvas", "PhotoPyramid"]
