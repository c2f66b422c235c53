"""How fast a person gets on, and how long the rest will take, in words."""

from __future__ import annotations

from collections import deque

RECENT = 30
"""The pace of the last so many photos counts, ..."""
ENOUGH_RECENT = 5
"""... if there are so many of this session; before, that of all accepted photos."""
ENOUGH = 3
"""With fewer photos than this nothing is said."""


class Pace:
    """The time that accepted photos took.  Idle time is not counted by whoever measures it."""

    def __init__(self) -> None:
        self._recent: deque[float] = deque(maxlen=RECENT)

    def accepted(self, seconds: float) -> None:
        """A photo was accepted on which so many seconds were spent."""
        if seconds > 0:
            self._recent.append(seconds)

    def clear(self) -> None:
        """Another folder: another pace."""
        self._recent.clear()

    def seconds_per_photo(self, photos: int, seconds: float) -> float | None:
        """What the next photo is going to take; None: there is too little to tell.

        Args:
            photos: how many accepted photos of the project have a time.
            seconds: that time, of all of them together.
        """
        if len(self._recent) >= ENOUGH_RECENT:
            return sum(self._recent) / len(self._recent)
        return seconds / photos if photos >= ENOUGH and seconds > 0 else None


def in_words(accepted: int, total: int, seconds_per_photo: float | None) -> list[str]:
    """How far a project is, how fast it goes and how long it will take, in a line.

    Args:
        accepted: photos that are done.
        total: photos of the folder.
        seconds_per_photo: see :meth:`Pace.seconds_per_photo`.

    Returns:
        The whole, and the same in fewer words, the shortest last, for where there is less room.
    """
    left = total - accepted
    done, short = f"{accepted:,} of {total:,} accepted", f"{accepted:,} of {total:,}"
    if not left:
        return [done, short]
    if seconds_per_photo is None or not accepted:
        return [f"{done}, {left:,} left", done, short]
    pace = f"{_rounded(3600 / seconds_per_photo):,} per hour"
    rest = _time(left * seconds_per_photo)
    return [
        f"{done}, {left:,} left · {pace} · about {rest}",
        f"{done} · {pace} · about {rest}",
        f"{done} · about {rest}",
        f"{short} · {rest}",
        short,
    ]


def _rounded(number: float) -> int:
    """To two digits: nobody works with more precision."""
    if number < 100:
        return max(round(number), 1)
    return round(round(number), 2 - len(str(int(number))))


def _time(seconds: float) -> str:
    minutes = seconds / 60
    if minutes < 1.5:
        return "1 min left"
    if minutes < 90:
        return f"{round(minutes)} min left"
    return f"{round(minutes / 60)} h left"
