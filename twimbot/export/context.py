"""What the template of a post is given: a contract that operators' own templates rely on (docs/template.md).

Whatever is text here is Markdown, fit for its place as it is.
"""

from dataclasses import dataclass
from datetime import date

from twimbot.export.live import LiveSection
from twimbot.export.pings import PingRow


@dataclass(frozen=True, slots=True)
class Digest:
    """The publication."""

    key: str
    title: str


@dataclass(frozen=True, slots=True)
class Room:
    """A room: its alias or ID, and its address on the web."""

    name: str
    url: str


@dataclass(frozen=True, slots=True)
class Said:
    """An entry in its place: who says it, by name and address, the verb, and the quoted text with its pictures.

    Each line of `quote` begins with `>`.
    """

    number: int
    name: str
    url: str
    verb: str
    quote: str


@dataclass(frozen=True, slots=True)
class Group:
    """Entries under one heading, or under none (`title` None); the website and description may be None too."""

    title: str | None
    website: str | None
    description: str | None
    entries: tuple[Said, ...]


@dataclass(frozen=True, slots=True)
class Section:
    """A department with its entries, or what is not filed yet (`is_todo`, then `title` is None).

    After the lead section comes the mark that ends the post's teaser; exactly one section leads where there is any.
    """

    title: str | None
    groups: tuple[Group, ...]
    is_todo: bool
    is_lead: bool = False


@dataclass(frozen=True, slots=True)
class Context:
    """Everything that a template can use, under these names.

    `front_matter` is the TOML between the `+++` lines, with a closing line break; `pings` are the ranked servers.
    """

    front_matter: str
    publication: Digest
    edition: date
    live: LiveSection | None
    sections: tuple[Section, ...]
    pings: tuple[PingRow, ...]
    ping_room: Room | None
    submissions_room: Room


@dataclass(frozen=True, slots=True)
class Image:
    """What the template of a picture is given: its address, what describes it, and the whole as Markdown.

    The description is `inert_text`, and may be empty.
    """

    url: str
    description: str
    markdown: str


@dataclass(frozen=True, slots=True)
class Video:
    """What the template of a video's embed is given: the address, the MIME type, and what describes it, as plain text.

    The description may be empty.
    """

    url: str
    type: str
    description: str
