"""Links: they lead where their author wrote, stand alone, and run nothing."""

import pytest

from tests.export.making import UNDER_DEPARTMENT, mended
from twimbot.export.links import is_dangerous
from twimbot.export.markdown import mend


@pytest.mark.parametrize(
    ("written", "stands"),
    [
        ("[r]\n\n[r]: https://example.org/a", "[r](https://example.org/a)"),
        ("[the *text*][r]\n\n[r]: <https://example.org/a b> 'A \"t\"'",
         '[the *text*](<https://example.org/a b> "A \\"t\\"")'),
        ("[R][]\n\n[r]: /a", "[R](/a)"),
        ("![r]\n\n[r]: https://example.org/a.png", "![r](https://example.org/a.png)"),
        ("[^1]\n\n[^1]: https://example.org/a", "[\\^1](https://example.org/a)"),
        ("[^1]\n\n[^1]: A note.", "[\\^1]\n\n[\\^1]\\: A note."),
        ("[unknown]", "[unknown]"),
        ("- [r]: /a\n\n  [r]", "- <!-- -->\n\n  [r](/a)"),
        ("> [r]:\n> /a\n> 'title'\n>\n> [r]", '> \n> \n> \n>\n> [r](/a "title")'),
        ("[r](no target\n\n[r]: /a", "[r](/a)(no target"),
    ],
)  # fmt: skip
def test_references_reach_no_other_entry(written: str, stands: str) -> None:
    assert mended(written) == stands


@pytest.mark.parametrize(
    "target",
    ["javascript:alert(1)", "JaVaScRiPt:alert(1)", "java\tscript:alert(1)", "\x01javascript:x", "data:text/html,x",
     "vbscript:x", "file:///etc/passwd", "\u200bjavascript:x"],
)  # fmt: skip
def test_some_targets_are_dangerous(target: str) -> None:
    assert is_dangerous(target)


@pytest.mark.parametrize("target", ["https://example.org/javascript:x", "/a", "#a", "mailto:a@example.org", "data", ""])
def test_most_targets_are_not(target: str) -> None:
    assert not is_dangerous(target)


@pytest.mark.parametrize(
    ("written", "stands"),
    [
        ("[a](javascript:x)", "\\[a](javascript:x)"),
        ("[a](&#106;avascript:x)", "\\[a](&#106;avascript:x)"),
        ("[a](<java\\script:x>)", "[a](<java\\script:x>)"),
        ("![a](data:image/png;base64,AA)", "\\!\\[a](data:image/png;base64,AA)"),
        ("<javascript:x>", "\\<javascript:x>"),
        ("[a]\n\n[a]: javascript:x", "\\[a](javascript:x)"),
    ],
)
def test_dangerous_links_are_text(written: str, stands: str) -> None:
    assert mend((written,), UNDER_DEPARTMENT).text == stands


def test_a_link_that_leads_nowhere_is_told() -> None:
    written = "[a](vector://app/x) [b](example.org) [c](https://example.org) [d](xmpp:room@example.org) [e](@/a.md)"
    assert mend((written,), UNDER_DEPARTMENT).notes == (
        "a link leads to vector://app/x, which browsers can't follow from the site.",
        "a link leads to example.org, which browsers can't follow from the site.",
    )


@pytest.mark.parametrize(
    ("written", "stands"),
    [
        ("[ a b ](https://example.org)", "[a b](https://example.org)"),
        ("![ a b ](https://example.org/a.png)", "![a b](https://example.org/a.png)"),
        ("[a\nb ](https://example.org)", "[a\nb](https://example.org)"),
        ("[ ](https://example.org)", "[ ](https://example.org)"),
    ],
)
def test_a_links_text_has_no_spaces_around_it(written: str, stands: str) -> None:
    assert mended(written) == stands


@pytest.mark.parametrize(
    "link",
    [
        "[Anna](https://matrix.to/#/@anna:example.org)",
        "[news](https://matrix.to/#/#news:example.org?via=example.org&via=a.example.org)",
        "[an event](https://matrix.to/#/!abc:example.org/$ev-en_t?via=example.org&amp;via=b.example.org)",
        "[encoded](https://matrix.to/#/%23n%C3%A4ws%3Aexample.org)",
        "[spaces](https://example.org/a%20b%2Fc?d=%5Be%5D#f%20g)",
        "[pointed](<https://example.org/a b>)",
        '[escaped](https://example.org/a\\)b "a \\"title\\"")',
        "[äöü](https://例え.example.org/ä?ö#ü)",
        "[a page](@/blog/2026/a.md#top)",
        "[![badge](https://example.org/a.svg)](https://example.org)",
        "![a picture](/blog/img/a.png 'titled')",
        "<https://example.org/a?b=c&d>",
        "<anna@example.org>",
        "[](https://example.org)",
        "*[a](https://example.org/_b_)*",
    ],
)
def test_a_link_stays_to_the_byte(link: str) -> None:
    result = mend((f"See {link}, and - {link}.\n\n> - {link}",), UNDER_DEPARTMENT)
    assert result.text == f"See {link}, and - {link}.\n\n> - {link}"
    assert not [note for note in result.notes if "mending" in note]


@pytest.mark.parametrize(
    ("written", "stands"),
    [
        ("See [notes]() and *[more](<>)*.", "See notes and *more*."),
        ("[a]( ) [b](<> 'titled') [c](#) [d](&#32;) [e](\u00a0)", "a b c d e"),
        ("[a], [b][a], [a][]\n\n[a]: <>", "a, b, a"),
        ("[the **new** `code`]() [**both**]()", "the **new** `code` **both**"),
        ("![A pot]()", "A pot"),
        ("- [ ]()\n- []()", "- \\[ ]()\n- \\[]()"),
        (
            "[1. a]() b[c]()d [[e]]() [*f]() [![g](/g.png)]()",
            "\\[1. a]() b\\[c]()d \\[[e]]() \\[*f]() \\[![g](/g.png)]()",
        ),
        ("## [News]()\n\n> [x]()", "### News\n\n> x"),
    ],
)
def test_a_link_without_a_target_is_its_text_and_is_told(written: str, stands: str) -> None:
    result = mend(("A.", written), UNDER_DEPARTMENT)
    assert result.text == f"A.\n\n{stands}"
    assert {note.partition("” ")[2] for note in result.notes} == {"leads to nothing, so it stands as text."}


def test_a_note_names_the_link_that_has_no_target() -> None:
    assert mend(("See [notes]().",), UNDER_DEPARTMENT).notes == (
        "the link “[notes]()” leads to nothing, so it stands as text.",
    )
