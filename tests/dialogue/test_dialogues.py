"""Dialogues with the running bot over a real Synapse."""

import io
import tomllib
import zipfile

import pytest
from PIL import ExifTags, Image

from tests.conftest import Newcomer
from tests.dialogue.office import TEXT, Office, answers
from tests.lint.making import WRONG
from twimbot.app import export_from_store
from twimbot.config import Credentials
from twimbot.errors import HomeserverError, LoggedOut


def picture(colour: str = "teal") -> bytes:
    """Make a small PNG."""
    file = io.BytesIO()
    Image.new("RGB", (64, 48), colour).save(file, "PNG")
    return file.getvalue()


def photograph() -> bytes:
    """Make a JPEG that says where it was taken, and by whom."""
    exif = Image.Exif()
    exif[ExifTags.Base.Artist] = "Somebody's name"
    exif.get_ifd(ExifTags.IFD.GPSInfo)[ExifTags.GPS.GPSLatitude] = (48.0, 12.0, 30.0)
    file = io.BytesIO()
    Image.new("RGB", (64, 48), "teal").save(file, "JPEG", exif=exif, comment=b"Somebody's home")
    return file.getvalue()


def post_of(files: dict[str, bytes]) -> str:
    """Return the post among the files of an export."""
    (post,) = (data.decode() for name, data in files.items() if name.endswith(".md"))
    return post


async def upgraded(office: Office) -> str:
    """Upgrade the submissions room under the running bot, see it follow, and return the new room."""
    await office.acknowledged(await office.submit())
    successor = await office.editor.upgrade(office.submissions, "12")
    await office.anna.join(successor)
    said = await office.anna.text(successor, "News: The first news in the new room, with all of its flowers.")
    await office.acknowledged(said)
    return successor


async def test_from_a_mention_to_the_exported_post(office: Office) -> None:
    async with office.open():
        target = await office.submit()
        await office.acknowledged(target)
        await office.acknowledged(target, "Fernglas ?")
        await office.editor.react(office.submissions, target, "Fernglas")
        await office.anna.sees(lambda event: event["type"] == "m.room.redaction")
        content = await office.anna.image_content(picture(), file_name="screen.png", caption="The new search")
        await office.anna.reply_in_thread(office.submissions, target, content)
        assert "1 | Clients 📱 | Fernglas | Anna A." in await office.ask("list")
        await office.ask("live https://youtu.be/abcDEF_1234 A walk")
        files = await office.exported()
    post = post_of(files)
    assert tomllib.loads(post.split("+++")[1])["taxonomies"]["author"] == ["Edna"]
    assert '## Matrix Live: A walk\n\n{{youtube_player(video_id="abcDEF_1234")}}' in post
    assert f"## Clients 📱\n\n### Fernglas\n\n[Anna A.](https://matrix.to/#/{office.anna.user_id})" in post
    assert f"\n> {TEXT}\n>\n> ![The new search](/blog/img/" in post
    (packed,) = (data for name, data in files.items() if name.endswith(".zip"))
    with zipfile.ZipFile(io.BytesIO(packed)) as archive:
        (image_name,) = (name for name in archive.namelist() if name.endswith(".png"))
        assert (
            Image.open(io.BytesIO(archive.read(image_name))).tobytes() == Image.new("RGB", (64, 48), "teal").tobytes()
        )
        (name,) = (name for name in archive.namelist() if name.endswith("-news.md"))
        assert archive.read(name).decode() == post


async def test_what_happened_while_the_bot_was_away_is_there_after_the_start(office: Office) -> None:
    async with office.open():
        known = await office.submit()
        await office.acknowledged(known)
    forgotten = await office.anna.text(office.submissions, TEXT)
    await office.editor.react(office.submissions, forgotten, "⭕")
    # More than one page of history, so that the timeline comes limited and the gap is filled in pages.
    for number in range(230):
        await office.anna.text(office.submissions, f"chatter {number}")
    await office.anna.edit(office.submissions, known, "News: Fernglas 1.5 is out now, which is even better.")
    await office.editor.react(office.submissions, known, "🏢")
    late = await office.submit("And the last word of the week, said while nobody listened.")
    async with office.open():
        await office.acknowledged(late)
        await office.acknowledged(forgotten)
        listed = await office.ask("list")
    assert "1 | Servers 🏢 |  | Anna A. | Fernglas 1.5 is out now" in listed
    assert "2 | not filed |  | Anna A. | Fernglas 1.4" in listed
    assert "3 | not filed |  | Anna A. | And the last word" in listed
    reactions = [e for e in office.anna.timeline.events if office.is_reaction(e, known, "✅")]
    assert len(reactions) == 1


async def test_the_first_start_reads_back_and_answers_nothing_old(office: Office) -> None:
    old = await office.submit()
    short = await office.anna.text(office.submissions, "News: tiny")
    command = await office.editor.text(office.editors_room, "!news list")
    for number in range(120):
        await office.anna.text(office.submissions, f"chatter {number}")
    async with office.open():
        await office.acknowledged(old)
        await office.ask("status")
    seen = [*office.anna.timeline.events, *office.editor.timeline.events]
    assert not [event for event in seen if answers(event, short) or answers(event, command)]


async def test_a_page_of_history_that_is_hidden_from_the_bot_is_not_the_end(office: Office, newcomer: Newcomer) -> None:
    spammer = await newcomer("Spam")
    await spammer.join(office.submissions)
    async with office.open():
        await office.acknowledged(await office.submit())
    ignored: dict[str, object] = {"ignored_users": {spammer.user_id: {}}}
    await office.bot.call("PUT", "user", office.bot.user_id, "account_data", "m.ignored_user_list", body=ignored)
    for number in range(210):
        await spammer.text(office.submissions, f"spam {number}")
    behind = await office.submit("A submission that stands behind a page of nothing but spam.")
    for number in range(110):
        await office.anna.text(office.submissions, f"chatter {number}")
    async with office.open():
        await office.acknowledged(behind)


async def test_a_publication_that_comes_back_has_missed_nothing(office: Office) -> None:
    async with office.open():
        await office.acknowledged(await office.submit())
    written = office.config_file.read_text(encoding="utf-8")
    elsewhere = await office.editor.create_room("Elsewhere")
    other = written.replace('"news": {', '"other": {').replace(office.submissions, elsewhere)
    office.config_file.write_text(other, encoding="utf-8")
    async with office.open():
        missed = await office.submit("Said while nobody listened in this room any more.")
        assert "no entries yet" in await office.ask("list")
    office.config_file.write_text(written, encoding="utf-8")
    async with office.open():
        await office.acknowledged(missed)


async def test_old_commands_in_a_room_that_is_configured_later_are_history(office: Office) -> None:
    async with office.open():
        await office.acknowledged(await office.submit())
    later = await office.editor.create_room("Other editors", invite=[office.bot], is_public=False)
    old = await office.editor.text(later, "!news drop 1")
    written = office.config_file.read_text(encoding="utf-8").replace(office.editors_room, later)
    office.config_file.write_text(written, encoding="utf-8")
    async with office.open():
        asked = await office.editor.text(later, "!news list")
        answer = await office.editor.sees(lambda event: answers(event, asked), 15)
    assert "(dropped)" not in answer["content"]["body"]
    assert not [event for event in office.editor.timeline.events if answers(event, old)]


async def test_a_room_configured_by_its_id_is_followed_though_the_old_one_is_closed(office: Office) -> None:
    async with office.open():
        successor = await upgraded(office)
    ban = {"user_id": office.bot.user_id, "reason": "this room is closed"}
    await office.editor.call("POST", "rooms", office.submissions, "ban", body=ban)
    async with office.open():
        later = await office.anna.text(successor, "News: And it goes on as if nothing at all had happened here.")
        await office.acknowledged(later)


async def test_a_lost_position_is_read_back_and_doubles_nothing(office: Office) -> None:
    async with office.open() as bot:
        target = await office.submit()
        await office.acknowledged(target)
        async with bot.database.transaction() as records:
            await records.rooms.keep_position("s999999999_not_a_token", 2**53)
    missed = await office.submit("Something that was said while the position was lost.")
    async with office.open():
        await office.acknowledged(missed)
        listed = await office.ask("list")
    assert listed.count(" | not filed | ") == 2
    acknowledgements = [e for e in office.anna.timeline.events if office.is_reaction(e, target, "✅")]
    assert len(acknowledgements) == 1


async def test_the_bot_stays_the_same_device(office: Office) -> None:
    devices = []
    for _ in range(2):
        async with office.open() as bot, bot.database.snapshot() as records:
            session = await records.rooms.session()
        assert session
        devices.append(session.device_id)
    assert devices[0] == devices[1]


async def test_a_stored_session_needs_no_password(office: Office) -> None:
    async with office.open():
        pass
    async with office.open(Credentials()):
        await office.acknowledged(await office.submit())


async def test_an_upgraded_room_is_followed(office: Office) -> None:
    async with office.open():
        successor = await upgraded(office)
    async with office.open():
        later = await office.anna.text(successor, "News: And after a restart it is still the room where we are.")
        await office.acknowledged(later)


async def test_several_messages_in_a_thread_are_one_entry_in_their_order(office: Office) -> None:
    async with office.open():
        target = await office.submit()
        content = await office.anna.image_content(picture(), caption="The new search")
        await office.anna.reply_in_thread(office.submissions, target, content)
        more = await office.anna.reply_in_thread(office.submissions, target, "And this is how it looks at night:")
        content = await office.anna.image_content(picture("black"), caption="The same in the dark")
        await office.acknowledged(more)
        await office.acknowledged(await office.anna.reply_in_thread(office.submissions, target, content))
        post = post_of(await office.exported())
    order = [TEXT, "![The new search]", "And this is how it looks at night:", "![The same in the dark]"]
    places = [post.index(f"> {each}") for each in order]
    assert places == sorted(places)


async def test_a_photograph_is_cleaned_and_its_description_asked_for_and_taken(office: Office) -> None:
    async with office.open() as bot:
        target = await office.submit()
        content = await office.anna.image_content(photograph(), file_name="IMG_0042.jpg")
        shown = await office.anna.reply(office.submissions, target, content)
        question = await office.anna.sees(
            lambda event: "what does this picture show?" in event["content"].get("body", "")
        )
        assert question["content"]["m.mentions"] == {"user_ids": [office.anna.user_id]}
        assert "Without alternative text: picture 1 of entry 1" in await office.ask("status")
        answer = await office.anna.reply_in_thread(office.submissions, shown, "A kettle on a boat")
        await office.acknowledged(answer)
        assert "Without alternative text" not in await office.ask("status")
        post = post_of(await office.exported())
        (kept,) = (bot.config.data_dir / "media").iterdir()
        data = kept.read_bytes()
    assert "> ![A kettle on a boat](/blog/img/" in post
    assert (kept.suffix, b"Somebody" in data, b"Exif" in data) == (".jpg", False, False)


async def test_a_picture_that_is_none_is_told_to_its_sender_and_named_in_the_export(office: Office) -> None:
    async with office.open():
        target = await office.submit()
        await office.acknowledged(target)
        content = await office.anna.image_content(b"<html>not a picture</html>", file_name="trap.png")
        sent = await office.anna.reply(office.submissions, target, content)
        told = await office.anna.sees(lambda event: answers(event, sent))
        assert told["content"]["body"].startswith("I can't use this picture: ")
        await office.ask("file 1 clients")
        files = await office.exported()
    assert "](/blog/img/" not in post_of(files)
    assert "a picture is missing: it is a web page" in office.editor.timeline.events[-1]["content"]["body"]


async def test_a_picture_that_the_server_does_not_have_is_named_in_the_export(office: Office) -> None:
    async with office.open():
        target = await office.submit()
        await office.acknowledged(target)
        content = {"msgtype": "m.image", "body": "a.png", "url": "mxc://example.org/ThereIsNoSuchMedia"}
        await office.anna.reply(office.submissions, target, content)
        files = await office.exported()
    assert "](/blog/img/" not in post_of(files)
    assert (
        "a picture is missing: the homeserver does not have it" in office.editor.timeline.events[-1]["content"]["body"]
    )


async def test_a_deleted_entry_is_gone_from_the_next_export(office: Office) -> None:
    async with office.open():
        target, other = await office.submit(), await office.submit("A quite different piece of news for the week.")
        await office.acknowledged(other)
        await office.anna.redact(office.submissions, target)
        await office.ask("file 2 clients")
        files = await office.exported()
    assert TEXT not in post_of(files)


async def test_an_export_without_entries_is_one_sentence(office: Office) -> None:
    async with office.open():
        assert "has no entries to export" in await office.ask("export")


async def test_two_exports_are_the_same_to_the_byte(office: Office) -> None:
    async with office.open() as bot:
        await office.acknowledged(await office.submit())
        first = await office.exported()
        trees = bot.config.data_dir / "export"
        before = {file: file.read_bytes() for file in trees.rglob("*") if file.is_file()}
        second = await office.exported()
        after = {file: file.read_bytes() for file in trees.rglob("*") if file.is_file()}
    assert first == second
    assert before == after


async def test_both_ways_to_export_end_with_the_same_list(office: Office) -> None:
    async with office.open() as bot:
        target = await office.submit(f"Fernglas 1.4 is out, and we {WRONG} messages faster: <https://example.org/>.")
        content = await office.anna.image_content(picture(), file_name="a.png")
        await office.acknowledged(await office.anna.reply(office.submissions, target, content))
        await office.exported()
        said = str(office.editor.timeline.events[-1]["content"]["body"])
        publication = bot.config.publications["news"]
        _, notes = await export_from_store(bot.config, publication, None, None, "Edna")
    assert [line for line in said.splitlines() if line.startswith("- ")] == [f"- {note}" for note in notes]
    assert [note.split(":")[0] for note in notes[:3]] == [
        "Not filed yet",
        "There is no live video.",
        "Without alternative text",
    ]
    assert WRONG in notes[3]


async def test_a_number_in_reply_to_a_question_files_the_entry_after_a_restart(office: Office) -> None:
    async with office.open():
        target = await office.submit("Something happened somewhere, as we were told by somebody.")
        await office.acknowledged(target)
        assert "1 entry. Reply to each of the following" in await office.ask("unfiled")
        question = await office.editor.sees(lambda event: str(event["content"].get("body")).startswith("Entry 1 by"))
    (place,) = (row.split(" | ")[1] for row in question["content"]["body"].splitlines() if row.startswith("2 | "))
    async with office.open():
        chosen = await office.editor.reply(office.editors_room, question["event_id"], "2")
        answer = await office.editor.sees(lambda event: answers(event, chosen), 15)
        listed = await office.ask("list")
    assert answer["content"]["body"] == f"Entry 1 by Anna A. stands under {place}."
    assert " | by Edna | " in listed


async def test_a_start_that_fails_says_why(office: Office) -> None:
    office.configure(user_id="@nobody-at-all:example.org")
    with pytest.raises(LoggedOut, match=r"refuses the password of @nobody-at-all:example.org"):
        async with office.open():
            pass


async def test_the_store_of_another_account_is_refused(office: Office) -> None:
    async with office.open():
        pass
    office.configure(user_id="@somebody-else:example.org")
    with pytest.raises(HomeserverError, match=f"data_dir belongs to {office.bot.user_id}; name another data_dir"):
        async with office.open():
            pass


async def test_a_room_that_the_bot_may_not_join_is_named(office: Office) -> None:
    closed = await office.editor.create_room("closed", is_public=False)
    publication = office.config_file.read_text(encoding="utf-8").replace(office.pings, closed)
    office.config_file.write_text(publication, encoding="utf-8")
    with pytest.raises(HomeserverError, match=rf"room {closed} can't be joined.*invite {office.bot.user_id} to it"):
        async with office.open():
            pass
