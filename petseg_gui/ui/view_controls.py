"""Views of the photo: their actions, the wipe, the mask's opacity, and what the models say."""

from __future__ import annotations

from PySide6.QtCore import QObject

from model.labels import CLASSES
from petseg_gui.core.settings import Settings
from petseg_gui.services.messages import Messages
from petseg_gui.ui.action_specs import VIEW_ACTIONS
from petseg_gui.ui.actions import Actions
from petseg_gui.ui.shown_predictions import NO_PHOTO, NOT_YET, READING, ShownPredictions
from petseg_gui.ui.window_parts import WindowParts

HOME = "overlay"
"""The view that every other one goes back to."""
COMPARING = ("changes", "models")
"""Views with a before and an after."""
OPACITY_STEP = 0.1
PASSING = ("", NO_PHOTO, READING, NOT_YET)
"""Reasons that pass by themselves; the canvas itself says that something is missing."""


class ViewControls(QObject):
    """Joins the canvas's views to actions, class panel and predictions.

    The view belongs to the user, not to the photo: it stays when another photo comes.

    Args:
        actions: the window's.
        parts: the window's.
        shown: what the models say of the photo on show.
        messages: where the user is told why there is nothing to see.
        settings: what is remembered between runs; changed in place.
    """

    def __init__(
        self,
        actions: Actions,
        parts: WindowParts,
        shown: ShownPredictions,
        *,
        messages: Messages,
        settings: Settings,
        parent: QObject,
    ) -> None:
        super().__init__(parent)
        self._actions = actions
        self._parts = parts
        self._canvas = parts.canvas
        self._shown = shown
        self._messages = messages
        self._settings = settings
        for mode, name in VIEW_ACTIONS.items():
            actions[name].triggered.connect(lambda _=False, mode=mode: self._choose(mode))
        actions["actionWipe"].toggled.connect(self._set_wipe)
        actions["actionOverlayWeaker"].triggered.connect(lambda: self._step(-OPACITY_STEP))
        actions["actionOverlayStronger"].triggered.connect(lambda: self._step(OPACITY_STEP))
        parts.classes.opacityChosen.connect(self._set_opacity)
        parts.classes.visibilityChosen.connect(self._set_label_visible)
        self._canvas.viewModeChanged.connect(self._mode_changed)
        shown.changed.connect(self._predictions_changed)
        self._restore()

    # ------------------------------------------------------------------ the view

    def _choose(self, mode: str) -> None:
        """Show a view; the one that is on show gives way to the overlay."""
        self._canvas.set_view_mode(HOME if mode == self._canvas.view_mode else mode)
        # Qt leaves the action checked whose key was pressed twice, and says nothing of it.
        self._mode_changed(self._canvas.view_mode)
        self._tell_what_is_missing()

    def _mode_changed(self, mode: str) -> None:
        self._actions[VIEW_ACTIONS[mode]].setChecked(True)

    def _set_wipe(self, on: bool) -> None:
        self._canvas.set_wipe(on)
        if on and self._canvas.view_mode not in COMPARING:
            # There has to be a before and an after for the divider to lie between.
            self._choose("changes")

    def _tell_what_is_missing(self) -> None:
        """Say why the view that was asked for shows nothing, if no waiting will help."""
        if self._canvas.view_problem:
            reason = self._shown.why_no_current
            if not reason and self._canvas.view_mode == "models":
                reason = self._shown.why_no_earlier
            if reason not in PASSING:
                self._messages.info(reason)

    # ------------------------------------------------------------------ what the models say

    def _predictions_changed(self) -> None:
        canvas, shown = self._canvas, self._shown
        if canvas.has_document:
            canvas.set_prediction(shown.current)
            canvas.set_earlier_prediction(shown.earlier)

    # ------------------------------------------------------------------ the mask over the photo

    def _restore(self) -> None:
        settings = self._settings
        self._set_opacity(settings.overlay_opacity)
        for label in CLASSES:
            visible = int(label) not in settings.hidden_labels
            self._canvas.set_label_visible(int(label), visible)
            self._parts.classes.set_visible_label(int(label), visible)
        self._mode_changed(self._canvas.view_mode)

    def _set_label_visible(self, value: int, visible: bool) -> None:
        self._canvas.set_label_visible(value, visible)
        hidden = set(self._settings.hidden_labels) - {value}
        self._settings.hidden_labels = sorted(hidden if visible else hidden | {value})

    def _step(self, by: float) -> None:
        # In whole steps, so that as many keys back lead where one came from.
        opacity = round((self._settings.overlay_opacity + by) / OPACITY_STEP) * OPACITY_STEP
        self._set_opacity(min(max(opacity, 0.0), 1.0))

    def _set_opacity(self, opacity: float) -> None:
        self._canvas.set_overlay_opacity(opacity)
        self._parts.classes.set_opacity(opacity)
        self._settings.overlay_opacity = opacity
