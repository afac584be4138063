"""What a file is, by its own bytes and never by its name: an allow-list of formats, each of which must fill the whole file.

A file that is two things at once (a photo that is a ZIP archive too) is refused: what one program takes for a picture,
another one would unpack. A playlist, a page or a drawing that names other files is none of the formats, and no decoder sees it.
"""

from __future__ import annotations

import mmap
import re
from dataclasses import dataclass
from typing import BinaryIO

from serve.problems import Problem

__all__ = ["KINDS", "Kind", "kind_of"]


@dataclass(frozen=True)
class Kind:
    """A format that is taken.

    Attributes:
        name: for people.
        reader: what decodes it: Pillow's name of the format, or FFmpeg's of the demuxer.
        clip: whether it moves.
    """

    name: str
    reader: str
    clip: bool = False


JPEG, PNG, WEBP, HEIC = Kind("JPEG", "JPEG"), Kind("PNG", "PNG"), Kind("WebP", "WEBP"), Kind("HEIC", "HEIF")
MP4, MOV, WEBM = Kind("MP4", "mp4", True), Kind("MOV", "mov", True), Kind("WebM", "matroska", True)
KINDS = (JPEG, PNG, WEBP, HEIC, MP4, MOV, WEBM)

Bytes = mmap.mmap
_MARKER = re.compile(rb"\xff[^\x00\xd0-\xd7\xff]")
_HEIC_BRANDS = (b"heic", b"heix", b"heim", b"heis", b"mif1", b"msf1")
_BEGINS_A_MOVIE = (b"moov", b"mdat", b"wide", b"free", b"skip")
_BOXES = {
    b"ftyp", b"moov", b"mdat", b"free", b"skip", b"wide", b"moof", b"mfra", b"sidx", b"ssix", b"styp", b"uuid", b"udta", b"meta", b"pnot",
    b"pdin", b"prft", b"emsg", b"mpvd", b"sefd",
}  # fmt: skip
_MOST_BOXES = 50_000  # of a fragmented file of an hour there are a few thousand
_ZIP_TAIL = 22 + 65_535  # the end record of a ZIP archive and its longest comment (APPNOTE 4.3.16)
_PDF_HEAD = 1024  # where readers of PDF look for its header


def kind_of(file: BinaryIO) -> Kind:
    """The format of a file.

    Args:
        file: with a file descriptor of its own; its place in the file is left as it was.

    Raises:
        Problem: it is empty, of no format that is taken, cut short, or more than one thing.
    """
    file.seek(0, 2)
    if file.tell() == 0:
        raise Problem(422, "empty", "The file is empty", "found 0 bytes; a photo or a clip would be right")
    with mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as data:
        kind, end = _known(data)
        _whole(data, kind, end)
    return kind


def _known(data: Bytes) -> tuple[Kind, int]:
    """The format and where what it describes ends."""
    head = data[:64]
    if head.startswith(b"\xff\xd8\xff"):
        return JPEG, _end_of_jpeg(data)
    if head.startswith(b"\x89PNG\r\n\x1a\n"):
        return PNG, _end_of_png(data)
    if head.startswith(b"RIFF") and head[8:12] == b"WEBP":
        size = int.from_bytes(head[4:8], "little")
        return WEBP, _within(data, 8 + size + size % 2 if 8 + size < len(data) else 8 + size, WEBP)
    if head[4:8] == b"ftyp" or head[4:8] in _BEGINS_A_MOVIE:
        return _of_boxes(data)
    if head.startswith(b"\x1a\x45\xdf\xa3"):
        if b"\x42\x82\x84webm" in head:
            return WEBM, len(data)
        raise _unknown("Matroska" if b"matroska" in head else "EBML of another kind")
    raise _unknown(_looks_like(head))


def _end_of_jpeg(data: Bytes) -> int:
    """Behind the end-of-image marker that belongs to the first picture (ITU-T T.81, annex B)."""
    at = 2
    while at + 4 <= len(data) and data[at] == 0xFF:
        marker = data[at + 1]
        if marker == 0xD9:
            return at + 2
        if marker == 0xFF:
            at += 1
            continue
        length = int.from_bytes(data[at + 2 : at + 4], "big")
        at += 2 if marker in (0x01, *range(0xD0, 0xD8)) else 2 + max(length, 2)
        if marker == 0xDA:
            found = _MARKER.search(data, at)
            if found is None:
                break
            at = found.start()
    if data[at : at + 2] == b"\xff\xd9":
        return at + 2
    raise _cut_short(JPEG)


def _end_of_png(data: Bytes) -> int:
    """Behind the chunk IEND (W3C PNG, 5.3)."""
    at = 8
    while at + 12 <= len(data):
        length, name = int.from_bytes(data[at : at + 4], "big"), data[at + 4 : at + 8]
        at += 12 + length
        if name == b"IEND":
            return _within(data, at, PNG)
    raise _cut_short(PNG)


def _of_boxes(data: Bytes) -> tuple[Kind, int]:
    """ISO base media files (ISO/IEC 14496-12, 4.2): boxes one behind the other."""
    brand = data[8:12] if data[4:8] == b"ftyp" else b"qt  "
    kind = HEIC if brand in _HEIC_BRANDS else MOV if brand == b"qt  " else MP4
    if brand in (b"avif", b"avis"):
        raise _unknown("AVIF")
    at = 0
    for _ in range(_MOST_BOXES):
        if at == len(data):
            return kind, at
        size, name, least = int.from_bytes(data[at : at + 4], "big"), data[at + 4 : at + 8], 8
        if size == 1:
            size, least = int.from_bytes(data[at + 8 : at + 16], "big"), 16
        elif size == 0:
            size = len(data) - at
        if name not in _BOXES:
            return kind, at
        if size < least:
            break
        at = _within(data, at + size, kind)
    raise Problem(422, "damaged", f"This {kind.name} is damaged", "its boxes do not follow each other")


def _within(data: Bytes, end: int, kind: Kind) -> int:
    if end > len(data):
        raise _cut_short(kind)
    return end


def _whole(data: Bytes, kind: Kind, end: int) -> None:
    """Refuse what is another thing too."""
    behind = data[end : end + 16]
    # Cameras put a preview, a moving version or notes of their own behind a JPEG.
    may_follow = kind is JPEG and (behind.startswith(b"\xff\xd8\xff") or behind[4:8] == b"ftyp" or data[-4:] == b"SEFT")
    if end < len(data) and not may_follow and data[end:].strip(b"\0"):
        raise _two_things(kind, f"{len(data) - end} bytes follow its end")
    tail = data[max(0, len(data) - _ZIP_TAIL) :]
    for found in re.finditer(b"PK\x05\x06", tail):
        at = found.start()
        if at + 22 + int.from_bytes(tail[at + 20 : at + 22], "little") == len(tail):
            raise _two_things(kind, "it is a ZIP archive too")
    if b"%PDF-" in data[:_PDF_HEAD]:
        raise _two_things(kind, "it is a PDF document too")


def _looks_like(head: bytes) -> str:
    """What it rather is, in words; so much of it may be told to anybody who has it."""
    text = head.lstrip(b"\xef\xbb\xbf \r\n\t").lower()
    for begins, what in {
        b"#extm3u": "a playlist", b"ffconcat": "a playlist", b"<svg": "an SVG drawing", b"<?xml": "XML", b"<!doctype": "a web page",
        b"<html": "a web page", b"pk\x03\x04": "a ZIP archive", b"%pdf": "a PDF document", b"gif8": "a GIF", b"bm": "a BMP",
        b"ii*\0": "a TIFF", b"mm\0*": "a TIFF", b"\x7felf": "a program", b"mz": "a program",
    }.items():  # fmt: skip
        if text.startswith(begins):
            return what
    return "text" if head.isascii() else "something else"


def _unknown(what: str) -> Problem:
    names = ", ".join(kind.name for kind in KINDS)
    return Problem(415, "unknown-format", "This is no photo and no clip", f"found {what}; right would be: {names}")


def _cut_short(kind: Kind) -> Problem:
    return Problem(422, "damaged", f"This {kind.name} is damaged", "it ends before its picture does; send it whole")


def _two_things(kind: Kind, what: str) -> Problem:
    return Problem(422, "polyglot", f"This is more than a {kind.name}", f"{what}; send the picture alone")
