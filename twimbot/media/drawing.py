"""Drawing a picture anew: upright, smaller, in another format, in the web's colours instead of print's."""

from dataclasses import dataclass
from io import BytesIO
from typing import Any

from PIL import Image, ImageCms
from PIL.Image import Transpose
from PIL.JpegImagePlugin import JpegImageFile, get_sampling

from twimbot.media.recognise import FileType

TURNS = {
    2: Transpose.FLIP_LEFT_RIGHT,
    3: Transpose.ROTATE_180,
    4: Transpose.FLIP_TOP_BOTTOM,
    5: Transpose.TRANSPOSE,
    6: Transpose.ROTATE_270,
    7: Transpose.TRANSVERSE,
    8: Transpose.ROTATE_90,
}
"""What brings a picture of an orientation upright (EXIF 2.32, 4.6.4)."""

LYING = frozenset([5, 6, 7, 8])
"""The orientations whose width is the height when upright."""

LOSSLESS: dict[FileType, dict[str, Any]] = {
    FileType.PNG: {},
    FileType.WEBP: {"lossless": True, "method": 4},
    FileType.AVIF: {"quality": 90, "subsampling": "4:4:4"},
}
"""How pixels are coded that were coded without loss; AVIF by Pillow never is, but no edge is blurred so.

Screenshots become half as large as WebP this way, less than with loss.
"""

LOSSY: dict[FileType, dict[str, Any]] = {
    FileType.WEBP: {"quality": 85, "method": 4},
    FileType.AVIF: {"quality": 75},
}
"""How other pixels are coded, and scaled frames: so that no difference is seen on a page."""


@dataclass(frozen=True, slots=True)
class Drawing:
    """How to draw a picture: from which orientation (EXIF), in which format, and how large upright, in pixels.

    `is_optional`: not worth it unless the file becomes smaller.
    """

    orientation: int
    format: FileType
    size: tuple[int, int]
    is_lossless: bool
    is_optional: bool


class Frames(Image.Image):
    """The frames of an animation as they are to be drawn, each made when Pillow's writers come to it."""

    def __init__(self, opened: Image.Image, drawing: Drawing, count: int) -> None:
        super().__init__()
        self.n_frames = count
        self.is_animated = True
        self._opened = opened
        self._drawing = drawing
        self.seek(0)

    def seek(self, frame: int) -> None:
        """Go to a frame."""
        self._opened.seek(frame)
        drawn_frame = _frame(self._opened, self._drawing)
        self.im, self._mode, self._size = drawn_frame.im, drawn_frame.mode, drawn_frame.size

    def tell(self) -> int:
        """Return the number of the frame."""
        return self._opened.tell()


def upright(size: tuple[int, int], orientation: int) -> tuple[int, int]:
    """Return width and height as they are when a picture of that orientation is upright."""
    return (size[1], size[0]) if orientation in LYING else size


def drawn(opened: Image.Image, drawing: Drawing, durations: list[int]) -> bytes:
    """Return the file of a picture drawn anew; `durations` are those of its frames, in milliseconds."""
    target = BytesIO()
    options = {**_coding(opened, drawing), "icc_profile": _kept_profile(opened, drawing)}
    if len(durations) == 1:
        _frame(opened, drawing).save(target, drawing.format, **options)
    else:
        frames = Frames(opened, drawing, len(durations))
        frames.save(target, drawing.format, save_all=True, duration=durations, loop=_plays(opened), **options)
    return target.getvalue()


def _coding(opened: Image.Image, drawing: Drawing) -> dict[str, Any]:
    """Return how a writer is to code pixels; a JPEG loses least where it is coded as it was."""
    if drawing.format is not FileType.JPEG or not isinstance(opened, JpegImageFile):
        return (LOSSLESS if drawing.is_lossless else LOSSY)[drawing.format]
    return {
        "qtables": [table for _, table in sorted(opened.quantization.items())],
        "subsampling": max(get_sampling(opened), 0),
        "progressive": "progressive" in opened.info,
        "optimize": True,
    }


def _plays(opened: Image.Image) -> int:
    """Return how often an animation is to be played, 0 for without end; a GIF says how often it is repeated."""
    if opened.format != FileType.GIF:
        return int(opened.info.get("loop", 0))
    repeats = opened.info.get("loop")
    return 1 if repeats is None else repeats and repeats + 1


def _kept_profile(opened: Image.Image, drawing: Drawing) -> bytes | None:
    return None if _needs_srgb(opened, drawing) else opened.info.get("icc_profile")


def _needs_srgb(opened: Image.Image, drawing: Drawing) -> bool:
    """Tell whether colours are none of the web's, or grey by a profile that the format has no room for."""
    is_grey = (opened.info.get("icc_profile") or b"")[16:20] == b"GRAY"
    return opened.mode == "CMYK" or (is_grey and drawing.format is FileType.WEBP)


def _frame(opened: Image.Image, drawing: Drawing) -> Image.Image:
    """Return the frame that a file is at, as it is to be drawn."""
    opened.load()
    frame = _in_srgb(opened) if _needs_srgb(opened, drawing) else opened
    if drawing.orientation in TURNS:
        frame = frame.transpose(TURNS[drawing.orientation])
    if frame.size != drawing.size:
        return _blendable(frame).resize(drawing.size, Image.Resampling.LANCZOS)
    return frame if drawing.format in {FileType.JPEG, FileType.PNG} else _blendable(frame)


def _in_srgb(image: Image.Image) -> Image.Image:
    """Return a picture in sRGB, by its profile where it has one that can be used."""
    try:
        profile = ImageCms.ImageCmsProfile(BytesIO(image.info.get("icc_profile") or b""))
        target = ImageCms.createProfile("sRGB")
        return ImageCms.profileToProfile(image, profile, target, outputMode="RGB") or image
    except (ImageCms.PyCMSError, OSError):
        return image.convert("RGB")


def _blendable(image: Image.Image) -> Image.Image:
    """Return a picture whose pixels can be mixed: of eight bits a colour, without palette and transparent colour."""
    if image.mode.startswith("I"):
        return image.convert("I").point(lambda value: value / 257).convert("L")
    if image.mode == "1":
        image = image.convert("L")
    if image.mode in {"L", "LA"}:
        return image.convert("LA" if image.has_transparency_data else "L")
    return image.convert("RGBA" if image.has_transparency_data else "RGB")
