"""Keeps the bot's suggesting reactions on an entry as they should be now."""

from twimbot.config import Publication
from twimbot.filing.rules import suggestions
from twimbot.model.catalogue import SUGGESTED
from twimbot.model.entry import Entry
from twimbot.store.outbox import SUGGESTIONS
from twimbot.store.records import Records

MOST = 20
"""How many suggestions an entry gets in all: each edit may call for others, and the whole room sees each."""


async def renew_suggestions(records: Records, publication: Publication, entry: Entry, cause: str) -> None:
    """Put suggestions on an entry that no person has filed, and take back those that no longer hold.

    `cause` is the event that made the difference; renewing again for the same event changes nothing.
    """
    wanted: list[str] = []
    if not await records.entries.is_filed_by_people(entry.id):
        wanted = [key + SUGGESTED for key in suggestions("\n\n".join(entry.texts), entry.sender, publication.catalogue)]
    standing = await records.outbox.reactions_on(entry.event_id)
    for row, key in standing.items():
        if key.endswith(SUGGESTED) and key not in wanted:
            await records.outbox.take_back(row, cause)
    left = MOST - await records.outbox.suggested(entry.event_id)
    for key in [key for key in wanted if key not in standing.values()][: max(left, 0)]:
        await records.outbox.react(entry.room_id, entry.event_id, key, cause, lane=SUGGESTIONS)
