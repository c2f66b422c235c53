"""The two JSON files by which TensorFlow Datasets knows what is in a folder of records."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

_CLASSES = "tensorflow_datasets.core.features"

NAME = "petseg"


def record_name(split: str) -> str:
    """The file of a split: ``train`` or ``test``."""
    return f"{NAME}-{split}.tfrecord-00000-of-00001"


def features() -> dict[str, Any]:
    """What a record has, as ``features.json`` says it."""
    number = {
        "pythonClassName": f"{_CLASSES}.tensor_feature.Tensor",
        "tensor": {"dtype": "int64", "encoding": "none", "shape": {}},
    }
    return {
        "pythonClassName": f"{_CLASSES}.features_dict.FeaturesDict",
        "featuresDict": {
            "features": {
                "file_name": {"pythonClassName": f"{_CLASSES}.text_feature.Text", "text": {}},
                "height": number,
                "image": _image("jpeg", 3),
                "segmentation_mask": _image("png", 1),
                "width": number,
            }
        },
    }


def dataset_info(splits: Mapping[str, tuple[int, int]]) -> dict[str, Any]:
    """The data set, as ``dataset_info.json`` says it.

    Args:
        splits: of each split the number of its photos, and of bytes in its file.
    """
    return {
        "name": NAME,
        "version": "1.0.0",
        "description": "Pet masks, exported by PetSeg: 1 pet, 2 background, 3 border.",
        "fileFormat": "tfrecord",
        "splits": [
            {
                "name": split,
                "shardLengths": [str(photos)],
                "numBytes": str(size),
                "filepathTemplate": "{DATASET}-{SPLIT}.{FILEFORMAT}-{SHARD_X_OF_Y}",
            }
            for split, (photos, size) in splits.items()
        ],
    }


def _image(encoding: str, channels: int) -> dict[str, Any]:
    return {
        "pythonClassName": f"{_CLASSES}.image_feature.Image",
        "image": {
            "dtype": "uint8",
            "encodingFormat": encoding,
            "shape": {"dimensions": ["-1", "-1", str(channels)]},
        },
    }
