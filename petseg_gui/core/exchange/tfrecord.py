"""TFRecord files of ``tf.train.Example``, written without TensorFlow.

A record is its length (8 bytes, least first), the masked CRC-32C of those, the data, and the
masked CRC-32C of the data; TensorFlow's ``record_writer.h`` has the format, ``example.proto`` and
``feature.proto`` the message.
"""

from __future__ import annotations

import struct
from collections.abc import Mapping
from functools import cache

import numpy as np
import numpy.typing as npt

_POLYNOMIAL = 0x82F63B78
"""Castagnoli's, with its bits reversed (RFC 3720, appendix B.4)."""

_MASK_DELTA = 0xA282EAD8
"""What TensorFlow adds to the turned checksum."""

_LANES = 4096

_Table = npt.NDArray[np.uint32]


def record(data: bytes) -> bytes:
    """The record of some data, as it stands in a file."""
    length = struct.pack("<Q", len(data))
    return b"".join(
        (length, struct.pack("<I", masked(length)), data, struct.pack("<I", masked(data)))
    )


def masked(data: bytes) -> int:
    """The checksum of the data as TFRecord stores it."""
    found = crc32c(data)
    return ((found >> 15 | found << 17) + _MASK_DELTA) & 0xFFFFFFFF


def crc32c(data: bytes) -> int:
    """The CRC-32C of the data.

    The checksum is linear, but for the ones that it begins and ends with: the data is cut into
    pieces, their checksums are computed side by side, and then joined by pairs.
    """
    if len(data) < 512:
        return _short(data)
    # To begin with ones is to begin with zeros and turn over the first four bytes.
    lead = np.frombuffer(data[:4], np.uint8) ^ 0xFF
    steps = -(-len(data) // _LANES)
    # Zeros in front change nothing.
    pieces = np.zeros(_LANES * steps, np.uint8)
    pieces[-len(data) :] = np.frombuffer(data, np.uint8)
    at = len(pieces) - len(data)
    pieces[at : at + 4] = lead
    table = _byte_table()
    sums = np.zeros(_LANES, np.uint32)
    for column in np.ascontiguousarray(pieces.reshape(_LANES, steps).T):
        sums = table[(sums ^ column) & 0xFF] ^ (sums >> np.uint32(8))
    length = steps
    while len(sums) > 1:
        sums = _times(_zeros(length), sums[0::2]) ^ sums[1::2]
        length *= 2
    return int(sums[0]) ^ 0xFFFFFFFF


def example(features: Mapping[str, bytes | int]) -> bytes:
    """A serialised ``tf.train.Example``: bytes as a ``bytes_list``, numbers as ``int64_list``."""
    entries = b""
    for name, value in sorted(features.items()):
        if isinstance(value, bytes):
            feature = _field(1, _field(1, value))
        else:
            feature = _field(3, _field(1, _varint(value)))
        entries += _field(1, _field(1, name.encode()) + _field(2, feature))
    return _field(1, entries)


def _field(number: int, content: bytes) -> bytes:
    return _varint(number << 3 | 2) + _varint(len(content)) + content


def _varint(value: int) -> bytes:
    value &= 0xFFFFFFFFFFFFFFFF  # negative numbers are those of 64 bits
    found = bytearray()
    while value > 0x7F:
        found.append(value & 0x7F | 0x80)
        value >>= 7
    found.append(value)
    return bytes(found)


def _short(data: bytes) -> int:
    table = _byte_table()
    found = 0xFFFFFFFF
    for byte in data:
        found = int(table[(found ^ byte) & 0xFF]) ^ found >> 8
    return found ^ 0xFFFFFFFF


@cache
def _byte_table() -> _Table:
    table = np.arange(256, dtype=np.uint32)
    for _ in range(8):
        table = np.where(table & 1, table >> 1 ^ np.uint32(_POLYNOMIAL), table >> 1)
    return table.astype(np.uint32)


@cache
def _zeros(count: int) -> _Table:
    """What ``count`` zero bytes make of each bit of a checksum: uint32 (32,)."""
    if count == 1:
        bits = np.uint32(1) << np.arange(32, dtype=np.uint32)
        one: _Table = _byte_table()[bits & 0xFF] ^ bits >> np.uint32(8)
        return one
    half = _zeros(count // 2)
    found = _times(half, half)
    return _times(_zeros(1), found) if count % 2 else found


def _times(matrix: _Table, vectors: _Table) -> _Table:
    """The vectors of 32 bits, mapped: uint32, of the same shape."""
    found = np.zeros_like(vectors)
    for bit in range(32):
        found ^= np.where(vectors >> np.uint32(bit) & np.uint32(1), matrix[bit], np.uint32(0))
    return found
