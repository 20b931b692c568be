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

SRGB = ImageCms.createProfile("sRGB")

LOSSLESS: dict[FileType, dict[str, Any]] = {
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
    """How to draw a picture: which frames for how many milliseconds, from which orientation, how large.

    `orientation` is that of EXIF (1 upright, to 8), `size` that of the upright picture, in pixels.
    """

    durations: dict[int, int]
    orientation: int
    size: tuple[int, int]
    is_scaled: bool
    is_lossless: bool

    @property
    def is_animated(self) -> bool:
        """Whether there are several frames."""
        return len(self.durations) > 1


class Frames(Image.Image):
    """The frames of an animation as they are to be drawn, each made when Pillow's writers come to it.

    Writers go through the frames of what they are given by `seek` and `load`; a list of pictures would need them all
    in memory at once.
    """

    def __init__(self, opened: Image.Image, drawing: Drawing, target_format: FileType) -> None:
        super().__init__()
        self.n_frames = len(drawing.durations)
        self.is_animated = True
        self._numbers = list(drawing.durations)
        self._opened = opened
        self._drawing = drawing
        self._format = target_format
        self.seek(0)

    def seek(self, frame: int) -> None:
        """Go to a frame; raises EOFError behind the last, as Pillow's own pictures do."""
        if frame >= self.n_frames:
            raise EOFError
        self._frame = frame
        self._opened.seek(self._numbers[frame])
        drawn_frame = _frame(self._opened, self._drawing, self._format)
        self.im, self._mode, self._size = drawn_frame.im, drawn_frame.mode, drawn_frame.size

    def tell(self) -> int:
        """Return the number of the frame."""
        return self._frame


def upright(size: tuple[int, int], orientation: int) -> tuple[int, int]:
    """Return width and height as they are when a picture of that orientation is upright."""
    return (size[1], size[0]) if orientation in LYING else size


def drawn(opened: Image.Image, drawing: Drawing, target_format: FileType) -> bytes:
    """Return the file of a picture drawn anew, with nothing of the file that was opened but what is seen."""
    target = BytesIO()
    options = _coding(opened, drawing, target_format)
    if drawing.is_animated:
        frames = Frames(opened, drawing, target_format)
        durations = list(drawing.durations.values())
        frames.save(target, target_format, save_all=True, duration=durations, loop=_plays(opened), **options)
    else:
        opened.seek(next(iter(drawing.durations)))
        _frame(opened, drawing, target_format).save(target, target_format, **options)
    return target.getvalue()


def _coding(opened: Image.Image, drawing: Drawing, target_format: FileType) -> dict[str, Any]:
    """Return how a writer is to code pixels; a JPEG loses least where it is coded as it was."""
    if target_format is not FileType.JPEG or not isinstance(opened, JpegImageFile):
        return (LOSSLESS if drawing.is_lossless else LOSSY).get(target_format, {})
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


def _frame(opened: Image.Image, drawing: Drawing, target_format: FileType) -> Image.Image:
    """Return the frame that a file is at, as it is to be drawn: without metadata, which is in `info`."""
    opened.load()
    frame = _in_srgb(opened)
    if drawing.orientation in TURNS:
        frame = frame.transpose(TURNS[drawing.orientation])
    if drawing.is_scaled:
        frame = _blendable(frame).resize(drawing.size, Image.Resampling.LANCZOS)
    elif target_format not in {FileType.JPEG, FileType.PNG, FileType.GIF}:
        frame = _blendable(frame)
    elif frame is opened:
        frame = frame.copy()
    frame.info = {key: value for key, value in frame.info.items() if key == "transparency"}
    return frame


def _in_srgb(image: Image.Image) -> Image.Image:
    """Return a picture in sRGB, by its colour profile where it has one that can be used.

    A profile says more than colours: whose screen it was made for, and when.
    """
    content = image.info.get("icc_profile")
    if not content and image.mode != "CMYK":
        return image
    if image.mode in {"P", "PA"} or image.has_transparency_data:
        image = _blendable(image)
    try:
        if image.mode not in {"L", "LA", "RGB", "RGBA", "CMYK"}:
            return image
        return _converted(image, ImageCms.ImageCmsProfile(BytesIO(content or b"")))
    except (ImageCms.PyCMSError, OSError):
        return image.convert("RGB") if image.mode == "CMYK" else image


def _converted(image: Image.Image, profile: ImageCms.ImageCmsProfile) -> Image.Image:
    """Return a picture in sRGB, of greys where it was; transparency stays. Raises PyCMSError."""
    alpha = image.getchannel("A") if image.mode in {"LA", "RGBA"} else None
    colours = image.convert(image.mode.removesuffix("A")) if alpha else image
    converted = ImageCms.profileToProfile(colours, profile, SRGB, outputMode="RGB") or colours
    if colours.mode == "L":
        converted = converted.convert("L")
    if alpha:
        converted.putalpha(alpha)
    return converted


def _blendable(image: Image.Image) -> Image.Image:
    """Return a picture whose pixels can be mixed: of eight bits a colour, without palette and transparent colour."""
    if image.mode.startswith("I"):
        return image.convert("I").point(lambda value: value / 257).convert("L")
    if image.mode == "1":
        image = image.convert("L")
    if image.mode in {"L", "LA"}:
        return image.convert("LA" if image.has_transparency_data else "L")
    return image.convert("RGBA" if image.has_transparency_data else "RGB")
