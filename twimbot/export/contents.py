"""What a post is made from, and what rendering gives back."""

from dataclasses import dataclass
from datetime import date, datetime
from pathlib import PurePosixPath
from typing import TYPE_CHECKING

from twimbot.config import Post
from twimbot.model.catalogue import Catalogue
from twimbot.model.entry import Cover, Entry, LiveVideo, Media, Pong

if TYPE_CHECKING:  # reading a site takes the reader of Markdown, which many who know contents do without
    from twimbot.export.site import Site


@dataclass(frozen=True, slots=True)
class EditionContents:
    """Everything that a post is made from.

    `key`, `title` and `command` are the publication's; `deadline` is the edition's, in UTC; the rooms are aliases or
    IDs, as configured; dropped entries may be among `entries`; `pongs` are those of the seven days before the
    deadline; `site` is the checkout that the post goes into, where it is known; `problems` are sentences about what
    could not be gathered.
    """

    key: str
    title: str
    command: str
    edition: date
    deadline: datetime
    author: str
    catalogue: Catalogue
    settings: Post
    submissions_room: str
    ping_room: str | None
    entries: tuple[Entry, ...]
    live: LiveVideo | None
    pongs: tuple[Pong, ...]
    cover: Cover | None = None
    site: "Site | None" = None
    problems: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Picture:
    """A picture or video that was fetched, and its place in the site's tree."""

    media: Media
    path: PurePosixPath


@dataclass(frozen=True, slots=True)
class RenderedPost:
    """A post, what belongs beside it, and sentences about what an editor should look at.

    `indexes` are the `_index.md` files that its folders need, as paths and texts; `order` are the numbers of the
    entries as they follow each other in the post.
    """

    path: PurePosixPath
    text: str
    pictures: tuple[Picture, ...]
    indexes: tuple[tuple[PurePosixPath, str], ...]
    notes: tuple[str, ...]
    order: tuple[int, ...] = ()
