"""`twimbot lint` as it is called: lines that an editor can go to, exit codes, and what it reads beside the post."""

import asyncio
from pathlib import Path

import pytest

from tests.lint.making import GOOD, WRONG, line_of, replaced
from tests.test_cli import call
from tests.test_config import GARDEN
from twimbot.app import make_private, open_database
from twimbot.catalogue.changes import Change
from twimbot.config import load
from twimbot.errors import ConfigurationError
from twimbot.lint.command import lint_file
from twimbot.lint.finding import Finding
from twimbot.store.entries import Decision

DEAD = Finding(
    line_of("/blog/img/rake.png"), "/blog/img/rake.png leads to nothing on the site; mend it or take it out."
)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Return a folder with a post, a configuration and a site's checkout in it."""
    for name, text in {
        "post.md": GOOD,
        "config.yaml": GARDEN,
        "site/config.toml": 'base_url = "https://garden.example.org"',
        "site/content/blog/_index.md": "+++\n+++\n",
    }.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(text, encoding="utf-8")
    return tmp_path


def test_a_good_post_is_passed_in_silence(folder: Path) -> None:
    done = call(folder, "lint", "post.md", "--config", "config.yaml")
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")


def test_findings_are_said_by_file_and_line(folder: Path) -> None:
    (folder / "post.md").write_text(replaced("It scratches.", "TODO"), encoding="utf-8")
    done = call(folder, "lint", "post.md", "--site", "site")
    todo = f"post.md:{line_of('It scratches.')}: there is a TODO left."
    assert (done.returncode, done.stderr) == (1, "")
    assert done.stdout == f"{todo}\npost.md:{DEAD.line}: {DEAD.sentence}\n"


def test_a_wrong_call_is_one_sentence(folder: Path) -> None:
    done = call(folder, "lint", "no.md")
    said = "twimbot: no.md: can't be read: No such file or directory\n"
    assert (done.returncode, done.stdout, done.stderr) == (2, "", said)


def test_line_breaks_of_windows_are_line_breaks(folder: Path) -> None:
    (folder / "post.md").write_bytes(GOOD.replace("\n", "\r\n").encode())
    assert lint_file(folder / "post.md", None, None) == []


def test_dead_links_are_found_with_the_sites_checkout(folder: Path) -> None:
    assert lint_file(folder / "post.md", folder / "site", None) == [DEAD]


def test_the_checkout_may_be_the_configurations(folder: Path) -> None:
    (folder / "config.yaml").write_text(f"{GARDEN}    post: {{site_checkout: site}}\n", encoding="utf-8")
    assert lint_file(folder / "post.md", None, load(folder / "config.yaml")) == [DEAD]


def test_pictures_that_are_exported_with_the_post_are_there(folder: Path) -> None:
    for name, text in {"tree/content/blog/post.md": GOOD, "tree/static/blog/img/rake.png": ""}.items():
        (folder / name).parent.mkdir(parents=True)
        (folder / name).write_text(text, encoding="utf-8")
    assert lint_file(folder / "tree/content/blog/post.md", folder / "site", None) == []


def test_the_names_of_the_catalogue_are_right(folder: Path) -> None:
    (folder / "post.md").write_text(replaced("It scratches.", f"{WRONG} scratches."), encoding="utf-8")
    (folder / "config.yaml").write_text(GARDEN.replace("title: Fruit", f"title: The {WRONG}"), encoding="utf-8")
    assert len(lint_file(folder / "post.md", None, None)) == 1
    assert lint_file(folder / "post.md", None, load(folder / "config.yaml")) == []


def test_a_post_that_is_no_text_is_refused(folder: Path) -> None:
    (folder / "post.md").write_bytes(b"\xff")
    with pytest.raises(ConfigurationError, match=r"post\.md: can't be read: 'utf-8' codec can't decode byte 0xff"):
        lint_file(folder / "post.md", None, None)


def test_a_folder_that_is_no_checkout_is_refused(folder: Path) -> None:
    with pytest.raises(ConfigurationError, match="is no checkout of a Zola site"):
        lint_file(folder / "post.md", folder, None)


def test_of_several_checkouts_one_has_to_be_named(folder: Path) -> None:
    other = GARDEN.partition("publications:\n")[2].replace("weekly", "monthly").replace("#garden", "#meadow")
    two = f"{GARDEN}    post: {{site_checkout: site}}\n{other}    post: {{site_checkout: .}}\n"
    (folder / "config.yaml").write_text(two.replace("!shed", "!barn", 1), encoding="utf-8")
    config = load(folder / "config.yaml")
    with pytest.raises(
        ConfigurationError, match="which site\\? the configuration has several checkouts; name one with --site"
    ):
        lint_file(folder / "post.md", None, config)
    assert lint_file(folder / "post.md", folder / "site", config) == [DEAD]


def test_names_that_were_added_in_the_room_are_right(folder: Path) -> None:
    (folder / "post.md").write_text(replaced("It scratches.", f"{WRONG} scratches."), encoding="utf-8")
    config = load(folder / "config.yaml")
    make_private(config.data_dir)
    assert call(folder, "lint", "post.md", "--config", "config.yaml").returncode == 1

    async def name() -> None:
        async with open_database(config) as database, database.transaction() as records:
            alias = Change("$command", "departments", "fruit", "aliases", None, WRONG)
            await records.catalogue.note("weekly", alias, Decision("$command", "@ada:example.org", 0))

    asyncio.run(name())
    assert call(folder, "lint", "post.md", "--config", "config.yaml").stdout == ""
