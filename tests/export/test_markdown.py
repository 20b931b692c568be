"""Several messages and pictures that make one entry: each is read by itself, title and levels over all of them."""

import pytest

from tests.export.making import UNDER_DEPARTMENT, UNDER_PROJECT
from twimbot.export.markdown import Ready, mend

PICTURE = Ready("![A pot](/blog/img/pot.png)")
VIDEO = Ready('<video controls><source src="/blog/img/pot.mp4" type="video/mp4"></video>')


@pytest.mark.parametrize(
    ("blocks", "text"),
    [
        (("a", "b"), "a\n\nb"),
        (("a", PICTURE, VIDEO, "b"), f"a\n\n{PICTURE.markdown}\n\n{VIDEO.markdown}\n\nb"),
        ((PICTURE,), PICTURE.markdown),
        (("", " \n", "a", "\u200b"), "a"),
        ((), ""),
        (("- a\n  - b", PICTURE, "c"), f"- a\n  - b\n\n{PICTURE.markdown}\n\nc"),
        (("```\na", PICTURE, "b"), f"```\na\n```\n\n{PICTURE.markdown}\n\nb"),
        (("- ```\n  a", PICTURE), f"- ```\n  a\n  ```\n\n{PICTURE.markdown}"),
        (("<details>\n\na", PICTURE), f"&lt;details>\n\na\n\n{PICTURE.markdown}"),
        (("<!-- a", VIDEO), f"&lt;!-- a\n\n{VIDEO.markdown}"),
        (("> a", "b"), "> a\n\nb"),
        (("| a |\n| - |", "b"), "| a |\n| - |\n\nb"),
        (("[a][r]\n\n[r]: /a", "[r] [a]\n\n[r]: /b"), "[a](/a)\n\n[r](/b) [a]"),
        (("<b>a", "b</b>"), "\\<b>a\n\nb\\</b>"),
    ],
)
def test_blocks_stand_in_their_order_and_reach_into_no_other(blocks: tuple[str | Ready, ...], text: str) -> None:
    assert mend(blocks, UNDER_DEPARTMENT).text == text


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("- a", "- b"),
        ("1. a", "2. b"),
        ("- a", "  b"),
        ("- a\n  - b", "    c"),
        ("- a\n\n      b", "  c"),
        ("    a", "    b"),
        ("> - a\n\n- b", "  c"),
    ],
)
def test_a_message_does_not_go_on_with_what_ends_the_one_before(before: str, after: str) -> None:
    assert mend((before, after), UNDER_DEPARTMENT).text == f"{before}\n\n<!-- -->\n\n{after}"


@pytest.mark.parametrize(
    ("before", "after"), [("- a", "* b"), ("- a", "1. b"), ("- a", "b"), ("a", "- b"), ("a", "  b")]
)
def test_what_stays_apart_by_itself_needs_nothing_between(before: str, after: str) -> None:
    assert mend((before, after), UNDER_DEPARTMENT).text == f"{before}\n\n{after}"


@pytest.mark.parametrize(
    ("blocks", "title", "text"),
    [
        (("# Teapot\n\na", "# Teapot"), None, "a\n\n#### Teapot"),
        (("## Teapot", PICTURE, "b"), None, f"{PICTURE.markdown}\n\nb"),
        ((PICTURE, "**Teapot**", "a"), None, f"{PICTURE.markdown}\n\na"),
        (("### a", "# b", "## c"), None, "#### a\n\n#### b\n\n##### c"),
        (("# a", "### b", "a\n\n#### c"), None, "#### a\n\n##### b\n\na\n\n###### c"),
    ],
)
def test_headings_are_set_over_all_messages(blocks: tuple[str | Ready, ...], title: str | None, text: str) -> None:
    result = mend(blocks, UNDER_PROJECT)
    assert (result.title, result.text) == (title, text)


@pytest.mark.parametrize(
    ("blocks", "title", "text"),
    [
        (("# a\n\nb", "# c"), "a", "b\n\n#### c"),
        (("a", "# b"), None, "a\n\n### b"),
        ((PICTURE, "# a", "b"), "a", f"{PICTURE.markdown}\n\nb"),
    ],
)
def test_only_the_first_message_can_begin_with_the_title(
    blocks: tuple[str | Ready, ...], title: str | None, text: str
) -> None:
    result = mend(blocks, UNDER_DEPARTMENT)
    assert (result.title, result.text) == (title, text)


def test_only_the_message_that_cant_be_trusted_stands_as_plain_text() -> None:
    result = mend(("# a", "> " * 100 + "# b", "## c", "> " * 100), UNDER_PROJECT)
    assert result.text == f"#### a\n\n```text\n{'> ' * 100}# b\n```\n\n##### c\n\n```text\n{'> ' * 99}>\n```"
    assert (
        result.notes
        == ("its Markdown stands in the post as plain text, because its quotes and lists nest too deep.",) * 2
    )


def test_the_targets_of_an_entry_are_those_of_its_text() -> None:
    result = mend(
        ("# [a](/a) and [b](/b)\n\n[c]\n\n[c]: /c", PICTURE, "www.example.org [d](javascript:d)"), UNDER_DEPARTMENT
    )
    assert result.targets == ("/c", "/blog/img/pot.png", "https://www.example.org")
    assert result.notes == ()


@pytest.mark.parametrize(
    "written",
    ["# [Teapot](https://teapot.example.org)\n\na", "**[Teapot](/a)**\na", "## <https://teapot.example.org>\n\na"],
)
def test_a_link_that_goes_with_its_heading_is_not_missed(written: str) -> None:
    assert mend((written,), UNDER_PROJECT).notes == ()


@pytest.mark.parametrize(
    ("written", "notes"),
    [
        ("[a]<!-- x -->(/b)", ("a link to /b came about while mending.",)),
        ("[a](/b\n<!-- x -->)", ("a link to /b came about while mending.",)),
        ("| a |\n|---|\n| b | [c](/d) |", ("a link to /d came about while mending.",)),
    ],
)
def test_a_link_that_mending_changed_is_told(written: str, notes: tuple[str, ...]) -> None:
    assert mend((written,), UNDER_DEPARTMENT).notes == notes


CROWDED = "[" * 1500


@pytest.mark.parametrize("written", [f"{CROWDED} #\n===", f"{CROWDED}{{{{", f"# {CROWDED}{{{{"])
def test_what_mending_makes_too_crowded_stands_as_plain_text(written: str) -> None:
    result = mend((written,), UNDER_DEPARTMENT)
    assert (result.title, result.text) == (None, f"```text\n{written}\n```")
    assert result.notes == ("its Markdown stands in the post as plain text, because a paragraph has too many marks.",)


def test_not_all_addresses_of_a_crowd_become_links() -> None:
    result = mend(("#a:example.org " * 1000,), UNDER_DEPARTMENT)
    left = 1000 - result.text.count("(https://matrix.to/#/#a:example.org)")
    assert 250 <= left < 500
    assert result.notes == (
        f"#a:example.org, and {left - 1} more: no link, because other links or the whole text would be read otherwise.",
    )


def test_our_own_markdown_stands_as_it_is_however_crowded() -> None:
    picture = Ready("![" + r"\[" * 2000 + "](/blog/img/pot.png)")
    result = mend(("a", picture, "b"), UNDER_DEPARTMENT)
    assert result.text == f"a\n\n<!-- -->\n\n{picture.markdown}\n\n<!-- -->\n\nb"
    assert result.notes == ()


def test_an_entry_that_has_not_changed_is_mended_once() -> None:
    assert mend(("tea", "pot"), UNDER_DEPARTMENT) is mend(("tea", "pot"), UNDER_DEPARTMENT)
    assert mend(("tea", "pot"), UNDER_DEPARTMENT) is not mend(("tea", "cup"), UNDER_DEPARTMENT)
