"""Nothing is lost or said twice, however long the bot was away and whatever it has forgotten meanwhile."""

import asyncio
import shutil
from collections.abc import Sequence
from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from tests.dialogue.office import Office, answers
from tests.dialogue.test_dialogues import picture, upgraded
from twimbot.app import KEYS, Bot, alone, export_from_store, open_client, open_database
from twimbot.config import Credentials
from twimbot.demo.person import RawEvent
from twimbot.errors import JobError, Unwritable
from twimbot.filing.terms import terms
from twimbot.model.archive import ArchivedEntry, ArchivedPost
from twimbot.model.batch import Batch
from twimbot.model.entry import Entry
from twimbot.publishing.exporter import media_folder
from twimbot.rebuilding import rebuild


async def entries(office: Office) -> list[Entry]:
    """Return the entries of the due edition."""
    publication = office.config.publications["news"]
    async with open_database(office.config) as database, database.snapshot() as records:
        due = await records.editions.due("news", publication.calendar, datetime.now(UTC))
        return await records.entries.of_edition("news", due)


def files(folder: Path) -> dict[str, bytes]:
    """Return a folder's files by their path in it."""
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


async def exported(office: Office, output: Path) -> dict[str, bytes]:
    """Return the files of the exported tree, by their path."""
    config = office.config
    await export_from_store(config, config.publications["news"], None, output, "Edna")
    return files(output)


async def said(office: Office) -> list[RawEvent]:
    """Return everything that the bot has ever sent into its rooms."""
    seen: dict[str, RawEvent] = {}
    for person in (office.anna, office.editor):
        await person.timeline.catch_up()
        seen |= {event["event_id"]: event for event in person.timeline.events}
    return [event for event in seen.values() if event["sender"] == office.bot.user_id]


def unlike(now: Sequence[RawEvent], before: Sequence[RawEvent]) -> list[RawEvent]:
    """Return the events that were not there before."""
    known = {event["event_id"] for event in before}
    return [event for event in now if event["event_id"] not in known]


async def forget_device(office: Office) -> None:
    """Have the bot log in as a new device, for which the homeserver remembers no transactions."""
    async with open_database(office.config) as database, database.transaction() as records:
        await records.connection.execute("DELETE FROM session")
    (office.config.data_dir / KEYS).unlink()


async def settle(bot: Bot) -> None:
    """Wait until nothing waits to be fetched or said."""
    while True:
        async with bot.database.snapshot() as records:
            waiting = [*await records.outbox.rooms_waiting(), *await records.media.wanted()]
        if not waiting:
            return
        await asyncio.sleep(0.05)


async def busy_week(office: Office) -> None:
    """Have the bot do everything once that it says or decides something about."""
    kept = await office.submit()
    await office.acknowledged(kept)
    await office.anna.text(office.submissions, "News: tiny")
    content = await office.anna.image_content(picture(), file_name="a.png")
    shown = await office.anna.reply(office.submissions, kept, content)
    question = await office.anna.sees(lambda event: "what does this picture show" in event["content"].get("body", ""))
    answer = await office.anna.reply(office.submissions, question["event_id"], "A teal square on its own")
    await office.acknowledged(answer)
    await office.anna.reply_in_thread(office.submissions, kept, "There is more to say about it, and here it is.")
    gone = await office.submit("Something that is taken back a little later, by who said it.")
    await office.acknowledged(gone)
    await office.anna.redact(office.submissions, gone)
    unasked = await office.anna.text(office.submissions, "Nobody has asked for this, and it is good all the same.")
    await office.editor.react(office.submissions, unasked, "⭕")
    await office.acknowledged(unasked)
    dropped = await office.submit("Fernglas has one more thing to say, which an editor does not want.")
    await office.acknowledged(dropped)
    await office.editor.react(office.submissions, kept, "Fernglas")
    await office.ask("file 3 servers")
    await office.ask("drop 4")
    await office.ask("cover 1")
    await office.ask("live https://youtu.be/abcDEF_1234 A walk")
    await office.ask("list")
    await office.exported()
    await office.acknowledged(shown)


async def test_a_command_finds_what_was_said_before_it_in_the_other_room(office: Office) -> None:
    """The editors' room is read together with the submissions room, whichever of them the server names first."""
    async with office.open():
        await office.acknowledged(await office.submit())
    second = await office.submit("The second entry, about which an editor decides while the bot is away.")
    await office.editor.text(office.editors_room, "!news file 2 servers")
    await office.anna.edit(office.submissions, second, "News: The second entry, edited when it was filed already.")
    third = await office.submit("The third entry comes after the command.")
    await office.editor.text(office.editors_room, "!news drop 3")
    async with office.open():
        await office.acknowledged(third)
        await office.ask("status")
    assert [(entry.number, entry.department, entry.is_dropped) for entry in await entries(office)] == [
        (1, None, False),
        (2, "servers", False),
        (3, None, True),
    ]


async def test_a_database_that_was_put_back_from_a_copy_doubles_nothing(office: Office, tmp_path: Path) -> None:
    """The copy knows nothing of the week; the homeserver no longer knows the transactions either."""
    database = office.config.data_dir / "twimbot.db"
    async with office.open():
        await office.ask("help")
    shutil.copy(database, tmp_path / "copy.db")
    async with office.open() as bot:
        await busy_week(office)
        await settle(bot)
    before, post, heard = await entries(office), await exported(office, tmp_path / "before"), await said(office)
    shutil.copy(tmp_path / "copy.db", database)
    await forget_device(office)
    async with office.open() as bot:
        await settle(bot)
    assert unlike(await said(office), heard) == []
    assert [entry.event_id for entry in await entries(office)] == [entry.event_id for entry in before]
    assert await exported(office, tmp_path / "after") == post
    async with office.open():
        last = await office.submit("And life goes on with the next number, as it has always done.")
        await office.acknowledged(last)
    assert (await entries(office))[-1].number == 5


async def test_a_lost_database_is_made_again_from_the_rooms(office: Office, tmp_path: Path) -> None:
    async with office.open() as bot:
        await busy_week(office)
        await settle(bot)
    before, post, heard = await entries(office), await exported(office, tmp_path / "before"), await said(office)
    unheard = await office.editor.text(office.editors_room, "!news drop 1")
    shutil.rmtree(office.config.data_dir)
    rebuilt = await rebuild(office.config, office.credentials, None)
    assert rebuilt.former is None
    assert rebuilt.notes[0].startswith("1 command of an editor has no answer in the room")
    assert rebuilt.notes[-1] == (
        "published posts that had been imported are lost with the former database: import them again"
    )
    assert [place(entry) for entry in await entries(office)] == [place(entry) for entry in before]
    assert await exported(office, tmp_path / "after") == post
    assert unlike(await said(office), heard) == []
    async with office.open() as bot:
        last = await office.submit("And life goes on with the next number, as it has always done.")
        await office.acknowledged(last)
        await settle(bot)
    assert (await entries(office))[-1].number == 5
    again = unlike(await said(office), heard)
    assert {event["content"]["m.relates_to"]["event_id"] for event in again} == {last}
    assert not [event for event in again if answers(event, unheard)]


def place(entry: Entry) -> tuple[object, ...]:
    """Return what an editor sees of an entry in the list."""
    return entry.number, entry.event_id, entry.department, entry.project, entry.is_dropped, entry.texts


async def test_what_a_lost_database_has_left_behind_is_moved_aside(office: Office, tmp_path: Path) -> None:
    """A killed bot's write-ahead log would be replayed into the new database."""
    folder = office.config.data_dir
    async with office.open() as bot:
        target = await office.submit()
        await office.anna.reply(
            office.submissions, target, await office.anna.image_content(picture(), file_name="a.png")
        )
        await office.acknowledged(target)
        await settle(bot)
        async with bot.database.transaction() as records:
            await records.rooms.name_member("!other:example.org", office.anna.user_id, "Of the lost one")
        shutil.copy(folder / "twimbot.db-wal", tmp_path / "left.wal")
    (folder / "twimbot.db").unlink()
    shutil.copy(tmp_path / "left.wal", folder / "twimbot.db-wal")
    left = {name for name in files(folder) if name.startswith(("media/", "twimbot.db"))}
    rebuilt = await rebuild(office.config, office.credentials, None)
    assert rebuilt.former
    assert set(files(rebuilt.former)) == left
    assert [entry.event_id for entry in await entries(office)] == [target]
    async with open_database(office.config) as database, database.snapshot() as records:
        members = await records.connection.execute_fetchall("SELECT display_name FROM member")
    assert "Of the lost one" not in {row["display_name"] for row in members}


async def test_the_former_database_is_kept_and_its_log_in_and_archive_taken_over(office: Office) -> None:
    async with office.open() as bot:
        await office.acknowledged(await office.submit())
        async with bot.database.snapshot() as records:
            session = await records.rooms.session()
        said = ArchivedEntry(None, "Ada", "Clients 📱", "Fernglas", None, "It shows far more now.")
        post = ArchivedPost(date(2025, 1, 3), "Weekly News 2025-01-03", (said,))
        async with bot.database.transaction() as records:
            await records.archive.keep_post("news", post, terms)
    rebuilt = await rebuild(office.config, Credentials(), None)
    assert not any("published posts" in note for note in rebuilt.notes)
    assert rebuilt.former is not None
    assert (rebuilt.former / "twimbot.db").stat().st_size > 0
    async with open_database(office.config) as database, database.snapshot() as records:
        assert await records.rooms.session() == session
        assert await records.archive.posts("news") == [post]
        assert await records.archive.uses("news", [""]) == {"": {"Clients 📱": 1}}
    assert len(await entries(office)) == 1


async def test_a_rebuilding_that_fails_changes_nothing(office: Office) -> None:
    async with office.open():
        await office.acknowledged(await office.submit())
    await forget_device(office)
    present = files(office.config.data_dir)
    with pytest.raises(JobError, match="there is no log-in yet"):
        await rebuild(office.config, Credentials(), None)
    with alone(office.config.data_dir), pytest.raises(JobError, match="in use by another twimbot"):
        await rebuild(office.config, office.credentials, None)
    assert {name: data for name, data in files(office.config.data_dir).items() if name in present} == present
    assert not (office.config.data_dir / "rebuilding").exists()


async def test_a_second_rebuilding_keeps_one_copy_of_what_was_before(office: Office) -> None:
    async with office.open():
        await office.acknowledged(await office.submit())
    data = office.config.data_dir
    (data / "media").mkdir(exist_ok=True)
    (data / "media" / "first.txt").write_text("before the first", encoding="utf-8")
    first = await rebuild(office.config, office.credentials, None)
    (data / "media").mkdir(exist_ok=True)
    (data / "media" / "second.txt").write_text("before the second", encoding="utf-8")
    second = await rebuild(office.config, office.credentials, None)
    assert first.former == second.former == data / "before-rebuild"
    assert sorted(path.name for path in data.glob("before-rebuild*")) == ["before-rebuild"]
    assert [path.name for path in (data / "before-rebuild" / "media").iterdir()] == ["second.txt"]
    assert not any("import them again" in note for note in (*first.notes, *second.notes))  # there were none


async def test_a_reading_ends_where_pictures_can_no_longer_be_kept(office: Office) -> None:
    config = office.config
    target = await office.submit()
    await office.anna.reply(office.submissions, target, await office.anna.image_content(picture(), file_name="a.png"))
    async with open_database(config) as database, open_client(config) as client:
        media_folder(config.data_dir).touch()
        bot, heard = Bot(config, office.credentials, client, database), list[Batch]()
        async with asyncio.timeout(60):
            with pytest.raises(Unwritable, match="media can't be used"):
                await bot.read_up(heard.append)
        await bot.stop()


async def test_the_part_of_the_week_before_an_upgrade_is_read_too(office: Office) -> None:
    async with office.open():
        await upgraded(office)
    before = await entries(office)
    shutil.rmtree(office.config.data_dir)
    written = office.config_file.read_text(encoding="utf-8")
    office.config_file.write_text(written.replace(office.submissions, before[-1].room_id), encoding="utf-8")
    await rebuild(office.config, office.credentials, None)
    assert [place(entry) for entry in await entries(office)] == [place(entry) for entry in before]


async def test_a_database_that_cannot_be_put_in_place_leaves_the_former_one_there(office: Office) -> None:
    """Something stands where the new pictures go, so the last of the moves fails."""
    async with office.open():
        await busy_week(office)
    data, before = office.config.data_dir, await entries(office)
    shutil.rmtree(data / "media")
    (data / "media").symlink_to(data / "nowhere")
    (data / "before-rebuild").mkdir()
    (data / "before-rebuild" / "older.db").touch()
    with pytest.raises(JobError, match="can't be used"):
        await rebuild(office.config, office.credentials, None)
    assert [path.name for path in (data / "before-rebuild").iterdir()] == ["older.db"]
    assert [place(entry) for entry in await entries(office)] == [place(entry) for entry in before]
