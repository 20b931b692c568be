"""The finished post is read once more as the site reads it, and no entry is read otherwise than by itself."""

import re
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from tests.export.judging import outermost_quotes, unescaped
from tests.export.making import contents, entry
from tests.export.writing import HOSTILE, TYPICAL
from twimbot.export.post import render
from twimbot.export.pulldown import Reading, read_among_others
from twimbot.export.safety import made_safe
from twimbot.export.syntax import UntrustedStructure

FINE = "> fine *é* `code` &amp; [a](/b)"
LINK = "> as [x] and [x][] say"


def post(*quotes: str) -> str:
    """Return a post of these quotes."""
    return "# Title\n\n" + "".join(f"Somebody says\n\n{quote}\n\n" for quote in quotes) + "## The end\n"


def test_quotes_that_nothing_changes() -> None:
    reading = read_among_others(post(FINE, LINK, FINE), [FINE, LINK, FINE])
    assert reading == Reading(frozenset(), frozenset(), frozenset())


def test_a_definition_is_told_and_the_quote_whose_link_it_changes() -> None:
    defining = "> [x]: https://evil.example/"
    reading = read_among_others(post(FINE, defining, LINK), [FINE, defining, LINK])
    assert reading == Reading(frozenset([1]), frozenset([2]), frozenset())


def test_a_definition_that_is_hidden_by_one_before_it_is_told_too() -> None:
    first, second = "> [x]: https://one.example/", "> [X]: https://two.example/"
    assert read_among_others(post(first, second), [first, second]).defining == {0, 1}


@pytest.mark.parametrize(
    "around",
    [
        "- a list\n{}\n\n",  # the quote ends the list's paragraph, and is read as it is by itself
        "<div>\n{}\n</div>\n\n",
        "| a |\n|---|\n{}\nlazy\n\n",
        "```\n{}\n```\n\n",
    ],
)
def test_a_quote_that_its_surroundings_swallow(around: str) -> None:
    reading = read_among_others(f"{around.format(FINE)}{post(LINK)}", [FINE, LINK])
    assert reading.differing == (set() if around.startswith("- ") else {0})


def test_a_quote_that_goes_on_in_the_line_behind_it() -> None:
    assert read_among_others(f"\n{FINE}\nlazy\n", [FINE]).differing == {0}


def test_a_quote_that_is_not_in_the_post() -> None:
    assert read_among_others(post(FINE), [FINE, "> another"]).missing == {1}


def test_a_footnote_of_another_is_none() -> None:
    note, mark = "> [^1]: a note", "> see [^1]"
    reading = read_among_others(post(mark, note), [mark, note])
    assert reading.defining | reading.differing


@pytest.fixture
def templates(tmp_path: Path) -> Path:
    return tmp_path / "post.j2"


WHOLE = """{% for s in sections %}{% for g in s.groups %}{% for e in g.entries %}
says

{{ e.quote }}

{% endfor %}{% endfor %}{% endfor %}
"""


def test_an_entry_that_the_template_lets_be_read_otherwise_stands_as_plain_text(templates: Path) -> None:
    templates.write_text(f"[x]: https://operator.example/\n{WHOLE}", encoding="utf-8")
    edition = contents(entry(1, "see [x]", department="clients"), entry(2, "fine", department="clients"))
    rendered = render(replace(edition, settings=edition.settings.model_copy(update={"template": templates})))
    assert "> ```text\n> see [x]\n> ```" in rendered.text
    assert "> fine\n" in rendered.text
    (note,) = [note for note in rendered.notes if "in the post as plain text" in note]
    assert note.startswith("Entry 1: its Markdown stands in the post as plain text, because it would be read otherwise")


def test_an_entry_that_the_template_changes_is_told(templates: Path) -> None:
    templates.write_text(WHOLE.replace("e.quote", "e.quote | upper"), encoding="utf-8")
    edition = contents(entry(1, "see this", department="clients"))
    rendered = render(replace(edition, settings=edition.settings.model_copy(update={"template": templates})))
    assert "Entry 1: the template makes something else of it; look at it in the post." in rendered.notes


TEXT = st.one_of(HOSTILE, TYPICAL, st.text(st.characters(exclude_categories=["Cs"]), max_size=60))
NO_SIGN_OF_MENDING_MISSED = "it would be read otherwise in the post than by itself"


@settings(max_examples=200)
@given(st.lists(TEXT, min_size=2, max_size=4))
@example(["\u200b[^1]: f\n\u200b[x]: https://evil.example/", "see [x]"])
@example(["\u200b[^1]: f\n\u200b\u200b[x]: https://evil.example/", "see [x]"])
@example(["[x]:", "/evil\n\n[x]"])
@example(["<!--", "-->"])
@example(["~~~", "~~~"])
@example(["", "# > "])
@example(["", "| a | b |\n|--|--|\na"])
def test_whatever_entries_say_each_is_read_as_by_itself(texts: list[str]) -> None:
    """By the site's parser and by markdown-it; and it is mending that sees to that, not the last resort."""
    entries = [
        entry(number, text, department="clients", sender=f"@p{number}:example.org")
        for number, text in enumerate(texts, start=1)
    ]
    rendered = render(contents(*entries, live=None))
    assert not [note for note in rendered.notes if NO_SIGN_OF_MENDING_MISSED in note or "template" in note]
    body = unescaped(rendered.text)
    quotes = re.findall(r"(?m)(?:^>.*\n)+", body)
    assert len(quotes) >= len(texts)
    assert list(outermost_quotes(body)) == [found for quote in quotes for found in outermost_quotes(quote)]


@settings(max_examples=200)
@given(TEXT)
@example("\u200b[^1]: f\n\u200b[x]: https://evil.example/")
def test_what_was_made_safe_is_safe(text: str) -> None:
    try:
        safe = made_safe(text)
    except UntrustedStructure:
        return
    assert made_safe(safe) == safe
