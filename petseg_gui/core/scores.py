"""How sure the model in use is of a photo, and how far it is from the one before it.

Both come from the probabilities on disk, so that they can be had again whenever they are lost or
another model comes into use.
"""

from __future__ import annotations

import cv2
import numpy as np

from model.labels import CLASSES, MaskArray
from petseg_gui.core.confidence import confidence, disagreement
from petseg_gui.core.disk import told
from petseg_gui.core.index import Row
from petseg_gui.core.predictions import Predictions, ProbabilityArray
from petseg_gui.core.workspace import Workspace

_VALUES = np.array([int(label) for label in CLASSES], np.uint8)


class PredictionScores:
    """The scores of one project's predictions; every method may be called from any thread."""

    def __init__(self, workspace: Workspace, predictions: Predictions) -> None:
        self._workspace = workspace
        self._predictions = predictions

    def note(self, name: str) -> bool:
        """Score the prediction of the model in use, if that was not done yet.

        Returns:
            Whether anything was written.

        Raises:
            StoreError: the index cannot be read or written.
        """
        model = self._workspace.model
        row = self._workspace.row(name) or Row(name)
        if model is None or row.predicted_by == model or not self._predictions.has(name, model):
            return False
        return self.note_new(name, model, self._predictions.read_probabilities(name, model))

    def note_new(self, name: str, model: str, probabilities: ProbabilityArray | None) -> bool:
        """Score a prediction that was just made; None: of which no probabilities are kept.

        Returns:
            Whether anything was written: nothing is for a model that is not in use.

        Raises:
            StoreError: the index cannot be written.
        """
        if model != self._workspace.model:
            return False
        row = self._workspace.row(name) or Row(name)
        sure, apart = None, None
        if probabilities is not None:
            mask = likeliest(probabilities)
            sure = confidence(probabilities, mask)
            apart = row.disagreement
            if row.predicted_by not in (None, model):
                before = self._predictions.read_probabilities(name, str(row.predicted_by))
                apart = None if before is None else _apart(likeliest(before), mask)
        with self._workspace.changing(), told(self._workspace.layout.index, "saved"):
            old = self._workspace.index.row(name) or Row(name)
            new = old._replace(predicted_by=model, confidence=sure, disagreement=apart)
            if new != old:
                self._workspace.index.put(new)
        return new != old


def likeliest(probabilities: ProbabilityArray) -> MaskArray:
    """The mask of probabilities: uint8 (S, S, 3) to uint8 (S, S), values 1..3."""
    return np.asarray(_VALUES[probabilities.argmax(axis=2)])


def _apart(before: MaskArray, now: MaskArray) -> float:
    """Two networks may look at different sizes."""
    if before.shape != now.shape:
        size = (now.shape[1], now.shape[0])
        before = np.asarray(cv2.resize(before, size, interpolation=cv2.INTER_NEAREST_EXACT))
    return disagreement(before, now)
