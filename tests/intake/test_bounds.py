"""Hostile and odd messages are read like any other: without an exception, and without end or blow-up."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.intake.messages import BOT, PILL, addressed, text_message, text_of
from twimbot.intake.mention import is_addressed
from twimbot.intake.text import submission_text
from twimbot.model.event import Content, Edit, Message, read_event

SIZE = 64 * 1024
KEYS = st.sampled_from(
    (
        *("msgtype", "body", "format", "formatted_body", "url", "filename", "file", "itemtypes"),
        *("m.mentions", "user_ids", "m.new_content", "m.relates_to", "rel_type", "event_id", "m.in_reply_to"),
        *("com.beeper.per_message_profile", "has_fallback", "displayname"),
    )
)
WORDS = st.sampled_from(
    (
        *("m.text", "m.image", "m.gallery", "m.replace", "m.thread", "org.matrix.custom.html", "mxc://a.b/c"),
        *("Weekly: news", "<b>", "<mx-reply>", PILL, "> <@a:b> c\n\nd", BOT.user_id),
    )
)
LEAVES = st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20) | WORDS
JSON = st.recursive(
    LEAVES, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(KEYS | st.text(max_size=5), inner, max_size=5)
)
CONTENTS = st.dictionaries(KEYS, JSON) | st.fixed_dictionaries(
    {"msgtype": WORDS, "body": st.text() | WORDS},
    optional={"formatted_body": WORDS, "format": WORDS, "m.mentions": JSON},
)
MARKUP = st.lists(
    st.sampled_from(
        ["<b>", "</b>", "<p>", "<ul><li>", "</li></ul>", "<pre>", "</pre>", "<code>", "<br>", "<table><tr><td>"]
    )
    | st.sampled_from(
        ["</table>", "<a href='", "'>", "</a>", "<!--", "-->", "&#", ";", "<", ">", "\n", "`", PILL, "<ol start=0>"]
    )
    | st.text(max_size=4),
    max_size=30,
).map("".join)


@given(CONTENTS)
def test_no_content_is_too_odd_to_be_read(content: dict[str, Any]) -> None:
    raw = {"type": "m.room.message", "event_id": "$x", "sender": "@ana:example.org", "content": content}
    event = read_event(raw, "!room")
    if isinstance(event, Message | Edit):
        is_addressed(event.content, BOT, is_reply=False)
        assert submission_text(event.content, BOT, is_reply=True) is not None


@given(st.text(max_size=30) | MARKUP, MARKUP, st.booleans())
def test_no_markup_is_too_odd_to_be_read(body: str, html: str, is_reply: bool) -> None:  # noqa: FBT001 - given by hypothesis
    content = Content("m.text", body, html, (BOT.user_id,), profile_name="Bo")
    is_addressed(content, BOT, is_reply=is_reply)
    text = submission_text(content, BOT, is_reply=is_reply)
    assert text == text.strip()


PRINTABLE = st.text(st.characters(codec="utf-8", exclude_categories=["C", "Z"], include_characters=" \n"), min_size=1)


@given(
    PRINTABLE.filter(lambda text: text.strip() and "weekly" not in text.casefold() and "[news]" not in text.casefold())
)
def test_what_follows_the_name_comes_back_as_it_was_typed(text: str) -> None:
    """Any printable text, trimmed; only no-break spaces, carriage returns and further mentions are ever changed."""
    content = text_message(f"Weekly: {text}")
    assert addressed(content)
    assert text_of(content) == text.strip()


@pytest.mark.parametrize(
    "unit", ["<b>", "<blockquote>", "<ul><li>", "<a ", '<a b="', "<!--", "</", "<?", "<b></i>", "&#", "<br>"]
)
def test_html_without_end_leaves_the_body_to_be_taken(unit: str) -> None:
    body = "Weekly: red roses"
    html = f"{PILL}: red roses" + unit * (SIZE // len(unit))
    assert addressed(text_message(body, html))
    assert text_of(text_message(body, html)) == "red roses"


@pytest.mark.parametrize("unit", ["<b>", "<div>", "<blockquote>", "<ul><li>"])
def test_html_that_is_nested_too_deeply_is_not_converted(unit: str) -> None:
    """The bold text would call for the HTML, but for its depth."""
    assert text_of(text_message("Weekly: red roses", unit * 5000 + "Weekly: <i>red</i> roses")) == "red roses"


@pytest.mark.parametrize("depth", [10, 100])
def test_html_is_converted_up_to_the_depth_that_clients_show(depth: int) -> None:
    html = "<div>" * (depth - 1) + "Weekly: <i>red</i> roses"
    assert text_of(text_message("Weekly: red roses", html)) == "*red* roses"
    assert text_of(text_message("Weekly: red roses", "<div>" * 100 + html)) == "red roses"


def test_five_thousand_quotations_in_each_other_come_back_as_they_are() -> None:
    quoted = ">" * 5000 + " red"
    assert text_of(text_message(f"Weekly: {quoted}")) == quoted
    assert text_of(text_message(quoted)) == quoted


@pytest.mark.parametrize(
    "unit", ["*", "`", "`a", "[", "[](", "[a](", "<a ", "> ", "_", "- ", "\\", "@weekl", "```\n", "~~~ "]
)
def test_a_body_of_64_kib_comes_back_whole(unit: str) -> None:
    body = "x" + unit * (SIZE // len(unit)) + "x"
    assert text_of(text_message(body)) == body


def test_thousands_of_mentions_are_all_taken_away() -> None:
    assert text_of(text_message("Weekly: " * 8000 + "red")) == "red"
    assert text_of(text_message("Weekly\u202f: " * 7000 + "red")) == "red"
    assert not addressed(text_message("Weekly" + "\u2060" * 30_000 + " " + "\u2060" * 30_000))
    assert text_of(text_message("@weekly:example.org" + "\u2060" * 40_000 + " red")) == "\u2060" * 40_000 + " red"


def test_a_list_of_hundreds_of_items_is_numbered_to_its_end() -> None:
    text = text_of(text_message("Weekly: red", "<b>red</b><ol>" + "<li>a</li>" * 900 + "</ol>"))
    assert text.endswith("\n900. a")


def test_cells_that_claim_a_thousand_columns_stay_single_cells() -> None:
    text = text_of(text_message("Weekly:", "<table><tr>" + "<td colspan=1000>a</td>" * 900 + "</tr></table>"))
    assert text.count("|") == 2 * 901


def test_a_character_reference_of_thousands_of_digits_is_no_html() -> None:
    assert text_of(text_message("Weekly: red", "<b>red</b>&#" + "9" * 5000 + ";")) == "red"
