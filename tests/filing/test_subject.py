"""What a text says about its own subject."""

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from twimbot.filing.subject import split_heading, subject
from twimbot.filing.terms import MOST_CHARACTERS, addresses, repository, site, terms


@pytest.mark.parametrize(
    ("text", "heading", "rest"),
    [
        ("### Fernglas\nIt is out.", "Fernglas", "It is out."),
        ("**Fernglas 2**:\nIt is out.", "Fernglas 2", "It is out."),
        ("__Fernglas__", "Fernglas", ""),
        ("## What's new?\nAll.", "", "## What's new?\nAll."),
        ("# ✨ New features & fixes\nAll.", "", "# ✨ New features & fixes\nAll."),
        ("No heading at all.\n# Later", "", "No heading at all.\n# Later"),
        ("#hashtag", "", "#hashtag"),
        ("", "", ""),
    ],
)
def test_the_own_heading_is_split_off_where_it_names_something(text: str, heading: str, rest: str) -> None:
    assert split_heading(text) == (heading, rest)


@pytest.mark.parametrize(
    ("address", "same"),
    [
        ("https://www.example.org/", "example.org"),
        ("HTTP://Example.org/A/b/?q=1#x", "example.org/a/b"),
        ("https://github.com/garden/Fernglas.git", "github.com/garden/fernglas"),
        ("https://example.org/a).", "example.org/a)"),
    ],
)
def test_sites_are_compared_without_what_differs_by_habit(address: str, same: str) -> None:
    assert site(address) == same


@pytest.mark.parametrize(
    ("address", "name"),
    [
        ("github.com/garden/fernglas", "fernglas"),
        ("gitlab.example.org/garden/fernglas/-/releases", "fernglas"),
        ("git.example.org/garden/fernglas", "fernglas"),
        ("github.com/garden", None),
        ("example.org/garden/fernglas", None),
    ],
)
def test_a_repository_is_known_by_its_name(address: str, name: str | None) -> None:
    assert repository(address) == name


def test_terms_are_stems_and_hosts_without_numbers_and_shared_hosts() -> None:
    found = terms(
        "Towers: [the tower](https://tower.example.org/a), MSC4321, 2026, https://github.com/garden/Fern-Glas"
    )
    assert found == {"the", "tower", "msc", "tower.example.org", "fern", "glas"}


def test_a_labelled_link_shows_its_label_alone() -> None:
    assert subject("See [our *new* site](https://a.example.org/fernglas) now").body == (
        "see",
        "our",
        "new",
        "site",
        "now",
    )
    assert list(addresses("[x](https://a.example.org/b) <https://c.example.org>")) == [
        "a.example.org/b",
        "c.example.org",
    ]


def test_only_the_beginning_of_a_long_text_is_read() -> None:
    assert "end" not in terms("word " * (MOST_CHARACTERS // 5 + 1) + "end")


@pytest.mark.parametrize("text", ["[" * 16_384, "[a](" * 4096, "![" * 8192, "**a" + "** " * 5000, "http://" * 2000])
def test_a_text_made_against_patterns_is_read_at_once(text: str) -> None:
    began = time.process_time()
    subject(text)
    assert time.process_time() - began < 1


@given(st.text())
def test_every_text_is_read(text: str) -> None:
    read = subject(text)
    assert all(read.terms)
    assert len(read.heading + read.body) <= len(text)


def test_a_term_is_told_by_the_word_that_stands_in_the_text() -> None:
    read = subject("### Gardening\nWe have gardened, and moved to https://tower.example.org.")
    assert [read.word(term) for term in ("garden", "move", "tower.example.org")] == [
        "gardening",
        "moved",
        "tower.example.org",
    ]
