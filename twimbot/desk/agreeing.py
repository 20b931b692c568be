"""Asks the editors for a yes before what was published changes, and finds what their yes is to.

What would be done is kept nowhere but in its room: once an editor agrees, its event is heard again.
"""

import structlog

from twimbot import words
from twimbot.desk.limit import is_admitted
from twimbot.desk.situation import Situation
from twimbot.model.catalogue import plain_key
from twimbot.model.entry import Entry
from twimbot.model.event import AGREEMENT, Edit, Event, Message, Reaction
from twimbot.store.outbox import ANSWER
from twimbot.store.records import Records
from twimbot.words import NO, YES

log = structlog.get_logger(__name__)

SKIN_TONES = dict.fromkeys(range(0x1F3FB, 0x1F400))
"""The modifiers that clients put behind a hand of the colour that somebody has chosen."""


def verdict_of(reaction: Reaction) -> str | None:
    """Return whether a reaction is a yes or a no; None: it is neither."""
    key = plain_key(reaction.key).translate(SKIN_TONES)
    return key if key in (YES, NO) else None


async def agreed_to(records: Records, event: Event) -> tuple[str, str] | None:
    """Return the room and event that a reaction says yes or no to, as the bot has asked about it; None: it does not."""
    if not isinstance(event, Reaction) or verdict_of(event) is None:
        return None
    asked = await records.outbox.answered_by(event.target, event.room_id)
    if asked is None or not asked.purpose.startswith(AGREEMENT):
        return None
    return asked.purpose.removeprefix(AGREEMENT), asked.event_id


async def hear_agreement(situation: Situation, reaction: Reaction) -> Event | None:
    """Return the event that an editor agrees to by a reaction and that is to be heard again, once; None: none is."""
    about = await agreed_to(situation.records, reaction) if situation.is_editor(reaction.sender) else None
    if about is None:
        return None
    records, (room_id, event_id) = situation.records, about
    if not await records.journal.begin(reaction.event_id, reaction.room_id, reaction.sent_at):
        return None
    if await records.outbox.is_known(event_id, f"{ANSWER} 0") or await records.outbox.is_known(event_id, AGREED):
        return None
    event = situation.nearby.get(event_id)
    if verdict_of(reaction) == NO:
        said = words.agreed(is_done=False)
    elif event is None or event.room_id != room_id:
        said = words.no_longer_there()
    else:
        log.info("agreed", to=event_id, sender=reaction.sender)
        if room_id != reaction.room_id:  # else it is a command, which is answered
            await _say(situation, reaction, words.agreed(is_done=True))
        await records.outbox.withhold(room_id, event_id, AGREED)
        return event
    await _say(situation, reaction, said)
    return None


AGREED = "agreed"
"""Under which purpose it is noted that an event was heard again, once for all."""


async def _say(situation: Situation, reaction: Reaction, said: words.Answer) -> None:
    for number, content in enumerate(words.contents(said, reaction.target)):
        await situation.records.outbox.send_or_withhold(
            *(reaction.room_id, content, reaction.event_id, f"verdict {number}"),
            is_withheld=situation.is_first_reading,
        )


async def waits_for_yes(
    situation: Situation, event: Message | Edit | Reaction, entry: Entry | None, change: str, *what: words.Part
) -> bool:
    """Tell whether a change waits for an editor's yes, as the entry's edition is out; the editors are asked once.

    `change` says with a verb what is done to the entry. What was asked about stays so, whatever becomes of the
    edition; what was done before must not be asked about when it is read again.
    """
    if entry is None or situation.agreed == event.event_id or entry.publication != situation.publication.key:
        return False
    records, purpose = situation.records, AGREEMENT + event.room_id
    if await records.outbox.is_known(event.event_id, purpose):
        return True
    if not await records.editions.is_out(entry.publication, entry.edition):
        return False
    room_id = (await records.rooms.editors_rooms()).get(entry.publication)
    name = await records.rooms.member_name(event.room_id, event.sender) or event.sender
    is_told = room_id is not None and await is_admitted(situation, event) and not situation.is_first_reading
    content = words.notice(words.asks_for_change(entry, name, change, what))
    await records.outbox.send_or_withhold(
        room_id or event.room_id, content, event.event_id, purpose, is_withheld=not is_told
    )
    log.info("waits for a yes", entry=entry.id, sender=event.sender)
    return True
