"""Whatever people write: it stays in its quote, opens nothing, and no link of it changes."""

import re
import time
from collections import Counter
from typing import Any

import pyromark
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from tests.export.judging import (
    OPTIONAL,
    ZOLA,
    linter_findings,
    nested,
    other_structure,
    started,
    structure,
    targets,
    unescaped,
)
from tests.export.making import UNDER_DEPARTMENT, UNDER_PROJECT, contents, entry, media
from tests.export.writing import HOSTILE, TYPICAL
from twimbot.export.anchors import anchors
from twimbot.export.html import ANYWHERE, EMPTY, IN_BLOCKS
from twimbot.export.links import is_dangerous, leads_nowhere
from twimbot.export.markdown import Place, Ready, mend
from twimbot.export.post import render
from twimbot.model.entry import Entry, Passage

CLEAN_TAG = re.compile(
    rf"</?(?:{'|'.join(sorted(ANYWHERE | IN_BLOCKS))})(?: (?:dir|lang|title|open)=\"[^\"<>]*\")* ?/?>"
)
SHORTCODE = re.compile(
    r"\{[{%]\s*[A-Z_]\w*\s*\(\s*(?:\)|[A-Z_]\w*\s*=)|\{[{%]/\*(?!\s*[A-Z_]\w*\s*\([^\n]*?\)\s*\*/\}\})|@@ZOLA"
    r"|\{%(?:/\*)?\s*end\s*(?:\*/)?%\}",
    re.ASCII | re.IGNORECASE,
)
"""How a shortcode that Zola runs begins, and one that it only unescapes where that is not escaped as a whole."""

PICTURE = Ready("![A pot](/blog/img/pot.png)")
TEXT = st.text(st.characters(exclude_categories=["Cs"]), max_size=80)
MESSAGES = st.lists(st.one_of(HOSTILE, HOSTILE, TEXT), min_size=1, max_size=3)
BLOCKS = st.lists(st.one_of(TYPICAL, HOSTILE, st.just(PICTURE)), max_size=4).map(tuple)
PROJECTS = st.sampled_from([None, "teapot"])
PLACES = st.sampled_from([UNDER_DEPARTMENT, UNDER_PROJECT])


def spoken(messages: list[str], project: str | None) -> Entry:
    """Return an entry of several messages, each with a picture behind it but the last."""
    passages = tuple(Passage(f"$more{n}", 2 * n, text) for n, text in enumerate(messages[1:], start=1))
    pictures = tuple(media(number, sent_at=2 * number - 1) for number in range(1, len(messages)))
    return entry(1, messages[0], department="clients", project=project, sent_at=0, passages=passages, media=pictures)


def between_sections(first: Entry) -> str:
    """Return what stands between the heading and the sign-off, with an entry of somebody else behind the first."""
    text = "sentinel [r] [r][] [^1]"
    second = entry(2, text, department="clients", project=first.project, sender="@bea:example.org")
    whole = render(contents(first, second, live=None)).text
    return whole[whole.index("## Dept") : whole.index("## That's all")].replace("<!-- more -->", "")


@settings(max_examples=250)
@given(MESSAGES, PROJECTS, st.sampled_from([ZOLA, OPTIONAL]))
@example(["```[r]: \\| a | b |\n|--|--|\n<pre>"], None, ZOLA)
@example(["| a | b |\n|--|--|\n<!-- x -->    \u00a0[x](javascript:a)"], None, ZOLA)
@example(["~~~\n\t~~~\n</b>[x](javascript:a)"], None, ZOLA)
@example(["`a\n[^1]: [b](javascript:x)`"], None, OPTIONAL)
@example(["[r]: \u20281. "], None, ZOLA)
@example(["+ [1]:|\n--"], None, ZOLA)
@example(["```\n    ```"], None, ZOLA)
@example(["https://example.org/&#123;@@ZOLA"], None, ZOLA)
@example(["| a | b |\n|--|--|\n\t<a href='x'><!"], None, ZOLA)
def test_an_entry_reaches_nothing_outside_of_it(
    messages: list[str], project: str | None, options: pyromark.Options
) -> None:
    post = between_sections(spoken(messages, project))
    assert not SHORTCODE.search(post)
    assert pyromark.reference_definitions(post, options=options) == {}
    events = list(nested(post, options))
    quotes = [event for around, event in events if not around and started(event)[0] == "BlockQuote"]
    assert len(quotes) == 2
    bea = [around for around, event in events if started(event)[1].get("dest_url", "").endswith("@bea:example.org")]
    assert bea == [("Paragraph",)]
    assert any("sentinel" in event.get("Text", "") for _, event in events if isinstance(event, dict))
    assert not any(started(event)[0] == "FootnoteDefinition" for _, event in events)
    pictures = [around for around, event in events if started(event)[1].get("dest_url", "").startswith("/blog/img/Pic")]
    assert pictures == [("BlockQuote", "Paragraph")] * (len(messages) - 1)


@settings(max_examples=250)
@given(MESSAGES, st.sampled_from([ZOLA, OPTIONAL]))
@example(["[\na| |\n-|-\n[x](javascript:a)"], ZOLA)
@example(["|-\n--\n<|<style>"], ZOLA)
@example(["a|b\n-|-\nc|d|<style>"], ZOLA)
@example(["`a\n: [b](javascript:x)`"], OPTIONAL)
def test_an_entry_does_nothing_but_show(messages: list[str], options: pyromark.Options) -> None:
    open_tags: list[str] = []
    page = between_sections(spoken(messages, "teapot"))
    places = anchors(page, "on").known | {"dept-of-clients"}  # the heading above what is looked at
    for around, event in nested(page, options):
        kind, fields = started(event)
        if kind == "Heading":
            assert (fields["id"], fields["classes"], fields["attrs"]) == (None, (), ())
        if kind in {"Link", "Image"} and "Image" not in around:
            assert not is_dangerous(fields["dest_url"])
            assert not leads_nowhere(fields["dest_url"])
            assert not fields["dest_url"].startswith("#") or fields["dest_url"][1:] in places
        if kind == "BlockQuote":
            assert event["Start"]["BlockQuote"] is None
        if isinstance(event, dict) and ("Html" in event or "InlineHtml" in event):
            html = str(event.get("Html") or event.get("InlineHtml")).replace("<!-- -->", "")
            assert "<" not in CLEAN_TAG.sub("", html)
            for slash, name in re.findall(r"<(/?)([a-z]+)", html):
                if slash:
                    assert open_tags.pop() == name
                elif name not in EMPTY:
                    open_tags.append(name)
    assert open_tags == []


@given(st.one_of(HOSTILE, TEXT))
def test_every_line_of_the_quote_begins_as_one(text: str) -> None:
    alone = render(contents(entry(1, text, department="bots", project="robot"), live=None)).text
    quote = alone[alone.index("@anna:example.org") : alone.index("<!-- more -->")].splitlines()[2:-1]
    assert quote
    assert all(line.startswith(">") for line in quote)


@settings(max_examples=200)
@given(st.one_of(HOSTILE, TYPICAL), PLACES)
def test_mending_again_changes_no_more(text: str, place: Place) -> None:
    once = mend((text,), place)
    if once.title is None and not once.notes:
        assert mend((unescaped(once.text),), place).text == once.text


@settings(max_examples=200)
@given(BLOCKS, PLACES)
def test_the_targets_are_those_that_zola_finds(blocks: tuple[str | Ready, ...], place: Place) -> None:
    result = mend(blocks, place)
    assert Counter(result.targets) == Counter(targets(result.text))


LINK = st.sampled_from(
    [
        ("https://example.org/a", "https://example.org/a"),
        ("(http://example.org/b_c?d=e&f=(g))", "http://example.org/b_c?d=e&f=(g)"),
        ("https://example.org/_h_/#i.", "https://example.org/_h_/#i"),
        ("<https://example.org/?a=b&c>", "https://example.org/?a=b&c"),
        ("[text](https://example.org/a%20b)", "https://example.org/a%20b"),
        ("[**text** `x`](<https://example.org/a b> 'c')", "https://example.org/a b"),
        ("[r][]", "https://example.org/r?a&b"),
        ("![pot](/blog/img/pot.png)", "/blog/img/pot.png"),
        ("anna@example.org", "mailto:anna@example.org"),
        ("www.example.org/x,", "https://www.example.org/x"),
        ("#my_news:example.org", "https://matrix.to/#/#my_news:example.org"),
        ("@anna:example.org", "https://matrix.to/#/@anna:example.org"),
        ("(text)[https://example.org/t]", "https://example.org/t"),
        ("[run](javascript:x)", None),
        ("`https://example.org/code`", None),
        ("tea", None),
        ("**and** so\non", None),
        ("\n\n-", None),
        ("\n\n>", None),
    ]
)


@given(st.lists(st.lists(LINK, min_size=1, max_size=8), min_size=1, max_size=3), PLACES)
def test_links_lead_where_they_led_and_addresses_become_links(
    messages: list[list[tuple[str, str | None]]], place: Place
) -> None:
    definition = "\n\n[r]: https://example.org/r?a&amp;b"
    result = mend(tuple(f"start {' '.join(link for link, _ in parts)}{definition}" for parts in messages), place)
    assert result.notes == ()
    assert Counter(targets(result.text)) == Counter(target for parts in messages for _, target in parts if target)


CLEAN = st.lists(
    st.sampled_from(
        [
            "A **bold** word, `{{ code }}` and a [link](https://example.org/a_(b) 'title').",
            "Two lines\nof _text_ with two spaces  \nand <https://example.org/?a=b&c>, <anna@example.org>.",
            "#### News of {x}, 1.",
            "* stars\n* and\n\n  more\n    - nested",
            "1. one\n2. two",
            "> quoted\n>\n> > twice",
            "```yaml\nkey: ${{ secrets.KEY }}\n\n\n-   x\n```",
            "    indented code",
            "| a | b |\n| - | - |\n| c | `d` |",
            "---",
            '<details>\n<summary>More</summary>\n\nSay <em lang="fr">bonjour</em> 🫖\u200d.\n\n</details>',
            "![A pot](/blog/img/pot.png)",
            "Not 1 < 2, a_b_c, 5 * 4, C#, #42: x@y, :-) & so on…",
        ]
    ),
    min_size=1,
).map("\n\n".join)


@given(CLEAN)
def test_what_needs_no_mending_stays_to_the_byte(text: str) -> None:
    text = text.lstrip()
    assert mend((text,), UNDER_PROJECT).text == text


@settings(max_examples=60)
@given(st.lists(TYPICAL, min_size=1, max_size=3), PROJECTS)
def test_the_sites_linter_finds_nothing_and_two_parsers_see_the_same(messages: list[str], project: str | None) -> None:
    post = between_sections(spoken(messages, project))
    assert linter_findings(post) == []
    assert structure(post) == other_structure(post)


@given(st.lists(HOSTILE, max_size=4), st.randoms(use_true_random=False))
def test_equal_editions_give_equal_posts(texts: list[str], random: Any) -> None:  # noqa: ANN401 - hypothesis' Random
    entries = [entry(number, text, department="bots") for number, text in enumerate(texts, start=1)]
    shuffled = list(entries)
    random.shuffle(shuffled)
    assert render(contents(*shuffled)) == render(contents(*entries))


LARGE = 64 * 1024
REPEATED = (
    "> ", "- ", "- x\n", "[", "[a](", "![", "*a ", "_a*b", "`a", "<", "<b>", "<!--", "<![CDATA[", "<details>\n\n", "{",
    "\\", "&", "https://example.org/a ", "http://", "|a", "a|b\n-|-\n", "# a\n", "a\n=\n", "[r]: /x\n", "[^1]", "```\n",
    "\t", " \n", "> a\nb\n", "word ", "word\n", "x" + " " * 1000, "www.", "www.a.", "a@", "a.", "a_@", "#a", "#a:a.b ",
    "@a:b.cd ", "matrix:r/", "(a)[", "(a)[b]", "-   a\n", "    -   a\n", "{{ a(", "{{ a() }}", "`{{ a() }}`", "\u202e",
    "\u2067\u2069", "\u200b# ", "a.\n---\n", "**a**\n",
    "[a]()", "[*a]()", "![a]()", "[a](#a)", "[!NOTE]\n", "• a\n", "a\n• ", "{%end%}", "`{%end%}`",
    "<!---->", "<!-- x -->", "https://a.example\uff08", "@/", "# a\n[a](#a)\n",
)  # fmt: skip


@pytest.mark.parametrize("piece", REPEATED)
def test_a_large_text_takes_no_more_than_moments(piece: str) -> None:
    began = time.process_time()
    mend(((piece * LARGE)[:LARGE] + "x",), UNDER_DEPARTMENT)
    assert time.process_time() - began < 5
