"""Oxford photos of one kind of pet: cats or dogs; in the data set cats' breeds begin upper case."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from _support import shared

if TYPE_CHECKING:
    from model.data import Example, Source

KINDS = ("cats", "dogs")


def kind_of(photo: str) -> str:
    """``"cats"`` or ``"dogs"``, by a photo's name (``Abyssinian_1``, ``beagle_7``)."""
    return "cats" if photo[:1].isupper() else "dogs"


class KindSource:
    """The photos of one kind that another source has.

    Args:
        source: has photos of both kinds.
        kind: see :func:`kind_of`.
    """

    def __init__(self, source: Source, kind: str) -> None:
        self._source = source
        self._kind = kind

    @property
    def name(self) -> str:
        """The source's name, with the kind."""
        return f"{self._source.name}:{self._kind}"

    def ids(self) -> tuple[str, ...]:
        """The ids of the photos of this kind."""
        return tuple(name for name in self._source.ids() if kind_of(name) == self._kind)

    def examples(self, ids: Sequence[str] | None = None) -> Iterator[Example]:
        """The photos with these ids (all of this kind by default)."""
        return self._source.examples(self.ids() if ids is None else ids)


def make_base(kind: str, epochs: int, out: Path, recipe: str = "default") -> Path:
    """Train a base model that has seen one kind of pet alone; go on where one was interrupted.

    Args:
        kind: what it learns.
        epochs: how long.
        out: folder of the run.
        recipe: by its name.

    Returns:
        The model's file.
    """
    from model.data import FolderSource, TfdsSource, WithoutBorder
    from model.recipes import RECIPES
    from model.train import Run, train

    done = out / "model.safetensors"
    if done.exists():
        return done
    sources: list[Source] = [KindSource(TfdsSource("train", download=False), kind)]
    real = shared()
    if real is not None:
        extra: Source = FolderSource(real / "data/extra_pets")  # its masks are approximations
        if recipe != "article":
            extra = WithoutBorder(extra)
        sources.append(KindSource(extra, kind))
    how = RECIPES[recipe]
    run = Run(how, sources, out, epochs, how.batch_size, how.input_size)
    return train(run, verbose=0)
