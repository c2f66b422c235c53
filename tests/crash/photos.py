"""The folder of photos that is reviewed, and masks to import for it."""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np

from model import label_png
from model.labels import Label, MaskArray
from petseg_gui.core.store import Project
from tests.conftest import blob

HEIGHT, WIDTH = 90, 120
NAMES = tuple(f"pet_{number}.png" for number in range(1, 7))
PREDICTED = NAMES[::2]
"""The others have no prediction: they begin as background."""
MODEL = "starter"


def predicted_mask() -> MaskArray:
    """What the model says of every photo that it has predicted."""
    mask = np.full((HEIGHT, WIDTH), int(Label.BACKGROUND), np.uint8)
    mask[30:60, 40:90] = int(Label.PET)
    return mask


def cleared(name: str) -> MaskArray:
    """What is shown of a photo that has neither label nor draft."""
    if name in PREDICTED:
        return predicted_mask()
    return np.full((HEIGHT, WIDTH), int(Label.BACKGROUND), np.uint8)


def index_mask(source: Path, name: str) -> MaskArray:
    """The mask that there is to import for a photo."""
    return label_png.read(source / name)


def make_folder(base: Path) -> Path:
    """Photos in a folder below ``base``, masks to import beside it; returns the photos' folder."""
    photos, source = base / "photos", base / "source"
    photos.mkdir(parents=True)
    source.mkdir()
    for number, name in enumerate(NAMES):
        photo, mask = blob(WIDTH, HEIGHT, number)
        assert cv2.imwrite(str(photos / name), photo)
        # The first one is the only one that nothing is imported for.
        if number:
            (source / name).write_bytes(label_png.encode(mask))
    project = Project.open(photos)
    try:
        project.set_model_in_use(MODEL)
        for name in PREDICTED:
            project.write_prediction(name, MODEL, predicted_mask())
    finally:
        project.close()
    return photos
