"""How much memory decoded photos may take: by what is free, and by what a file will need."""

from __future__ import annotations

import ctypes
import os
import sys
from collections.abc import Callable
from contextlib import suppress
from functools import cache
from pathlib import Path
from typing import Any, cast

MEGABYTE = 1024 * 1024
_M_ARENA_MAX = -8  # malloc.h
DECODED_BYTES = 600 * MEGABYTE
"""At most this for decoded photos: two of 48 megapixels, or nine of 12."""
FREE_SHARE = 4
"""And at most one part in this many of what is free."""
WORTH_GIVING_BACK = 64 * MEGABYTE
"""Of a photo of more bytes than this it pays to return what its decoding left behind."""
ARENAS = 4
"""Threads share so many of the allocator's arenas."""
BYTES_PER_PIXEL = 6
"""Of a decoded photo: three colours, all halves of the pyramid one, the mask one, and one for
the copy of a prediction that is worked on."""


def decode_budget(held: int) -> int:
    """Bytes that all decoded photos together may take.

    Args:
        held: bytes that they take already, which would be free without them.
    """
    free = free_memory()
    return DECODED_BYTES if free is None else min(DECODED_BYTES, (free + held) // FREE_SHARE)


def free_memory() -> int | None:
    """Bytes that programs can take before the machine begins to swap; None: it does not say."""
    if sys.platform == "win32":
        return _free_on_windows()
    with suppress(OSError, ValueError, IndexError):
        for line in Path("/proc/meminfo").read_text().splitlines():
            if line.startswith("MemAvailable:"):
                return int(line.split()[1]) * 1024
    return None


def process_memory() -> int | None:
    """Bytes of memory that this process has taken; None: the system does not say."""
    with suppress(OSError, ValueError, IndexError):
        pages = int(Path("/proc/self/statm").read_text().split()[1])
        return pages * os.sysconf("SC_PAGE_SIZE")
    return None


def decoded_bytes(path: Path) -> int:
    """Bytes that the photo will take when it is decoded; 0 when its file says no size.

    Reads the file's head only.
    """
    from petseg_gui.core.photos import PhotoError, photo_size  # which asks for free memory here

    try:
        width, height = photo_size(path)
    except PhotoError:
        return 0
    return width * height * BYTES_PER_PIXEL


def give_back(nbytes: int) -> None:
    """Return to the system what was freed after work on ``nbytes``; nothing for little work.

    The GNU C library keeps what threads freed for later: after decoding 48 megapixels about
    150 MB.  Elsewhere nothing happens.  Takes some milliseconds: not for the UI thread.
    """
    if nbytes >= WORTH_GIVING_BACK and (trim := _malloc_trim()) is not None:
        trim(0)


def share_arenas() -> None:
    """Have threads share the allocator's arenas; to be called before there are threads.

    The GNU C library gives each of the first sixteen or so threads one of its own, and what is free
    in one is of no use to the others: over twenty fine-tunes, a thread each, memory grew by up to a
    quarter of a gigabyte.  Elsewhere nothing happens.
    """
    if (option := _malloc("mallopt", ctypes.c_int, ctypes.c_int)) is not None:
        option(_M_ARENA_MAX, ARENAS)


@cache
def _malloc_trim() -> Callable[[int], int] | None:
    return _malloc("malloc_trim", ctypes.c_size_t)


def _malloc(name: str, *arguments: Any) -> Callable[..., int] | None:
    """A function of the GNU C library's allocator, or None."""
    if not sys.platform.startswith("linux"):
        return None
    try:
        found = ctypes.CDLL(None)[name]
    except (OSError, AttributeError):  # another C library
        return None
    found.argtypes, found.restype = arguments, ctypes.c_int
    return cast("Callable[..., int]", found)


def _free_on_windows() -> int | None:
    class Status(ctypes.Structure):
        _fields_ = [
            ("length", ctypes.c_ulong),
            ("load", ctypes.c_ulong),
            *(
                (name, ctypes.c_ulonglong)
                for name in ("total", "free", "page", "page_free", "virtual", "v_free", "v_ext")
            ),
        ]

    status = Status()
    status.length = ctypes.sizeof(status)
    kernel = getattr(ctypes, "windll").kernel32  # noqa: B009 - it exists on Windows alone
    return int(status.free) if kernel.GlobalMemoryStatusEx(ctypes.byref(status)) else None
