"""What editors decide by reacting to what the bot has asked them, and proposals that are taken back."""

import structlog

from twimbot import words
from twimbot.commands.proposing import DECIDED, decide
from twimbot.desk.agreeing import verdict_of
from twimbot.desk.parts import HELD, suggest
from twimbot.desk.situation import Situation
from twimbot.errors import CommandError
from twimbot.model.calendar import moment
from twimbot.model.event import Cause, Reaction, Redaction
from twimbot.store.entries import Decision
from twimbot.store.outbox import ANSWER, PROPOSAL
from twimbot.words import YES

log = structlog.get_logger(__name__)


async def hear_verdict(situation: Situation, reaction: Reaction) -> None:
    """Take an editor's reaction to a question as the decision about what it asks; the first one counts."""
    verdict = verdict_of(reaction)
    if verdict is None or not situation.is_editor(reaction.sender):
        return
    records = situation.records
    asked = await records.outbox.answered_by(reaction.target, reaction.room_id)
    said = None
    if asked and asked.purpose == PROPOSAL:
        said = await _decide_proposal(situation, reaction, asked.event_id, is_accepted=verdict == YES)
    elif asked and asked.purpose.startswith(HELD):
        said = await _decide_held(situation, reaction, asked, is_taken=verdict == YES)
    if said is None:
        return
    for number, content in enumerate(words.contents(said, reaction.target)):
        await records.outbox.send_or_withhold(
            reaction.room_id, content, reaction.event_id, f"verdict {number}", is_withheld=situation.is_first_reading
        )


async def _decide_proposal(
    situation: Situation, reaction: Reaction, proposed: str, *, is_accepted: bool
) -> words.Answer | None:
    records, publication = situation.records, situation.publication
    proposal = await records.catalogue.proposal(proposed)
    if proposal is None or proposal.publication != publication.key:
        return None
    decision = Decision(reaction.event_id, reaction.sender, reaction.sent_at)
    is_history = situation.is_first_reading
    try:
        said = await decide(records, publication, proposal, decision, is_accepted=is_accepted, is_history=is_history)
    except CommandError as error:
        return words.Answer.of(str(error))
    log.info("proposal decided", proposal=proposal.event_id, sender=reaction.sender)
    return said


async def _decide_held(
    situation: Situation, reaction: Reaction, asked: Cause, *, is_taken: bool
) -> words.Answer | None:
    """Let an author's edit that is held count, or leave it; None where it was taken or deleted before."""
    records, publication = situation.records, situation.publication
    entry = await records.entries.by_event(asked.purpose.removeprefix(HELD))
    is_kept = await records.entries.keeps_held(asked.event_id)
    if entry is None or entry.publication != publication.key or is_kept is None:
        return None
    if is_taken and not is_kept:
        return words.no_longer_kept()
    if is_taken:
        await records.entries.release(asked.event_id)
        await suggest(situation, entry.id, reaction.event_id)
    log.info("held edit decided", entry=entry.id, is_taken=is_taken, sender=reaction.sender)
    due = await records.editions.due(publication.key, publication.calendar, moment(reaction.sent_at))
    return words.held_decided(entry, words.entry_number(entry, due), is_taken=is_taken)


async def hear_withdrawal(situation: Situation, redaction: Redaction) -> None:
    """Erase a proposal whose message was deleted, and what waits to be said of it; an accepted project stays."""
    records = situation.records
    publication = await records.catalogue.erase_proposal(redaction.target, redaction.room_id)
    if publication is not None:
        for purpose in (f"{ANSWER} 0", f"{DECIDED} 0"):
            await records.outbox.cancel(redaction.room_id, redaction.target, purpose)
        room_id = (await records.rooms.editors_rooms()).get(publication)
        if room_id is not None:
            await records.outbox.cancel(room_id, redaction.target, PROPOSAL)
        situation.erased.is_any = True
        log.info("proposal taken back")
