"""What kind of labels a file or folder most likely holds, by a look at its names."""

from __future__ import annotations

import os
from itertools import islice
from pathlib import Path

_LOOKED_AT = 200
"""Names of a folder: enough to tell, and quick on a slow disk."""


def guess_kind(source: Path) -> str | None:
    """The kind (see ``importing.KINDS``) that fits; None: nothing does."""
    try:
        if source.is_file():
            return {".json": "coco"}.get(source.suffix.lower())
        if (source / "annotations" / "trimaps").is_dir():
            return "oxford"
        if (source / "labels").is_dir() and (source / "images").is_dir():
            return "yolo"
        with os.scandir(source) as entries:
            names = [entry.name.lower() for entry in islice(entries, _LOOKED_AT)]
    except OSError:
        return None
    if "annotations.json" in names:
        return "coco"
    counts = {
        "labelme": sum(name.endswith(".json") for name in names),
        "yolo": sum(name.endswith(".txt") for name in names),
        "index": sum(name.endswith((".png", ".bmp", ".gif", ".tif", ".tiff")) for name in names),
    }
    kind = max(counts, key=counts.__getitem__)
    return kind if counts[kind] else None
