"""Files of other programs, and what became of them."""

from __future__ import annotations

import base64
import json
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image

from petseg_gui.core.exchange.importing import ImportPlan, run_import

from .conftest import shape_of

DOG = "dog 1.jpg"
HEIGHT, WIDTH = shape_of(DOG)


def write_png(path: Path, values: np.ndarray) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    Image.fromarray(values).save(path)
    return path


def write_json(path: Path, content: object) -> Path:
    path.write_text(json.dumps(content))
    return path


def labelme_file(path: Path, *shapes: dict[str, Any], **more: object) -> Path:
    content = {
        "version": "5.4",
        "imagePath": DOG,
        "imageData": base64.b64encode(b"x" * 100).decode(),
        "imageWidth": WIDTH,
        "imageHeight": HEIGHT,
        "shapes": list(shapes),
    }
    return write_json(path, content | more)


def shape(label: str, kind: str, *points: tuple[float, float]) -> dict[str, Any]:
    return {"label": label, "shape_type": kind, "points": [list(p) for p in points]}


def coco_file(path: Path, *segmentations: object, **more: object) -> Path:
    content = {
        "images": [{"id": 7, "file_name": DOG, "width": WIDTH, "height": HEIGHT}],
        "annotations": [
            {"id": n, "image_id": 7, "category_id": 3, "segmentation": segmentation}
            for n, segmentation in enumerate(segmentations)
        ],
        "categories": [{"id": 3, "name": "dog"}],
    }
    return write_json(path, content | more)


def the_mask(plan: ImportPlan) -> np.ndarray:
    assert plan.refused == ()
    (item,) = plan.items
    assert item.photo == DOG
    run_import(plan)
    found = plan.project.read_label(DOG)
    assert found is not None
    return found


def the_reason(plan: ImportPlan) -> str:
    assert plan.items == ()
    (refusal,) = plan.refused
    return refusal.reason
