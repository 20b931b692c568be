"""What people do to messages: reactions that take up, file and drop, and taking things back."""

import re
from collections.abc import Callable
from functools import partial

import structlog

from twimbot import words
from twimbot.commands.arguments import nearest_place
from twimbot.desk.agreeing import waits_for_yes
from twimbot.desk.limit import is_admitted
from twimbot.desk.parts import NOT_TAKEN, add_passage, add_pictures, entry_answered, is_part, is_passage, suggest
from twimbot.desk.situation import Situation
from twimbot.desk.submissions import gather, take_up
from twimbot.desk.texts import TEXTS, present_text, shown
from twimbot.filing.learning import unlearn
from twimbot.intake.mention import AUTOMATIC_KINDS
from twimbot.model.calendar import moment
from twimbot.model.catalogue import Department, Project, plain_key
from twimbot.model.entry import Authority, Entry
from twimbot.model.event import Message, Reaction, Redaction
from twimbot.store.entries import Decision, NewFiling

log = structlog.get_logger(__name__)


WORD = re.compile(r"[\w .&+-]{3,40}", re.ASCII)
"""A reaction that is written with letters, as the names of departments and projects are; emoji are none."""


async def hear_reaction(situation: Situation, reaction: Reaction) -> None:
    """Take up, drop or file what an editor reacts to; file a contributor's own entry, and add the pictures they mark.

    A reaction on an edit means the message that was edited. On a further message of an entry, or on its pictures, a
    drop means those alone, and a filing the entry.
    """
    if reaction.sender == situation.bot.user_id:
        await _recognise(situation, reaction)
        return
    signs, key = situation.publication.submissions, plain_key(reaction.key)
    target = await situation.records.entries.original_of(reaction.target)
    is_take_up, is_drop = key == plain_key(signs.take_up), key == plain_key(signs.drop)
    place = None if is_take_up or is_drop else situation.publication.catalogue.by_reaction(reaction.key)
    is_editor = situation.is_editor(reaction.sender)
    if not (is_take_up or (is_editor if is_drop else place)):
        await _tell_of_mistyped(situation, reaction, target)
        return
    if await situation.records.undecrypted.waits(target) or (is_take_up and not await _is_at_hand(situation, target)):
        return  # it is heard with the message, when that can be read, or when the homeserver tells it again
    # Heard before it was an entry, it was about nothing: so it is when it is read again. And where an entry belongs is
    # weighed by what was known when the reaction came, not by what was learned since.
    is_news = await situation.records.journal.begin(reaction.event_id, reaction.room_id, reaction.sent_at)
    if not is_news and situation.agreed != reaction.event_id:
        return
    if is_take_up:
        await _take_up_target(situation, reaction, target)
        return
    await _drop_or_file(situation, reaction, target, place)


async def _tell_of_mistyped(situation: Situation, reaction: Reaction, target: str) -> None:
    """Tell an editor whose reaction to an entry is nearly the name of a department or project, but none."""
    if not (situation.is_editor(reaction.sender) and WORD.fullmatch(reaction.key)):
        return
    meant = nearest_place(situation.publication.catalogue, reaction.key)
    entry = await situation.records.entries.by_event(target) if meant else None
    if meant and entry and (entry.publication, entry.room_id) == (situation.publication.key, reaction.room_id):
        await situation.tell_editors(reaction, words.mistyped_reaction(entry, reaction.key, meant), "mistyped")


async def _drop_or_file(
    situation: Situation, reaction: Reaction, target: str, place: Department | Project | None
) -> None:
    """Drop (None) or file the entry that a message made or belongs to, where its edition is out once editors agree."""
    is_editor = situation.is_editor(reaction.sender)
    whole = await situation.records.entries.by_event(target)
    entry = whole or await situation.records.entries.with_part(target, reaction.room_id)
    if entry is None or entry.room_id != reaction.room_id or entry.publication != situation.publication.key:
        return
    if not (is_editor or reaction.sender == entry.sender):
        return
    if await waits_for_yes(situation, reaction, entry, "wants to drop" if place is None else "wants to file anew"):
        return
    if place is None:
        part = None if whole else target
        await situation.records.entries.judge(entry.id, "reaction", _decision(reaction), is_drop=True, part=part)
        await suggest(situation, entry.id, reaction.event_id)
        log.info("dropped", entry=entry.id, part=part, sender=reaction.sender)
    elif is_editor or await is_admitted(situation, reaction):
        await _file(situation, entry, place, reaction)


async def hear_redaction(situation: Situation, redaction: Redaction) -> None:
    """Undo what the redacted event did, and erase what it said.

    Who may redact what is the homeserver's business; an event of another room is never meant.
    """
    records, target, room_id = situation.records, redaction.target, redaction.room_id
    if redaction.sender == situation.bot.user_id:
        await records.outbox.recognise_redaction(target)
    await _take_back_reactions(situation, target, redaction)
    await records.journal.forget_failure(target, room_id)
    await records.outbox.cancel_about(room_id, target)
    known = await records.entries.known(target)
    if known and known.room_id == room_id:
        entry = await records.entries.by_id(known.entry_id)
        await _tell_if_out(situation, redaction, entry, partial(words.deleted_though_out, is_part=False))
        files = await records.entries.erase(known.entry_id)
        if not known.is_deleted:  # heard again, it leaves alone what was said since
            await records.outbox.cancel_naming(target)
            await situation.withdraw_answers()
        await unlearn(records, known.entry_id)
        situation.erased.note(known.publication, known.edition, files)
        log.info("entry deleted", entry=known.entry_id)
    # An edit may have made an entry of a message that is a part of another one already.
    await _erase_parts(situation, redaction)
    await _undo_take_up(situation, redaction)
    undone = await records.entries.undo(target, room_id)
    if undone is not None:
        await _tell_if_out(situation, redaction, await records.entries.by_id(undone), words.undone_though_out)
        await suggest(situation, undone, redaction.event_id)
        log.info("taken back", entry=undone, sender=redaction.sender)


async def _tell_if_out(
    situation: Situation, redaction: Redaction, entry: Entry | None, told: Callable[[Entry], words.Answer]
) -> None:
    """Tell the editors what a deletion has done to an entry whose edition is out."""
    if entry is None or entry.publication != situation.publication.key:
        return
    if await situation.records.editions.is_out(entry.publication, entry.edition):
        await situation.tell_editors(redaction, told(entry), "deleted")


async def _erase_parts(situation: Situation, redaction: Redaction) -> None:
    """Erase passages, pictures, descriptions and edits that were deleted, while their entry stays."""
    records, target, room_id = situation.records, redaction.target, redaction.room_id
    original = await records.entries.original_of(target)
    pictured = await records.media.entry_of(target, room_id)
    files = await records.media.erase(target) if pictured is not None else []
    replaced, brought = await records.media.withdraw_edit(target, room_id) or (None, [])
    files += brought
    described = await records.captions.withdraw(target, room_id)
    await records.followers.erase(target, room_id)
    passed = await records.passages.erase(target, room_id)
    edited = await records.entries.withdraw_revision(target, room_id)
    for entry_id in (pictured, replaced, *described, passed, edited):
        if entry_id is None:
            continue
        entry = await records.entries.by_id(entry_id)
        situation.erased.note(*await records.entries.edition_of(entry_id), files)
        await _tell_if_out(situation, redaction, entry, partial(words.deleted_though_out, is_part=True))
        if entry is None:  # it was the edit that had addressed it to the bot
            await _take_back_reactions(situation, original, redaction)
        elif entry_id not in described:
            await records.outbox.cancel_naming(entry.event_id)
        await situation.withdraw_answers()
        await suggest(situation, entry_id, redaction.event_id)
        log.info("part of an entry deleted", entry=entry_id)


async def _undo_take_up(situation: Situation, redaction: Redaction) -> None:
    """Take back a take-up, and the bot's reactions with it where nothing else holds what was taken up."""
    records = situation.records
    target = await records.entries.undo_take_up(redaction.target, redaction.room_id)
    if target is None or await records.media.is_shown(target) or await records.entries.by_event(target):
        return
    await _take_back_reactions(situation, target, redaction)
    if known := await records.entries.known(target):
        await unlearn(records, known.entry_id)
    log.info("take-up taken back", sender=redaction.sender)


async def _take_back_reactions(situation: Situation, target: str, redaction: Redaction) -> None:
    """Take back the bot's reactions on a message that counts no more."""
    for row in await situation.records.outbox.reactions_on(redaction.room_id, target):
        await situation.records.outbox.take_back(row, redaction.event_id)


async def _recognise(situation: Situation, reaction: Reaction) -> None:
    """Know a reaction of the bot's own again; from a life that it has forgotten it says what was entry number N."""
    records = situation.records
    is_news = await records.outbox.recognise_reaction(reaction)
    known = await records.entries.known(reaction.target)
    if reaction.place is None:
        return
    if known is None or (is_news and known.publication == situation.publication.key):
        # Its message may be gone, or still to come: in either case nothing else gets its number.
        await records.entries.place(reaction.target, situation.publication.key, *reaction.place)
    is_counted = await records.entries.by_event(reaction.target) is not None
    if known and not known.is_deleted and not is_counted and situation.is_first_reading:
        await records.entries.address(known.entry_id)
        await suggest(situation, known.entry_id, reaction.event_id)


async def _is_at_hand(situation: Situation, event_id: str) -> bool:
    """Tell whether a message is known: the homeserver may fail at telling it for now."""
    return event_id in situation.nearby or await situation.records.entries.known(event_id) is not None


async def _take_up_target(situation: Situation, reaction: Reaction, target: str) -> None:
    records = situation.records
    is_editor = situation.is_editor(reaction.sender)
    if is_editor:
        await records.media.take_up(target, reaction.room_id)
    known = await records.entries.known(target)
    if known:
        if is_editor and known.room_id == reaction.room_id and not known.is_deleted:
            await records.entries.note_take_up(reaction.room_id, target, _decision(reaction))
            await situation.acknowledge(reaction.room_id, target, reaction.event_id)
            await suggest(situation, known.entry_id, reaction.event_id)
            if known.sender:
                await gather(situation, target, known.room_id, known.sender)
        return
    message = situation.message(target, reaction.room_id)
    if message is None or message.sender == situation.bot.user_id or await is_part(situation, message):
        return
    if shown(message):
        if is_editor or message.sender == reaction.sender:
            await _take_up_pictures(situation, reaction, message)
    elif is_editor and present_text(situation, message):
        await _take_up_text(situation, reaction, message)
    elif (
        message.content.kind not in (*TEXTS, *AUTOMATIC_KINDS)
        and (is_editor or message.sender == reaction.sender)
        and await is_admitted(situation, reaction, message.event_id)
    ):
        await situation.reply(message, words.not_shown(message.content.kind), NOT_TAKEN)


async def _take_up_text(situation: Situation, reaction: Reaction, message: Message) -> None:
    """Make an entry of a message, or add it to its author's entry that it goes on with: it was one of too many."""
    entry = await entry_answered(situation, message)
    if entry and await is_passage(situation, message, entry):
        await add_passage(situation, message, entry)
    else:
        await situation.records.entries.note_take_up(reaction.room_id, message.event_id, _decision(reaction))
        await take_up(situation, message, is_addressed_to_bot=False)


async def _take_up_pictures(situation: Situation, reaction: Reaction, message: Message) -> None:
    """Add pictures to their sender's latest entry before them; without one, an editor makes their caption an entry."""
    records = situation.records
    # An editor's sign outranks the limit, and is no demand of the message's sender.
    if not situation.is_editor(reaction.sender) and not await is_admitted(situation, reaction, message.event_id):
        return
    calendar, sent = situation.publication.calendar, moment(message.sent_at)
    since = calendar.just_closed(sent) or calendar.edition_of(sent)
    entry = await records.entries.latest_of(message.room_id, message.sender, message.sent_at, since)
    if entry is None and not (situation.is_editor(reaction.sender) and present_text(situation, message)):
        signs = situation.publication.submissions
        await situation.reply(message, words.no_entry_for_picture(signs.take_up), "no entry")
        return
    await records.entries.note_take_up(reaction.room_id, message.event_id, _decision(reaction))
    if entry is None:
        await take_up(situation, message, is_addressed_to_bot=False)
    else:
        await add_pictures(situation, entry.id, message, reaction.event_id, is_related=False)


async def _file(situation: Situation, entry: Entry, place: Department | Project, reaction: Reaction) -> None:
    """File an entry under a department, or under a project and with it the project's department."""
    authority = Authority.EDITOR if situation.is_editor(reaction.sender) else Authority.CONTRIBUTOR
    if isinstance(place, Project):
        filing = NewFiling(place.department, place.key, decides_project=True, how="reaction", authority=authority)
    else:
        filing = NewFiling(place.key, None, decides_project=False, how="reaction", authority=authority)
    await situation.records.entries.file(entry.id, filing, _decision(reaction))
    await suggest(situation, entry.id, reaction.event_id)
    log.info("filed", entry=entry.id, place=place.key, sender=reaction.sender)


def _decision(reaction: Reaction) -> Decision:
    return Decision(reaction.event_id, reaction.sender, reaction.sent_at)
