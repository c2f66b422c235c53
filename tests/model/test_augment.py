from __future__ import annotations

import numpy as np
import pytest

from model.augment import FLIP_ONLY, FULL, Augmentation, augment_batch
from tests.conftest import blob

SIZE = 48


def batch(count: int, *, same: bool = False) -> tuple[np.ndarray, np.ndarray]:
    """Photos and masks of SIZE × SIZE pixels."""
    pairs = [blob(SIZE, SIZE, 0 if same else seed) for seed in range(count)]
    return np.stack([p for p, _ in pairs]), np.stack([m for _, m in pairs])


def changed(
    photos: np.ndarray, masks: np.ndarray, how: Augmentation, seed: int = 1, size: int = SIZE
) -> tuple[np.ndarray, np.ndarray]:
    found = augment_batch(photos, masks, np.array([seed, seed + 1]), size, how)
    return np.asarray(found[0]), np.asarray(found[1])


def test_nothing_allowed_changes_nothing() -> None:
    photos, masks = batch(3)
    new_photos, new_masks = changed(photos, masks, Augmentation())
    assert (new_photos.dtype, new_masks.dtype) == (np.float32, np.uint8)
    np.testing.assert_array_equal(new_photos, photos)
    np.testing.assert_array_equal(new_masks, masks)


def test_flips_mirror_photo_and_mask_alike_and_half_of_them() -> None:
    photos, masks = batch(40, same=True)
    new_photos, new_masks = changed(photos, masks, FLIP_ONLY)
    flipped = 0
    for photo, mask in zip(new_photos, new_masks, strict=True):
        turn = not np.array_equal(mask, masks[0])
        flipped += turn
        step = -1 if turn else 1
        np.testing.assert_array_equal(mask, masks[0][:, ::step])
        np.testing.assert_allclose(photo, photos[0][:, ::step], atol=1e-2)
    assert 10 <= flipped <= 30


@pytest.mark.parametrize(
    "how",
    [
        Augmentation(rotation=20.0),
        Augmentation(min_scale=0.5),
        Augmentation(aspect=1.5),
        Augmentation(brightness=0.3),
        Augmentation(contrast=0.5),
        Augmentation(saturation=0.9),
        FULL,
    ],
)
def test_every_photo_is_changed_in_its_own_way(how: Augmentation) -> None:
    photos, masks = batch(4, same=True)
    new_photos, _ = changed(photos, masks, how)
    for first in range(4):
        assert not np.array_equal(new_photos[first], photos[first])
        for second in range(first):
            assert not np.array_equal(new_photos[first], new_photos[second])


def test_the_seed_decides() -> None:
    photos, masks = batch(4)
    first, again, other = (changed(photos, masks, FULL, seed) for seed in (5, 5, 6))
    np.testing.assert_array_equal(first[0], again[0])
    np.testing.assert_array_equal(first[1], again[1])
    assert not np.array_equal(first[1], other[1])


def test_values_stay_in_range_and_masks_stay_masks() -> None:
    photos, masks = batch(24)
    new_photos, new_masks = changed(photos, masks, FULL)
    assert new_photos.min() >= 0
    assert new_photos.max() <= 255
    assert set(np.unique(new_masks)) <= {0, 1, 2, 3}


def test_light_leaves_the_mask_alone() -> None:
    photos, masks = batch(4)
    how = Augmentation(brightness=0.2, contrast=0.3, saturation=0.4)
    np.testing.assert_array_equal(changed(photos, masks, how)[1], masks)


@pytest.mark.parametrize("stored", [SIZE, SIZE * 5 // 4])
def test_photo_and_mask_go_the_same_way(stored: int) -> None:
    """The photo's colour says what the label is: after the change it still does."""
    pairs = [blob(stored, stored, seed) for seed in range(12)]
    masks = np.stack([mask for _, mask in pairs])
    masks[masks == 3] = 1
    # pet: red only; background: blue only
    photos = np.zeros((*masks.shape, 3), np.uint8)
    photos[masks == 1] = (255, 0, 0)
    photos[masks == 2] = (0, 0, 255)
    how = Augmentation(flip=True, min_scale=0.5, max_scale=1.2, aspect=1.2, rotation=20.0)
    new_photos, new_masks = changed(photos, masks, how, size=SIZE)
    labelled = new_masks > 0
    redness = new_photos[..., 0] - new_photos[..., 2]
    agree = (redness > 0) == (new_masks == 1)
    # Between two colours the nearest pixel may be the fainter one's; elsewhere it cannot be.
    assert agree[labelled].mean() > 0.99
    assert agree[labelled & (np.abs(redness) > 254)].all()
    # What lies beyond the photo is not labelled; nothing else is.
    assert 0.8 < labelled.mean() < 1.0


def test_windows_within_the_photo_uncover_nothing() -> None:
    photos, masks = batch(16)
    how = Augmentation(flip=True, min_scale=0.5)
    assert (changed(photos, masks, how)[1] > 0).all()


def test_resizing_alone_keeps_photo_and_mask_in_place() -> None:
    photos, masks = batch(2)
    new_photos, new_masks = changed(photos, masks, Augmentation(), size=SIZE // 2)
    assert new_photos.shape == (2, SIZE // 2, SIZE // 2, 3)
    mean = photos.reshape(2, SIZE // 2, 2, SIZE // 2, 2, 3).mean((2, 4))
    np.testing.assert_allclose(new_photos, mean, atol=1.0)
    assert new_masks.shape == (2, SIZE // 2, SIZE // 2)
