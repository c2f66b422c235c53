"""Opening photo files so that none of them can do harm: not by size, not by content, not by name.

A file's content decides what it is.  Its pixels are counted, and the memory that they will need is
compared with what is free, before anything is decoded.  Decoders never see the file itself, only a
:class:`_Metered` reader: none maps it into memory (a mapped file that is cut short or whose disk is
pulled out ends the program), and each read checks how much work has gone into it.
"""

from __future__ import annotations

import errno
import os
import stat
import threading
import time
import warnings
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from math import inf
from pathlib import Path
from typing import IO, Literal, cast

from PIL import Image, ImageFile

from petseg_gui.core import photo_kinds
from petseg_gui.core.memory import free_memory, give_back
from petseg_gui.core.photo_errors import (
    REMEDY_CONVERT,
    REMEDY_FILE,
    PhotoError,
    PhotoTooLargeError,
    PhotoUnreadableError,
    ReadsTooMuchError,
    cannot_be_opened,
    damaged,
)

LIMIT_VARIABLE = "PETSEG_MAX_MEGAPIXELS"
"""Environment variable that sets another limit than the default one, in millions of pixels."""
DEFAULT_MAX_PIXELS = 250_000_000
"""A photo of more pixels than this is refused before it is decoded, unless the limit is set."""

MEGABYTE = 1_000_000
_SMALL = 16_000_000
"""Below so many pixels memory is not counted: that costs time, and so little is always there."""
_HUGE = 64_000_000
"""Photos of more pixels than this are decoded one at a time, whoever asks."""
_ONE_HUGE = threading.Lock()

_OPENING_SECONDS = 2.0
"""Of the processor, for what stands before the pixels: a hundred times what real files need."""
_DECODING_SECONDS, _SECONDS_PER_PIXEL = 4.0, 60e-9
"""Of the processor, for opening and decoding: some times what the slowest real files need."""
_MOST_SCANS, _MOST_SCANNED_PIXELS = 20, 2_000_000_000
"""Of a JPEG: real ones have up to about 12 scans, and each goes over all pixels."""

_TIFF_PLACES = frozenset({273, 324})
_MOST_PLACES = 1_000_000
"""Strips or tiles of a TIFF: the smallest tiles, of 16×16 pixels, for the largest photo."""

# Pillow's own limit warns at one size and fails at another.  Ours is checked by `opened`
# before anything is decoded, for every photo.
Image.MAX_IMAGE_PIXELS = None

# Damaged EXIF blocks and the like do not make a photo worse to look at: no reason to tell anybody.
warnings.filterwarnings("ignore", "", UserWarning, r"PIL\.")

_chosen_limit: int | None = None


def pixel_limit() -> int:
    """How many pixels a photo may have: as set, as the environment says, or the default."""
    if _chosen_limit is not None:
        return _chosen_limit
    try:
        megapixels = float(os.environ.get(LIMIT_VARIABLE, ""))
    except ValueError:
        return DEFAULT_MAX_PIXELS
    return round(megapixels * 1e6) if 0 < megapixels < inf else DEFAULT_MAX_PIXELS


def set_pixel_limit(pixels: int | None) -> None:
    """Set how many pixels a photo may have, in the whole program; None: as it is by itself.

    Raises:
        ValueError: less than one pixel.
    """
    global _chosen_limit  # noqa: PLW0603 - a setting of the program, like Pillow's own limit
    if pixels is not None and pixels < 1:
        raise ValueError(f"A limit of {pixels} pixels allows no photo; give a positive number.")
    _chosen_limit = pixels


@contextmanager
def opened(
    path: Path, max_pixels: int | None, draft: int | None = None
) -> Iterator[ImageFile.ImageFile]:
    """The picture in a file, its pixels loaded or, with a limit of None, its header alone.

    Whatever goes wrong, inside the ``with`` block as well, becomes a :class:`PhotoError`.

    Args:
        path: the file.
        max_pixels: a picture of more pixels is refused; None: do not load any.
        draft: load the smallest picture that the file has, or that its decoder makes at once, of
            which a picture of so many pixels on the longer side can be made.
    """
    size = 0
    try:
        with _regular_file(path) as file:
            size = os.fstat(file.fileno()).st_size
            metered = _Metered(file, size)
            with _header(path, metered, size) as image:
                if max_pixels is None:
                    yield image
                    return
                pixels = image.width * image.height
                _check_pixels(path, image, max_pixels)
                with _ONE_HUGE if pixels > _HUGE else nullcontext():
                    if image.format in ("JPEG", "MPO"):
                        _check_scans(file, pixels)
                    if draft is not None:
                        _choose_smaller(image, draft)
                    _check_memory(path, image, size)
                    promised = image.size
                    decoded = image.width * image.height
                    metered.allow(_DECODING_SECONDS + pixels * _SECONDS_PER_PIXEL)
                    image.load()
                    if image.size != promised:
                        raise ValueError("it has another size than it says")
                    yield image
            if draft is not None and decoded > _SMALL:
                give_back(4 * decoded)
    except PhotoError:
        raise
    except MemoryError as error:
        raise PhotoTooLargeError(
            path, "there is not enough memory to open it", "Close other programs and try again."
        ) from error
    except Exception as error:
        # Everything: over a damaged file, decoders raise whatever they stumble on.
        if isinstance(error, OSError) and error.errno is not None:
            raise cannot_be_opened(path, error) from error
        raise damaged(path, error) from error


class _Metered:
    """A file for decoders: read and seek only, and not without end.

    Without ``fileno`` no decoder gets at the file behind it.
    """

    def __init__(self, file: IO[bytes], size: int) -> None:
        self._file = file
        self._bytes_left: float = 2 * size + 32 * MEGABYTE
        self._begin = time.thread_time()
        self._end = self._begin + _OPENING_SECONDS

    def allow(self, seconds: float) -> None:
        """From now on any number of bytes, and so many seconds of the processor in all."""
        self._bytes_left = inf
        self._end = self._begin + seconds

    def read(self, count: int = -1, /) -> bytes:
        data = self._file.read(count)
        self._bytes_left -= len(data)
        # Processor time: a slow disk is no reason to give up.
        if self._bytes_left < 0 or time.thread_time() > self._end:
            raise ReadsTooMuchError
        return data

    def seek(self, offset: int, whence: int = os.SEEK_SET, /) -> int:
        try:
            return self._file.seek(offset, whence)
        except (OSError, OverflowError) as error:
            if isinstance(error, OSError) and error.errno != errno.EINVAL:
                raise
            raise ValueError("it points outside of itself") from error

    def tell(self) -> int:
        return self._file.tell()

    def close(self) -> None:
        """The file belongs to whoever opened it: decoders close what they were given."""


def _regular_file(path: Path) -> IO[bytes]:
    """The file, open; no pipe and no device, which could be waited for without end.

    Raises:
        PhotoUnreadableError: it is none.
        OSError: it cannot be opened.
    """
    flags = os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0)
    descriptor = os.open(path, flags)
    mode = os.fstat(descriptor).st_mode
    if stat.S_ISREG(mode):
        return os.fdopen(descriptor, "rb")
    os.close(descriptor)
    if stat.S_ISDIR(mode):
        raise IsADirectoryError(errno.EISDIR, os.strerror(errno.EISDIR))
    raise PhotoUnreadableError(path, "this is no file but a pipe or a device", "Leave it out.")


def _header(path: Path, file: _Metered, size: int) -> ImageFile.ImageFile:
    """The picture, nothing of it decoded."""
    head = file.read(photo_kinds.KNOWN_BYTES)
    kind = photo_kinds.kind_of(head)
    if kind is None:
        if not head:
            raise PhotoUnreadableError(path, "the file is empty", REMEDY_FILE)
        what = photo_kinds.what_else(head)
        raise PhotoUnreadableError(
            path,
            "this is not a picture that can be read" + (f" ({what})" if what else ""),
            REMEDY_CONVERT if what.startswith("it is") else REMEDY_FILE,
        )
    if kind in photo_kinds.READ_WHOLE:
        _check_free(path, size)
    try:
        photo_kinds.prepare(kind)
    except photo_kinds.DecoderMissingError as error:
        raise PhotoUnreadableError(
            path,
            f"for {kind} pictures {error} is needed, which is not installed",
            "Install it, or save the photo as JPEG.",
        ) from error
    if kind == "TIFF":
        _check_parts(file, head)
    file.seek(0)
    factory, _accept = Image.OPEN[kind]
    try:
        return factory(cast("IO[bytes]", file), "")
    except SyntaxError as error:
        # So decoders say that the file is of their kind, but of no sort that they know.
        raise PhotoUnreadableError(
            path,
            f"the {kind} picture is damaged, or of a sort that cannot be read ({error})",
            f"{REMEDY_CONVERT[:-1]}; if no editor opens it either, it is damaged.",
        ) from error


def _check_pixels(path: Path, image: Image.Image, max_pixels: int) -> None:
    pixels = image.width * image.height
    if pixels > max_pixels:
        raise PhotoTooLargeError(
            path,
            f"it has {image.width}×{image.height} pixels, more than the limit of {max_pixels:,}",
            f"Make it smaller in a photo editor, leave it out, or allow it by starting PetSeg "
            f"with {LIMIT_VARIABLE}={-(-pixels // MEGABYTE)} in the environment.",
        )


def _check_memory(path: Path, image: Image.Image, file_size: int) -> None:
    """Compare what decoding will need with what is free.

    Raises:
        PhotoTooLargeError: there is not enough.
    """
    pixels = image.width * image.height
    if pixels <= _SMALL:
        return
    decoded = 1 if image.mode in ("1", "L", "P") else 2 if image.mode.startswith("I;16") else 4
    each = decoded + 3  # the decoder's picture, and ours in three colours
    if image.format == "TIFF":
        each += decoded  # turned while loading
    elif image.info.get("progressive"):
        each += 6  # all coefficients, two bytes each
    elif image.format in ("WEBP", "AVIF", "HEIF"):
        each += 8  # their own frame, in brightness and colour differences or four colours
    whole = file_size if image.format in photo_kinds.READ_WHOLE else 0
    _check_free(path, pixels * each + whole)


def _check_free(path: Path, need: int) -> None:
    if need < 4 * _SMALL:
        return
    free = free_memory()
    if free is not None and need > free:
        raise PhotoTooLargeError(
            path,
            f"opening it takes {need / MEGABYTE:,.0f} MB of memory, "
            f"and {free / MEGABYTE:,.0f} MB are free",
            "Close other programs, make it smaller in a photo editor, or leave it out.",
        )


def _check_parts(file: _Metered, head: bytes) -> None:
    """Refuse a TIFF that says of its pixels that they lie in millions of places.

    Raises:
        ReadsTooMuchError: it does; its decoder would list them all before anything else.
    """
    order: Literal["little", "big"] = "little" if head[:2] == b"II" else "big"
    large = b"+" in head[2:4]  # BigTIFF: 8 bytes where the others have 4, or 2
    offset, counter, entry, number = (8, 8, 20, 8) if large else (4, 2, 12, 4)
    file.seek(int.from_bytes(head[offset : offset + number], order))
    entries = int.from_bytes(file.read(counter), order)
    table = file.read(min(entries, 0xFFFF) * entry)
    for start in range(0, len(table), entry):
        tag = int.from_bytes(table[start : start + 2], order)
        count = int.from_bytes(table[start + 4 : start + 4 + number], order)
        if tag in _TIFF_PLACES and count > _MOST_PLACES:
            raise ReadsTooMuchError


def _choose_smaller(image: ImageFile.ImageFile, side: int) -> None:
    longer = max(image.size)
    if image.format != "HEIF":
        # What is decoded small is made from few pixels: twice as many look better.
        side *= 2
    if side < longer:
        width, height = (max(1, round(length * side / longer)) for length in image.size)
        image.draft(None, (width, height))


def _check_scans(file: IO[bytes], pixels: int) -> None:
    """Refuse a JPEG that goes over its pixels again and again.

    Raises:
        ReadsTooMuchError: it does; its decoder would not come back for minutes.
    """
    place = file.tell()
    scans, tail = 0, b""
    if not _has_one_scan(file):
        file.seek(0)
        # In compressed data no other bytes look like the start of a scan.
        while block := file.read(1 << 20):
            scans += (tail + block).count(b"\xff\xda")
            tail = block[-1:]
    file.seek(place)
    if scans > _MOST_SCANS and scans * pixels > _MOST_SCANNED_PIXELS:
        raise ReadsTooMuchError


def _has_one_scan(file: IO[bytes]) -> bool:
    """Whether the JPEG is of the plain sort, all colours in one scan; False: it may not be."""
    file.seek(2)
    colours = 0
    while len(head := file.read(4)) == 4 and head[0] == 0xFF:
        length = int.from_bytes(head[2:], "big") - 2
        if length < 1:
            return False
        if head[1] == 0xDA:
            return file.read(1) == bytes([colours])
        if head[1] in (0xC0, 0xC1):
            colours = (file.read(length) + bytes(6))[5]
        else:
            file.seek(length, os.SEEK_CUR)
    return False
