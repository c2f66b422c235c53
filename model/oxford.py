"""Whether the Oxford-IIIT Pet photos are on this computer, without importing TensorFlow."""

from __future__ import annotations

import os
import re
from pathlib import Path

DOWNLOAD_SIZE = "about 800 MB"


def data_dir() -> Path:
    """Where TFDS keeps data sets: ``TFDS_DATA_DIR``, or ``tensorflow_datasets`` at home."""
    chosen = os.environ.get("TFDS_DATA_DIR")
    return Path(chosen).expanduser() if chosen else Path.home() / "tensorflow_datasets"


def is_present() -> bool:
    """Whether TFDS has prepared the data set there.

    It writes into a folder of another name, which it renames when all is there; a copy of which
    the photos to train on are missing counts as absent.
    """
    return any(
        re.fullmatch(r"[0-9.]+", folder.name)
        and (folder / "dataset_info.json").is_file()
        and any(folder.glob("oxford_iiit_pet-train.*"))
        for folder in data_dir().glob("oxford_iiit_pet/*")
    )
