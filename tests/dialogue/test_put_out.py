"""People put out of the room with all that they had said (MSC4293), where the homeserver knows that and where not."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.conftest import unique
from tests.dialogue.office import TEXT, Office, found_office
from twimbot.demo.homeserver import Homeserver
from twimbot.demo.person import People, Person

KEY = "org.matrix.msc4293.redact_events"


@pytest.fixture(scope="module")
async def strict(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Homeserver]:
    """Start a homeserver that empties what somebody has said when they are put out so."""
    settings = {"experimental_features": {"msc4293_enabled": True}}
    async with Homeserver(tmp_path_factory.mktemp("strict"), settings=settings) as homeserver:
        yield homeserver


@pytest.fixture
async def strict_office(strict: Homeserver, tmp_path: Path) -> AsyncIterator[Office]:
    """Found an office on that homeserver."""
    async with People(strict.url) as people:

        async def newcomer(name: str) -> Person:
            return await people.register(unique(name), name)

        yield await found_office(strict, newcomer, tmp_path)


async def put_out(office: Office, how: str = "ban", by: Person | None = None) -> None:
    body = {"user_id": office.anna.user_id, KEY: True}
    await (by or office.editor).call("POST", "rooms", office.submissions, how, body=body)


async def said(office: Office) -> list[str]:
    return [line for line in (await office.ask("list")).splitlines() if "Fernglas" in line]


async def come_back(office: Office) -> None:
    await office.anna.join(office.submissions)
    later = await office.submit("Fernglas 1.5 is out, and its author is back.")
    await office.acknowledged(later)


class TestWhatTheyHadSaidGoes:
    async def test_and_what_they_say_later_stays(self, strict_office: Office) -> None:
        office = strict_office
        async with office.open():
            await office.acknowledged(await office.submit())
            await put_out(office, "kick")
            await come_back(office)
            (line,) = await said(office)
            assert "its author is back" in line
        async with office.open():
            assert await said(office) == [line]

    async def test_where_the_bot_reads_it_later(self, strict_office: Office) -> None:
        office = strict_office
        await office.submit()
        await put_out(office, "kick")
        async with office.open():
            await come_back(office)
            (line,) = await said(office)
            assert "its author is back" in line

    async def test_where_it_happened_while_the_bot_was_away(self, strict_office: Office) -> None:
        office = strict_office
        async with office.open():
            await office.acknowledged(await office.submit())
        await put_out(office)
        async with office.open():
            assert await said(office) == []

    async def test_but_not_by_somebody_who_may_not_redact(self, strict_office: Office) -> None:
        office = strict_office
        levels = {"users": {office.bot.user_id: 50}, "redact": 75, "kick": 50, "ban": 50}
        async with office.open():
            await office.acknowledged(await office.submit())
            await office.editor.call("PUT", "rooms", office.submissions, "state", "m.room.power_levels", body=levels)
            await put_out(office, by=office.bot)
            assert TEXT in await office.ask("show 1")


async def test_a_homeserver_that_does_not_know_it_yet_keeps_it_and_the_bot_does_not(office: Office) -> None:
    state = {"membership": "ban", "redact_events": True}
    async with office.open():
        await office.acknowledged(await office.submit())
        await office.editor.call(
            "PUT", "rooms", office.submissions, "state", "m.room.member", office.anna.user_id, body=state
        )
        assert await said(office) == []
