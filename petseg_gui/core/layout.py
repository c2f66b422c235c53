"""Where a project's files lie and what they are called."""

from __future__ import annotations

import hashlib
import os
import re
import unicodedata
from collections import Counter
from collections.abc import Collection, Iterable
from pathlib import Path

from petseg_gui.core.records import StoreError

FOLDER_NAME = "petseg"
INDEX_NAME = "project.sqlite"

_MODEL_ID = re.compile(r"[A-Za-z0-9_][A-Za-z0-9._+-]{0,199}")


class Layout:
    """The paths below a project's root folder."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.index = root / INDEX_NAME
        self.labels = root / "labels"
        self.history = root / "history"
        self.drafts = root / "drafts"
        self.predictions = root / "predictions"
        self.models = root / "models"

    def make_folders(self) -> None:
        """Make what is missing.

        Raises:
            OSError: it cannot be made.
        """
        for folder in (self.labels, self.history, self.drafts, self.predictions, self.models):
            folder.mkdir(parents=True, exist_ok=True)

    def draft(self, name: str) -> Path:
        """The draft of a photo."""
        return self.drafts / f"{name}.png"

    def prediction_folder(self, model: str) -> Path:
        """Where the predictions of a model lie.

        Raises:
            StoreError: the id is none: it could lead out of the folder.
        """
        if not _MODEL_ID.fullmatch(model):
            raise StoreError(
                f"'{model}' is no name for a model. Use letters, digits, dots and dashes."
            )
        return self.predictions / model

    def probability_folder(self, model: str) -> Path:
        """Where the class probabilities of a model's predictions lie.

        Raises:
            StoreError: the id is none.
        """
        return self.prediction_folder(model) / "probabilities"

    def versions(self, label: str) -> Path:
        """Where earlier versions of a label lie."""
        return self.history / label.removesuffix(".png")


def check_photo_name(name: str) -> str:
    """The name, when it is that of a file in the photo folder itself.

    Raises:
        StoreError: it would lead anywhere else.
    """
    if name in ("", ".", "..") or "\0" in name or Path(name).name != name or Path(name).drive:
        raise StoreError(
            f"'{name}' is no photo of this folder. Choose a photo from the film strip."
        )
    return name


def names_in(folder: Path) -> set[str]:
    """Names of the PNG files in a folder without their ending; none when there is no folder."""
    try:
        with os.scandir(folder) as entries:
            return {
                entry.name[:-4]
                for entry in entries
                if entry.name.endswith(".png") and not entry.name.startswith(".petseg-")
            }
    except FileNotFoundError:
        return set()


def folded(name: str) -> str:
    """Equal for names that some file system takes for the same."""
    return unicodedata.normalize("NFC", unicodedata.normalize("NFC", name).casefold())


def count_stems(names: Iterable[str]) -> Counter[str]:
    """How many photos have each (folded) stem."""
    return Counter(folded(Path(name).stem) for name in names)


def free_label_name(name: str, stems: Counter[str], taken: Collection[str]) -> str:
    """A label's file name that no other photo has: by stem, or else by the whole name.

    Args:
        name: the photo's name.
        stems: see :func:`count_stems`.
        taken: folded file names of the labels of all other photos.
    """
    stem = Path(name).stem
    candidates = [f"{name}.png"]
    if stems[folded(stem)] <= 1:
        candidates.insert(0, f"{stem}.png")
    for candidate in candidates:
        if folded(candidate) not in taken:
            return candidate
    number = 2
    while folded(f"{name} ({number}).png") in taken:
        number += 1
    return f"{name} ({number}).png"


def choose_root(folder: Path) -> tuple[Path, str | None]:
    """Where the project of a photo folder lies, and what the user should know about it, if so.

    Beside the photos where that is possible, so that labels travel with them; else in the
    user's own data folder.  A project that exists already in either place is found again.

    Raises:
        StoreError: neither place can be written to.
    """
    beside = folder / FOLDER_NAME
    if (beside / INDEX_NAME).exists() and _writable(beside):
        return beside, None
    import platformdirs

    digest = hashlib.sha256(os.fsencode(folder.resolve())).hexdigest()[:16]
    own = Path(platformdirs.user_data_dir("petseg", appauthor=False)) / "projects" / digest
    if not (own / INDEX_NAME).exists() and _writable(beside):
        return beside, None
    if not _writable(own):
        raise StoreError(
            f"Neither {beside} nor {own} can be written to. "
            "Make one of them writable, or copy the photos to another folder."
        )
    if (beside / INDEX_NAME).exists():
        return own, (
            f"{beside} cannot be written to, so the labels in it are not used. "
            f"New labels are saved in {own}."
        )
    return own, f"Labels of these photos are saved in {own}."


def _writable(folder: Path) -> bool:
    """Whether files can be made in the folder, which is made if need be."""
    probe = folder / f".petseg-{os.urandom(8).hex()}.tmp"
    try:
        folder.mkdir(parents=True, exist_ok=True)
        probe.touch(exist_ok=False)
        probe.unlink()
    except OSError:
        return False
    return True
