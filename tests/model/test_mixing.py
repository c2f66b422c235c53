from __future__ import annotations

import numpy as np
import pytest

from model.mixing import Mixer, Photos, Stream


def of_colour(values: range) -> Photos:
    count = len(values)
    photos = np.zeros((count, 4, 4, 3), np.uint8)
    photos[:] = np.array(values, np.uint8)[:, None, None, None]
    return Photos(photos, photos[..., 0] % 4)


def test_every_photo_comes_once_before_any_comes_again() -> None:
    stream = Stream(5, (0, 1))
    rounds = [list(stream.draw(5)) for _ in range(4)]
    assert all(sorted(one) == [0, 1, 2, 3, 4] for one in rounds)
    assert len({tuple(one) for one in rounds}) > 1


@pytest.mark.parametrize("drawn", [0, 3, 5, 12])
def test_a_stream_goes_on_where_it_was(drawn: int) -> None:
    whole = Stream(5, (7, 1))
    whole.draw(drawn)
    assert list(Stream(5, (7, 1), drawn).draw(9)) == list(whole.draw(9))


def test_seeds_and_streams_have_orders_of_their_own() -> None:
    orders = {tuple(Stream(20, seed).draw(20)) for seed in ((0, 1), (0, 2), (1, 1))}
    assert len(orders) == 3


def test_a_batch_has_corrected_photos_first_with_their_masks() -> None:
    mixer = Mixer(of_colour(range(3)), of_colour(range(100, 110)), seed=1)
    assert mixer.has_oxford
    for _ in range(5):
        photos, masks = mixer.batch(2, 3)
        colours = photos[:, 0, 0, 0]
        assert (colours[:2] < 3).all()
        assert (colours[2:] >= 100).all()
        np.testing.assert_array_equal(masks[:, 0, 0], colours % 4)


def test_without_oxford_photos_there_are_only_corrected_ones() -> None:
    mixer = Mixer(of_colour(range(3)), of_colour(range(0)), seed=1)
    assert not mixer.has_oxford
    photos, masks = mixer.batch(4, 0)
    assert photos.shape == (4, 4, 4, 3)
    assert masks.shape == (4, 4, 4)
