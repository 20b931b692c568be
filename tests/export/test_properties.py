"""Whatever people write: it stays in its quote, opens nothing, and no link of it changes.

Judged by pulldown-cmark, which is what Zola reads Markdown with, and with all that Zola can have switched on.
"""

import re
import time
from collections import Counter
from collections.abc import Iterator
from typing import Any

import pyromark
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from tests.export.making import UNDER_DEPARTMENT, contents, entry
from twimbot.export.html import ANYWHERE, EMPTY, IN_BLOCKS
from twimbot.export.links import is_dangerous
from twimbot.export.markdown import mend
from twimbot.export.post import render

ZOLA = (
    pyromark.Options.ENABLE_TABLES
    | pyromark.Options.ENABLE_FOOTNOTES
    | pyromark.Options.ENABLE_STRIKETHROUGH
    | pyromark.Options.ENABLE_TASKLISTS
    | pyromark.Options.ENABLE_HEADING_ATTRIBUTES
)
OPTIONAL = (
    ZOLA
    | pyromark.Options.ENABLE_GFM
    | pyromark.Options.ENABLE_DEFINITION_LIST
    | pyromark.Options.ENABLE_SMART_PUNCTUATION
)
PIECES = (
    "# ", "### ", "a", "b c", "\n", "\n", "\n\n", "  ", "    ", "\t", "> ", "- ", "* ", "1. ", "`", "``", "```",
    "```js\n", "~~~\n", "<", ">", "<b>", "</b>", '<em lang="fr">', "</em>", "<details>\n", "</details>", "<summary>",
    "<br>", "<script>", "</script>", "<div onclick=x>", "<!--", "-->", "<?", "<![CDATA[", "<!X ", "</blockquote>",
    "<style>", "<pre>", "[", "]", "(", ")", "](", "[x](javascript:a)", "![", "[r]", "[r]: ", "[r]: /r\n", "[^1]",
    "[^1]: ", "<javascript:x>", "https://example.org/a_b_", "{{", "{%", "}}", "{", "}", "{#id .c onclick=x}", "|",
    "| a | b |\n|--|--|\n", "\\", "&lt;", "&", "&#123;", "*", "**", "_", "~~", '"', "===\n", "---\n", "\u00a0",
    "\u2028", "\x0b", "\ud800", ":", "!", "@@ZOLA_SC_PLACEHOLDER@@", "+++\n", ": d\n", "<x@example.org>", "<b",
)  # fmt: skip
HOSTILE = st.lists(st.sampled_from(PIECES), max_size=24).map("".join)
TEXT = st.text(st.characters(exclude_categories=["Cs"]), max_size=80)
CLEAN_TAG = re.compile(
    rf"</?(?:{'|'.join(sorted(ANYWHERE | IN_BLOCKS))})(?: (?:dir|lang|title|open)=\"[^\"<>]*\")* ?/?>"
)

Event = Any


def started(event: Event) -> tuple[str, dict[str, Any]]:
    """Return the kind and the fields of an event that begins something, else nothing."""
    start = event.get("Start") if isinstance(event, dict) else None
    if isinstance(start, dict):
        kind, fields = next(iter(start.items()))
        return kind, fields if isinstance(fields, dict) else {}
    return start or "", {}


def nested(markdown: str, options: pyromark.Options) -> Iterator[tuple[tuple[str, ...], Event]]:
    """Return all events of a text, each with the kinds of what it stands in."""
    around: list[str] = []
    for event in pyromark.events(markdown, options=options):
        if isinstance(event, dict) and "End" in event:
            around.pop()
        yield tuple(around), event
        if started(event)[0]:
            around.append(started(event)[0])


def post_with(text: str, project: str | None) -> str:
    """Return what stands between the sections' heading and the sign-off, with an entry of somebody else behind it."""
    first = entry(1, text, department="clients", project=project)
    second = entry(2, "sentinel [r] [r][] [^1]", department="clients", project=project, sender="@bea:example.org")
    whole = render(contents(first, second, live=None)).text
    return whole[whole.index("## Dept") : whole.index("## That's all")].replace("<!-- more -->", "")


@settings(max_examples=300, deadline=None)
@given(HOSTILE, st.sampled_from([None, "teapot"]), st.sampled_from([ZOLA, OPTIONAL]))
@example("```[r]: \\| a | b |\n|--|--|\n<pre>", None, ZOLA)
@example("| a | b |\n|--|--|\n<!-- x -->    \u00a0[x](javascript:a)", None, ZOLA)
@example("~~~\n\t~~~\n</b>[x](javascript:a)", None, ZOLA)
@example("`a\n[^1]: [b](javascript:x)`", None, OPTIONAL)
@example("[r]: \u20281. ", None, ZOLA)
@example("+ [1]:|\n--", None, ZOLA)
@example("```\n    ```", None, ZOLA)
@example("https://example.org/&#123;@@ZOLA", None, ZOLA)
@example("| a | b |\n|--|--|\n\t<a href='x'><!", None, ZOLA)
def test_an_entry_reaches_nothing_outside_of_it(text: str, project: str | None, options: pyromark.Options) -> None:
    post = post_with(text, project)
    assert not re.search(r"\{[{%#]|@@ZOLA", post)
    assert pyromark.reference_definitions(post, options=options) == {}
    events = list(nested(post, options))
    quotes = [event for around, event in events if not around and started(event)[0] == "BlockQuote"]
    assert len(quotes) == 2
    bea = [around for around, event in events if started(event)[1].get("dest_url", "").endswith("@bea:example.org")]
    assert bea == [("Paragraph",)]
    assert any("sentinel" in event.get("Text", "") for _, event in events if isinstance(event, dict))
    assert not any(started(event)[0] == "FootnoteDefinition" for _, event in events)


@settings(max_examples=300, deadline=None)
@given(HOSTILE, st.sampled_from([ZOLA, OPTIONAL]))
@example("[\na| |\n-|-\n[x](javascript:a)", ZOLA)
@example("|-\n--\n<|<style>", ZOLA)
@example("a|b\n-|-\nc|d|<style>", ZOLA)
@example("`a\n: [b](javascript:x)`", OPTIONAL)
def test_an_entry_does_nothing_but_show(text: str, options: pyromark.Options) -> None:
    open_tags: list[str] = []
    for around, event in nested(post_with(text, "teapot"), options):
        kind, fields = started(event)
        if kind == "Heading":
            assert (fields["id"], fields["classes"], fields["attrs"]) == (None, (), ())
        if kind in {"Link", "Image"} and "Image" not in around:
            assert not is_dangerous(fields["dest_url"])
        if isinstance(event, dict) and ("Html" in event or "InlineHtml" in event):
            html = str(event.get("Html") or event.get("InlineHtml"))
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


@given(HOSTILE)
def test_mending_again_changes_no_more(text: str) -> None:
    once = mend(text, UNDER_DEPARTMENT)
    if once.title is None and not once.notes:
        assert mend(once.text, UNDER_DEPARTMENT).text == once.text


WORDS = st.sampled_from(
    ["tea", "**bold**", "`code`", "and", "*so* on", "x_y_z", "(maybe)", "1 < 2", "\n", "\n- ", "\n\n"]
)
URLS = st.sampled_from(["https://example.org/a", "http://example.org/b_c?d=e&f=(g)", "https://example.org/_h_/#i"])
LINKS = st.one_of(
    URLS.map(lambda url: ("bare", url)),
    URLS.map(lambda url: ("auto", url)),
    URLS.map(lambda url: ("link", url)),
    WORDS.map(lambda word: ("word", word)),
)
WRITTEN = {"bare": " {} ", "auto": " <{}> ", "link": " [text]({}) ", "word": " {} "}


@given(st.lists(LINKS, max_size=12))
def test_all_links_lead_where_they_led_and_bare_urls_become_links(parts: list[tuple[str, str]]) -> None:
    source = "start" + "".join(WRITTEN[kind].format(content) for kind, content in parts)
    wanted = Counter(content for kind, content in parts if kind != "word")
    result = mend(source, UNDER_DEPARTMENT)
    found = Counter(
        started(event)[1]["dest_url"]
        for _, event in nested(f"{result.title}\n\n{result.text}", ZOLA)
        if started(event)[0] == "Link"
    )
    assert found == wanted


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
    "\t", " \n", "> a\nb\n", "word ", "word\n", "x" + " " * 1000,
)  # fmt: skip


@pytest.mark.parametrize("piece", REPEATED)
def test_a_large_text_takes_no_more_than_moments(piece: str) -> None:
    began = time.process_time()
    mend((piece * LARGE)[:LARGE] + "x", UNDER_DEPARTMENT)
    assert time.process_time() - began < 5
