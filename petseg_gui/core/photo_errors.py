"""What can be wrong with a photo, in words that name the file, the reason and the remedy."""

from __future__ import annotations

import errno
import os
import unicodedata
from pathlib import Path


class PhotoError(Exception):
    """A photo that cannot be shown.

    Attributes:
        path: the file.
        reason: what is wrong with it, in words.
        remedy: what a person can do about it.
    """

    def __init__(self, path: Path, reason: str, remedy: str) -> None:
        super().__init__(f"{printable(path)}: {reason}. {remedy}")
        self.path = path
        self.reason = reason
        self.remedy = remedy


class PhotoUnreadableError(PhotoError):
    """The file is missing, may not be read, is damaged, or is no picture."""


class PhotoTooLargeError(PhotoError):
    """The photo has more pixels than the limit, or needs more memory than is free."""


class ReadsTooMuchError(Exception):
    """Reading goes on far longer, or over far more bytes, than the file's size explains."""


REMEDY_FILE = "Copy it from the camera again, or leave it out."
REMEDY_CONVERT = "Save it as JPEG or PNG in a photo editor, or leave it out."

_UNPRINTABLE = frozenset({"Cc", "Cs", "Zl", "Zp"})

_WORDS = {
    errno.ENOENT: ("it is not there any more", "Put it back, or leave it out."),
    errno.EACCES: ("you may not read it", "Change its permissions, or leave it out."),
    errno.EPERM: ("you may not read it", "Change its permissions, or leave it out."),
    errno.ELOOP: ("it is a link that leads back to itself", "Delete the link."),
    errno.EISDIR: ("it is a folder", "Give the folder another name."),
    errno.EIO: ("the disk cannot read it", "Copy it from a backup, and check the disk."),
    errno.ENAMETOOLONG: ("its path is too long", "Move it to a folder that is less deep."),
}


def printable(path: Path) -> str:
    """The path as text that can be printed: what is no text in a name is written as an escape.

    File names may hold line breaks and bytes that are no UTF-8.
    """
    text = os.fspath(path)
    if text.isprintable():
        return text
    return "".join(
        character.encode("unicode_escape").decode("ascii")
        if unicodedata.category(character) in _UNPRINTABLE
        else character
        for character in text
    )


def cannot_be_opened(path: Path, error: OSError) -> PhotoUnreadableError:
    """The error for a file that the system does not hand over."""
    reason, remedy = _WORDS.get(
        error.errno or 0,
        (str(error.strerror), "Check that it is still there and that you may read it."),
    )
    if error.errno == errno.ENOENT and path.is_symlink():
        reason, remedy = "it is a link to a file that is not there", "Delete the link."
    return PhotoUnreadableError(path, f"the file cannot be opened ({reason})", remedy)


def damaged(path: Path, error: Exception) -> PhotoUnreadableError:
    """The error for a file whose content makes no sense."""
    if isinstance(error, ReadsTooMuchError):
        return PhotoUnreadableError(
            path, "reading it takes far longer than a photo of its size does", REMEDY_FILE
        )
    detail = f" ({error})" if str(error) else ""
    return PhotoUnreadableError(path, f"the picture is damaged or incomplete{detail}", REMEDY_FILE)
