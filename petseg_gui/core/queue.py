"""Which photo comes next: for the person who reviews, and for the predictions."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Sequence

# A person pages mostly forwards, and looks back once in a while.
_NEIGHBOURS = (1, -1, 2, 3, -2)


class ReviewQueue:
    """The photos that are listed, in their order, and the one on screen.

    The one on screen need not be listed: it stays there when the list becomes another one, and
    the next one is then the one that follows its former place.

    Args:
        names: all photos of the folder; all of them are listed, and the first one is current.

    Raises:
        ValueError: a name occurs twice.
    """

    def __init__(self, names: Sequence[str]) -> None:
        self._all = list(names)
        self._known = frozenset(self._all)
        if len(self._known) != len(self._all):
            raise ValueError("a photo is in the queue twice")
        self._names: list[str] = []
        self._places: dict[str, int] = {}
        self._current = self._all[0] if self._all else None
        # The current photo's place, or, when it is not listed, that of the one to come next.
        self._at = 0
        self.arrange(self._all)

    def __len__(self) -> int:
        return len(self._names)

    @property
    def names(self) -> list[str]:
        """The listed photos in order."""
        return list(self._names)

    @property
    def all_names(self) -> list[str]:
        """All photos of the folder."""
        return list(self._all)

    @property
    def listed(self) -> bool:
        """Whether the photo on screen is in the list."""
        return self._current in self._places

    @property
    def current(self) -> str | None:
        """The photo on screen; None when there are no photos."""
        return self._current

    def arrange(self, names: Sequence[str]) -> None:
        """List these photos from now on; the one on screen stays.

        Raises:
            ValueError: a name occurs twice, or is none of the folder's.
        """
        places = {name: place for place, name in enumerate(names)}
        if len(places) != len(names) or not self._known.issuperset(places):
            raise ValueError("a list has photos of the folder, each once")
        self._names, self._places = list(names), places
        self._at = places.get(self._current or "", min(self._at, len(names)))

    def go_to(self, name: str) -> None:
        """Make a photo of the folder the one on screen, listed or not.

        Raises:
            KeyError: it is not in the folder.
        """
        if name not in self._known:
            raise KeyError(name)
        self._current = name
        self._at = self._places.get(name, self._at)

    def beside(self, offset: int) -> str | None:
        """The photo so many places after the current one (before it: negative), if there is one."""
        if offset > 0 and not self.listed:
            offset -= 1
        place = self._at + offset
        return self._names[place] if 0 <= place < len(self._names) else None

    def near(self, offsets: Iterable[int]) -> list[str]:
        """The photos at these places from the current one, where there are any."""
        return [name for offset in offsets if (name := self.beside(offset)) is not None]

    def next(self) -> str | None:
        """Go to the next photo and return it; None, and no move, at the end."""
        return self._step(1)

    def previous(self) -> str | None:
        """Go to the photo before and return it; None, and no move, at the start."""
        return self._step(-1)

    def _step(self, step: int) -> str | None:
        name = self.beside(step)
        if name is not None:
            self.go_to(name)
        return name

    def following(self, fits: Callable[[str], bool]) -> str | None:
        """The next photo that fits: onwards, then from the first; not the current one."""
        return self._first(self._after() + self._before(), fits)

    def preceding(self, fits: Callable[[str], bool]) -> str | None:
        """The last photo before the current one that fits: backwards, then from the last."""
        return self._first((self._after() + self._before())[::-1], fits)

    def _after(self) -> list[str]:
        return self._names[self._at + self.listed :]

    def _before(self) -> list[str]:
        return self._names[: self._at]

    def _first(self, names: list[str], fits: Callable[[str], bool]) -> str | None:
        return next((name for name in names if fits(name)), None)

    def prediction_order(self, wanted: Collection[str]) -> list[str]:
        """The wanted photos in the order in which their predictions are of use.

        The current photo, its neighbours, then the rest of the list: onwards to the end, and from
        the first; photos that are not listed come last.  Names that are not in the folder are
        left out.
        """
        wanted = frozenset(wanted)
        near = [self._current, *self.near(_NEIGHBOURS)]
        order = dict.fromkeys([*near, *self._after(), *self._before(), *self._all])
        return [name for name in order if name in wanted]
