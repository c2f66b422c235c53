"""Where a project's files lie and what they are called."""

from __future__ import annotations

import errno
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


# Longest file name that every common file system takes, less ".png".
_MAX_STEM = 251


def is_model_id(model: str) -> bool:
    """Whether a model can be called so: the id names a folder, and may not lead out of it."""
    return _MODEL_ID.fullmatch(model) is not None


class Layout:
    """The paths below a project's root folder.

    Args:
        root: the project's folder.
        subfolders: photos in subfolders belong to it as well.
    """

    def __init__(self, root: Path, *, subfolders: bool = False) -> None:
        self.root = root
        self.subfolders = subfolders
        self.index = root / INDEX_NAME
        self.labels = root / "labels"
        self.history = root / "history"
        self.drafts = root / "drafts"
        self.predictions = root / "predictions"
        self.models = root / "models"
        self.thumbnails = root / "thumbnails"

    def make_folders(self) -> None:
        """Make what is missing below the root, which exists.

        Raises:
            OSError: it cannot be made.
        """
        for folder in (self.labels, self.history, self.drafts, self.predictions, self.models):
            if not folder.is_dir():
                folder.mkdir(exist_ok=True)

    def check(self, name: str) -> str:
        """The name, when it can be that of a photo of this project.

        Raises:
            StoreError: it would lead anywhere else.
        """
        return check_photo_name(name, subfolders=self.subfolders)

    def draft(self, name: str) -> Path:
        """The draft of a photo."""
        return self.drafts / f"{file_key(name)}.png"

    def prediction_folder(self, model: str) -> Path:
        """Where the predictions of a model lie.

        Raises:
            StoreError: the id is none: it could lead out of the folder.
        """
        if not is_model_id(model):
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


def check_photo_name(name: str, *, subfolders: bool = False) -> str:
    """The name, when it is that of a file in the photo folder itself.

    Args:
        name: a file name, or with ``subfolders`` a relative path with forward slashes.
        subfolders: whether files in subfolders are allowed.

    Raises:
        StoreError: it would lead anywhere else.
    """
    parts = name.split("/") if subfolders else [name]
    for part in parts:
        if part in ("", ".", "..") or "\0" in part or "/" in part or not _plain(part):
            raise StoreError(
                f"'{name}' is no photo of this folder. Choose a photo from the film strip."
            )
    return name


def _plain(part: str) -> bool:
    """Whether it names a file and nothing else; on most systems only the slash has a meaning."""
    return os.name != "nt" or (Path(part).name == part and not Path(part).drive)


def check_no_link(folder: Path, name: str) -> None:
    """Refuse a photo in a subfolder that is a link: it may lead out of the photo folder.

    Raises:
        StoreError: one of the folders in ``name`` is a link.
    """
    for parent in Path(name).parents[:-1]:
        if (folder / parent).is_symlink():
            raise StoreError(
                f"'{name}' is no photo of this folder: '{parent}' is a link to another one. "
                "Open that folder itself."
            )


def file_key(name: str) -> str:
    """What files about a photo are called, without their ending: its name, if that can be one.

    Photos in subfolders, and those of overlong names, get a digest of the whole name: no two
    photos have the same key.
    """
    if "/" not in name and len(name) <= _MAX_STEM // 4:  # at most four bytes per character
        return name
    if "/" not in name and len(os.fsencode(name)) <= _MAX_STEM:
        return name
    return _shortened(name)


def _shortened(name: str) -> str:
    digest = hashlib.sha256(os.fsencode(name)).hexdigest()[:16]
    readable = os.fsencode(name.replace("/", "_"))[-100:].decode("utf-8", "ignore")
    return f"{readable}~{digest}"


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
    if name.isascii():
        return name.lower()
    return unicodedata.normalize("NFC", unicodedata.normalize("NFC", name).casefold())


def _stem(name: str) -> str:
    """A photo's name as its label may bear it: no ending, subfolders joined by ``_``."""
    return os.path.splitext(name)[0].replace("/", "_")  # noqa: PTH122 - thousands of names


def label_keys(name: str) -> tuple[str, str]:
    """Folded stems that a label of the photo may bear, if no other photo has a claim to them."""
    return folded(_stem(name)), folded(name.replace("/", "_"))


def count_stems(names: Iterable[str]) -> Counter[str]:
    """How many photos would like each (folded) stem for their labels."""
    return Counter(folded(_stem(name)) for name in names)


def free_label_name(name: str, stems: Counter[str], taken: Collection[str]) -> str:
    """A label's file name that no other photo has.

    By the photo's stem, where no other photo of the folder has it; else by its whole name;
    else with a number.  Names that differ in case or Unicode form alone count as the same.  A
    photo in a subfolder counts by its whole path, with ``_`` for the slashes.

    Args:
        name: the photo's name.
        stems: see :func:`count_stems`.
        taken: folded file names of the labels of all other photos.
    """
    stem, whole = _stem(name), name.replace("/", "_")
    if len(os.fsencode(whole)) > _MAX_STEM - len(" (99999)"):
        stem = whole = _shortened(name)
    candidates = [f"{whole}.png"]
    if stems[folded(_stem(name))] <= 1:
        candidates.insert(0, f"{stem}.png")
    for candidate in candidates:
        if folded(candidate) not in taken:
            return candidate
    number = 2
    while folded(f"{whole} ({number}).png") in taken:
        number += 1
    return f"{whole} ({number}).png"


def choose_root(folder: Path) -> tuple[Path, str | None]:
    """Where the project of a photo folder lies, and what the user should know about it, if so.

    Beside the photos where that is possible, so that labels travel with them; else in the
    user's own data folder.  A project that exists already in either place is found again.

    Raises:
        StoreError: neither place can be written to.
        OSError: the folder is not there, or its disk is full or broken: a project that is there
            is not passed over for that, since its labels would be missed.
    """
    beside = folder / FOLDER_NAME
    if (beside / INDEX_NAME).exists():
        problem = _problem(beside)
        if problem is None:
            return beside, None
        if problem.errno not in _FORBIDDEN:
            raise problem
    folder.stat()
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


_FORBIDDEN = frozenset({errno.EACCES, errno.EPERM, errno.EROFS, errno.ENOTDIR, errno.EEXIST})


def _writable(folder: Path) -> bool:
    return _problem(folder) is None


def _problem(folder: Path) -> OSError | None:
    """Why no files can be made in the folder, which is made if need be; None: they can."""
    probe = folder / f".petseg-{os.urandom(8).hex()}.tmp"
    try:
        if not folder.is_dir():
            folder.mkdir(parents=folder.name != FOLDER_NAME)
        probe.touch(exist_ok=False)
        probe.unlink()
    except OSError as error:
        return error
    return None
