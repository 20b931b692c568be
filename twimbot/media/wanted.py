"""In which format and how wide pictures are wanted."""

from dataclasses import dataclass
from typing import Literal

WantedFormat = Literal["keep", "webp", "avif"]


@dataclass(frozen=True, slots=True)
class Wanted:
    """In which format pictures are wanted, and how many pixels wide at most.

    What was coded without loss stays so as WebP. A format is changed where that makes the file smaller, or where the
    picture is drawn anew anyhow. `keep` keeps it, but for scaled GIF and animated PNG: they become WebP, because in
    their own formats scaled frames need more room than the large ones did.
    """

    format: WantedFormat = "keep"
    width: int | None = None
