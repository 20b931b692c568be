"""Entries file themselves where the bot is sure, people's decisions outrank it, and each is learned from."""

from collections import Counter
from datetime import timedelta
from typing import Any

import pytest

from tests.desk.scene import ANNA, BEN, EDITOR, PUBLICATION, TEXT, Scene
from twimbot.config import Filing
from twimbot.filing.guide import Guide
from twimbot.filing.learning import knowledge
from twimbot.filing.subject import subject
from twimbot.model.catalogue import Catalogue

FERNGLAS = "### Fernglas\nFernglas 2 has a new button, which is green."
ROOTS = "The roots of the willow were measured again, and they reach the pond by now."


@pytest.fixture
def filing(scene: Scene) -> Scene:
    """Let the bot file by itself."""
    scene.serve(PUBLICATION.model_copy(update={"filing": Filing()}))
    return scene


async def places(scene: Scene) -> list[tuple[str | None, str | None]]:
    return [(entry.department, entry.project) for entry in await scene.entries()]


async def test_what_is_sure_is_filed_and_shown_by_reactions(filing: Scene) -> None:
    target = await filing.submitted(text=FERNGLAS)
    assert await places(filing) == [("clients", "fernglas")]
    assert await filing.reactions(target) == ["✅", "📱", "Fernglas"]


async def test_what_is_said_of_nothing_known_is_left_alone(filing: Scene) -> None:
    target = await filing.submitted(text=ROOTS)
    assert await places(filing) == [(None, None)]
    assert await filing.reactions(target) == ["✅"]


async def test_an_editors_filing_outranks_the_bots_and_takes_its_reactions_away(filing: Scene) -> None:
    target = await filing.submitted(text=FERNGLAS)
    await filing.happen(filed := filing.reaction(EDITOR, target, "🏢"))
    assert await places(filing) == [("servers", None)]
    assert await filing.reactions(target) == ["✅"]
    await filing.happen(filing.redaction(EDITOR, filed["event_id"]))
    assert await places(filing) == [("clients", "fernglas")]
    assert await filing.reactions(target) == ["✅", "📱", "Fernglas"]


async def test_an_editor_who_agrees_about_the_department_leaves_the_project(filing: Scene) -> None:
    target = await filing.submitted(text=FERNGLAS)
    await filing.happen(filing.reaction(EDITOR, target, "📱"))
    assert await places(filing) == [("clients", "fernglas")]
    assert await filing.reactions(target) == ["✅", "Fernglas"]


@pytest.mark.parametrize(
    ("deeds", "found"),
    [
        ([(ANNA, "Fernglas"), (EDITOR, "🏢")], ("servers", None)),
        ([(EDITOR, "🏢"), (ANNA, "Fernglas")], ("servers", None)),
        ([(EDITOR, "🏢"), (ANNA, "Turm")], ("servers", "turm")),
        ([(ANNA, "Fernglas"), (EDITOR, "📱")], ("clients", "fernglas")),
        ([(ANNA, "Fernglas"), (ANNA, "🏢")], ("servers", "fernglas")),
        ([(ANNA, "Fernglas"), (ANNA, "🏢"), (EDITOR, "🏢")], ("servers", "fernglas")),
        ([(ANNA, "🏢"), (ANNA, "Fernglas"), (EDITOR, "🏢")], ("servers", None)),
        ([(EDITOR, "Fernglas"), (EDITOR, "🏢")], ("servers", "fernglas")),
        ([(EDITOR, "Fernglas"), (ANNA, "Turm"), (ANNA, "🏢")], ("clients", "fernglas")),
    ],
)
async def test_a_project_goes_where_a_higher_authority_has_put_the_entry_elsewhere(
    filing: Scene, deeds: list[tuple[str, str]], found: tuple[str, str | None]
) -> None:
    target = await filing.submitted(ANNA, FERNGLAS)
    await filing.happen(*(filing.reaction(sender, target, key) for sender, key in deeds))
    assert await places(filing) == [found]
    assert await filing.reactions(target) == ["✅"]


async def test_without_the_editors_department_the_contributors_project_is_back(filing: Scene) -> None:
    target = await filing.submitted(ANNA, ROOTS)
    await filing.happen(filing.reaction(ANNA, target, "Fernglas"), filed := filing.reaction(EDITOR, target, "🏢"))
    await filing.happen(filing.redaction(EDITOR, filed["event_id"]))
    assert await places(filing) == [("clients", "fernglas")]


async def test_an_edit_is_weighed_anew(filing: Scene) -> None:
    target = await filing.submitted(text=FERNGLAS)
    turm = "NEWS: ### Turm Server\nTurm Server 3 rings, and the Turm Server shines."
    await filing.happen(filing.edit(ANNA, target, turm))
    assert await places(filing) == [("servers", "turm")]
    assert await filing.reactions(target) == ["✅", "🏢", "Turm"]


async def test_a_correction_counts_from_the_next_entry_on(filing: Scene) -> None:
    for _ in range(2):
        target = await filing.submitted(ANNA, ROOTS)
        await filing.happen(filing.reaction(EDITOR, target, "🏢"))
    await filing.submitted(ANNA, ROOTS)
    assert (await places(filing))[-1] == ("servers", None)


async def test_a_correction_that_is_taken_back_does_not_count(filing: Scene) -> None:
    for _ in range(2):
        target = await filing.submitted(ANNA, ROOTS)
        filed = filing.reaction(EDITOR, target, "🏢")
        await filing.happen(filed, filing.redaction(EDITOR, filed["event_id"]))
    await filing.submitted(ANNA, ROOTS)
    assert (await places(filing))[-1] == (None, None)


async def archived(scene: Scene) -> list[tuple[str, str | None]]:
    async with scene.database.snapshot() as records:
        rows = await records.connection.execute_fetchall("SELECT name, department FROM archive_entry ORDER BY position")
        return [(row["name"], row["department"]) for row in rows]


async def test_an_example_tells_what_its_author_went_on_with(filing: Scene) -> None:
    target = await filing.submitted(ANNA, FERNGLAS)
    thread = {"rel_type": "m.thread", "event_id": target, "is_falling_back": True}
    more = filing.message(ANNA, "And there is more.", **{"m.relates_to": thread})
    await filing.happen(more, filing.reaction(EDITOR, target, "🏢"))
    async with filing.database.snapshot() as records:
        (past,) = await records.archive.of_contributor("news", ANNA, "Anna", 5)
    assert past.beginning == f"{FERNGLAS}\n\nAnd there is more."


async def test_a_published_edition_joins_the_archive_and_leaves_it_again(filing: Scene) -> None:
    await filing.submitted(ANNA, FERNGLAS)
    await filing.submitted(BEN, "Turm Server 3 rings, and the Turm Server shines.")
    dropped = await filing.submitted(ANNA, f"{FERNGLAS} Once more.")
    await filing.happen(filing.reaction(EDITOR, dropped, "❌"))
    assert await archived(filing) == []
    filing.now += timedelta(days=3)
    filing.moment += 3 * 24 * 3600 * 1000
    await filing.happen(filing.command(EDITOR, "published 2026-02-06"))
    assert await archived(filing) == [("Anna A.", "Clients 📱"), ("Ben", "Servers 🏢")]
    await filing.happen(filing.command(EDITOR, "unpublished 2026-02-06"))
    assert await archived(filing) == []


@pytest.mark.parametrize("is_whole", [True, False], ids=["entry", "edit"])
async def test_what_is_deleted_leaves_the_archive_too(filing: Scene, *, is_whole: bool) -> None:
    target = await filing.submitted(ANNA, "A quincunx of pears stands in the garden, for everybody to see.")
    edit = filing.edit(ANNA, target, "NEWS: A quincunx of plums and a xanthoceras stand in the garden now.")
    await filing.happen(edit, filing.reaction(EDITOR, target, "🏢"))
    assert len(await archived(filing)) == 1
    await filing.happen(filing.redaction(ANNA, target if is_whole else edit["event_id"]))
    await filing.database.checkpoint()
    content = filing.database.path.read_bytes()
    assert b"xanthoc" not in content
    assert (b"quincunx" in content) is not is_whole


async def test_a_dropped_entry_teaches_nothing_until_it_is_restored(filing: Scene) -> None:
    target = await filing.submitted(ANNA, ROOTS)
    await filing.happen(filing.reaction(EDITOR, target, "🏢"))
    assert len(await archived(filing)) == 1
    await filing.happen(filing.command(EDITOR, "drop 1"))
    assert await archived(filing) == []
    await filing.happen(filing.command(EDITOR, "restore 1"))
    assert len(await archived(filing)) == 1


async def test_what_was_learned_from_is_quoted_nowhere_else(filing: Scene) -> None:
    first = await filing.submitted(ANNA, ROOTS)
    await filing.happen(filing.reaction(EDITOR, first, "🏢"))
    await filing.submitted(BEN, f"{ROOTS} And once more.")
    await filing.happen(filing.redaction(ANNA, first))
    async with filing.database.snapshot() as records:
        rows = await records.connection.execute_fetchall("SELECT departments FROM guess")
    (written,) = [row["departments"] for row in rows]
    assert "an entry of 2026-02-06" in written
    assert "The roots" not in written


async def test_what_is_thought_of_a_filed_entry_forgets_a_deleted_edit(filing: Scene) -> None:
    target = await filing.submitted(ANNA, ROOTS)
    edit = filing.edit(ANNA, target, "NEWS: Our client has a new theme, on the desktop as everywhere.")
    await filing.happen(edit, filing.reaction(EDITOR, target, "🏢"))
    await filing.happen(filing.redaction(ANNA, edit["event_id"]))
    async with filing.database.snapshot() as records:
        rows = await records.connection.execute_fetchall("SELECT departments FROM guess")
    assert ["theme" in row["departments"] for row in rows] == [False]


@pytest.mark.parametrize("is_edit", [True, False], ids=["edit", "passage"])
async def test_what_is_thought_of_what_counts_no_more_is_forgotten(filing: Scene, *, is_edit: bool) -> None:
    message = filing.message(ANNA, ROOTS)
    target, words = message["event_id"], "NEWS: Our homeserver has a new database, which is postgres."
    if is_edit:  # the edit alone makes an entry of its message
        deleted = filing.edit(ANNA, target, words)
        await filing.hear(message, deleted)
    else:
        taken_up = filing.reaction(EDITOR, target, "⭕")
        deleted = filing.message(ANNA, words, **{"m.relates_to": {"m.in_reply_to": {"event_id": target}}})
        await filing.hear(message, taken_up, deleted)
        await filing.hear(filing.redaction(EDITOR, taken_up["event_id"]))
    await filing.hear(filing.redaction(ANNA, deleted["event_id"]))
    async with filing.database.snapshot() as records:
        assert list(await records.connection.execute_fetchall("SELECT departments FROM guess")) == []


async def test_a_part_that_is_dropped_says_no_longer_where_its_entry_belongs(filing: Scene) -> None:
    target = await filing.submitted(ANNA, ROOTS)
    below = {"m.relates_to": {"m.in_reply_to": {"event_id": target}}}
    await filing.happen(part := filing.message(ANNA, "Turm Server 3 rings. Turm Server!", **below))
    assert await places(filing) == [("servers", "turm")]
    await filing.happen(dropped := filing.reaction(EDITOR, part["event_id"], "❌"))
    assert await places(filing) == [(None, None)]
    assert await filing.reactions(target) == ["✅"]
    await filing.happen(filing.redaction(EDITOR, dropped["event_id"]))
    assert await places(filing) == [("servers", "turm")]


async def test_what_was_said_of_no_entry_is_nothing_when_it_is_read_again(filing: Scene) -> None:
    message = filing.message(ANNA, ROOTS)
    reactions = [filing.reaction(EDITOR, message["event_id"], key) for key in ("🏢", "❌", "⭕")]
    for each in (message, *reactions, *reactions):
        await filing.hear(each)
    entry = await filing.entry()
    assert (entry.department, entry.is_dropped) == (None, False)


class TestReadingAgain:
    """Where entries belong is a function of what was heard, as it was known then; hearing it again changes nothing."""

    async def test_a_take_up_weighs_nothing_by_what_was_learned_since(self, scene: Scene) -> None:
        first = scene.message(ANNA, f"NEWS: {TEXT}")
        thread = {"rel_type": "m.thread", "event_id": first["event_id"], "is_falling_back": True}
        relation = {**thread, "m.in_reply_to": {"event_id": first["event_id"]}}
        second = scene.message(ANNA, f"NEWS: {TEXT}", **{"m.relates_to": relation})
        picture, take_up = scene.picture(ANNA), scene.reaction(EDITOR, first["event_id"], "⭕")
        filed = scene.command(EDITOR, "file 2 servers Turm")
        await self._same_when_heard_again(scene, [first, second, picture, take_up, filed], 3)

    @pytest.mark.parametrize("key", ["📱", "❌", "⭕"])
    async def test_a_reaction_that_is_taken_back_again_neither(self, scene: Scene, key: str) -> None:
        first, second = scene.message(ANNA, f"NEWS: {TEXT}"), scene.message(ANNA, f"NEWS: {TEXT}")
        reaction = scene.reaction(EDITOR, first["event_id"], key)
        taken_back = scene.redaction(EDITOR, reaction["event_id"])
        filed = scene.command(EDITOR, "file 2 servers Turm")
        await self._same_when_heard_again(scene, [first, second, reaction, taken_back, filed], 2)

    @pytest.mark.parametrize("deed", ["edit", "deletion"])
    async def test_nor_what_is_done_to_a_part(self, scene: Scene, deed: str) -> None:
        first, second = scene.message(ANNA, f"NEWS: {TEXT}"), scene.message(ANNA, f"NEWS: {TEXT}")
        below = {"m.relates_to": {"m.in_reply_to": {"event_id": first["event_id"]}}}
        part = scene.message(ANNA, "It has a new button, too.", **below)
        picture = scene.picture(ANNA, **below)
        deeds = {
            "edit": [scene.edit(ANNA, part["event_id"], "It has a new lever, too.")],
            "deletion": [scene.redaction(ANNA, each["event_id"]) for each in (part, picture)],
        }[deed]
        filed = scene.command(EDITOR, "file 2 servers Turm")
        await self._same_when_heard_again(scene, [first, second, part, picture, *deeds, filed], len(deeds) + 1)

    async def test_a_take_up_of_what_was_no_entry_is_of_nothing(self, scene: Scene) -> None:
        """A picture that nobody has described, by somebody without an entry."""
        picture = scene.picture(BEN)
        take_up = scene.reaction(EDITOR, picture["event_id"], "⭕")
        edit = scene.edit(BEN, picture["event_id"], f"NEWS: {TEXT}")
        await self._same_when_heard_again(scene, [picture, take_up, edit], 2)
        async with scene.database.snapshot() as records:
            assert await records.connection.execute_fetchall("SELECT * FROM take_up") == []

    async def _same_when_heard_again(self, scene: Scene, events: list[Any], last: int) -> None:
        for event in events:
            await scene.hear(event)
        before = await self._everything(scene)
        for event in events[-last:]:
            await scene.hear(event)
        assert await self._everything(scene) == before

    async def _everything(self, scene: Scene) -> dict[str, list[tuple[Any, ...]]]:
        async with scene.database.snapshot() as records:
            rows = {
                table: await records.connection.execute_fetchall(f"SELECT * FROM {table}")  # noqa: S608 - names of tables
                for table in ("guess", "outbox", "archive_entry", "filing", "verdict", "take_up")
            }
        return {table: [tuple(row) for row in found] for table, found in rows.items()}


async def test_an_entry_is_no_example_for_itself(filing: Scene) -> None:
    target = await filing.submitted(ANNA, FERNGLAS)
    async with filing.database.snapshot() as records:
        before = await records.guesses.of_entry(1)
    await filing.happen(filed := filing.reaction(EDITOR, target, "🏢"))
    await filing.happen(filing.redaction(EDITOR, filed["event_id"]))
    async with filing.database.snapshot() as records:
        assert await records.guesses.of_entry(1) == before


class CountingGuide(Guide):
    """A guide that counts how often it is asked for a department's title."""

    def __init__(self, catalogue: Catalogue) -> None:
        super().__init__(catalogue)
        self.asked: Counter[str | None] = Counter()

    def department_titled(self, title: str | None) -> str | None:
        self.asked[title] += 1
        return super().department_titled(title)


async def test_a_departments_title_is_read_once_however_many_words_are_known(filing: Scene) -> None:
    text = " ".join(f"word{number}" for number in range(100))
    for key in ("📱", "🏢"):
        target = await filing.submitted(ANNA, text)
        await filing.happen(filing.reaction(EDITOR, target, key))
    await filing.submitted(BEN, text)
    *_, entry = await filing.entries()
    guide = CountingGuide(PUBLICATION.catalogue)
    async with filing.database.snapshot() as records:
        known = await knowledge(records, entry, guide, subject(text).terms)
    assert known.uses["word99"] == {"clients": 1, "servers": 1}
    assert guide.asked == {"Clients 📱": 1, "Servers 🏢": 1}
