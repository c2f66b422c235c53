"""Tool, class, brush size and look of the mask: the canvas, its panels and the settings agree."""

from __future__ import annotations

from PySide6.QtCore import QObject, Qt
from PySide6.QtGui import QKeyEvent

from model.labels import CLASSES, Label
from petseg_gui.core.settings import Settings
from petseg_gui.ui.actions import Actions
from petseg_gui.ui.window_parts import WindowParts

BRUSH_STEP = 1.2
"""Ratio between two brush sizes of [ and ]."""
HIDING_KEYS = (Qt.Key.Key_H, Qt.Key.Key_QuoteLeft)
"""While one of them is held, the mask is not shown."""


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
        canvas, parts, actions = self._canvas, self._parts, self._actions
        actions["actionBrush"].triggered.connect(lambda: canvas.set_tool("brush"))
        actions["actionEraser"].triggered.connect(lambda: canvas.set_tool("eraser"))
        actions["actionBrushSmaller"].triggered.connect(lambda: self._scale_brush(1 / BRUSH_STEP))
        actions["actionBrushLarger"].triggered.connect(lambda: self._scale_brush(BRUSH_STEP))
        for label in CLASSES:
            actions[f"actionClass{int(label)}"].triggered.connect(
                lambda _=False, value=int(label): self._choose_class(value)
            )
        canvas.brushDiameterChanged.connect(self._brush_changed)
        parts.tools.diameterChosen.connect(canvas.set_brush_diameter)
        parts.classes.visibilityChosen.connect(self._set_label_visible)
        parts.classes.opacityChosen.connect(self._set_opacity)

    def _restore(self) -> None:
        settings, parts, canvas = self._settings, self._parts, self._canvas
        canvas.set_brush_diameter(settings.brush_diameter)
        parts.tools.set_diameter(settings.brush_diameter)
        canvas.set_overlay_opacity(settings.overlay_opacity)
        parts.classes.set_opacity(settings.overlay_opacity)
        for value in settings.hidden_labels:
            canvas.set_label_visible(value, False)
            parts.classes.set_visible_label(value, False)
        self._choose_class(int(Label.PET))

    def _choose_class(self, value: int) -> None:
        self._canvas.set_label(value)
        self._actions[f"actionClass{value}"].setChecked(True)
        # Whoever picks a class wants to paint it.
        self._canvas.set_tool("brush")
        self._actions["actionBrush"].setChecked(True)

    def _scale_brush(self, factor: float) -> None:
        diameter = self._canvas.brush_diameter
        step = diameter * factor
        if abs(step - diameter) < 1:
            step = diameter + (1 if factor > 1 else -1)
        self._canvas.set_brush_diameter(max(1.0, round(step)))

    def _brush_changed(self, diameter: float) -> None:
        self._parts.tools.set_diameter(diameter)
        self._settings.brush_diameter = diameter

    def _set_label_visible(self, value: int, visible: bool) -> None:
        self._canvas.set_label_visible(value, visible)
        hidden = set(self._settings.hidden_labels) - {value}
        self._settings.hidden_labels = sorted(hidden if visible else hidden | {value})

    def _set_opacity(self, opacity: float) -> None:
        self._canvas.set_overlay_opacity(opacity)
        self._settings.overlay_opacity = opacity
