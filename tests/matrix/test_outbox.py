"""The outbox against a real homeserver: a refusal blocks nothing, rate limits are waited out, order is kept."""

import re
from pathlib import Path
from urllib.parse import parse_qs

import pytest

from tests.conftest import Newcomer
from tests.dialogue.front import Front
from tests.dialogue.office import Office, found_office
from twimbot.demo.homeserver import Homeserver
from twimbot.demo.person import People, Person
from twimbot.matrix.patience import Allowance
from twimbot.store.outbox import SUGGESTIONS


def notice(body: str) -> dict[str, object]:
    return {"msgtype": "m.notice", "body": body, "m.mentions": {}}


async def said_by_the_bot(office: Office, until: str) -> list[str]:
    """Wait for a notice of the bot and return all of them, in the room's order."""

    def is_last(event: object) -> bool:
        return isinstance(event, dict) and event["content"].get("body") == until

    await office.anna.sees(is_last, 30)
    events = [e for e in office.anna.timeline.events if e["sender"] == office.bot.user_id]
    return [event["content"]["body"] for event in events if event["type"] == "m.room.message"]


async def test_what_the_homeserver_refuses_is_recorded_and_blocks_nothing(
    homeserver: Homeserver, newcomer: Newcomer, tmp_path: Path
) -> None:
    office = await found_office(homeserver, newcomer, tmp_path)
    async with office.open() as bot:
        async with bot.database.transaction() as records:
            await records.outbox.send(office.submissions, notice("x" * 70_000), "$cause", "too large")
            await records.outbox.send(office.submissions, notice("after it"), "$cause", "after")
        await office.submit("A submission that wakes the outbox up.")
        assert await said_by_the_bot(office, "after it") == ["after it"]
        async with bot.database.snapshot() as records:
            (row,) = await records.connection.execute_fetchall("SELECT reason FROM outbox WHERE state = 'refused'")
    assert "M_TOO_LARGE" in row["reason"]


async def test_a_reaction_that_the_bot_made_before_counts_as_made(
    homeserver: Homeserver, newcomer: Newcomer, tmp_path: Path
) -> None:
    office = await found_office(homeserver, newcomer, tmp_path)
    async with office.open():
        target = await office.submit()
        await office.acknowledged(target)
    (tmp_path / "data" / "twimbot.db").unlink()
    async with office.open():
        later = await office.submit("Something more, so that we know when it is done.")
        await office.acknowledged(later)
    assert len([e for e in office.anna.timeline.events if office.is_reaction(e, target, "✅")]) == 1


async def test_an_acknowledgement_goes_out_before_more_is_asked_for(
    homeserver: Homeserver, newcomer: Newcomer, tmp_path: Path
) -> None:
    """The homeserver would work at the question first, and tell each reaction to the bot while it tells people."""
    office = await found_office(homeserver, newcomer, tmp_path)
    async with Front(homeserver.url) as front:
        await front.pass_on()
        office.configure(homeserver=front.url)
        async with office.open():
            await office.acknowledged(await office.submit("Something that the bot can file nowhere."))
            before = position((await office.anna.call("GET", "sync"))["next_batch"])
            front.asked.clear()
            await office.acknowledged(await office.submit("Something else that the bot can file nowhere."))
    until = next(number for number, line in enumerate(front.asked) if "/send/m.reaction/" in line)
    questions = [line for line in front.asked[:until] if "/sync?" in line]
    assert all(position(parse_qs(line)["since"][0]) <= before for line in questions)


def position(token: str) -> int:
    """Return the place in the order of all events that one of Synapse's tokens stands for."""
    found = re.match(r"s(\d+)_", token)
    assert found
    return int(found[1])


async def test_rate_limits_are_waited_out_and_the_order_is_kept(tmp_path: Path) -> None:
    settings = {"rc_message": {"per_second": 4, "burst_count": 3}}
    async with (
        Homeserver(tmp_path / "homeserver", settings=settings) as homeserver,
        People(homeserver.url) as people,
    ):

        async def newcomer(name: str) -> Person:
            return await people.register(name.lower().split()[0], name)

        office = await found_office(homeserver, newcomer, tmp_path)
        async with office.open() as bot:
            async with bot.database.transaction() as records:
                for number in range(12):
                    await records.outbox.send(office.submissions, notice(f"{number}"), "$cause", f"{number}")
            await office.submit("A submission that wakes the outbox up.")
            assert await said_by_the_bot(office, "11") == [f"{number}" for number in range(12)]


async def test_what_is_taken_back_at_once_is_never_suggested(
    homeserver: Homeserver, newcomer: Newcomer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("twimbot.matrix.outbox.SETTLING", 5.0)  # on a slow machine, too
    office = await found_office(homeserver, newcomer, tmp_path)
    async with Front(homeserver.url) as front:
        await front.pass_on()
        office.configure(homeserver=front.url)
        async with office.open() as bot:
            target = await office.submit()
            await office.acknowledged(target)
            sent = sum("/send/" in line for line in front.asked)
            async with bot.database.transaction() as records:
                made = await records.outbox.reactions_on(office.submissions, target)
                for seq in [seq for seq, key in made.items() if key != "✅"]:
                    await records.outbox.take_back(seq, "$other")
                await records.outbox.react(office.submissions, target, "🏢 ?", "$other", lane=SUGGESTIONS)
            await office.acknowledged(target, "🏢 ?")
    assert sum("/send/" in line for line in front.asked) == sent + 1
    assert not [line for line in front.asked if "/redact/" in line]


async def test_acknowledgements_have_their_part_of_an_ordinary_allowance(tmp_path: Path) -> None:
    """Synapse as it comes, ten times as fast: suggestions that wait leave room for what is acknowledged later."""
    settings = {"rc_message": {"per_second": 2, "burst_count": 10}}
    async with (
        Homeserver(tmp_path / "homeserver", settings=settings) as homeserver,
        People(homeserver.url) as people,
    ):

        async def newcomer(name: str) -> Person:
            return await people.register(name.lower().split()[0], name)

        office = await found_office(homeserver, newcomer, tmp_path)
        async with office.open() as bot:
            target = await office.submit()
            await office.acknowledged(target)
            async with bot.database.transaction() as records:
                for number in range(30):
                    await records.outbox.react(office.submissions, target, f"{number}", "$cause", lane=SUGGESTIONS)
            await office.submit("Another submission, which wakes the outbox up.")
            await office.acknowledged(target, "15")  # by now the allowance was used up, and half of it gathers
            later = await office.submit("A submission that comes while much waits.")
            await office.acknowledged(later)
            made = [e["content"]["m.relates_to"] for e in office.anna.timeline.events if e["type"] == "m.reaction"]
            assert {"event_id": target, "key": "29", "rel_type": "m.annotation"} not in made


def test_what_can_wait_takes_every_second_step_once_a_limit_is_known() -> None:
    allowance = Allowance()
    allowance.note_use()
    assert allowance.until_spare() == 0
    allowance.note_limit(30)
    assert 30 < allowance.until_spare() <= 60
