"""The catalogue in the room: what editors change, what anybody may see and propose, and that it counts at once."""

from datetime import timedelta
from pathlib import Path

import pytest

from tests.commands.test_commands import ask
from tests.desk.scene import ANNA, BEN, BOT, EDITOR, EDITORS, NOW, PUBLICATION, SUBMISSIONS, Scene
from tests.desk.test_past import answer, read_back
from twimbot.app import export_from_store
from twimbot.config import Config, ProjectPart, Publication
from twimbot.desk.desk import Desk
from twimbot.model.event import CAUSE

LEUCHTE = "leuchte | Leuchte | https://leuchte.example.org | clients | A light | for all"
UNDO = "!news project undo {} takes that back."


async def present(scene: Scene) -> Publication:
    async with scene.database.snapshot() as records:
        return await records.catalogue.present(PUBLICATION)


async def project(scene: Scene, key: str = "turm") -> ProjectPart | None:
    part = (await present(scene)).catalogue_part
    return next((row for row in part.projects if row.key == key), None)


async def test_a_project_is_added_and_files_in_the_same_batch(scene: Scene) -> None:
    message = scene.message(ANNA, "NEWS: Leuchte 2 shines brighter than all the others before.")
    await scene.happen(
        message,
        scene.command(EDITOR, f"project add {LEUCHTE}", SUBMISSIONS),
        scene.reaction(EDITOR, message["event_id"], "Leuchte"),
    )
    assert (await scene.entry()).project == "leuchte"
    assert await scene.said() == [f"The catalogue has Leuchte now; {UNDO.format('leuchte')}"]
    added = await project(scene, "leuchte")
    assert added == ProjectPart(
        key="leuchte",
        title="Leuchte",
        website="https://leuchte.example.org",
        department="clients",
        description="A light | for all",
    )
    await scene.submitted(ANNA, "Leuchte 3 shines even brighter than that one did.")
    assert "Leuchte ?" in await scene.reactions((await scene.entries())[1].event_id)


@pytest.mark.parametrize(
    ("command", "field", "value", "said"),
    [
        ("turm title Turm", "title", "Turm", "The title of Turm Server (turm) is “Turm” now, and was “Turm Server”"),
        ("Turm label T", "label", "T", "The label of Turm Server (turm) is “T” now, and was “Turm”"),
        ("turm label none", "label", None, "The label of Turm Server (turm) is left out now, and was “Turm”"),
        (
            "turm url https://turm.example.org",
            "website",
            "https://turm.example.org",
            "The url of Turm Server (turm) is",
        ),
        ("turm website @/turm.md", "website", "@/turm.md", "The website of Turm Server (turm) is “@/turm.md” now; "),
        ("TURM Description  High  up", "description", "High up", "The description of Turm Server (turm) is “High up” "),
        ("turm department 📱", "department", "clients", "The department of Turm Server (turm) is “clients” now, and"),
    ],
)
async def test_a_field_is_set_and_set_back(
    scene: Scene, command: str, field: str, value: str | None, said: str
) -> None:
    before = await project(scene)
    answer = await ask(scene, f"project set {command}")
    assert answer.startswith(said)
    assert answer.endswith(UNDO.format("turm"))
    assert getattr(await project(scene), field) == value
    assert await ask(scene, "project undo turm") != answer
    assert await project(scene) == before
    await ask(scene, "project undo turm")
    assert getattr(await project(scene), field) == value


@pytest.mark.parametrize(
    ("command", "said"),
    [
        ("reporter add turm @cleo:example.org", "Turm Server (turm) has @cleo:example.org among its reporters now"),
        ("reporter add Turm Server @cleo:example.org", "Turm Server (turm) has @cleo:example.org among"),
        ("reporter add 🏢 @cleo:example.org", "Servers 🏢 (servers) has @cleo:example.org among its reporters now"),
        ("reporter remove servers @ben:example.org", "Servers 🏢 (servers) no longer has @ben:example.org among its"),
        ("alias add turm The Tower", "Turm Server (turm) has The Tower among its aliases now"),
        ("project remove turm", "The catalogue no longer has Turm Server (turm)"),
    ],
)
async def test_reporters_aliases_and_projects_come_and_go_and_can_be_set_back(
    scene: Scene, command: str, said: str
) -> None:
    answer = await ask(scene, command)
    assert answer.startswith(said)
    key = answer.split()[-4]
    after = (await present(scene)).catalogue_part
    assert after != PUBLICATION.catalogue_part
    await ask(scene, f"project undo {key}")
    assert (await present(scene)).catalogue == PUBLICATION.catalogue
    await ask(scene, f"project undo {key}")
    assert (await present(scene)).catalogue_part == after


@pytest.mark.parametrize("name", ["turm", "TURM", "Turm Server", "t"])
async def test_a_change_is_set_back_by_any_name_of_its_project(scene: Scene, name: str) -> None:
    await ask(scene, "project set turm label T")
    assert "again" in await ask(scene, f"project undo {name}")
    assert (await present(scene)).catalogue == PUBLICATION.catalogue


async def test_a_reporter_may_be_written_as_a_mention(scene: Scene) -> None:
    mention = {"m.mentions": {"user_ids": [BEN]}}
    await scene.happen(scene.message(EDITOR, "!news reporter add turm Ben", EDITORS, **mention))
    turm = await project(scene)
    assert turm
    assert turm.reporters == (BEN,)


@pytest.mark.parametrize(
    ("command", "said"),
    [
        ("project", "There is no command “project”; it goes on with propose, accept, decline, add, set, remove, undo."),
        ("project ad x", "There is no command “project ad”; did you mean “project add”?"),
        (
            "project add x",
            "Write it as !news project add KEY | TITLE | URL | DEPARTMENT [| DESCRIPTION]; URL may be none.",
        ),
        ("project add turm | T | none | servers", "There is a project turm already; !news project set changes it."),
        ("project add a b | T | none | servers", "That is not possible: key: 'a b' is no key; use letters, digits, "),
        ("project add t | TURM | none | servers", "That is not possible: title: 'TURM' stands for project turm alr"),
        ("project add t | ❌ | none | servers", "That is not possible: drop: '❌' stands for project t already; every"),
        ("project add t | T | turm.example | servers", "That is not possible: website: 'turm.example' is no address;"),
        ("project add t | T | none | server", "There is no department “server”; did you mean “servers”?"),
        ("project add t | T | none | 🎉", "There is no department “🎉”; there are "),
        (
            "project set turm",
            "Write it as !news project set KEY FIELD VALUE; the fields are title, label, url, website",
        ),
        ("project set tum title X", "There is no project “tum”; did you mean “turm”? !news projects lists all."),
        ("project set turm titles X", "A project has no field “titles”; did you mean “title”?"),
        ("project set turm title none", "A project must have a title; write what it is to be."),
        ("project set turm department -", "A project must have a department; write what it is to be."),
        ("project set turm label 🏢", "That is not possible: label: '🏢' stands for department servers already; every"),
        ("project set turm label Turm", "The label of Turm Server (turm) is “Turm” already."),
        ("project remove", "Which project? !news project remove KEY"),
        ("project undo turm", "Nothing was changed here about “turm”; !news projects lists all."),
        ("reporter add turm", "Write it as !news reporter add PROJECT-OR-DEPARTMENT @USER, such as @name:example.org."),
        ("reporter add server @cleo:example.org", "There is no department or project “server”; did you mean “servers”"),
        ("reporter add servers @ben:example.org", "Servers 🏢 (servers) has @ben:example.org among its reporters alre"),
        ("reporter remove turm @ben:example.org", "Turm Server (turm) has no @ben:example.org among its reporters; it"),
        ("alias add turm", "Write it as !news alias add KEY NAME."),
        ("project accept", "Which one? !news project accept KEY"),
        ("project accept lamp", "There is no open proposal “lamp”; there are none."),
    ],
)
async def test_what_is_wrong_is_said_and_changes_nothing(scene: Scene, command: str, said: str) -> None:
    assert (await ask(scene, command)).startswith(said)
    assert await present(scene) == PUBLICATION
    assert await scene.failures() == []


async def test_an_export_from_the_store_has_the_present_catalogue(scene: Scene, tmp_path: Path) -> None:
    """The scene's database is the one in `data_dir`."""
    target = await scene.submitted()
    await scene.happen(
        scene.reaction(EDITOR, target, "Turm"),
        scene.command(EDITOR, "project set turm title Tower", SUBMISSIONS),
        scene.command(EDITOR, "project set turm url https://turm.example.org", SUBMISSIONS),
    )
    written = {"homeserver": "http://127.0.0.1:1", "user_id": BOT, "data_dir": tmp_path}
    config = Config.model_validate({**written, "publications": {"news": PUBLICATION}})
    path, _ = await export_from_store(config, PUBLICATION, NOW.date() + timedelta(days=2), None, None)
    assert "### Tower ([website](https://turm.example.org))" in path.read_text(encoding="utf-8")


async def test_an_entry_of_a_removed_project_stays_in_its_department(scene: Scene) -> None:
    target = await scene.submitted()
    await scene.happen(scene.reaction(EDITOR, target, "Turm"))
    await ask(scene, "project remove turm")
    assert "1 | Servers 🏢 |  | Anna A." in await ask(scene, "list")
    assert "the catalogue has no project turm any more" in await ask(scene, "status")
    assert "> Fernglas 1.4 is out" in await ask(scene, "show 1")


class TestAnybody:
    async def test_sees_the_departments(self, scene: Scene) -> None:
        said = await ask(scene, "departments", ANNA, SUBMISSIONS)
        assert said.splitlines()[1:] == ["📱 | Clients 📱 | clients | 1 | ", f"🏢 | Servers 🏢 | servers | 1 | {BEN}"]

    async def test_sees_the_projects(self, scene: Scene) -> None:
        said = await ask(scene, "projects", ANNA, SUBMISSIONS)
        assert said == "- Clients 📱: Fernglas\n- Servers 🏢: Turm Server (turm)"
        found = await ask(scene, "projects SERV", ANNA, SUBMISSIONS)
        assert found.splitlines()[1:] == ["Turm Server | turm | Turm | Servers 🏢 |  |  |  | "]
        assert "did you mean “turm”?" in await ask(scene, "projects turn", ANNA, SUBMISSIONS)

    async def test_hears_of_these_commands_in_help(self, scene: Scene) -> None:
        said = await ask(scene, "help", ANNA, SUBMISSIONS)
        assert [line.split(" | ")[0] for line in said.splitlines() if line.startswith("!news")] == [
            "!news help [command]",
            "!news status",
            "!news show N",
            "!news why N",
            "!news departments",
            "!news projects [SEARCH]",
            "!news project propose KEY",
        ]

    @pytest.mark.parametrize(
        "command", ["project add a | A | none | clients", "project", "project accept a", "reload", "alias add turm T"]
    )
    async def test_changes_nothing(self, scene: Scene, command: str) -> None:
        assert await ask(scene, command, ANNA, SUBMISSIONS) == ""
        assert await present(scene) == PUBLICATION

    async def test_is_held_to_the_hourly_limit_in_proposals_too(self, scene: Scene) -> None:
        limit = PUBLICATION.submissions.per_hour
        await scene.happen(
            *(
                scene.command(ANNA, f"project propose p{n} | P{n} | none | clients", SUBMISSIONS)
                for n in range(limit + 5)
            )
        )
        told = [said for said in await scene.said(EDITORS) if "proposes the project" in said]
        assert len(told) == limit


async def unfiled(scene: Scene) -> tuple[str, str]:
    """Have one entry filed by an editor, and two submitted that nothing in the catalogue bears on."""
    filed = await scene.submitted(EDITOR, "Nothing else has happened in our town.")
    await scene.happen(scene.reaction(EDITOR, filed, "🏢"))
    return (
        await scene.submitted(ANNA, "Leuchte 3 shines even brighter than that one did."),
        await scene.submitted(BEN, "Leuchte 4 shines less brightly than the others did."),
    )


async def test_what_is_not_filed_is_suggested_anew_with_each_change(scene: Scene) -> None:
    one, other = await unfiled(scene)
    await ask(scene, f"project add {LEUCHTE}")
    assert "Leuchte ?" in await scene.reactions(one)
    assert "Leuchte ?" in await scene.reactions(other)
    await ask(scene, "project set leuchte label Licht")
    assert "Leuchte ?" not in await scene.reactions(one)
    assert "Licht ?" in await scene.reactions(one)
    await ask(scene, "project undo leuchte")
    assert "Leuchte ?" in await scene.reactions(other)
    await ask(scene, "project remove leuchte")
    assert "Leuchte ?" not in await scene.reactions(other)
    (filed, *_) = await scene.entries()
    assert (filed.department, filed.project) == ("servers", None)
    assert "Leuchte ?" not in await scene.reactions(filed.event_id)


async def test_what_is_not_filed_is_suggested_anew_with_an_accepted_proposal(scene: Scene) -> None:
    one, _ = await unfiled(scene)
    await ask(scene, f"project propose {LEUCHTE}", BEN, SUBMISSIONS)
    assert "Leuchte ?" not in await scene.reactions(one)
    await ask(scene, "project accept leuchte")
    assert "Leuchte ?" in await scene.reactions(one)


class TestProposals:
    async def proposed(self, scene: Scene, sender: str = ANNA) -> str:
        """Have a project proposed, and the bot's notice sent; return the notice's event ID."""
        command = scene.command(sender, f"project propose {LEUCHTE}", SUBMISSIONS)
        await scene.happen(command)
        return await self.noticed(scene, command["event_id"])

    async def noticed(self, scene: Scene, cause: str) -> str:
        notice = scene.message(BOT, "…", EDITORS, **{CAUSE: {"event_id": cause, "purpose": "proposal"}})
        await scene.happen(notice)
        return str(notice["event_id"])

    async def test_are_told_to_the_editors(self, scene: Scene) -> None:
        thanks = await ask(scene, f"project propose {LEUCHTE}", ANNA, SUBMISSIONS)
        assert thanks == "Thank you; the editors will decide about Leuchte (leuchte), and I tell you here."
        (told,) = await scene.said(EDITORS)
        assert told == (
            "Anna A. (@anna:example.org) proposes the project Leuchte (leuchte), in clients: "
            "https://leuchte.example.org, A light | for all.\n\n"
            "React to this message with 👍 to take it into the catalogue or with 👎 to decline it, or say "
            "!news project accept leuchte or !news project decline leuchte."
        )
        assert await present(scene) == PUBLICATION

    @pytest.mark.parametrize(("key", "is_accepted"), [("👍", True), ("👍🏽", True), ("👎\ufe0f", False)])
    async def test_are_decided_once_by_a_reaction_and_who_made_them_is_told(
        self, scene: Scene, key: str, *, is_accepted: bool
    ) -> None:
        notice = await self.proposed(scene)
        first, other = scene.reaction(EDITOR, notice, key, EDITORS), scene.reaction(EDITOR, notice, "👎", EDITORS)
        await scene.happen(first, other)
        await scene.happen(first)
        assert (await project(scene, "leuchte") is not None) is is_accepted
        outcome = "The editors have taken" if is_accepted else "The editors have decided not to take"
        (_, told) = await scene.said(SUBMISSIONS)
        assert told.startswith(f"{outcome} Leuchte into the catalogue of Weekly News")
        (settled,) = await scene.said(EDITORS)
        assert ("project undo leuchte" in settled) is is_accepted
        assert await scene.failures() == []

    @pytest.mark.parametrize(("verb", "is_accepted"), [("accept", True), ("decline", False)])
    async def test_are_decided_by_a_command(self, scene: Scene, verb: str, *, is_accepted: bool) -> None:
        await self.proposed(scene)
        assert "did you mean “leuchte”?" in await ask(scene, f"project {verb} leucht")
        said = await ask(scene, f"project {verb} leuchte")
        assert said.startswith("The catalogue has Leuchte now" if is_accepted else "Leuchte is declined")
        assert len(await scene.said(SUBMISSIONS)) == 2
        assert (await project(scene, "leuchte") is not None) is is_accepted
        assert (await ask(scene, f"project {verb} leuchte")).startswith("There is no open proposal “leuchte”")

    @pytest.mark.parametrize(
        ("sender", "key", "room"), [(ANNA, "👍", EDITORS), (EDITOR, "🎉", EDITORS), (EDITOR, "👍", SUBMISSIONS)]
    )
    async def test_are_not_decided_by_anything_else(self, scene: Scene, sender: str, key: str, room: str) -> None:
        notice = await self.proposed(scene)
        await scene.happen(scene.reaction(sender, notice, key, room))
        assert await project(scene, "leuchte") is None
        assert len(await scene.said(SUBMISSIONS)) == 1

    async def test_stay_open_where_the_catalogue_cant_take_them(self, scene: Scene) -> None:
        notice = await self.proposed(scene)
        await ask(scene, "alias add turm Leuchte")
        await ask(scene, "project set turm label Leuchte")
        await scene.happen(scene.reaction(EDITOR, notice, "👍", EDITORS))
        assert (await scene.said(EDITORS))[-1].startswith(
            "That is not possible: title: 'Leuchte' stands for project tu"
        )
        assert len(await scene.said(SUBMISSIONS)) == 1
        await ask(scene, "project undo turm")
        await scene.happen(scene.reaction(EDITOR, notice, "👍", EDITORS))
        assert await project(scene, "leuchte")

    @pytest.mark.parametrize(
        ("written", "said"),
        [
            ("turm | T | none | servers", "There is a project turm already"),
            (
                "leuchte | L | none | servers",
                "A project leuchte is proposed already; the editors will decide about it.",
            ),
            (f"l | {'L' * 1000} | none | servers", "That is too long for a proposal; 1000 characters are the most."),
        ],
    )
    async def test_that_are_wrong_are_answered(self, scene: Scene, written: str, said: str) -> None:
        await self.proposed(scene)
        assert (await ask(scene, f"project propose {written}", BEN, SUBMISSIONS)).startswith(said)
        assert len(await scene.said(EDITORS)) == 0

    async def test_that_are_deleted_are_told_nowhere_any_more(self, scene: Scene) -> None:
        command = scene.command(ANNA, f"project propose {LEUCHTE}", SUBMISSIONS)
        await scene.happen(command)
        await scene.happen(scene.redaction(ANNA, command["event_id"]))
        assert (await scene.said(SUBMISSIONS), await scene.said(EDITORS)) == ([], [])

    async def test_that_are_deleted_after_a_decision_are_told_nowhere_any_more(self, scene: Scene) -> None:
        command = scene.command(ANNA, f"project propose {LEUCHTE}", SUBMISSIONS)
        await scene.happen(command)
        await ask(scene, "project decline leuchte")
        await scene.happen(scene.redaction(ANNA, command["event_id"]))
        assert await scene.said(SUBMISSIONS) == []

    async def test_that_are_deleted_leave_the_editors_room_of_their_publication(self, scene: Scene) -> None:
        other = PUBLICATION.model_copy(update={"key": "another", "command": "!another"})
        async with scene.database.transaction() as records:
            await records.rooms.keep("another", "submissions", SUBMISSIONS, SUBMISSIONS)
            await records.rooms.keep("another", "editors", "!others:example.org", "!others:example.org")
        scene.desk = Desk(scene.database, {"news": PUBLICATION, "another": other}, BOT, lambda: NOW)
        command = scene.command(ANNA, f"project propose {LEUCHTE}", SUBMISSIONS)
        await scene.happen(command)
        await scene.happen(scene.redaction(ANNA, command["event_id"]))
        assert await scene.said(EDITORS) == []

    async def test_are_erased_with_their_message(self, scene: Scene) -> None:
        command = scene.command(ANNA, f"project propose {LEUCHTE}", SUBMISSIONS)
        await scene.happen(command)
        await scene.happen(scene.redaction(ANNA, command["event_id"]))
        assert await scene.said(EDITORS) == []
        async with scene.database.snapshot() as records:
            assert await records.catalogue.proposals("news") == []

    async def test_come_back_with_their_decision_from_the_rooms(self, scene: Scene) -> None:
        command = scene.command(ANNA, f"project propose {LEUCHTE}", SUBMISSIONS)
        thanks = scene.message(BOT, "Thanks", **{CAUSE: {"event_id": command["event_id"], "purpose": "answer 0"}})
        notice = scene.message(BOT, "…", EDITORS, **{CAUSE: {"event_id": command["event_id"], "purpose": "proposal"}})
        verdict = scene.reaction(EDITOR, notice["event_id"], "👍", EDITORS)
        await read_back(scene, [command, thanks, notice, verdict])
        assert await project(scene, "leuchte")
        assert await scene.said(SUBMISSIONS) == await scene.said(EDITORS) == []


async def test_what_was_changed_in_a_forgotten_life_comes_back_from_the_room(scene: Scene) -> None:
    done, ignored = scene.command(EDITOR, "project set turm title Tower"), scene.command(EDITOR, "project remove turm")
    await read_back(scene, [done, answer(scene, done["event_id"]), ignored])
    turm = await project(scene)
    assert turm
    assert turm.title == "Tower"
    assert await scene.said(EDITORS) == []


async def test_deleting_a_command_undoes_nothing(scene: Scene) -> None:
    command = scene.command(EDITOR, "project set turm title Tower")
    await scene.happen(command, command)
    await scene.happen(scene.redaction(EDITOR, command["event_id"], EDITORS))
    turm = await project(scene)
    assert turm
    assert turm.title == "Tower"
