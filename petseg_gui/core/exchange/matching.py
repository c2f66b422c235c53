"""Which photo a file of another program belongs to.

When in doubt, none: a label on the wrong photo is worse than one that is missing.
"""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import PurePosixPath

from petseg_gui.core.layout import folded


class Matcher:
    """Finds photos by the names that other programs give their labels.

    A name is compared whole (``cat.jpg``), then without its ending (``cat``); first as it is,
    then without regard to case and Unicode form; with its folders, then without them.
    """

    def __init__(self, photos: Iterable[str]) -> None:
        self._tables: list[dict[str, list[str]]] = [{} for _ in range(8)]
        for photo in photos:
            for table, key in zip(self._tables, _keys(photo), strict=True):
                table.setdefault(key, []).append(photo)

    def find(self, names: Iterable[str]) -> tuple[str | None, str]:
        """The photo that one of the names means, and, when there is none, why.

        Args:
            names: what it may be called, the surest first.
        """
        tried = []
        for name in names:
            clean = name.replace("\\", "/").strip("/")
            tried.append(clean)
            whole, short = clean, PurePosixPath(clean).name
            keys = (whole, whole, short, short)
            for place, key in enumerate((*keys, *map(folded, keys))):
                found = _nearest(clean, self._tables[place].get(key, []))
                if len(found) == 1:
                    return found[0], ""
                if found:
                    some = ", ".join(sorted(found)[:4])
                    return None, f"several photos could be meant: {some}"
        shown = " or ".join(dict.fromkeys(tried)) or "it names no photo"
        return None, f"no photo is called {shown}"


def _keys(photo: str) -> tuple[str, ...]:
    path = PurePosixPath(photo)
    keys = (photo, str(path.with_suffix("")), path.name, path.stem)
    return (*keys, *map(folded, keys))


def _nearest(name: str, photos: list[str]) -> list[str]:
    """The photos whose folders do not contradict the name's, and have most in common with them.

    ``labels/x/1`` may be ``x/1``, or else ``1``, but never ``y/1``.
    """
    ours = folded(name).split("/")[-2::-1]
    depths = []
    for photo in photos:
        theirs = folded(photo).split("/")[-2::-1]
        agree = all(a == b for a, b in zip(ours, theirs, strict=False))
        depths.append(min(len(ours), len(theirs)) if agree else -1)
    most = max(depths, default=-1)
    return [p for p, depth in zip(photos, depths, strict=True) if depth == most >= 0]
