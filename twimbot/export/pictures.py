"""The pictures and videos of entries: their names in the site's tree, and their lines in the post."""

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import PurePosixPath
from urllib.parse import quote

from twimbot.config import Images
from twimbot.export.characters import escaped_text
from twimbot.export.contents import Picture
from twimbot.model.entry import Entry, Media, MediaState


@dataclass(frozen=True, slots=True)
class Gallery:
    """The names of an edition's pictures; two different files of one name never meet."""

    images: Images
    names: dict[str, str]

    @classmethod
    def of(cls, entries: Iterable[Entry], images: Images) -> "Gallery":
        """Name the pictures of entries that stand in the order of the edition.

        Names count as equal whatever their case: media IDs differ by case, and some file systems don't.
        """
        names: dict[str, str] = {}
        taken: set[str] = set()
        for media in (media for entry in entries for media in entry.media if is_kept(media)):
            if media.mxc not in names:
                names[media.mxc] = _free_name(_file_name(media), taken)
                taken.add(names[media.mxc].casefold())
        return cls(images, names)

    def picture(self, media: Media) -> Picture:
        """Return where a picture that was fetched stands in the tree."""
        return Picture(media, PurePosixPath(self.images.folder) / self.names[media.mxc])

    def lines(self, entry: Entry) -> list[str]:
        """Return the lines, not yet quoted, that stand for an entry's pictures; a blank line is before each."""
        return [line for media in entry.media for line in ("", self._line(media))]

    def _line(self, media: Media) -> str:
        label = escaped_text(media.alt)
        if not is_kept(media):
            what = "video" if media.kind == "m.video" else "picture"
            reason = f" ({escaped_text(media.reason)})" if media.reason else ""
            return f"TODO: a {what} is missing here{reason}: {label or 'it has no description'}"
        url = quote(f"{self.images.url.rstrip('/')}/{self.names[media.mxc]}", safe="/:")
        return f"[{label or 'Video'}]({url})" if media.kind == "m.video" else f"![{label}]({url})"


def is_kept(media: Media) -> bool:
    """Tell whether a picture was fetched and has a file."""
    return media.state is MediaState.KEPT and bool(_file_name(media))


def _file_name(media: Media) -> str:
    return PurePosixPath(media.file_name or "").name


def _free_name(wanted: str, taken: set[str]) -> str:
    path, name, count = PurePosixPath(wanted), wanted, 1
    while name.casefold() in taken:
        count += 1
        name = f"{path.stem}-{count}{path.suffix}"
    return name
