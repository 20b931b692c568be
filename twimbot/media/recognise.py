"""What a file is, by its first bytes and whatever its name or its sender says."""

import re
from enum import StrEnum

from twimbot.media.unfit import UnfitFile

BEGINNING = 4096
"""How many bytes are enough to recognise a file by."""


class FileType(StrEnum):
    """What may be published; pictures are called as Pillow calls them."""

    PNG = "PNG"
    JPEG = "JPEG"
    GIF = "GIF"
    WEBP = "WEBP"
    AVIF = "AVIF"
    MP4 = "MP4"
    WEBM = "WEBM"


VIDEOS = frozenset([FileType.MP4, FileType.WEBM])
SIGNATURES = (
    (re.compile(rb"\x89PNG\r\n\x1a\n"), FileType.PNG),
    (re.compile(rb"\xff\xd8\xff"), FileType.JPEG),
    (re.compile(rb"GIF8[79]a"), FileType.GIF),
    (re.compile(rb"RIFF.{4}WEBP", re.DOTALL), FileType.WEBP),
    (re.compile(rb"\x1a\x45\xdf\xa3"), FileType.WEBM),
)
BRANDS = re.compile(rb"(?P<size>.{4})ftyp(?P<major>.{4}).{4}(?P<compatible>.*)", re.DOTALL)
AVIF_BRANDS = frozenset([b"avif", b"avis"])
HEIC_BRANDS = frozenset([b"mif1", b"msf1", b"heic", b"heix", b"heim", b"heis", b"hevc", b"hevx"])

PROLOGUE = rb"(?:\xef\xbb\xbf)?(?:\s|<\?.*?\?>|<!--.*?-->|<!doctype(?!\s+html)[^>[]*(?:\[.*?\]\s*)?>)*+"
"""What may stand before the first element of a document in XML or HTML."""

REFUSALS = (
    (
        re.compile(PROLOGUE + rb"<svg\b", re.DOTALL | re.IGNORECASE),
        "it is an SVG drawing, which can carry scripts; send it as a PNG",
    ),
    (
        re.compile(PROLOGUE + rb"<(?:!doctype|html|head|body|script)\b", re.DOTALL | re.IGNORECASE),
        "it is a web page and no {kind}",
    ),
    (re.compile(rb"%PDF-"), "it is a PDF document and no {kind}; send a PNG of the page"),
    (re.compile(rb"II\*\0|MM\0\*"), "it is a TIFF picture, which browsers don't show; send it as a PNG"),
    (re.compile(rb"BM.{4}\0{4}", re.DOTALL), "it is a BMP picture, which is too large for a page; send it as a PNG"),
    (
        re.compile(rb"\xff\x0a|\0\0\0\x0cJXL "),
        "it is a JPEG XL picture, which many browsers don't show; send it as a JPEG",
    ),
    (re.compile(rb"RIFF.{4}AVI ", re.DOTALL), "it is an AVI video, which browsers don't play; send it as an MP4"),
    (re.compile(rb"OggS"), "it is an Ogg file, which many browsers don't play; send it as an MP4"),
)
"""What is recognised to be told by name, and why it is refused."""


def recognised(start: bytes, *, as_video: bool) -> FileType:
    """Return the type of a file with that beginning, which is to be a video or else a picture.

    Raises UnfitFile where it is neither, or the other.
    """
    kind = "video" if as_video else "picture"
    if not start:
        raise UnfitFile("it is empty")
    found = _found(start)
    if found is None:
        raise UnfitFile(_refusal(start, kind))
    if (found in VIDEOS) is not as_video:
        other = "picture" if as_video else "video"
        raise UnfitFile(f"it is a {other} and no {kind}; send it as a {other}")
    return found


def _found(start: bytes) -> FileType | None:
    """Return what may be published; files of ISO/IEC 14496-12 say in their first box what they are."""
    for signature, found in SIGNATURES:
        if signature.match(start):
            return found
    brands = _brands(start)
    if brands & AVIF_BRANDS:
        return FileType.AVIF
    return FileType.MP4 if brands and not brands & HEIC_BRANDS else None


def _brands(start: bytes) -> frozenset[bytes]:
    match = BRANDS.match(start)
    if not match:
        return frozenset()
    compatible = match["compatible"][: max(int.from_bytes(match["size"], "big") - 16, 0)]
    return frozenset([match["major"], *(compatible[at : at + 4] for at in range(0, len(compatible), 4))])


def _refusal(start: bytes, kind: str) -> str:
    if _brands(start):
        return "it is a HEIC picture, which most browsers don't show; send it as a JPEG or PNG"
    for pattern, sentence in REFUSALS:
        if pattern.match(start):
            return sentence.format(kind=kind)
    return "it is no MP4 or WebM video" if kind == "video" else "it is no PNG, JPEG, GIF, WebP or AVIF picture"
