"""Encrypted rooms on a real Synapse: the bot on one side, people with encrypting clients on the other."""

import asyncio
import stat
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
from aiohttp import web
from nio.api import Api
from structlog.testing import capture_logs
from vodozemac import Ed25519PublicKey, Ed25519Signature

from tests.conftest import Newcomer
from tests.dialogue.front import Front
from tests.dialogue.office import TEXT, Office, answers
from tests.dialogue.test_dialogues import picture
from tests.encryption.friend import ALGORITHM, Friend, encrypt, encrypting
from twimbot.app import open_database
from twimbot.config import Credentials
from twimbot.demo.homeserver import LOOPBACK, Homeserver, free_port
from twimbot.demo.person import RawEvent, text_content
from twimbot.errors import DatabaseError, HomeserverError
from twimbot.matrix.client import Client, Refused
from twimbot.matrix.cross_signing import Identity, NeedsOwner
from twimbot.matrix.encryption import Encryption, device_of
from twimbot.model.entry import Entry, MediaState
from twimbot.rebuilding import rebuild


async def submit(office: Office, anna: Friend, text: str = TEXT) -> str:
    return await anna.text(office.submissions, f"News: {text}", mentions=[office.bot])


async def ask(office: Office, edna: Friend, command: str) -> str:
    """Give a command in the editors' room; return what the answer says, which must have been encrypted."""
    asked = await edna.text(office.editors_room, f"!news {command}")
    answer = await edna.sees(lambda event: answers(event, asked))
    assert answer["was_encrypted"]
    return str(answer["content"]["body"])


async def stored(office: Office) -> list[Entry]:
    async with open_database(office.config) as database, database.snapshot() as records:
        assert await records.journal.failures() == []
        editions = await records.editions.with_entries("news")
        return [entry for day in editions for entry in await records.entries.of_edition("news", day)]


async def waiting(office: Office) -> int:
    async with open_database(office.config) as database, database.snapshot() as records:
        return len(await records.undecrypted.waiting())


async def keys_of_the_account(office: Office) -> Mapping[str, Any]:
    answer = await office.anna.call("POST", "keys", "query", body={"device_keys": {office.bot.user_id: []}})
    found: Mapping[str, Any] = answer["master_keys"][office.bot.user_id]["keys"]
    return found


async def keys_of_the_bot(office: Office) -> Mapping[str, Any]:
    answer = await office.anna.call("POST", "keys", "query", body={"device_keys": {office.bot.user_id: []}})
    found: Mapping[str, Any] = answer["device_keys"][office.bot.user_id]
    return found


def is_file(event: RawEvent) -> bool:
    return bool(event["content"].get("msgtype") == "m.file")


async def test_an_editor_lists_and_exports_in_an_encrypted_room(office: Office, anna: Friend, edna: Friend) -> None:
    async with office.open():
        target = await submit(office, anna)
        await office.acknowledged(target)
        assert "Anna A." in await ask(office, edna, "list")
        assert "1 entry" in await ask(office, edna, "export")
        sent = await edna.sees(is_file)
    assert TEXT in (await edna.file(sent)).decode()
    assert "url" not in sent["content"]
    await office.editor.timeline.catch_up()
    said = [event for event in office.editor.timeline.events if event["sender"] == office.bot.user_id]
    assert {event["type"] for event in said} == {"m.room.encrypted", "m.reaction", "m.room.member"}


async def test_a_contributor_edits_illustrates_and_deletes(office: Office, anna: Friend) -> None:
    async with office.open():
        target = await submit(office, anna)
        await office.acknowledged(target)
        await anna.edit(office.submissions, target, f"News: {TEXT} And it is green.")
        shown = await anna.picture(picture())
        reply = await anna.send(office.submissions, {**shown, "m.relates_to": {"m.in_reply_to": {"event_id": target}}})
        await office.acknowledged(reply)
    (entry,) = await stored(office)
    assert entry.text == f"{TEXT} And it is green."
    async with office.open() as bot:
        gone = await submit(office, anna, "Something that will be taken back soon enough.")
        await office.acknowledged(gone)
        await office.anna.redact(office.submissions, gone)
        await office.acknowledged(await submit(office, anna, "And the last news for today, to be sure."))
        async with bot.database.snapshot() as records:
            (media,) = (await records.entries.of_edition("news", entry.edition))[0].media
        assert (media.state, media.file_name) == (MediaState.KEPT, media.mxc.rpartition("/")[2] + ".png")
    assert [entry.number for entry in await stored(office)] == [1, 3]


async def test_the_keys_are_the_owners_alone_and_stay_those_of_the_device(office: Office, anna: Friend) -> None:
    async with office.open():
        before = await keys_of_the_bot(office)
    file = office.config.data_dir / "crypto.db"
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    async with office.open():
        assert await keys_of_the_bot(office) == before
    assert len(before) == 1


async def test_what_came_without_its_key_is_taken_up_when_the_key_comes(
    office: Office, anna: Friend, edna: Friend
) -> None:
    """Also after a restart, with what an editor did about it meanwhile, and once."""
    async with office.open():
        await anna.catch_up()
        key = anna.make_session(office.submissions)
        target = await submit(office, anna)
        await anna.edit(office.submissions, target, f"News: {TEXT} And it is green.")
        await office.editor.react(office.submissions, target, "🏢")
        said = await ask(office, edna, "status")
        assert f"2 messages can't be decrypted yet, from {office.anna.user_id}." in said
        assert (
            await ask(office, edna, "list") == "The edition of " + said.split()[2].rstrip(",") + " has no entries yet."
        )
    async with office.open():
        assert "2 messages can't be decrypted yet" in await ask(office, edna, "status")
        await anna.give(key, office.bot.user_id)
        await office.acknowledged(target)
        assert "Servers 🏢" in await ask(office, edna, "list")
        assert "decrypted" not in await ask(office, edna, "status")
    (entry,) = await stored(office)
    assert (entry.text, entry.department) == (f"{TEXT} And it is green.", "servers")
    assert await waiting(office) == 0
    acks = [event for event in office.anna.timeline.events if office.is_reaction(event, target, "✅")]
    assert len(acks) == 1


async def test_a_key_that_comes_while_the_bot_is_away_is_not_missed(office: Office, anna: Friend) -> None:
    async with office.open():
        await anna.catch_up()
        key = anna.make_session(office.submissions)
        target = await submit(office, anna)
        await office.acknowledged(await office.submit("Something in the clear, to know when that was read."))
    await anna.give(key, office.bot.user_id)
    async with office.open():
        await office.acknowledged(target)
    assert await waiting(office) == 0


async def test_what_is_deleted_before_its_key_comes_is_gone(office: Office, anna: Friend, edna: Friend) -> None:
    async with office.open():
        await anna.catch_up()
        key = anna.make_session(office.submissions)
        gone = await submit(office, anna)
        assert "1 message can't be decrypted yet" in await ask(office, edna, "status")
        await office.anna.redact(office.submissions, gone)
        await office.acknowledged(await office.submit("Something in the clear, to know when that was read."))
        assert await waiting(office) == 0
        await anna.give(key, office.bot.user_id)
        later = await submit(office, anna, "Another one, whose key is there in time.")
        await office.acknowledged(later)
    assert [entry.event_id for entry in await stored(office)][1:] == [later]


async def test_history_is_decrypted_page_by_page(office: Office, anna: Friend) -> None:
    """What passes while the bot is away is more than one sync answer holds."""
    async with office.open():
        await office.acknowledged(await submit(office, anna))
    missed = await submit(office, anna, "The garden has its news, as always.")
    await asyncio.gather(*(office.anna.text(office.submissions, "Small talk.") for _ in range(101)))
    async with office.open():
        await office.acknowledged(missed)


async def test_an_edit_of_what_the_store_does_not_know_is_understood(office: Office, anna: Friend) -> None:
    async with office.open():
        short = await anna.text(office.submissions, "News: short", mentions=[office.bot])
        await office.anna.sees(lambda event: answers(event, short))
        await anna.edit(office.submissions, short, f"News: {TEXT}")
        await office.acknowledged(short)


class TestForgeries:
    async def test_another_ones_ciphertext_is_nobodys_submission(
        self, office: Office, anna: Friend, newcomer: Newcomer
    ) -> None:
        ben = await newcomer("Ben B.")
        await ben.join(office.submissions)
        async with office.open():
            target = await submit(office, anna)
            await office.acknowledged(target)
            original = await ben.call("GET", "rooms", office.submissions, "event", target)
            await ben.send(office.submissions, "m.room.encrypted", original["content"])
            await office.anna.send(office.submissions, "m.room.encrypted", original["content"])
            said = text_content("News: What Anna has written, and Ben sends before she does.", mentions=[office.bot])
            _, unsent = anna.client.encrypt(office.submissions, "m.room.message", said)
            await ben.send(office.submissions, "m.room.encrypted", unsent)
            await office.acknowledged(await submit(office, anna, "And the last news for today, to be sure."))
        first, _ = await stored(office)
        assert first.event_id == target

    @pytest.mark.parametrize("kind", ["m.room.redaction", "m.room.tombstone", "m.room.member"])
    async def test_what_the_server_must_check_counts_for_nothing_when_it_was_encrypted(
        self, office: Office, anna: Friend, kind: str
    ) -> None:
        async with office.open():
            target = await submit(office, anna)
            await office.acknowledged(target)
            forged = {"redacts": target, "replacement_room": "!x:example.org", "membership": "join", "displayname": "E"}
            await anna.send(office.submissions, forged, kind)
            await office.acknowledged(await submit(office, anna, "And the last news for today, to be sure."))
        assert {entry.display_name for entry in await stored(office)} == {"Anna A."}
        assert len(await stored(office)) == 2

    async def test_what_is_no_event_when_decrypted_ends_nothing(self, office: Office, anna: Friend) -> None:
        async with office.open():
            target = await submit(office, anna)
            await office.acknowledged(target)
            session = anna.client.olm.outbound_group_sessions[office.submissions]
            for said in ("", "no JSON", "5", "{}", '{"type": ["m.room.message"]}', "[" * 30_000, '{"content": 5}'):
                content = {**ALGORITHM, "session_id": session.id, "ciphertext": session.encrypt(said)}
                await office.anna.send(office.submissions, "m.room.encrypted", content)
            for ciphertext in (None, 5, "", "AAAA", "é", ["A"]):
                content = {**ALGORITHM, "session_id": session.id, "ciphertext": ciphertext}
                await office.anna.send(office.submissions, "m.room.encrypted", content)
            await office.acknowledged(await submit(office, anna, "And the last news for today, to be sure."))
        assert len(await stored(office)) == 2

    async def test_what_is_no_key_ends_nothing(self, office: Office, anna: Friend) -> None:
        async with office.open():
            for number, content in enumerate(await self.broken(office)):
                messages = {"messages": {office.bot.user_id: {"*": content}}}
                await office.anna.call("PUT", "sendToDevice", "m.room.encrypted", f"broken-{number}", body=messages)
            await office.acknowledged(await submit(office, anna))

    async def broken(self, office: Office) -> list[Mapping[str, Any]]:
        """Return what can be sent to the bot's device instead of a key."""
        (device,) = (await keys_of_the_bot(office)).values()
        (own,) = [key for name, key in device["keys"].items() if name.startswith("curve25519:")]
        key = {"algorithm": "m.olm.v1.curve25519-aes-sha2", "sender_key": "A" * 43}
        texts: list[Mapping[str, Any]] = [
            {"type": kind, "body": body} for kind in (0, 1, 7) for body in ("", "AAAA", "é")
        ]
        return [{}, {"algorithm": 5}, key, *({**key, "ciphertext": {own: text}} for text in (*texts, {}))]


async def test_a_room_that_is_encrypted_while_the_bot_runs_is_answered_encrypted(
    plain_office: Office, homeserver: Homeserver, tmp_path: Path
) -> None:
    office = plain_office
    async with office.open(), encrypting(office.editor, homeserver.url, tmp_path / "edna") as edna:
        assert "no entries" in await office.ask("list")
        await encrypt(office.editor, office.editors_room)
        assert "no entries" in await ask(office, edna, "list")


async def test_a_new_device_reads_what_is_said_from_then_on(
    office: Office, edna: Friend, homeserver: Homeserver, tmp_path: Path
) -> None:
    async with office.open():
        await ask(office, edna, "list")
        async with encrypting(office.editor, homeserver.url, tmp_path / "telephone") as telephone:
            asked = await edna.text(office.editors_room, "!news status")
            answer = await telephone.sees(lambda event: answers(event, asked) and event["was_encrypted"])
        assert "Edition of" in answer["content"]["body"]


async def test_who_has_left_is_given_no_more_keys(
    office: Office, edna: Friend, newcomer: Newcomer, homeserver: Homeserver, tmp_path: Path
) -> None:
    ben = await newcomer("Ben B.")
    await office.editor.call("POST", "rooms", office.editors_room, "invite", body={"user_id": ben.user_id})
    await ben.join(office.editors_room)
    async with office.open(), encrypting(ben, homeserver.url, tmp_path / "ben") as former:
        asked = await edna.text(office.editors_room, "!news list")
        read = await former.sees(lambda event: answers(event, asked))
        await ben.leave(office.editors_room)
        asked = await edna.text(office.editors_room, "!news list")
        said = await edna.sees(lambda event: answers(event, asked))
        sessions = {await session_of(office, event) for event in (read, said)}
        await former.catch_up()
        known = {each.id for each in former.client.olm.inbound_group_store}
    assert len(sessions - known) == 1


async def session_of(office: Office, event: RawEvent) -> str:
    """Return the Megolm session of an event that was decrypted."""
    raw = await office.editor.call("GET", "rooms", office.editors_room, "event", event["event_id"])
    return str(raw["content"]["session_id"])


async def test_a_picture_that_was_tampered_with_is_refused(office: Office, anna: Friend) -> None:
    async with office.open():
        target = await submit(office, anna)
        await office.acknowledged(target)
        shown = await anna.picture(picture())
        shown["file"] = {**shown["file"], "hashes": {"sha256": "A" * 43}}
        await anna.send(office.submissions, {**shown, "m.relates_to": {"m.in_reply_to": {"event_id": target}}})
        await anna.sees(lambda event: "it can't be decrypted" in str(event["content"].get("body")))


async def test_a_damaged_file_of_keys_is_named(office: Office) -> None:
    office.config.data_dir.mkdir(parents=True)
    (office.config.data_dir / "crypto.db").write_bytes(b"no database" * 100)
    with pytest.raises(DatabaseError, match=r"crypto\.db: can't be used: .*; restore it from a copy"):
        async with office.open():
            pass


async def test_the_account_vouches_for_the_device_from_the_beginning(office: Office) -> None:
    """Clients that give keys only to cross-signed devices follow these signatures."""

    async def published() -> tuple[Mapping[str, Any], Mapping[str, Any], Mapping[str, Any]]:
        answer = await office.anna.call("POST", "keys", "query", body={"device_keys": {office.bot.user_id: []}})
        (device,) = answer["device_keys"][office.bot.user_id].values()
        return answer["master_keys"][office.bot.user_id], answer["self_signing_keys"][office.bot.user_id], device

    def is_signed(content: Mapping[str, Any], by: Mapping[str, Any]) -> bool:
        ((name, key),) = by["keys"].items()
        signature = Ed25519Signature.from_base64(content["signatures"][office.bot.user_id][name])
        bare = {part: value for part, value in content.items() if part not in ("signatures", "unsigned")}
        Ed25519PublicKey.from_base64(key).verify_signature(Api.to_canonical_json(bare).encode(), signature)
        return True

    async with office.open():
        master, self_signing, device = await published()
    assert is_signed(self_signing, by=master)
    assert is_signed(device, by=self_signing)
    async with office.open():
        assert (await published())[0] == master


SIGNING = "/keys/device_signing/upload"


async def vouched(office: Office) -> bool:
    """Tell whether the account has signed the bot's device."""
    (device,) = (await keys_of_the_bot(office)).values()
    return len(device["signatures"][office.bot.user_id]) > 1


class TestAHomeserverThatAsksForThePassword:
    """Before it takes the account's keys, as Dendrite does."""

    async def test_is_given_it(self, office: Office, homeserver: Homeserver) -> None:
        async with Front(homeserver.url) as front:
            await front.confirm(SIGNING, office.bot.user_id, office.credentials.password or "")
            office.configure(homeserver=front.url)
            with capture_logs() as logs:
                async with office.open():
                    assert front.has_answered.is_set()
                    assert await vouched(office)
        assert not [line for line in logs if line["log_level"] == "warning"]

    async def test_is_told_of_once_where_there_is_none(self, office: Office, homeserver: Homeserver) -> None:
        async with Front(homeserver.url) as front:
            await front.confirm(SIGNING, office.bot.user_id, office.credentials.password or "")
            office.configure(homeserver=front.url)
            with capture_logs() as logs:
                for _ in range(3):
                    async with office.open(Credentials(access_token=office.bot.access_token)):
                        assert not await vouched(office)
            said = [line for line in logs if line["log_level"] == "warning"]
            assert [line["reason"] for line in said] == [
                "the homeserver asks for the password; run 'twimbot login', or start the bot once with TWIMBOT_PASSWORD"
            ]
            async with office.open():
                assert await vouched(office)

    async def test_is_told_of_a_wrong_one(self, office: Office, homeserver: Homeserver) -> None:
        async with Front(homeserver.url) as front:
            await front.confirm(SIGNING, office.bot.user_id, "another password")
            office.configure(homeserver=front.url)
            with capture_logs() as logs:
                async with office.open():
                    assert not await vouched(office)
            (said,) = [line["reason"] for line in logs if line["log_level"] == "warning"]
            assert said == "M_FORBIDDEN: The password was incorrect or the account is not known."


async def test_keys_in_the_place_of_others_are_confirmed_with_the_password(office: Office, tmp_path: Path) -> None:
    """A real Synapse asks for it then."""
    password = office.credentials.password
    async with office.open() as bot:
        before = await keys_of_the_account(office)
        other = Identity.open(tmp_path / "other.db", office.bot.user_id)
        with pytest.raises(NeedsOwner, match=r"asks for the password; run .twimbot login., or start the bot once"):
            await other.publish(bot._client, None)  # noqa: SLF001 - the log-in of the bot
        with pytest.raises(Refused, match="M_FORBIDDEN"):
            await other.publish(bot._client, "wrong")  # noqa: SLF001 - as above
        assert await keys_of_the_account(office) == before
        await other.publish(bot._client, password)  # noqa: SLF001 - as above
        assert await keys_of_the_account(office) != before


@pytest.mark.parametrize(
    ("flows", "stages"),
    [
        ([["m.login.dummy"]], ["m.login.dummy"]),
        ([["m.login.sso"], ["m.login.dummy", "m.login.password"]], ["m.login.dummy", "m.login.password"]),
        ([["m.login.sso"], ["m.oauth"]], "asks for m.login.sso or m.oauth; verify the bot's device in another client"),
        ([["m.login.password", "m.login.terms"]], "asks for m.login.password or m.login.terms; verify"),
        ([], "asks for its owner; verify"),
        ("no list", "M_UNKNOWN"),
        ([["m.login.dummy"]], "asks again and again"),
        ([["m.login.dummy", "m.login.password"]], "asks again and again"),
    ],
)
async def test_the_stages_of_a_confirmation_are_gone_through(tmp_path: Path, flows: object, stages: object) -> None:
    """A homeserver that wants these ways; one that is to ask again forgets what it had."""
    gone: list[str] = []

    async def answer(request: web.Request) -> web.Response:
        auth = (await request.json()).get("auth", {"type": None})
        assert auth["type"] is None or auth["session"] == "one"
        gone.extend([auth["type"]] if auth["type"] else [])
        if gone == stages:
            return web.json_response({})
        ways = [{"stages": way} for way in flows] if isinstance(flows, list) else flows
        done = gone if isinstance(stages, list) else gone[:0]
        return web.json_response({"flows": ways, "session": "one", "completed": done}, status=401)

    application = web.Application()
    application.router.add_post("/{path:.*}", answer)
    runner = web.AppRunner(application)
    await runner.setup()
    port = free_port()
    await web.TCPSite(runner, LOOPBACK, port).start()
    client = Client(f"http://{LOOPBACK}:{port}", "@news:example.org")
    identity = Identity.open(tmp_path / "keys.db", client.user_id)
    try:
        if isinstance(stages, list):
            await identity.publish(client, "secret")
            assert gone == stages
        else:
            with pytest.raises(HomeserverError, match=str(stages) if stages != "M_UNKNOWN" else "not in Matrix"):
                await identity.publish(client, "secret")
    finally:
        await client.close()
        await runner.cleanup()


async def test_a_device_that_was_logged_out_has_its_keys_back_with_the_next_log_in(office: Office) -> None:
    async with office.open() as bot, bot.database.snapshot() as records:
        session = await records.rooms.session()
        before = await keys_of_the_bot(office)
    assert session
    office.bot.access_token = session.access_token
    await office.bot.call("POST", "logout", body={})
    assert await keys_of_the_bot(office) == {}
    async with office.open():
        after = await keys_of_the_bot(office)
    assert after == before


async def test_a_lost_database_is_made_again_with_the_keys_that_are_left(office: Office, anna: Friend) -> None:
    async with office.open():
        target = await submit(office, anna)
        await office.acknowledged(target)
        before = await keys_of_the_bot(office)
    (office.config.data_dir / "twimbot.db").unlink()
    rebuilt = await rebuild(office.config, office.credentials, None)
    assert [entry.event_id for entry in await stored(office)] == [target]
    assert not [note for note in rebuilt.notes if "could not be read" in note]
    assert await keys_of_the_bot(office) == before


async def test_the_last_device_of_an_account_is_known_by_its_keys(tmp_path: Path) -> None:
    file, news, others = tmp_path / "crypto.db", "@news:example.org", "@others:example.org"
    assert device_of(file, news) is None
    assert not file.exists()
    for user, device in ((news, "FIRST"), (news, "LAST"), (others, "OTHER")):
        client = Client("http://127.0.0.1:1", user)
        encryption = Encryption(client, file)
        encryption.open(device)
        encryption.close()
        await client.close()
    assert device_of(file, news) == "LAST"
    file.write_bytes(b"no database at all" * 100)
    with pytest.raises(DatabaseError, match=r"crypto\.db: can't be used"):
        device_of(file, news)


async def test_lost_keys_are_told_of_and_stop_nothing(
    office: Office, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    async with office.open():
        before = await keys_of_the_bot(office)
    (office.config.data_dir / "crypto.db").rename(tmp_path / "lost.db")
    async with office.open():
        await office.acknowledged(await office.submit())
    assert await keys_of_the_bot(office) != before
    assert "the keys of this device were lost" in capsys.readouterr().out


async def test_who_finds_no_one_time_keys_left_is_heard_too(
    office: Office, homeserver: Homeserver, tmp_path: Path
) -> None:
    async with office.open():
        pass
    ((device, _),) = (await keys_of_the_bot(office)).items()
    claim = {"one_time_keys": {office.bot.user_id: {device: "signed_curve25519"}}}
    taken = [await office.editor.call("POST", "keys", "claim", body=claim) for _ in range(51)]
    ((last,),) = (list(answer["one_time_keys"][office.bot.user_id][device].values()) for answer in taken[-1:])
    assert last["fallback"] is True
    async with encrypting(office.anna, homeserver.url, tmp_path / "anna") as anna:
        target = await submit(office, anna)
        async with office.open():
            await office.acknowledged(target)
