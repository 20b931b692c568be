"""The pictures and videos of entries: their names in the site's tree, and what stands for them in the post."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import PurePosixPath
from urllib.parse import quote

from twimbot.config import Post
from twimbot.export.characters import escaped_text, inert_text, without_calls
from twimbot.export.contents import Picture
from twimbot.export.context import Image, Video
from twimbot.export.prose import plain_text
from twimbot.export.template import fill_image, fill_video
from twimbot.model.entry import Entry, Media, MediaState

RESERVED = re.compile(r"(con|prn|aux|nul|com\d|lpt\d)(\.|$)", re.IGNORECASE)
"""Names that are devices on Windows, where the site may be checked out; a media ID may be one."""

VIDEO_TYPES = {".mp4": "video/mp4", ".webm": "video/webm"}


@dataclass(frozen=True, slots=True)
class Gallery:
    """The names of an edition's pictures; two different files of one name never meet."""

    settings: Post
    names: dict[str, str]

    @classmethod
    def of(cls, entries: Iterable[Entry], settings: Post) -> "Gallery":
        """Name the pictures of entries that stand in the order of the edition.

        Names count as equal whatever their case: media IDs differ by case, and some file systems don't.
        """
        names: dict[str, str] = {}
        taken: set[str] = set()
        for media in (media for entry in entries for media in entry.media if is_kept(media)):
            if media.mxc not in names:
                names[media.mxc] = _free_name(_file_name(media), taken)
                taken.add(names[media.mxc].casefold())
        return cls(settings, names)

    def picture(self, media: Media) -> Picture:
        """Return where a picture that was fetched stands in the tree."""
        return Picture(media, PurePosixPath(self.settings.images.folder) / self.names[media.mxc])

    def url(self, media: Media) -> str:
        """Return the address on the site of a picture that was fetched."""
        return quote(f"{self.settings.images.url.rstrip('/')}/{self.names[media.mxc]}", safe="/:")

    def markdown(self, media: Media) -> str | None:
        """Return what stands for a picture or video; None where nothing does, since it can't be had.

        One that is still on its way stands as a TODO. Raises ConfigurationError where a template can't be used.
        """
        if media.state is MediaState.WANTED:
            alt = plain_text(media.alt)
            what = "video" if media.kind == "m.video" else "picture"
            return f"TODO: a {what} is still being fetched: {escaped_text(alt) or 'it has no description'}"
        if not is_kept(media):
            return None
        if media.kind == "m.video":
            kind = VIDEO_TYPES.get(PurePosixPath(_file_name(media)).suffix, "video/mp4")
            return fill_video(
                self.settings.video_template, Video(self.url(media), kind, without_calls(plain_text(media.alt)))
            )
        alt = plain_text(media.alt)
        markdown = f"![{escaped_text(alt)}]({self.url(media)})"
        return fill_image(self.settings.image_template, Image(self.url(media), inert_text(alt), markdown))


def is_kept(media: Media) -> bool:
    """Tell whether a picture was fetched and has a file."""
    return media.state is MediaState.KEPT and bool(_file_name(media))


def _file_name(media: Media) -> str:
    name = PurePosixPath(media.file_name or "").name
    return f"_{name}" if RESERVED.match(name) else name


def _free_name(wanted: str, taken: set[str]) -> str:
    path, name, count = PurePosixPath(wanted), wanted, 1
    while name.casefold() in taken:
        count += 1
        name = f"{path.stem}-{count}{path.suffix}"
    return name
