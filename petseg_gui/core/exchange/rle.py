"""COCO's run-length encoding: pycocotools encodes, and what strangers encoded is decoded here.

Its C code trusts the counts of a file: more of them than the picture has pixels would be written
behind it.  Once they are checked, decoding is one line of numpy.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from petseg_gui.core.exchange.reading import whole
from petseg_gui.core.mask import BoolArray

_MAX_GROUP = 7
"""Characters of one count: five bits each; a count has at most 32 bits."""


class RunLengthError(ValueError):
    """Counts that are none, or do not fit the picture; the text says why."""


def encode(region: BoolArray) -> dict[str, Any]:
    """The region as COCO writes it: ``size`` (rows, columns) and compressed ``counts``.

    Args:
        region: bool (H, W).

    Raises:
        RunLengthError: pycocotools is not installed.
    """
    found = _tools().encode(np.asfortranarray(region, dtype=np.uint8))
    return {"size": [int(n) for n in found["size"]], "counts": found["counts"].decode("ascii")}


def decode(found: object, shape: tuple[int, int]) -> BoolArray:
    """The region of a run-length encoding, bool (H, W).

    Args:
        found: an object of a JSON file; its counts compressed (text) or not (a list).
        shape: (rows, columns) of the picture.

    Raises:
        RunLengthError: see the class.
    """
    if not isinstance(found, dict):
        raise RunLengthError("a run-length encoding is an object with size and counts")
    size = found.get("size")
    if not isinstance(size, list) or [whole(n) for n in size] != list(shape):
        raise RunLengthError(f"a run-length encoding is of size {str(size)[:60]}")
    counts = checked_counts(found.get("counts"), shape[0] * shape[1])
    inside = np.arange(len(counts)) % 2 == 1
    columns = np.repeat(inside, counts).reshape(shape[1], shape[0])
    return np.ascontiguousarray(columns.T)


def checked_counts(counts: object, total: int) -> npt.NDArray[np.int64]:
    """Lengths of the runs, not in and in the region by turns, which add up to ``total``.

    Raises:
        RunLengthError: they do not, or are none.
    """
    if isinstance(counts, str):
        lengths = _uncompressed(counts)
    elif isinstance(counts, list):
        numbers = [whole(count) for count in counts]
        if any(n is None or not 0 <= n <= total for n in numbers):
            raise RunLengthError("its counts are not whole numbers of pixels")
        lengths = np.array(numbers, np.int64)
    else:
        raise RunLengthError("it has no counts")
    if np.any((lengths < 0) | (lengths > total)) or int(lengths.sum()) != total:
        raise RunLengthError(f"its counts do not add up to the {total:,} pixels of the photo")
    return lengths


def _uncompressed(text: str) -> npt.NDArray[np.int64]:
    """The counts of COCO's text form: groups of characters, five bits each, least bits first.

    From the fourth on, a count is the difference to the one two before it.
    """
    try:
        codes = np.frombuffer(text.encode("ascii"), np.uint8).astype(np.int64) - 48
    except UnicodeEncodeError as error:
        raise RunLengthError("its counts have characters that mean nothing") from error
    if not len(codes) or codes.min() < 0 or codes.max() > 63 or codes[-1] & 0x20:
        raise RunLengthError("its counts have characters that mean nothing, or end too early")
    ends = np.flatnonzero((codes & 0x20) == 0)
    starts = np.concatenate([[0], ends[:-1] + 1])
    lengths = ends - starts + 1
    if lengths.max() > _MAX_GROUP:
        raise RunLengthError("one of its counts is too large")
    place = np.arange(len(codes)) - np.repeat(starts, lengths)
    values = np.add.reduceat((codes & 0x1F) << (5 * place), starts)
    negative = (codes[ends] & 0x10) != 0
    values = np.where(negative, values - (np.int64(1) << (5 * lengths)), values)
    values[1::2] = np.cumsum(values[1::2])
    values[2::2] = np.cumsum(values[2::2])
    return values


def _tools() -> Any:
    try:
        import pycocotools.mask  # type: ignore[import-untyped,unused-ignore]
    except ImportError as error:
        raise RunLengthError(
            "pycocotools is not installed; run: pip install pycocotools"
        ) from error
    return pycocotools.mask
