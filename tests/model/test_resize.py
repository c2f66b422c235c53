from __future__ import annotations

import cv2
import numpy as np
import pytest

from model.resize import mask_at_size, resize_mask, resize_photo


def probabilities(size: int, seed: int = 0) -> np.ndarray:
    """Smooth random class probabilities, float32 (size, size, 3)."""
    rng = np.random.default_rng(seed)
    logits = cv2.resize(rng.normal(0, 3, (5, 5, 3)), (size, size), interpolation=cv2.INTER_CUBIC)
    e = np.exp(logits)
    return (e / e.sum(-1, keepdims=True)).astype(np.float32)


@pytest.mark.parametrize(
    ("height", "width"),
    [(64, 64), (101, 57), (1, 1), (1, 200), (200, 1), (700, 33), (513, 120), (20, 31)],
)
def test_the_mask_is_the_argmax_of_probabilities_resized_bilinearly(
    height: int, width: int
) -> None:
    found = probabilities(64)
    mask = mask_at_size(found, height, width)
    assert mask.shape == (height, width)
    assert mask.dtype == np.uint8
    wide = cv2.resize(found, (width, height), interpolation=cv2.INTER_LINEAR)
    best, second = np.sort(wide, axis=-1)[..., :0:-1].transpose(2, 0, 1)
    clear = best - second > 1e-4
    np.testing.assert_array_equal(mask[clear], (wide.argmax(-1) + 1)[clear])
    assert clear.mean() > 0.99


def test_at_its_own_size_the_mask_is_the_plain_argmax() -> None:
    found = probabilities(96, seed=4)
    np.testing.assert_array_equal(mask_at_size(found, 96, 96), found.argmax(-1) + 1)


def test_strips_do_not_show() -> None:
    """Rows on both sides of a strip's edge follow one straight line between the two classes."""
    ramp = np.zeros((32, 32, 3), np.float32)
    ramp[..., 0] = np.linspace(0, 1, 32)[:, None]
    ramp[..., 1] = 0.5
    mask = mask_at_size(ramp, 1000, 8)
    first_pet = int(np.argmax(mask[:, 0] == 1))
    assert (mask[:first_pet] == 2).all()
    assert (mask[first_pet:] == 1).all()
    assert abs(first_pet - 500) <= 1


def test_a_very_wide_photo() -> None:
    assert mask_at_size(probabilities(32), 2, 40_000).shape == (2, 40_000)


def test_resized_masks_have_no_false_rim() -> None:
    """Between pet (1) and border (3) anything smoother than nearest puts background (2)."""
    mask = np.full((120, 90), 1, np.uint8)
    mask[:, 45:] = 3
    for size in (32, 64, 250):
        assert set(np.unique(resize_mask(mask, size))) == {1, 3}


def test_a_mask_is_sampled_at_pixel_centres() -> None:
    mask = np.arange(8, dtype=np.uint8)[None].repeat(8, 0) % 4
    np.testing.assert_array_equal(resize_mask(mask, 16), mask.repeat(2, 0).repeat(2, 1))
    np.testing.assert_array_equal(resize_mask(resize_mask(mask, 16), 8), mask)


def test_a_shrunken_photo_is_the_mean_of_what_it_covers() -> None:
    photo = np.random.default_rng(0).integers(0, 256, (64, 64, 3)).astype(np.uint8)
    mean = photo.reshape(16, 4, 16, 4, 3).mean((1, 3))
    np.testing.assert_allclose(resize_photo(photo, 16), mean, atol=0.51)


@pytest.mark.parametrize("shape", [(1, 1, 3), (3, 500, 3), (40, 20, 3)])
def test_photos_of_any_shape_become_square(shape: tuple[int, int, int]) -> None:
    small = resize_photo(np.full(shape, 7, np.uint8), 32)
    assert small.shape == (32, 32, 3)
    assert small.dtype == np.uint8
    assert (small == 7).all()
