"""A homeserver that fails at one room deafens no other, and what it kept back is read once it can be had."""

import asyncio
from collections.abc import AsyncIterator

import pytest

from tests.dialogue.front import Front
from tests.dialogue.office import Office
from tests.dialogue.test_absence import entries
from twimbot.demo.homeserver import Homeserver
from twimbot.demo.person import RawEvent
from twimbot.errors import HomeserverError
from twimbot.rebuilding import rebuild

BROKEN = "500 Internal Server Error"
MANY = 120
"""More lines than a timeline has."""


@pytest.fixture
async def front(office: Office, homeserver: Homeserver) -> AsyncIterator[Front]:
    """Put a door between the bot and its homeserver."""
    async with Front(homeserver.url) as door:
        office.configure(homeserver=door.url)
        await door.pass_on()
        yield door


def path(room_id: str, *parts: str) -> str:
    """Return what stands in the path of requests about a room."""
    return "/".join(("rooms", room_id, *parts))


async def told(office: Office, words: str) -> list[RawEvent]:
    """Return what the editors were told in words of this kind, once they were."""

    def is_it(event: RawEvent) -> bool:
        is_there = (event["room_id"], event["sender"]) == (office.editors_room, office.bot.user_id)
        return is_there and words in event["content"].get("body", "")

    await office.editor.sees(is_it, 30)
    return [event for event in office.editor.timeline.events if is_it(event)]


async def chat(office: Office, room_id: str) -> None:
    """Have the editor say what is for nobody."""
    await asyncio.gather(*(office.editor.text(room_id, f"Line {number} is for nobody.") for number in range(MANY)))


async def test_a_room_that_fails_for_ever_deafens_no_other(office: Office, front: Front) -> None:
    async with office.open():
        await office.acknowledged(await office.submit())
    await chat(office, office.pings)
    await front.fail_at(path(office.pings, "messages"), BROKEN)
    for text in ("An entry is said while the ping room can't be read.", "Another one after the next start of the bot."):
        target = await office.submit(text)
        async with office.open():
            await office.acknowledged(target)
            await office.ask("status")
    assert len(await told(office, "can't read all of what was said in the ping room")) == 1


@pytest.mark.parametrize(("status", "body", "restarts"), [(BROKEN, "{}", True), ("200 OK", "{}", False)])
async def test_what_was_missed_is_read_when_the_room_works_again(
    office: Office, front: Front, status: str, body: str, *, restarts: bool
) -> None:
    async with office.open():
        first = await office.submit()
        await office.acknowledged(first)
    hidden = await office.submit("The entry that is said in the gap, where nobody can read it for now.")
    await chat(office, office.submissions)
    last = await office.submit("The entry that is said at the end, and heard at once.")
    await front.fail_at(path(office.submissions, "messages"), status, body)
    async with office.open():
        await office.acknowledged(last)
        await office.ask("drop 1")
        await told(office, "can't read all of what was said in the submissions room")
        if not restarts:
            await front.pass_on()
            await office.acknowledged(hidden)
    if restarts:
        await front.pass_on()
        async with office.open():
            await office.acknowledged(hidden)
    assert len(await told(office, "have now heard what was missing")) == 1
    assert {entry.event_id: entry.is_dropped for entry in await entries(office)} == {
        first: True,
        hidden: False,
        last: False,
    }


async def test_a_room_that_fails_from_the_first_is_read_later(office: Office, front: Front) -> None:
    before = await office.submit("The entry that was said before the bot came.")
    await front.fail_at(path(office.submissions, "messages"), BROKEN)
    async with office.open():
        await told(office, "can't read all of what was said in the submissions room")
        during = await office.submit("The entry that is said while the past can't be read.")
        await office.acknowledged(during)
        await front.pass_on()
        await told(office, "have now heard what was missing")
    assert {entry.event_id for entry in await entries(office)} == {before, during}


@pytest.mark.parametrize("failing", ["rooms/{}/state", "join/{}"])
async def test_a_known_room_that_cannot_be_looked_at_keeps_the_bot_from_no_other(
    office: Office, front: Front, failing: str
) -> None:
    async with office.open():
        await office.acknowledged(await office.submit())
    await front.fail_at(failing.format(office.pings), BROKEN)
    async with office.open():
        await office.acknowledged(await office.submit("An entry is said while the ping room can't be looked at."))


async def test_an_event_that_can_be_had_later_counts_then(office: Office, front: Front) -> None:
    unasked = await office.anna.text(office.submissions, "Nobody has asked for this, and it is good all the same.")
    async with office.open():
        await office.acknowledged(await office.submit())
        await front.fail_at(path(office.submissions, "event"), BROKEN)
        await office.editor.react(office.submissions, unasked, "⭕")
        last = await office.submit("The entry that is said at the end, and heard at once.")
        await office.acknowledged(last)
        await told(office, "can't read all of what was said in the submissions room")
        await front.pass_on()
        await office.acknowledged(unasked)
        assert len(await told(office, "have now heard what was missing")) == 1


async def test_a_rebuilding_says_which_room_could_not_be_read(office: Office, front: Front) -> None:
    async with office.open():
        await office.acknowledged(await office.submit())
    before = await entries(office)
    await front.fail_at(path(office.submissions, "messages"), BROKEN)
    with pytest.raises(HomeserverError, match="fails at room"):
        await rebuild(office.config, office.credentials, None)
    assert await entries(office) == before
