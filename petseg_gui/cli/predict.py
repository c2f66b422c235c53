"""``petseg predict``: write a label PNG for every photo of a folder."""

from __future__ import annotations

import argparse
import json
import sys
from collections import deque
from collections.abc import Iterator, Sequence
from concurrent.futures import Executor, Future, ThreadPoolExecutor
from pathlib import Path
from typing import TYPE_CHECKING

from petseg_gui.cli.common import CAREFUL, fail, guarded, predictor_of, quiet_tensorflow
from petseg_gui.core.layout import count_stems, folded, free_label_name
from petseg_gui.core.photos import PhotoError, list_photos, read_photo
from resources import STARTER_MODEL

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

    from model.resize import Probabilities

# Photos that are read before the network wants them, and labels that may wait to be written:
# decoding and packing take about as long as predicting, and run beside it.
_AHEAD = 3
_HANDS = 2
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

    predictor = predictor_of(model, careful=careful)
    out.mkdir(parents=True, exist_ok=True)
    names = label_names([photo.name for photo in photos])
    about = {"petseg": json.dumps({"model": model.stem})}
    skipped = 0
    with ThreadPoolExecutor(_HANDS) as pool:
        writing: deque[Future[None]] = deque()
        for photo, reading in tqdm(_read_ahead(pool, photos), total=len(photos), unit="photo"):
            try:
                picture = reading.result()
            except PhotoError as error:
                tqdm.write(f"petseg: skipped: {error}", file=sys.stderr)
                skipped += 1
                continue
            (found,) = predictor.probabilities([picture])
            size = picture.shape[0], picture.shape[1]
            writing.append(pool.submit(_write, out / names[photo.name], found, size, about))
            while len(writing) > _AHEAD:
                writing.popleft().result()
        for written in writing:
            written.result()
    print(f"{len(photos) - skipped} labels in {out}, {skipped} photos skipped")
    return SOME_SKIPPED if skipped else 0


def _read_ahead(
    pool: Executor, photos: Sequence[Path]
) -> Iterator[tuple[Path, Future[npt.NDArray[np.uint8]]]]:
    """Every photo with its picture to come; the next ones are being read meanwhile."""
    waiting = deque((photo, pool.submit(read_photo, photo)) for photo in photos[:_AHEAD])
    for photo in photos[_AHEAD:]:
        yield waiting.popleft()
        waiting.append((photo, pool.submit(read_photo, photo)))
    yield from waiting


def _write(path: Path, found: Probabilities, size: tuple[int, int], about: dict[str, str]) -> None:
    from model import label_png
    from model.files import write_atomically
    from model.resize import mask_at_size

    write_atomically(path, label_png.encode(mask_at_size(found, *size), about))
