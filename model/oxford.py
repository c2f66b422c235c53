"""Whether the Oxford-IIIT Pet photos are on this computer, without importing TensorFlow."""

from __future__ import annotations

import os
from pathlib import Path

DOWNLOAD_SIZE = "about 800 MB"


def data_dir() -> Path:
    """Where TFDS keeps data sets: ``TFDS_DATA_DIR``, or ``tensorflow_datasets`` at home."""
    chosen = os.environ.get("TFDS_DATA_DIR")
    return Path(chosen).expanduser() if chosen else Path.home() / "tensorflow_datasets"


def is_present() -> bool:
    """Whether TFDS has prepared the data set there: only then is ``dataset_info.json`` written."""
    return any(data_dir().glob("oxford_iiit_pet/*/dataset_info.json"))
