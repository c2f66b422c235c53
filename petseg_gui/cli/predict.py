"""``petseg predict``: write a label PNG for every photo of a folder."""

from __future__ import annotations

import argparse
import unicodedata
from collections.abc import Sequence
from pathlib import Path

from petseg_gui.cli.common import fail, guarded, quiet_tensorflow
from petseg_gui.core.photos import PhotoError, list_photos, read_photo
from resources import STARTER_MODEL

SOME_SKIPPED = 2
"""Exit status when photos could not be read and were skipped."""


def main(argv: Sequence[str]) -> int:
    """Parse the arguments and predict; returns the exit status: 0, 1 failed, 2 some skipped."""
    parser = argparse.ArgumentParser(prog="petseg predict", description=__doc__)
    parser.add_argument("folder", type=Path, help="folder of photos")
    parser.add_argument("--out", type=Path, required=True, help="folder for the label PNGs")
    parser.add_argument("--model", type=Path, default=STARTER_MODEL, help="default: the starter")
    arguments = parser.parse_args(argv)
    quiet_tensorflow()
    try:
        photos = list_photos(arguments.folder)
    except OSError as error:
        return fail(f"{arguments.folder} cannot be read: {error.strerror}")
    if not photos:
        return fail(f"{arguments.folder} has no photos")
    clash = _clash(photos)
    if clash:
        return fail(
            f"{clash[0].name} and {clash[1].name} would share one label file: "
            "rename one of them, or predict them from folders of their own"
        )

    from model.weights import ModelFileError

    return guarded(
        lambda: _predict(photos, arguments.out, arguments.model), ModelFileError, OSError
    )


def _clash(photos: Sequence[Path]) -> tuple[Path, Path] | None:
    """Two photos whose labels would have the same name, on any file system."""
    seen: dict[str, Path] = {}
    for photo in photos:
        key = unicodedata.normalize("NFC", photo.stem).casefold()
        if key in seen:
            return seen[key], photo
        seen[key] = photo
    return None


def _predict(photos: Sequence[Path], out: Path, model: Path) -> int:
    from tqdm import tqdm

    from model import label_png
    from model.predict import Predictor
    from petseg_gui.core.files import write_atomically

    predictor = Predictor.load(model)
    out.mkdir(parents=True, exist_ok=True)
    skipped = 0
    for photo in tqdm(photos, unit="photo"):
        try:
            mask = predictor.mask(read_photo(photo))
        except PhotoError as error:
            tqdm.write(f"petseg: skipped: {error}")
            skipped += 1
            continue
        text = {"petseg": f'{{"model": "{model.stem}"}}'}
        write_atomically(out / f"{photo.stem}.png", label_png.encode(mask, text))
    print(f"{len(photos) - skipped} labels in {out}, {skipped} photos skipped")
    return SOME_SKIPPED if skipped else 0
