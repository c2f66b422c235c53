"""Tool, options, class and brush size: the canvas, its panels and the settings agree."""

from __future__ import annotations

from dataclasses import replace

from PySide6.QtCore import QObject, Qt
from PySide6.QtGui import QKeyEvent

from model.labels import CLASSES, Label
from petseg_gui.core.settings import Settings
from petseg_gui.core.tool_options import ToolOptions
from petseg_gui.ui.action_specs import TOOL_ACTIONS
from petseg_gui.ui.actions import Actions
from petseg_gui.ui.window_parts import WindowParts

BRUSH_STEP = 1.2
"""Ratio between two brush sizes of [ and ]."""
HIDING_KEYS = (Qt.Key.Key_H, Qt.Key.Key_QuoteLeft)
"""While one of them is held, the photo is shown alone."""


class CanvasControls(QObject):
    """Joins the canvas to the tool panel, the class panel and the actions about painting.

    Args:
        actions: the window's.
        parts: the window's.
        settings: what is remembered between runs; changed in place.
    """

    def __init__(
        self, actions: Actions, parts: WindowParts, settings: Settings, parent: QObject
    ) -> None:
        super().__init__(parent)
        self._actions = actions
        self._parts = parts
        self._canvas = parts.canvas
        self._settings = settings
        self._connect()
        self._restore()

    def hide_mask(self, event: QKeyEvent) -> bool:
        """Hide the mask if a key that does so was pressed; returns whether it was."""
        if event.key() not in HIDING_KEYS:
            return False
        if not event.isAutoRepeat():
            self._canvas.set_overlay_visible(False)
        return True

    def show_mask(self, event: QKeyEvent) -> bool:
        """Show the mask again if a key that hides it was let go; returns whether it was."""
        if event.key() not in HIDING_KEYS:
            return False
        if not event.isAutoRepeat():
            self._canvas.set_overlay_visible(True)
        return True

    def _connect(self) -> None:
        canvas, tools, actions = self._canvas, self._parts.tools, self._actions
        settings = self._settings
        for tool, name in TOOL_ACTIONS.items():
            actions[name].triggered.connect(lambda _=False, tool=tool: canvas.set_tool(tool))
        canvas.toolChanged.connect(self._tool_changed)
        actions["actionBrushSmaller"].triggered.connect(lambda: self._scale_brush(1 / BRUSH_STEP))
        actions["actionBrushLarger"].triggered.connect(lambda: self._scale_brush(BRUSH_STEP))
        for label in CLASSES:
            actions[f"actionClass{int(label)}"].triggered.connect(
                lambda _=False, value=int(label): self._choose_class(value)
            )
        actions["actionRestore"].triggered.connect(self._choose_model_mask)
        actions["actionKeepBorder"].toggled.connect(
            lambda on: self._use_options(replace(settings.tools, keep_border=on))
        )
        canvas.brushDiameterChanged.connect(self._brush_changed)
        tools.diameterChosen.connect(canvas.set_brush_diameter)
        tools.optionsChosen.connect(self._use_options)

    def _restore(self) -> None:
        settings, canvas = self._settings, self._canvas
        # The canvas and the settings disagree before they agree: the size is read first.
        diameter = settings.brush_diameter
        self._use_options(settings.tools)
        canvas.set_brush_diameter(diameter)
        self._brush_changed(diameter)
        self._tool_changed(canvas.tool)
        self._choose_class(int(Label.PET))

    def _tool_changed(self, tool: str) -> None:
        self._actions[TOOL_ACTIONS[tool]].setChecked(True)
        self._parts.tools.set_tool(tool)

    def _choose_class(self, value: int) -> None:
        self._canvas.set_restoring(False)
        self._canvas.set_label(value)
        self._actions[f"actionClass{value}"].setChecked(True)
        self._leave_eraser()

    def _choose_model_mask(self) -> None:
        self._canvas.set_restoring(True)
        self._leave_eraser()

    def _leave_eraser(self) -> None:
        """Whoever picks what to paint wants to paint it, and the eraser paints background."""
        if self._canvas.tool == "eraser":
            self._canvas.set_tool("brush")

    def _use_options(self, options: ToolOptions) -> None:
        self._settings.tools = options
        self._canvas.set_tool_options(options)
        self._parts.tools.set_options(options)
        # It comes here again by way of its signal only when it differs.
        self._actions["actionKeepBorder"].setChecked(options.keep_border)

    def _scale_brush(self, factor: float) -> None:
        diameter = self._canvas.brush_diameter
        step = diameter * factor
        if abs(step - diameter) < 1:
            step = diameter + (1 if factor > 1 else -1)
        self._canvas.set_brush_diameter(max(1.0, round(step)))

    def _brush_changed(self, diameter: float) -> None:
        self._parts.tools.set_diameter(diameter)
        self._settings.brush_diameter = diameter
