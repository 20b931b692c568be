"""Asks the senders of pictures what they show, and takes the answers as alternative texts."""

import re
from collections.abc import Collection, Mapping, Sequence
from datetime import UTC, datetime

import structlog

from twimbot import words
from twimbot.config import Publication
from twimbot.desk.agreeing import waits_for_yes
from twimbot.desk.limit import is_admitted
from twimbot.desk.situation import Situation
from twimbot.desk.texts import TAKEN, present_text
from twimbot.export.describing import is_description
from twimbot.intake.mention import is_addressed
from twimbot.intake.text import submission_text
from twimbot.model.calendar import milliseconds
from twimbot.model.entry import Entry, Media, MediaState
from twimbot.model.event import Edit, Message
from twimbot.store.captions import Said
from twimbot.store.media import UNCOUNTED, Account, Origin
from twimbot.store.outbox import SUGGESTIONS
from twimbot.store.records import Records
from twimbot.words import Code

log = structlog.get_logger(__name__)

QUESTION = "describe"
"""What the outbox calls a question; there is one about the pictures of a message at most."""
QUESTION_ANEW = "describe anew"
"""That about the pictures that an edit has put in the place of those; there is one at most, however many edits."""

MILLISECONDS_A_DAY = 24 * 60 * 60 * 1000
MIB = 1024 * 1024

NUMBER = re.compile(r"(\d{1,2})[.):]\s+")
BULLET = re.compile(r"^[-*•]\s+")


class Pictures:
    """What is said about pictures once they have been fetched, or can't be."""

    def __init__(self, publications: Mapping[str, Publication]) -> None:
        self._publications = publications

    async def admit(self, records: Records, publication: str, media: Media, now: datetime) -> Account | None:
        """Count a file that is to be fetched; return to whom that counts, None where it is held back as too much.

        The sender and the editors are told of that once a day. An editor's files, and what an editor has taken up,
        are never too many.
        """
        configured, sender = self._publications.get(publication), media.sender or ""
        if configured is None or sender in configured.editors:
            return Account(UNCOUNTED, publication, sender)
        day, is_counted = await records.media.counted_on(media.id, milliseconds(now) // MILLISECONDS_A_DAY)
        account, limits = Account(day, publication, sender), configured.submissions
        if day == UNCOUNTED:
            return account
        use = await records.media.use(account)
        if use.bytes >= limits.mib_per_day * MIB or (not is_counted and use.files >= limits.files_per_day):
            origin = await self._origin(records, media)
            await records.media.hold_back(media.id)
            if origin:
                await self._tell_too_much(records, origin, media, None if use.is_told else account)
            return None
        if not is_counted:
            await records.media.count_file(media.id, account)
        return account

    async def hear_kept(self, records: Records, media: Media) -> None:
        """Ask for descriptions when the last picture of a message is there, in the transaction that keeps it."""
        origin = await self._origin(records, media)
        if origin is not None:
            await _ask(records, origin, await records.media.of_message(media.event_id))

    async def hear_refused(self, records: Records, media: Media, reason: str) -> None:
        """Tell the sender why a file can't be used, in the transaction that notes it as failed."""
        await self._tell_sender(records, media, words.unfit(media.kind, reason))

    async def hear_lost(self, records: Records, media: Media, reason: str) -> None:
        """Tell the sender why a file can't be had, in the transaction that notes it as failed."""
        await self._tell_sender(records, media, words.lost(media.kind, reason))

    async def _tell_too_much(self, records: Records, origin: Origin, media: Media, account: Account | None) -> None:
        """Tell the sender of a file that is held back, and the editors, that it is too much; None: they know."""
        if account:
            name, signs = origin.display_name or origin.sender, self._publications[origin.publication].submissions
            limits = (signs.files_per_day, signs.mib_per_day)
            told = words.too_many_files(*limits)
            for number, content in enumerate(words.contents(told, media.event_id, origin.thread)):
                await records.outbox.send(origin.room_id, content, media.event_id, f"too many files {number}")
            room_id = (await records.rooms.editors_rooms()).get(origin.publication)
            if room_id:
                content = words.notice(words.sends_too_many_files(name, origin.sender, *limits, signs.take_up))
                await records.outbox.send(room_id, content, media.event_id, "too many files, for editors")
            await records.media.note_told(account)
            log.warning("too many files", sender=origin.sender)
        await _ask(records, origin, await records.media.of_message(media.event_id))

    async def _tell_sender(self, records: Records, media: Media, said: words.Answer) -> None:
        origin = await self._origin(records, media)
        if origin is None:
            return
        for number, content in enumerate(words.contents(said, media.event_id, origin.thread)):
            await records.outbox.send(origin.room_id, content, media.event_id, f"unfit {media.position} {number}")
        await _ask(records, origin, await records.media.of_message(media.event_id))

    async def hear_no_room(self, records: Records, reason: str) -> None:
        """Tell the editors once a day that files can't be kept, in a transaction of its own."""
        today = datetime.now(UTC).date()
        for room_id in set((await records.rooms.editors_rooms()).values()):
            content = words.notice(words.no_room_for_pictures(reason))
            await records.outbox.send(room_id, content, f"{reason} {today} {room_id}", "no room for pictures")

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
        event_id = undescribed[0].event_id
        is_anew = any(media.is_edited for media in undescribed) and await records.outbox.is_known(event_id, QUESTION)
        purpose = QUESTION_ANEW if is_anew else QUESTION
        await records.outbox.send(origin.room_id, content, event_id, purpose, lane=SUGGESTIONS)


async def take_answer(situation: Situation, message: Message) -> bool:
    """Take a message as the description of pictures if it answers the question about them; return whether it does.

    Their sender answers by a reply to the question or to the picture, or in the thread that the question has opened
    there, as long as nobody else has spoken in it; editors by a reply to the question.
    """
    records = situation.records
    asked = await _asked(situation, message)
    if asked is None:
        return False
    entry = await records.entries.with_part(asked, message.room_id)
    if entry is None or entry.publication != situation.publication.key:
        return message.replies_to is not None  # it was a word about a picture that is gone
    text = present_text(situation, message)
    is_open = await _open(situation, asked)
    pictures = is_open or await _pictures(situation, asked)
    if text and pictures and (is_open or await is_admitted(situation, message)):  # what the bot asks for is no demand
        if await waits_for_yes(situation, message, entry, "describes a picture of", Code(text)):
            return True
        said = Said(message.event_id, message.sender, message.sent_at)
        await _describe(situation, pictures, said, text, answer=message.event_id)
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
        still_open = {media.id for media in await _open(situation, answer.about)}
        pictures = [
            media
            for media in await _pictures(situation, answer.about)
            if media.id in still_open or media.id in answer.media_ids
        ]
        entry = await situation.records.entries.with_part(answer.about, edit.room_id)
        is_known = await situation.records.media.is_edit_known(edit.event_id)
        if pictures and (
            is_known or not await waits_for_yes(situation, edit, entry, "describes a picture of", Code(text))
        ):
            await _describe(situation, pictures, said, text, answer=answer.event_id, before=answer.media_ids)
    return True


async def _asked(situation: Situation, message: Message) -> str | None:
    """Return the message with the pictures that a message describes, if it is one that may, or None."""
    records = situation.records
    if message.content.kind != "m.text":
        return None
    picture = await _asked_by(records, message.replies_to) if message.replies_to else None
    entry = await records.entries.with_part(picture, message.room_id) if picture else None
    if picture:
        return picture if entry is None or situation.is_editor(message.sender) or _is_its(entry, message) else None
    picture = message.replies_to or message.thread
    if picture is None or not await _is_asked(records, picture):
        return None
    entry = await records.entries.with_part(picture, message.room_id)
    if entry is None or not _is_its(entry, message) or picture == entry.event_id:
        return None
    if is_addressed(message.content, situation.bot, is_reply=message.replies_to is not None):
        return None
    is_first = message.replies_to is None and await _open(situation, picture)
    is_alone = not await records.entries.is_discussed(message.room_id, picture, message.sender)
    return picture if message.replies_to or (is_first and is_alone) else None


async def _asked_by(records: Records, event_id: str) -> str | None:
    """Return the message about whose pictures one of the bot's messages asks, or None where it is no question."""
    cause_of = records.outbox.cause_of
    return await cause_of(event_id, QUESTION) or await cause_of(event_id, QUESTION_ANEW)


async def _is_asked(records: Records, event_id: str) -> bool:
    is_sent = records.outbox.is_sent
    return await is_sent(event_id, QUESTION) or await is_sent(event_id, QUESTION_ANEW)


def _is_its(entry: Entry, message: Message) -> bool:
    return (entry.sender, entry.room_id) == (message.sender, message.room_id)


async def _pictures(situation: Situation, event_id: str) -> list[Media]:
    """Return the pictures of a message that count."""
    return [media for media in await situation.records.media.of_message(event_id) if media.kind == "m.image"]


async def _open(situation: Situation, event_id: str) -> list[Media]:
    """Return the pictures of a message that nobody has described yet, well or not."""
    answered = await situation.records.captions.answered(event_id)
    return [media for media in _undescribed(await _pictures(situation, event_id)) if media.id not in answered]


async def _describe(
    situation: Situation,
    pictures: Sequence[Media],
    said: Said,
    text: str,
    *,
    answer: str,
    before: Collection[int] = (),
) -> None:
    """Record the descriptions of pictures: the whole text for one, a line each for several, by number if they have one.

    The numbers are those of the message's pictures. Of those that the answer described `before` its edit, each that
    is left out has no description any more.
    """
    everything = await _pictures(situation, pictures[0].event_id)
    described = dict.fromkeys(before, "") | _divided(pictures, everything, text)
    for media_id, description in described.items():
        await situation.records.captions.describe(media_id, said, description, answer=answer, is_by_editor=False)


def _divided(pictures: Sequence[Media], everything: Sequence[Media], text: str) -> dict[int, str]:
    """Return what a text says of each picture, by its id; `everything` are all pictures of the message."""
    lines = [" ".join(line.split()) for line in text.splitlines() if line.strip()]
    if len(everything) == 1:
        return {everything[0].id: " ".join(lines)}
    numbered = [(int(number[1]), line[number.end() :]) for line in lines if (number := NUMBER.match(line))]
    if numbered:
        return {everything[place - 1].id: line for place, line in numbered if 0 < place <= len(everything)}
    if len(pictures) == 1:
        return {pictures[0].id: " ".join(lines)}
    return {media.id: BULLET.sub("", line) for media, line in zip(pictures, lines, strict=False)}


def _undescribed(pictures: Sequence[Media]) -> list[Media]:
    return [
        media
        for media in pictures
        if media.kind == "m.image" and media.state is MediaState.KEPT and not is_description(media.alt)
    ]
