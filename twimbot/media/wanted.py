"""In which format and how wide pictures are wanted."""

from dataclasses import dataclass
from typing import Literal

WantedFormat = Literal["keep", "webp", "avif"]


@dataclass(frozen=True, slots=True)
class Wanted:
    """In which format pictures are wanted, and how many pixels wide at most.

    What was coded without loss stays so as WebP. A format is changed where that makes the file smaller. `keep` keeps
    it, but for animations in GIF and PNG and for a GIF that is scaled: they become WebP, because in their own formats
    they would need more room than they did.
    """

    format: WantedFormat = "keep"
    width: int | None = None
