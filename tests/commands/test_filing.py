"""Where entries belong, and why: `list`, `unfiled` and its choices, `why`, `refile`; each answer as it is read."""

import json
from collections.abc import Mapping
from datetime import date
from typing import Any

import pytest

from tests.commands.test_commands import ask
from tests.desk.scene import ANNA, BEN, BOT, EDITOR, EDITORS, PUBLICATION, SUBMISSIONS, Scene
from twimbot.filing.outcome import MOST_CHOICES, choices, ground
from twimbot.model.batch import Batch, Past, RoomEvents
from twimbot.model.event import CAUSE, Cause, read_event
from twimbot.model.filing import Candidate, Choice, Guess, Reason, ReasonKind

WHEN = "on Wednesday 2026-02-04 at 13:00 (Europe/Paris)"
EDNA = f"Edna filed it there {WHEN}."
BEST = (
    "My best guesses are Clients 📱, Fernglas (62 %: it names Fernglas; Anna A. reports on Fernglas), Clients 📱 "
    "(55 %: it may be about Fernglas, which belongs there), Servers 🏢 (20 %: it has words that are typical there: "
    "bell)."
)
UNKNOWN = "Something happened somewhere, as we were told by somebody."
WITHOUT_SERVERS = PUBLICATION.with_catalogue(
    PUBLICATION.catalogue_part.model_copy(
        update={
            "departments": PUBLICATION.catalogue_part.departments[:1],
            "projects": PUBLICATION.catalogue_part.projects[:1],
        }
    )
)
NAMED = Reason(ReasonKind.NAME, "")
UNSURE = Guess(
    departments=(
        Candidate("clients", 0.55, (Reason(ReasonKind.PROJECT, "Fernglas"),)),
        Candidate("servers", 0.2, (Reason(ReasonKind.TERMS, "bell"),)),
    ),
    projects=(Candidate("fernglas", 0.62, (NAMED, Reason(ReasonKind.REPORTER, ""))), Candidate("turm", 0.1)),
)
SURE = Guess(UNSURE.departments, (Candidate("fernglas", 0.934, (NAMED,)),), "clients", "fernglas")
QUESTION = """Entry 1 by Anna A.: “Something happened somewhere, as we were told by somebody.” {link}

reply | files it under | sure | why
1 | Clients 📱, Fernglas | 62 % | it names Fernglas
2 | Clients 📱 | 55 % | it may be about Fernglas, which belongs there
3 | Servers 🏢 | 20 % | it has words that are typical there: bell

Or: !news file 1 DEPARTMENT [PROJECT]"""


async def guess(scene: Scene, event_id: str, thought: Guess) -> None:
    """Let the bot think so of an entry."""
    async with scene.database.transaction() as records:
        entry = await records.entries.by_event(event_id)
        assert entry
        await records.guesses.keep(entry.id, thought)


async def unsure(scene: Scene) -> str:
    """Have an entry of which the bot is not sure; return its event ID."""
    target = await scene.submitted(ANNA, UNKNOWN)
    await guess(scene, target, UNSURE)
    return target


async def sent(scene: Scene) -> list[str]:
    """Have the homeserver take all messages that wait; return their event IDs."""
    async with scene.database.transaction() as records:
        rows = await records.connection.execute_fetchall(
            "SELECT seq FROM outbox WHERE type = 'm.room.message' AND state = 'pending' ORDER BY seq"
        )
        for row in rows:
            await records.outbox.mark_sent(row["seq"], f"$said-{row['seq']}")
    return [f"$said-{row['seq']}" for row in rows]


async def asked(scene: Scene, room: str = EDITORS) -> str:
    """Give `unfiled`; return the event ID of the first question."""
    await ask(scene, "unfiled", room=room)
    _, question, *_ = await sent(scene)
    return question


def reply(scene: Scene, to: str, text: str, sender: str = EDITOR, room: str = EDITORS) -> dict[str, Any]:
    """Make a reply."""
    return scene.message(sender, text, room, **{"m.relates_to": {"m.in_reply_to": {"event_id": to}}})


async def place(scene: Scene) -> tuple[str | None, str | None]:
    entry = await scene.entry()
    return entry.department, entry.project


# choices


def test_choices_are_projects_with_their_departments_and_departments_alone_the_best_first() -> None:
    offers = choices(UNSURE, PUBLICATION.catalogue)
    assert [(offer.choice, offer.confidence) for offer in offers] == [
        (Choice("clients", "fernglas"), 0.62),
        (Choice("clients"), 0.55),
        (Choice("servers"), 0.2),
    ]
    assert len(offers) == MOST_CHOICES


def test_what_the_catalogue_has_no_more_is_no_choice() -> None:
    gone = Guess((Candidate("gardens", 0.9), Candidate("servers", 0.1)), (Candidate("rake", 0.8),))
    assert [offer.choice for offer in choices(gone, PUBLICATION.catalogue)] == [Choice("servers")]


def test_the_bot_s_own_filing_rests_on_its_project_else_its_department() -> None:
    assert ground(SURE) == SURE.projects[0]
    assert ground(Guess(UNSURE.departments, UNSURE.projects, "clients")) == UNSURE.departments[0]
    assert ground(UNSURE) is None


# list


@pytest.mark.parametrize(
    ("sender", "thought", "filed"),
    [
        (EDITOR, SURE, "by Edna"),
        (ANNA, SURE, "by the contributor"),
        (BEN, SURE, "93 %"),
        (BEN, UNSURE, "? Clients 📱, Fernglas (62 %)"),
        (BEN, Guess(), "?"),
        (BEN, Guess((Candidate("servers", 0.9999),), (), "servers"), "99 %"),
    ],
)
async def test_list_marks_how_each_entry_was_filed(scene: Scene, sender: str, thought: Guess, filed: str) -> None:
    target = await scene.submitted(ANNA, UNKNOWN)
    await scene.happen(scene.reaction(sender, target, "🏢"))
    await guess(scene, target, thought)
    assert (await ask(scene, "list")).splitlines()[-1].split(" | ")[5] == filed


async def test_a_display_name_can_t_break_the_list(scene: Scene) -> None:
    target = await scene.submitted(ANNA, UNKNOWN)
    async with scene.database.transaction() as records:
        await records.rooms.name_member(EDITORS, EDITOR, "Ed\u202e\nna " + "!" * 500)
    await scene.happen(scene.reaction(EDITOR, target, "🏢"))
    filed = (await ask(scene, "list")).splitlines()[-1].split(" | ")[5]
    assert filed.startswith("by Ed na !!!")
    assert len(filed) < 70


async def test_the_marks_of_an_edition_are_one_statement(scene: Scene) -> None:
    for _ in range(3):
        await unsure(scene)
    said: list[str] = []
    async with scene.database.snapshot() as records:
        records.connection.direct.set_trace_callback(said.append)
        standings = await records.standings.of_edition("news", date(2026, 2, 6))
        assert [standing.guess for standing in standings.values()] == [UNSURE] * 3
    assert len([each for each in said if "SELECT" in each]) == 1


# unfiled


async def test_unfiled_asks_about_each_entry_with_its_numbered_choices(scene: Scene) -> None:
    target = await unsure(scene)
    filed = await scene.submitted(ANNA, UNKNOWN)
    dropped = await scene.submitted(ANNA, UNKNOWN)
    await scene.happen(scene.reaction(EDITOR, filed, "🏢"), scene.reaction(EDITOR, dropped, "❌"))
    await ask(scene, "unfiled")
    head, question = await scene.said(EDITORS)
    assert head.startswith("Not filed in the edition of 2026-02-06: 1 entry. Reply to each of the following with")
    assert question == QUESTION.replace("{link}", f"https://matrix.to/#/{SUBMISSIONS}/{target}?via=example.org")


async def test_with_everything_filed_there_is_nothing_to_ask(scene: Scene) -> None:
    assert await ask(scene, "unfiled") == "Everything in the edition of 2026-02-06 is filed."


async def test_without_a_guess_the_command_is_named(scene: Scene) -> None:
    await guess(scene, await scene.submitted(ANNA, UNKNOWN), Guess())
    assert (await ask(scene, "unfiled")).endswith(
        "I found nothing that says where it belongs; !news file 1 DEPARTMENT [PROJECT] files it."
    )


async def test_ten_are_asked_about_at_once_and_the_others_counted(scene: Scene) -> None:
    for _ in range(13):
        await unsure(scene)
    await ask(scene, "unfiled")
    head, *questions = await scene.said(EDITORS)
    assert head.endswith("3 more are left for the next !news unfiled.")
    assert len(questions) == 10


@pytest.mark.parametrize(
    ("number", "found", "under"),
    [
        ("1", ("clients", "fernglas"), "Clients 📱, Fernglas"),
        (" 2\n", ("clients", None), "Clients 📱"),
        ("3", ("servers", None), "Servers 🏢"),
        ("3.", ("servers", None), "Servers 🏢"),
        ("> <@news:example.org> Entry 1\n\n3", ("servers", None), "Servers 🏢"),
    ],
)
@pytest.mark.parametrize("room", [EDITORS, SUBMISSIONS])
async def test_a_number_in_reply_files_the_entry(
    scene: Scene, room: str, number: str, found: tuple[str | None, str | None], under: str
) -> None:
    target = await unsure(scene)
    answer = reply(scene, await asked(scene, room), number, room=room)
    quoted = {"format": "org.matrix.custom.html", "formatted_body": "<mx-reply>Entry 1</mx-reply>3"}
    await scene.happen({**answer, "content": answer["content"] | (quoted if ">" in number else {})})
    assert await place(scene) == found
    assert await scene.said(room) == [f"Entry 1 by Anna A. stands under {under}."]
    assert await scene.reactions(target) == ["✅"]


@pytest.mark.parametrize(
    ("text", "found", "under"),
    [
        ("Fernglas", ("clients", "fernglas"), "Clients 📱, Fernglas"),
        ("servers", ("servers", None), "Servers 🏢"),
        ("📱", ("clients", None), "Clients 📱"),
        ("> <@news:example.org> Entry 1\n\nServers Turm", ("servers", "turm"), "Servers 🏢, Turm Server"),
        ("News: turm", ("servers", "turm"), "Servers 🏢, Turm Server"),
    ],
)
async def test_a_department_or_project_in_reply_files_the_entry(
    scene: Scene, text: str, found: tuple[str | None, str | None], under: str
) -> None:
    await unsure(scene)
    answer = reply(scene, await asked(scene), text)
    quoted = {"format": "org.matrix.custom.html", "formatted_body": "<mx-reply>Entry 1</mx-reply>Servers Turm"}
    await scene.happen({**answer, "content": answer["content"] | (quoted if ">" in text else {})})
    assert await place(scene) == found
    assert await scene.said(EDITORS) == [f"Entry 1 by Anna A. stands under {under}."]


async def test_a_question_without_a_guess_is_answered_in_words_too(scene: Scene) -> None:
    await guess(scene, await scene.submitted(ANNA, UNKNOWN), Guess())
    question = await asked(scene)
    await scene.happen(reply(scene, question, "somewhere"), reply(scene, question, "1"), reply(scene, question, "turm"))
    assert await place(scene) == ("servers", "turm")
    assert (await scene.said(EDITORS))[:2] == [
        "I know no department or project “somewhere”; reply with the name of a department or project.",
        "There is no choice 1; reply with the name of a department or project.",
    ]


@pytest.mark.parametrize("text", ["one", "1 or 2", "1.5", "¹", "-1", "100", "hm, Ben?"])
async def test_other_words_in_reply_to_a_question_are_told_what_can_be_replied(scene: Scene, text: str) -> None:
    await unsure(scene)
    answer = reply(scene, await asked(scene), text)
    await scene.happen(answer)
    await scene.happen(answer)
    assert await place(scene) == (None, None)
    how = "reply with a number from 1 to 3, or the name of a department or project."
    assert await scene.said(EDITORS) == [f"I know no department or project “{text}”; {how}"]


@pytest.mark.parametrize(
    ("text", "sender", "room"),
    [
        ("1", ANNA, EDITORS),
        ("Fernglas", BEN, EDITORS),
        ("!news drop 1", BEN, EDITORS),
        ("1", BOT, EDITORS),
        ("1", EDITOR, SUBMISSIONS),
        ("", EDITOR, EDITORS),
    ],
)
async def test_what_is_no_editor_s_reply_to_a_question_is_nothing(
    scene: Scene, text: str, sender: str, room: str
) -> None:
    await unsure(scene)
    await scene.happen(reply(scene, await asked(scene), text, sender, room))
    assert await place(scene) == (None, None)
    assert await scene.said(EDITORS) == await scene.said(SUBMISSIONS) == []


async def test_a_number_in_reply_to_what_asks_for_none_is_answered_and_words_are_not(scene: Scene) -> None:
    target = await unsure(scene)
    await ask(scene, "unfiled")
    head, _ = await sent(scene)
    loose = scene.message(EDITOR, "1", EDITORS)
    notice = reply(scene, "$said-2", "1")
    notice["content"] |= {"msgtype": "m.notice"}
    number, thanks = reply(scene, head, "1"), reply(scene, head, "Thanks!")
    to_ben = reply(scene, loose["event_id"], "1")
    await scene.happen(number, thanks, reply(scene, target, "1", room=SUBMISSIONS), loose, to_ben, notice)
    assert await place(scene) == (None, None)
    assert await scene.said(EDITORS) == [
        "That message asks for no number; !news unfiled asks where entries belong that are not filed."
    ]


async def test_a_command_in_reply_is_one_where_an_editor_gives_it(scene: Scene) -> None:
    await unsure(scene)
    await scene.happen(reply(scene, await asked(scene), "!news file 1 turm"))
    assert await place(scene) == ("servers", "turm")


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("News: file 1 turm", "Entry 1 by Anna A. stands under Servers 🏢, Turm Server."),
        ("@News file 1 turm", "Entry 1 by Anna A. stands under Servers 🏢, Turm Server."),
        ("News: !news file 1 turm", "Entry 1 by Anna A. stands under Servers 🏢, Turm Server."),
        (
            "News: is it done?",
            "I understand commands only, here also behind my name; !news help lists them.",
        ),
    ],
)
async def test_what_an_editor_says_to_the_bot_in_their_room_is_done_or_answered(
    scene: Scene, text: str, said: str
) -> None:
    await unsure(scene)
    message = scene.message(EDITOR, text, EDITORS)
    await scene.happen(message)
    await scene.happen(message)
    assert await scene.said(EDITORS) == [said]


async def test_a_mention_anywhere_or_in_a_reply_is_answered_and_talk_is_not(scene: Scene) -> None:
    pill = {"format": "org.matrix.custom.html", "formatted_body": f'Ask <a href="https://matrix.to/#/{BOT}">News</a>'}
    talk = scene.message(EDITOR, "Is the news done, Ben?", EDITORS)
    await scene.happen(
        talk,
        scene.message(EDITOR, "Ask News", EDITORS, **pill),
        reply(scene, talk["event_id"], "News: hm"),
        reply(scene, talk["event_id"], "Yes."),
        scene.message(BEN, "News: list", EDITORS),
        scene.event(BEN, "m.room.message", {"msgtype": "m.notice", "body": "News: list"}, EDITORS),
    )
    assert (
        await scene.said(EDITORS)
        == ["I understand commands only, here also behind my name; !news help lists them."] * 2
    )


async def test_an_edit_of_a_choice_is_nothing(scene: Scene) -> None:
    await unsure(scene)
    answer, later = reply(scene, await asked(scene), "1"), reply(scene, "$elsewhere", "no")
    edits = [scene.edit(EDITOR, each["event_id"], "2", EDITORS) for each in (answer, later)]
    await scene.happen(answer, later, *edits)
    assert await place(scene) == ("clients", "fernglas")


@pytest.mark.parametrize(
    ("number", "said"),
    [
        ("4", "There is no choice 4; reply with a number from 1 to 3, or the name of a department or project."),
        ("0", "There is no choice 0; reply with a number from 1 to 3, or the name of a department or project."),
    ],
)
async def test_a_number_that_was_not_offered_is_said_to_be_none(scene: Scene, number: str, said: str) -> None:
    await unsure(scene)
    await scene.happen(reply(scene, await asked(scene), number))
    assert await place(scene) == (None, None)
    assert await scene.said(EDITORS) == [said]


async def test_what_was_shown_is_what_is_filed(scene: Scene) -> None:
    target = await unsure(scene)
    question = await asked(scene)
    await guess(scene, target, Guess((Candidate("servers", 0.6),), (Candidate("turm", 0.7),)))
    await scene.happen(reply(scene, question, "1"))
    assert await place(scene) == ("clients", "fernglas")


async def test_the_latest_choice_counts_and_each_once(scene: Scene) -> None:
    await unsure(scene)
    question = await asked(scene)
    first, second = reply(scene, question, "1"), reply(scene, question, "3")
    await scene.happen(first)
    await scene.happen(second)
    await scene.happen(first, second)
    assert await place(scene) == ("servers", None)
    assert len(await scene.said(EDITORS)) == 2


async def test_a_deleted_entry_is_said_to_be_gone(scene: Scene) -> None:
    target = await unsure(scene)
    question = await asked(scene)
    await scene.happen(scene.redaction(ANNA, target), reply(scene, question, "1"))
    assert await scene.said(EDITORS) == ["That entry is gone, and there is nothing to file."]


async def test_a_place_that_the_catalogue_has_no_more_is_not_filed_under(scene: Scene) -> None:
    target = await unsure(scene)
    async with scene.database.transaction() as records:
        entry = await records.entries.by_event(target)
        assert entry
        shown_by = Cause("$earlier", f"unfiled {target}")
        await records.choices.offer(shown_by, entry.id, [Choice("gardens"), Choice("clients", "rake")])
        await records.outbox.recognise_message(EDITORS, shown_by, "$question")
    await scene.happen(*(reply(scene, "$question", number) for number in ("1", "2")))
    assert await place(scene) == (None, None)
    assert (
        await scene.said(EDITORS) == ["The catalogue has that place no more; !news unfiled offers what it has now."] * 2
    )


async def test_a_choice_of_a_forgotten_life_is_made_again_and_nothing_is_said(scene: Scene) -> None:
    target = await unsure(scene)
    await unsure(scene)  # somebody has deleted the question about this one
    command = scene.command(EDITOR, "unfiled")
    cause = {CAUSE: {"event_id": command["event_id"], "purpose": f"unfiled {target}"}}
    question = scene.message(BOT, "Entry 1 by Anna A.", EDITORS, **cause)
    choice = reply(scene, question["event_id"], "1")
    events = [event for raw in (command, question, choice) if (event := read_event(raw, EDITORS))]
    past = Past(answered={command["event_id"], choice["event_id"]})
    await scene.desk.record(Batch((RoomEvents(EDITORS, tuple(events), past=past),), "token"), {})
    assert [entry.project for entry in await scene.entries()] == ["fernglas", None]
    assert await scene.said(EDITORS) == []


async def test_a_choice_of_a_forgotten_life_means_what_was_shown_then(scene: Scene) -> None:
    target = await unsure(scene)
    command = scene.command(EDITOR, "unfiled")
    await scene.happen(command)
    async with scene.database.transaction() as records:
        (_, row) = await records.connection.execute_fetchall(
            "SELECT json(content) AS content FROM outbox WHERE type = 'm.room.message' AND state = 'pending'"
        )
        for table in ("outbox", "choice", "carried_out"):  # what the bot forgets
            await records.connection.execute(f"DELETE FROM {table}")  # noqa: S608 - constants
    await guess(scene, target, Guess((Candidate("servers", 0.6),), (Candidate("turm", 0.7),)))
    question = scene.event(BOT, "m.room.message", _content(row["content"]), EDITORS)
    choice = reply(scene, question["event_id"], "1")
    events = [event for raw in (command, question, choice) if (event := read_event(raw, EDITORS))]
    past = Past(answered={command["event_id"], choice["event_id"]})
    await scene.desk.record(Batch((RoomEvents(EDITORS, tuple(events), past=past),), "token"), {})
    assert await place(scene) == ("clients", "fernglas")


async def test_a_question_that_the_bot_forgot_to_have_sent_is_known_again(scene: Scene) -> None:
    await unsure(scene)
    await ask(scene, "unfiled")
    async with scene.database.snapshot() as records:
        (_, row) = await records.connection.execute_fetchall(
            "SELECT json(content) AS content FROM outbox WHERE type = 'm.room.message' AND state = 'pending'"
        )
    question = scene.event(BOT, "m.room.message", _content(row["content"]), EDITORS)
    await scene.happen(question, reply(scene, question["event_id"], "1"))
    assert await place(scene) == ("clients", "fernglas")


async def test_a_choice_from_before_the_bot_s_time_is_history(scene: Scene) -> None:
    await unsure(scene)
    answer = reply(scene, await asked(scene), "1")
    await scene.happen(answer, first_reading=True)
    await scene.happen(answer)
    assert await place(scene) == (None, None)
    assert await scene.said(EDITORS) == []


# why


@pytest.mark.parametrize(
    ("deeds", "thought", "said"),
    [
        (
            [(EDITOR, "Fernglas")],
            Guess(),
            f"stands under Clients 📱, Fernglas. {EDNA}",
        ),
        (
            [(ANNA, "🏢")],
            UNSURE,
            f"stands under Servers 🏢. The contributor filed it there {WHEN}.",
        ),
        (
            [(ANNA, "Fernglas"), (EDITOR, "📱")],
            UNSURE,
            f"stands under Clients 📱, Fernglas. {EDNA} The contributor chose the project {WHEN}.",
        ),
        (
            [(EDITOR, "📱")],
            SURE,
            f"stands under Clients 📱, Fernglas. {EDNA} I chose the project myself, 93 % sure: it names Fernglas.",
        ),
        ([], SURE, "stands under Clients 📱, Fernglas. I filed it there myself, 93 % sure: it names Fernglas."),
        (
            [],
            UNSURE,
            f"is not filed: I am not sure enough. {BEST}",
        ),
        (
            [],
            Guess((Candidate("servers", 0.9, (NAMED,)),), (), "servers"),
            "stands under Servers 🏢. I filed it there myself, 90 % sure: it names Servers 🏢.",
        ),
        ([], Guess(), "is not filed: I found nothing that says where it belongs."),
    ],
)
async def test_why_says_who_or_what_put_an_entry_where_it_stands(
    scene: Scene, deeds: list[tuple[str, str]], thought: Guess, said: str
) -> None:
    target = await scene.submitted(ANNA, UNKNOWN)
    await scene.happen(*(scene.reaction(sender, target, key) for sender, key in deeds))
    await guess(scene, target, thought)
    assert await ask(scene, "why 1") == f"Entry 1 by Anna A. {said}"


@pytest.mark.parametrize(
    ("reason", "said"),
    [
        (Reason(ReasonKind.HEADING, ""), "its heading names Turm Server"),
        (Reason(ReasonKind.NAME, ""), "it names Turm Server"),
        (Reason(ReasonKind.NAME, "server"), "it has words of the name Turm Server: server"),
        (Reason(ReasonKind.LINK, ""), "it links to the site of Turm Server"),
        (Reason(ReasonKind.REPORTER, ""), "Anna A. reports on Turm Server"),
        (Reason(ReasonKind.REPORTER, "anna"), "Anna A. seems to report on Turm Server, by “anna” in the Matrix ID"),
        (Reason(ReasonKind.HISTORY, "2 of 3"), "of Anna A.'s last entries 2 of 3 stood there"),
        (Reason(ReasonKind.ALIKE, "“Turm 2” (2026-01-30)"), "it is like “Turm 2” (2026-01-30)"),
        (Reason(ReasonKind.TERMS, "bell, tower"), "it has words that are typical there: bell, tower"),
        (Reason(ReasonKind.TERMS, ""), "it has words that are typical there"),
        (Reason(ReasonKind.TERMS, "a\n\n\u202e@room " + "b" * 500), f"typical there: a @room {'b' * 71}…"),
    ],
)
async def test_each_reason_is_said_in_words(scene: Scene, reason: Reason, said: str) -> None:
    target = await scene.submitted(ANNA, UNKNOWN)
    await guess(scene, target, Guess((), (Candidate("turm", 0.8, (reason,)),), "servers", "turm"))
    assert f"{said}." in await ask(scene, "why 1")


@pytest.mark.parametrize(
    ("command", "said"),
    [
        ("why 1", f"Entry 1 by Anna A. was filed under servers, which the catalogue has no more. {EDNA}"),
        (
            "refile 1",
            (
                "Entry 1 was filed by people, under servers, which the catalogue has no more; "
                "!news file 1 DEPARTMENT moves it."
            ),
        ),
    ],
)
async def test_a_department_that_was_removed_is_said_to_be_gone(scene: Scene, command: str, said: str) -> None:
    target = await scene.submitted(ANNA, UNKNOWN)
    await scene.happen(scene.reaction(EDITOR, target, "🏢"))
    scene.serve(WITHOUT_SERVERS)
    assert await ask(scene, command) == said
    assert "by Edna, under servers, which is gone" in await ask(scene, "list")


# refile


async def test_refile_says_what_has_changed(scene: Scene) -> None:
    target = await scene.submitted(ANNA, UNKNOWN)
    await scene.submitted(ANNA, UNKNOWN)
    await guess(scene, target, SURE)
    said = await ask(scene, "refile")
    assert said.startswith("I have weighed 2 entries again that no person has filed; 1 has changed:")
    assert said.endswith("- Entry 1 by Anna A. is not filed.")
    assert await ask(scene, "refile 2") == (
        "I have weighed 1 entry again that no person has filed; nothing has changed."
    )


async def test_refile_suggests_the_same_on_every_entry_that_it_is_likely_for(scene: Scene) -> None:
    await scene.submitted(ANNA, "Leuchte 3 shines even brighter than that one did.")
    await scene.submitted(BEN, "Leuchte 4 shines less brightly than the others did.")
    await ask(scene, "project add leuchte | Leuchte | none | clients")
    await ask(scene, "refile")
    assert ["Leuchte ?" in await scene.reactions(entry.event_id) for entry in await scene.entries()] == [True, True]


async def test_refile_leaves_what_people_have_filed_and_dropped(scene: Scene) -> None:
    filed, dropped = await scene.submitted(ANNA, UNKNOWN), await scene.submitted(ANNA, UNKNOWN)
    await scene.happen(scene.reaction(EDITOR, filed, "🏢"), scene.reaction(EDITOR, dropped, "❌"))
    assert (await ask(scene, "refile")).startswith("I have weighed 0 entries again")
    assert (await scene.entries())[0].department == "servers"


async def test_what_people_have_filed_is_not_filed_again(scene: Scene) -> None:
    target = await scene.submitted(ANNA, UNKNOWN)
    await scene.happen(scene.reaction(EDITOR, target, "🏢"))
    assert await ask(scene, "refile 1") == (
        "Entry 1 was filed by people, and stays there; !news file 1 DEPARTMENT moves it."
    )


# status


async def test_status_says_how_to_decide_while_something_is_not_filed(scene: Scene) -> None:
    target = await unsure(scene)
    assert "!news unfiled asks where each of those belongs" in await ask(scene, "status")
    await scene.happen(scene.reaction(EDITOR, target, "🏢"))
    assert "!news unfiled" not in await ask(scene, "status")


def _content(written: str) -> Mapping[str, Any]:
    content: Mapping[str, Any] = json.loads(written)
    return content
