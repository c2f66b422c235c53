"""Views of the photo: their actions, the wipe, the mask's opacity, and what the models say."""

from __future__ import annotations

from PySide6.QtCore import QObject

from model.labels import CLASSES
from petseg_gui.core.settings import Settings
from petseg_gui.ui.action_specs import VIEW_ACTIONS
from petseg_gui.ui.actions import Actions
from petseg_gui.ui.legend import legend_of
from petseg_gui.ui.review_controller import ReviewController
from petseg_gui.ui.shown_predictions import ShownPredictions
from petseg_gui.ui.window_parts import WindowParts

HOME = "overlay"
"""The view that every other one goes back to."""
COMPARING = ("changes", "models")
"""Views with a before and an after."""
OPACITY_STEP = 0.1


class ViewControls(QObject):
    """Joins the canvas's views to actions, class panel and legend.

    The view belongs to the user, not to the photo: it stays when another photo comes.

    Args:
        actions: the window's.
        parts: the window's.
        review: whose photos come and go.
        shown: what the models say of the photo on show.
        settings: what is remembered between runs; changed in place.
    """

    def __init__(
        self,
        actions: Actions,
        parts: WindowParts,
        review: ReviewController,
        *,
        shown: ShownPredictions,
        settings: Settings,
        parent: QObject,
    ) -> None:
        super().__init__(parent)
        self._actions = actions
        self._parts = parts
        self._canvas = parts.canvas
        self._shown = shown
        self._settings = settings
        for mode, name in VIEW_ACTIONS.items():
            actions[name].triggered.connect(lambda _=False, mode=mode: self._choose(mode))
        actions["actionWipe"].toggled.connect(self._set_wipe)
        actions["actionOverlayWeaker"].triggered.connect(lambda: self._step(-OPACITY_STEP))
        actions["actionOverlayStronger"].triggered.connect(lambda: self._step(OPACITY_STEP))
        parts.classes.opacityChosen.connect(self._set_opacity)
        parts.classes.visibilityChosen.connect(self._set_label_visible)
        for name in (*(f"actionClass{int(label)}" for label in CLASSES), "actionRestore"):
            actions[name].triggered.connect(self._explain)
        self._canvas.viewModeChanged.connect(self._mode_changed)
        shown.changed.connect(self._predictions_changed)
        review.photoShown.connect(self._explain)
        self._restore()

    # ------------------------------------------------------------------ the view

    def _choose(self, mode: str) -> None:
        """Show a view; the one that is on show gives way to the overlay."""
        self._canvas.set_view_mode(HOME if mode == self._canvas.view_mode else mode)
        # Qt leaves the action checked whose key was pressed twice, and says nothing of it.
        self._mode_changed(self._canvas.view_mode)

    def _mode_changed(self, mode: str) -> None:
        action = self._actions[VIEW_ACTIONS[mode]]
        action.setChecked(True)
        self._explain()

    def _set_wipe(self, on: bool) -> None:
        self._canvas.set_wipe(on)
        if on and self._canvas.view_mode not in COMPARING:
            # There has to be a before and an after for the divider to lie between.
            self._canvas.set_view_mode("changes")
        self._explain()

    def _explain(self, *_: object) -> None:
        """Say what the colours mean, or why there are none."""
        canvas = self._canvas
        if canvas.view_problem:
            self._parts.show_legend((self._reason(),))
        else:
            self._parts.show_legend(legend_of(canvas.view_mode, canvas.label, wipe=canvas.wipe))

    def _reason(self) -> str:
        """Why the view cannot be shown, as exactly as it is known."""
        if self._canvas.prediction is None and self._shown.why_no_current:
            return self._shown.why_no_current
        comparing = self._canvas.view_mode == "models"
        if comparing and self._canvas.earlier_prediction is None and self._shown.why_no_earlier:
            return self._shown.why_no_earlier
        return self._canvas.view_problem

    # ------------------------------------------------------------------ what the models say

    def _predictions_changed(self) -> None:
        canvas, shown = self._canvas, self._shown
        if canvas.has_document:
            canvas.set_prediction(shown.current)
            canvas.set_earlier_prediction(shown.earlier)
        self._explain()

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
