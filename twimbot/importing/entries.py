"""The entries in a post's Markdown: who said what, under which department and project."""

import re
from dataclasses import dataclass, field
from enum import Enum, StrEnum, auto
from itertools import pairwise
from typing import NamedTuple

from twimbot.export.parts import Part, parts
from twimbot.export.prose import prose, shown
from twimbot.export.syntax import Inline
from twimbot.importing.attribution import Author, author_named
from twimbot.model.archive import ArchivedEntry

DEPARTMENT, PROJECT = 2, 3
"""The levels of their headings."""

CALLED_DEPARTMENT = re.compile(r"dep(?:t|artment)\b", re.IGNORECASE)

KNOWN = re.compile(r"matrix live|dept of pings?\b|that['\u2019]s all|final thoughts|see you next", re.IGNORECASE)
"""How headings begin under which a post has text of its own."""

UNFILED = "TODO:"
"""How the heading begins under which the exporter puts what is in no department."""

PICTURE_TAG = re.compile(r"<(?:img|video)\b", re.IGNORECASE)
SHOWS_NOTHING = re.compile(r"<[^<>]*>|\{\{[^{}]*\}\}")
"""Comments, tags such as those of embedded videos, and the site's shortcodes."""

FIRST_WORDS = 8
"""How many words show which place is meant."""


class Gap(StrEnum):
    """What is not understood in a post, or can't be kept of it."""

    UNREADABLE = "file that can't be read"
    NO_DATE = "post without a date"
    SAME_DATE = "another post of the same date"
    NO_ENTRIES = "post without entries"
    NO_ENTRY = "heading without an entry"
    NO_TEXT = "name without a text"
    NO_AUTHOR = "entry without an author"
    OUTSIDE = "text outside a quote"
    TITLE = "heading of the level of titles"


@dataclass(frozen=True, slots=True)
class NotUnderstood:
    """A place that was not understood: of which kind, and its first words."""

    gap: Gap
    words: str

    @classmethod
    def at(cls, gap: Gap, text: str) -> "NotUnderstood":
        """Return it with no more of the text than shows where it is."""
        return cls(gap, " ".join(text.split()[:FIRST_WORDS]))


@dataclass(frozen=True, slots=True)
class ReadEntries:
    """The entries of a post, in order, and what is neither one nor any other known part."""

    entries: tuple[ArchivedEntry, ...]
    not_understood: tuple[NotUnderstood, ...]


def read_entries(markdown: str) -> ReadEntries:
    r"""Read a post's Markdown, whose only line break is `\n`.

    An entry is a line that names its author, and the quotes below that, with the pictures among them and behind; what
    is quoted below no name is one too. Text above a project's first entry describes the project.
    """
    reading = _Reading(markdown.split("\n"))
    for part, following in pairwise([*parts(markdown), None]):
        if part is not None:
            reading.take(part, is_above_quote=following is not None and following.is_quote)
    reading.end()
    return ReadEntries(tuple(reading.entries), tuple(reading.not_understood))


@dataclass(slots=True)
class _Heading:
    """A heading with its title as written; `is_used` tells that an entry or another heading is below it."""

    level: int
    title: str
    website: str | None
    is_known: bool
    is_used: bool = False


class _Kind(Enum):
    """What stands below an author's name."""

    QUOTE = auto()
    PICTURE = auto()
    TEXT = auto()


class _Below(NamedTuple):
    kind: _Kind
    text: str


@dataclass(slots=True)
class _Reading:
    """How far a post is read: what was found, the headings above the present part, and the entry being read."""

    lines: list[str]
    entries: list[ArchivedEntry] = field(default_factory=list)
    not_understood: list[NotUnderstood] = field(default_factory=list)
    headings: list[_Heading] = field(default_factory=list)
    author: Author | None = None
    below: list[_Below] = field(default_factory=list)

    def take(self, part: Part, *, is_above_quote: bool) -> None:
        """Read the next part."""
        if part.level:
            self._begin_group(_heading(part))
        elif part.is_quote:
            self._quote(part.quoted(self.lines))
        elif author := author_named(part, is_above_quote=is_above_quote):
            self._end_entry()
            self.author = author
        elif self.author is not None:
            self._go_on(part)

    def end(self) -> None:
        """Read no more."""
        self._end_entry()
        self._end_groups(0)

    def _begin_group(self, heading: _Heading) -> None:
        """Go on under another heading; a name may stand right above the heading of what its bearer says."""
        if self.below or heading.level <= DEPARTMENT:
            self._end_entry()
        if heading.level < DEPARTMENT:
            # It names neither a department nor a project, and what is below it is still in the same department.
            self._end_groups(PROJECT)
            if self.headings:
                self._note(Gap.TITLE, heading.title)
            return
        self._end_groups(heading.level)
        for above in self.headings:
            above.is_used = True
        self.headings.append(heading)

    def _end_groups(self, level: int) -> None:
        """End what stands under headings of this level and below."""
        while self.headings and self.headings[-1].level >= level:
            if not (self.headings[-1].is_used or self._is_known):
                self._note(Gap.NO_ENTRY, self.headings[-1].title)
            self.headings.pop()

    def _quote(self, text: str) -> None:
        if self.author is None:
            self._note(Gap.NO_AUTHOR, text)
            self.author = Author(None, "")
        self.below.append(_Below(_Kind.QUOTE, text))

    def _go_on(self, part: Part) -> None:
        """Read what stands behind the name of an entry's author and is no quote."""
        source = part.source(self.lines).strip("\n")
        if _is_picture(part, source):
            self.below.append(_Below(_Kind.PICTURE, source))
        elif part.kind != "definition" and SHOWS_NOTHING.sub("", source).strip():
            self.below.append(_Below(_Kind.TEXT, source))

    def _end_entry(self) -> None:
        """Keep the entry being read, if there is one; where nothing is quoted, all below the name was said."""
        is_quoted = any(each.kind is _Kind.QUOTE for each in self.below)
        if self.author is not None and (is_quoted or not self._is_known):
            said = [each.text for each in self.below if not is_quoted or each.kind is not _Kind.TEXT]
            self._keep(self.author, "\n\n".join(said))
        self.author, self.below = None, []

    def _keep(self, author: Author, text: str) -> None:
        for each in self.below:
            if each.kind is _Kind.TEXT and not self._is_known:
                self._note(Gap.OUTSIDE, each.text)
        if not text.strip():
            self._note(Gap.NO_TEXT, author.name)
            return
        for above in self.headings:
            above.is_used = True
        self.entries.append(self._entry(author, text))

    def _entry(self, author: Author, text: str) -> ArchivedEntry:
        department = next((each.title for each in self.headings if each.level == DEPARTMENT), None)
        project = next((each for each in self.headings if each.level == PROJECT), None)
        return ArchivedEntry(
            author.sender,
            author.name,
            None if department is None or department.startswith(UNFILED) else department or None,
            project.title if project else None,
            project.website if project else None,
            text,
        )

    @property
    def _is_known(self) -> bool:
        return any(heading.is_known for heading in self.headings)

    def _note(self, gap: Gap, text: str) -> None:
        self.not_understood.append(NotUnderstood.at(gap, text))


def _heading(part: Part) -> _Heading:
    inline = part.inline
    if inline is None:
        return _Heading(part.level, "", None, is_known=False)
    title, website = _title_and_website(inline)
    plain = prose(inline).strip()
    is_known = bool(KNOWN.match(plain))
    level = max(part.level, DEPARTMENT) if is_known or CALLED_DEPARTMENT.match(plain) else part.level
    return _Heading(level, title, website, is_known=is_known)


def _title_and_website(inline: Inline) -> tuple[str, str | None]:
    """Take a project's website from its heading: `Title ([website](url))`, or in former years `[Title](url)`."""
    content = inline.content
    links = [span for span in inline.spans if span.kind == "link"]
    if links and links[0].start == 0 and links[0].end == len(content):
        return content[slice(*links[0].label)].strip(), links[0].href
    if links and shown(inline, *links[-1].label).casefold() == "website":
        before, behind = content[: links[-1].start].rstrip(), content[links[-1].end :].strip()
        if before.endswith("(") and behind == ")":
            return before[:-1].rstrip(), links[-1].href
    return content, None


def _is_picture(part: Part, source: str) -> bool:
    """Tell whether a part shows pictures or videos, and nothing else."""
    if part.kind == "html_block":
        return bool(PICTURE_TAG.search(source))
    spans = part.inline.spans if part.inline else ()
    is_shown = any(span.kind == "image" for span in spans) or bool(PICTURE_TAG.search(source))
    return is_shown and part.inline is not None and not shown(part.inline).strip()
