"""Files what no person has filed, as far as the bot is sure, and keeps its reactions on entries as they should be."""

from twimbot.config import Publication
from twimbot.filing.guide import guide
from twimbot.filing.learning import knowledge, learn
from twimbot.filing.outcome import filed, suggestions
from twimbot.filing.subject import subject
from twimbot.filing.weighing import weigh
from twimbot.model.catalogue import SUGGESTED
from twimbot.model.entry import Entry
from twimbot.model.filing import Guess
from twimbot.store.guesses import Decided
from twimbot.store.outbox import SUGGESTIONS
from twimbot.store.records import Records

MOST = 20
"""How many reactions about its place an entry gets in all: each edit may call for others, and all see them."""


async def renew_filing(records: Records, publication: Publication, entry: Entry, cause: str) -> Guess:
    """Weigh anew where an entry belongs unless people have said so, and let the bot's reactions on it follow.

    `cause` is the event that made the difference; renewing again for the same event changes nothing. Returns the
    guess that stands.
    """
    decided = await records.guesses.decided(entry.id)
    guess = await records.guesses.of_entry(entry.id)
    if decided == Decided():
        guess = await _guess(records, publication, entry)
        await records.guesses.keep(entry.id, guess)
    await learn(records, publication, entry.id)
    present = await records.entries.by_id(entry.id) or entry
    await _react(records, publication, present, _reactions(publication, present, guess, decided), cause)
    return guess


async def _guess(records: Records, publication: Publication, entry: Entry) -> Guess:
    catalogue = publication.catalogue
    known = guide(catalogue)
    read = subject("\n\n".join(entry.texts))
    learned = await knowledge(records, entry, known, read.terms)
    guess = weigh(read, entry.sender, known, learned)
    return filed(guess, publication.filing, catalogue)


def _reactions(publication: Publication, entry: Entry, guess: Guess, decided: Decided) -> list[str]:
    """Return the reactions that should stand: for what the bot has filed and people have not, then what it suggests."""
    catalogue = publication.catalogue
    department = catalogue.department(guess.department) if decided.department is None else None
    project = catalogue.project(guess.project) if decided.project is None and entry.project == guess.project else None
    standing = [department.emoji] if department else []
    standing += [project.label] if project else []
    if decided == Decided():
        standing += [key + SUGGESTED for key in suggestions(guess, publication.filing, catalogue)]
    return standing


async def _react(records: Records, publication: Publication, entry: Entry, wanted: list[str], cause: str) -> None:
    """Take back the bot's reactions about a place that no longer hold, and make those that are missing."""
    ack = publication.submissions.ack
    wanted = [key for key in wanted if key != ack]  # it means something else here
    standing = {row: key for row, key in (await records.outbox.reactions_on(entry.event_id)).items() if key != ack}
    for row, key in standing.items():
        if key not in wanted:
            await records.outbox.take_back(row, cause)
    left = MOST - await records.outbox.suggested(entry.event_id)
    for key in [key for key in wanted if key not in standing.values()][: max(left, 0)]:
        await records.outbox.react(entry.room_id, entry.event_id, key, cause, lane=SUGGESTIONS)
