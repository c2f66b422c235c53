"""Any sequence of gestures, undone and made again."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from petseg_gui.core import cleanup
from petseg_gui.core.border import border_patch, kept_border_patch
from petseg_gui.core.brush import Point, stroke
from petseg_gui.core.fill import colour_patch, region_patch
from petseg_gui.core.mask import Patch, Rect
from petseg_gui.core.session import EditSession
from petseg_gui.core.shapes import polygon_patch, rectangle_patch
from petseg_gui.core.tool_options import ALL_LABELS

SHAPE = (140, 180)  # more than one tile of an edit, in both directions
PHOTO = np.random.default_rng(5).integers(0, 4, (*SHAPE, 3), np.uint8) * np.uint8(20)

places = st.tuples(st.floats(-30, 210), st.floats(-30, 170))


@dataclass(frozen=True)
class Action:
    """One gesture: what it is, where, how large, with what value, over what."""

    kind: str
    path: list[Point]
    size: float
    value: int
    only_over: frozenset[int]
    keep_border: bool
    aborted: bool


actions = st.builds(
    Action,
    st.sampled_from(
        [
            *("round", "square", "pressure", "polygon", "rectangle", "region", "colour", "border"),
            *("fill_holes", "remove_islands", "smooth_outline", "grow", "shrink"),
        ]
    ),
    st.lists(places, min_size=2, max_size=5),
    st.floats(0.5, 70),
    st.integers(0, 3),
    st.just(ALL_LABELS) | st.frozensets(st.integers(0, 3)),
    st.booleans(),
    st.sampled_from([False, False, False, True]),
)
first_masks = st.sampled_from(["background", "noise", "blocks"])


def first_mask(kind: str) -> np.ndarray:
    if kind == "background":
        return np.full(SHAPE, 2, np.uint8)
    noise = np.random.default_rng(7).integers(0, 4, SHAPE, np.uint8)
    return noise if kind == "noise" else np.kron(noise[:7, :9], np.ones((20, 20), np.uint8))


def patches(session: EditSession, action: Action) -> list[Patch | None]:
    """What the tools would make of it; the brush paints piece by piece."""
    path, size, value = action.path, action.size, action.value
    if action.kind in ("round", "square", "pressure"):
        growing = [size * (i + 1) / len(path) for i in range(len(path))]
        return [
            stroke(
                path[i : i + 2],
                size,
                value,
                SHAPE,
                square=action.kind == "square",
                diameters=growing[i : i + 2] if action.kind == "pressure" else None,
            )
            for i in range(len(path))
        ]
    one: dict[str, Callable[[], Patch | None]] = {
        "polygon": lambda: polygon_patch(path, value, SHAPE),
        "rectangle": lambda: rectangle_patch(path[0], path[1], value, SHAPE),
        "region": lambda: region_patch(session.view(), path[0], value),
        "colour": lambda: colour_patch(PHOTO, path[0], size, value),
        "border": lambda: border_patch(session.view(), max(size / 4, 2)),
    }
    if action.kind in one:
        return [one[action.kind]()]
    command = getattr(cleanup, action.kind)
    return [command(session.view(), int(size)).patch]


def perform(session: EditSession, action: Action) -> bool:
    """Make the gesture; whether it is an entry of the history."""
    start = session.view().copy()
    session.begin(action.kind)
    for patch in patches(session, action):
        if patch is None:
            continue
        before = session.view().copy()
        rect = session.paint(patch, action.only_over)
        changed = before != session.view()
        assert (rect is None) == (not changed.any())
        assert np.isin(before[changed], list(action.only_over)).all()
    if action.keep_border:
        kept = kept_border_patch(session, 6)
        if kept is not None:
            session.paint(kept)
    whole = session.before(Rect(0, 0, SHAPE[1], SHAPE[0]))
    assert np.array_equal(whole, start), "the mask before the gesture is still known"
    if action.aborted:
        session.abort()
        assert np.array_equal(session.view(), start)
        return False
    return session.commit()


@given(first_masks, st.lists(actions, max_size=8), st.booleans())
def test_undoing_all_gives_the_first_mask_and_redoing_all_the_last(
    kind: str, sequence: list[Action], packing: bool
) -> None:
    first = first_mask(kind)
    session = EditSession("cat.jpg", first)
    states = [first]
    for action in sequence:
        if perform(session, action):
            states.append(session.view().copy())
        else:
            assert np.array_equal(session.view(), states[-1])
    assert session.history.depth == len(states) - 1
    for state in reversed(states[:-1]):
        if packing:
            session.pack()
        assert session.undo() is not None
        assert np.array_equal(session.view(), state)
    assert session.undo() is None
    assert np.array_equal(session.view(), first)
    for state in states[1:]:
        if packing:
            session.pack()
        assert session.redo() is not None
        assert np.array_equal(session.view(), state)
    assert session.redo() is None
