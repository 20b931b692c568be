"""`twimbot import posts`: from a site's files into the store, as often as one likes, beside a running bot."""

import asyncio
from datetime import date
from pathlib import Path

import pytest

from tests.test_cli import call
from tests.test_config import GARDEN
from twimbot.archiving import import_posts
from twimbot.config import Config, load
from twimbot.errors import ConfigurationError, JobError
from twimbot.importing.entries import Gap
from twimbot.model.archive import ArchivedEntry, ArchivedPost
from twimbot.store.database import Database

PEARS = ArchivedEntry("@ada:example.org", "Ada", "Fruit 🍎", None, None, "The pears are ripe.")
RAKE = ArchivedEntry("@ben:example.org", "Ben", "Tools", "Rake", "https://rake.example.org", "Long.")


def post(day: str, *, says: str = "The pears are ripe.") -> str:
    """Return the text of a post with an entry about fruit and one about a tool."""
    return f"""\
+++
title = "Garden News {day}"
+++

## Fruit 🍎

[Ada](https://matrix.to/#/@ada:example.org) says

> {says}

## Tools

### Rake ([website](https://rake.example.org))

[Ben](https://matrix.to/#/@ben:example.org) says

> Long.
"""


def write(folder: Path, name: str, text: str) -> Path:
    """Write a page of the site's blog."""
    path = folder / "content" / "blog" / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")
    return path


@pytest.fixture
def garden(tmp_path: Path) -> Path:
    (tmp_path / "config.yaml").write_text(GARDEN, encoding="utf-8")
    return tmp_path


@pytest.fixture
def config(garden: Path) -> Config:
    return load(garden / "config.yaml")


def archived(config: Config) -> list[ArchivedPost]:
    """Return what the archive holds."""

    async def read() -> list[ArchivedPost]:
        database = await Database.open(config.data_dir / "twimbot.db")
        async with database.snapshot() as records:
            posts = await records.archive.posts("weekly")
        await database.close()
        return posts

    return asyncio.run(read())


def imported(config: Config, *places: Path) -> tuple[str, list[tuple[Gap, int]]]:
    """Import posts; return the figures and what was not understood."""
    done = asyncio.run(import_posts(config, config.publications["weekly"], places, lambda _done, _every: None))
    return done.summary, done.gaps


def test_posts_are_imported_before_the_first_start_and_again(garden: Path, config: Config) -> None:
    for day in ("2026-02-06", "2026-02-13"):
        write(garden, f"2026/02/{day}-weekly.md", post(day))
    write(garden, "2026/02/pears.md", '+++\ntitle = "Pears"\n+++\n\n## Fruit\n\n> Eat them.\n')
    write(garden, ".drafts/2026-02-20-weekly.md", post("2026-02-20"))
    figures = "4 entries, 2 departments, 1 project, 2 contributors"
    first = call(garden, "import", "posts", "content")
    assert (first.returncode, first.stdout) == (0, f"2 posts: 2 new, 0 changed, 0 unchanged; {figures}\n")
    assert imported(config, garden) == (f"2 posts: 0 new, 0 changed, 2 unchanged; {figures}", [])
    assert archived(config) == [
        ArchivedPost(date(2026, 2, 6), "Garden News 2026-02-06", (PEARS, RAKE)),
        ArchivedPost(date(2026, 2, 13), "Garden News 2026-02-13", (PEARS, RAKE)),
    ]
    assert (garden / "data").stat().st_mode & 0o077 == 0
    assert (garden / "data" / "twimbot.db").stat().st_mode & 0o077 == 0


def test_a_folder_that_others_can_look_into_is_closed(garden: Path, config: Config) -> None:
    (garden / "data").mkdir(mode=0o755)
    write(garden, "a-weekly.md", post("2026-02-06"))
    imported(config, garden / "content")
    assert (garden / "data").stat().st_mode & 0o077 == 0


def test_a_post_that_has_changed_takes_its_former_place(garden: Path, config: Config) -> None:
    path = write(garden, "a-weekly.md", post("2026-02-06"))
    imported(config, garden)
    path.write_text(post("2026-02-06", says="The plums are ripe."), encoding="utf-8")
    summary, _ = imported(config, garden)
    assert summary.startswith("1 post: 0 new, 1 changed, 0 unchanged; 2 entries")
    assert [each.entries[0].text for each in archived(config)] == ["The plums are ripe."]


def test_where_a_post_lies_makes_no_difference(garden: Path, config: Config) -> None:
    path = write(garden, "a-weekly.md", post("2026-02-06"))
    imported(config, garden)
    moved = path.rename(garden / "other.md")
    assert imported(config, moved)[0].startswith("1 post: 0 new, 0 changed, 1 unchanged")


def test_posts_are_imported_while_the_bot_runs(garden: Path, config: Config) -> None:
    write(garden, "a-weekly.md", post("2026-02-06"))

    async def import_beside() -> tuple[int, str]:
        database = await Database.open(config.data_dir / "twimbot.db")
        async with database.snapshot() as records:
            await records.archive.posts("weekly")
            await import_posts(config, config.publications["weekly"], [garden], lambda _done, _every: None)
        async with database.snapshot() as records:
            seen = await records.archive.posts("weekly")
        await database.close()
        return len(seen), seen[0].title

    assert asyncio.run(import_beside()) == (1, "Garden News 2026-02-06")


def test_what_can_not_be_kept_is_counted(garden: Path, config: Config) -> None:
    write(garden, "a-weekly.md", post("2026-02-06"))
    write(garden, "b-weekly.md", post("2026-02-06"))
    write(garden, "c-weekly.md", post("2026-02-06", says="Something else."))
    write(garden, "d-weekly.md", "+++\ntitle = 'Garden News'\n+++\n\n> a\n")
    write(garden, "e-weekly.md", "+++\ntitle = 'Garden News 2026-03-06'\n+++\n\nNo news.\n")
    write(garden, "f.md", "").write_bytes(b"\xff")
    summary, gaps = imported(config, garden)
    assert summary.startswith("1 post: 1 new")
    assert gaps == [
        (Gap.UNREADABLE, 1),
        (Gap.NO_DATE, 1),
        (Gap.SAME_DATE, 1),
        (Gap.NO_ENTRIES, 1),
        (Gap.NO_AUTHOR, 1),
    ]
    assert [each.entries[0].text for each in archived(config)] == ["The pears are ripe."]


def test_what_was_not_understood_is_shown_on_demand(garden: Path) -> None:
    page = write(garden, "a-weekly.md", f"{post('2026-02-06')}\nNice!\n")
    done = call(garden, "import", "posts", str(page), "--verbose")
    assert done.stdout.startswith("not understood: text outside a quote: 1\n1 post: 1 new")
    assert done.stderr == f"note: {page}: text outside a quote: Nice!\n"


def test_a_place_that_is_not_there_is_named(garden: Path, config: Config) -> None:
    with pytest.raises(ConfigurationError, match=r"nowhere: there is no such folder or file; name a site's checkout"):
        imported(config, garden / "nowhere")


def test_that_there_is_no_post_is_said(garden: Path, config: Config) -> None:
    with pytest.raises(JobError, match=r"there is no post of Garden News; name the folder of the site's blog"):
        imported(config, garden)
