"""An entry of an edition, with its media and how it was filed: what the store gives and the exporter takes."""

from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from twimbot.model.event import FileKey


class Authority(StrEnum):
    """Who decided about a filing; the later in the list, the more it counts."""

    CONTRIBUTOR = "contributor"
    EDITOR = "editor"


class MediaState(StrEnum):
    """How far the bot is with a picture or video."""

    WANTED = "wanted"
    KEPT = "kept"
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class Media:
    """A picture or video of an entry.

    `kind` is `m.image` or `m.video`; `position` counts within its message; `sent_at` is in milliseconds since 1970;
    `file_name` is the name under which the file is kept and exported (media id and extension), `alt` the alternative
    text (empty: none known), `reason` why it failed. `key` decrypts what is fetched, where that is encrypted.
    `is_edited`: an edit has brought it. `sender` is told of files that are still to be fetched.
    """

    id: int
    event_id: str
    mxc: str
    kind: str
    alt: str
    sent_at: int
    state: MediaState
    file_name: str | None = None
    reason: str | None = None
    position: int = 0
    key: FileKey | None = None
    is_edited: bool = False
    sender: str | None = None


@dataclass(frozen=True, slots=True)
class Passage:
    """A further message of an entry's author that belongs to it; `sent_at` is in milliseconds since 1970."""

    event_id: str
    sent_at: int
    text: str


@dataclass(frozen=True, slots=True)
class Entry:
    """A submission taken into an edition.

    `number` is unique within its edition and never given twice; `sent_at` is in milliseconds since 1970;
    `text` is Markdown without the mention, as the contributor wrote it; `display_name` is the sender's name as
    it stood when the entry was sent (None: unknown). `department` and `project` are catalogue keys.
    `passages` and `media` are what was sent besides, each in the order sent.
    """

    id: int
    publication: str
    edition: date
    number: int
    room_id: str
    event_id: str
    sender: str
    display_name: str | None
    sent_at: int
    text: str
    department: str | None = None
    project: str | None = None
    is_dropped: bool = False
    passages: tuple[Passage, ...] = ()
    media: tuple[Media, ...] = ()

    @property
    def parts(self) -> tuple[Passage | Media, ...]:
        """What follows the entry's own text, in the order sent."""
        return tuple(sorted((*self.passages, *self.media), key=lambda part: part.sent_at))

    @property
    def pictures(self) -> tuple[Media, ...]:
        """The pictures, without the videos, as commands count them."""
        return tuple(media for media in self.media if media.kind == "m.image")

    @property
    def texts(self) -> tuple[str, ...]:
        """The entry's own text, and those of its passages."""
        return (self.text, *(passage.text for passage in self.passages))

    @property
    def name(self) -> str:
        """The sender's display name, or the Matrix ID where none is known."""
        return self.display_name or self.sender


@dataclass(frozen=True, slots=True)
class LiveVideo:
    """The Matrix Live video of an edition."""

    url: str
    title: str


@dataclass(frozen=True, slots=True)
class Cover:
    """The picture that stands for an edition: an address, or an entry's picture by its message and place in that."""

    url: str | None = None
    picture: tuple[str, int] | None = None


@dataclass(frozen=True, slots=True)
class Pong:
    """One answer in the ping room: the pinging server's name and how long its ping took, in milliseconds."""

    server: str
    milliseconds: float
