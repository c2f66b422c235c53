from __future__ import annotations

import struct

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from petseg_gui.core.exchange import tfrecord


def bit_by_bit(data: bytes) -> int:
    """CRC-32C by its definition."""
    found = 0xFFFFFFFF
    for byte in data:
        found ^= byte
        for _ in range(8):
            found = found >> 1 ^ (0x82F63B78 if found & 1 else 0)
    return found ^ 0xFFFFFFFF


@pytest.mark.parametrize(
    ("data", "checksum"),
    [
        # RFC 3720, appendix B.4, and the usual check value
        (b"\0" * 32, 0x8A9136AA),
        (b"\xff" * 32, 0x62A8AB43),
        (bytes(range(32)), 0x46DD794E),
        (b"123456789", 0xE3069283),
        (b"", 0),
    ],
)
def test_the_checksum_is_the_published_one(data: bytes, checksum: int) -> None:
    assert tfrecord.crc32c(data) == checksum


@given(st.integers(0, 9000), st.integers(0, 9))
def test_the_checksum_of_any_length_is_that_of_the_definition(length: int, seed: int) -> None:
    data = np.random.default_rng(seed).integers(0, 256, length, np.uint8).tobytes()
    assert tfrecord.crc32c(data) == bit_by_bit(data)


def test_a_record_has_length_data_and_their_checksums() -> None:
    data = b"x" * 300
    found = tfrecord.record(data)
    length, first = struct.unpack("<QI", found[:12])
    assert length == 300
    assert first == tfrecord.masked(found[:8])
    assert found[12:312] == data
    assert struct.unpack("<I", found[312:]) == (tfrecord.masked(data),)
