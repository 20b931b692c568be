"""What belongs to an entry besides its own message: its author's further messages, pictures and videos."""

import structlog

from twimbot import words
from twimbot.commands.table import is_command
from twimbot.desk.agreeing import waits_for_yes
from twimbot.desk.descriptions import QUESTION
from twimbot.desk.limit import is_admitted
from twimbot.desk.situation import Situation
from twimbot.desk.texts import SHOWN, TAKEN, TEXTS, all_edits, has_files, present_text, shown, shown_in
from twimbot.export.readable import unreadable
from twimbot.filing.learning import unlearn
from twimbot.filing.suggesting import renew_filing
from twimbot.intake.mention import AUTOMATIC_KINDS
from twimbot.intake.text import submission_text
from twimbot.model.calendar import moment
from twimbot.model.entry import Entry
from twimbot.model.event import Edit, Message
from twimbot.publishing.changes import difference
from twimbot.store.captions import Said
from twimbot.store.media import MediaEdit, NewMedia
from twimbot.store.passages import NewPassage
from twimbot.words import Code

HELD = "held "
"""What the purpose of telling the editors of an edit that does not count begins with; the event ID of the entry's
message follows."""

log = structlog.get_logger(__name__)

NOT_TAKEN = "not taken"
"""To what end somebody is told that what they sent is nothing that a post can show."""


async def entry_answered(situation: Situation, message: Message) -> Entry | None:
    """Return the sender's own entry to which a message replies, or in whose thread it stands, or None."""
    for event_id in (message.replies_to, message.thread):
        entry = await _own_entry(situation, message, event_id) if event_id else None
        if entry:
            return entry
    return None


async def is_passage(situation: Situation, message: Message, entry: Entry) -> bool:
    """Tell whether what somebody says below their own entry goes on with it.

    A reply does, unless it is to somebody else; in a thread, what comes before anybody else has spoken there. In
    either case only while the entry's edition is still being made. Its own words decide, whatever edit is beside it:
    read again, a message must come to what it came to when it was new.
    """
    text = submission_text(message.content, situation.bot, is_reply=message.replies_to is not None)
    if message.content.kind != "m.text" or not text or is_command(text, situation.publication.command):
        return False
    if message.replies_to is not None:
        if await _own_entry(situation, message, message.replies_to) is None:
            return False
    elif message.thread != entry.event_id or await _is_discussed(situation, entry):
        return False
    publication, sent = situation.publication, moment(message.sent_at)
    return entry.edition >= await situation.records.editions.due(publication.key, publication.calendar, sent)


async def add_passage(situation: Situation, message: Message, entry: Entry) -> None:
    """Add the text of another message to an entry, with its edits."""
    passages = situation.records.passages
    is_reply = message.replies_to is not None
    text = submission_text(message.content, situation.bot, is_reply=is_reply)
    added = await passages.add(entry.id, NewPassage(message.event_id, message.sent_at, text, is_reply))
    if added is None:
        return
    for edit in all_edits(message):
        revised = submission_text(edit.content, situation.bot, is_reply=is_reply)
        await passages.revise(added, edit.event_id, edit.sent_at, revised)
    await situation.acknowledge(message.room_id, message.event_id, message.event_id)
    await warn_of_plain_text(situation, message, present_text(situation, message))
    await suggest(situation, entry.id, message.event_id)
    log.info("text added", entry=entry.id)


async def follow_passage(situation: Situation, edit: Edit) -> bool:
    """Let a passage follow an edit of its message; return whether it was one."""
    known = await situation.records.passages.known(edit.target)
    if known is None:
        return False
    if await situation.records.entries.original_of(edit.event_id) == edit.target:
        return True  # it came with the message, or is read again
    entry = await situation.records.entries.by_id(known.entry_id)
    is_from_sender = entry is not None and (entry.sender, entry.room_id) == (edit.sender, edit.room_id)
    if is_from_sender and edit.content.kind in TAKEN:
        text = submission_text(edit.content, situation.bot, is_reply=known.is_reply)
        if text or shown_in(edit.content):
            await follow_pictures(situation, known.entry_id, edit, has_own_text=True)
            former = next((part.text for part in entry.passages if part.event_id == edit.target), "") if entry else ""
            if await waits_for_yes(situation, edit, entry, "wants to edit", Code(difference(former, text))):
                return True
            editor = await edited_before(situation, known.entry_id, text, former, edit.target)
            await situation.records.passages.revise(
                known, edit.event_id, edit.sent_at, text, is_held=editor is not None
            )
            if entry and editor:
                await tell_held(situation, edit, entry, editor, difference(former, text))
            else:
                await warn_of_plain_text(situation, edit, text)
            await suggest(situation, known.entry_id, edit.event_id)
            log.info("text follows edit", entry=known.entry_id)
        elif await is_admitted(situation, edit):
            await situation.reply(edit, words.emptied(is_part=True), "emptied")
    return True


async def add_pictures(situation: Situation, entry_id: int, message: Message, cause: str, *, is_related: bool) -> None:
    """Add the pictures and videos of another message to an entry; a caption is their alternative text.

    `cause` is the event by which they are added; `is_related`: they belong to the entry by themselves, not by
    somebody's reaction.
    """
    await attach(situation, entry_id, message, is_related=is_related, has_own_text=False)
    await situation.acknowledge(message.room_id, message.event_id, cause)
    await warn_of_files(situation, message)
    log.info("pictures added", entry=entry_id, pictures=len(shown(message)))


async def attach(
    situation: Situation, entry_id: int, message: Message, *, is_related: bool, has_own_text: bool
) -> None:
    """Record the pictures and videos of a message; with `has_own_text` its caption is an entry and describes none."""
    for position, item in enumerate(shown_in(message.content)):
        new = NewMedia(
            event_id=message.event_id,
            position=position,
            mxc=item.mxc,
            kind=item.kind,
            alt="" if has_own_text else (item.caption or ""),
            sent_at=message.sent_at,
            thread=message.thread,
            is_related=is_related,
            is_history=situation.is_first_reading,
            key=item.key,
        )
        await situation.records.media.attach(entry_id, new)
    for edit in all_edits(message):
        await follow_pictures(situation, entry_id, edit, has_own_text=has_own_text)


async def follow_pictures(situation: Situation, entry_id: int, edit: Edit, *, has_own_text: bool) -> None:
    """Let the pictures and videos of an entry's message follow an edit: what it does not show any more is removed.

    A picture that stays keeps its alternative text; with `has_own_text` the caption is text, and describes none. There
    an edit into a text removes all pictures, but not one that leaves nothing; pictures that have no text stay.
    """
    if not has_files(edit.content) and not (
        has_own_text and submission_text(edit.content, situation.bot, is_reply=False)
    ):
        return
    records, items = situation.records, shown_in(edit.content)
    change = MediaEdit(edit.event_id, edit.sent_at, situation.is_first_reading)
    ids = await records.media.follow(entry_id, edit.target, change, items)
    for media_id, item in zip(ids, items, strict=False):
        if item.caption is not None and not has_own_text:
            said = Said(edit.event_id, edit.sender, edit.sent_at)
            await records.captions.follow(media_id, said, item.caption)
    files = await records.media.release(edit.target)
    if files:
        situation.erased.note(*await records.entries.edition_of(entry_id), files)
        await records.outbox.cancel(edit.room_id, edit.target, QUESTION)
        log.info("pictures replaced", entry=entry_id, removed=len(files))


async def follow_part(situation: Situation, edit: Edit) -> bool:
    """Let the pictures of an entry, and their alternative texts, follow an edit of their message, if it is one of them.

    Pictures are only ever added to entries of their own sender, so the entry's sender is theirs.
    """
    entry = await situation.records.entries.with_part(edit.target, edit.room_id)
    if entry is None or entry.sender != edit.sender or edit.content.kind not in TAKEN:
        return False
    is_known = await situation.records.media.is_edit_known(edit.event_id)
    if is_known or not await waits_for_yes(situation, edit, entry, "wants to change a picture of"):
        await follow_pictures(situation, entry.id, edit, has_own_text=False)
    return True


async def is_part(situation: Situation, message: Message) -> bool:
    """Tell whether a message has been added to an entry before, or has described its pictures: it is read again."""
    records = situation.records
    answer = await records.captions.answer(message.event_id, message.room_id)
    return answer is not None or await records.passages.known(message.event_id) is not None


async def _is_discussed(situation: Situation, entry: Entry) -> bool:
    return await situation.records.entries.is_discussed(entry.room_id, entry.event_id, entry.sender)


async def suggest(situation: Situation, entry_id: int, cause: str) -> None:
    """Renew where an entry of the publication is filed and what is suggested, for the event that made a difference."""
    entry = await situation.records.entries.by_id(entry_id)
    if entry is None:
        await unlearn(situation.records, entry_id)
    elif entry.publication == situation.publication.key:
        await renew_filing(situation.records, situation.publication, entry, cause)


async def edited_before(
    situation: Situation, entry_id: int, text: str, former: str, passage: str | None = None
) -> str | None:
    """Return the editor against whose text an author's edit is held, or None where it counts."""
    return await situation.records.entries.rewritten_by(entry_id, passage) if text != former else None


async def tell_held(situation: Situation, edit: Edit, entry: Entry, editor: str, difference: str) -> None:
    """Tell the editors of an author's edit that does not count, and ask whether it is to."""
    if not await is_admitted(situation, edit):
        return
    records, publication = situation.records, situation.publication
    due = await records.editions.due(publication.key, publication.calendar, moment(edit.sent_at))
    room_id = (await records.rooms.editors_rooms()).get(publication.key)
    name = (await records.rooms.member_name(room_id, editor) if room_id else None) or editor
    told = words.held(entry, words.entry_number(entry, due), name, difference)
    await situation.tell_editors(edit, told, HELD + entry.event_id)
    log.info("edit is held", entry=entry.id)


async def warn_of_plain_text(situation: Situation, event: Message | Edit, text: str) -> None:
    """Tell who wrote a text that was taken up where its Markdown is too much to be read."""
    if (reason := unreadable(text)) and (isinstance(event, Message) or await is_admitted(situation, event)):
        await situation.reply(event, words.plain_text_only(reason), "plain text")


async def warn_of_files(situation: Situation, message: Message) -> None:
    """Tell who sent files along with what was taken where a post can't show one of them."""
    kind = next((item.kind for item in message.content.media if item.kind not in SHOWN), None)
    if kind:
        await situation.reply(message, words.not_shown(kind), NOT_TAKEN)


async def is_part_in_vain(situation: Situation, message: Message, entry: Entry) -> bool:
    """Tell whether what somebody sends below their own entry is meant for it and can't be shown.

    A reply is, and in a thread what comes before anybody else has spoken there: else it is conversation.
    """
    if message.content.kind in (*TEXTS, *AUTOMATIC_KINDS):
        return False
    return message.replies_to is not None or not await _is_discussed(situation, entry)


async def _own_entry(situation: Situation, message: Message, event_id: str) -> Entry | None:
    """Return the entry of a message's sender that another message made or shows in, or None."""
    entries = situation.records.entries
    original = await entries.original_of(event_id)
    entry = await entries.by_event(original)
    if entry is None:
        entry = await entries.with_part(original, message.room_id)
        if entry is None or original not in {part.event_id for part in entry.parts}:
            return None
    return entry if (entry.sender, entry.room_id) == (message.sender, message.room_id) else None
