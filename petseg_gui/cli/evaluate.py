"""``petseg evaluate``: measure a model on labelled photos."""

from __future__ import annotations

import argparse
import json
import random
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from petseg_gui.cli.common import CAREFUL, guarded, predictor_of, quiet_tensorflow
from resources import STARTER_MODEL

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

    from model.data import Example
    from model.labels import MaskArray


def main(argv: Sequence[str]) -> int:
    """Parse the arguments and measure; returns the exit status."""
    parser = argparse.ArgumentParser(prog="petseg evaluate", description=__doc__)
    parser.add_argument(
        "--model", type=Path, action="append", help="default: the starter; repeatable, to compare"
    )
    parser.add_argument("--data", default="tfds", help="'tfds', or a folder in Oxford's layout")
    parser.add_argument("--split", choices=("train", "test"), default="test")
    parser.add_argument("--careful", action="store_true", help=CAREFUL)
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

    source = open_source(arguments.data, arguments.split)
    ids = source.ids()[: arguments.limit]
    shown = set(random.Random(0).sample(ids, min(arguments.samples, len(ids))))
    rows: dict[str, list[npt.NDArray[np.uint8]]] = {}
    models = arguments.model or [STARTER_MODEL]
    # All are loaded before any is measured: a file that cannot be used is told at once.
    predictors = [predictor_of(path, careful=arguments.careful) for path in models]
    found = []
    with tqdm(total=len(ids) * len(models), unit="photo", disable=arguments.json) as bar:

        def on_photo(example: Example, mask: MaskArray) -> None:
            bar.update()
            if arguments.grid and example.id in shown:
                row = rows.setdefault(example.id, [example.photo, colourise(example.mask)])
                row.append(colourise(mask))

        for path, predictor in zip(models, predictors, strict=True):
            figures = evaluate(predictor, source.examples(ids), on_photo=on_photo).to_dict()
            found.append({"model": str(path), "data": source.name, **figures})
    if arguments.grid:
        from PIL import Image

        from model.pictures import contact_sheet

        sheet = contact_sheet([tuple(row) for row in rows.values()], columns=2)
        Image.fromarray(sheet).save(arguments.grid)
    if arguments.json:
        print(json.dumps(found[0] if len(found) == 1 else found, indent=1))
    else:
        print(_table(found))
    return 0


def _table(found: list[dict[str, Any]]) -> str:
    """One model at both sizes, or several at photo size, side by side."""
    from model.metrics import BOUNDARY_PX

    one = found[0]
    names = (
        f"{one['photos']} photos of {one['data']}",
        "pixel accuracy",
        "mean IoU",
        *(f"IoU {name}" for name in one["at_photo_size"]["iou"]),
        "mean pet IoU per photo",
        f"mean F-score of the outline, {BOUNDARY_PX} px",
        "expected calibration error",
    )
    if len(found) == 1:
        size = one["input_size"]
        columns = [
            (f"{size}×{size}", *_counted(one["at_input_size"]), "", "", ""),
            ("photo size", *_counted(one["at_photo_size"]), *_of_photos(one)),
        ]
    else:
        columns = [
            (_called(Path(each["model"])), *_counted(each["at_photo_size"]), *_of_photos(each))
            for each in found
        ]
    width = 2 + max(10, *(len(str(column[0])) for column in columns))
    return "\n".join(
        f"{name:<42}" + "".join(f"{_figure(value):>{width}}" for value in values)
        for name, *values in zip(names, *columns, strict=True)
    )


def _called(model: Path) -> str:
    # ``petseg train`` calls its files alike, in a folder of their own for every run.
    return model.parent.name if model.stem in {"model", "best"} else model.stem


def _counted(scores: dict[str, Any]) -> tuple[float | None, ...]:
    return (scores["pixel_accuracy"], scores["mean_iou"], *scores["iou"].values())


def _of_photos(found: dict[str, Any]) -> tuple[float | None, ...]:
    names = ("mean_pet_iou", "mean_boundary_f", "expected_calibration_error")
    return tuple(found[name] for name in names)


def _figure(value: float | str | None) -> str:
    if value is None:  # a class that no photo has
        return "-"
    return value if isinstance(value, str) else f"{value:.4f}"
