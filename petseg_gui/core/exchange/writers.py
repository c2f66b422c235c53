"""The kinds of export: what each writes for a photo, and for all photos together."""

from __future__ import annotations

import json
from abc import ABC, abstractmethod
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from model import label_png
from model.labels import CLASSES, Label, MaskArray
from petseg_gui.core.exchange import rle, tfds
from petseg_gui.core.exchange.classes import NAMES_OF
from petseg_gui.core.exchange.common import ExchangeError
from petseg_gui.core.exchange.encoding import PHOTO_KEY, cut_out_png, grey_png, photo_jpeg
from petseg_gui.core.exchange.outlines import polygons_of
from petseg_gui.core.exchange.tfds import record_name
from petseg_gui.core.exchange.tfrecord import example, record
from petseg_gui.core.exchange.writing import Stream, Target

_OXFORD_HEAD = (
    "#Image CLASS-ID SPECIES BREED ID\n"
    "#written by PetSeg, which knows no species and no breeds: all are 1\n"
)


@dataclass(frozen=True, slots=True)
class ExportItem:
    """A photo that is exported.

    Attributes:
        photo: its name.
        path: its file.
        held_out: it belongs to the test split.
        accepted: a person accepted its label.
        stem: what its files are called, without ending; no two are the same.
        files: what is written for it alone, relative to the target.
    """

    photo: str
    path: Path
    held_out: bool
    accepted: bool
    stem: str
    files: tuple[str, ...]

    @property
    def split(self) -> str:
        """The split that it belongs to."""
        return "test" if self.held_out else "train"

    def text(self) -> dict[str, str]:
        """What its label says about itself: the photo, found again whatever the file is called."""
        return {PHOTO_KEY: json.dumps({"photo": self.photo})}


class Writer(ABC):
    """Writes one kind; of the methods below, a kind has those that it needs.

    Args:
        target: where to.
        items: everything that is to be exported.
        border: the class as which the border counts; None: as the kind does.
    """

    def __init__(self, target: Target, items: tuple[ExportItem, ...], border: Label | None) -> None:
        self.target = target
        self.items = items
        self.border = border
        self.done: list[ExportItem] = []

    @abstractmethod
    def add(self, item: ExportItem, mask: MaskArray) -> None:
        """Write what there is for one photo.

        Raises:
            ExchangeError: the photo cannot be read; or a file not be written.
        """

    def finish(self) -> None:  # noqa: B027 - most kinds have no such file
        """Write what there is for all photos in :attr:`done` together."""

    def close(self) -> None:  # noqa: B027 - most kinds keep nothing open
        """Leave nothing behind that is not whole; called in any case."""

    def foreground(self, mask: MaskArray) -> np.ndarray:
        """What counts as pet, bool (H, W): with its border, unless that counts as background."""
        if self.border == Label.BACKGROUND:
            return np.asarray(mask == Label.PET)
        return np.asarray((mask == Label.PET) | (mask == Label.BORDER))


class OxfordWriter(Writer):
    """``images/``, ``annotations/trimaps/`` and the lists."""

    def add(self, item: ExportItem, mask: MaskArray) -> None:
        """The photo as a JPEG, and its trimap as grey values, as in the data set."""
        photo = photo_jpeg(item.path, mask)
        self.target.write(item.files[0], photo)
        self.target.write(item.files[1], grey_png(mask, item.text()))

    def finish(self) -> None:
        """The lists name only what was written."""
        for name, test in (("list", None), ("trainval", False), ("test", True)):
            listed = [i.stem for i in self.done if test is None or i.held_out == test]
            text = _OXFORD_HEAD + "".join(f"{stem} 1 1 1\n" for stem in listed)
            self.target.write(f"annotations/{name}.txt", text.encode())


class PaletteWriter(Writer):
    """Index pictures with the colours of the classes."""

    def add(self, item: ExportItem, mask: MaskArray) -> None:
        """The label as the project keeps it."""
        self.target.write(item.files[0], label_png.encode(mask, item.text()))


class BinaryWriter(Writer):
    """Black and white masks."""

    def add(self, item: ExportItem, mask: MaskArray) -> None:
        """255 for the pet, 0 for everything else."""
        values = np.where(self.foreground(mask), np.uint8(255), np.uint8(0))
        self.target.write(item.files[0], grey_png(values, item.text()))


class CutOutWriter(Writer):
    """The pets, cut out."""

    def add(self, item: ExportItem, mask: MaskArray) -> None:
        """The photo, transparent where there is no pet."""
        alpha = np.where(self.foreground(mask), np.uint8(255), np.uint8(0))
        self.target.write(item.files[0], cut_out_png(item.path, alpha))


class CocoWriter(Writer):
    """One JSON file with an annotation for each class of each photo."""

    def __init__(self, target: Target, items: tuple[ExportItem, ...], border: Label | None) -> None:
        super().__init__(target, items, border)
        self._images: list[dict[str, Any]] = []
        self._annotations: list[dict[str, Any]] = []

    def add(self, item: ExportItem, mask: MaskArray) -> None:
        """The category is the value of the class; pixels in none are not labelled."""
        number = len(self._images) + 1
        annotations: list[dict[str, Any]] = []
        for label in CLASSES:
            region = np.asarray(mask == label)
            if not region.any():
                continue
            try:
                encoded = rle.encode(region)
            except rle.RunLengthError as error:
                raise ExchangeError(self.target.folder, str(error), "Then try again.") from error
            rows, columns = np.flatnonzero(region.any(1)), np.flatnonzero(region.any(0))
            left, top = int(columns[0]), int(rows[0])
            box = [left, top, int(columns[-1]) + 1 - left, int(rows[-1]) + 1 - top]
            annotations.append(
                {
                    "id": len(self._annotations) + len(annotations) + 1,
                    "image_id": number,
                    "category_id": int(label),
                    "iscrowd": 0,
                    "area": int(region.sum()),
                    "bbox": box,
                    "segmentation": encoded,
                }
            )
        self._annotations += annotations
        self._images.append(
            {
                "id": number,
                "file_name": item.photo,
                "width": mask.shape[1],
                "height": mask.shape[0],
                "split": item.split,
            }
        )

    def finish(self) -> None:
        """Everything in one file."""
        content = {
            "info": {"description": "Pet masks, exported by PetSeg"},
            "licenses": [],
            "images": self._images,
            "annotations": self._annotations,
            "categories": [
                {"id": int(label), "name": NAMES_OF[label], "supercategory": "pet mask"}
                for label in CLASSES
            ],
        }
        self.target.write("annotations.json", json.dumps(content).encode())


class YoloWriter(Writer):
    """``images/``, ``labels/`` and ``data.yaml``, as YOLO's segmentation wants them.

    A part of the pet is a line; its holes are joined to its outline by bridges.
    """

    def add(self, item: ExportItem, mask: MaskArray) -> None:
        """Class 0 is the pet; 1 is the border, unless it counts as pet or background."""
        self.target.write(item.files[0], photo_jpeg(item.path, mask))
        height, width = mask.shape
        if self.border in (None, Label.BORDER):
            regions = [mask == Label.PET, mask == Label.BORDER]
        else:
            regions = [self.foreground(mask)]
        lines = []
        for number, region in enumerate(regions):
            for points in polygons_of(np.asarray(region)):
                shares = (points / (width, height)).ravel()
                lines.append(f"{number} " + " ".join(f"{value:.8g}" for value in shares) + "\n")
        self.target.write(item.files[1], "".join(lines).encode())

    def finish(self) -> None:
        """The file that names splits and classes; the held-out photos are for validation."""
        names = ["pet", "border"] if self.border in (None, Label.BORDER) else ["pet"]
        listed = "".join(f"  {number}: {name}\n" for number, name in enumerate(names))
        text = f"path: .\ntrain: images/train\nval: images/val\nnames:\n{listed}"
        self.target.write("data.yaml", text.encode())


class TFRecordWriter(Writer):
    """A data set that ``tfds.builder_from_directory`` opens: a TFRecord file for each split.

    A record is a ``tf.train.Example``, so ``tf.data`` alone reads it as well.
    """

    def __init__(self, target: Target, items: tuple[ExportItem, ...], border: Label | None) -> None:
        super().__init__(target, items, border)
        self._streams: dict[str, Stream] = {}

    def add(self, item: ExportItem, mask: MaskArray) -> None:
        """``image`` is a JPEG and ``segmentation_mask`` a grey PNG, as in TFDS."""
        photo = photo_jpeg(item.path, mask)
        if item.split not in self._streams:
            self._streams[item.split] = self.target.stream(record_name(item.split))
        features: dict[str, bytes | int] = {
            "file_name": item.photo.encode("utf-8", "surrogateescape"),
            "image": photo,
            "segmentation_mask": grey_png(mask),
            "width": mask.shape[1],
            "height": mask.shape[0],
        }
        self._streams[item.split].write(record(example(features)))

    def finish(self) -> None:
        """The files get their names."""
        for stream in self._streams.values():
            stream.commit()
        self.target.write("features.json", json.dumps(tfds.features()).encode())
        splits = {
            split: (sum(item.split == split for item in self.done), stream.size)
            for split, stream in self._streams.items()
        }
        self.target.write("dataset_info.json", json.dumps(tfds.dataset_info(splits)).encode())

    def close(self) -> None:
        """What has no name yet is removed."""
        for stream in self._streams.values():
            stream.discard()


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of export.

    Attributes:
        text: what it is, in words.
        writer: writes it.
        files: of an item, by its stem and whether it is held out.
        shared: of all items together.
        with_photos: the photos are written, too.
        flat: names of files have no folders and no spaces in them.
    """

    text: str
    writer: Callable[[Target, tuple[ExportItem, ...], Label | None], Writer]
    files: Callable[[str, bool], tuple[str, ...]] = lambda _stem, _held_out: ()
    shared: tuple[str, ...] = field(default=())
    with_photos: bool = False
    flat: bool = False


def _png(stem: str, _held_out: bool) -> tuple[str, ...]:
    return (f"{stem}.png",)


def _oxford(stem: str, _held_out: bool) -> tuple[str, ...]:
    return f"images/{stem}.jpg", f"annotations/trimaps/{stem}.png"


def _yolo(stem: str, held_out: bool) -> tuple[str, ...]:
    split = "val" if held_out else "train"
    return f"images/{split}/{stem}.jpg", f"labels/{split}/{stem}.txt"


_LISTS = tuple(f"annotations/{name}.txt" for name in ("list", "trainval", "test"))
_RECORDS = (record_name("train"), record_name("test"), "features.json", "dataset_info.json")

KINDS: dict[str, Kind] = {
    "oxford": Kind(
        "the layout of the Oxford-IIIT Pet set, with photos, trimaps and lists",
        OxfordWriter,
        _oxford,
        _LISTS,
        with_photos=True,
        flat=True,
    ),
    "palette": Kind("PNGs in the colours of the classes, of values 1, 2, 3", PaletteWriter, _png),
    "binary": Kind("black and white PNGs, the pet white", BinaryWriter, _png),
    "coco": Kind(
        "a COCO JSON file with run-length encodings", CocoWriter, shared=("annotations.json",)
    ),
    "yolo": Kind(
        "YOLO's segmentation: photos, and text files of polygons",
        YoloWriter,
        _yolo,
        ("data.yaml",),
        with_photos=True,
    ),
    "cutouts": Kind("PNGs of the pets on nothing", CutOutWriter, _png, with_photos=True),
    "tfrecord": Kind(
        "TFRecord files with photos and masks", TFRecordWriter, shared=_RECORDS, with_photos=True
    ),
}
"""What can be exported."""
