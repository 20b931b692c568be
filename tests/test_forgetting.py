"""`twimbot forget`: somebody who asks for it is in no file of the bot's, and does not come back."""

from collections.abc import AsyncIterator
from datetime import date, timedelta
from pathlib import Path

import pytest

from tests.desk.scene import ANNA, BEN, EDITOR, NOW, PUBLICATION, SUBMISSIONS, TEXT, Scene, open_scene
from tests.test_cli import call
from tests.test_config import GARDEN
from twimbot.app import DATABASE
from twimbot.archiving import import_posts
from twimbot.config import Config, load
from twimbot.errors import ConfigurationError, JobError
from twimbot.filing.terms import terms
from twimbot.forgetting import find, forget
from twimbot.model.archive import ArchivedEntry, ArchivedPost
from twimbot.model.calendar import milliseconds
from twimbot.publishing.exporter import export_folder, media_folder
from twimbot.store.database import Database

EDITION = date(2026, 2, 6)
WORD = "Birdsong"
"""A word that Anna alone says."""

TRACES = (b"anna:example", b"Anna A", WORD.encode())


@pytest.fixture
def config(tmp_path: Path) -> Config:
    """Configure the publication of the scene."""
    (tmp_path / "config.yaml").write_text(GARDEN, encoding="utf-8")
    loaded = load(tmp_path / "config.yaml")
    return loaded.model_copy(update={"publications": {"news": PUBLICATION}})


@pytest.fixture
async def week(config: Config) -> AsyncIterator[Scene]:
    """Let Anna and Ben say and do all sorts of things, and an editor too."""
    folder = config.data_dir
    folder.mkdir(mode=0o700)
    async with open_scene(folder) as scene:
        await _publish_before(scene.database)
        first = await scene.submitted(ANNA, f"{TEXT} {WORD}.")
        await scene.submitted(BEN, "Turm 2 keeps what people said in fewer bytes than ever.")
        picture = scene.picture(ANNA, "Tree", **{"m.relates_to": {"m.in_reply_to": {"event_id": first}}})
        await scene.happen(
            scene.edit(ANNA, first, f"NEWS: {TEXT} {WORD} 2."),
            picture,
            scene.reaction(ANNA, first, "Turm"),
            scene.message(ANNA, f"And {WORD}", **{"m.relates_to": {"rel_type": "m.thread", "event_id": first}}),
            scene.message(ANNA, "!news project propose zaun | Zaun | none | servers", SUBMISSIONS),
            scene.command(EDITOR, f"reporter add fernglas {ANNA}"),
            scene.command(EDITOR, "list"),
            scene.reaction(EDITOR, first, "Fernglas"),
        )
        async with scene.database.transaction() as records:
            for _, media in await records.media.wanted():
                await records.media.keep(media, "png")
        media_folder(folder).mkdir()
        (media_folder(folder) / "Tree.png").write_bytes(b"a tree")
        tree = export_folder(folder, "news", EDITION)
        tree.mkdir(parents=True)
        (tree / "post.md").write_text(f"Anna A. says {WORD}", encoding="utf-8")
        (folder / f"{DATABASE}.before-9").write_bytes(b"@anna:example.org")
        (folder / "before-rebuild").mkdir()
        (folder / "before-rebuild" / DATABASE).write_bytes(b"@anna:example.org")
        yield scene


async def _publish_before(database: Database) -> None:
    entries = (
        ArchivedEntry(ANNA, "Anna A.", "Clients 📱", "Fernglas", None, f"Fernglas 1.3 has a {WORD}."),
        ArchivedEntry(None, "Anna the Elder", "Clients 📱", "Fernglas", None, "An old post without IDs."),
        ArchivedEntry(BEN, "Ben", "Servers 🏢", "Turm", None, "Turm 1 is out."),
    )
    async with database.transaction() as records:
        await records.archive.keep_post("news", ArchivedPost(date(2026, 1, 30), "Last week", entries), terms)


def files_with(folder: Path, trace: bytes) -> list[str]:
    files = (file for file in folder.rglob("*") if file.is_file())
    return sorted(str(file.relative_to(folder)) for file in files if trace in file.read_bytes())


async def test_nothing_is_left_of_who_is_forgotten(week: Scene, config: Config) -> None:
    await week.database.close()
    folder = config.data_dir
    assert all(files_with(folder, trace) for trace in TRACES)
    found = await find(config, ANNA, [])
    assert found.summary == "1 entry and 1 entry of imported posts, called Anna A."
    left = await forget(config, ANNA, [])
    assert [files_with(folder, trace) for trace in TRACES] == [[], [], []]
    assert not (media_folder(folder) / "Tree.png").exists()
    assert left[0] == (
        "these editions had something of theirs: news 2026-01-30, news 2026-02-06; what is on the site is to be "
        "changed there"
    )
    assert (await find(config, ANNA, [])).summary == "0 entries and 0 entries of imported posts"
    await forget(config, ANNA, [])
    assert files_with(folder, b"ben:example")


async def test_what_others_said_and_did_stays(week: Scene, config: Config) -> None:
    await week.database.close()
    await forget(config, ANNA, ["Anna the Elder"])
    database = await Database.open(config.data_dir / DATABASE)
    async with database.snapshot() as records:
        (entry,) = await records.entries.of_edition("news", EDITION)
        (post,) = await records.archive.posts("news")
        assert not (await records.catalogue.present(PUBLICATION)).catalogue.projects[0].reporters
    await database.close()
    assert entry.sender == BEN
    assert [archived.name for archived in post.entries] == ["Ben"]


async def test_a_room_that_is_read_again_brings_nothing_back(week: Scene, config: Config) -> None:
    async with week.database.transaction() as records:
        await records.people.note(ANNA, milliseconds(NOW + timedelta(hours=1)))
    entries = await week.entries()
    again = week.message(ANNA, f"NEWS: {TEXT} {WORD} once more.")
    await week.happen(again)
    assert await week.entries() == entries
    week.moment += 2 * 3600 * 1000
    week.now += timedelta(hours=2)
    await week.submitted(ANNA, "Anna is back with something new, and wants it in the post.")
    assert len(await week.entries()) == len(entries) + 1


async def test_a_post_that_is_imported_again_brings_nobody_back(week: Scene, config: Config, tmp_path: Path) -> None:
    await week.database.close()
    await forget(config, ANNA, ["Anna the Elder"])
    page = tmp_path / "content" / "blog" / "last.md"
    page.parent.mkdir(parents=True)
    page.write_text(
        '+++\ntitle = "Weekly News 2026-01-30"\n+++\n\n## Clients\n\n'
        f"[Anna A.](https://matrix.to/#/{ANNA}) says\n\n> {WORD} again.\n\n"
        "Anna the Elder says\n\n> An old post.\n\n"
        f"[Ben](https://matrix.to/#/{BEN}) says\n\n> Turm 1 is out.\n",
        encoding="utf-8",
    )
    await import_posts(config, config.publications["news"], [page], lambda _done, _all: None)
    assert [files_with(config.data_dir, trace) for trace in TRACES] == [[], [], []]
    database = await Database.open(config.data_dir / DATABASE)
    async with database.snapshot() as records:
        (post,) = await records.archive.posts("news")
    await database.close()
    assert [entry.name for entry in post.entries] == ["Ben"]


async def test_the_bot_itself_and_nobody_at_all_can_not_be_forgotten(config: Config) -> None:
    with pytest.raises(ConfigurationError, match="is the bot itself"):
        await forget(config, config.user_id, [])
    with pytest.raises(JobError, match="no database yet"):
        await forget(config, ANNA, [])


class TestLeaving:
    async def test_who_left_without_an_entry_goes_after_thirty_days(self, scene: Scene) -> None:
        await scene.submitted(BEN)
        await self._leave(scene, ANNA)
        await self._leave(scene, BEN)
        assert await self._names(scene) == ["Anna A.", "Ben"]
        scene.now += timedelta(days=29)
        await scene.happen()
        assert await self._names(scene) == ["Anna A.", "Ben"]
        scene.now += timedelta(days=2)
        await scene.happen()
        assert await self._names(scene) == [None, "Ben"]

    async def test_who_came_back_stays(self, scene: Scene) -> None:
        await self._leave(scene, ANNA)
        content = {"membership": "join", "displayname": "Anna A."}
        await scene.happen(scene.event(ANNA, "m.room.member", content, state_key=ANNA))
        scene.now += timedelta(days=31)
        await scene.happen()
        assert (await self._names(scene))[0] == "Anna A."

    async def _leave(self, scene: Scene, user_id: str) -> None:
        await scene.happen(scene.event(user_id, "m.room.member", {"membership": "leave"}, state_key=user_id))

    async def _names(self, scene: Scene) -> list[str | None]:
        async with scene.database.snapshot() as records:
            return [await records.rooms.member_name(SUBMISSIONS, each) for each in (ANNA, BEN)]


class TestCommand:
    def test_it_asks_first_and_can_be_told_not_to(self, tmp_path: Path) -> None:
        (tmp_path / "config.yaml").write_text(GARDEN, encoding="utf-8")
        assert call(tmp_path, "forget", "anna").stderr == (
            "twimbot: anna is no Matrix ID; write it as @anna:example.org\n"
        )
        assert call(tmp_path, "forget", "@news:example.org").returncode == 2
        missing = call(tmp_path, "forget", ANNA)
        assert missing.returncode == 1
        assert "there is no database yet" in missing.stderr
