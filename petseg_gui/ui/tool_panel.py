"""The panel at the left: the tools, and the options of the one in use."""

from __future__ import annotations

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtWidgets import QFrame, QScrollArea, QVBoxLayout, QWidget

from petseg_gui.core.tool_options import ToolOptions
from petseg_gui.ui.action_specs import TOOL_ACTIONS
from petseg_gui.ui.actions import Actions
from petseg_gui.ui.choices import KeyedButton
from petseg_gui.ui.tool_options_panel import ToolOptionsPanel
from petseg_gui.ui.widgets import keep_keys, separator

MARGIN = 12
"""Pixels at the left and at the right of the options."""


class ToolPanel(QWidget):
    """Tool buttons with their keys, and the options beneath; these scroll in a low window.

    Attributes:
        options: the panel of options.

    Signals:
        diameterChosen: brush diameter in photo pixels, when the user moves the slider.
        optionsChosen: the new :class:`ToolOptions`, when the user changes one.
    """

    diameterChosen = Signal(float)  # noqa: N815 - Qt's spelling of signals
    optionsChosen = Signal(object)  # noqa: N815

    def __init__(self, actions: Actions, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("toolPanel")
        self.setAccessibleName("Tools")
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 8, 0, 4)
        layout.setSpacing(0)
        buttons = QVBoxLayout()
        buttons.setContentsMargins(6, 0, 6, 6)
        buttons.setSpacing(1)
        for name in TOOL_ACTIONS.values():
            button = KeyedButton(actions[name])
            button.setIconSize(QSize(18, 18))
            buttons.addWidget(button)
        layout.addLayout(buttons)
        layout.addWidget(separator())
        self.options = ToolOptionsPanel()
        self.options.diameterChosen.connect(self.diameterChosen)
        self.options.optionsChosen.connect(self.optionsChosen)
        layout.addWidget(self._scrolling(self.options), 1)
        self.setFixedWidth(self._width_of_all())
        keep_keys(self)

    def set_tool(self, name: str) -> None:
        """Show the options of this tool."""
        self.options.set_tool(name)

    def set_options(self, options: ToolOptions) -> None:
        """Show options that came from elsewhere."""
        self.options.set_options(options)

    def set_diameter(self, diameter: float) -> None:
        """Show a diameter that came from elsewhere, without choosing it anew."""
        self.options.set_diameter(diameter)

    def _width_of_all(self) -> int:
        """Room for the widest options, so that the photo stays where it is with every tool."""
        widths = []
        for tool in (*TOOL_ACTIONS, "brush"):
            self.options.set_tool(tool)
            widths.append(self.options.minimumSizeHint().width())
        return max(widths) + 2 * MARGIN

    @staticmethod
    def _scrolling(panel: QWidget) -> QScrollArea:
        area = QScrollArea()
        area.setFrameShape(QFrame.Shape.NoFrame)
        area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        area.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        area.setWidgetResizable(True)
        holder = QWidget()
        inner = QVBoxLayout(holder)
        inner.setContentsMargins(MARGIN, 8, MARGIN, 4)
        inner.addWidget(panel)
        area.setWidget(holder)
        # A scroll bar takes the margin's place: nothing is cut off.
        area.verticalScrollBar().rangeChanged.connect(
            lambda _low, high: inner.setContentsMargins(MARGIN, 8, 0 if high else MARGIN, 4)
        )
        return area
