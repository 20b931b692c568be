"""Takes the numbers by which editors answer what `unfiled` has asked, in the room where it was asked."""

import re

import structlog

from twimbot.commands.filing import choose
from twimbot.commands.request import request_of
from twimbot.desk.situation import Situation
from twimbot.errors import CommandError
from twimbot.intake.fallbacks import own_words
from twimbot.model.event import Event, Message
from twimbot.store.choices import Offered
from twimbot.store.outbox import ANSWER
from twimbot.words import Answer

log = structlog.get_logger(__name__)

NUMBER = re.compile(r"[0-9]{1,2}\.?")


async def take_choice(situation: Situation, event: Event) -> bool:
    """File an entry where an editor chooses, once, and say so; return whether the event is such a choice.

    As with commands, what the bot has not answered in a room that it reads for the first time is history.
    """
    if not isinstance(event, Message) or not (offered := await _offered(situation, event)):
        return False
    records, is_answered = situation.records, situation.past is None or event.event_id in situation.past.answered
    if await records.journal.begin(event.event_id, event.room_id, event.sent_at) and is_answered:
        request = await request_of(situation.publication, records, event)
        try:
            said = await choose(request, offered, int(_said(event).removesuffix(".")))
        except CommandError as error:
            said = Answer.of(str(error))
        await situation.reply(event, said, ANSWER)
        log.info("choice", entry=offered.entry_id, sender=event.sender)
    return True


async def _offered(situation: Situation, message: Message) -> Offered | None:
    """Return what a message chooses from, if it is an editor's number in answer to a question; else None."""
    if not situation.is_editor(message.sender) or message.replies_to is None or message.content.kind != "m.text":
        return None
    if not NUMBER.fullmatch(_said(message)):
        return None
    offered = await situation.records.choices.offered_by(message.replies_to, message.room_id)
    if offered is None:
        return None
    publication, _ = await situation.records.entries.edition_of(offered.entry_id)
    return offered if publication == situation.publication.key else None


def _said(message: Message) -> str:
    """Return what a reply says, as it was first sent: as with commands, its edits change nothing."""
    return own_words(message.content, is_reply=True).body.strip()
