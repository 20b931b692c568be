"""What was said on another homeserver while the bot's was away is heard, in its order, however it comes."""

from collections.abc import AsyncIterator, Sequence
from functools import partial
from pathlib import Path

import pytest

from tests.conftest import unique
from tests.dialogue.office import Office, found_office
from tests.dialogue.test_absence import entries
from tests.federation import Federation, open_federation
from twimbot.demo.homeserver import Homeserver
from twimbot.demo.person import Person
from twimbot.model.entry import Entry
from twimbot.rebuilding import rebuild


@pytest.fixture(scope="module")
async def federation(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Federation]:
    """Two homeservers for all tests here."""
    async with open_federation(tmp_path_factory.mktemp("federation")) as running:
        yield running


@pytest.fixture
async def office(federation: Federation, tmp_path: Path) -> Office:
    """Found a publication on the near homeserver; Anna lives on the far one."""

    async def newcomer(display_name: str) -> Person:
        people = federation.far_people if display_name.startswith("Anna") else federation.near_people
        return await people.register(unique(display_name), display_name)

    return await found_office(federation.near, newcomer, tmp_path)


async def chat(office: Office) -> None:
    """Have Anna say more, for nobody, than one homeserver asks another for of its own accord."""
    for number in range(60):
        await office.anna.text(office.submissions, f"Line {number} is about the garden, and for nobody.")


async def restarted(homeserver: Homeserver) -> None:
    """Stop and start a homeserver, which forgets what it still has to tell others."""
    await homeserver.stop()
    await homeserver.start()


async def missed(federation: Federation, office: Office) -> list[str]:
    """Have Anna submit two entries, among much else, while the near homeserver is away; return their event IDs."""
    await federation.near.stop()
    first = await office.submit("The first entry is said while the bot's homeserver is away.")
    await chat(office)
    await office.anna.edit(office.submissions, first, "News: The first entry, edited where nobody heard it.")
    second = await office.submit("The second entry is said while the bot's homeserver is away.")
    await chat(office)
    await restarted(federation.far)
    await federation.near.start()
    return [first, second]


def events(found: Sequence[Entry]) -> list[str]:
    return [entry.event_id for entry in found]


async def heard(office: Office, event_id: str) -> None:
    """Wait until somebody on the near homeserver sees an event."""
    await office.editor.sees(lambda event: event["event_id"] == event_id, 30)


async def acknowledged(office: Office, *targets: str) -> None:
    """Wait until somebody on the near homeserver sees the bot's reactions."""
    for target in targets:
        await office.editor.sees(partial(office.is_reaction, target=target, key="✅"), 60)


async def test_what_only_other_servers_know_is_heard(federation: Federation, office: Office) -> None:
    async with office.open():
        before = await office.submit("The entry before all that is heard as it is said.")
        await acknowledged(office, before)
    hidden = await missed(federation, office)
    await office.anna.text(office.submissions, "One more line.")
    async with office.open():
        await acknowledged(office, *hidden)
    found = await entries(office)
    assert events(found) == [before, *hidden]
    assert found[1].text == "The first entry, edited where nobody heard it."


async def test_what_came_after_the_hole_hides_nothing(federation: Federation, office: Office) -> None:
    """The timeline that the bot is told is as long as it asked for, and the hole lies somewhere before it."""
    async with office.open():
        before = await office.submit("The entry before all that is heard as it is said.")
        await acknowledged(office, before)
    hidden = await missed(federation, office)
    await heard(office, await office.anna.text(office.submissions, "One more line."))
    for number in range(120):
        await office.editor.text(office.submissions, f"Line {number} is said when all are there again.")
    last = await office.submit("The last entry is said when all are there again.", office.editor)
    async with office.open():
        await acknowledged(office, last)
    assert events(await entries(office)) == [before, *hidden, last]


@pytest.mark.parametrize("lines", [0, 150])
async def test_what_was_said_in_two_parts_that_did_not_hear_each_other_is_heard(
    federation: Federation, office: Office, lines: int
) -> None:
    """The bot heard its own part while it was said; the other part was shorter, or longer."""
    async with office.open():
        before = await office.submit("The entry before all that is heard as it is said.")
        await acknowledged(office, before)
    hidden = await missed(federation, office)
    await federation.far.stop()
    async with office.open():
        mine = await office.submit("The entry of the part in which the bot is.", office.editor)
        for number in range(lines):
            await office.editor.text(office.submissions, f"Line {number} is said in the part in which the bot is.")
        await acknowledged(office, mine)
        await federation.far.start()
        await office.anna.text(office.submissions, "One more line.")
        await acknowledged(office, *hidden)
    assert sorted(events(await entries(office))) == sorted((before, mine, *hidden))


async def test_a_room_that_is_read_for_the_first_time_is_read_with_its_hole(
    federation: Federation, office: Office
) -> None:
    before = await office.submit("The entry before all that is heard by no bot.")
    hidden = await missed(federation, office)
    last = await office.submit("The last entry is said when all are there again.")
    await heard(office, last)
    await rebuild(office.config, office.credentials, None)
    assert events(await entries(office)) == [before, *hidden, last]


async def test_what_another_server_knows_that_is_away_is_heard_when_it_is_back(
    federation: Federation, office: Office
) -> None:
    async with office.open():
        before = await office.submit("The entry before all that is heard as it is said.")
        await acknowledged(office, before)
    hidden = await missed(federation, office)
    await heard(office, await office.anna.text(office.submissions, "One more line."))
    await federation.far.stop()
    async with office.open():
        mine = await office.submit("The entry of the part in which the bot is.", office.editor)
        await acknowledged(office, mine)
        await federation.far.start()
        await office.editor.text(office.submissions, "Is anybody there?")
        await acknowledged(office, *hidden)
    assert sorted(events(await entries(office))) == sorted((before, mine, *hidden))
