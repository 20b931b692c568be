"""Whether a post has the shape that posts have: front matter, headings, the end of its teaser, quotes under names."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from itertools import pairwise

from twimbot.export.frontmatter import FrontMatter, UnreadableFrontMatter
from twimbot.export.parts import Part
from twimbot.export.prose import prose
from twimbot.lint.finding import Finding
from twimbot.lint.post import Post
from twimbot.model.catalogue import folded

REQUIRED = ("date", "title", "path")
TODO = re.compile(r"^(?:[># \t]|[-+*][ \t]|\d+[.)][ \t])*TODO\b|\bTODO:", re.MULTILINE)
TOP = 2
"""The level of a department's heading; that of the title is 1, and Zola writes it."""

MORE = re.compile(r"<!--\s*more\s*-->", re.IGNORECASE)
"""What ends a teaser for Zola (components/markdown/src/markdown.rs)."""

USER = re.compile(r"https://matrix\.to/#/(?:@|%40)", re.IGNORECASE)
VERB = 3
"""The most words behind a contributor's name in a line that says no more than who wrote what stands below."""

INTRODUCTION = 10
"""The most words of any line that says so."""


@dataclass(frozen=True, slots=True)
class _Heading:
    """A heading as it reads, with its line, from 1; `is_outermost` tells that it is in no quote and no list."""

    line: int
    level: int
    text: str
    is_outermost: bool


@dataclass(frozen=True, slots=True)
class _Section:
    """A heading of the level TOP, and the last line of the first entry below it, None where there is none."""

    heading: _Heading
    first_entry: int | None

    @property
    def is_department(self) -> bool:
        """Tell whether it has entries that are filed."""
        return self.first_entry is not None and not self.heading.text.startswith("TODO")


def shape_findings(post: Post) -> Iterator[Finding]:
    """Yield what is wrong with the shape of a post."""
    yield from _on_front_matter(post.front_matter)
    if post.mistrust:
        yield Finding(post.above + 1, f"the text can't be read: {post.mistrust}.")
        return
    headings = list(_headings(post))
    yield from _todos(post)
    yield from _on_teaser(post, _sections(post, headings))
    yield from _on_headings(headings)
    yield from _on_quotes(post)


def _on_front_matter(front: FrontMatter | None) -> Iterator[Finding]:
    if front is None:
        yield Finding(1, "the post has no front matter; begin it with one between two +++.")
        return
    try:
        values = front.values()
    except UnreadableFrontMatter as error:
        yield Finding(error.line, f"the front matter is {error}.")
        return
    missing = [key for key in REQUIRED if not str(values.get(key, "")).strip()]
    for key in missing:
        yield Finding(front.first_line, f"the front matter has no {key}.")
    if "date" not in missing and not _is_date(values["date"]):
        yield Finding(front.first_line, "the front matter's date is none that can be read.")


def _is_date(value: object) -> bool:
    if isinstance(value, date):
        return True
    try:
        return bool(datetime.fromisoformat(str(value)))
    except ValueError:
        return False


def _todos(post: Post) -> Iterator[Finding]:
    """Find what was left to be done; in the text, where somebody may speak of it, only what looks like ours."""
    for number, line in enumerate(post.text[: post.start].split("\n"), start=1):
        if "TODO" in line:
            yield Finding(number, "there is a TODO left.")
    for found in TODO.finditer(post.document.source):
        if not post.document.literal_kind(found.end() - 1):
            yield Finding(post.line_at(found.end() - 1), "there is a TODO left.")


def _headings(post: Post) -> Iterator[_Heading]:
    blocks = post.document.blocks
    for block, following in pairwise([*blocks, *blocks[-1:]]):
        if block.token.type == "heading_open":
            text = prose(following.inline).strip() if following.inline else ""
            yield _Heading(post.above + block.first + 1, int(block.token.tag[1:]), text, block.is_outermost)


def _sections(post: Post, headings: Sequence[_Heading]) -> list[_Section]:
    tops = [heading for heading in headings if heading.is_outermost and heading.level == TOP]
    ends = [*(heading.line for heading in tops[1:]), post.text.count("\n") + 2]
    entries = [(part.first, part.last) for part in post.parts if part.is_quote or _contributor(part)]
    return [
        _Section(heading, next((last for first, last in entries if heading.line < first < end), None))
        for heading, end in zip(tops, ends, strict=False)
    ]


def _on_teaser(post: Post, sections: Sequence[_Section]) -> Iterator[Finding]:
    """Look for the one mark that ends the teaser, after the first entry and before the second department."""
    places = [found.start() for found in MORE.finditer(post.document.source)]
    marks = [post.line_at(place) for place in places if post.document.literal_kind(place) == "html"]
    departments = [section for section in sections if section.is_department]
    if not marks:
        yield _missing_mark(post, sections, departments)
    elif departments and marks[0] <= (departments[0].first_entry or 0):
        yield Finding(marks[0], "<!-- more --> stands before the first entry; put it after the first department.")
    elif len(departments) > 1 and marks[0] > departments[1].heading.line:
        yield Finding(marks[0], "<!-- more --> stands in or after the second department; put it after the first.")
    for line in marks[1:]:
        yield Finding(line, "this is the second <!-- more -->; take one of them out.")


def _missing_mark(post: Post, sections: Sequence[_Section], departments: Sequence[_Section]) -> Finding:
    following = [section for section in sections if departments and section.heading.line > departments[0].heading.line]
    if following:
        return Finding(following[0].heading.line, "there is no <!-- more -->; put it above this heading.")
    return Finding(post.text.rstrip().count("\n") + 1, "there is no <!-- more -->; put it after the first department.")


def _on_headings(headings: Sequence[_Heading]) -> Iterator[Finding]:
    above: _Heading | None = None
    departments: set[str] = set()
    for heading in headings:
        if not heading.text:
            yield Finding(heading.line, "the heading is empty.")
        if not heading.is_outermost:
            if above and heading.level <= above.level:
                marks = "#" * (above.level + 1)
                yield Finding(
                    heading.line, f"the heading “{heading.text}” is not below “{above.text}”; write it with {marks}."
                )
            continue
        above = heading
        if heading.level < TOP:
            yield Finding(heading.line, "the only heading of the first level is the title; write this one with ##.")
        if heading.level == TOP:
            if _bare(heading.text) in departments:
                yield Finding(heading.line, f"“{heading.text}” is there already; put what stands here below that.")
            departments.add(_bare(heading.text))


def _bare(title: str) -> str:
    """Return a title as it is compared: without case, signs and emoji; as it is where it has nothing else."""
    return re.sub(r"[\W_]+", "", folded(title)) or title


def _on_quotes(post: Post) -> Iterator[Finding]:
    """Look for names without a quote right below, and for quotes without a name; where one explains the other, once."""
    is_named = False
    for part, following in pairwise([None, *post.parts, None]):
        has_quote = following is not None and following.is_quote
        name = _contributor(part) if part else ""
        if part and name and not has_quote:
            yield Finding(part.first, f"what {name} says doesn't stand in a quote right below.")
            is_named = True
        elif part and following and part.is_quote and has_quote:
            yield Finding(following.first, "this quote is parted from the one above; begin the lines between with >.")
        elif following and has_quote:
            if not is_named and not (part and _introduces(part)):
                yield Finding(following.first, "nobody is named above this quote; say who wrote it.")
            is_named = False


def _contributor(part: Part) -> str:
    """Return whom a line names that only says who wrote what is below it; "" for every other part."""
    inline = part.inline if part.kind == "paragraph_open" else None
    link = next((span for span in inline.spans if span.kind == "link"), None) if inline else None
    if inline is None or link is None or link.start > 0 or not USER.match(link.href):
        return ""
    return prose(inline, *link.label) if len(prose(inline, link.end).split()) <= VERB else ""


def _introduces(part: Part) -> bool:
    """Tell whether a part may say who wrote the quote below it: a line of some words."""
    words = prose(part.inline).split() if part.inline and part.kind == "paragraph_open" else []
    return 0 < len(words) <= INTRODUCTION or _contributor(part) != ""
