"""Commands about where entries belong, and why: unfiled, why, refile; and the choice that answers `unfiled`."""

import re
from collections.abc import Iterable, Mapping, Sequence

from twimbot import words
from twimbot.commands.arguments import own_entries, place_named
from twimbot.commands.request import Request
from twimbot.errors import CommandError
from twimbot.filing.outcome import choices, ground
from twimbot.filing.suggesting import renew_filing
from twimbot.model.entry import Authority, Entry
from twimbot.model.event import Cause, Message
from twimbot.model.filing import Choice, Offer
from twimbot.store.choices import Offered
from twimbot.store.entries import NewFiling
from twimbot.store.records import Records
from twimbot.store.standings import Filed, Standing
from twimbot.words import Answer, Aside

NUMBER = re.compile(r"[0-9]{1,2}\.?")
"""What chooses one of the places that a question offers."""

MOST_ASKED = 10
"""How many entries are asked about at once: each is a message of its own."""


QUESTION = "unfiled "
"""What the purpose of a question begins with; the event ID of the entry's message follows."""


async def unfiled(request: Request) -> Answer:
    """Ask where the entries of the due edition belong that nobody has filed, in a message for each."""
    edition = request.due
    entries = await request.records.entries.of_edition(request.publication.key, edition)
    waiting = [entry for entry in entries if not entry.is_dropped and _place(request, entry) is None]
    asides = [await _question(request, entry) for entry in waiting[:MOST_ASKED]]
    return words.unfiled(edition, asides, len(waiting) - len(asides), request.publication.command)


async def _question(request: Request, entry: Entry) -> Aside:
    """Return the message that asks where an entry belongs, and keep what it offers."""
    catalogue, command = request.publication.catalogue, request.publication.command
    offers = choices(await request.records.guesses.of_entry(entry.id), catalogue)
    offered = tuple(offer.choice for offer in offers)
    shown_by = Cause(request.message.event_id, QUESTION + entry.event_id)
    await request.records.choices.offer(shown_by, entry.id, offered)
    link = words.event_link(entry.room_id, entry.event_id, request.message.sender.partition(":")[2])
    asked = words.where_to(catalogue, entry, request.name_of(entry), link, offers, command)
    return Aside(shown_by.purpose, asked, offered)


async def recall_question(records: Records, message: Message) -> None:
    """Let a question that stands in the room offer what it shows there, whatever the bot would offer by now."""
    if message.cause and message.choices:
        asked = await records.entries.known(message.cause.purpose.removeprefix(QUESTION))
        if asked:
            await records.choices.forget(message.cause)
            await records.choices.offer(message.cause, asked.entry_id, message.choices)


async def choose(request: Request, message: str, offered: Offered | None, said: str) -> Answer:
    """File the entry that a message made where an editor has answered: by a number, as it was shown, or in words."""
    catalogue = request.publication.catalogue
    entry = await request.records.entries.by_event(message)
    if entry is None:
        raise CommandError("That entry is gone, and there is nothing to file.")
    choice = _choice(request, offered.choices if offered else (), said)
    filing = NewFiling(choice.department, choice.project, decides_project=True, how="command")
    await request.records.entries.file(entry.id, filing, request.decision)
    await renew_filing(request.records, request.publication, entry, request.message.event_id)
    return Answer.of(words.stands_under(catalogue, entry, request.name_of(entry), choice))


def _choice(request: Request, offered: Sequence[Choice], said: str) -> Choice:
    catalogue = request.publication.catalogue
    if not NUMBER.fullmatch(said):
        place = place_named(catalogue, said)
        if place is None:
            raise CommandError(words.no_such_reply(said, len(offered)))
        return Choice(place.department.key, place.project.key if place.project else None)
    number = int(said.removesuffix("."))
    if not 0 < number <= len(offered):
        raise CommandError(words.no_such_choice(number, len(offered)))
    choice = offered[number - 1]
    if not catalogue.department(choice.department) or (choice.project and not catalogue.project(choice.project)):
        raise CommandError(words.choice_gone(request.publication.command))
    return choice


async def why(request: Request, entry: Entry | None) -> Answer:
    """Say why an entry stands where it does; None: each entry of who asks."""
    entries = [entry] if entry else await own_entries(request)
    if not entries:
        return Answer.of(words.no_own_entries(request.due, request.publication.command))
    return Answer.of(*[f"{await _why(request, each)}{await _edited(request, each)}" for each in entries])


async def _edited(request: Request, entry: Entry) -> str:
    editors = await request.editors_of_text(entry)
    return f" Its text is {words.edited_by(editors)}." if editors else ""


async def _why(request: Request, entry: Entry) -> str:
    catalogue = request.publication.catalogue
    number, standing = request.name_of(entry), await request.records.standings.of_entry(entry.id)
    place = _place(request, entry)
    if place is None and standing.department:
        gone = words.department_gone(entry, number)
        return f"{gone} {await _decided(request, standing.department, 'filed it there')}"
    if place is None:
        return words.not_filed(catalogue, entry, number, choices(standing.guess, catalogue))
    stands = words.stands_under(catalogue, entry, number, place)
    return " ".join((stands, *await _grounds(request, entry, standing, place)))


async def _grounds(request: Request, entry: Entry, standing: Standing, place: Choice) -> list[str]:
    """Return a sentence on who has put an entry where it stands, and one on its project where that was another."""
    said = []
    if standing.department:
        said.append(await _decided(request, standing.department, "filed it there"))
    if place.project and standing.project and standing.project != standing.department:
        said.append(await _decided(request, standing.project, "chose the project"))
    is_own = standing.department is None or (place.project is not None and standing.project is None)
    if is_own and (grounds := ground(standing.guess)):
        offer = Offer(place, grounds.confidence, grounds.reasons)
        deed = "chose the project" if standing.department else "filed it there"
        said.append(words.own_filing(request.publication.catalogue, entry, offer, deed))
    return said


async def _decided(request: Request, filed: Filed, deed: str) -> str:
    names = await names_of_editors(request, [filed])
    return words.decided(_by(filed, names), deed, words.at(request.publication.calendar, filed.at))


async def refile(request: Request, named: Entry | None) -> Answer:
    """File again what no person has filed, in the due edition, or one entry."""
    edition = named.edition if named else request.due
    if named:
        entries = [named]
    else:
        found = await request.records.entries.of_edition(request.publication.key, edition)
        entries = [entry for entry in found if not entry.is_dropped]
    standings = await request.records.standings.of_edition(request.publication.key, edition)
    own = [entry for entry in entries if standings[entry.id].department is None]
    if named and not own:
        is_gone = _place(request, named) is None
        number, command = request.name_of(named), request.publication.command
        raise CommandError(words.filed_by_people(named, number, command, is_gone=is_gone))
    changed = [said for entry in own if (said := await _refiled(request, entry))]
    return words.refiled(len(own), changed)


async def _refiled(request: Request, entry: Entry) -> str:
    """File an entry again; return a sentence on where it stands now if that is elsewhere."""
    await renew_filing(request.records, request.publication, entry, request.message.event_id)
    present = await request.records.entries.by_id(entry.id) or entry
    if (present.department, present.project) == (entry.department, entry.project):
        return ""
    return words.stands_under(request.publication.catalogue, present, request.name_of(entry), _place(request, present))


def confidence(standing: Standing) -> float:
    """Return how sure the bot is of where it has filed an entry itself, from 0 (it has not) to 1."""
    grounds = ground(standing.guess)
    return grounds.confidence if grounds else 0.0


def how_filed(request: Request, entry: Entry, standing: Standing, names: Mapping[str, str]) -> str:
    """Say in a few words how an entry was filed; `names` are the editors', as the bot writes them."""
    catalogue = request.publication.catalogue
    if standing.department:
        gone = "" if _place(request, entry) else f", under {entry.department}, which is gone"
        return f"by {_by(standing.department, names)}{gone}"
    if _place(request, entry):
        grounds = ground(standing.guess)
        return words.percent(grounds.confidence) if grounds else ""
    best = next(iter(choices(standing.guess, catalogue)), None)
    return f"? {words.place(catalogue, best.choice)} ({words.percent(best.confidence)})" if best else "?"


async def names_of_editors(request: Request, decisions: Iterable[Filed | None]) -> dict[str, str]:
    """Return how the editors are called that have made some of the decisions, as the bot writes them."""
    editors = {filed.sender for filed in decisions if filed and filed.authority is Authority.EDITOR}
    rooms, room_id = request.records.rooms, request.message.room_id
    return {user_id: words.called(await rooms.member_name(room_id, user_id) or user_id) for user_id in sorted(editors)}


def _by(filed: Filed, names: Mapping[str, str]) -> str:
    return names.get(filed.sender, "the contributor")


def _place(request: Request, entry: Entry) -> Choice | None:
    """Return where an entry stands, None where it is not filed or the catalogue has the department no more."""
    department = request.publication.catalogue.department(entry.department)
    return Choice(department.key, entry.project) if department else None
