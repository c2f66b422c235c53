"""What a file is by its first bytes, whatever it is called, and the decoder for it."""

from __future__ import annotations

from importlib import import_module

KNOWN_BYTES = 512
"""So many first bytes are looked at."""

_SIGNATURES = (
    (b"\xff\xd8\xff", "JPEG"),
    (b"\x89PNG\r\n\x1a\n", "PNG"),
    (b"GIF87a", "GIF"),
    (b"GIF89a", "GIF"),
    (b"BM", "BMP"),
    *((start, "TIFF") for start in (b"II*\0", b"MM\0*", b"II\0*", b"MM*\0", b"II+\0", b"MM\0+")),
)

# Only these decoders ever run: among Pillow's others are some that start programs.  Each is
# imported when the first photo of its kind is opened.
_DECODERS = {
    "JPEG": "PIL.JpegImagePlugin",
    "PNG": "PIL.PngImagePlugin",
    "GIF": "PIL.GifImagePlugin",
    "BMP": "PIL.BmpImagePlugin",
    "TIFF": "PIL.TiffImagePlugin",
    "WEBP": "PIL.WebPImagePlugin",
    "AVIF": "PIL.AvifImagePlugin",
    "HEIF": "pillow_heif",
}

READ_WHOLE = frozenset({"TIFF", "WEBP", "AVIF", "HEIF"})
"""Kinds whose decoders have the whole file in memory."""

_AVIF_BRANDS = frozenset({b"avif", b"avis"})
_HEIF_BRANDS = frozenset(
    {*(b"heic", b"heix", b"heim", b"heis", b"hevc", b"hevx", b"hevm", b"hevs"), b"mif1", b"msf1"}
)

_OTHERS = (
    (b"%PDF", "a PDF document"),
    (b"%!PS", "a PostScript document"),
    (b"8BPS", "a Photoshop document"),
    (b"\0\0\0\x0cjP  ", "a JPEG 2000 picture"),
    (b"\0\0\0\x0cJXL ", "a JPEG XL picture"),
    (b"\xff\x0a", "a JPEG XL picture"),
    (b"PK\x03\x04", "a ZIP archive"),
    (b"<", "a web page, a drawing or a text"),
)
"""What people rename, or take for photos."""


class DecoderMissingError(Exception):
    """What this kind of picture needs is not installed."""


def kind_of(head: bytes) -> str | None:
    """'JPEG', 'PNG' and so on by a file's first bytes (up to ``KNOWN_BYTES``); None: no photo."""
    for start, kind in _SIGNATURES:
        if head.startswith(start):
            return kind
    if head[:4] == b"RIFF" and head[8:12] == b"WEBP":
        return "WEBP"
    if brands := _brands(head):
        if brands & _AVIF_BRANDS:
            return "AVIF"
        if brands & _HEIF_BRANDS:
            return "HEIF"
    return None


def what_else(head: bytes) -> str:
    """What the file is, when it is no photo: '' if that cannot be told."""
    if not head.strip(b"\0"):
        return "it begins with nothing but zeros, as after copying that was cut short"
    if _brands(head):
        return "it is a film or a raw photo"
    return next((f"it is {name}" for start, name in _OTHERS if head.startswith(start)), "")


def prepare(kind: str) -> None:
    """Import the decoder of a kind, so that Pillow knows it.

    Raises:
        DecoderMissingError: it is not installed.
    """
    try:
        decoder = import_module(_DECODERS[kind])
    except ImportError as error:
        raise DecoderMissingError(_DECODERS[kind]) from error
    if kind == "HEIF":
        # Maps of depth and the like are not shown: they need not be read.
        decoder.register_heif_opener(depth_images=False, aux_images=False)
    elif kind == "AVIF" and not decoder.SUPPORTED:
        raise DecoderMissingError("Pillow with AVIF")


def _brands(head: bytes) -> set[bytes]:
    """The brands of an ISO media file, the main one and those it is compatible with."""
    if head[4:8] != b"ftyp":
        return set()
    end = min(int.from_bytes(head[:4], "big"), len(head))
    return {head[8:12], *(head[at : at + 4] for at in range(16, end - 3, 4))}
