"""Batches: one bad event stops nothing, history is quiet, upgrades and pongs are kept."""

from typing import Any

import pytest

from tests.desk.scene import ANNA, BEN, BOT, EDITOR, EDITORS, PINGS, PUBLICATION, SUBMISSIONS, TEXT, Scene
from twimbot.errors import DatabaseError
from twimbot.model.batch import Batch, RoomEvents
from twimbot.model.entry import Pong
from twimbot.model.event import read_event
from twimbot.store import followers, journal, undecrypted
from twimbot.store.followers import MOST
from twimbot.store.undecrypted import MOST_OF_SENDER


async def test_one_bad_event_is_rolled_back_alone_and_recorded(scene: Scene) -> None:
    async with scene.database.transaction() as records:
        # A trigger is a real failure in the middle of a real event: after the entry, before its acknowledgement.
        await records.connection.execute(
            """CREATE TRIGGER fails BEFORE INSERT ON revision WHEN new.text LIKE '%poison%'
               BEGIN SELECT RAISE(ABORT, 'this one fails'); END"""
        )
    bad = scene.message(ANNA, "NEWS: this is the poisoned message of the week")
    await scene.happen(bad, scene.message(ANNA, f"NEWS: {TEXT}"))
    assert (await scene.entry()).text == TEXT
    assert await scene.failures() == [bad["event_id"]]
    assert await scene.reactions(bad["event_id"]) == []
    async with scene.database.snapshot() as records:
        assert await records.rooms.position() is not None


async def test_history_before_the_bot_s_time_is_taken_up_but_not_answered(scene: Scene) -> None:
    short = scene.message(ANNA, "NEWS: tiny")
    command = scene.command(EDITOR, "drop 1")
    await scene.happen(scene.message(ANNA, f"NEWS: {TEXT}"), short, command, first_reading=True)
    entry = await scene.entry()
    assert not entry.is_dropped
    await scene.happen(short, command)  # a lost position: the same history is read as if it were new
    assert not (await scene.entry()).is_dropped
    assert await scene.said() == await scene.said(EDITORS) == []


async def test_a_command_is_carried_out_once(scene: Scene) -> None:
    target = await scene.submitted()
    drop = scene.command(EDITOR, "drop 1")
    await scene.happen(drop)
    await scene.happen(scene.command(EDITOR, "restore 1"))
    await scene.happen(drop)
    assert not (await scene.entry()).is_dropped
    assert len(await scene.said(EDITORS)) == 2
    assert await scene.reactions(target) == ["✅", "Fernglas ?", "📱 ?"]


async def test_commands_in_replies_edits_notices_and_quotes_are_none(scene: Scene) -> None:
    await scene.submitted()
    reply = scene.message(EDITOR, "!news drop 1", **{"m.relates_to": {"m.in_reply_to": {"event_id": "$x"}}})
    notice = scene.event(EDITOR, "m.room.message", {"msgtype": "m.notice", "body": "!news drop 1"})
    quote = scene.message(EDITOR, "> !news drop 1")
    edit = scene.edit(EDITOR, "$other", "!news drop 1")
    await scene.happen(reply, notice, quote, edit)
    assert not (await scene.entry()).is_dropped


async def test_an_upgrade_makes_the_successor_wanted(scene: Scene) -> None:
    tombstone = scene.event(EDITOR, "m.room.tombstone", {"replacement_room": "!new"}, state_key="")
    await scene.happen(tombstone)
    async with scene.database.snapshot() as records:
        assert [room.room_id for room in await records.rooms.wanted()] == ["!new"]
    async with scene.database.transaction() as records:
        await records.rooms.joined("!new")
        current = [room.room_id for room in await records.rooms.known() if room.is_current]
    assert current == [EDITORS, PINGS, "!new"]


def pong(scene: Scene, server: str, took: float, sender: str = BOT) -> dict[str, Any]:
    content = {"msgtype": "m.notice", "body": "Pong!", "pong": {"ms": took, "from": server, "ping": "$p"}}
    return scene.event(sender, "m.room.message", content, PINGS)


async def pongs(scene: Scene) -> tuple[Pong, ...]:
    async with scene.database.snapshot() as records:
        return await records.journal.pongs("news", 0, 2**50)


async def test_pongs_are_kept_and_deleted_ones_are_not(scene: Scene) -> None:
    kept, deleted = pong(scene, "a.example.org", 250), pong(scene, "b.example.org", 300)
    await scene.happen(kept, deleted, scene.redaction(BOT, deleted["event_id"], PINGS))
    assert await pongs(scene) == (Pong("a.example.org", 250.0),)


async def test_a_pong_of_what_is_no_server_is_not_kept(scene: Scene) -> None:
    await scene.happen(pong(scene, "x" * 60_000, 250), pong(scene, "[x](https://evil.example/)", 250))
    assert await pongs(scene) == ()


async def test_of_each_sender_the_latest_pongs_are_kept(scene: Scene, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(journal, "MOST_PONGS", 10)
    by_anna = [pong(scene, "a.example.org", number, ANNA) for number in range(15)]
    await scene.happen(pong(scene, "b.example.org", 100, BEN), *by_anna)
    await scene.happen(*by_anna)
    took = [each.milliseconds for each in await pongs(scene)]
    assert sorted(took) == [*range(5, 15), 100]


@pytest.mark.parametrize(("ping_bots", "number"), [(None, 2), ([BOT], 1), ([BOT, ANNA], 2), ([EDITOR], 0)])
async def test_pongs_count_of_the_bots_that_are_named(scene: Scene, ping_bots: list[str] | None, number: int) -> None:
    rooms = PUBLICATION.rooms.model_copy(update={"ping_bots": ping_bots})
    scene.serve(PUBLICATION.model_copy(update={"rooms": rooms}))
    await scene.happen(pong(scene, "a.example.org", 100), pong(scene, "a.example.org", 200, ANNA))
    assert len(await pongs(scene)) == number


async def test_targets_of_edits_and_take_ups_that_are_not_known_are_asked_for(scene: Scene) -> None:
    known = await scene.submitted()
    raw = [
        scene.edit(ANNA, "$unknown-message", f"NEWS: {TEXT}"),
        scene.reaction(EDITOR, "$unknown-picture", "⭕"),
        scene.reaction(EDITOR, "$not-needed", "🎉"),
        scene.edit(ANNA, known, f"NEWS: {TEXT}"),
    ]
    events = tuple(event for each in raw if (event := read_event(each, SUBMISSIONS)))
    references = await scene.desk.references(Batch((RoomEvents(SUBMISSIONS, events),)))
    assert [reference.event_id for reference in references] == ["$unknown-message", "$unknown-picture"]


@pytest.mark.parametrize(
    ("sender", "is_edit", "text", "number"),
    [
        (ANNA, False, "", 1),
        (EDITOR, False, "", 1 + MOST),
        (ANNA, True, TEXT, 1),
        (ANNA, True, f"NEWS: {TEXT}", 1 + followers.MOST_OF_SENDER),
        (BEN, True, f"NEWS: {TEXT}", 2),
    ],
)
async def test_what_is_below_a_message_is_asked_for_where_it_may_belong_to_an_entry(
    scene: Scene, sender: str, text: str, number: int, *, is_edit: bool
) -> None:
    """Each event is a request: nobody has the homeserver asked for hundreds of them by one reaction or edit."""
    below = {"m.relates_to": {"m.in_reply_to": {"event_id": "$chat"}}}
    await scene.happen(
        *(scene.message(ANNA, "Hm.", **below) for _ in range(2 * MOST)), scene.message(BEN, "!", **below)
    )
    raw = scene.edit(sender, "$chat", text) if is_edit else scene.reaction(sender, "$chat", "⭕")
    event = read_event(raw, SUBMISSIONS)
    assert event
    references = await scene.desk.references(Batch((RoomEvents(SUBMISSIONS, (event,)),)))
    assert len(references) == number


async def test_who_has_left_keeps_the_name_of_then(scene: Scene) -> None:
    left = scene.event(ANNA, "m.room.member", {"membership": "leave"}, state_key=ANNA)
    message = scene.message(ANNA, TEXT)
    await scene.happen(message, left, scene.reaction(EDITOR, message["event_id"], "⭕"))
    assert (await scene.entry()).name == "Anna A."


async def test_a_full_disk_is_no_fault_of_an_event(scene: Scene) -> None:
    async with scene.database.transaction() as records:
        (pages,) = await records.connection.execute_fetchall("PRAGMA page_count")
        await records.connection.execute(f"PRAGMA max_page_count = {pages[0]}")
    with pytest.raises(DatabaseError, match="full"):
        await scene.happen(scene.message(ANNA, f"NEWS: {'x' * 50_000}"))
    async with scene.database.transaction() as records:
        await records.connection.execute("PRAGMA max_page_count = 1000000")
    assert await scene.failures() == []
    assert await scene.entries() == []


async def test_names_are_those_at_the_time_of_sending(scene: Scene) -> None:
    await scene.submitted()
    renamed = scene.event(ANNA, "m.room.member", {"membership": "join", "displayname": "Anna (away)"}, state_key=ANNA)
    await scene.happen(renamed, scene.message(ANNA, "NEWS: And one more thing that happened this week."))
    assert [entry.name for entry in await scene.entries()] == ["Anna A.", "Anna (away)"]


class TestEncrypted:
    def encrypted(self, scene: Scene, room: str = SUBMISSIONS) -> dict[str, Any]:
        return scene.event(ANNA, "m.room.encrypted", {"session_id": "s", "ciphertext": "x"}, room=room)

    async def begin(self, scene: Scene, *rooms: str) -> None:
        for room in rooms:
            await scene.happen(scene.event(EDITOR, "m.room.encryption", {}, room=room, state_key=""))

    async def waiting(self, scene: Scene) -> list[str]:
        async with scene.database.snapshot() as records:
            return [kept.event_id for kept in await records.undecrypted.waiting()]

    async def test_what_has_no_key_is_kept_once_and_only_in_encrypted_rooms(self, scene: Scene) -> None:
        event = self.encrypted(scene)
        await scene.happen(event)
        assert await self.waiting(scene) == []
        await self.begin(scene, SUBMISSIONS)
        await scene.happen(event)
        await scene.happen(event)
        assert await self.waiting(scene) == [event["event_id"]]
        async with scene.database.snapshot() as records:
            assert await records.undecrypted.waits(event["event_id"])

    async def test_of_each_sender_the_latest_wait_whatever_their_size_and_the_editors_are_told(
        self, scene: Scene
    ) -> None:
        await self.begin(scene, SUBMISSIONS)
        by_ben = scene.event(BEN, "m.room.encrypted", {"session_id": "s", "ciphertext": "x"})
        large = {"session_id": "s", "ciphertext": "x" * 60_000}
        by_anna = [scene.event(ANNA, "m.room.encrypted", large) for _ in range(MOST_OF_SENDER + 20)]
        await scene.happen(by_ben)
        for start in range(0, len(by_anna), 100):
            await scene.happen(*by_anna[start : start + 100])
        await scene.happen(*by_anna[:100])
        assert await self.waiting(scene) == [each["event_id"] for each in (by_ben, *by_anna[20:])]
        async with scene.database.snapshot() as records:
            ((pages,), (size,)) = [
                next(iter(await records.connection.execute_fetchall(f"PRAGMA {name}")))
                for name in ("page_count", "page_size")
            ]
        assert pages * size < MOST_OF_SENDER * 1024, "what waits costs less than 1 KiB, whatever its size"
        await scene.happen(scene.command(EDITOR, "status"))
        said = f"{MOST_OF_SENDER + 1} messages can't be decrypted yet, from {ANNA}, {BEN}. Of {ANNA} there may be more"
        assert said in (await scene.said(EDITORS))[-1]

    async def test_beyond_what_waits_in_all_the_sender_of_most_is_let_go_first(
        self, scene: Scene, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(undecrypted, "MOST", 5)
        await self.begin(scene, SUBMISSIONS)
        by_anna = [self.encrypted(scene) for _ in range(4)]
        others = [
            scene.event(f"@other{number}:example.org", "m.room.encrypted", {"session_id": "s"}) for number in range(3)
        ]
        await scene.happen(*by_anna, *others)
        assert await self.waiting(scene) == [each["event_id"] for each in (*by_anna[2:], *others)]

    async def test_what_was_decrypted_waits_no_longer(self, scene: Scene) -> None:
        await self.begin(scene, SUBMISSIONS)
        event = self.encrypted(scene)
        await scene.happen(event)
        await scene.desk.record(Batch((), decrypted=((EDITORS, event["event_id"]),)), {})
        assert await self.waiting(scene) == [event["event_id"]]
        await scene.desk.record(Batch((), decrypted=((SUBMISSIONS, event["event_id"]),)), {})
        assert await self.waiting(scene) == []

    @pytest.mark.parametrize(("room", "left"), [(SUBMISSIONS, 0), (EDITORS, 1)])
    async def test_a_deletion_counts_in_the_messages_own_room(self, scene: Scene, room: str, left: int) -> None:
        await self.begin(scene, SUBMISSIONS)
        event = self.encrypted(scene)
        await scene.happen(event)
        await scene.happen(scene.event(ANNA, "m.room.redaction", {"redacts": event["event_id"]}, room=room))
        assert len(await self.waiting(scene)) == left
