"""A diagram in the colours of the window, without pyqtgraph's menus and mouse.

Importing this module imports pyqtgraph, so only what is imported late itself may do it.
"""

from __future__ import annotations

import pyqtgraph as pg
from PySide6.QtCore import Qt
from PySide6.QtGui import QPalette
from PySide6.QtWidgets import QSizePolicy

_AXIS_WIDTH = 36
_LEAST_HEIGHT = 66


def diagram(palette: QPalette) -> pg.PlotWidget:
    """An empty diagram: it takes the height that there is, and no keys."""
    widget = pg.PlotWidget(background=palette.color(QPalette.ColorRole.Base))
    widget.setMinimumHeight(_LEAST_HEIGHT)
    # The height that there is, not the one that a diagram would like.
    widget.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Ignored)
    widget.setFocusPolicy(Qt.FocusPolicy.NoFocus)
    widget.setMenuEnabled(False)
    widget.setMouseEnabled(x=False, y=False)
    widget.hideButtons()
    item = widget.getPlotItem()
    for side in ("left", "bottom"):
        axis = item.getAxis(side)
        axis.setTextPen(palette.color(QPalette.ColorRole.WindowText))
        axis.setPen(palette.color(QPalette.ColorRole.Mid))
    item.getAxis("left").setWidth(_AXIS_WIDTH)
    item.showGrid(y=True, alpha=0.15)
    return widget
