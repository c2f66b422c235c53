"""Files that want too much: pixels, memory, time, or that go away while they are read."""

from __future__ import annotations

import errno
import io
import os
import struct
import sys
import time
import zlib
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from model import label_png
from petseg_gui.core import photo_file
from petseg_gui.core.disk import label_limit
from petseg_gui.core.photo_errors import ReadsTooMuchError
from petseg_gui.core.photos import (
    DEFAULT_MAX_PIXELS,
    LIMIT_VARIABLE,
    PhotoError,
    PhotoTooLargeError,
    PhotoUnreadableError,
    photo_size,
    pixel_limit,
    read_photo,
    read_thumbnail,
    set_pixel_limit,
)

SECONDS = 5.0

# As `photo_file` asks for; pytest puts its own filters in front.
pytestmark = pytest.mark.filterwarnings("ignore::UserWarning")

READS: list[Callable[[Path], object]] = [read_photo, lambda path: read_thumbnail(path, 32)]


@pytest.fixture(autouse=True)
def _soon() -> Iterator[None]:
    begin = time.thread_time()
    yield
    assert time.thread_time() - begin < SECONDS


@pytest.fixture
def limit() -> Iterator[None]:
    yield
    set_pixel_limit(None)


def encoded(kind: str, size: tuple[int, int] = (64, 48), **options: object) -> bytes:
    noise = np.random.default_rng(0).integers(0, 256, (*size[::-1], 3), np.uint8)
    buffer = io.BytesIO()
    Image.fromarray(noise).save(buffer, kind, **options)
    return buffer.getvalue()


# -- pixels --------------------------------------------------------------------------------


@pytest.mark.usefixtures("limit")
def test_the_limit_can_be_raised_and_lowered(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "photo.png"
    path.write_bytes(encoded("PNG"))
    assert pixel_limit() == DEFAULT_MAX_PIXELS >= 200_000_000
    monkeypatch.setenv(LIMIT_VARIABLE, "0.003")
    assert pixel_limit() == 3000
    with pytest.raises(PhotoTooLargeError, match="64×48 pixels, more than the limit of 3,000") as e:
        read_photo(path)
    assert f"{LIMIT_VARIABLE}=1 " in e.value.remedy
    monkeypatch.setenv(LIMIT_VARIABLE, "1")
    assert read_photo(path).shape == (48, 64, 3)
    set_pixel_limit(3071)
    with pytest.raises(PhotoTooLargeError):
        read_thumbnail(path, 16)
    assert photo_size(path) == (64, 48)
    assert read_photo(path, max_pixels=3072).shape == (48, 64, 3)
    set_pixel_limit(3072)
    assert read_thumbnail(path, 16).shape == (12, 16, 3)
    with pytest.raises(ValueError, match="positive"):
        set_pixel_limit(0)


@pytest.mark.usefixtures("limit")
def test_a_label_may_be_as_large_as_its_photo() -> None:
    set_pixel_limit(100)
    assert label_limit() == label_png.DEFAULT_MAX_PIXELS, "labels from before stay readable"
    set_pixel_limit(2 * label_png.DEFAULT_MAX_PIXELS)
    assert label_limit() == 2 * label_png.DEFAULT_MAX_PIXELS


@pytest.mark.parametrize("text", ["", "many", "-3", "0", "inf", "nan"])
def test_a_limit_that_makes_no_sense_is_the_default(
    monkeypatch: pytest.MonkeyPatch, text: str
) -> None:
    monkeypatch.setenv(LIMIT_VARIABLE, text)
    assert pixel_limit() == DEFAULT_MAX_PIXELS


def png(width: int, height: int, *chunks: tuple[bytes, bytes]) -> bytes:
    head = struct.pack(">2I5B", width, height, 1, 0, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + b"".join(
        struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))
        for name, data in ((b"IHDR", head), *chunks, (b"IEND", b""))
    )


@pytest.mark.parametrize("read", READS)
def test_two_hundred_megapixels_are_read(tmp_path: Path, read: Callable[[Path], object]) -> None:
    path = tmp_path / "photo.png"
    path.write_bytes(png(20_000, 10_000, (b"IDAT", zlib.compress(bytes(2501 * 10_000), 1))))
    shown = read(path)
    assert isinstance(shown, np.ndarray)
    assert shown.shape in ((10_000, 20_000, 3), (16, 32, 3))
    assert not shown[::50, ::50].any()


def test_a_huge_jpeg_is_never_whole_in_memory_for_a_thumbnail(tmp_path: Path) -> None:
    resource = pytest.importorskip("resource")
    path = tmp_path / "photo.jpg"
    Image.new("L", (20_000, 10_000), 128).save(path)
    read_thumbnail(path, 16)
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    small = read_thumbnail(path, 208)
    grown = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before
    assert small.shape == (104, 208, 3)
    np.testing.assert_allclose(small, 128, atol=2)
    assert grown < (50 << 20 if sys.platform == "darwin" else 50 << 10)


@pytest.mark.parametrize("size", [(2**31 - 1, 2**31 - 1), (2**31 - 1, 1), (1_000_000, 1_000_000)])
def test_sizes_without_pixels_behind_them_are_refused(
    tmp_path: Path, size: tuple[int, int]
) -> None:
    path = tmp_path / "bomb.png"
    path.write_bytes(png(*size, (b"IDAT", zlib.compress(bytes(1000)))))
    with pytest.raises(PhotoTooLargeError):
        read_photo(path)
    with pytest.raises(PhotoError):
        read_photo(path, max_pixels=2**70)


# -- memory --------------------------------------------------------------------------------


@pytest.mark.parametrize("read", READS)
def test_what_does_not_fit_the_free_memory_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, read: Callable[[Path], object]
) -> None:
    path = tmp_path / "photo.png"
    Image.new("RGB", (5000, 4000)).save(path, compress_level=1)
    monkeypatch.setattr(photo_file, "free_memory", lambda: 100_000_000)
    with pytest.raises(PhotoTooLargeError, match="takes 140 MB of memory, and 100 MB are free"):
        read(path)
    monkeypatch.setattr(photo_file, "free_memory", lambda: 150_000_000)
    read(path)
    monkeypatch.setattr(photo_file, "free_memory", lambda: None)  # a system that does not say
    read(path)


def test_a_failing_allocation_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "photo.png"
    path.write_bytes(encoded("PNG"))

    def load(_image: Image.Image) -> None:
        raise MemoryError

    monkeypatch.setattr("PIL.ImageFile.ImageFile.load", load)
    with pytest.raises(PhotoTooLargeError, match="not enough memory"):
        read_photo(path)


def test_a_tiff_that_names_the_same_bytes_again_and_again_takes_no_memory(tmp_path: Path) -> None:
    size, count = 1 << 20, 60_000  # 60 GB, by its own account
    entries = b"".join(struct.pack("<HHII", tag + 300, 7, size, 8) for tag in range(count))
    head = b"II*\0" + struct.pack("<I", 8) + struct.pack("<H", count) + entries
    path = tmp_path / "photo.tif"
    path.write_bytes(head.ljust(size + 8, b"x"))
    resource = pytest.importorskip("resource")
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    for read in (*READS, photo_size):
        with pytest.raises(PhotoUnreadableError):
            read(path)
    grown = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before
    assert grown < (200 << 20 if sys.platform == "darwin" else 200 << 10)


def test_before_the_pixels_no_decoder_reads_far_more_than_there_is() -> None:
    size = 1 << 20
    metered = photo_file._Metered(io.BytesIO(bytes(size)), size)

    def read_on(times: int) -> None:
        for _ in range(times):
            metered.seek(0)
            assert len(metered.read()) == size

    read_on(10)
    with pytest.raises(ReadsTooMuchError):
        read_on(50)
    metered.allow(10)
    read_on(100)


# -- time ----------------------------------------------------------------------------------


@pytest.mark.parametrize("read", READS)
def test_a_jpeg_of_endless_scans_is_refused(tmp_path: Path, read: Callable[[Path], object]) -> None:
    buffer = io.BytesIO()
    Image.new("L", (8000, 8000)).save(buffer, "JPEG", progressive=True)
    data = buffer.getvalue()
    last = data.rindex(b"\xff\xda")
    path = tmp_path / "photo.jpg"
    path.write_bytes(data[:last] + data[last:-2] * 300 + data[-2:])
    with pytest.raises(PhotoUnreadableError, match="takes far longer"):
        read(path)


@pytest.mark.parametrize("options", [{}, {"progressive": True}, {"restart_marker_blocks": 1}])
def test_ordinary_jpegs_have_few_scans(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, options: dict[str, object]
) -> None:
    monkeypatch.setattr(photo_file, "_MOST_SCANNED_PIXELS", 0)
    path = tmp_path / "photo.jpg"
    path.write_bytes(encoded("JPEG", **options))
    assert read_photo(path).shape == (48, 64, 3)


@pytest.mark.parametrize("large", [False, True])
def test_a_tiff_in_millions_of_places_is_refused(tmp_path: Path, large: bool) -> None:
    rows = 1_500_000
    entry, number = ("<HHQQ", "<Q") if large else ("<HHII", "<I")
    tags = [(256, 1, 1), (257, 1, rows), (258, 1, 8), (262, 1, 1), (273, rows, 300), (278, 1, 1)]
    head = b"II+\0\x08\0\0\0" + struct.pack("<QQ", 16, len(tags)) if large else b""
    head = head or b"II*\0" + struct.pack("<IH", 8, len(tags))
    table = b"".join(struct.pack(entry, tag, 4, count, value) for tag, count, value in tags)
    path = tmp_path / "photo.tif"
    path.write_bytes((head + table).ljust(300, b"\0") + struct.pack(number, 8) * rows)
    begin = time.thread_time()
    for read in (*READS, photo_size):
        with pytest.raises(PhotoUnreadableError, match="takes far longer"):
            read(path)
    assert time.thread_time() - begin < 0.5


def test_the_large_sort_of_tiff_is_read(tmp_path: Path) -> None:
    path = tmp_path / "photo.tif"
    path.write_bytes(encoded("TIFF", big_tiff=True))
    assert path.read_bytes()[2] == ord("+")
    assert read_photo(path).shape == (48, 64, 3)


def endless_gif() -> bytes:
    comment = b"!\xfe" + b"\x01x" * 3_000_000 + b"\0"
    data = encoded("GIF")
    start = 13 + 3 * (2 << (data[10] & 7)) if data[10] & 0x80 else 13
    return data[:start] + comment + data[start:]


def endless_jpeg() -> bytes:
    data = encoded("JPEG")
    return data[:2] + b"\xff" * 30_000_000 + data[2:]


def endless_png() -> bytes:
    chunk = struct.pack(">I", 0) + b"juNk" + struct.pack(">I", zlib.crc32(b"juNk"))
    data = encoded("PNG")
    return data[:33] + chunk * 1_000_000 + data[33:]


@pytest.mark.parametrize("make", [endless_gif, endless_jpeg, endless_png])
def test_headers_without_end_are_given_up(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, make: Callable[[], bytes]
) -> None:
    monkeypatch.setattr(photo_file, "_OPENING_SECONDS", 0.3)
    path = tmp_path / "photo"
    path.write_bytes(make())
    begin = time.thread_time()
    with pytest.raises(PhotoUnreadableError, match="takes far longer"):
        read_photo(path)
    assert time.thread_time() - begin < 1.5


# -- while it is read ----------------------------------------------------------------------


@pytest.mark.skipif(sys.platform == "win32", reason="open files cannot be cut there")
@pytest.mark.parametrize("kind", ["BMP", "TIFF", "PNG", "JPEG", "GIF"])
def test_a_file_that_is_cut_short_after_it_was_opened_is_damaged(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, kind: str
) -> None:
    path = tmp_path / "photo"
    path.write_bytes(encoded(kind, (600, 400)))
    real = photo_file._check_memory

    def cut(at: Path, image: Image.Image, size: int) -> None:
        os.truncate(path, 1000)
        real(at, image, size)

    monkeypatch.setattr(photo_file, "_check_memory", cut)
    with pytest.raises(PhotoUnreadableError, match="damaged or incomplete"):
        read_photo(path)


@pytest.mark.parametrize(
    ("code", "words"),
    [
        (errno.EIO, "the disk cannot read it"),
        (errno.EACCES, "you may not read it"),
        (errno.ENOENT, "it is not there any more"),
        (errno.ENOTCONN, os.strerror(errno.ENOTCONN)),
    ],
)
@pytest.mark.parametrize("when", ["open", "read"])
def test_what_the_system_says_is_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, when: str, code: int, words: str
) -> None:
    path = tmp_path / "photo.png"
    path.write_bytes(encoded("PNG"))

    def fail(*_arguments: object) -> None:
        raise OSError(code, os.strerror(code))

    if when == "open":
        monkeypatch.setattr(photo_file, "_regular_file", fail)
    else:
        monkeypatch.setattr(photo_file._Metered, "read", fail)
    with pytest.raises(PhotoUnreadableError, match="cannot be opened") as caught:
        read_photo(path)
    assert words in caught.value.reason


@pytest.mark.skipif(
    sys.platform == "win32" or os.geteuid() == 0, reason="everything may be read there"
)
def test_a_file_that_may_not_be_read(tmp_path: Path) -> None:
    path = tmp_path / "photo.png"
    path.write_bytes(encoded("PNG"))
    path.chmod(0)
    with pytest.raises(PhotoUnreadableError, match="you may not read it"):
        read_photo(path)


# -- no photos -----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", "the file is empty"),
        (bytes(5000), "nothing but zeros"),
        (b"%PDF-1.7\n", "it is a PDF document"),
        (b"8BPS\0\1", "it is a Photoshop document"),
        (b"\0\0\0\x0cjP  \r\n\x87\n", "it is a JPEG 2000 picture"),
        (b"\xff\x0a\xff", "it is a JPEG XL picture"),
        (b"PK\x03\x04...", "it is a ZIP archive"),
        (b"<svg xmlns=''/>", "it is a web page, a drawing or a text"),
        (b"\0\0\0\x14ftypisom\0\0\0\0mp41", "it is a film"),
        (b"\0\0\0\x00ftyp", "this is not a picture that can be read"),
        (b"hello", "this is not a picture that can be read"),
        (b"RIFF\x24\0\0\0WAVEfmt ", "this is not a picture that can be read"),
    ],
)
@pytest.mark.parametrize("read", [*READS, photo_size])
def test_what_is_no_photo_is_called_what_it_is(
    tmp_path: Path, content: bytes, words: str, read: Callable[[Path], object]
) -> None:
    path = tmp_path / "photo.jpg"
    path.write_bytes(content)
    with pytest.raises(PhotoUnreadableError) as caught:
        read(path)
    assert words in caught.value.reason
    assert caught.value.remedy.endswith("or leave it out.")


def test_a_sort_that_the_decoder_does_not_know_is_told(tmp_path: Path) -> None:
    tags = [(256, 1), (257, 1), (258, 64), (259, 1), (262, 2), (273, 8), (277, 3), (279, 24)]
    data = b"".join(struct.pack("<HHII", tag, 3, 1, value) for tag, value in tags)
    path = tmp_path / "photo.tif"
    path.write_bytes(b"II*\0" + struct.pack("<IH", 8, len(tags)) + data + bytes(4))
    with pytest.raises(PhotoUnreadableError, match=r"TIFF picture .* of a sort that cannot"):
        read_photo(path)


def test_reading_changes_nothing(tmp_path: Path) -> None:
    path = tmp_path / "photo.jpg"
    path.write_bytes(encoded("JPEG"))
    path.chmod(0o444)
    before = path.read_bytes(), path.stat().st_mtime_ns
    for read in (*READS, photo_size):
        read(path)
    assert (path.read_bytes(), path.stat().st_mtime_ns) == before
    assert list(tmp_path.iterdir()) == [path]
