"""Lists, what was published before the bot's time, and finding: each dialogue is what an editor asked for and read."""

from datetime import date, timedelta

import pytest

from tests.commands.test_commands import ask, picture
from tests.desk.scene import ANNA, BEN, EDITOR, NOW, SUBMISSIONS, Scene
from twimbot.filing.terms import terms
from twimbot.model.archive import ArchivedEntry, ArchivedPost
from twimbot.model.calendar import milliseconds
from twimbot.model.filing import Candidate, Guess, Reason, ReasonKind


async def publish(scene: Scene, edition: date, *texts: str) -> None:
    """Import a published post."""
    entries = tuple(ArchivedEntry(ANNA, "Anna A.", "Clients 📱", "Fernglas", None, text) for text in texts)
    async with scene.database.transaction() as records:
        await records.archive.keep_post("news", ArchivedPost(edition, "A week", entries), terms)


async def suppose(scene: Scene, number: int, confidence: float) -> None:
    """Let the bot have filed an entry itself, as sure as this."""
    reasons = (Reason(ReasonKind.TERMS, ""),)
    guess = Guess((Candidate("clients", confidence, reasons),), (), "clients")
    async with scene.database.transaction() as records:
        entry = await records.entries.by_number("news", date(2026, 2, 6), number)
        assert entry is not None
        await records.guesses.keep(entry.id, guess)


def pass_days(scene: Scene, days: int) -> None:
    """Turn the clocks so many days on from the beginning of the scene."""
    scene.now = NOW + timedelta(days=days)
    scene.moment = milliseconds(scene.now)


class TestListing:
    async def test_unsure_ones_are_listed_with_the_least_sure_first(self, scene: Scene) -> None:
        for number in range(1, 5):
            await scene.submitted(ANNA, f"Number {number} of the news of this week, and more of it.")
        await suppose(scene, 1, 0.9)
        await suppose(scene, 2, 0.7)
        await ask(scene, "file 3 servers")
        said = await ask(scene, "list unsure")
        assert [row.split(" | ")[0] for row in said.splitlines()[-3:]] == ["4", "2", "1"]
        await ask(scene, "file 1 2 4 clients")
        assert await ask(scene, "list unsure") == "In the edition of 2026-02-06 nothing is left for people to file."

    async def test_dropped_ones_alone(self, scene: Scene) -> None:
        await scene.submitted()
        await scene.submitted(BEN, "Another one that is going to be left out.")
        assert await ask(scene, "list dropped") == "In the edition of 2026-02-06 nothing is dropped."
        await ask(scene, "drop 2")
        assert (await ask(scene, "list 2026-02-06 dropped")).splitlines()[-1].startswith("2 (dropped) | ")

    async def test_the_next_edition(self, scene: Scene) -> None:
        await scene.submitted()
        await ask(scene, "move 1 next")
        said = await ask(scene, "list next")
        assert said.startswith("Edition of 2026-02-13, closing Friday 2026-02-13 at 17:00 (Europe/Paris): 1 entry.")

    async def test_pictures_and_missing_alternative_texts_are_marked(self, scene: Scene) -> None:
        target = await scene.submitted()
        await scene.happen(picture(scene, target, "One"), picture(scene, target, "Two"))
        assert " | 2, 2 without text | " in await ask(scene, "list")
        await ask(scene, "alt 1 1 A tree")
        assert " | 2, 1 without text | " in await ask(scene, "list")
        await ask(scene, "alt 1 2 A bush")
        assert " | 2 | " in await ask(scene, "list")

    async def test_an_edition_that_has_closed_is_called_closed(self, scene: Scene) -> None:
        await scene.submitted()
        pass_days(scene, 3)
        assert "Edition of 2026-02-06, closed since Friday 2026-02-06 at 17:00" in await ask(scene, "list")
        assert "closed since" in await ask(scene, "status")

    async def test_pending_proposals_stand_in_the_status(self, scene: Scene) -> None:
        await scene.happen(scene.command(ANNA, "project propose leiter | Leiter | none | servers", SUBMISSIONS))
        said = await ask(scene, "status")
        assert f"The project Leiter is proposed by {ANNA}; !news project accept leiter takes it" in said


class TestFormerEditions:
    async def test_one_from_before_the_bots_time_is_listed_and_shown(self, scene: Scene) -> None:
        await publish(scene, date(2025, 12, 5), "Fernglas 1.3 has a faster search.", "Fernglas has a manual.")
        said = await ask(scene, "list 2025-12-05")
        assert said.startswith("Edition of 2025-12-05, as it was published: 2 entries.")
        row = "2025-12-05/2 | Clients 📱 | Fernglas | Anna A. | Fernglas has a manual."
        assert said.splitlines()[-1] == row
        said = await ask(scene, "show 2025-12-05/2")
        assert said.startswith("Entry 2025-12-05/2 by Anna A., as it was published under Clients 📱, Fernglas:")
        assert "Fernglas has a manual." in said

    async def test_it_can_only_be_shown(self, scene: Scene) -> None:
        await publish(scene, date(2025, 12, 5), "Fernglas 1.3 has a faster search.")
        for command in ("drop 2025-12-05/1", "why 2025-12-05/1", "move 2025-12-05/1 next", "alt 2025-12-05/1 A tree"):
            said = await ask(scene, command)
            assert said == "Entry 2025-12-05/1 was published before my time; I can only show it."
        assert "has no entry 2" in await ask(scene, "show 2025-12-05/2")

    @pytest.mark.parametrize("command", ["list", "show"])
    async def test_one_that_came_out_on_another_weekday_is_found(self, scene: Scene, command: str) -> None:
        await publish(scene, date(2025, 12, 4), "Fernglas 1.3 has a faster search.")
        written = f"{command} 2025-12-04" + ("/1" if command == "show" else "")
        assert "Fernglas 1.3 has a faster search." in await ask(scene, written)

    async def test_a_day_without_any_is_still_refused(self, scene: Scene) -> None:
        assert "No edition comes out on Thursday, 2025-12-04" in await ask(scene, "list 2025-12-04")


class TestFinding:
    async def test_a_search_for_too_much_says_so(self, scene: Scene) -> None:
        assert await ask(scene, f"find {'many words ' * 30}") == "Search for less: at most 200 characters."

    async def test_this_edition_comes_before_the_past(self, scene: Scene) -> None:
        await publish(scene, date(2025, 12, 5), "Fernglas 1.3 has a faster search.", "Turm has moved.")
        target = await scene.submitted()
        said = await ask(scene, "find searching fernglas")
        assert said.startswith("2 entries have “searching fernglas”.")
        first, second = said.splitlines()[-2:]
        assert first.startswith("1 | ")
        assert target in first
        assert second.startswith("2025-12-05/1 | Clients 📱 | Fernglas | Anna A. | Fernglas 1.3 has a faster search.")

    async def test_own_entries_of_former_editions_lead_to_their_messages(self, scene: Scene) -> None:
        target = await scene.submitted()
        await scene.happen(scene.reaction(EDITOR, target, "Fernglas"))
        pass_days(scene, 14)
        said = await ask(scene, "find faster")
        assert said.splitlines()[-1].startswith("2026-02-06/1 | Clients 📱 | Fernglas | Anna A. | ")
        assert target in said

    async def test_what_was_deleted_is_not_found(self, scene: Scene) -> None:
        target = await scene.submitted()
        await scene.happen(scene.reaction(EDITOR, target, "Fernglas"), scene.redaction(ANNA, target))
        said = await ask(scene, "find faster")
        assert said == "No entry has “faster”, neither in this edition nor in those before it."

    @pytest.mark.parametrize("words", ["zzz", "!?", '" OR 1', "search zzz"])
    async def test_what_no_entry_has(self, scene: Scene, words: str) -> None:
        await publish(scene, date(2025, 12, 5), "Fernglas 1.3 has a faster search.")
        assert (await ask(scene, f"find {words}")).startswith("No entry has “")

    async def test_without_words(self, scene: Scene) -> None:
        assert await ask(scene, "find") == "Which words? !news find WORDS"


@pytest.mark.parametrize("key", ["Turm Server", "turm", "Turm", "TURM"])
async def test_a_reaction_with_any_name_of_a_project_files(scene: Scene, key: str) -> None:
    target = await scene.submitted()
    await scene.happen(scene.reaction(EDITOR, target, key))
    entry = await scene.entry()
    assert (entry.department, entry.project) == ("servers", "turm")


@pytest.mark.parametrize("key", ["clients", "Clients 📱", "📱"])
async def test_a_reaction_with_any_name_of_a_department_files(scene: Scene, key: str) -> None:
    target = await scene.submitted()
    await scene.happen(scene.reaction(EDITOR, target, key))
    assert (await scene.entry()).department == "clients"
