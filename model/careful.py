"""Predicting with more care: the mean of four looks at a photo, for about five times the time.

A photo is seen at the network's size and at about 1.25 times that, as it is and
mirrored.  What is gained is in ``docs/model.md``.
"""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import cv2
import numpy as np

from model import weights
from model.predict import Predictor
from model.resize import Photo, Probabilities
from model.unet import SIZE_MULTIPLE, UNetConfig, build_unet

LARGER = 1.25


class CarefulPredictor:
    """A network ready to predict; call it from one thread at a time.

    Args:
        path: a model file.

    Raises:
        model.weights.ModelFileError: the file cannot be used.

    Attributes:
        input_size: height and width of the probabilities, in pixels.
    """

    def __init__(self, path: Path) -> None:
        plain = Predictor.load(path)
        config = UNetConfig(**weights.read_card(path).network)
        steps = plain.input_size // SIZE_MULTIPLE
        self.input_size = max(round(LARGER * steps), steps + 1) * SIZE_MULTIPLE
        model = build_unet(replace(config, input_size=self.input_size), seed=None)
        weights.assign(model, weights.read_tensors(path), path)
        self._looks = plain, Predictor(model)

    def probabilities(self, photos: list[Photo]) -> list[Probabilities]:
        """Class probabilities at the larger size.

        Args:
            photos: uint8 (H, W, 3), RGB, of any sizes.

        Returns:
            For each photo float32 (S, S, 3), summing to 1 over the last axis.
        """
        return [self._seen(photo) for photo in photos]

    def _seen(self, photo: Photo) -> Probabilities:
        both = [photo, np.ascontiguousarray(photo[:, ::-1])]
        total = np.zeros((self.input_size, self.input_size, 3), np.float32)
        for look in self._looks:
            plain, mirrored = look.probabilities(both)
            mean = (plain + mirrored[:, ::-1]) / 2
            total += cv2.resize(mean, total.shape[:2], interpolation=cv2.INTER_LINEAR)
        total /= len(self._looks)
        return total
