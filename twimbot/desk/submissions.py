"""What people write in the submissions room: submissions, edits of them, and the pictures that belong to them."""

from collections.abc import Sequence
from datetime import date, timedelta

import structlog

from twimbot import words
from twimbot.desk.situation import Situation
from twimbot.filing.suggesting import renew_suggestions
from twimbot.intake.mention import is_addressed
from twimbot.intake.text import submission_text
from twimbot.model.calendar import moment
from twimbot.model.event import GALLERY_KINDS, MEDIA_KINDS, Content, Edit, MediaItem, Message
from twimbot.store.entries import Known, NewEntry
from twimbot.store.media import NewMedia

log = structlog.get_logger(__name__)

TAKEN = ("m.text", *MEDIA_KINDS, *GALLERY_KINDS)
"""The kinds of messages that can be entries, and edits of them (facts/client-messages, section 1)."""

SHOWN = ("m.image", "m.video")
"""The kinds of files that a post can show."""

AHEAD = timedelta(hours=1)
"""How far a server's clock may be ahead before its word for the time is not taken."""


async def hear_message(situation: Situation, message: Message) -> None:
    """Take a message up when it is addressed to the bot, or add its pictures to the entry that it belongs to."""
    if message.sender == situation.bot.user_id or await situation.records.entries.known(message.event_id):
        return
    if shown(message) and (entry_id := await _entry_answered(situation, message)) is not None:
        await add_pictures(situation, entry_id, message, message.event_id, is_related=True)
        return
    if is_addressed(message.content, situation.bot, is_reply=message.replies_to is not None):
        await _take_up_submission(situation, message, ())


async def hear_edit(situation: Situation, edit: Edit) -> None:
    """Let an entry follow its edit; take up a message that an edit has addressed to the bot, or made long enough.

    An edit counts only from the sender of what it edits, in its room (Client-Server API, "Validity of
    replacement events").
    """
    known = await situation.records.entries.known(edit.target)
    if known:
        await _revise(situation, known, edit)
        return
    if await _follow_caption(situation, edit):
        return
    original = situation.message(edit.target, edit.room_id)
    if original is None or not _is_valid(edit, original) or original.sender == situation.bot.user_id:
        return
    if is_addressed(edit.content, situation.bot, is_reply=original.replies_to is not None):
        await _take_up_submission(situation, original, (edit,))


async def take_up(
    situation: Situation, message: Message, edits: Sequence[Edit] = (), *, is_addressed_to_bot: bool
) -> None:
    """Make an entry of a message: with its edits, pictures, acknowledgement and suggestions."""
    records, publication = situation.records, situation.publication
    is_reply = message.replies_to is not None
    entry_id = await records.entries.take_up(
        NewEntry(
            publication=publication.key,
            edition=await _edition(situation, message.sent_at),
            room_id=message.room_id,
            event_id=message.event_id,
            sender=message.sender,
            display_name=await records.rooms.member_name(message.room_id, message.sender),
            sent_at=message.sent_at,
            text=submission_text(message.content, situation.bot, is_reply=is_reply),
            is_reply=is_reply,
            is_addressed=is_addressed_to_bot,
        )
    )
    for edit in _all_edits(message, edits):
        text = submission_text(edit.content, situation.bot, is_reply=is_reply)
        await records.entries.revise(entry_id, edit.event_id, edit.sent_at, text)
    await _attach(situation, entry_id, message, is_related=True, has_own_text=True)
    await situation.acknowledge(message.room_id, message.event_id, message.event_id)
    await suggest(situation, entry_id, message.event_id)
    log.info("taken up", publication=publication.key, sender=message.sender)


async def add_pictures(situation: Situation, entry_id: int, message: Message, cause: str, *, is_related: bool) -> None:
    """Add the pictures and videos of another message to an entry; a caption is their alternative text.

    `cause` is the event by which they are added; `is_related`: they belong to the entry by themselves, not by
    somebody's reaction.
    """
    await _attach(situation, entry_id, message, is_related=is_related, has_own_text=False)
    await situation.acknowledge(message.room_id, message.event_id, cause)
    log.info("pictures added", entry=entry_id, pictures=len(shown(message)))


async def suggest(situation: Situation, entry_id: int, cause: str) -> None:
    """Renew the suggestions on an entry that counts, for the event that made a difference."""
    entry = await situation.records.entries.by_id(entry_id)
    if entry:
        await renew_suggestions(situation.records, situation.publication, entry, cause)


def present_text(situation: Situation, message: Message, edits: Sequence[Edit] = ()) -> str:
    """Return the text of a message after its latest edit."""
    latest = _latest(message, edits) or message
    return submission_text(latest.content, situation.bot, is_reply=message.replies_to is not None)


def shown(message: Message) -> tuple[MediaItem, ...]:
    """Return the files of a message that a post can show."""
    return _shown(message.content)


async def _take_up_submission(situation: Situation, message: Message, edits: Sequence[Edit]) -> None:
    """Take up a message that is addressed to the bot, or say why not."""
    text = present_text(situation, message, edits)
    least = situation.publication.submissions.min_length
    if not shown(message) and len(text) < max(least, 1):
        await situation.reply(message, words.too_short(len(text), least), "too short")
        log.info("too short", length=len(text), sender=message.sender)
        return
    await take_up(situation, message, edits, is_addressed_to_bot=True)


async def _revise(situation: Situation, known: Known, edit: Edit) -> None:
    is_from_sender = (known.sender, known.room_id) == (edit.sender, edit.room_id)
    if known.is_deleted or not is_from_sender or edit.content.kind not in TAKEN:
        return
    text = submission_text(edit.content, situation.bot, is_reply=known.is_reply)
    if not text:
        await situation.reply(edit, words.emptied(), "emptied")
        return
    least = situation.publication.submissions.min_length
    if len(text) < least and not edit.content.media:
        await situation.reply(edit, words.shortened(len(text), least), "shortened")
    entries = situation.records.entries
    await entries.revise(known.entry_id, edit.event_id, edit.sent_at, text)
    if not known.is_addressed and is_addressed(edit.content, situation.bot, is_reply=known.is_reply):
        await entries.address(known.entry_id)
        await situation.acknowledge(edit.room_id, edit.target, edit.event_id)
    await suggest(situation, known.entry_id, edit.event_id)
    log.info("entry follows edit", entry=known.entry_id)


async def _entry_answered(situation: Situation, message: Message) -> int | None:
    """Return the sender's own entry to which a message replies, or in whose thread it stands, or None."""
    for event_id in (message.replies_to, message.thread):
        if event_id is None:
            continue
        entries, media = situation.records.entries, situation.records.media
        entry_id = await media.entry_of(event_id, message.room_id)
        original = await entries.original_of(event_id)
        entry = await entries.by_id(entry_id) if entry_id is not None else await entries.by_event(original)
        if entry and (entry.sender, entry.room_id) == (message.sender, message.room_id):
            return entry.id
    return None


async def _follow_caption(situation: Situation, edit: Edit) -> bool:
    """Let the alternative texts of an entry's pictures follow an edit of their message; return whether it was one.

    Pictures are only ever added to entries of their own sender, so the entry's sender is theirs.
    """
    entry_id = await situation.records.media.entry_of(edit.target, edit.room_id)
    entry = await situation.records.entries.by_id(entry_id) if entry_id is not None else None
    if entry is None or entry.sender != edit.sender:
        return False
    for position, item in enumerate(_shown(edit.content)):
        caption = item.caption or ""
        await situation.records.media.describe(edit.target, position, edit.event_id, edit.sent_at, caption)
    return True


async def _attach(
    situation: Situation, entry_id: int, message: Message, *, is_related: bool, has_own_text: bool
) -> None:
    latest = _latest(message, ())
    for position, item in enumerate(_shown(latest.content) if latest else shown(message)):
        new = NewMedia(
            event_id=message.event_id,
            position=position,
            mxc=item.mxc,
            kind=item.kind,
            alt="" if has_own_text else (item.caption or ""),
            sent_at=message.sent_at,
            is_related=is_related,
        )
        await situation.records.media.attach(entry_id, new)


async def _edition(situation: Situation, sent_at: int) -> date:
    """Return the edition of a moment; of the present where its server's clock is ahead, or that edition is out."""
    calendar, key = situation.publication.calendar, situation.publication.key
    sent = moment(sent_at)
    edition = calendar.edition_of(sent if sent < situation.now + AHEAD else situation.now)
    is_out = await situation.records.editions.is_published(key, edition)
    return calendar.edition_of(situation.now) if is_out else edition


def _shown(content: Content) -> tuple[MediaItem, ...]:
    return tuple(item for item in content.media if item.kind in SHOWN)


def _latest(message: Message, edits: Sequence[Edit]) -> Edit | None:
    return max(_all_edits(message, edits), key=lambda edit: (edit.sent_at, edit.event_id), default=None)


def _is_valid(edit: Edit, original: Message) -> bool:
    return (
        edit.sender == original.sender
        and edit.room_id == original.room_id
        and edit.target == original.event_id
        and edit.content.kind in TAKEN
        and original.content.kind in TAKEN
    )


def _all_edits(message: Message, edits: Sequence[Edit]) -> list[Edit]:
    """Return the given edits, and the one that the server put beside the message where it is valid."""
    beside = message.replacement
    return [*edits, *([beside] if beside and _is_valid(beside, message) else [])]
