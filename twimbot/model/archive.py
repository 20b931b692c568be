"""What was published: posts of the past and the entries in them, as an importer reads and the store keeps them."""

from dataclasses import dataclass
from datetime import date


@dataclass(frozen=True, slots=True)
class ArchivedEntry:
    """An entry as it was published.

    `sender` is a Matrix ID, None where the post gives none, and `name` whom it names, as shown; `department` and
    `project` are titles as the post writes them, None where the entry stands under none. `website` is that of the
    project; `text` is Markdown without the marks of its quote.
    """

    sender: str | None
    name: str
    department: str | None
    project: str | None
    website: str | None
    text: str


@dataclass(frozen=True, slots=True)
class ArchivedPost:
    """A published edition: the date that it came out, its title, and its entries in the order of the post."""

    edition: date
    title: str
    entries: tuple[ArchivedEntry, ...]
