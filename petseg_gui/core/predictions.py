"""The models' predictions on disk: made once, and made again when lost."""

from __future__ import annotations

import threading

from model import label_png
from model.files import write_atomically
from model.labels import MaskArray
from petseg_gui.core.disk import told
from petseg_gui.core.layout import Layout, names_in


class Predictions:
    """The predictions of one project; every method may be called from any thread."""

    def __init__(self, layout: Layout) -> None:
        self._layout = layout
        self._lock = threading.Lock()
        self._known: dict[str, set[str]] = {}

    def has(self, name: str, model: str) -> bool:
        """Whether the model's prediction for the photo is on disk.

        Raises:
            StoreError: ``model`` is no model's id.
        """
        with self._lock:
            return name in self._names(model)

    def read(self, name: str, model: str) -> MaskArray | None:
        """The prediction, uint8 (H, W); None when there is none, or it is damaged."""
        if not self.has(name, model):
            return None
        try:
            return label_png.read(self._layout.prediction_folder(model) / f"{name}.png")
        except (label_png.LabelFileError, OSError):
            # It costs one run of the model to have it again.
            with self._lock:
                self._names(model).discard(name)
            return None

    def write(self, name: str, model: str, mask: MaskArray) -> None:
        """Keep a prediction.

        Raises:
            StoreError: it could not be written.
            ValueError: ``mask`` is no mask.
        """
        path = self._layout.prediction_folder(model) / f"{name}.png"
        data = label_png.encode(mask, level=1)
        with told(path, "saved"):
            path.parent.mkdir(parents=True, exist_ok=True)
            write_atomically(path, data, durable=False)
        with self._lock:
            self._names(model).add(name)

    def _names(self, model: str) -> set[str]:
        """Listed once, then kept; call with the lock held."""
        known = self._known.get(model)
        if known is None:
            with told(self._layout.predictions, "read"):
                known = names_in(self._layout.prediction_folder(model))
            self._known[model] = known
        return known
