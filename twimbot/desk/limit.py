"""How much one sender may ask of the bot within an hour; beyond that it takes nothing more, and says so once."""

from datetime import timedelta

import structlog

from twimbot import words
from twimbot.commands.table import is_command
from twimbot.desk.moments import LATE
from twimbot.desk.situation import Situation
from twimbot.model.calendar import milliseconds
from twimbot.model.event import Edit, Event, Message
from twimbot.store.demands import Demand

log = structlog.get_logger(__name__)

HOUR = timedelta(hours=1) // timedelta(milliseconds=1)
"""How long a message counts, in milliseconds."""


async def is_admitted(situation: Situation, event: Event, message: str | None = None) -> bool:
    """Count a message that is to be taken or answered; return False where its sender has sent too many.

    An event is counted once and always gets the same answer, so that reading it again changes nothing; an editor's is
    never one too many. `message` is what it asks to be taken where that is another event: one that was refused stays
    so, whatever edits it.
    """
    demands, limit = situation.records.demands, situation.publication.submissions.per_hour
    at = await _counted_at(situation, event)
    demand = Demand(message or event.event_id, situation.publication.key, event.sender, at)
    before = await demands.is_refused(demand.event_id)
    if before is not None:
        return not before
    met, is_told = await demands.between(demand, *_window(at, milliseconds(situation.now)))
    is_refused = met >= limit and not situation.is_editor(event.sender)
    await demands.note(demand, is_refused=is_refused, is_history=situation.is_first_reading)
    if is_refused:
        log.warning("too many messages", sender=event.sender)
    if is_refused and not is_told:
        name = await situation.records.rooms.member_name(event.room_id, event.sender) or event.sender
        await situation.reply(event, words.too_many(limit), "too many")
        told = words.sends_too_many(name, event.sender, limit, situation.publication.submissions.take_up)
        await situation.tell_editors(event, told, "too many, for editors")
    return not is_refused


def _window(at: int, now: int) -> tuple[int, int]:
    """Return in which time what else somebody has sent counts: an hour around a message, and around its arrival.

    A date may be ahead: whoever dates some so and others not would else have two hours' worth at once.
    """
    moments = (at, now) if at > now - HOUR else (at,)
    return min(moments) - HOUR, max(moments) + HOUR


async def _counted_at(situation: Situation, event: Event) -> int:
    """Return when an event counts, in milliseconds since 1970: an edit may be dated back, and counts as it came."""
    heard = await situation.records.rooms.position_time() if isinstance(event, Edit) else None
    return event.sent_at if heard is None else max(event.sent_at, heard - LATE // timedelta(milliseconds=1))


async def was_answered(situation: Situation, message: Message) -> bool:
    """Tell whether a message, or an edit of it, was addressed to the bot before, and is no command."""
    is_other = is_command(message.content.body, situation.publication.command)
    return not is_other and await situation.records.demands.is_refused(message.event_id) is False


async def is_refused(situation: Situation, event_id: str) -> bool:
    """Tell whether a message was refused for being one of too many."""
    return bool(await situation.records.demands.is_refused(event_id))
