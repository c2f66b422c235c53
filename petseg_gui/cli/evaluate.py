"""``petseg evaluate``: measure a model on labelled photos."""

from __future__ import annotations

import argparse
import json
import random
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from petseg_gui.cli.common import guarded, quiet_tensorflow
from resources import STARTER_MODEL

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

    from model.data import Example
    from model.labels import MaskArray


def main(argv: Sequence[str]) -> int:
    """Parse the arguments and measure; returns the exit status."""
    parser = argparse.ArgumentParser(prog="petseg evaluate", description=__doc__)
    parser.add_argument("--model", type=Path, default=STARTER_MODEL, help="default: the starter")
    parser.add_argument("--data", default="tfds", help="'tfds', or a folder in Oxford's layout")
    parser.add_argument("--split", choices=("train", "test"), default="test")
    parser.add_argument("--limit", type=int, help="measure the first photos only")
    parser.add_argument("--json", action="store_true", help="print JSON, and nothing else")
    parser.add_argument("--samples", type=int, default=8, help="photos in the grid")
    parser.add_argument("--grid", type=Path, help="PNG of photo, truth, prediction")
    arguments = parser.parse_args(argv)
    quiet_tensorflow()

    from model.data import DataError
    from model.weights import ModelFileError

    return guarded(lambda: _evaluate(arguments), DataError, ModelFileError, ValueError, OSError)


def _evaluate(arguments: argparse.Namespace) -> int:
    from tqdm import tqdm

    from model.data import open_source
    from model.evaluate import evaluate
    from model.labels import colourise
    from model.predict import Predictor

    source = open_source(arguments.data, arguments.split)
    ids = source.ids()[: arguments.limit]
    shown = set(random.Random(0).sample(ids, min(arguments.samples, len(ids))))
    rows: list[tuple[npt.NDArray[np.uint8], ...]] = []
    predictor = Predictor.load(arguments.model)
    with tqdm(total=len(ids), unit="photo", disable=arguments.json) as bar:

        def on_photo(example: Example, mask: MaskArray) -> None:
            bar.update()
            if arguments.grid and example.id in shown:
                rows.append((example.photo, colourise(example.mask), colourise(mask)))

        found = evaluate(predictor, source.examples(ids), on_photo=on_photo).to_dict()
    found = {"model": str(arguments.model), "data": source.name, **found}
    if arguments.grid:
        from PIL import Image

        from model.pictures import contact_sheet

        Image.fromarray(contact_sheet(rows, columns=2)).save(arguments.grid)
    print(json.dumps(found, indent=1) if arguments.json else _table(found))
    return 0


def _table(found: dict[str, Any]) -> str:
    from model.metrics import BOUNDARY_PX

    small, full = found["at_input_size"], found["at_photo_size"]
    size = found["input_size"]
    rows = [
        (f"{found['photos']} photos of {found['data']}", f"{size}×{size}", "photo size"),
        ("pixel accuracy", small["pixel_accuracy"], full["pixel_accuracy"]),
        ("mean IoU", small["mean_iou"], full["mean_iou"]),
        *((f"IoU {name}", small["iou"][name], full["iou"][name]) for name in small["iou"]),
        ("mean pet IoU per photo", "", found["mean_pet_iou"]),
        (f"mean F-score of the outline, {BOUNDARY_PX} px", "", found["mean_boundary_f"]),
        ("expected calibration error", found["expected_calibration_error"], ""),
    ]
    return "\n".join(f"{a:<44} {_figure(b):>10} {_figure(c):>10}" for a, b, c in rows)


def _figure(value: float | str | None) -> str:
    if value is None:  # a class that no photo has
        return "-"
    return value if isinstance(value, str) else f"{value:.4f}"
