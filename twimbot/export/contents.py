"""What a post is made from, and what rendering gives back."""

from dataclasses import dataclass
from datetime import date, datetime
from pathlib import PurePosixPath

from twimbot.config import Post
from twimbot.model.catalogue import Catalogue
from twimbot.model.entry import Entry, LiveVideo, Media, Pong


@dataclass(frozen=True, slots=True)
class EditionContents:
    """Everything that a post is made from.

    `key` and `title` are the publication's; `deadline` is the edition's, in UTC; the rooms are aliases or IDs, as
    configured; dropped entries may be among `entries`; `pongs` are those of the seven days before the deadline.
    """

    key: str
    title: str
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


@dataclass(frozen=True, slots=True)
class Picture:
    """A picture or video that was fetched, and its place in the site's tree."""

    media: Media
    path: PurePosixPath


@dataclass(frozen=True, slots=True)
class RenderedPost:
    """A post, the pictures that belong beside it, and sentences about what an editor should look at."""

    path: PurePosixPath
    text: str
    pictures: tuple[Picture, ...]
    notes: tuple[str, ...]
