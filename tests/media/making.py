"""Pictures as phones, programs and pranksters make them: with a marker in every place that metadata has."""

import struct
import zlib
from collections.abc import Callable
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from PIL import ExifTags, Image, ImageChops, ImageCms, ImageDraw, ImageStat, PngImagePlugin

from twimbot.media.clean import publishable
from twimbot.media.unfit import UnfitFile
from twimbot.media.wanted import Wanted

MARKER = b"SECRET-MARKER"
WIDE_MARKER = MARKER.decode().encode("utf-16-be")
KEEP = Wanted()
EXTENSIONS = {"PNG": "png", "JPEG": "jpg", "GIF": "gif", "WEBP": "webp", "AVIF": "avif"}
XMP = b'<x:xmpmeta xmlns:x="adobe:ns:meta/">' + MARKER + b"</x:xmpmeta>"


def published(folder: Path, content: bytes, wanted: Wanted = KEEP, kind: str = "m.image") -> tuple[bytes, str]:
    """Return what a file becomes, and its extension."""
    source, target = folder / "source", folder / "target"
    source.write_bytes(content)
    extension = publishable(source, target, kind, wanted)
    return target.read_bytes(), extension


def refusal(folder: Path, content: bytes, kind: str = "m.image", wanted: Wanted = KEEP) -> str:
    """Return what is said of a file that is refused, of which nothing may be left."""
    with pytest.raises(UnfitFile) as raised:
        published(folder, content, wanted, kind)
    assert not (folder / "target").exists()
    return str(raised.value)


def opened(content: bytes) -> Image.Image:
    return Image.open(BytesIO(content))


def saved(image: Image.Image, image_format: str, **options: Any) -> bytes:  # noqa: ANN401 - what Pillow's writers take
    file = BytesIO()
    image.save(file, image_format, **options)
    return file.getvalue()


def drawing(size: tuple[int, int] = (48, 32), mode: str = "RGB") -> Image.Image:
    """Return a picture that looks different from each side."""
    gradients = [Image.linear_gradient("L"), Image.radial_gradient("L"), Image.linear_gradient("L").rotate(90)]
    picture = Image.merge("RGB", [gradient.resize(size) for gradient in gradients])
    picture.paste("red", (0, 0, size[0] // 4, size[1] // 4))
    return picture.convert(mode)


def animation(image_format: str, size: tuple[int, int] = (48, 32), count: int = 4) -> bytes:
    """Return an animation of a disc that moves over nothing, each frame shown longer than the one before."""
    first, *others = [Image.new("RGBA", size) for _ in range(count)]
    for number, picture in enumerate([first, *others]):
        left = 4 * number
        ImageDraw.Draw(picture).ellipse((left, 4, left + size[0] // 2, size[1] - 4), (250, 40 * number, 0, 255))
    durations = [50 + 10 * number for number in range(count)]
    options: dict[str, Any] = {"disposal": 2} if image_format == "GIF" else {}
    if image_format == "WEBP":
        options = {"lossless": True}
    return saved(first, image_format, save_all=True, append_images=others, duration=durations, loop=3, **options)


def blinking(size: tuple[int, int], count: int) -> bytes:
    """Return a GIF of that size with so many frames, of a single pixel each."""
    dot = saved(Image.new("P", (1, 1)), "GIF")
    frame = dot[dot.index(b",", 13) : -1]
    return dot[:6] + struct.pack("<HH", *size) + dot[10:-1] + frame * (count - 1) + b";"


def frames(content: bytes) -> list[tuple[bytes, float]]:
    """Return what is seen of each frame of a picture, and for how many milliseconds."""
    image = opened(content)
    seen = []
    for number in range(getattr(image, "n_frames", 1)):
        image.seek(number)
        image.load()
        seen.append((visible(image), image.info.get("duration", 0)))
    return seen


def visible(image: Image.Image) -> bytes:
    """Return what is seen: nothing of the colours that are under full transparency."""
    whole = image.convert("RGBA")
    return Image.composite(whole, Image.new("RGBA", whole.size), whole.getchannel("A").point(bool, "1")).tobytes()


def difference(one: Image.Image, other: Image.Image) -> float:
    """Return by how much pixels differ on average, of 255."""
    return max(ImageStat.Stat(ImageChops.difference(one.convert("RGB"), other.convert("RGB"))).mean)


def exif(orientation: int = 1) -> Image.Exif:
    tags = Image.Exif()
    tags[ExifTags.Base.Orientation] = orientation
    tags[ExifTags.Base.ImageDescription] = MARKER.decode()
    tags[ExifTags.Base.MakerNote] = MARKER
    place = tags.get_ifd(ExifTags.IFD.GPSInfo)
    place[ExifTags.GPS.GPSLatitude] = (48.0, 51.0, 29.0)
    place[ExifTags.GPS.GPSAreaInformation] = MARKER
    return tags


def profile() -> bytes:
    """Return a colour profile that swaps red and green, and whose description is the marker."""
    plain = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    described = plain.replace("sRGB built-in".encode("utf-16-be"), WIDE_MARKER)
    assert described != plain
    return described.replace(b"rXYZ", b"xxxx").replace(b"gXYZ", b"rXYZ").replace(b"xxxx", b"gXYZ")


def marked_jpeg() -> bytes:
    plain = saved(drawing(), "JPEG", quality=90, exif=exif(), xmp=XMP, comment=MARKER, icc_profile=profile())
    thumbnail = segment(0xE0, b"JFXX\0\x10" + MARKER)
    photoshop = segment(0xED, b"Photoshop 3.0\0" + b"8BIM\x04\x04\0\0\0\0\0\x0d" + MARKER)
    private = segment(0xE2, b"FPXR\0" + MARKER) + segment(0xEF, MARKER)
    return plain[:20] + thumbnail + photoshop + private + plain[20:] + MARKER + plain


def segment(marker: int, body: bytes) -> bytes:
    """Return a segment of a JPEG."""
    return bytes([0xFF, marker]) + (len(body) + 2).to_bytes(2, "big") + body


def marked_png() -> bytes:
    info = PngImagePlugin.PngInfo()
    info.add_text("Comment", MARKER.decode())
    info.add_text("Packed", MARKER.decode(), zip=True)
    info.add_itxt("XML:com.adobe.xmp", XMP.decode())
    info.add(b"tIME", b"\x07\xea\x02\x06\x0c\0\0")
    info.add(b"prVt", MARKER)
    plain = saved(drawing(), "PNG", pnginfo=info, exif=exif(), icc_profile=profile(), dpi=(144, 144))
    return before_end(plain, png_chunk(b"tEXt", b"Title\0" + MARKER)) + MARKER


def png_chunk(kind: bytes, body: bytes) -> bytes:
    return len(body).to_bytes(4, "big") + kind + body + zlib.crc32(kind + body).to_bytes(4, "big")


def png(header: bytes, *chunks: bytes) -> bytes:
    """Return a PNG of that header."""
    return b"\x89PNG\r\n\x1a\n" + png_chunk(b"IHDR", header) + b"".join(chunks) + png_chunk(b"IEND", b"")


def before_end(png_file: bytes, chunk: bytes) -> bytes:
    return png_file[:-12] + chunk + png_file[-12:]


def after_header(png_file: bytes, chunk: bytes) -> bytes:
    return png_file[:33] + chunk + png_file[33:]


def png_chunks(content: bytes) -> list[bytes]:
    """Return the types of a PNG's chunks."""
    kinds, position = [], 8
    while position < len(content):
        kinds.append(content[position + 4 : position + 8])
        position += 12 + int.from_bytes(content[position : position + 4], "big")
    return kinds


def marked_gif() -> bytes:
    plain = saved(drawing(), "GIF", comment=MARKER, duration=70)
    control = plain.index(b"!\xf9\x04")
    xmp = b"!\xff\x0bXMP DataXMP" + sub_blocks(XMP)
    text = b"!\xf9\x04\0\x05\0\0\0" + b"!\x01\x0c" + bytes(12) + sub_blocks(MARKER)
    return plain[:control] + xmp + text + plain[control:] + MARKER


def sub_blocks(content: bytes) -> bytes:
    """Return content as a GIF cuts it up."""
    blocks = [content[at : at + 255] for at in range(0, len(content), 255)]
    return b"".join(bytes([len(block)]) + block for block in blocks) + b"\0"


def marked_webp() -> bytes:
    plain = saved(drawing(), "WEBP", lossless=True, exif=exif(), xmp=XMP, icc_profile=profile())
    return riff(plain[12:] + riff_chunk(b"priv", MARKER)) + MARKER


def riff(chunks: bytes) -> bytes:
    """Return a WebP of those chunks."""
    return b"RIFF" + struct.pack("<I", len(chunks) + 4) + b"WEBP" + chunks


def riff_chunk(kind: bytes, body: bytes) -> bytes:
    return kind + struct.pack("<I", len(body)) + body + bytes(len(body) % 2)


def marked_avif() -> bytes:
    plain = saved(drawing(), "AVIF", exif=exif(), xmp=XMP, icc_profile=profile())
    return plain + box(b"uuid", bytes(16), XMP) + box(b"free", MARKER)


def box(kind: bytes, *content: bytes) -> bytes:
    """Return a box of ISO/IEC 14496-12."""
    body = b"".join(content)
    return struct.pack(">I4s", len(body) + 8, kind) + body


MARKED: dict[str, Callable[[], bytes]] = {
    "PNG": marked_png,
    "JPEG": marked_jpeg,
    "GIF": marked_gif,
    "WEBP": marked_webp,
    "AVIF": marked_avif,
}
FORMATS = tuple(MARKED)
