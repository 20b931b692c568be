"""Asks the senders of pictures what they show, and takes the answers as alternative texts."""

import re
from collections.abc import Mapping, Sequence

import structlog

from twimbot import words
from twimbot.config import Publication
from twimbot.desk.situation import Situation
from twimbot.desk.texts import TAKEN, present_text
from twimbot.export.checks import is_description
from twimbot.intake.mention import is_addressed
from twimbot.intake.text import submission_text
from twimbot.model.entry import Media, MediaState
from twimbot.model.event import Edit, Message
from twimbot.store.captions import Said
from twimbot.store.media import Origin
from twimbot.store.outbox import SUGGESTIONS
from twimbot.store.records import Records

log = structlog.get_logger(__name__)

QUESTION = "describe"
"""What the outbox calls a question; there is one about the pictures of a message at most."""

NUMBER = re.compile(r"(\d{1,2})[.):]\s+")
BULLET = re.compile(r"^[-*•]\s+")


class Pictures:
    """What is said about pictures once they have been fetched, or can't be."""

    def __init__(self, publications: Mapping[str, Publication]) -> None:
        self._publications = publications

    async def hear_kept(self, records: Records, media: Media) -> None:
        """Ask for descriptions when the last picture of a message is there, in the transaction that keeps it."""
        origin = await self._origin(records, media)
        if origin is not None:
            await _ask(records, origin, await records.media.of_message(media.event_id))

    async def hear_refused(self, records: Records, media: Media, reason: str) -> None:
        """Tell the sender why a file can't be used, in the transaction that notes it as failed."""
        origin = await self._origin(records, media)
        if origin is None:
            return
        said = words.unfit(media.kind, reason)
        for number, content in enumerate(words.contents(said, media.event_id, origin.thread)):
            await records.outbox.send(origin.room_id, content, media.event_id, f"unfit {media.id} {number}")
        await _ask(records, origin, await records.media.of_message(media.event_id))

    async def _origin(self, records: Records, media: Media) -> Origin | None:
        """Return where a file comes from, if its sender is to hear of it."""
        origin = await records.media.origin(media.id)
        if origin is None or origin.is_history or origin.publication not in self._publications:
            return None
        return None if await records.editions.is_published(origin.publication, origin.edition) else origin


async def _ask(records: Records, origin: Origin, pictures: Sequence[Media]) -> None:
    undescribed = _undescribed(pictures)
    if undescribed and all(media.state is not MediaState.WANTED for media in pictures):
        name = origin.display_name or origin.sender
        content = words.question(origin.sender, name, len(undescribed), undescribed[0].event_id, origin.thread)
        await records.outbox.send(origin.room_id, content, undescribed[0].event_id, QUESTION, lane=SUGGESTIONS)


async def take_answer(situation: Situation, message: Message) -> bool:
    """Take a message as the description of pictures if it answers the question about them; return whether it does.

    Their sender and the editors may answer, as a reply to the question or to the picture or in its thread; the
    first answer in the thread counts, and any later one that is a reply to the question.
    """
    asked = await _asked(situation, message)
    if asked is None:
        return False
    entry = await situation.records.entries.with_part(asked, message.room_id)
    entry = entry or await situation.records.entries.by_event(asked)
    is_editor = situation.is_editor(message.sender)
    if entry is None or entry.publication != situation.publication.key:
        return message.replies_to is not None  # it was a word about a picture that is gone
    if not (message.sender == entry.sender or is_editor):
        return False
    text = present_text(situation, message)
    said = Said(message.event_id, message.sender, message.sent_at)
    by_editor = is_editor and message.sender != entry.sender
    pictures = await _open(situation, asked) or await _pictures(situation, asked)
    if text and pictures:
        await _describe(situation, pictures, said, text, answer=message.event_id, is_by_editor=by_editor)
        await situation.acknowledge(message.room_id, message.event_id, message.event_id)
        log.info("picture described", entry=entry.id)
    return True


async def follow_answer(situation: Situation, edit: Edit) -> bool:
    """Let descriptions follow an edit of the message that gave them; return whether it was one."""
    answer = await situation.records.captions.answer(edit.target, edit.room_id)
    if answer is None:
        return False
    text = submission_text(edit.content, situation.bot, is_reply=True)
    if text and edit.sender == answer.sender and edit.content.kind in TAKEN:
        said = Said(edit.event_id, edit.sender, edit.sent_at)
        pictures = [media for media in await _pictures(situation, answer.about) if media.id in answer.media_ids]
        await _describe(situation, pictures, said, text, answer=answer.event_id, is_by_editor=answer.is_by_editor)
    return True


async def _asked(situation: Situation, message: Message) -> str | None:
    """Return the message with the pictures that a message may describe, or None."""
    outbox = situation.records.outbox
    if message.content.kind != "m.text":
        return None
    for event_id in (message.replies_to, message.falls_back_to):
        picture = await outbox.cause_of(event_id, QUESTION) if event_id else None
        if picture:
            return picture
    picture = message.replies_to or message.thread
    if picture is None or not await outbox.is_caused(picture, QUESTION):
        return None
    is_own_entry = is_addressed(message.content, situation.bot, is_reply=message.replies_to is not None)
    return picture if await _open(situation, picture) and not is_own_entry else None


async def _pictures(situation: Situation, event_id: str) -> list[Media]:
    """Return the pictures of a message that count."""
    return [media for media in await situation.records.media.of_message(event_id) if media.kind == "m.image"]


async def _open(situation: Situation, event_id: str) -> list[Media]:
    """Return the pictures of a message that nobody has described yet, well or not."""
    answered = await situation.records.captions.answered(event_id)
    return [media for media in _undescribed(await _pictures(situation, event_id)) if media.id not in answered]


async def _describe(
    situation: Situation, pictures: Sequence[Media], said: Said, text: str, *, answer: str, is_by_editor: bool
) -> None:
    """Record the descriptions of pictures: the whole text for one, a line each for several, by number if they have one.

    The numbers are those of the message's pictures.
    """
    lines = [" ".join(line.split()) for line in text.splitlines() if line.strip()]
    everything = await _pictures(situation, pictures[0].event_id)
    numbers = [NUMBER.match(line) for line in lines]
    if len(everything) > 1 and all(numbers):
        described = [
            (everything[int(number[1]) - 1], line[number.end() :])
            for number, line in zip(numbers, lines, strict=True)
            if number and 0 < int(number[1]) <= len(everything)
        ]
    elif len(pictures) > 1:
        described = list(zip(pictures, (BULLET.sub("", line) for line in lines), strict=False))
    else:
        described = [(pictures[0], " ".join(lines))]
    for media, description in described:
        await situation.records.captions.describe(media.id, said, description, answer=answer, is_by_editor=is_by_editor)


def _undescribed(pictures: Sequence[Media]) -> list[Media]:
    return [
        media
        for media in pictures
        if media.kind == "m.image" and media.state is MediaState.KEPT and not is_description(media.alt)
    ]
