"""Takes what editors reply to what the bot has asked, in the room where it was asked.

What they reply to its other messages is talk, but for numbers: those are meant for a question.
"""

import structlog

from twimbot import words
from twimbot.commands.editing import GIVEN, take_text
from twimbot.commands.filing import NUMBER, QUESTION, choose
from twimbot.commands.request import request_of
from twimbot.desk.descriptions import QUESTION as DESCRIBE
from twimbot.desk.descriptions import QUESTION_ANEW
from twimbot.desk.parts import HELD
from twimbot.desk.situation import Situation
from twimbot.errors import CommandError
from twimbot.intake.text import submission_text
from twimbot.model.event import Cause, Message
from twimbot.store.outbox import ANSWER, PROPOSAL
from twimbot.words import Answer

log = structlog.get_logger(__name__)


async def take_reply(situation: Situation, event: Message) -> bool:
    """Do or answer what an editor replies to a question, once; return whether the event is such a reply.

    As with commands, what the bot has not answered in a room that it reads for the first time is history, and edits
    change nothing.
    """
    if event.replies_to is None or event.content.kind != "m.text":
        return False
    if not situation.is_editor(event.sender) or event.sender == situation.bot.user_id:
        return False
    asked = await situation.records.outbox.answered_by(event.replies_to, event.room_id)
    said = submission_text(event.content, situation.bot, is_reply=True) if asked else ""
    if asked is None or not said or not await _is_for_bot(situation, asked, said):
        return False
    records, is_answered = situation.records, situation.past is None or event.event_id in situation.past.answered
    if await records.journal.begin(event.event_id, event.room_id, event.sent_at) and is_answered:
        await situation.reply(event, await _answer(situation, event, asked, said), ANSWER)
    return True


async def _is_for_bot(situation: Situation, asked: Cause, said: str) -> bool:
    """Tell whether a reply to one of the bot's messages is meant for this publication's bot, and not for people."""
    if asked.purpose.startswith((QUESTION, GIVEN, HELD)):
        known = await situation.records.entries.known(asked.purpose.split()[1])
        return known is not None and known.publication == situation.publication.key
    if asked.purpose == PROPOSAL:
        proposal = await situation.records.catalogue.proposal(asked.event_id)
        return proposal is not None and proposal.publication == situation.publication.key
    return asked.purpose not in (DESCRIBE, QUESTION_ANEW) and NUMBER.fullmatch(said) is not None


async def _answer(situation: Situation, message: Message, asked: Cause, said: str) -> Answer:
    if asked.purpose == PROPOSAL:
        return words.react_to_proposal()
    if asked.purpose.startswith(HELD):
        return words.react_to_held()
    if not asked.purpose.startswith((QUESTION, GIVEN)):
        return words.no_question(situation.publication.command)
    records = situation.records
    request = await request_of(situation.publication, records, message)
    offered = await records.choices.offered_by(message.replies_to or "", message.room_id)
    log.info("reply", to=asked.purpose, sender=message.sender)
    try:
        if asked.purpose.startswith(GIVEN):
            return await take_text(request, asked.purpose, said)
        return await choose(request, asked.purpose.removeprefix(QUESTION), offered, said)
    except CommandError as error:
        return Answer.of(str(error))
