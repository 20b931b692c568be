"""Names and identifiers: they show as they are, whatever they are made of."""

import pyromark
import pytest
from hypothesis import given
from hypothesis import strategies as st

from twimbot.export.characters import BIDI_CONTROLS, escaped_name, escaped_text, matrix_to, one_line

HOSTILE = st.text(
    st.one_of(st.sampled_from("[]()\\`*_~<>&!{}%#^|\n\r\t\x00\u2028\u202e\ufeff@:'\"$-+=1a \ud800"), st.characters()),
    max_size=24,
)


@pytest.mark.parametrize(
    ("name", "stands"),
    [
        ("Anna", "Anna"),
        ("Anna [she/her]", "Anna [she/her]"),
        ("anna_of_example", "anna_of_example"),
        ("_anna_", r"\_anna\_"),
        ("Anna]", r"Anna\]"),
        ("][", r"\]\["),
        ("[x](https://evil.example.org)", r"\[x\](https://evil.example.org)"),
        ("a*b*`c`\\", r"a\*b\*\`c\`\\"),
        ("<script>", r"\<script>"),
        ("Tom & Anna &amp;", r"Tom & Anna \&amp;"),
        ("two\nlines\u2028three", "two lines three"),
        ("\u202eannA\u202c", "annA"),
        ("{{ x }}", r"{\{ x }}"),
        ("^1", r"\^1"),
        ("\ud800", "\N{REPLACEMENT CHARACTER}"),
        ("\U0001f469\u200d\U0001f680 Anna", "\U0001f469\u200d\U0001f680 Anna"),
    ],
)
def test_names_are_escaped_no_more_than_needed(name: str, stands: str) -> None:
    assert escaped_name(name) == stands


@given(HOSTILE)
def test_a_name_shows_as_it_is_and_stays_in_its_link(name: str) -> None:
    line = f"[{escaped_name(name)}](https://matrix.to/#/@a:example.org) says\n"
    options = pyromark.Options.ENABLE_FOOTNOTES | pyromark.Options.ENABLE_STRIKETHROUGH | pyromark.Options.ENABLE_TABLES
    events = list(pyromark.events(line, options=options))
    shown = "".join(event["Text"] for event in events if isinstance(event, dict) and "Text" in event)
    wanted = one_line("".join(character for character in name if character not in BIDI_CONTROLS))
    assert shown == f"{wanted} says"
    kinds = [event if isinstance(event, str) else next(iter(event)) for event in events]
    assert [kind for kind in kinds if kind != "Text"] == ["Start", "Start", "End", "End"]


@given(HOSTILE)
def test_a_pictures_text_shows_as_it_is(text: str) -> None:
    events = list(pyromark.events(f"![{escaped_text(text)}](/a.png)"))
    shown = "".join(event["Text"] for event in events if isinstance(event, dict) and "Text" in event)
    assert shown == one_line(text)


@pytest.mark.parametrize(
    ("identifier", "link"),
    [
        ("@anna:example.org", "https://matrix.to/#/@anna:example.org"),
        ("@anna/x:example.org", "https://matrix.to/#/@anna%2Fx:example.org"),
        ("@a(b)<c> d:example.org", "https://matrix.to/#/@a%28b%29%3Cc%3E%20d:example.org"),
        ("#news:example.org", "https://matrix.to/#/#news:example.org"),
        ("!abc:example.org", "https://matrix.to/#/!abc:example.org?via=example.org"),
        ("!abc-of-version-12", "https://matrix.to/#/!abc-of-version-12"),
    ],
)
def test_identifiers_link_to_matrix_to(identifier: str, link: str) -> None:
    assert matrix_to(identifier) == link
