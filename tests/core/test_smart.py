"""Smart select: what every gesture keeps to, and that it repairs what a person would have it."""

from __future__ import annotations

import cv2
import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from model.labels import Label, MaskArray
from petseg_gui.core.mask import Mask, Patch
from petseg_gui.core.smart import SmartSelection, SmartStroke, other

U8 = npt.NDArray[np.uint8]
Points = tuple[tuple[float, float], ...]

BLOB = (150, 110)  # centre of the pet, x and y
BITE = (205, 110)


def truth_of(shape: tuple[int, int] = (240, 320)) -> MaskArray:
    mask = np.full(shape, Label.BACKGROUND, np.uint8)
    cv2.ellipse(mask, BLOB, (80, 60), 0, 0, 360, int(Label.PET), -1)
    return mask


def photo_of(truth: MaskArray) -> U8:
    """A brownish pet on green, with noise."""
    noise = np.random.default_rng(0).normal(0, 6, (*truth.shape, 3))
    colours = np.array([[0, 0, 0], [170, 120, 70], [60, 130, 60], [0, 0, 0]], float)
    return np.clip(colours[truth] + noise, 0, 255).astype(np.uint8)


def probabilities_of(mask: MaskArray, size: int = 64) -> U8:
    """What a model says that predicted the mask, softly: uint8 (S, S, 3)."""
    small = cv2.resize(mask, (size, size), interpolation=cv2.INTER_NEAREST_EXACT)
    soft = cv2.GaussianBlur((small == Label.PET).astype(np.float32), (0, 0), 1.5) * 0.9
    border = np.full_like(soft, 0.05)
    levels = np.rint(255 * np.stack([soft, 0.95 - soft, border], axis=2))
    return np.asarray(levels, np.uint8)


def bitten() -> MaskArray:
    mask = truth_of()
    cv2.circle(mask, BITE, 28, int(Label.BACKGROUND), -1)
    return mask


def swollen() -> MaskArray:
    mask = truth_of()
    cv2.circle(mask, (245, 110), 26, int(Label.PET), -1)
    return mask


def applied(mask: MaskArray, patch: Patch | None) -> MaskArray:
    changed = Mask(mask)
    if patch is not None:
        changed.apply(patch)
    return changed.view().copy()


def area(patch: Patch | None, shape: tuple[int, int]) -> npt.NDArray[np.bool_]:
    """The selection at the photo's size."""
    whole = np.zeros(shape, np.bool_)
    if patch is not None:
        rows, columns = patch.selection.shape
        whole[patch.y : patch.y + rows, patch.x : patch.x + columns] = patch.selection
    return whole


def iou(mask: MaskArray, truth: MaskArray) -> float:
    one, two = mask == Label.PET, truth == Label.PET
    return float((one & two).sum() / (one | two).sum())


def click(x: float, y: float, include: bool = True) -> SmartStroke:
    return SmartStroke(((x, y),), include)


def same(one: Patch | None, two: Patch | None) -> bool:
    if one is None or two is None:
        return one is two
    return (one.x, one.y, one.value) == (two.x, two.y, two.value) and np.array_equal(
        one.selection, two.selection
    )


@pytest.mark.parametrize("predicted", [True, False], ids=["prediction", "no prediction"])
def test_one_click_repairs_a_bite(predicted: bool) -> None:
    truth, mask = truth_of(), bitten()
    assert iou(mask, truth) < 0.9
    probabilities = probabilities_of(mask) if predicted else None
    patch = SmartSelection(photo_of(truth), mask, probabilities, Label.PET).add(click(205, 110))
    assert patch is not None
    assert patch.value == Label.PET
    assert iou(applied(mask, patch), truth) > 0.97


@pytest.mark.parametrize("predicted", [True, False], ids=["prediction", "no prediction"])
@pytest.mark.parametrize("include", [True, False], ids=["background", "not pet"])
def test_one_click_removes_what_is_too_much(predicted: bool, include: bool) -> None:
    truth, mask = truth_of(), swollen()
    label = Label.BACKGROUND if include else Label.PET
    probabilities = probabilities_of(mask) if predicted else None
    selection = SmartSelection(photo_of(truth), mask, probabilities, label)
    patch = selection.add(click(250, 110, include))
    assert patch is not None
    assert patch.value == Label.BACKGROUND
    assert iou(applied(mask, patch), truth) > 0.96


def test_a_box_round_the_pet_finds_it_without_a_prediction() -> None:
    truth = truth_of()
    empty = np.full(truth.shape, Label.BACKGROUND, np.uint8)
    box = SmartStroke(((60.0, 40.0), (240.0, 180.0)), True, box=True)
    patch = SmartSelection(photo_of(truth), empty, None, Label.PET).add(box)
    assert iou(applied(empty, patch), truth) > 0.97
    ys, xs = np.nonzero(area(patch, truth.shape))
    assert xs.min() >= 60
    assert xs.max() < 240
    assert ys.min() >= 40
    assert ys.max() < 180


def test_a_rough_stroke_is_selected_from_end_to_end() -> None:
    truth, mask = truth_of(), bitten()
    points = tuple((float(x), 110.0) for x in range(190, 222, 4))
    selection = SmartSelection(photo_of(truth), mask, probabilities_of(mask), Label.PET)
    chosen = area(selection.add(SmartStroke(points, True)), truth.shape)
    assert chosen[110, 190:218].all()
    assert iou(np.where(chosen, np.uint8(1), mask), truth) > 0.97


def test_a_click_elsewhere_is_cut_away_and_the_rest_stays() -> None:
    truth, mask = truth_of(), bitten()
    selection = SmartSelection(photo_of(truth), mask, probabilities_of(mask), Label.PET)
    before = area(selection.add(click(205, 110)), truth.shape)
    y, x = np.argwhere(before)[0]
    after = area(selection.add(click(x + 0.5, y + 0.5, False)), truth.shape)
    assert not after[y, x]
    assert after[110, 205]
    assert not (after & ~before).any()


def test_undo_gives_the_selection_before_bit_for_bit() -> None:
    truth, mask = truth_of(), bitten()
    selection = SmartSelection(photo_of(truth), mask, probabilities_of(mask), Label.PET)
    strokes = [click(205, 110), click(215, 100, False), click(60, 60), click(62, 60, False)]
    patches = [selection.add(stroke) for stroke in strokes]
    for number in (3, 2, 1):
        assert same(selection.undo(), patches[number - 1])
        assert selection.strokes == tuple(strokes[:number])
    assert selection.undo() is None
    assert selection.undo() is None
    assert same(selection.add(strokes[0]), patches[0])


def test_the_same_gestures_give_the_same_region_and_nothing_given_is_changed() -> None:
    truth, mask = truth_of(), bitten()
    photo, probabilities = photo_of(truth), probabilities_of(mask)
    given_ = photo.copy(), mask.copy(), probabilities.copy()
    for known in (probabilities, None):
        cv2.setRNGSeed(7)
        one = SmartSelection(photo, mask, known, Label.PET).add(click(205, 110))
        cv2.setRNGSeed(8)
        two = SmartSelection(photo, mask, known, Label.PET).add(click(205, 110))
        assert same(one, two)
    for now, then in zip((photo, mask, probabilities), given_, strict=True):
        assert np.array_equal(now, then)


def test_a_click_on_the_border_settles_it_between_its_sides() -> None:
    truth = truth_of()
    mask = truth.copy()
    cv2.ellipse(mask, BLOB, (80, 60), 0, 0, 360, int(Label.BORDER), 9)
    selection = SmartSelection(photo_of(truth), mask, probabilities_of(truth, 128), Label.PET)
    after = applied(mask, selection.add(click(BLOB[0], 52.5)))
    assert iou(mask, truth) < 0.93
    assert iou(after, truth) > 0.98


def test_without_settling_the_rest_of_the_border_stays() -> None:
    truth = truth_of()
    mask = truth.copy()
    cv2.ellipse(mask, BLOB, (80, 60), 0, 0, 360, int(Label.BORDER), 9)
    left = [
        (applied(mask, selection.add(click(BLOB[0], 52.5))) == Label.BORDER).sum()
        for selection in (
            SmartSelection(
                photo_of(truth),
                mask,
                probabilities_of(truth, 128),
                Label.PET,
                settle_border=settle,
            )
            for settle in (True, False)
        )
    ]
    assert left[0] < left[1] < (mask == Label.BORDER).sum()


@pytest.mark.parametrize(("hint", "taken"), [(1.0, False), (3.0, True)])
def test_a_weak_hint_takes_no_border_that_the_model_holds_for_background(
    monkeypatch: pytest.MonkeyPatch, hint: float, taken: bool
) -> None:
    def odds(values: npt.NDArray[np.float32]) -> npt.NDArray[np.float32]:
        return np.full(values.shape[:2], hint, np.float32)

    monkeypatch.setattr("petseg_gui.core.smart_reach.gesture_odds", odds)
    truth = truth_of()
    mask = truth.copy()
    cv2.ellipse(mask, BLOB, (80, 60), 0, 0, 360, int(Label.BORDER), 21)
    band = mask == Label.BORDER
    selection = SmartSelection(photo_of(truth), mask, probabilities_of(truth, 128), Label.PET)
    after = applied(mask, selection.add(click(BLOB[0], 52.5)))
    assert (after[band & (truth == Label.PET)] == Label.PET).mean() > 0.95
    outside = after[band & (truth == Label.BACKGROUND)]
    assert ((outside == Label.PET).mean() > 0.95) == taken
    assert ((outside == Label.BORDER).mean() > 0.9) != taken


def test_it_never_reaches_across_the_photo() -> None:
    photo = np.full((40, 400, 3), 128, np.uint8)
    mask = np.full((40, 400), Label.BACKGROUND, np.uint8)
    probabilities = np.full((16, 16, 3), 85, np.uint8)
    for known in (probabilities, None):
        chosen = area(SmartSelection(photo, mask, known, Label.PET).add(click(5, 20)), mask.shape)
        assert chosen[20, 5]
        assert not chosen[:, 320:].any()


@settings(max_examples=60)
@given(st.data())
def test_what_lies_under_the_gestures_always_goes_their_way(data: st.DataObject) -> None:
    height, width = data.draw(st.integers(1, 40)), data.draw(st.integers(1, 40))
    rng = np.random.default_rng(data.draw(st.integers(0, 99)))
    photo = rng.integers(0, 256, (height, width, 3), dtype=np.uint8)
    mask = rng.integers(0, 4, (height, width), dtype=np.uint8)
    known = rng.integers(0, 256, (8, 8, 3), dtype=np.uint8) if data.draw(st.booleans()) else None
    label = data.draw(st.sampled_from([Label.PET, Label.BACKGROUND, Label.BORDER]))
    selection = SmartSelection(photo, mask, known, label)
    clicks = data.draw(
        st.lists(
            st.tuples(
                st.integers(0, width - 1), st.integers(0, height - 1), st.booleans(), st.booleans()
            ),
            min_size=1,
            max_size=4,
        )
    )
    patches, wanted = [], {}
    for x, y, include, box in clicks:
        points: Points = ((x + 0.5, y + 0.5),)
        if box:
            points = ((float(x), float(y)), (x + 9.0, y + 7.0))
        else:
            wanted[(x, y)] = include == clicks[0][2]
        patches.append(selection.add(SmartStroke(points, include, box)))
        chosen = area(patches[-1], mask.shape)
        assert all(chosen[row, column] == value for (column, row), value in wanted.items())
        if patches[-1] is not None:
            value = label if clicks[0][2] else other(label)
            assert patches[-1].value == value
            under = np.zeros_like(chosen)
            for column, row in wanted:
                under[row, column] = True
            assert not (chosen & (mask == value) & ~under).any()
    for number in range(len(patches) - 1, 0, -1):
        assert same(selection.undo(), patches[number - 1])


@pytest.mark.parametrize("shape", [(1, 1), (3, 2), (1, 300), (300, 1)])
@pytest.mark.parametrize("predicted", [True, False])
def test_the_smallest_photos(shape: tuple[int, int], predicted: bool) -> None:
    photo, mask = np.zeros((*shape, 3), np.uint8), np.zeros(shape, np.uint8)
    known = np.full((4, 4, 3), 85, np.uint8) if predicted else None
    for stroke in (click(0.5, 0.5), SmartStroke(((0.0, 0.0), (1.0, 1.0)), True, box=True)):
        patch = SmartSelection(photo, mask, known, Label.PET).add(stroke)
        assert area(patch, shape)[0, 0]


def test_gestures_outside_the_photo_select_nothing() -> None:
    truth = truth_of()
    for known in (probabilities_of(truth), None):
        selection = SmartSelection(photo_of(truth), truth, known, Label.PET)
        assert selection.add(click(-30, 900)) is None
        outside = SmartStroke(((-90.0, -90.0), (-10.0, -10.0)), True, box=True)
        assert selection.add(outside) is None
        assert area(selection.add(click(0.5, 0.5)), truth.shape)[0, 0]


def test_wrong_input_is_refused() -> None:
    photo, mask = np.zeros((4, 5, 3), np.uint8), np.ones((4, 5), np.uint8)
    with pytest.raises(ValueError, match="does not go with"):
        SmartSelection(photo, mask[:3], None, 1)
    with pytest.raises(ValueError, match="class"):
        SmartSelection(photo, mask, None, 0)
    with pytest.raises(ValueError, match="probabilities"):
        SmartSelection(photo, mask, np.zeros((4, 4, 2), np.uint8), 1)
    selection = SmartSelection(photo, mask, None, 1)
    with pytest.raises(ValueError, match="at least one"):
        selection.add(SmartStroke((), True))
    with pytest.raises(ValueError, match="finite"):
        selection.add(click(float("nan"), 1))
    assert selection.strokes == ()
