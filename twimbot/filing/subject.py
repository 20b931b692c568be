"""What a text says about its own subject: its heading, its opening, and all its words."""

import re
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

from twimbot.filing.terms import MOST_CHARACTERS, addresses, stem, stems, terms, tokens, visible

HEADING = re.compile(r"#{1,6}[ \t]+(?P<text>\S.*)|(?P<marks>\*\*|__)(?P<bold>\S.*?)(?P=marks)[ \t]*:?[ \t]*")
SENTENCE_END = re.compile(r"(?<=[.!?])\s")

MOST_IN_OPENING = 300
"""How many characters of a first paragraph count as the opening."""

ANY_TEXT = stems(
    """new what whats update release released changelog change changes highlight feature enhancement fix fixes bug hello
    hi intro introduction summary tldr tl dr note overview improvement this week progress other more and the in s of for
    a security"""
)
"""Words of headings that say nothing about whose they are."""


@dataclass(frozen=True)
class Subject:
    """A text, as the evidence needs it; words are tokens in order, `terms` see `filing.terms`.

    `heading` is the text's own, where it begins with one that names something; its words are no part of `body`.
    `opening` are the stems of the first paragraph's beginning; `sentence` the words of its first sentence.
    """

    heading: tuple[str, ...]
    body: tuple[str, ...]
    opening: frozenset[str]
    sentence: frozenset[str]
    terms: frozenset[str]
    addresses: tuple[str, ...]

    @cached_property
    def title_stems(self) -> frozenset[str]:
        """The stems of the heading's words."""
        return frozenset(map(stem, self.heading))

    @cached_property
    def stems(self) -> Mapping[str, int]:
        """How often each stem is in the heading and the body."""
        return Counter(map(stem, self.heading + self.body))

    @cached_property
    def _words(self) -> Mapping[str, str]:
        """The first word of the text with each stem."""
        return {stem(word): word for word in reversed(self.heading + self.body)}

    def word(self, term: str) -> str:
        """Return the text's own word behind a term, as people read it; a host is one by itself."""
        return self._words.get(term, term)


def subject(text: str) -> Subject:
    """Read a text; only its beginning counts, where it is very long."""
    read = text[:MOST_CHARACTERS].strip()
    heading, rest = split_heading(read)
    paragraph = visible(rest.strip().split("\n")[0])[:MOST_IN_OPENING]
    return Subject(
        heading=tuple(tokens(visible(heading))),
        body=tuple(tokens(visible(rest))),
        opening=stems(paragraph),
        sentence=frozenset(tokens(SENTENCE_END.split(paragraph)[0])),
        terms=terms(read),
        addresses=tuple(addresses(read)),
    )


def split_heading(text: str) -> tuple[str, str]:
    """Split off the first line where it is a heading, or all bold, and names something; "What's new?" does not."""
    first, _, rest = text.partition("\n")
    match = HEADING.fullmatch(first.strip())
    if match is None:
        return "", text
    heading = (match["text"] or match["bold"]).strip()
    if all(stem(word) in ANY_TEXT or word.isdecimal() for word in tokens(visible(heading))):
        return "", text
    return heading, rest
