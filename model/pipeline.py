"""Photos and masks of sources in batches, for training and measuring.

:func:`prepared` turns chosen photos into a ``tf.data`` pipeline at one size; of it
:func:`training_batches` and :func:`evaluation_batches` make batches.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Any

import tensorflow as tf

from model.augment import Augmentation, augment_batch
from model.data import Example, Source
from model.labels import MaskArray
from model.resize import Photo, resize_mask, resize_photo


def prepared(examples: Callable[[], Iterator[Example]], size: int) -> tf.data.Dataset:
    """A pipeline of (photo, mask) resized to ``size``, in the order of ``examples``.

    Args:
        examples: opens the examples anew at each pass; the pipeline's users cache it.
        size: height and width of what is returned, in pixels.

    Returns:
        Elements uint8 (size, size, 3) and uint8 (size, size).
    """

    def resized() -> Iterator[tuple[Photo, MaskArray]]:
        for example in examples():
            yield resize_photo(example.photo, size), resize_mask(example.mask, size)

    return tf.data.Dataset.from_generator(
        resized,
        output_signature=(
            tf.TensorSpec((size, size, 3), tf.uint8),
            tf.TensorSpec((size, size), tf.uint8),
        ),
    )


def training_batches(
    photos: tf.data.Dataset,
    *,
    size: int,
    count: int,
    augmentation: Augmentation,
    seed: int,
    batch_size: int = 64,
) -> tf.data.Dataset:
    """Shuffled, augmented batches of prepared photos; one pass is one epoch.

    Shuffling and augmentation draw anew in every epoch and for every photo, and repeat exactly
    for the same seed.

    Args:
        photos: what :func:`prepared` yields, at ``size`` or larger.
        size: the network's input size.
        count: number of photos: the shuffle buffer holds all of them.
        batch_size: photos per batch; the last batch of an epoch may be smaller.
        augmentation: what may be changed in a photo.
        seed: of shuffling and augmentation.

    Returns:
        Batches of float32 (B, size, size, 3), values 0..255, and uint8 (B, size, size).
    """
    batches = (
        photos.cache()
        .shuffle(max(count, 1), seed=seed, reshuffle_each_iteration=True)
        .batch(batch_size)
    )
    seeds = tf.data.Dataset.random(seed=seed, rerandomize_each_iteration=True).batch(2)

    @tf.autograph.experimental.do_not_convert  # it has no Python control flow to convert
    def changed(batch: Any, key: tf.Tensor) -> tuple[tf.Tensor, tf.Tensor]:
        return augment_batch(batch[0], batch[1], key, size, augmentation)

    return (
        tf.data.Dataset.zip((batches, seeds))
        .map(changed, num_parallel_calls=1)
        .apply(_length(count, batch_size))
        .prefetch(2)
    )


def evaluation_batches(photos: tf.data.Dataset, *, count: int, batch_size: int) -> tf.data.Dataset:
    """Batches of ``count`` photos in order, as they are; photos float32, values 0..255."""
    return (
        photos.cache()
        .batch(batch_size)
        .map(lambda photo, mask: (tf.cast(photo, tf.float32), mask))
        .apply(_length(count, batch_size))
        .prefetch(2)
    )


def _length(count: int, batch_size: int) -> Callable[[tf.data.Dataset], tf.data.Dataset]:
    # A generator's length is unknown; Keras's progress bar and schedules want to know it.
    length: Callable[[tf.data.Dataset], tf.data.Dataset] = tf.data.experimental.assert_cardinality(
        -(-count // batch_size)
    )
    return length


def chained(parts: Sequence[tuple[Source, Sequence[str]]]) -> Callable[[], Iterator[Example]]:
    """The examples of several sources one after another, for :func:`prepared`."""

    def examples() -> Iterator[Example]:
        for source, ids in parts:
            yield from source.examples(ids)

    return examples
