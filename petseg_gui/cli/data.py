"""``petseg data``: show or download training photos."""

from __future__ import annotations

import argparse
import random
from collections.abc import Sequence
from pathlib import Path

from petseg_gui.cli.common import guarded, quiet_tensorflow


def main(argv: Sequence[str]) -> int:
    """Parse the arguments and do it; returns the exit status."""
    parser = argparse.ArgumentParser(prog="petseg data", description=__doc__)
    actions = parser.add_subparsers(dest="action", required=True)
    show = actions.add_parser("show", help="draw photos beside their labels into a PNG")
    show.add_argument("--data", default="tfds", help="'tfds', or a folder in Oxford's layout")
    show.add_argument("--split", choices=("train", "test"), default="train")
    show.add_argument("--samples", type=int, default=12)
    show.add_argument("--seed", type=int, default=0)
    show.add_argument("--out", type=Path, required=True)
    actions.add_parser("download", help="download the Oxford-IIIT Pet set (about 800 MB)")
    arguments = parser.parse_args(argv)
    quiet_tensorflow()

    from model.data import DataError

    action = _download if arguments.action == "download" else lambda: _show(arguments)
    return guarded(action, DataError, ValueError, OSError)


def _download() -> int:
    from model.data import TfdsSource
    from model.oxford import data_dir

    source = TfdsSource("train", download=True)
    print(f"{source.name}: {len(source.ids())} photos in {data_dir()}")
    return 0


def _show(arguments: argparse.Namespace) -> int:
    from PIL import Image

    from model.data import open_source
    from model.labels import colourise
    from model.pictures import contact_sheet

    source = open_source(arguments.data, arguments.split)
    ids = source.ids()
    chosen = random.Random(arguments.seed).sample(ids, min(arguments.samples, len(ids)))
    rows = [(e.photo, colourise(e.mask)) for e in source.examples(chosen)]
    Image.fromarray(contact_sheet(rows, columns=3)).save(arguments.out)
    print(f"{len(rows)} of {len(ids)} photos of {source.name}: {arguments.out}")
    return 0
