"""``petseg predict``: write a label PNG for every photo of a folder."""

from __future__ import annotations

import argparse
import json
import sys
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Executor, ThreadPoolExecutor
from pathlib import Path
from typing import TYPE_CHECKING, TypeAlias

from petseg_gui.cli.common import CAREFUL, fail, guarded, predictor_of, quiet_tensorflow
from petseg_gui.core.layout import count_stems, folded, free_label_name
from petseg_gui.core.photos import PhotoError, list_photos, read_photo
from resources import STARTER_MODEL

if TYPE_CHECKING:
    from model.predict import Probable
    from model.resize import Photo

Target: TypeAlias = tuple[Path, Path]
"""A photo and where its label goes."""
Done: TypeAlias = tuple[int, list[PhotoError]]
"""How many photos were worked on, and what was wrong with those that could not be read."""

# Photos in one run of the network: each takes less of it than one by one.
_TOGETHER = 4
# Bytes of pictures after which no more are read before they have gone through it.
_MUCH = 64_000_000
# zlib's: less time than its default, for larger labels.
_LEVEL = 3
SOME_SKIPPED = 2
"""Exit status when photos could not be read and were skipped."""


def main(argv: Sequence[str]) -> int:
    """Parse the arguments and predict; returns the exit status: 0, 1 failed, 2 some skipped."""
    parser = argparse.ArgumentParser(prog="petseg predict", description=__doc__)
    parser.add_argument("folder", type=Path, help="folder of photos")
    parser.add_argument("--out", type=Path, required=True, help="folder for the label PNGs")
    parser.add_argument("--model", type=Path, default=STARTER_MODEL, help="default: the starter")
    parser.add_argument("--careful", action="store_true", help=CAREFUL)
    arguments = parser.parse_args(argv)
    quiet_tensorflow()
    try:
        photos = list_photos(arguments.folder)
    except OSError as error:
        return fail(f"{arguments.folder} cannot be read: {error.strerror}")
    if not photos:
        return fail(f"{arguments.folder} has no photos")
    if arguments.out.exists() and arguments.out.samefile(arguments.folder):
        return fail(f"{arguments.out} holds the photos: choose another folder for the labels")

    from model.weights import ModelFileError

    return guarded(
        lambda: _predict(photos, arguments.out, arguments.model, careful=arguments.careful),
        ModelFileError,
        OSError,
    )


def label_names(photos: Sequence[str]) -> dict[str, str]:
    """Label file names by photo name: ``STEM.png``, or ``NAME.png`` where photos share a stem.

    No two are the same on any file system; it is the rule by which a project names its labels.
    """
    stems = count_stems(photos)
    taken: set[str] = set()
    names = {}
    for photo in photos:
        names[photo] = free_label_name(photo, stems, taken)
        taken.add(folded(names[photo]))
    return names


def _predict(photos: Sequence[Path], out: Path, model: Path, *, careful: bool) -> int:
    from tqdm import tqdm

    from model.device import one_core_per_call

    hands = one_core_per_call()
    predictor = predictor_of(model, careful=careful)
    out.mkdir(parents=True, exist_ok=True)
    names = label_names([photo.name for photo in photos])
    targets = [(photo, out / names[photo.name]) for photo in photos]
    about = {"petseg": json.dumps({"model": model.stem})}
    skipped = 0
    with (
        ThreadPoolExecutor(hands) as pool,
        tqdm(total=len(photos), unit="photo") as bar,
    ):
        work = _Labeller(predictor, about)
        for done, errors in _in_turn(pool, work, _parts(targets, hands), hands + 1):
            for error in errors:
                tqdm.write(f"petseg: skipped: {error}", file=sys.stderr)
            skipped += len(errors)
            bar.update(done)
    print(f"{len(photos) - skipped} labels in {out}, {skipped} photos skipped")
    return SOME_SKIPPED if skipped else 0


def _parts(targets: Sequence[Target], hands: int) -> list[Sequence[Target]]:
    """Photos that go through the network together: not so many that a hand would be idle."""
    size = max(min(_TOGETHER, len(targets) // hands), 1)
    return [targets[first : first + size] for first in range(0, len(targets), size)]


class _Labeller:
    """Does the whole work of some photos: reads them, predicts, and writes their labels.

    Args:
        predictor: of which several threads make use.
        about: what the labels say of themselves.
    """

    def __init__(self, predictor: Probable, about: dict[str, str]) -> None:
        self._predictor = predictor
        self._about = about

    def __call__(self, part: Sequence[Target]) -> Done:
        read: list[tuple[Path, Photo]] = []
        errors = []
        for photo, target in part:
            try:
                read.append((target, read_photo(photo)))
            except PhotoError as error:
                errors.append(error)
            if sum(picture.size for _, picture in read) > _MUCH:
                self._write(read)
                read = []
        self._write(read)
        return len(part), errors

    def _write(self, read: list[tuple[Path, Photo]]) -> None:
        from model import label_png
        from model.files import write_atomically
        from model.resize import mask_at_size

        found = self._predictor.probabilities([picture for _, picture in read]) if read else []
        for (target, picture), probabilities in zip(read, found, strict=True):
            mask = mask_at_size(probabilities, picture.shape[0], picture.shape[1])
            write_atomically(target, label_png.encode(mask, self._about, level=_LEVEL))


def _in_turn(
    pool: Executor,
    work: Callable[[Sequence[Target]], Done],
    parts: Sequence[Sequence[Target]],
    ahead: int,
) -> Iterator[Done]:
    """The results of all parts in order; no more than ``ahead`` are begun before they are wanted.

    The first is waited for: the network is traced with it.
    """
    yield work(parts[0])
    waiting = deque(pool.submit(work, part) for part in parts[1 : ahead + 1])
    for part in parts[ahead + 1 :]:
        yield waiting.popleft().result()
        waiting.append(pool.submit(work, part))
    while waiting:
        yield waiting.popleft().result()
