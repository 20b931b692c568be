"""A whole post: compared as text, judged by the site's linter, and the same whatever order its entries come in."""

import subprocess
import sys
import tomllib
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from tests.export.judging import targets
from tests.export.making import CATALOGUE, contents, entry, media
from twimbot.config import Post
from twimbot.export.contents import EditionContents
from twimbot.export.post import render, render_entry
from twimbot.model.entry import Cover, Entry, LiveVideo, MediaState, Passage, Pong

GOLDEN = Path(__file__).with_name("golden.md")
BEA = {"sender": "@bea/b:example.org", "display_name": "Bea [tea] *"}
SITE_RULES = "MD001,MD003,MD011,MD022,MD030,MD031,MD034,MD039"


def golden_edition() -> EditionContents:
    """Return an edition that has something of everything."""
    return contents(
        entry(1, "Tea is served at https://example.org/tea_(green).", department="clients", project="teapot",
              passages=(Passage("$more", 1_770_000_009_000, "## And\n\nCake."),), media=(media(5, alt="A <cake>"),)),
        entry(2, "# Teapot\n\n## New\n- handles\n- spouts\n## Fixed\nA leak.", department="clients", project="teapot"),
        entry(3, "Nobody knows where this belongs.", department=None, **BEA),
        entry(4, "# [Samovar](https://samovar.example.org)\n\nThe first release!\n\nDetails\n---\n\n{{ none }}",
              department="clients", media=(media(1), media(2, kind="m.video", alt="", file_name="Pic2.mp4"))),
        entry(5, "What we drank:\n\n```\ntea\n", department="clients", **BEA,
              media=(media(3, state=MediaState.FAILED, file_name=None, reason="the homeserver does not have it"),)),
        entry(6, 'See [the rules][r].\n\n[r]: https://example.org/rules "Rules"', department="status",
              display_name=None),
        entry(7, "Never mind.", department="clients", is_dropped=True),
        entry(8, "Beep.\n\n* <em>boop</em>\n* <blink>beep</blink>", department="bots", project="robot"),
        entry(9, "Steam is <!-- more --> power.", department="clients", project="kettle"),
        entry(10, "A department that is gone.", department="gone", project="gone"),
        live=LiveVideo("https://youtu.be/abcdefghijk", "The *tea* special"),
        cover=Cover(picture=("$gone", 0)),
        ping_room="!ping:example.org",
        pongs=(Pong("fast.example.org", 101.5), Pong("slow.example.org", 2000), Pong("x|y", 100)),
    )  # fmt: skip


def test_a_whole_post() -> None:
    assert render(golden_edition()).text == GOLDEN.read_text(encoding="utf-8")


def test_its_notes() -> None:
    assert render(golden_edition()).notes == (
        "Not filed yet: 3, 10.",
        "The cover is left out: its picture is not in the post; !twim cover sets another.",
        "Entry 5: a picture is missing: the homeserver does not have it.",
        "Entry 10: the catalogue has no project gone any more.",
    )


def test_the_sites_linter_finds_nothing() -> None:
    rumdl = Path(sys.executable).with_name("rumdl")
    options = ("--no-config", "--no-cache", "--enable", SITE_RULES, "--flavor", "commonmark")
    result = subprocess.run([rumdl, "check", *options, GOLDEN], capture_output=True, text=True, check=False)  # noqa: S603 - our own linter on our own file
    assert result.returncode == 0, result.stdout


def test_where_the_post_goes() -> None:
    post = render(golden_edition())
    assert post.path.as_posix() == "content/blog/2026/02/2026-02-06-twim.md"
    assert [picture.path.as_posix() for picture in post.pictures] == [
        "static/blog/img/Pic1.png",
        "static/blog/img/Pic2.mp4",
        "static/blog/img/Pic5.png",
    ]


def test_the_front_matter_is_toml() -> None:
    settings = Post(author='Ann "the" Author', category="News", path="/{key}/{slug}/{year}-{month}-{day}")
    text = render(contents(entry(1, "News"), settings=settings, title="Téa's\n+++ Time")).text
    assert tomllib.loads(text.split("+++\n")[1]) == {
        "date": "2026-02-06T16:00:00+00:00",
        "title": "Téa's +++ Time 2026-02-06",
        "path": "/twim/tea-s-time/2026-02-06",
        "taxonomies": {"author": ['Ann "the" Author'], "category": ["News"]},
    }


def test_the_order_of_the_input_changes_nothing() -> None:
    edition = golden_edition()
    turned = replace(edition, entries=edition.entries[::-1], pongs=edition.pongs[::-1])
    assert render(turned) == render(edition)


def test_entries_of_one_moment_stand_by_their_events() -> None:
    later = entry(1, "second", event_id="$b", sent_at=5, department="bots")
    earlier = entry(2, "first", event_id="$a", sent_at=5, department="bots", sender="@bea:example.org")
    text = render(contents(later, earlier)).text
    assert text.index("> first") < text.index("> second")


@pytest.mark.parametrize(
    ("departments", "before"),
    [
        (("clients", "bots"), "## Dept of Bots"),
        ((None, "bots"), "## That's all"),
        ((None,), "## Matrix Live"),
        ((), "## T"),
    ],
)
def test_the_teaser_ends_once_after_the_first_department(departments: tuple[str | None, ...], before: str) -> None:
    entries = [entry(number, "News", department=key) for number, key in enumerate(departments, start=1)]
    text = render(contents(*entries)).text
    assert text.count("<!-- more -->") == 1
    assert text.split("<!-- more -->\n\n")[1].startswith(before)


def test_without_video_and_pings_there_are_no_sections_for_them() -> None:
    post = render(contents(entry(1, "News", department="bots"), live=None, pongs=(Pong("a.example.org", 100),)))
    assert "Matrix Live" not in post.text
    assert "Ping" not in post.text
    assert "There is no live video." in post.notes


def test_a_digest_without_videos_is_not_asked_for_one() -> None:
    settings = Post(live_video=False)
    post = render(contents(entry(1, "News", department="bots"), live=None, settings=settings))
    assert post.notes == ()
    assert "Matrix Live" not in post.text
    shown = LiveVideo("https://youtu.be/abcdefghijk", "")
    assert "Matrix Live" in render(contents(entry(1, "News"), live=shown, settings=settings)).text


def test_a_video_that_is_no_web_address_is_told() -> None:
    post = render(contents(entry(1, "News"), live=LiveVideo("javascript:x", "")))
    assert "The live video is left out: its URL is no web address." in post.notes
    assert "Matrix Live" not in post.text


def test_the_same_person_again_says_so_too_but_only_under_the_same_heading() -> None:
    text = render(
        contents(
            entry(1, "one", department="bots"),
            entry(2, "two", department="bots"),
            entry(3, "three", department="bots", sender="@bea:example.org"),
            entry(4, "four", department="bots"),
            entry(5, "five", department="bots", project="robot"),
            settings=Post(verbs=("says",)),
        )
    ).text
    verbs = [line.rpartition(") ")[2] for line in text.splitlines() if "matrix.to/#/@" in line]
    assert verbs == ["says", "also says", "says", "says", "says"]


def test_verbs_hang_on_the_event_alone() -> None:
    verbs = {render_entry(contents(), entry(number, "x")).split("\n")[0].rpartition(" ")[2] for number in range(1, 40)}
    assert verbs == {"says", "reports", "announces"}
    one, other = (render_entry(contents(), entry(1, text)).split("\n")[0] for text in ("a text", "another"))
    assert one == other


def test_entries_with_one_title_stand_under_one_heading() -> None:
    text = render(
        contents(
            entry(1, "# Samovar\n\none", department="bots"),
            entry(2, "untitled", department="bots"),
            entry(3, "# Samovar\n\ntwo", department="bots"),
        )
    ).text
    assert text.count("### Samovar") == 1
    assert text.index("> untitled") < text.index("### Samovar") < text.index("> one") < text.index("> two")


def test_an_entry_alone_stands_as_in_the_post() -> None:
    edition = golden_edition()
    alone = render_entry(edition, edition.entries[3])
    assert alone.startswith("### Samovar ([website](https://samovar.example.org))\n\n[Anna](")
    assert alone in render(edition).text


def test_a_dropped_entry_can_be_shown() -> None:
    dropped = entry(7, "Never mind.", department="clients", is_dropped=True, media=(media(9),))
    assert render_entry(contents(dropped), dropped).endswith("> Never mind.\n>\n> ![Kettle 9](/blog/img/Pic9.png)\n")


def test_the_catalogues_projects_keep_their_order() -> None:
    entries = [entry(n, key, department="clients", project=key) for n, key in enumerate(("kettle", "teapot"), start=1)]
    text = render(contents(*entries)).text
    titles = [f"### {project.title}" for project in CATALOGUE.projects[:2]]
    assert text.index(titles[0]) < text.index(titles[1])


def extra(*entries: Entry, **values: Any) -> object:  # noqa: ANN401 - any field of the contents
    """Return the `[extra]` table of an edition's front matter."""
    return tomllib.loads(render(contents(*entries, **values)).text.split("+++\n")[1]).get("extra")


def test_the_cover_stands_in_the_front_matter() -> None:
    pictured = entry(1, "News", department="bots", media=(media(1), media(2)))
    assert extra(pictured) is None
    assert extra(pictured, cover=Cover(url="https://example.org/a.png")) == {"image": "https://example.org/a.png"}
    assert extra(pictured, cover=Cover(picture=("$picture2", 0))) == {"image": "/blog/img/Pic2.png"}


@pytest.mark.parametrize("values", [{"is_dropped": True}, {"media": ()}])
def test_a_cover_whose_picture_is_gone_is_told(values: dict[str, Any]) -> None:
    gone = entry(1, "News", **{"department": "bots", "media": (media(2),), **values})
    edition = contents(gone, cover=Cover(picture=("$picture2", 0)))
    assert "image" not in render(edition).text
    assert any(note.startswith("The cover is left out") for note in render(edition).notes)


@pytest.mark.parametrize(
    ("day", "file", "indexes"),
    [
        (date(2026, 2, 6), "content/blog/{year}/{month}/{date}-{key}.md", ["content/blog/2026/02/_index.md"]),
        (date(2026, 2, 13), "content/blog/{year}/{month}/{date}-{key}.md", []),
        (date(2026, 1, 2), "content/{year}/{month}/{date}.md", ["content/2026/01/_index.md", "content/2026/_index.md"]),
        (date(2026, 1, 2), "content/{key}/{date}.md", []),
    ],
)
def test_new_folders_bring_their_index(day: date, file: str, indexes: list[str]) -> None:
    post = render(contents(entry(1, "News"), edition=day, settings=Post(file=file)))
    assert [path.as_posix() for path, _ in post.indexes] == indexes
    assert all(tomllib.loads(text.strip("+\n")) == {"transparent": True, "render": False} for _, text in post.indexes)


@pytest.mark.parametrize(
    ("link", "stands"),
    [
        ("[news](#what-is-new)", "[news](#what-is-new)"),
        ("[news](#What-Is-New)", "[news](#what-is-new)"),
        ("[news](#user-content-what-is-new)", "[news](#what-is-new)"),
        ("[news](<#what is new> 'Title')", "[news](#what-is-new 'Title')"),
        ("[kettle](#kettle-beta)", "[kettle](#kettle-beta)"),
        ("[more](#nowhere) and [more](<#there>)", "more and more"),
        ("![more](#nowhere)", "more"),
    ],
)
def test_a_link_to_a_place_of_the_page_leads_there_or_is_text_and_told(link: str, stands: str) -> None:
    """Zola builds no site with a link to an anchor that the page lacks."""
    first = entry(1, f"See {link}.\n\n#### What is new?\n\nTea.", department="clients", project="teapot")
    post = render(contents(first, entry(2, "Hot water.", department="clients", project="kettle")))
    assert f"> See {stands}." in post.text
    told = [note for note in post.notes if "leads to a place that the page does not have" in note]
    assert bool(told) is ("#" not in stands)


def test_a_heading_that_leads_to_a_place_of_a_page_has_no_website() -> None:
    post = render(contents(entry(1, "## [Leiter](#leiter)\n\nIt folds.", department="clients")))
    assert "(#" not in post.text


def test_a_picture_with_a_place_for_a_target_in_a_link_leaves_no_link_to_it() -> None:
    post = render(contents(entry(1, "See [![a pot](#nowhere)](https://pot.example.org) now.", department="clients")))
    assert "#nowhere" not in targets(post.text)
    nested = "".join(f"[{'x' * (number % 3)}" for number in range(50)) + "".join(f"](#n{n})" for n in range(50))
    assert not any(each.startswith("#n") for each in targets(render(contents(entry(1, nested))).text))
