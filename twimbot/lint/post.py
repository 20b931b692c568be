"""A whole post, taken apart: the front matter, the Markdown below it, and the entries, which are its quotes."""

from dataclasses import dataclass
from typing import Self

from twimbot.export.figures import with_markdown_pictures
from twimbot.export.frontmatter import FrontMatter, front_matter
from twimbot.export.parts import Part, parts
from twimbot.export.syntax import Document, UntrustedStructure, read


@dataclass(frozen=True, slots=True)
class Entry:
    """A quote: its first line in the post, from 1, and its Markdown without `> `."""

    line: int
    text: str


@dataclass(frozen=True, slots=True)
class Post:
    """A post; `document` is the Markdown below the front matter, without its blocks where `mistrust` says why."""

    text: str
    front_matter: FrontMatter | None
    document: Document
    mistrust: str = ""

    @classmethod
    def read(cls, text: str) -> Self:
        r"""Take a post apart; its only line breaks are `\n`.

        Pictures that a shortcode shows are read as Markdown's.
        """
        front = front_matter(text)
        start = front.end if front else 0
        markdown = with_markdown_pictures(text[start:], keeps_lines=True)
        text = text[:start] + markdown
        try:
            return cls(text, front, read(markdown))
        except (UntrustedStructure, RecursionError) as error:
            return cls(text, front, Document(markdown), str(error))

    @property
    def start(self) -> int:
        """Where the Markdown begins, in characters."""
        return self.front_matter.end if self.front_matter else 0

    @property
    def above(self) -> int:
        """How many lines are above the Markdown."""
        return self.text.count("\n", 0, self.start)

    @property
    def parts(self) -> list[Part]:
        """The blocks that stand in no quote and no list, in order."""
        return list(parts(self.document.source, self.above))

    @property
    def entries(self) -> list[Entry]:
        """The quotes that stand in no list and no other quote, in order."""
        lines = self.text.split("\n")
        return [Entry(part.first, part.quoted(lines)) for part in self.parts if part.is_quote]

    def line_at(self, place: int) -> int:
        """Return the line, from 1, of a character of the Markdown."""
        return self.above + self.document.source.count("\n", 0, place) + 1
