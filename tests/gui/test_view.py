"""The view transform: where the photo lies, and that nothing makes it jump."""

from __future__ import annotations

import pytest

from petseg_gui.ui.canvas.view import KEEP_VISIBLE, MAX_SCALE, MIN_SCALE, ViewTransform

RATIOS = (1.0, 1.5, 2.0)


def make_view(ratio: float = 1.0, photo: tuple[int, int] = (640, 480)) -> ViewTransform:
    view = ViewTransform()
    view.set_viewport(round(800 * ratio), round(600 * ratio), ratio)
    view.set_photo(*photo)
    return view


@pytest.mark.parametrize("ratio", RATIOS)
def test_fit_shows_the_whole_photo_centred_and_as_large_as_it_goes(ratio: float) -> None:
    view = make_view(ratio)
    left, top = view.image_to_widget(0, 0)
    right, bottom = view.image_to_widget(640, 480)
    assert left >= 0
    assert top >= 0
    assert left + right == pytest.approx(800, abs=1 / ratio)
    assert top + bottom == pytest.approx(600, abs=1 / ratio)
    assert min(left, top) == pytest.approx(12, abs=1 / ratio)


@pytest.mark.parametrize("ratio", RATIOS)
def test_mappings_are_inverse_to_each_other(ratio: float) -> None:
    view = make_view(ratio)
    view.zoom_at((123.4, 432.1), 3.7)
    assert view.widget_to_image(*view.image_to_widget(12.25, 99.5)) == pytest.approx((12.25, 99.5))
    assert view.device_to_image(*view.image_to_device(-7.0, 500.5)) == pytest.approx((-7.0, 500.5))


@pytest.mark.parametrize("ratio", RATIOS)
def test_a_photo_pixel_at_100_percent_is_a_device_pixel(ratio: float) -> None:
    view = make_view(ratio)
    view.zoom_to(1.0)
    x, y = view.image_to_device(10, 20)
    assert (x, y) == (round(x), round(y))
    assert view.image_to_device(11, 21) == (x + 1, y + 1)
    assert view.image_to_widget(11, 21)[0] - view.image_to_widget(10, 20)[0] == pytest.approx(
        1 / ratio
    )


@pytest.mark.parametrize("ratio", RATIOS)
def test_zoom_keeps_the_point_under_the_cursor_even_after_many_steps(ratio: float) -> None:
    view = make_view(ratio)
    cursor = (211.3, 307.9)
    point = view.widget_to_image(*cursor)
    # The drawn offset is rounded, so the start is known to half a device pixel only.
    doubt = 0.5 / view.scale
    for factor in [1.25] * 14 + [0.8] * 9 + [1.1] * 5:
        view.zoom_at(cursor, factor)
        x, y = view.widget_to_image(*cursor)
        assert abs(x - point[0]) <= doubt + 0.51 / view.scale
        assert abs(y - point[1]) <= doubt + 0.51 / view.scale


def test_zoom_is_limited() -> None:
    view = make_view()
    view.zoom_at((400, 300), 1e9)
    assert view.scale == MAX_SCALE
    view.zoom_at((400, 300), 1e-9)
    assert view.scale == MIN_SCALE


def test_a_huge_photo_still_fits() -> None:
    view = make_view(photo=(60_000, 200))
    assert view.scale < MIN_SCALE
    assert view.image_to_widget(0, 0)[0] >= 0
    assert view.image_to_widget(60_000, 0)[0] <= 800


def test_resizing_keeps_the_point_in_the_middle() -> None:
    view = make_view()
    view.zoom_at((100, 100), 4)
    middle = view.widget_to_image(400, 300)
    view.set_viewport(1001, 333, 1.0)
    assert view.widget_to_image(500.5, 166.5) == pytest.approx(middle, abs=1 / view.scale)
    view.set_viewport(800, 600, 1.0)
    assert view.widget_to_image(400, 300) == pytest.approx(middle, abs=1 / view.scale)


def test_a_fitted_photo_stays_fitted_until_the_user_moves_it() -> None:
    view = make_view()
    view.set_viewport(400, 300, 1.0)
    assert view.image_to_widget(0, 0)[1] == pytest.approx(12, abs=1)
    view.zoom_at((200, 150), 1.5)
    scale = view.scale
    view.set_viewport(800, 600, 1.0)
    assert view.scale == scale


def test_another_screen_keeps_the_apparent_size() -> None:
    view = make_view(1.0)
    view.zoom_at((400, 300), 2.5)
    before, scale = view.image_to_widget(100, 100), view.scale
    view.set_viewport(1200, 900, 1.5)
    assert view.image_to_widget(100, 100) == pytest.approx(before, abs=1)
    assert view.scale == pytest.approx(1.5 * scale)


def test_pans_move_by_widget_pixels_and_never_lose_the_photo() -> None:
    view = make_view(2.0)
    x, y = view.image_to_widget(0, 0)
    view.pan(30.5, -20)
    assert view.image_to_widget(0, 0) == pytest.approx((x + 30.5, y - 20), abs=0.5)
    view.pan(1e6, -1e6)
    assert view.image_to_widget(0, 0)[0] == pytest.approx(800 - KEEP_VISIBLE, abs=0.5)
    assert view.image_to_widget(0, 480)[1] == pytest.approx(KEEP_VISIBLE, abs=0.5)


def test_fractions_of_a_pan_add_up() -> None:
    view = make_view()
    x = view.placement.x
    for _ in range(10):
        view.pan(0.3, 0)
    assert view.placement.x - x in (3, 4)


@pytest.mark.parametrize("size", [(0, 5), (5, 0)])
def test_impossible_sizes_are_refused(size: tuple[int, int]) -> None:
    view = ViewTransform()
    with pytest.raises(ValueError, match="at least one pixel"):
        view.set_photo(*size)
    with pytest.raises(ValueError, match="no viewport"):
        view.set_viewport(*size, 1.0)
