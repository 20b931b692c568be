"""Commands by which an editor writes an entry's text anew: edit, title; and the reply that gives the text."""

import re

from twimbot import words
from twimbot.commands.request import Request
from twimbot.errors import CommandError
from twimbot.filing.suggesting import renew_filing
from twimbot.model.entry import Entry
from twimbot.publishing.changes import difference
from twimbot.words import Answer, Aside, Code

GIVEN = "edit "
"""What the purpose of a message with an entry's text begins with; the event ID of the entry's message follows, and that
of the passage whose text it is, if it is one's."""

FENCED = re.compile(r"\A(?P<fence>`{3,}+|~{3,}+)[^\n`]*+\n(?P<text>.*)\n(?P=fence)\s*\Z", re.DOTALL)
"""A text within the marks by which the bot has shown it."""

NO_TITLE = "none"


async def edit(request: Request, entry: Entry) -> Answer:
    """Give the texts of an entry, each in a message of its own, to be replied to."""
    purposes = [entry.event_id, *(f"{entry.event_id} {passage.event_id}" for passage in entry.passages)]
    asides = [Aside(GIVEN + purpose, (Code(text),)) for purpose, text in zip(purposes, entry.texts, strict=True)]
    if any(words.is_too_large(aside) for aside in asides):
        raise CommandError(words.too_long_to_edit(entry, request.name_of(entry)))
    return words.how_to_edit(entry, request.name_of(entry), asides)


async def title(request: Request, entry: Entry, wanted: str) -> Answer:
    """Put a heading at the beginning of an entry, in the place of the one there, or take that away."""
    text = titled(entry.text, "" if wanted.lower() == NO_TITLE else wanted)
    if text == entry.text or not text:
        raise CommandError(words.title_stays(entry, request.name_of(entry), is_all=not text))
    return await _rewrite(request, entry, None, text)


async def take_text(request: Request, given: str, text: str) -> Answer:
    """Put what an editor has replied in the place of the text that a message of this purpose has given."""
    message, _, passage = given.removeprefix(GIVEN).partition(" ")
    entry = await request.records.entries.by_event(message)
    texts = {entry.event_id: entry.text} if entry else {}
    texts |= {each.event_id: each.text for each in entry.passages} if entry else {}
    if entry is None or (passage or message) not in texts:
        raise CommandError("That text is gone, and there is nothing to change.")
    fenced = FENCED.match(text)
    new = fenced["text"] if fenced and not FENCED.match(texts[passage or message]) else text
    if new == texts[passage or message]:
        raise CommandError("That is the text as it stands already.")
    return await _rewrite(request, entry, passage or None, new)


async def _rewrite(request: Request, entry: Entry, passage: str | None, text: str) -> Answer:
    records = request.records
    former = next((each.text for each in entry.passages if each.event_id == passage), entry.text)
    await records.entries.rewrite(entry.id, passage, request.decision, text)
    await renew_filing(
        records, request.publication, await records.entries.by_id(entry.id) or entry, request.message.event_id
    )
    return words.rewritten(entry, request.name_of(entry), difference(former, text))


def titled(text: str, title: str) -> str:
    """Return a text with a heading, in the place of the one that it begins with; without one where that is empty."""
    from twimbot.export.syntax import Edit, apply, read  # noqa: PLC0415 - what reads Markdown comes when it is needed

    blocks = read(text).blocks
    rest, level = text, 1
    if blocks and blocks[0].token.type == "heading_open" and blocks[0].is_outermost:
        document, first = read(text), blocks[0]
        rest = apply(text, [Edit(*document.span_of(first.first, first.last), "")]).lstrip("\n")
        level = int(first.token.tag[1:])
    return f"{'#' * level} {title}\n\n{rest}".strip() if title else rest
