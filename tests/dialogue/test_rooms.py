"""Put out, muted, invited, upgraded: what becomes of the bot in its rooms, over a real Synapse."""

import asyncio
import json
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

import pytest

from tests.conftest import Newcomer
from tests.dialogue.front import Front
from tests.dialogue.office import Office, answers
from twimbot.app import Bot, check_online, open_client, open_database
from twimbot.demo.homeserver import Homeserver
from twimbot.demo.person import Person, RawEvent
from twimbot.errors import HomeserverError

SPAM = '{"errcode": "M_FORBIDDEN", "error": "This message has been rejected as probable spam"}'


async def put_out(office: Office, deed: str, room: str) -> None:
    """Kick or ban the bot."""
    body = {"user_id": office.bot.user_id, "reason": "a mistake"}
    await office.editor.call("POST", "rooms", room, deed, body=body)


async def invite(office: Office, room: str, inviter: Person | None = None) -> None:
    await (inviter or office.editor).call("POST", "rooms", room, "invite", body={"user_id": office.bot.user_id})


async def set_levels(office: Office, room: str, **changes: object) -> None:
    """Change the power levels of a room."""
    levels = await office.editor.call("GET", "rooms", room, "state", "m.room.power_levels")
    await office.editor.call("PUT", "rooms", room, "state", "m.room.power_levels", body={**levels, **changes})


async def told(office: Office, start: str) -> RawEvent:
    """Wait for the bot to tell the editors something that begins so."""
    return await office.editor.sees(
        lambda event: (
            event["room_id"] == office.editors_room
            and event["sender"] == office.bot.user_id
            and str(event["content"].get("body", "")).startswith(start)
        ),
        20,
    )


def is_taken_back(office: Office, target: str, key: str) -> Callable[[RawEvent], bool]:
    """Return what tells that the bot takes its reaction with this key on an event back."""

    def wanted(event: RawEvent) -> bool:
        made = {each["event_id"] for each in office.anna.timeline.events if office.is_reaction(each, target, key)}
        taken_back = event.get("redacts") or event["content"].get("redacts")
        return event["sender"] == office.bot.user_id and event["type"] == "m.room.redaction" and taken_back in made

    return wanted


def times_told(office: Office, start: str) -> int:
    bodies = [str(event["content"].get("body", "")) for event in office.editor.timeline.events]
    return sum(body.startswith(start) for body in bodies)


async def becomes(bot: Bot, *, ready: bool) -> None:
    async with asyncio.timeout(20):
        while bot.is_ready != ready:  # noqa: ASYNC110 - what /readyz tells is asked for, and not announced
            await asyncio.sleep(0.02)


async def membership(office: Office, room: str) -> str:
    """Return how the bot stands in a room, as the homeserver says."""
    state = await office.bot.call("GET", "joined_rooms")
    return "join" if room in state["joined_rooms"] else "none"


async def said_everything(bot: Bot) -> None:
    """Wait until nothing is left to be said: what is refused tells of a removal before the room does."""
    async with asyncio.timeout(20):
        while True:
            async with bot.database.snapshot() as records:
                if not await records.outbox.rooms_waiting():
                    return
            await asyncio.sleep(0.02)


@asynccontextmanager
async def opened(office: Office) -> AsyncIterator[Bot]:
    """Run the bot though it may not become ready."""
    config = office.config
    async with open_database(config) as database, open_client(config) as client:
        bot = Bot(config, office.credentials, client, database)
        running = asyncio.ensure_future(bot.run())
        try:
            yield bot
        finally:
            running.cancel()
            await asyncio.wait([running])
            await bot.stop()


class TestPutOut:
    @pytest.mark.parametrize("deed", ["kick", "ban"])
    async def test_it_is_told_and_the_bot_comes_back_when_an_editor_invites_it(self, office: Office, deed: str) -> None:
        async with office.open() as bot:
            await office.acknowledged(await office.submit())
            await said_everything(bot)
            await put_out(office, deed, office.submissions)
            said = await told(office, "I am not in the submissions room")
            assert (
                f"{office.editor.user_id} {'banned' if deed == 'ban' else 'removed'} me (a mistake)"
                in (said["content"]["body"])
            )
            await becomes(bot, ready=False)
            missed = await office.submit("Something that is said while the bot is not in the room.")
            command = await office.editor.text(office.submissions, "!news status")
            if deed == "ban":
                await put_out(office, "unban", office.submissions)
            await invite(office, office.submissions)
            await office.acknowledged(missed)
            await told(office, "I am in the submissions room")
            await office.editor.sees(lambda event: answers(event, command))
            await becomes(bot, ready=True)
        assert times_told(office, "I am not in") == times_told(office, "I am in ") == 1

    async def test_what_it_has_to_say_waits_for_its_return(self, office: Office) -> None:
        async with office.open() as bot:
            await office.acknowledged(await office.submit())
            await put_out(office, "kick", office.submissions)
            await becomes(bot, ready=False)
            async with bot.database.transaction() as records:
                await records.outbox.send(office.submissions, {"msgtype": "m.notice", "body": "kept"}, "$cause", "word")
            assert "no entries" not in await office.ask("list")
            await invite(office, office.submissions)
            await office.anna.sees(lambda event: event["content"].get("body") == "kept", 15)

    async def test_of_the_editors_room_it_comes_back_too(self, office: Office) -> None:
        async with office.open() as bot:
            await put_out(office, "kick", office.editors_room)
            await becomes(bot, ready=False)
            await office.acknowledged(await office.submit())
            await invite(office, office.editors_room)
            await told(office, "I am in the editors' room")
            assert "1 | " in await office.ask("list")
            await becomes(bot, ready=True)
        assert times_told(office, "I am not in") == 0

    async def test_it_starts_without_the_room_and_waits_to_be_invited(self, office: Office) -> None:
        async with office.open():
            await office.acknowledged(await office.submit())
        await put_out(office, "ban", office.submissions)
        missed = await office.submit("Something that is said while the bot is neither running nor in the room.")
        async with opened(office) as bot:
            await told(office, "I am not in the submissions room")
            assert not bot.is_ready
        with pytest.raises(HomeserverError, match="can't be joined"):
            await check_online(office.config, office.credentials)
        async with opened(office) as bot:
            await office.ask("status")
            await put_out(office, "unban", office.submissions)
            await invite(office, office.submissions)
            await office.acknowledged(missed)
            await becomes(bot, ready=True)
        assert times_told(office, "I am not in") == 1

    async def test_of_the_pings_is_told_and_no_more(self, office: Office) -> None:
        async with office.open() as bot:
            await put_out(office, "kick", office.pings)
            await told(office, "I am not in the ping room")
            assert bot.is_ready


class TestInvitations:
    async def test_by_a_stranger_or_elsewhere_are_declined(self, office: Office, newcomer: Newcomer) -> None:
        stranger = await newcomer("Stranger")
        theirs = await stranger.create_room("Theirs", is_public=False)
        elsewhere = await office.editor.create_room("Elsewhere", is_public=False)
        async with office.open():
            await invite(office, theirs, stranger)
            await invite(office, elsewhere)
            for room, host in ((theirs, stranger), (elsewhere, office.editor)):
                await host.sees(
                    lambda event, room=room: (
                        event["room_id"] == room  # type: ignore[misc]
                        and event.get("state_key") == office.bot.user_id
                        and event["content"].get("membership") == "leave"
                    ),
                    15,
                )
            assert await membership(office, theirs) == await membership(office, elsewhere) == "none"

    async def test_by_a_stranger_into_its_own_room_are_declined(self, office: Office) -> None:
        await set_levels(office, office.submissions, invite=0)
        async with office.open() as bot:
            await put_out(office, "kick", office.submissions)
            await becomes(bot, ready=False)
            await invite(office, office.submissions, office.anna)
            await office.anna.sees(
                lambda event: (
                    event.get("state_key") == office.bot.user_id
                    and event["sender"] == office.bot.user_id
                    and event["content"]["membership"] == "leave"
                )
            )
            assert not bot.is_ready


class TestMuted:
    @pytest.mark.parametrize(
        "levels", [{"events_default": 50}, {"events": {"m.room.message": 50, "m.reaction": 50, "m.room.redaction": 0}}]
    )
    async def test_it_is_told_and_what_it_has_to_say_waits(self, office: Office, levels: dict[str, object]) -> None:
        async with office.open() as bot:
            await office.acknowledged(await office.submit())
            users = {office.anna.user_id: 50}
            await set_levels(office, office.submissions, **levels, users=users)
            said = await office.submit("Something that is said while the bot may not answer.")
            await told(office, "I may not speak in the submissions room")
            await becomes(bot, ready=False)
            assert "2 | " in await office.ask("list")
            await set_levels(office, office.submissions, events_default=0, events={})
            await office.acknowledged(said)
            await told(office, "I may speak in the submissions room")
            await becomes(bot, ready=True)
        assert times_told(office, "I may not speak") == 1

    async def test_it_is_no_news_that_it_may_still_take_back(self, office: Office) -> None:
        async with office.open() as bot:
            first = await office.submit()
            await office.acknowledged(first)
            events = {"m.room.redaction": 0}
            await set_levels(
                office, office.submissions, events_default=50, events=events, users={office.anna.user_id: 50}
            )
            await office.anna.redact(office.submissions, first)
            await office.anna.sees(is_taken_back(office, first, "✅"), 15)
            await office.submit("Something that is said while the bot may not answer.")
            await told(office, "I may not speak in the submissions room")
            await becomes(bot, ready=False)
        assert times_told(office, "I may speak") == 0

    async def test_nobody_waits_for_what_it_may_not_say(self, office: Office) -> None:
        async with office.open() as bot:
            await office.acknowledged(await office.submit())
            await set_levels(office, office.submissions, events_default=50, users={office.anna.user_id: 50})
            await office.submit("Something that is said while the bot may not answer.")
            await told(office, "I may not speak in the submissions room")
            async with asyncio.timeout(5):
                await bot._sender.done(60)  # noqa: SLF001 - what the bot does before it asks for more

    async def test_a_refusal_that_holds_no_longer_is_not_the_last_word(
        self, office: Office, homeserver: Homeserver
    ) -> None:
        """Who may speak again by the time that it is asked was refused for what has passed."""
        async with Front(homeserver.url) as front:
            await front.pass_on()
            office.configure(homeserver=front.url)
            async with office.open():
                await front.refuse("/send/m.reaction/", '{"errcode": "M_FORBIDDEN", "error": "not just now"}', times=1)
                await office.acknowledged(await office.submit())
                assert front.has_answered.is_set()
        assert times_told(office, "I may not speak") == 0

    async def test_in_a_room_that_was_upgraded_it_is_not(self, office: Office) -> None:
        async with office.open() as bot:
            await office.acknowledged(await office.submit())
            successor = await office.editor.upgrade(office.submissions, "12")
            await set_levels(office, office.submissions, users={office.anna.user_id: 50})
            late = await office.submit("The last word in the old room, which closed behind it.")
            await office.anna.join(successor)
            await office.acknowledged(
                await office.anna.text(successor, "News: The first word in the new room, at last.")
            )
            assert "2 | " in await office.ask("list")
            assert bot.is_ready
            async with bot.database.snapshot() as records:
                rows = await records.connection.execute_fetchall(
                    "SELECT state FROM outbox WHERE subject = ? AND purpose = 'react ✅'", (late,)
                )
            assert [row["state"] for row in rows] == ["refused"]
        assert times_told(office, "I may not speak") == 0


class TestPowerForOneType:
    """What a room's powers forbid alone is left out, told once, and holds nothing up."""

    async def test_to_take_back(self, office: Office) -> None:
        """Whoever files the first entry makes the bot take its suggestions back."""
        await set_levels(office, office.submissions, events={"m.room.redaction": 50})
        async with office.open() as bot:
            first = await office.submit()
            await office.acknowledged(first, "📱 ?")
            await office.editor.react(office.submissions, first, "🏢")
            await told(office, "I lack the power to take my reactions back in the submissions room")
            second = await office.submit("Fernglas 1.5 is out, too, with more of the same.")
            await office.acknowledged(second)
            await office.acknowledged(second, "🏢 ?")
            await office.editor.react(office.submissions, second, "📱")
            third = await office.submit("Something else that the bot has never read of, and can file nowhere.")
            await office.acknowledged(third)
            assert bot.is_ready
            await set_levels(office, office.submissions, events={})
            await office.anna.redact(office.submissions, third)
            await office.anna.sees(is_taken_back(office, third, "✅"), 15)
            await told(office, "I can take my reactions back in the submissions room")
        assert times_told(office, "I lack the power") == 1
        assert times_told(office, "I may") == 0

    async def test_to_take_back_where_the_homeserver_calls_that_a_fault_of_its_own(
        self, office: Office, homeserver: Homeserver
    ) -> None:
        """Dendrite does."""
        await set_levels(office, office.submissions, events={"m.room.redaction": 1}, users={office.anna.user_id: 1})
        async with Front(homeserver.url) as front:
            await front.fail_at("/redact/", "500 Internal Server Error")
            office.configure(homeserver=front.url)
            async with office.open() as bot:
                first = await office.submit()
                await office.acknowledged(first)
                await office.anna.redact(office.submissions, first)
                await told(office, "I lack the power to take my reactions back in the submissions room")
                await office.acknowledged(await office.submit("Fernglas 1.5 is out, too, with more of the same."))
                assert bot.is_ready
        assert times_told(office, "I lack the power") == 1

    async def test_to_take_back_is_not_given_up_for_a_fault_alone(self, office: Office, homeserver: Homeserver) -> None:
        async with Front(homeserver.url) as front:
            await front.fail_at("/redact/", "500 Internal Server Error")
            office.configure(homeserver=front.url)
            async with office.open():
                first = await office.submit()
                await office.acknowledged(first)
                await office.anna.redact(office.submissions, first)
                await front.has_answered.wait()
                await front.pass_on()
                await office.anna.sees(is_taken_back(office, first, "✅"), 15)
        assert times_told(office, "I lack the power") == 0

    async def test_to_react(self, office: Office) -> None:
        await set_levels(office, office.submissions, events={"m.reaction": 50})
        async with office.open() as bot:
            await office.submit()
            await told(office, "I lack the power to react to messages in the submissions room")
            short = await office.submit("Hm.")
            await office.anna.sees(lambda event: answers(event, short), 15)
            assert "1 | " in await office.ask("list")
            assert bot.is_ready
            # Something else in the power levels changes nothing about that, and is no news.
            await set_levels(office, office.submissions, invite=0)
            await office.submit("Something else that is said while the bot may not react.")
            assert "2 | " in await office.ask("list")
            await set_levels(office, office.submissions, events={})
            later = await office.submit("Something that is said once the bot may react again.")
            await office.acknowledged(later)
            await told(office, "I can react to messages in the submissions room")
        assert times_told(office, "I lack the power") == 1
        assert [e for e in office.anna.timeline.events if office.is_reaction(e, later, "✅")]

    async def test_to_write(self, office: Office) -> None:
        users = {office.anna.user_id: 50}
        await set_levels(office, office.submissions, events={"m.room.message": 50}, users=users)
        async with office.open() as bot:
            await office.submit("Hm.")
            await told(office, "I lack the power to write messages in the submissions room")
            await office.acknowledged(await office.submit())
            assert bot.is_ready

    async def test_is_known_after_a_start(self, office: Office) -> None:
        await set_levels(office, office.submissions, events={"m.reaction": 50})
        async with office.open():
            await office.submit()
            await told(office, "I lack the power to react")
        async with office.open():
            await office.submit("Something else that is said while the bot may not react.")
            assert "2 | " in await office.ask("list")
        assert times_told(office, "I lack the power") == 1

    async def test_is_all_there_is_to_who_made_a_room_of_version_12(
        self, office: Office, homeserver: Homeserver
    ) -> None:
        """What is refused to the bot in its own room is refused for something else than power."""
        levels = {"events_default": 50, "users": {office.editor.user_id: 50}}
        body = {"room_version": "12", "preset": "public_chat", "power_level_content_override": levels}
        room = (await office.bot.call("POST", "createRoom", body=body))["room_id"]
        await office.editor.join(room)
        async with Front(homeserver.url) as front:
            await front.pass_on()
            written = json.loads(office.config_file.read_text(encoding="utf-8"))
            written["publications"]["news"]["rooms"]["submissions"] = room
            office.configure(homeserver=front.url, publications=written["publications"])
            async with office.open() as bot:
                await front.refuse("/send/m.reaction/", SPAM, times=1)
                said = await office.editor.text(
                    room, "News: Fernglas 1.4 is out, with faster search and fewer crashes."
                )
                await office.editor.sees(lambda event: office.is_reaction(event, said, "✅"), 15)
                assert front.has_answered.is_set()
                assert bot.is_ready


class TestRefusedAsSpam:
    async def test_it_is_told_tried_again_and_holds_nothing_up(self, office: Office, homeserver: Homeserver) -> None:
        async with Front(homeserver.url) as front:
            await front.pass_on()
            office.configure(homeserver=front.url)
            async with office.open() as bot:
                await front.refuse("/send/m.reaction/", SPAM)
                first = await office.submit()
                short = await office.submit("Hm.")
                await office.anna.sees(lambda event: answers(event, short), 15)
                await told(office, "The homeserver refuses something that I have to say in the submissions room")
                assert bot.is_ready
                await front.pass_on()
                await office.acknowledged(first)
        assert times_told(office, "The homeserver refuses") == 1
        assert times_told(office, "I lack the power") == 0


class TestUpgraded:
    async def test_while_the_bot_was_away(self, office: Office) -> None:
        async with office.open():
            await office.acknowledged(await office.submit())
        await office.submit("The last word in the old room, said while nobody listened.")
        successor = await office.editor.upgrade(office.submissions, "12")
        await office.anna.join(successor)
        first = await office.anna.text(successor, "News: The first word in the new room, said while nobody listened.")
        async with office.open():
            await office.acknowledged(first)
            listed = await office.ask("list")
        assert "1 | " in listed
        assert "The last word in the old room" in listed
        assert "The first word in the new room" in listed

    async def test_the_editors_room(self, office: Office) -> None:
        async with office.open() as bot:
            await office.ask("status")
            successor = await office.editor.upgrade(office.editors_room, "12")
            await becomes(bot, ready=False)
            await invite(office, successor)
            asked = await office.editor.text(successor, "!news status")
            await office.editor.sees(lambda event: answers(event, asked), 60)
            await becomes(bot, ready=True)

    async def test_into_a_room_that_needs_an_invitation(self, office: Office) -> None:
        async with office.open() as bot:
            await office.acknowledged(await office.submit())
            successor = await office.editor.create_room("Closed", is_public=False, invite=[office.anna])
            await office.anna.join(successor)
            body = {"body": "moved", "replacement_room": successor}
            await office.editor.call("PUT", "rooms", office.submissions, "state", "m.room.tombstone", body=body)
            await told(office, "I am not in the submissions room")
            await becomes(bot, ready=False)
            missed = await office.anna.text(successor, "News: The first word in the new room, which is still closed.")
            await invite(office, successor, office.editor)
            await office.acknowledged(missed)
            await told(office, "I am in the submissions room")
            await becomes(bot, ready=True)

    async def test_into_a_room_that_needs_an_invitation_while_the_bot_was_away(self, office: Office) -> None:
        async with office.open():
            await office.acknowledged(await office.submit())
        successor = await office.editor.create_room("Closed", is_public=False, invite=[office.anna])
        await office.anna.join(successor)
        body = {"body": "moved", "replacement_room": successor}
        await office.editor.call("PUT", "rooms", office.submissions, "state", "m.room.tombstone", body=body)
        await invite(office, successor)
        missed = await office.anna.text(successor, "News: The first word in the new room, said while nobody listened.")
        async with opened(office) as bot:
            await office.acknowledged(missed)
            await becomes(bot, ready=True)
        assert times_told(office, "I am not in") == 0
