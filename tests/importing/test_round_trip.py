"""What the exporter writes, the importer reads back the same."""

import html
import json
from collections import Counter
from datetime import UTC, date, datetime
from pathlib import Path, PurePath
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.export.making import EDITION, contents, entry, media
from tests.export.writing import HOSTILE, TYPICAL
from twimbot.config import Post
from twimbot.export.characters import BIDI_CONTROLS, escaped_text, inert_text, one_line
from twimbot.export.contents import EditionContents
from twimbot.export.pictures import Gallery
from twimbot.export.post import render
from twimbot.export.prose import plain_text
from twimbot.export.sections import lay_out
from twimbot.importing.entries import Gap
from twimbot.importing.posts import read_post
from twimbot.model.archive import ArchivedEntry, ArchivedPost
from twimbot.model.catalogue import Catalogue, Department, Project
from twimbot.model.entry import Entry, LiveVideo, Passage, Pong

CORPUS = Path(__file__).parents[2].parent / "shared" / "corpus"

NAMES = st.one_of(
    st.none(),
    st.text(st.characters(exclude_categories=["Cs"]), max_size=12),
    st.sampled_from(
        ["Anna", "Bea [tea] *", "_c_ said:", "a_b", "**D**", "E\\", "`f`", "https://g.example.org", "[", "&amp; co"]
    ),
)
SENDERS = st.one_of(
    st.sampled_from(["@anna:example.org", "@bea/b:example.org", "@C:example.org:8448", "@d?e#f:[::1]"]),
    st.from_regex(r"@[a-z0-9._=/+-]{1,8}:example\.org", fullmatch=True),
)
KINDS = st.lists(st.sampled_from(["m.image", "m.video"]), max_size=2)
PLACES = st.sampled_from([(None, None), ("clients", None), ("clients", "teapot"), ("bots", "robot"), ("gone", None)])


@st.composite
def entries(draw: st.DrawFn) -> tuple[Entry, ...]:
    """Return the entries of an edition, some of them with further messages, pictures and videos."""
    return tuple(
        entry(
            number,
            draw(st.one_of(TYPICAL, TYPICAL, HOSTILE)),
            sender=draw(SENDERS),
            display_name=draw(NAMES),
            department=department,
            project=project,
            passages=tuple(Passage("$more", 2_000_000_000_000, text) for text in draw(st.lists(TYPICAL, max_size=1))),
            media=tuple(media(10 * number + n, kind=kind) for n, kind in enumerate(draw(KINDS))),
        )
        for number, (department, project) in enumerate(draw(st.lists(PLACES, min_size=1, max_size=5)), start=1)
    )


def written(edition: EditionContents) -> list[ArchivedEntry]:
    """Return the entries as the exporter lays them out, by their order in the post."""
    by_number = {each.number: each for each in edition.entries}
    layout = lay_out(edition, edition.entries, Gallery.of(edition.entries, edition.settings))
    return [
        ArchivedEntry(
            by_number[said.number].sender,
            name_of(by_number[said.number]),
            section.title,
            group.title,
            group.website,
            "\n".join(line[1:].removeprefix(" ") for line in said.quote.split("\n")),
        )
        for section in layout.sections
        for group in section.groups
        for said in group.entries
    ]


def name_of(said: Entry) -> str:
    """Return an author's name as a post shows it."""
    return one_line("".join(sign for sign in said.name if sign not in BIDI_CONTROLS)) or said.sender


PONGS = (Pong("fast.example.org", 101.5), Pong("slow.example.org", 2000.0))


@settings(max_examples=30, deadline=None)
@given(entries(), st.booleans())
def test_what_is_exported_is_read_back_the_same(said: tuple[Entry, ...], is_whole: bool) -> None:  # noqa: FBT001 - drawn
    edition = contents(
        *said,
        live=LiveVideo("https://www.youtube.com/watch?v=abcdefghijk", "The tea special") if is_whole else None,
        ping_room="#ping:example.org" if is_whole else None,
        pongs=PONGS,
    )
    read = read_post(render(edition).text, PurePath("2026-02-06-news.md"))
    wanted = tuple(each for each in written(edition) if each.text.strip())
    assert read.post == ArchivedPost(EDITION, "Teatime News 2026-02-06", wanted)
    assert {each.gap for each in read.not_understood} <= {Gap.NO_TEXT, Gap.NO_ENTRY, Gap.NO_ENTRIES}
    if len(wanted) == len(said):
        assert read.not_understood == ()


FIGURES = (
    '{{ figure(img="{{ url }}", caption="{{ description }}", alt="{{ description }}") }}',
    "{{picture(src='{{ url }}' text=`{{ description }}`)}}",
    '{{ figure(\n\n  alt="{{ description }}",\n  img="{{ url }}"\n) }}',
    '{% figure(img="{{ url }}") %}{{ description }}{% end %}',
)


@pytest.mark.parametrize("template", FIGURES)
@pytest.mark.parametrize("alt", ["A kettle", 'Ada\'s "new" kettle', "{{ x() }} }} *a* [b](c) <b>", "", "a\n\nb"])
def test_pictures_are_read_back_however_the_site_shows_them(tmp_path: Path, template: str, alt: str) -> None:
    file = tmp_path / "image.j2"
    file.write_text(template, encoding="utf-8")
    drawn = entry(1, "Tea.", department="bots", media=(media(1, alt=alt), media(2, alt="A pot")))
    read = read_post(render(contents(drawn, settings=Post(image_template=file))).text, PurePath("2026-02-06.md"))
    assert read.not_understood == ()
    assert read.post is not None
    shown = escaped_text(inert_text(plain_text(alt)))
    assert [each.text for each in read.post.entries] == [
        f"Tea.\n\n![{shown}](/blog/img/Pic1.png)\n\n![A pot](/blog/img/Pic2.png)"
    ]


ODD_NAMES = (
    *("ada[garden.example.org op]", "[ada] [she/her]", "ada]garden", "]ada[", "[[ada]", "ada (she/her)", "ada)("),
    *("](x)", "\\", "a\\]b", "*ada*", "_ada_", "~~ada~~", "`ada", "&amp; co", "&#91;", "<b>ada</b>"),
    *("a|b", "| - |", "ada:", "עדה\u200f", "\u202eada\u202c", "[^1]", "[x]: y", "{{ ada() }}", "![ada", "# ada"),
    *("> ada", "1. ada", "https://a.example.org", "ada says", "\u200b[ada]\u200d", "👩\u200d🌾 ada", "ada\tb  c"),
    *("%5Bada%5D", "'ada' \"b\""),
)  # fmt: skip


@pytest.mark.parametrize("name", ODD_NAMES)
def test_odd_names_are_read_back(name: str) -> None:
    edition = contents(*(entry(number, "Tea.", display_name=name, department="bots") for number in (1, 2)))
    read = read_post(render(edition).text, PurePath("2026-02-06.md"))
    assert read.not_understood == ()
    assert read.post is not None
    assert list(read.post.entries) == written(edition)
    assert {each.name for each in read.post.entries} == {name_of(entry(1, "", display_name=name))}


@pytest.mark.parametrize("name", ODD_NAMES)
@pytest.mark.parametrize("quote", ["<blockquote>Tea.</blockquote>", "\n\n> Tea.\n"])
def test_odd_names_are_read_in_html(name: str, quote: str) -> None:
    link = f'<a href="https://matrix.to/#/@ada:example.org">{html.escape(name)}</a>'
    read = read_post(f"## Kettle\n\n{link}:{quote}", PurePath("2018-02-06.md")).post
    assert read is not None
    shown = name_of(entry(1, "", display_name=name))
    assert [(each.sender, each.name, each.project) for each in read.entries] == [("@ada:example.org", shown, "Kettle")]


@pytest.mark.parametrize(
    ("title", "website"),
    [
        ("C#", None),
        ("a_b *c* `d` [e]", "https://example.org/a_(b)"),
        ("Vec<T> & co", "https://example.org/?a=b&amp=c#d"),
        ("[Rake] (beta)", "https://example.org/"),
        ("TODO list", None),
        ("1. Rake", None),
        ("{{ rake }}", "https://example.org/{{a}}"),
    ],
)
def test_titles_and_websites_are_read_back_as_the_post_has_them(title: str, website: str | None) -> None:
    catalogue = Catalogue(
        (Department("tools", "🛠️", title),), (Project("rake", "R", title, "tools", website, "It *scratches*."),)
    )
    edition = contents(entry(1, "New.", department="tools", project="rake"), catalogue=catalogue)
    read = read_post(render(edition).text, PurePath("2026-02-06.md"))
    assert read.not_understood == ()
    assert read.post is not None
    assert list(read.post.entries) == written(edition)


def test_the_expected_post_is_read_whole() -> None:
    read = read_post((Path(__file__).parents[1] / "export" / "golden.md").read_text(encoding="utf-8"), PurePath("a.md"))
    assert read.not_understood == ()
    assert read.post is not None
    assert [(each.sender, each.department, each.project) for each in read.post.entries] == [
        ("@bea/b:example.org", None, None),
        ("@anna:example.org", None, None),
        ("@anna:example.org", "Dept of *Status* 🌡️", None),
        ("@bea/b:example.org", "Dept of Clients 📱", None),
        ("@anna:example.org", "Dept of Clients 📱", "Samovar"),
        ("@anna:example.org", "Dept of Clients 📱", "Teapot"),
        ("@anna:example.org", "Dept of Clients 📱", "Teapot"),
        ("@anna:example.org", "Dept of Clients 📱", "Kettle [beta]"),
        ("@anna:example.org", "Dept of Bots 🤖", "Robot"),
    ]
    assert read.post.entries[4].website == "https://samovar.example.org"
    assert read.post.entries[-1].text == "Beep.\n\n* <em>boop</em>\n* \\<blink>beep\\</blink>"


@pytest.mark.parametrize(
    ("zone", "closes"), [("Pacific/Auckland", "09:00"), ("America/Los_Angeles", "17:00"), ("Europe/Paris", "17:00")]
)
def test_an_edition_keeps_its_day_wherever_it_closes(zone: str, closes: str) -> None:
    hours, minutes = map(int, closes.split(":"))
    deadline = datetime(2026, 2, 6, hours, minutes, tzinfo=ZoneInfo(zone)).astimezone(UTC)
    post = render(contents(entry(1, "Tea.", department="bots"), deadline=deadline)).text
    read = read_post(post, PurePath("post.md")).post
    assert read is not None
    assert read.edition == EDITION


WEEKS = sorted(CORPUS.glob("20*"))


@pytest.mark.skipif(not WEEKS, reason="the collection of real weeks is not here")
@pytest.mark.parametrize("week", WEEKS, ids=lambda week: week.name)
def test_real_weeks_are_read_as_they_were_filed(week: Path) -> None:
    path = week / "post.md"
    read = read_post(path.read_text(encoding="utf-8"), path).post
    assert read is not None
    assert read.edition == date.fromisoformat(week.name)
    steps = map(json.loads, (week / "week.jsonl").read_text(encoding="utf-8").splitlines())
    filed = Counter(
        (step["sender"], step["name"], step["filed"]["department_title"], step["filed"]["heading"])
        for step in steps
        if step["op"] == "message"
    )
    found = Counter((each.sender, each.name, each.department, each.project) for each in read.entries)
    assert filed - found == Counter()
    assert len(list((found - filed).elements())) <= 1, "the collection misses an entry whose line ends with a colon"
