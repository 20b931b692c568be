"""What people write in the submissions room: submissions, edits of them, and what belongs to them."""

from collections.abc import Sequence
from datetime import date

import structlog

from twimbot import words
from twimbot.commands.listing import own_standing
from twimbot.commands.request import request_of
from twimbot.desk.agreeing import waits_for_yes
from twimbot.desk.descriptions import follow_answer, take_answer
from twimbot.desk.limit import is_admitted, is_refused, was_answered
from twimbot.desk.parts import (
    NOT_TAKEN,
    add_passage,
    add_pictures,
    attach,
    edited_before,
    entry_answered,
    follow_part,
    follow_passage,
    follow_pictures,
    is_part,
    is_part_in_vain,
    is_passage,
    suggest,
    tell_held,
    warn_of_files,
    warn_of_plain_text,
)
from twimbot.desk.situation import Situation
from twimbot.desk.texts import (
    TAKEN,
    TEXTS,
    all_edits,
    is_question,
    is_valid,
    latest_edit,
    present_text,
    shown,
    shown_in,
)
from twimbot.intake.mention import is_addressed, is_addressed_in_vain
from twimbot.intake.text import submission_text
from twimbot.model.calendar import moment
from twimbot.model.entry import Entry
from twimbot.model.event import Edit, Message
from twimbot.publishing.changes import difference
from twimbot.store.entries import Known, NewEntry
from twimbot.words import Code

log = structlog.get_logger(__name__)


async def hear_message(situation: Situation, message: Message) -> None:
    """Take a message up when it is addressed to the bot, or add it to the entry that it belongs to."""
    records = situation.records
    if message.sender == situation.bot.user_id:
        return
    if message.thread and message.content.kind != "m.notice":  # what bots say by themselves is no discussion
        await records.entries.note_voice(message.room_id, message.thread, message.sender)
    if await records.entries.known(message.event_id) or await is_part(situation, message):
        return
    if situation.past and message.event_id in situation.past.entries:
        # The bot has said that this is an entry, whatever it is called and takes by now.
        is_its = is_addressed(message.content, situation.bot, is_reply=message.replies_to is not None)
        await is_admitted(situation, message)  # it counts, so that what was refused after it is refused again
        place = situation.past.entries[message.event_id]
        await records.entries.place(message.event_id, situation.publication.key, *place)
        await take_up(situation, message, is_addressed_to_bot=is_its)
        return
    if not await take_answer(situation, message):
        await _place(situation, message)


async def _place(situation: Situation, message: Message) -> None:
    """Add a message to the entry that it is below, else take it up if it is addressed to the bot.

    What it is below is noted in any case: read again when that entry was deleted, it must not be news.
    """
    entry = await entry_answered(situation, message)
    is_meant = is_addressed(message.content, situation.bot, is_reply=message.replies_to is not None)
    if entry and shown(message):
        is_known = await situation.records.media.entry_of(message.event_id, message.room_id) is not None
        is_waiting = not is_known and await waits_for_yes(situation, message, entry, "wants to add a picture to")
        if not is_waiting and await is_admitted(situation, message):
            await add_pictures(situation, entry.id, message, message.event_id, is_related=True)
    elif is_meant:
        await _take_up_submission(situation, message, ())
    elif entry and await is_passage(situation, message, entry) and await is_admitted(situation, message):
        said = Code(present_text(situation, message))
        if not await waits_for_yes(situation, message, entry, "wants to add a text to", said):
            await add_passage(situation, message, entry)
    else:
        await _tell_in_vain(situation, message, entry)
    if message.content.kind in TAKEN and not is_meant:
        followers, above = situation.records.followers, dict.fromkeys((message.replies_to, message.thread))
        for target in filter(None, above):
            await followers.note(message.event_id, message.room_id, target, message.sender)


async def _tell_in_vain(situation: Situation, message: Message, entry: Entry | None) -> None:
    """Tell the sender of what is for the bot, or below their own entry, that it can't be taken."""
    content, is_reply = message.content, message.replies_to is not None
    if entry and await is_part_in_vain(situation, message, entry):
        said = words.not_shown(content.kind)
    elif is_addressed_in_vain(content, situation.bot, is_reply=is_reply):
        said = words.not_taken(content.kind)
    else:
        return
    if await is_admitted(situation, message):
        await situation.reply(message, said, NOT_TAKEN)
        log.info("can't be taken", kind=content.kind, sender=message.sender)


async def gather(situation: Situation, target: str, room_id: str, sender: str) -> None:
    """Add to what has just become an entry what its sender had said below it before, as if that were heard now."""
    for event_id in await situation.records.followers.below(target, room_id, sender):
        follower = situation.message(event_id, room_id)
        if follower and follower.sender == sender:
            await hear_message(situation, follower)


async def hear_edit(situation: Situation, edit: Edit) -> None:
    """Let an entry follow its edit; take up a message that an edit has addressed to the bot, or made long enough.

    A message that was too short stays addressed to the bot: people mend the text, and leave the mention out.

    An edit counts only from the sender of what it edits, in its room (Client-Server API, "Validity of
    replacement events").
    """
    known = await situation.records.entries.known(edit.target)
    if known:
        await _revise(situation, known, edit)
        return
    if (
        await follow_passage(situation, edit)
        or await follow_answer(situation, edit)
        or await follow_part(situation, edit)
    ):
        return
    original = situation.message(edit.target, edit.room_id)
    if original is None or not is_valid(edit, original) or original.sender == situation.bot.user_id:
        return
    is_reply = original.replies_to is not None
    is_meant = any(is_addressed(each.content, situation.bot, is_reply=is_reply) for each in (edit, original))
    is_text = original.content.kind in TEXTS and edit.content.kind == "m.text"
    if is_meant or (is_text and await was_answered(situation, original)):
        await _take_up_submission(situation, original, (edit,))
        made = await situation.records.entries.known(edit.target)
        if made and not is_meant:  # the edit that had addressed it was too short to be kept
            await situation.records.entries.address(made.entry_id)


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
            display_name=await _spoken_as(situation, message, edits)
            or await records.rooms.member_name(message.room_id, message.sender),
            sent_at=message.sent_at,
            text=submission_text(message.content, situation.bot, is_reply=is_reply),
            is_reply=is_reply,
            is_addressed=is_addressed_to_bot and is_addressed(message.content, situation.bot, is_reply=is_reply),
        )
    )
    for edit in all_edits(message, edits):
        text = submission_text(edit.content, situation.bot, is_reply=is_reply)
        is_edit_addressed = is_addressed_to_bot and is_addressed(edit.content, situation.bot, is_reply=is_reply)
        await records.entries.revise(entry_id, edit.event_id, edit.sent_at, text, is_addressed=is_edit_addressed)
    await attach(situation, entry_id, message, is_related=True, has_own_text=True)
    for edit in edits:
        await follow_pictures(situation, entry_id, edit, has_own_text=True)
    cause = edits[-1].event_id if edits else message.event_id  # as where an entry follows its edit
    await situation.acknowledge(message.room_id, message.event_id, cause)
    await warn_of_plain_text(situation, message, present_text(situation, message, edits))
    await warn_of_files(situation, message)
    await suggest(situation, entry_id, cause)
    await _tell_if_late(situation, message)
    log.info("taken up", publication=publication.key, sender=message.sender)
    await gather(situation, message.event_id, message.room_id, message.sender)


async def _tell_if_late(situation: Situation, message: Message) -> None:
    """Tell the sender of an entry that it came too late for the edition that is being made, once for each edition."""
    records, key, calendar = situation.records, situation.publication.key, situation.publication.calendar
    closed = calendar.just_closed(moment(message.sent_at))
    made = await records.entries.by_event(message.event_id)
    if closed is None or made is None or made.edition <= closed:
        return
    if await records.editions.due(key, calendar, moment(message.sent_at)) != closed:
        return
    others = await records.entries.of_edition(key, made.edition)
    if not any(other.sender == made.sender and other.id != made.id for other in others):
        await situation.reply(message, words.late(closed, made.edition), "late")


async def _take_up_submission(situation: Situation, message: Message, edits: Sequence[Edit]) -> None:
    """Take up a message that is addressed to the bot, or say why not."""
    if not await is_admitted(situation, edits[-1] if edits else message, message.event_id):
        return
    text = present_text(situation, message, edits)
    least = situation.publication.submissions.min_length
    if not shown(message, edits) and is_question(text):
        request = await request_of(situation.publication, situation.records, message)
        take_up_sign = situation.publication.submissions.take_up
        await situation.reply(message, words.asked(await own_standing(request), take_up_sign), "asked")
        log.info("asked", sender=message.sender)
        return
    if not shown(message, edits) and len(text) < max(least, 1):
        await situation.reply(message, words.too_short(len(text), least), "too short")
        log.info("too short", length=len(text), sender=message.sender)
        return
    await take_up(situation, message, edits, is_addressed_to_bot=True)


async def _revise(situation: Situation, known: Known, edit: Edit) -> None:
    is_from_sender = (known.sender, known.room_id) == (edit.sender, edit.room_id)
    if not is_from_sender or edit.content.kind not in TAKEN:
        return
    # It may be what the message was taken up for, or read again: then nothing is said about it.
    is_known = await situation.records.entries.original_of(edit.event_id) != edit.event_id
    text = submission_text(edit.content, situation.bot, is_reply=known.is_reply)
    if not text and not shown_in(edit.content):
        if not is_known and await is_admitted(situation, edit):
            await situation.reply(edit, words.emptied(is_part=False), "emptied")
        return
    entry = await situation.records.entries.by_id(known.entry_id)
    former = entry.text if entry else ""
    if not is_known and await waits_for_yes(situation, edit, entry, "wants to edit", Code(difference(former, text))):
        return
    await _follow(situation, known, edit, text, is_known=is_known)


async def _follow(situation: Situation, known: Known, edit: Edit, text: str, *, is_known: bool) -> None:
    """Let an entry follow an edit, to a text that is held where an editor has written the one that stands."""
    entry = await situation.records.entries.by_id(known.entry_id)
    former = entry.text if entry else ""
    editor = await edited_before(situation, known.entry_id, text, former)
    least = situation.publication.submissions.min_length
    is_short = len(text) < least and editor is None and not edit.content.media
    if is_short and not is_known and await is_admitted(situation, edit):
        await situation.reply(edit, words.shortened(len(text), least), "shortened")
    is_meant = is_addressed(edit.content, situation.bot, is_reply=known.is_reply)
    is_meant = is_meant and len(text) >= least and not await is_refused(situation, edit.target)
    entries = situation.records.entries
    await follow_pictures(situation, known.entry_id, edit, has_own_text=True)
    await entries.revise(
        known.entry_id, edit.event_id, edit.sent_at, text, is_addressed=is_meant, is_held=editor is not None
    )
    if is_known:
        return
    if name := await _believed(situation, edit):
        await entries.name_sender(known.entry_id, name)
    if entry and editor:
        await tell_held(situation, edit, entry, editor, difference(former, text))
    else:
        await warn_of_plain_text(situation, edit, text)
    if is_meant:
        await situation.acknowledge(edit.room_id, edit.target, edit.event_id)
        await gather(situation, edit.target, edit.room_id, edit.sender)
    await suggest(situation, known.entry_id, edit.event_id)
    log.info("entry follows edit", entry=known.entry_id)


async def _spoken_as(situation: Situation, message: Message, edits: Sequence[Edit]) -> str | None:
    """Return who speaks in a message, as its latest edit or else itself says by a per-message profile (MSC4144)."""
    latest = latest_edit(message, edits)
    return (await _believed(situation, latest) if latest else None) or await _believed(situation, message)


async def _believed(situation: Situation, said: Message | Edit) -> str | None:
    """Return whom a message or edit names as its speaker, unless that is how the bot or an editor is called."""
    name = said.content.speaker
    if name is None:
        return None
    editors = [editor for editor in situation.publication.editors if editor != said.sender]
    theirs = [await situation.records.rooms.member_name(said.room_id, editor) for editor in editors]
    taken = {each.strip().casefold() for each in (*situation.bot.names, *editors, *theirs) if each}
    return None if name.strip().casefold() in taken else name


async def _edition(situation: Situation, sent_at: int) -> date:
    """Return the edition of a moment, or of the present where that edition is out."""
    calendar, key = situation.publication.calendar, situation.publication.key
    edition = calendar.edition_of(moment(sent_at))
    is_out = await situation.records.editions.is_published(key, edition)
    return calendar.edition_of(situation.now) if is_out else edition
