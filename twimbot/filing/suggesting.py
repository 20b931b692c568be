"""Files what no person has filed, as far as the bot is sure, and keeps its reactions on entries as they should be."""

import asyncio
from datetime import datetime

from twimbot.config import Publication
from twimbot.filing.guide import guide
from twimbot.filing.learning import knowledge, learn
from twimbot.filing.outcome import filed, suggestions
from twimbot.filing.subject import subject
from twimbot.filing.weighing import weigh
from twimbot.model.catalogue import SUGGESTED
from twimbot.model.entry import Entry
from twimbot.model.filing import Guess
from twimbot.store.outbox import SUGGESTIONS
from twimbot.store.records import Records
from twimbot.store.standings import Standing

MOST = 20
"""How many reactions about its place an entry gets in all: each edit may call for others, and all see them."""


async def renew_filing(records: Records, publication: Publication, entry: Entry, cause: str) -> None:
    """Weigh anew where an entry belongs, which counts where no person has said so, and let the bot's reactions follow.

    Also where somebody has: what is thought of an entry quotes its text, and none that is gone. `cause` is the event
    that made the difference; renewing again for the same event changes nothing.
    """
    guess = await _guess(records, publication, entry)
    await records.guesses.keep(entry.id, guess)
    present = await records.entries.by_id(entry.id) or entry
    await learn(records, publication, present)
    standing = await records.standings.of_entry(entry.id)
    await _react(records, publication, present, _reactions(publication, present, standing), cause)
    await asyncio.sleep(0)  # nothing else has waited: others go on beside a whole edition


async def renew_unfiled(records: Records, publication: Publication, now: datetime, cause: str) -> None:
    """Weigh anew where the entries of the due edition belong that are not filed, as the catalogue is another one."""
    edition = await records.editions.due(publication.key, publication.calendar, now)
    standings = await records.standings.of_edition(publication.key, edition)
    for entry in await records.entries.of_edition(publication.key, edition):
        is_filed = standings[entry.id].department or publication.catalogue.department(entry.department)
        if not (is_filed or entry.is_dropped):
            await renew_filing(records, publication, entry, cause)


async def _guess(records: Records, publication: Publication, entry: Entry) -> Guess:
    catalogue = publication.catalogue
    known = guide(catalogue, await records.catalogue.former_titles(publication.key))
    read = subject("\n\n".join(entry.texts))
    learned = await knowledge(records, entry, known, read.terms)
    guess = weigh(read, entry.sender, known, learned)
    return filed(guess, publication.filing, catalogue)


def _reactions(publication: Publication, entry: Entry, standing: Standing) -> list[str]:
    """Return the reactions that should stand: for what the bot has filed and people have not, then what it suggests."""
    catalogue, guess = publication.catalogue, standing.guess
    department = catalogue.department(guess.department) if standing.department is None else None
    project = catalogue.project(guess.project) if standing.project is None and entry.project == guess.project else None
    wanted = [department.emoji] if department else []
    wanted += [project.label] if project else []
    if standing.department is None and standing.project is None:
        wanted += [key + SUGGESTED for key in suggestions(guess, publication.filing, catalogue)]
    return wanted


async def _react(records: Records, publication: Publication, entry: Entry, wanted: list[str], cause: str) -> None:
    """Take back the bot's reactions about a place that no longer hold, and make those that are missing."""
    ack = publication.submissions.ack
    wanted = [key for key in wanted if key != ack]  # it means something else here
    made = await records.outbox.reactions_on(entry.room_id, entry.event_id)
    standing = {row: key for row, key in made.items() if key != ack}
    for row, key in standing.items():
        if key not in wanted:
            await records.outbox.take_back(row, cause)
    left = MOST - await records.outbox.suggested(entry.event_id)
    for key in [key for key in wanted if key not in standing.values()][: max(left, 0)]:
        await records.outbox.react(entry.room_id, entry.event_id, key, cause, lane=SUGGESTIONS)
