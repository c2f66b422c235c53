"""Random changes to training photos, drawn anew for every photo of every batch.

Photo and mask go through the same affine map: the photo bilinearly, the mask by nearest
neighbour.  What the map uncovers beyond the photo's edge is reflected in the photo and 0
('not labelled', which the loss ignores) in the mask.
"""

from __future__ import annotations

import math
from dataclasses import asdict, dataclass, replace
from typing import Any

import tensorflow as tf


@dataclass(frozen=True, slots=True)
class Augmentation:
    """How far photos may be changed; the defaults change nothing.

    Attributes:
        flip: whether half of the photos are mirrored left to right.
        min_scale: smallest side of the window that is cut out, as a share of the photo's.
        max_scale: largest; above 1 the photo is shown smaller than it is.
        aspect: the window's sides differ by up to this factor beyond the common scale (>= 1).
        rotation: largest angle in degrees, to either side.
        brightness: largest shift, as a share of the full range.
        contrast: contrast is multiplied by up to 1 + this, and divided by the same.
        saturation: likewise.
        blur: largest share, 0 to 1, of a blurred copy (a box of 5 pixels) that is mixed in.
        noise: largest standard deviation of Gaussian noise, as a share of the full range.
    """

    flip: bool = False
    min_scale: float = 1.0
    max_scale: float = 1.0
    aspect: float = 1.0
    rotation: float = 0.0
    brightness: float = 0.0
    contrast: float = 0.0
    saturation: float = 0.0
    blur: float = 0.0
    noise: float = 0.0

    def to_dict(self) -> dict[str, Any]:
        """Plain values for a manifest."""
        return asdict(self)


FLIP_ONLY = Augmentation(flip=True)
FULL = Augmentation(
    flip=True,
    min_scale=0.55,
    max_scale=1.1,
    aspect=1.15,
    rotation=12.0,
    brightness=0.12,
    contrast=0.3,
    saturation=0.4,
)
PHOTOS = replace(FULL, blur=0.8, noise=0.03)
"""For fine-tuning: photos of one person are alike in sharpness and light, the next may not be."""

# Rec. 601 luma.
_LUMA = (0.299, 0.587, 0.114)


def augment_batch(
    photos: tf.Tensor, masks: tf.Tensor, seed: tf.Tensor, size: int, how: Augmentation
) -> tuple[tf.Tensor, tf.Tensor]:
    """Change every photo of a batch in its own way.

    Args:
        photos: uint8 (B, S, S, 3).
        masks: uint8 (B, S, S), values 0..3.
        seed: integers (2,); the same seed makes the same changes.
        size: height and width of what is returned, in pixels.
        how: the limits.

    Returns:
        float32 (B, size, size, 3), values 0..255, and uint8 (B, size, size).
    """
    seed = tf.cast(seed, tf.int64)
    stored = photos.shape[1]
    photos = tf.cast(photos, tf.float32)
    moves = (how.flip, how.rotation, how.aspect, how.min_scale, how.max_scale)
    if stored != size or moves != (False, 0, 1, 1, 1):
        maps = _affine_maps(tf.shape(photos)[0], seed, stored, size, how)
        photos = _transform(photos, maps, size, "BILINEAR", "REFLECT")
        masks = _transform(masks[..., None], maps, size, "NEAREST", "CONSTANT")[..., 0]
    return _change_light(photos, seed, how), masks


def _draw(count: tf.Tensor, seed: tf.Tensor, which: int, low: float, high: float) -> tf.Tensor:
    # Every quantity has its own stream: the seed shifted by a number of its own.
    key = seed + tf.constant([which * 1_000_003, which], tf.int64)
    return tf.random.stateless_uniform((count,), key, low, high)


def _affine_maps(
    count: tf.Tensor, seed: tf.Tensor, stored: int, size: int, how: Augmentation
) -> tf.Tensor:
    """Eight numbers a photo: the map from output pixels to stored pixels, (B, 8)."""
    scale = _draw(count, seed, 1, how.min_scale, how.max_scale)
    stretch = tf.exp(_draw(count, seed, 2, -0.5, 0.5) * math.log(how.aspect))
    sx, sy = scale * stretch, scale / stretch
    mirror = tf.where(_draw(count, seed, 3, 0.0, 1.0) < (0.5 if how.flip else -1.0), -1.0, 1.0)
    angle = _draw(count, seed, 4, -1.0, 1.0) * math.radians(how.rotation)
    # The window's centre, so far from the photo's that the window stays within it.
    cx = 0.5 + _draw(count, seed, 5, -0.5, 0.5) * tf.maximum(1.0 - sx, 0.0)
    cy = 0.5 + _draw(count, seed, 6, -0.5, 0.5) * tf.maximum(1.0 - sy, 0.0)
    k = stored / size
    a0, a1 = mirror * sx * tf.cos(angle) * k, -sx * tf.sin(angle) * k
    b0, b1 = mirror * sy * tf.sin(angle) * k, sy * tf.cos(angle) * k
    # Output pixel i has its centre at i + 0.5: shift by half a pixel on both sides.
    middle = size / 2.0 - 0.5
    a2 = cx * stored - 0.5 - (a0 + a1) * middle
    b2 = cy * stored - 0.5 - (b0 + b1) * middle
    zero = tf.zeros_like(a0)
    return tf.stack([a0, a1, a2, b0, b1, b2, zero, zero], axis=1)


def _transform(
    images: tf.Tensor, maps: tf.Tensor, size: int, interpolation: str, fill: str
) -> tf.Tensor:
    return tf.raw_ops.ImageProjectiveTransformV3(
        images=images,
        transforms=maps,
        output_shape=tf.constant([size, size]),
        fill_value=0.0,
        interpolation=interpolation,
        fill_mode=fill,
    )


def _change_light(photos: tf.Tensor, seed: tf.Tensor, how: Augmentation) -> tf.Tensor:
    count = tf.shape(photos)[0]

    def factor(which: int, most: float) -> tf.Tensor:
        drawn = _draw(count, seed, which, -1.0, 1.0) * math.log1p(most)
        return tf.exp(drawn)[:, None, None, None]

    if how.saturation:
        grey = tf.reduce_sum(photos * tf.constant(_LUMA), axis=-1, keepdims=True)
        photos = grey + (photos - grey) * factor(7, how.saturation)
    if how.contrast:
        mean = tf.reduce_mean(photos, axis=(1, 2, 3), keepdims=True)
        photos = mean + (photos - mean) * factor(8, how.contrast)
    if how.brightness:
        shift = _draw(count, seed, 9, -1.0, 1.0) * (255.0 * how.brightness)
        photos = photos + shift[:, None, None, None]
    if how.blur:
        share = _draw(count, seed, 10, 0.0, how.blur)[:, None, None, None]
        photos += (tf.nn.avg_pool2d(photos, 5, 1, "SAME") - photos) * share
    if how.noise:
        sigma = _draw(count, seed, 11, 0.0, 255.0 * how.noise)[:, None, None, None]
        key = seed + tf.constant([12 * 1_000_003, 12], tf.int64)
        photos += tf.random.stateless_normal(tf.shape(photos), key) * sigma
    return tf.clip_by_value(photos, 0.0, 255.0)
