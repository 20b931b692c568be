"""What editors decide about proposals by reacting to the bot's words about them, and proposals that are taken back."""

import structlog

from twimbot import words
from twimbot.commands.proposing import DECIDED, decide
from twimbot.desk.situation import Situation
from twimbot.errors import CommandError
from twimbot.model.catalogue import plain_key
from twimbot.model.event import Reaction, Redaction
from twimbot.store.entries import Decision
from twimbot.store.outbox import ANSWER, PROPOSAL
from twimbot.words import NO, YES

log = structlog.get_logger(__name__)

SKIN_TONES = dict.fromkeys(range(0x1F3FB, 0x1F400))
"""The modifiers that clients put behind a hand of the colour that somebody has chosen."""


async def hear_verdict(situation: Situation, reaction: Reaction) -> None:
    """Take an editor's reaction to the notice of a proposal as the decision about it; the first one counts."""
    verdict = plain_key(reaction.key).translate(SKIN_TONES)
    if verdict not in (YES, NO) or not situation.is_editor(reaction.sender):
        return
    records = situation.records
    proposed = await records.outbox.cause_of(reaction.target, PROPOSAL)
    proposal = await records.catalogue.proposal(proposed) if proposed else None
    if proposal is None or proposal.publication != situation.publication.key:
        return
    decision = Decision(reaction.event_id, reaction.sender, reaction.sent_at)
    try:
        said = await decide(
            records,
            situation.publication,
            proposal,
            decision,
            is_accepted=verdict == YES,
            is_history=situation.is_first_reading,
        )
    except CommandError as error:
        said = words.Answer.of(str(error))
    else:
        log.info("proposal decided", proposal=proposal.event_id, sender=reaction.sender)
    for number, content in enumerate(words.contents(said, reaction.target)):
        await records.outbox.send_or_withhold(
            reaction.room_id, content, reaction.event_id, f"verdict {number}", is_withheld=situation.is_first_reading
        )


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
