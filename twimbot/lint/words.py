"""The words of a post that are to be spelt, apart from those that are names: in code, addresses and the like."""

import re
from collections.abc import Iterable, Iterator

from twimbot.export.syntax import LITERAL_BLOCKS, LITERAL_KINDS, Document, Inline
from twimbot.lint.post import Post

LONGEST_CALL = 500
"""How many characters within a shortcode are looked at: each pair of braces is searched for its end this far."""

SHORTCODE = re.compile(rf"\{{\{{.{{,{LONGEST_CALL}}}?\}}\}}|\{{%.{{,{LONGEST_CALL}}}?%\}}")
ADDRESS = re.compile(
    r"\b[a-z][a-z0-9+.-]{,20}://\S+|(?<![\w.+=/-])[@#!]?[\w.+=/-]+[:@][\w-]+(?:\.[\w-]+)+", re.IGNORECASE
)
"""A URL, a Matrix ID or alias, or an e-mail address."""

IDENTIFIER = re.compile(r"\b(?=\w*\d)(?=\w*[^\W\d_])\w+")
"""A hash, a version or the like: letters and digits in one word."""

USER = "matrix.to/#/@"
WORD = re.compile(r"[^\W\d_]+")
LETTER = re.compile(r"[^\n]")


def prose_only(post: Post) -> str:
    """Return a post with blanks for all that is no prose: front matter, code, HTML, addresses, names, hashes."""
    parts: list[str] = []
    done = 0
    for start, end in _no_prose(post):
        if end > done:
            parts += (post.text[done : max(start, done)], LETTER.sub(" ", post.text[max(start, done) : end]))
            done = end
    return "".join((*parts, post.text[done:]))


def known_words(post: Post, names: Iterable[str]) -> frozenset[str]:
    """Return the words, in small letters, that are right wherever they stand: of names, and of what is no prose."""
    pieces = (*names, *(post.text[start:end] for start, end in _no_prose(post)))
    return frozenset(word for piece in pieces for word in WORD.findall(piece.casefold()))


def _no_prose(post: Post) -> list[tuple[int, int]]:
    """Return the characters of a post that are no prose, each stretch from its start to before its end, in order."""
    inside = [(post.start + start, post.start + end) for start, end in _in_markdown(post.document)]
    matches = (match for pattern in (SHORTCODE, ADDRESS, IDENTIFIER) for match in pattern.finditer(post.text))
    return sorted([(0, post.start), *inside, *(match.span() for match in matches)])


def _in_markdown(document: Document) -> Iterator[tuple[int, int]]:
    for block in document.blocks:
        if block.token.type in LITERAL_BLOCKS:
            yield document.span_of(block.first, block.last)
        elif block.inline is not None:
            yield from _in_inline(block.inline)


def _in_inline(inline: Inline) -> Iterator[tuple[int, int]]:
    for span in inline.spans:
        if span.kind in LITERAL_KINDS or (span.kind == "link" and USER in span.href):
            yield inline.edit(span.start, span.end, "")[:2]
        elif span.kind in {"link", "image"}:
            yield inline.edit(span.label[1], span.end, "")[:2]
