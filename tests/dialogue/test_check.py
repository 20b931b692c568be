"""`twimbot check --online`: tries what there is to log in with, looks at the rooms, and leaves everything as it was."""

import asyncio
import json
import re
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import replace
from pathlib import Path

import pytest

from tests.conftest import Newcomer
from tests.dialogue.office import Office
from tests.dialogue.test_session import BRIEF, brief, brief_office, log_out, session_of
from tests.encryption.friend import encrypt
from tests.test_cli import call
from twimbot.app import check_online, open_database
from twimbot.config import Credentials
from twimbot.errors import HomeserverError
from twimbot.matrix.survey import RoomFound

__all__ = ["brief", "brief_office"]  # fixtures

NOBODY = Credentials()


async def found(office: Office, credentials: Credentials | None = None) -> list[RoomFound]:
    """Check, and return what was found of the submissions, editors' and ping room, whether all is well or not."""
    rooms: list[RoomFound] = []
    with suppress(HomeserverError):
        await check_online(office.config, credentials or office.credentials, rooms.extend)
    return rooms


async def problems(office: Office, credentials: Credentials) -> list[str]:
    with pytest.raises(HomeserverError) as caught:
        await check_online(office.config, credentials)
    return str(caught.value).splitlines()


def on_disk(folder: Path) -> Mapping[str, tuple[int, bytes]]:
    files = (file for file in folder.rglob("*") if file.is_file())
    return {str(file.relative_to(folder)): (file.stat().st_mtime_ns, file.read_bytes()) for file in files}


async def devices(office: Office) -> set[str]:
    answer = await office.bot.call("GET", "devices")
    return {device["device_id"] for device in answer["devices"]}


async def rooms_of_the_bot(office: Office) -> tuple[list[str], list[str]]:
    """Return which rooms the bot is in, and which it is invited to."""
    answer = await office.bot.call("GET", "sync", query={"timeout": "0"})
    rooms = answer.get("rooms", {})
    return sorted(rooms.get("join", {})), sorted(rooms.get("invite", {}))


class TestNothingIsChanged:
    async def test_where_the_bot_never_was(self, office: Office) -> None:
        before = await devices(office), await rooms_of_the_bot(office)
        rooms = await found(office)
        assert [room.standing for room in rooms] == ["public", "invited", "public"]
        assert (await devices(office), await rooms_of_the_bot(office)) == before
        assert not office.config.data_dir.exists()

    @pytest.mark.parametrize("is_running", [True, False])
    async def test_where_the_bot_was(self, office: Office, is_running: bool) -> None:  # noqa: FBT001 - a parameter
        async with office.open():
            await office.acknowledged(await office.submit())
            before = await devices(office), await rooms_of_the_bot(office)
            if is_running:
                assert [room.standing for room in await found(office)] == ["joined"] * 3
                await office.acknowledged(await office.submit("Something that is said after the check was made."))
        files = on_disk(office.config.data_dir)
        assert [room.standing for room in await found(office)] == ["joined"] * 3
        assert [room.standing for room in await found(office, NOBODY)] == ["joined"] * 3
        assert on_disk(office.config.data_dir) == files
        assert (await devices(office), await rooms_of_the_bot(office)) == before

    async def test_where_the_token_is_due_to_be_renewed(self, brief_office: Office) -> None:
        office = brief_office
        async with office.open():
            pass
        await asyncio.sleep(BRIEF)
        files = on_disk(office.config.data_dir)
        assert await check_online(office.config, NOBODY) == (
            "the stored log-in is due to be renewed, which 'twimbot run' does",
            "nobody was there to look at the rooms; set TWIMBOT_PASSWORD for that",
        )
        assert [room.standing for room in await found(office)] == ["joined"] * 3
        assert on_disk(office.config.data_dir) == files
        async with office.open(NOBODY):
            await office.acknowledged(await office.submit())

    async def test_where_the_data_is_somebody_elses(self, office: Office) -> None:
        office.config.data_dir.mkdir()
        (office.config.data_dir / "twimbot.db").write_bytes(b"")
        files = on_disk(office.config.data_dir)
        await found(office)
        assert on_disk(office.config.data_dir) == files


class TestWhatThereIsToLogInWith:
    @pytest.mark.parametrize("stored", ["stored", ""])
    @pytest.mark.parametrize(
        ("given", "sentence"),
        [
            (Credentials("wrong"), "refuses the password of .*; check TWIMBOT_PASSWORD"),
            (Credentials(None, "syt_made_up"), "refuses TWIMBOT_ACCESS_TOKEN .*; make a new one"),
        ],
    )
    async def test_is_tried_where_a_log_in_is_stored_too(
        self,
        office: Office,
        stored: str,
        given: Credentials,
        sentence: str,
    ) -> None:
        if stored:
            async with office.open():
                pass
        (said,) = await problems(office, given)
        assert re.search(sentence, said)

    async def test_is_tried_each_for_itself(self, office: Office) -> None:
        right, wrong = office.credentials.password, "wrong"
        token = office.bot.access_token
        assert await check_online(office.config, Credentials(right, token)) == ()
        assert len(await problems(office, Credentials(wrong, token))) == 1
        assert len(await problems(office, Credentials(right, wrong))) == 1
        assert len(await problems(office, Credentials(wrong, wrong))) == 2

    async def test_of_somebody_else_is_told(self, office: Office) -> None:
        (said,) = await problems(office, Credentials(access_token=office.anna.access_token))
        assert f"belongs to {office.anna.user_id}, but user_id is {office.bot.user_id}" in said

    async def test_is_wanted(self, office: Office) -> None:
        (said,) = await problems(office, NOBODY)
        assert "there is no log-in yet; run 'twimbot login', or set TWIMBOT_PASSWORD" in said

    async def test_is_missed_where_the_stored_log_in_has_ended(self, office: Office) -> None:
        async with office.open() as bot:
            session = await session_of(bot.database)
        await log_out(office, session.access_token)
        (said,) = await problems(office, NOBODY)
        assert "ended the log-in of" in said
        note = "the stored log-in has ended; the next start makes another one"
        assert await check_online(office.config, office.credentials) == (note,)

    async def test_is_for_the_account_of_the_data(self, office: Office) -> None:
        async with office.open():
            pass
        async with open_database(office.config) as database:
            stored = await session_of(database)
            async with database.transaction() as records:
                await records.rooms.keep_session(replace(stored, user_id="@other:example.org"))
        (said,) = await problems(office, office.credentials)
        assert said.endswith("but data_dir belongs to @other:example.org; name another data_dir")


class TestARoom:
    async def test_says_what_may_be_done_in_it(self, office: Office) -> None:
        async with office.open():
            pass
        levels = {"events": {"m.reaction": 10, "m.room.redaction": 50}}
        await office.editor.call("PUT", "rooms", office.submissions, "state", "m.room.power_levels", body=levels)
        shared = {"history_visibility": "joined"}
        await office.editor.call("PUT", "rooms", office.pings, "state", "m.room.history_visibility", body=shared)
        await encrypt(office.editor, office.editors_room)
        mail, editors, pings = await found(office)
        assert (mail.may_speak, mail.may_react, mail.may_redact, mail.is_encrypted) == (True, False, False, False)
        assert (editors.may_speak, editors.may_react, editors.may_redact, editors.is_encrypted) == (True,) * 4
        assert (mail.history, editors.history, pings.history) == ("shared", "shared", "joined")
        assert mail.room_id == office.submissions

    async def test_in_which_the_bot_may_not_speak_is_a_problem(self, office: Office) -> None:
        async with office.open():
            pass
        for room in (office.submissions, office.pings):
            levels = {"events": {"m.room.message": 10}}
            await office.editor.call("PUT", "rooms", room, "state", "m.room.power_levels", body=levels)
        mail, _, pings = await found(office)
        assert mail.problem == f"room {mail.configured}: {office.bot.user_id} may not speak there; give it the power to"
        assert (pings.may_speak, pings.problem) == (False, None)

    async def test_that_the_bot_made_is_one_in_which_it_may_do_all(self, office: Office) -> None:
        own = await office.bot.create_room("Own", version="12")
        levels = {"events_default": 50}
        await office.bot.call("PUT", "rooms", own, "state", "m.room.power_levels", body=levels)
        await reconfigured(office, pings=own)
        assert (await found(office))[2].may_speak

    async def test_is_found_by_its_alias_and_in_its_place(self, office: Office) -> None:
        answer = await office.editor.call("GET", "rooms", office.submissions, "aliases")
        (alias,) = answer["aliases"]
        async with office.open():
            pass
        await reconfigured(office, submissions=alias)
        (mail, *_) = await found(office)
        assert (mail.configured, mail.room_id, mail.standing) == (alias, office.submissions, "joined")
        await reconfigured(office, submissions=office.submissions)
        new = await office.editor.upgrade(office.submissions, "11")
        (mail, *_) = await found(office)
        assert (mail.configured, mail.room_id, mail.standing) == (office.submissions, new, "public")

    async def test_that_is_closed_or_unknown_is_a_problem(self, office: Office) -> None:
        closed = await office.editor.create_room("Closed", is_public=False)
        await reconfigured(office, pings=closed, submissions="#nowhere:example.org")
        mail, _, pings = await found(office)
        assert mail.problem == "there is no room #nowhere:example.org to be found; correct its name"
        assert pings.problem == (
            f"room {closed} can't be joined (it is closed, or there is none); invite {office.bot.user_id} to it"
        )

    async def test_that_the_bot_is_banned_from_is_a_problem(self, office: Office) -> None:
        async with office.open():
            pass
        await office.editor.call("POST", "rooms", office.pings, "ban", body={"user_id": office.bot.user_id})
        (*_, pings) = await found(office)
        assert pings.problem == (
            f"room {office.pings} can't be joined ({office.bot.user_id} is banned); unban it there, and invite it"
        )

    async def test_of_two_publications_submissions_is_a_problem(self, office: Office) -> None:
        written = json.loads(office.config_file.read_text(encoding="utf-8"))["publications"]
        (alias,) = (await office.editor.call("GET", "rooms", office.submissions, "aliases"))["aliases"]
        rooms = {**written["news"]["rooms"], "submissions": alias}
        office.configure(publications={**written, "other": {**written["news"], "command": "!other", "rooms": rooms}})
        said = await problems(office, office.credentials)
        assert said == [f"room {alias} is the submissions room of news and other; each publication needs its own"]


async def test_the_table_is_written_whether_all_is_well_or_not(office: Office, newcomer: Newcomer) -> None:
    environment = {"TWIMBOT_PASSWORD": office.credentials.password or ""}
    arguments = ("check", "--online", "--config", str(office.config_file))
    done = await asyncio.to_thread(call, office.config_file.parent, *arguments, environment=environment)
    lines = done.stdout.splitlines()
    assert re.split(r"  +", lines[0]) == [
        *("room", "for", "found as", "standing", "speak", "react", "redact", "encrypted", "history")
    ]
    assert re.split(r"  +", lines[1])[1:] == [
        *("news submissions", office.submissions, "public", "?", "?", "?", "no", "?")
    ]
    assert lines[-1] == f"{office.config_file} is in order"
    assert done.returncode == 0
    await reconfigured(office, pings="#nowhere:example.org")
    done = await asyncio.to_thread(call, office.config_file.parent, *arguments, environment=environment)
    assert (done.returncode, len(done.stdout.splitlines())) == (2, 4)


async def reconfigured(office: Office, **rooms: str) -> None:
    """Name other rooms in the configuration."""
    written = json.loads(office.config_file.read_text(encoding="utf-8"))["publications"]
    written["news"]["rooms"] |= rooms
    office.configure(publications=written)
