"""Pictures as phones, programs and pranksters make them: with a marker in every place that metadata has."""

import struct
import zlib
from collections.abc import Callable
from io import BytesIO
from pathlib import Path
from typing import Any

from PIL import ExifTags, Image, ImageCms, PngImagePlugin

from twimbot.media.clean import publishable
from twimbot.media.picture import Wanted

MARKER = b"SECRET-MARKER"
MARKERS = (MARKER, MARKER.decode().encode("utf-16-be"), MARKER.decode().encode("utf-16-le"))
KEEP = Wanted()
FORMATS = ("PNG", "JPEG", "GIF", "WEBP", "AVIF")
EXTENSIONS = {"PNG": "png", "JPEG": "jpg", "GIF": "gif", "WEBP": "webp", "AVIF": "avif"}


def published(folder: Path, content: bytes, wanted: Wanted = KEEP, kind: str = "m.image") -> tuple[bytes, str]:
    """Return what a file becomes, and its extension."""
    source, target = folder / "source", folder / "target"
    source.write_bytes(content)
    extension = publishable(source, target, kind, wanted)
    return target.read_bytes(), extension


def opened(content: bytes) -> Image.Image:
    return Image.open(BytesIO(content))


def saved(image: Image.Image, image_format: str, **options: Any) -> bytes:  # noqa: ANN401 - what Pillow takes
    file = BytesIO()
    image.save(file, image_format, **options)
    return file.getvalue()


def drawing(size: tuple[int, int] = (48, 32), mode: str = "RGB") -> Image.Image:
    """Return a picture whose corners and pixels all differ."""
    gradients = [Image.linear_gradient("L"), Image.radial_gradient("L"), Image.linear_gradient("L").rotate(90)]
    picture = Image.merge("RGB", [gradient.resize(size) for gradient in gradients])
    picture.paste("red", (0, 0, size[0] // 4, size[1] // 4))
    return picture.convert(mode)


def frames(image: Image.Image) -> list[tuple[bytes, float]]:
    """Return what is seen of each frame, and for how many milliseconds."""
    seen = []
    for number in range(getattr(image, "n_frames", 1)):
        image.seek(number)
        image.load()
        seen.append((image.convert("RGBA").tobytes(), image.info.get("duration", 0)))
    return seen


def exif(orientation: int = 1) -> Image.Exif:
    tags = Image.Exif()
    tags[ExifTags.Base.Orientation] = orientation
    tags[ExifTags.Base.ImageDescription] = MARKER.decode()
    tags[ExifTags.Base.MakerNote] = MARKER
    tags.get_ifd(ExifTags.IFD.GPSInfo).update(
        {ExifTags.GPS.GPSLatitude: (48.0, 51.0, 29.0), ExifTags.GPS.GPSAreaInformation: MARKER}
    )
    return tags


def profile(kind: str = "sRGB") -> bytes:
    """Return a colour profile whose description is the marker."""
    plain = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    marked = plain.replace("sRGB built-in".encode("utf-16-be"), MARKERS[1])
    assert kind == "sRGB"
    assert marked != plain
    return marked


XMP = b'<x:xmpmeta xmlns:x="adobe:ns:meta/">' + MARKER + b"</x:xmpmeta>"


def marked_jpeg(orientation: int = 1) -> bytes:
    plain = saved(
        drawing(), "JPEG", quality=90, exif=exif(orientation), xmp=XMP, comment=MARKER, icc_profile=profile()
    )
    photoshop = segment(0xED, b"Photoshop 3.0\0" + b"8BIM\x04\x04\0\0\0\0\0\x0d" + MARKER)
    thumbnail = segment(0xE0, b"JFXX\0\x10" + MARKER)
    private = segment(0xE2, b"FPXR\0" + MARKER) + segment(0xEF, MARKER)
    return plain[:20] + thumbnail + photoshop + private + plain[20:] + MARKER + plain


def segment(marker: int, body: bytes) -> bytes:
    return bytes([0xFF, marker]) + (len(body) + 2).to_bytes(2, "big") + body


def marked_png() -> bytes:
    info = PngImagePlugin.PngInfo()
    info.add_text("Comment", MARKER.decode())
    info.add_itxt("XML:com.adobe.xmp", XMP.decode())
    info.add(b"tIME", b"\x07\xea\x02\x06\x0c\0\0")
    info.add(b"prVt", MARKER)
    plain = saved(drawing(), "PNG", pnginfo=info, exif=exif(), icc_profile=profile(), dpi=(144, 144))
    end = plain.index(b"IEND") - 4
    return plain[:end] + png_chunk(b"tEXt", b"Title\0" + MARKER) + plain[end:] + MARKER


def png_chunk(kind: bytes, body: bytes) -> bytes:
    return len(body).to_bytes(4, "big") + kind + body + zlib.crc32(kind + body).to_bytes(4, "big")


def marked_gif() -> bytes:
    plain = saved(drawing(), "GIF", comment=MARKER, duration=70)
    image = plain.index(b"!\xf9\x04")
    xmp = b"!\xff\x0bXMP DataXMP" + sub_blocks(XMP)
    text = b"!\xf9\x04\0\x05\0\0\0" + b"!\x01\x0c" + bytes(12) + sub_blocks(MARKER)
    return plain[:image] + xmp + text + plain[image:] + MARKER


def sub_blocks(content: bytes) -> bytes:
    blocks = [content[at : at + 255] for at in range(0, len(content), 255)]
    return b"".join(bytes([len(block)]) + block for block in blocks) + b"\0"


def marked_webp() -> bytes:
    plain = saved(drawing(), "WEBP", lossless=True, exif=exif(), xmp=XMP, icc_profile=profile())
    content = plain[8:] + riff_chunk(b"priv", MARKER)
    return b"RIFF" + struct.pack("<I", len(content)) + content + MARKER


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
