from __future__ import annotations

import pytest

from petseg_gui.core.pace import Pace, in_words


@pytest.mark.parametrize(
    ("accepted", "total", "seconds", "words"),
    [
        (0, 214, None, "0 of 214 accepted, 214 left"),
        (0, 214, 9.0, "0 of 214 accepted, 214 left"),
        (37, 214, 8.8, "37 of 214 accepted, 177 left · 410 per hour · about 26 min left"),
        (37, 214, 60.0, "37 of 214 accepted, 177 left · 60 per hour · about 3 h left"),
        (213, 214, 5.0, "213 of 214 accepted, 1 left · 720 per hour · about 1 min left"),
        (5, 10_000, 1.0, "5 of 10,000 accepted, 9,995 left · 3,600 per hour · about 3 h left"),
        (2, 3, 9000.0, "2 of 3 accepted, 1 left · 1 per hour · about 2 h left"),
        (214, 214, 5.0, "214 of 214 accepted"),
    ],
)
def test_progress_in_words(accepted: int, total: int, seconds: float | None, words: str) -> None:
    assert in_words(accepted, total, seconds)[0] == words


def test_with_less_room_fewer_words_say_the_same() -> None:
    assert in_words(37, 214, 8.8) == [
        "37 of 214 accepted, 177 left · 410 per hour · about 26 min left",
        "37 of 214 accepted · 410 per hour · about 26 min left",
        "37 of 214 accepted · about 26 min left",
        "37 of 214 · 26 min left",
        "37 of 214",
    ]
    assert in_words(1, 3, None) == ["1 of 3 accepted, 2 left", "1 of 3 accepted", "1 of 3"]
    assert in_words(3, 3, 9) == ["3 of 3 accepted", "3 of 3"]


def test_the_pace_of_this_session_counts_once_there_is_enough_of_it() -> None:
    pace = Pace()
    assert pace.seconds_per_photo(2, 100) is None, "too few to tell"
    assert pace.seconds_per_photo(4, 100) == 25
    for _ in range(4):
        pace.accepted(10)
    pace.accepted(0)  # nobody measured it
    assert pace.seconds_per_photo(4, 100) == 25
    pace.accepted(20)
    assert pace.seconds_per_photo(4, 100) == 12
    for _ in range(30):
        pace.accepted(5)
    assert pace.seconds_per_photo(4, 100) == 5, "only the latest count"
    pace.clear()
    assert pace.seconds_per_photo(0, 0) is None
