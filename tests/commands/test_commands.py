"""Commands: what editors type and read; each dialogue is what was said and what was answered."""

import inspect
import re
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from tests.desk.scene import ANNA, EDITOR, EDITORS, NOW, PUBLICATION, SUBMISSIONS, Scene
from twimbot.commands.table import COMMANDS, readme_table
from twimbot.errors import DatabaseError
from twimbot.model.calendar import milliseconds
from twimbot.model.entry import Cover
from twimbot.model.event import Event

README = Path(__file__).parents[2] / "README.md"


async def ask(scene: Scene, text: str, sender: str = EDITOR, room: str = EDITORS) -> str:
    """Give a command and return the last thing that is said in its room."""
    await scene.happen(scene.command(sender, text, room))
    said = await scene.said(room)
    return said[-1] if said else ""


async def test_help_lists_every_command(scene: Scene) -> None:
    said = await ask(scene, "help")
    assert all(command.usage("!news") in said for command in COMMANDS.values())


async def test_help_explains_one_command(scene: Scene) -> None:
    assert (await ask(scene, "help move")).startswith("!news move N… next|DATE [tell]: moves entries")


async def test_the_bare_command_is_help(scene: Scene) -> None:
    assert "!news export" in await ask(scene, "")


async def test_help_for_a_contributor_says_how_to_submit(scene: Scene) -> None:
    said = await ask(scene, "help", ANNA, SUBMISSIONS)
    assert "send a message that mentions me" in said
    assert "react to your own message with a department's emoji or a project's label" in said
    assert "!news drop" not in said


async def test_an_unknown_command_is_said_to_be_one(scene: Scene) -> None:
    assert await ask(scene, "explode") == "There is no command “explode”; !news help lists them all."


async def test_the_answer_goes_where_the_command_was_given(scene: Scene) -> None:
    assert "no entries yet" in await ask(scene, "list", room=SUBMISSIONS)
    assert await scene.said(EDITORS) == []


async def test_list_shows_number_place_contributor_words_and_link(scene: Scene) -> None:
    target = await scene.submitted()
    await scene.happen(scene.reaction(EDITOR, target, "Fernglas"))
    said = await ask(scene, "list")
    assert "Edition of 2026-02-06, closing Friday 2026-02-06 at 17:00 (Europe/Paris): 1 entry." in said
    row = said.splitlines()[-1]
    assert row.startswith(
        "1 | Clients 📱 | Fernglas | Anna A. | Fernglas 1.4 is out, with faster search and fewer crashes. | "
    )
    assert row.endswith(f"https://matrix.to/#/!submissions:example.org/{target}?via=example.org")


async def test_list_of_another_edition(scene: Scene) -> None:
    assert await ask(scene, "list 2026-01-30") == "The edition of 2026-01-30 has no entries."


async def test_status_counts_by_department_and_says_what_is_missing(scene: Scene) -> None:
    target = await scene.submitted()
    await scene.submitted(ANNA, "Something else that nobody has filed as of now.")
    await scene.happen(scene.reaction(EDITOR, target, "🏢"))
    said = await ask(scene, "status")
    assert "Edition of 2026-02-06, closing Friday 2026-02-06 at 17:00 (Europe/Paris): 2 entries." in said
    assert "- Servers 🏢: 1" in said
    assert "- not filed yet: 1" in said
    assert re.search(r"Still to do:.*2", said, re.DOTALL)


async def test_status_names_later_editions_and_events_that_failed(scene: Scene) -> None:
    await scene.submitted()
    await ask(scene, "move 1 next")
    async with scene.database.transaction() as records:
        await records.journal.note_failure(Event("$broken", SUBMISSIONS, "@anna:example.org", 0), "Traceback …", 0)
    said = await ask(scene, "status")
    assert "- The event $broken could not be handled; the log says why." in said
    assert said.endswith("There are entries already for 2026-02-13.")


async def test_show_gives_the_entry_as_in_the_post(scene: Scene) -> None:
    await scene.submitted()
    said = await ask(scene, "show 1")
    assert "[Anna A.](https://matrix.to/#/@anna:example.org)" in said
    assert "> Fernglas 1.4 is out" in said


@pytest.mark.parametrize(
    ("place", "department", "project"),
    [
        ("servers", "servers", None),
        ("🏢", "servers", None),
        ("Servers 🏢", "servers", None),
        ("clients Turm Server", "clients", "turm"),
        ("Servers 🏢 fernglas", "servers", "fernglas"),
        ("Turm Server", "servers", "turm"),
    ],
)
async def test_file_understands_names_as_people_write_them(
    scene: Scene, place: str, department: str, project: str | None
) -> None:
    await scene.submitted()
    await ask(scene, f"file 1 {place}")
    entry = await scene.entry()
    assert (entry.department, entry.project) == (department, project)


async def test_file_without_a_project_takes_the_entry_out_of_one(scene: Scene) -> None:
    target = await scene.submitted()
    await scene.happen(scene.reaction(EDITOR, target, "Fernglas"))
    assert await ask(scene, "file 1 clients") == "Entry 1 by Anna A. stands under Clients 📱."
    assert (await scene.entry()).project is None


async def test_filing_by_command_takes_the_suggestions_back(scene: Scene) -> None:
    target = await scene.submitted()
    await ask(scene, "file 1 servers")
    assert await scene.reactions(target) == ["✅"]


@pytest.mark.parametrize(
    ("command", "answer"),
    [
        ("file", "Which entry? !news list shows their numbers."),
        ("file x clients", "“x” is no entry's number; !news list shows them all."),
        ("file 7 clients", "The edition of 2026-02-06 has no entry 7; see !news list 2026-02-06."),
        ("file 99999999999999999999999 clients", "has no entry"),
        ("file 1", "Where does it belong? !news file N… DEPARTMENT [PROJECT]"),
        (
            "file 1 nowhere",
            "There is no department or project “nowhere”; the departments are 📱 clients, 🏢 servers, and !news",
        ),
        ("file 1 client", "There is no department or project “client”; did you mean “clients”? Else the departments"),
        (
            "file 1 clients nothing",
            "Clients 📱 is a department, but there is no project “nothing”; !news project add makes a project.",
        ),
        ("file 1 2 clients", "The edition of 2026-02-06 has no entry 2; see !news list 2026-02-06."),
        ("drop 1 rubbish", "“rubbish” is too much, so nothing was done. Write !news drop N… [tell]"),
        ("drop 1 2", "The edition of 2026-02-06 has no entry 2; see !news list 2026-02-06."),
        ("status now", "“now” is too much, so nothing was done. Write !news status"),
        ("export 2026-02-06 please", "“please” is too much, so nothing was done. Write !news export [DATE]"),
        ("move 1", "Where to? !news move N… next|DATE [tell]"),
        ("move 1 next week", "“week” is too much, so nothing was done. Write !news move N… next|DATE [tell]"),
        ("move 1 tomorrow", "“tomorrow” is no date; write it as 2026-02-06."),
        ("move 1 2026-02-10", "No edition comes out on Tuesday, 2026-02-10; the next one after it is 2026-02-13."),
        ("live", "Which video? !news live URL [TITLE]"),
        ("live https://[bad", "“https://[bad” is no web address; it starts with https://"),
        ("move 1 9999-12-31", "The edition of 9999-12-31 is too far away; name one within a year."),
        ("live javascript:alert(1)", "“javascript:alert(1)” is no web address; it starts with https://"),
        ("export 2026-01-30", "The edition of 2026-01-30 has no entries to export; name another date to export that."),
        ("unpublished", "Which edition? !news unpublished DATE"),
    ],
)
async def test_a_mistake_is_answered_in_one_sentence_and_changes_nothing(
    scene: Scene, command: str, answer: str
) -> None:
    await scene.submitted()
    before = await scene.entry()
    assert answer in await ask(scene, command)
    assert await scene.entry() == before


async def test_drop_and_restore(scene: Scene) -> None:
    await scene.submitted()
    assert await ask(scene, "drop 1") == "Entry 1 by Anna A. is left out; !news restore 1 brings it back."
    assert (await scene.entry()).is_dropped
    assert "1 (dropped)" in await ask(scene, "list")
    assert await ask(scene, "restore 1") == "Entry 1 by Anna A. is back."
    assert not (await scene.entry()).is_dropped


async def test_move_to_the_next_edition_and_back(scene: Scene) -> None:
    await scene.submitted()
    said = await ask(scene, "move 1 next")
    assert said == "Entry 1 by Anna A. is in the edition of 2026-02-13 now, as 2026-02-13/1."
    assert await scene.entries() == []
    assert "2026-02-13/1 | not filed" in await ask(scene, "list 2026-02-13")
    assert await ask(scene, "drop 2026-02-13/1") == (
        "Entry 2026-02-13/1 by Anna A. is left out; !news restore 2026-02-13/1 brings it back."
    )
    said = await ask(scene, "move 2026-02-13/1 2026-02-06")
    assert said == "Entry 2026-02-13/1 by Anna A. is in the edition of 2026-02-06 now, as 1."
    await scene.submitted(ANNA, "Another one, which gets the next number.")
    assert [entry.number for entry in await scene.entries()] == [1, 2]


async def test_a_command_decides_about_several_entries(scene: Scene) -> None:
    for number in range(1, 4):
        await scene.submitted(ANNA, f"Number {number} of the news of this week, and more of it.")
    said = await ask(scene, "file 1, 2 #3 servers Turm")
    assert [line for line in said.splitlines() if line] == [
        f"Entry {number} by Anna A. stands under Servers 🏢, Turm Server." for number in range(1, 4)
    ]
    assert {(entry.department, entry.project) for entry in await scene.entries()} == {("servers", "turm")}
    said = await ask(scene, "drop 1 3 1")
    assert said.count("is left out") == 2
    assert [entry.is_dropped for entry in await scene.entries()] == [True, False, True]
    said = await ask(scene, "restore 1 2 3")
    assert "Entry 2 by Anna A. is not dropped." in said
    assert not any(entry.is_dropped for entry in await scene.entries())
    await ask(scene, "move 1 3 next")
    assert [entry.number for entry in await scene.entries()] == [2]


@pytest.mark.parametrize("numbers", ["1,2,4", "1-2 4", "#1, 2,4", "1, 2, 4", "4 1-2"])
async def test_entries_may_be_named_as_people_write_lists(scene: Scene, numbers: str) -> None:
    for number in range(1, 5):
        await scene.submitted(ANNA, f"Number {number} of the news of this week, and more of it.")
    await ask(scene, f"drop {numbers}")
    assert [entry.number for entry in await scene.entries() if not entry.is_dropped] == [3]


async def test_where_one_of_several_is_missing_nothing_is_done(scene: Scene) -> None:
    await scene.submitted()
    said = await ask(scene, "drop 1 7")
    assert said == (
        "The edition of 2026-02-06 has no entry 7; see !news list 2026-02-06. I have left the others as they are."
    )
    assert not (await scene.entry()).is_dropped


@pytest.mark.parametrize(
    ("command", "answer"),
    [
        ("lists", "There is no command “lists”; did you mean “list”? Else !news help lists them all."),
        ("publish", "There is no command “publish”; did you mean “published”? Else !news help lists them all."),
        ("zzzz", "There is no command “zzzz”; !news help lists them all."),
        ("unpublished 2026-02-06", "The edition of 2026-02-06 is not marked as published."),
    ],
)
async def test_what_was_mistyped_is_told(scene: Scene, command: str, answer: str) -> None:
    assert await ask(scene, command) == answer


async def test_a_colon_may_stand_behind_the_commands_name(scene: Scene) -> None:
    await scene.happen(scene.message(EDITOR, "!news: list dropped", EDITORS))
    assert (await scene.said(EDITORS))[-1] == "The edition of 2026-02-06 has no entries yet."


async def test_every_handler_takes_what_its_command_declares() -> None:
    for command in COMMANDS.values():
        parameters = inspect.signature(command.carry_out).parameters
        assert len(parameters) == 1 + len(command.arguments), command.name


async def test_live_sets_the_video_and_none_takes_it_out(scene: Scene) -> None:
    await ask(scene, "live https://youtu.be/dQw4w9WgXcQ A talk in the garden")
    async with scene.database.snapshot() as records:
        live = await records.editions.live("news", PUBLICATION.calendar.edition_of(NOW))
    assert live is not None
    assert (live.url, live.title) == ("https://youtu.be/dQw4w9WgXcQ", "A talk in the garden")
    assert await ask(scene, "live none") == "The edition of 2026-02-06 has no video now."


async def test_export_is_asked_for_once_and_answered_later(scene: Scene) -> None:
    await scene.submitted()
    command = scene.command(EDITOR, "export")
    await scene.happen(command)
    await scene.happen(command)
    async with scene.database.snapshot() as records:
        (job,) = await records.journal.exports_waiting()
    assert (job.event_id, job.author, job.room_id) == (command["event_id"], "Edna", EDITORS)


async def test_an_open_edition_is_not_marked_as_published(scene: Scene) -> None:
    await scene.submitted()
    assert "2026-02-06 is still open" in await ask(scene, "published")


async def test_published_is_taken_back_by_unpublished(scene: Scene) -> None:
    await scene.submitted()
    scene.now = PUBLICATION.calendar.deadline(date(2026, 2, 6))
    scene.moment = milliseconds(scene.now)
    assert "marked as published; !news unpublished 2026-02-06 takes that back" in await ask(scene, "published")
    assert "still open" in await ask(scene, "published"), "the next edition is not meant by mistake"
    assert "already" in await ask(scene, "published 2026-02-06")
    assert "open again" in await ask(scene, "unpublished 2026-02-06")


async def test_a_broken_command_says_so_and_changes_nothing(scene: Scene) -> None:
    await scene.submitted()
    async with scene.database.transaction() as records:
        await records.connection.execute(
            "CREATE TRIGGER fails BEFORE INSERT ON verdict BEGIN SELECT RAISE(ABORT, 'it fails'); END"
        )
    assert "That went wrong, and nothing was changed." in await ask(scene, "drop 1")
    assert not (await scene.entry()).is_dropped


async def test_a_full_disk_is_no_fault_of_a_command(scene: Scene) -> None:
    async with scene.database.transaction() as records:
        (pages,) = await records.connection.execute_fetchall("PRAGMA page_count")
        await records.connection.execute(f"PRAGMA max_page_count = {pages[0]}")
    command = scene.command(EDITOR, f"live https://example.org {'x' * 50_000}")
    with pytest.raises(DatabaseError, match="full"):
        await scene.happen(command)
    async with scene.database.transaction() as records:
        await records.connection.execute("PRAGMA max_page_count = 1000000")
    await scene.happen(command)
    assert any(said.startswith("The video of the edition of 2026-02-06 is") for said in await scene.said(EDITORS))


async def test_answers_escape_what_contributors_wrote_and_mention_nobody(scene: Scene) -> None:
    await scene.submitted(ANNA, "<img src=x onerror=alert(1)> is what some people like to write.")
    await ask(scene, "list")
    async with scene.database.snapshot() as records:
        rows = await records.connection.execute_fetchall(
            "SELECT content FROM outbox WHERE type = 'm.room.message' ORDER BY seq DESC LIMIT 1"
        )
    (content,) = (row["content"] for row in rows)
    assert "<img" not in content.split('"formatted_body"')[1]
    assert '"m.mentions": {}' in content


async def test_long_answers_come_in_messages_that_a_homeserver_takes(scene: Scene) -> None:
    await scene.submitted(ANNA, "\U0001f469\u200d\U0001f680" * 5000)
    for number in range(60):
        await scene.submitted(ANNA, f'{number} <&"> and more of the like, so that it grows when it is escaped')
    for command in ("show 1", "list"):
        await ask(scene, command)
    async with scene.database.snapshot() as records:
        rows = await records.connection.execute_fetchall("SELECT content FROM outbox WHERE type = 'm.room.message'")
    sizes = [len(row["content"].encode()) for row in rows]
    assert len(sizes) > 4
    assert max(sizes) < 60_000


def test_the_readme_shows_the_table_as_declared() -> None:
    assert readme_table("!twim") in README.read_text(encoding="utf-8")


def picture(scene: Scene, target: str, name: str, **content: object) -> dict[str, Any]:
    """Make a picture of Anna's as a reply to her entry."""
    return scene.picture(ANNA, name, **{"m.relates_to": {"m.in_reply_to": {"event_id": target}}}, **content)


async def keep(scene: Scene) -> None:
    """Fetch all wanted pictures."""
    async with scene.database.transaction() as records:
        for _, media in await records.media.wanted():
            await records.media.keep(media, "png")


class TestAlternativeTexts:
    async def test_the_only_picture_needs_no_number(self, scene: Scene) -> None:
        target = await scene.submitted()
        await scene.happen(picture(scene, target, "One", body="a tree", filename="a.png"))
        assert await ask(scene, "alt 1 2 trees\nin a row") == (
            "The entry by Anna A. has one picture: write 1, also before a text that begins with a number."
        )
        assert (await scene.entry()).media[0].alt == "a tree"
        assert await ask(scene, "alt 1 1 2 trees\nin a row") == (
            "The alternative text of picture 1 of entry 1 by Anna A. is “2 trees in a row” now. "
            "Before, it was “a tree”."
        )
        assert (await scene.entry()).media[0].alt == "2 trees in a row"

    async def test_one_of_several_is_named_by_its_number(self, scene: Scene) -> None:
        target = await scene.submitted()
        await scene.happen(picture(scene, target, "One"), picture(scene, target, "Two"))
        assert "which one, from 1 to 2" in await ask(scene, "alt 1 a tree")
        assert (await ask(scene, "alt 1 2 a tree")).endswith("picture 2 of entry 1 by Anna A. is “a tree” now.")
        assert [media.alt for media in (await scene.entry()).media] == ["", "a tree"]

    async def test_the_later_of_two_by_editors_counts(self, scene: Scene) -> None:
        target = await scene.submitted()
        await scene.happen(picture(scene, target, "One"))
        await ask(scene, "alt 1 a tree")
        await ask(scene, "alt 1 a bush")
        assert (await scene.entry()).media[0].alt == "a bush"

    @pytest.mark.parametrize(
        ("text", "answer"),
        [
            ("alt", "Which entry? !news list shows their numbers."),
            ("alt 1", "What does it show? !news alt N [K] TEXT"),
            ("alt 1 1", "What does it show? !news alt N [K] TEXT"),
            ("alt 1 2", "The entry by Anna A. has one picture: write 1, also before a text that begins with a number."),
            ("alt 2 a tree", "The entry by Anna A. has no picture."),
        ],
    )
    async def test_what_is_wrong_is_said(self, scene: Scene, text: str, answer: str) -> None:
        target = await scene.submitted()
        await scene.submitted(ANNA, "Another one, without a picture in it.")
        await scene.happen(picture(scene, target, "One"))
        assert await ask(scene, text) == answer


class TestTheCover:
    async def cover(self, scene: Scene) -> Cover | None:
        async with scene.database.snapshot() as records:
            return await records.editions.cover("news", date(2026, 2, 6))

    async def test_the_picture_of_an_entry(self, scene: Scene) -> None:
        target = await scene.submitted()
        await scene.happen(picture(scene, target, "One"), picture(scene, target, "Two"))
        said = await ask(scene, "cover 1 2")
        assert said == "Picture 2 of entry 1 by Anna A. is the cover of the edition of 2026-02-06 now."
        assert await self.cover(scene) == Cover(picture=((await scene.entry()).media[1].event_id, 0))
        assert "“2” is too much" in await ask(scene, "cover 1 1 2")

    async def test_a_picture_that_cant_be_had_is_refused(self, scene: Scene) -> None:
        await scene.happen(picture(scene, await scene.submitted(), "One"))
        async with scene.database.transaction() as records:
            for _, media in await records.media.wanted():
                await records.media.fail(media, "it was never uploaded")
        assert "is not there to be a cover" in await ask(scene, "cover 1")
        assert await self.cover(scene) is None

    async def test_one_that_is_not_fetched_yet_is_left_out_meanwhile(self, scene: Scene) -> None:
        await scene.happen(picture(scene, await scene.submitted(), "One"))
        await ask(scene, "cover 1")
        assert "The cover is left out: its picture is not in the post" in await ask(scene, "status")
        await keep(scene)
        assert "The cover is left out" not in await ask(scene, "status")

    async def test_it_does_not_pass_to_another_picture(self, scene: Scene) -> None:
        target = await scene.submitted()
        first = picture(scene, target, "One")
        await scene.happen(first)
        await keep(scene)
        await ask(scene, "cover 1")
        await scene.happen(scene.redaction(ANNA, first["event_id"]), picture(scene, target, "Two"))
        await keep(scene)
        assert "The cover is left out" in await ask(scene, "status")

    @pytest.mark.parametrize("url", ["https://example.org/a.png", "/blog/img/a.png"])
    async def test_an_address(self, scene: Scene, url: str) -> None:
        assert url in await ask(scene, f"cover {url}")
        assert await self.cover(scene) == Cover(url=url)
        assert await ask(scene, "cover none") == "The edition of 2026-02-06 has no cover now."
        assert await self.cover(scene) is None

    @pytest.mark.parametrize(
        ("text", "answer"),
        [
            ("cover", "Which picture? !news cover N [K]|URL"),
            ("cover //example.org/a.png", "“//example.org/a.png” is no entry's number; !news list shows them all."),
            ("cover javascript:x", "“javascript:x” is no entry's number; !news list shows them all."),
            ("cover 1", "The entry by Anna A. has no picture."),
        ],
    )
    async def test_what_is_wrong_is_said(self, scene: Scene, text: str, answer: str) -> None:
        await scene.submitted()
        assert await ask(scene, text) == answer

    async def test_it_is_the_cover_of_its_own_edition(self, scene: Scene) -> None:
        target = await scene.submitted()
        await scene.happen(picture(scene, target, "One"))
        await keep(scene)
        await ask(scene, "move 1 next")
        assert "the cover of the edition of 2026-02-13" in await ask(scene, "cover 2026-02-13/1")
