"""Photos and masks for training: the Oxford-IIIT Pet set, or a folder in its layout.

A :class:`Source` names its photos and yields them at their own size; :mod:`model.pipeline` makes
batches of them.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Protocol

import numpy as np
import tensorflow as tf
from PIL import Image, ImageOps

from model import label_png
from model.device import load_tfds
from model.labels import Label, MaskArray, is_mask
from model.oxford import data_dir
from model.resize import Photo

TFDS_NAME = "oxford_iiit_pet"


class DataError(Exception):
    """Training data that cannot be used; the message names it and the remedy."""


@dataclass(frozen=True, slots=True)
class Example:
    """A photo with its mask, at the photo's own size.

    Attributes:
        id: name of the photo within its source, without its suffix.
        photo: uint8 (H, W, 3), RGB.
        mask: uint8 (H, W), values 0..3.
    """

    id: str
    photo: Photo
    mask: MaskArray


class Source(Protocol):
    """A named collection of labelled photos."""

    @property
    def name(self) -> str:
        """What to call it in records of a run."""
        ...

    def ids(self) -> tuple[str, ...]:
        """The photos' ids, in a stable order."""
        ...

    def examples(self, ids: Sequence[str] | None = None) -> Iterator[Example]:
        """The photos with these ids (all by default), in the source's order."""
        ...


class TfdsSource:
    """One split of ``oxford_iiit_pet`` from TensorFlow Datasets.

    TFDS downloads and prepares the data set once (about 800 MB), with its own progress bars,
    into ``TFDS_DATA_DIR`` or ``~/tensorflow_datasets``.

    Args:
        split: ``"train"`` or ``"test"``.
        download: whether to download the data set when it is absent.

    Raises:
        DataError: it is absent and may not be, or could not be, downloaded; or incomplete.
            Reading it raises the same when a file of it is damaged.
    """

    def __init__(self, split: str, *, download: bool = True) -> None:
        self.split = split
        self._builder = _prepared_builder(split, download)
        self._ids: tuple[str, ...] | None = None

    @property
    def name(self) -> str:
        """Data set, version and split."""
        return f"{TFDS_NAME}:{self._builder.version}:{self.split}"

    def ids(self) -> tuple[str, ...]:
        """File names of the photos without suffix, in TFDS's order."""
        if self._ids is None:
            tfds = load_tfds()

            names = self._dataset(decoders=tfds.decode.PartialDecoding({"file_name": True}))
            self._ids = tuple(Path(row["file_name"].decode()).stem for row in self._read(names))
        return self._ids

    def examples(self, ids: Sequence[str] | None = None) -> Iterator[Example]:
        """Decode the photos with these ids (all by default), in TFDS's order."""
        names = self.ids()
        wanted = set(names if ids is None else ids)
        keep = tf.constant([name in wanted for name in names])
        tfds = load_tfds()

        skip = {
            "image": tfds.decode.SkipDecoding(),
            "segmentation_mask": tfds.decode.SkipDecoding(),
        }
        rows = self._dataset(decoders=skip).enumerate().filter(lambda i, _row: keep[i])
        for index, row in self._read(rows):
            photo = np.asarray(tf.io.decode_jpeg(row["image"], channels=3))
            mask, _text = label_png.decode(row["segmentation_mask"], name=names[index])
            yield _checked(Example(names[index], photo, mask))

    def _read(self, rows: tf.data.Dataset) -> Iterator[Any]:
        try:
            yield from rows.as_numpy_iterator()
        except tf.errors.OpError as error:  # cut off, or other bytes than were written
            raise DataError(
                f"The Oxford-IIIT Pet photos in {self._builder.data_path} are damaged. Delete that "
                "folder; 'petseg data download' fetches them anew."
            ) from error

    def _dataset(self, **options: Any) -> tf.data.Dataset:
        return self._builder.as_dataset(split=self.split, shuffle_files=False, **options)


def _prepared_builder(split: str, download: bool) -> Any:
    tfds = load_tfds()

    # The same files that tfds.load(TFDS_NAME) reads; the builder alone can say whether they
    # are there without starting a download.  The folder is named because TFDS reads the
    # environment only once, when it is imported.
    try:
        builder = tfds.builder(TFDS_NAME, data_dir=str(data_dir()))
        if not builder.is_prepared():
            if not download:
                raise DataError(
                    "The Oxford-IIIT Pet photos are not on this computer. "
                    "'petseg data download' fetches them (about 800 MB)."
                )
            builder.download_and_prepare()
        elif missing := _missing_file(builder, split):
            # TFDS would delete what is there before it knows whether it can fetch the rest.
            raise DataError(
                f"The Oxford-IIIT Pet photos in {builder.data_path} are incomplete: {missing} "
                "is missing. Delete that folder; 'petseg data download' fetches them anew."
            )
    except DataError:
        raise
    except Exception as error:  # TFDS raises whatever its downloader and file systems raise
        raise DataError(
            f"The Oxford-IIIT Pet photos could not be prepared ({error}). Check the network and "
            "the free disk space, or set TFDS_DATA_DIR to a folder that has them."
        ) from error
    return builder


def _missing_file(builder: Any, split: str) -> str | None:
    """A file that should hold photos of the split and is not there, or is empty."""
    if split not in builder.info.splits:
        return f"the split {split}"
    for path in builder.info.splits[split].filepaths:
        if not Path(path).is_file() or not Path(path).stat().st_size:
            return Path(path).name
    return None


class FolderSource:
    """A folder in the data set's own layout.

    ``images/NAME.jpg``, ``annotations/trimaps/NAME.png``, and ``annotations/LIST.txt`` whose
    lines begin with a NAME (``trainval.txt``, ``test.txt``, ``list.txt``).

    Args:
        folder: the one that holds ``images`` and ``annotations``.
        listing: which list to read, without ``.txt``; without that file, every trimap counts.

    Raises:
        DataError: the folder has not that layout, or names no labelled photo.
    """

    def __init__(self, folder: Path, listing: str = "trainval") -> None:
        self.folder = folder
        self.listing = listing
        self._trimaps = folder / "annotations" / "trimaps"
        if not (folder / "images").is_dir() or not self._trimaps.is_dir():
            raise DataError(
                f"{folder} has not the layout of the Oxford-IIIT Pet set: it needs the folders "
                "images and annotations/trimaps."
            )
        self._ids = self._read_ids()
        if not self._ids:
            raise DataError(f"{folder} names no labelled photo in annotations/{listing}.txt.")

    @property
    def name(self) -> str:
        """Folder name and list."""
        return f"{self.folder.resolve().name}:{self.listing}"

    def ids(self) -> tuple[str, ...]:
        """The listed photos that have a trimap, in the list's order."""
        return self._ids

    def examples(self, ids: Sequence[str] | None = None) -> Iterator[Example]:
        """Read the photos with these ids (all by default), in the list's order."""
        wanted = set(self._ids if ids is None else ids)
        for name in self._ids:
            if name in wanted:
                yield self._read(name)

    def _read_ids(self) -> tuple[str, ...]:
        trimaps = {path.stem for path in self._trimaps.glob("[!.]*.png")}
        listing = self.folder / "annotations" / f"{self.listing}.txt"
        if not listing.is_file():
            return tuple(sorted(trimaps))
        lines = listing.read_text(encoding="utf-8").splitlines()
        names = (line.split()[0] for line in lines if line.strip() and line[0] != "#")
        return tuple(dict.fromkeys(name for name in names if name in trimaps))

    def _read(self, name: str) -> Example:
        path = self.folder / "images" / f"{name}.jpg"
        try:
            with Image.open(path) as image:
                photo = np.array(ImageOps.exif_transpose(image).convert("RGB"))
            mask = label_png.read(self._trimaps / f"{name}.png")
        except (OSError, label_png.LabelFileError) as error:
            raise DataError(f"{path.name} cannot be used for training: {error}") from error
        return _checked(Example(name, photo, mask))


class WithoutBorder:
    """A source whose masks are approximations: their border counts as not labelled.

    Where the pet is, such masks know well enough; how wide its border is, they do not.

    Args:
        source: whose photos and masks they are.
    """

    def __init__(self, source: Source) -> None:
        self._source = source

    @property
    def name(self) -> str:
        """The source's, and what is left out."""
        return f"{self._source.name} without border"

    def ids(self) -> tuple[str, ...]:
        """The source's."""
        return self._source.ids()

    def examples(self, ids: Sequence[str] | None = None) -> Iterator[Example]:
        """The source's, 0 where its masks have 3."""
        for example in self._source.examples(ids):
            border = example.mask == Label.BORDER
            unlabelled = example.mask.dtype.type(Label.UNLABELLED)
            yield replace(example, mask=np.where(border, unlabelled, example.mask))


def open_source(data: str, split: str, *, download: bool = True) -> Source:
    """The source that ``data`` names: ``"tfds"``, or the path of a folder in Oxford's layout.

    Args:
        data: ``"tfds"`` or a path.
        split: ``"train"`` or ``"test"``; in a folder the lists ``trainval`` and ``test``.
        download: whether TFDS may download what is absent.

    Raises:
        DataError: there is no such data.
    """
    if data == "tfds":
        return TfdsSource(split, download=download)
    return FolderSource(Path(data), "trainval" if split == "train" else split)


def _checked(example: Example) -> Example:
    if example.photo.shape[:2] != example.mask.shape:
        raise DataError(
            f"{example.id}: the photo is {example.photo.shape[1]}×{example.photo.shape[0]} "
            f"pixels, its label {example.mask.shape[1]}×{example.mask.shape[0]}."
        )
    if not is_mask(example.mask):
        raise DataError(f"{example.id}: the label has values above 3.")
    return example


def split_ids(ids: Iterable[str], share: float, seed: int) -> tuple[list[str], list[str]]:
    """Divide photos into those to train on and those held out, by photo.

    The order of ``ids`` does not matter, and a photo keeps its side when others come or go:
    it is held out when the hash of seed and id falls below ``share``.

    Returns:
        (train, held out), each in the order given.
    """
    train: list[str] = []
    held_out: list[str] = []
    for name in ids:
        digest = hashlib.sha256(f"{seed}/{name}".encode()).digest()
        below = int.from_bytes(digest[:8], "big") < share * 2**64
        (held_out if below else train).append(name)
    return train, held_out
