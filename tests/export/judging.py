"""Others' opinion of a post: of pulldown-cmark, with which Zola reads Markdown, of markdown-it, and of rumdl."""

import re
import subprocess
import sysconfig
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pyromark
from markdown_it import MarkdownIt
from markdown_it.token import Token

ZOLA = (
    pyromark.Options.ENABLE_TABLES
    | pyromark.Options.ENABLE_FOOTNOTES
    | pyromark.Options.ENABLE_STRIKETHROUGH
    | pyromark.Options.ENABLE_TASKLISTS
    | pyromark.Options.ENABLE_HEADING_ATTRIBUTES
)
OPTIONAL = (
    ZOLA
    | pyromark.Options.ENABLE_GFM
    | pyromark.Options.ENABLE_DEFINITION_LIST
    | pyromark.Options.ENABLE_SMART_PUNCTUATION
)
RUMDL = Path(sysconfig.get_path("scripts")) / "rumdl"
SITE_RULES = "MD001,MD003,MD011,MD022,MD030,MD031,MD034,MD039"

Event = Any
Structure = list[tuple[str, int | str]]
"""The quotes, headings with their levels, links and pictures with their targets, in their order."""


class Permissive(MarkdownIt):
    """A markdown-it that takes each target as it is."""

    def validateLink(self, url: str) -> bool:  # noqa: ARG002, N802 - markdown-it's interface
        return True

    def normalizeLink(self, url: str) -> str:  # noqa: N802 - markdown-it's interface
        return url


def unescaped(markdown: str) -> str:
    """Return a text as Zola hands it on to its Markdown reader: with its escaped shortcodes as they were."""
    return re.sub(r"\{\{/\*(.*?)\*/\}\}", r"{{\1}}", markdown)


def linter_findings(markdown: str) -> list[str]:
    """Return what rumdl finds in a text by the rules of the site of This Week in Matrix."""
    options = ("--stdin", "--no-config", "--no-cache", "--flavor", "commonmark", "--enable", SITE_RULES)
    done = subprocess.run(  # noqa: S603 - the site's linter, and our own arguments
        [RUMDL, "check", *options], input=markdown.encode(), capture_output=True, check=False
    )
    return [line for line in done.stdout.decode().splitlines() if "[MD" in line]


def started(event: Event) -> tuple[str, dict[str, Any]]:
    """Return the kind and the fields of an event that begins something, else nothing."""
    start = event.get("Start") if isinstance(event, dict) else None
    if isinstance(start, dict):
        kind, fields = next(iter(start.items()))
        return kind, fields if isinstance(fields, dict) else {}
    return start or "", {}


def nested(markdown: str, options: pyromark.Options = ZOLA) -> Iterator[tuple[tuple[str, ...], Event]]:
    """Return all events of a text, each with the kinds of what it stands in."""
    around: list[str] = []
    for event in pyromark.events(markdown, options=options):
        if isinstance(event, dict) and "End" in event:
            around.pop()
        yield tuple(around), event
        if started(event)[0]:
            around.append(started(event)[0])


def targets(markdown: str) -> list[str]:
    """Return the targets of all links and pictures."""
    return [str(value) for kind, value in structure(markdown) if kind in {"link", "image"}]


def structure(markdown: str) -> Structure:
    """Return a text's structure as pulldown-cmark reads it."""
    found: Structure = []
    for around, event in nested(markdown):
        kind, fields = started(event)
        if "Image" in around:
            continue
        if kind == "BlockQuote":
            found.append(("quote", around.count("BlockQuote")))
        elif kind == "Heading":
            found.append(("heading", int(str(fields["level"]).removeprefix("H"))))
        elif kind in {"Link", "Image"}:
            prefix = "mailto:" if fields["link_type"] == "Email" else ""
            found.append((kind.lower(), prefix + fields["dest_url"]))
    return found


def other_structure(markdown: str) -> Structure:
    """Return a text's structure as markdown-it reads it."""
    return list(_structure(Permissive("commonmark").enable(["table", "strikethrough"]).parse(markdown)))


def outermost_quotes(markdown: str) -> Iterator[list[tuple[str, str, str, list[str]]]]:
    """Yield what stands in each quote that stands in nothing else, as markdown-it reads it."""
    quote: list[tuple[str, str, str, list[str]]] = []
    for token in Permissive("commonmark").enable(["table", "strikethrough"]).parse(markdown):
        if quote or token.type == "blockquote_open":
            children = [f"{child.type} {child.attrs} {child.content}" for child in token.children or []]
            quote.append((token.type, token.tag, token.content, children))
        if token.type == "blockquote_close" and token.level == 0:
            yield quote
            quote = []


def _structure(tokens: list[Token]) -> Iterator[tuple[str, int | str]]:
    quotes = 0
    for token in tokens:
        match token.type:
            case "blockquote_open":
                yield "quote", quotes
                quotes += 1
            case "blockquote_close":
                quotes -= 1
            case "heading_open":
                yield "heading", int(token.tag[1:])
            case "link_open":
                yield "link", str(token.attrGet("href") or "")
            case "image":
                yield "image", str(token.attrGet("src") or "")
            case "inline":
                yield from _structure(token.children or [])
