"""Links: bare URLs become clickable, and no link leads elsewhere than its author wrote."""

import pytest

from tests.export.making import UNDER_DEPARTMENT, mended
from twimbot.export.links import is_dangerous
from twimbot.export.markdown import mend


@pytest.mark.parametrize(
    ("written", "stands"),
    [
        ("see https://example.org/a", "see <https://example.org/a>"),
        ("see http://example.org.", "see <http://example.org>."),
        ("(https://example.org/a)", "(<https://example.org/a>)"),
        ("https://example.org/a_(b), too", "<https://example.org/a_(b)>, too"),
        ("https://example.org/?a=1&b=2#c!", "<https://example.org/?a=1&b=2#c>!"),
        ("**https://example.org/a**", "**<https://example.org/a>**"),
        ("*see https://example.org/a.*", "*see <https://example.org/a>.*"),
        ("~~https://example.org/a~~", "~~<https://example.org/a>~~"),
        ("https://example.org/_a_/b", "<https://example.org/_a_/b>"),
        (r"https://example.org/a\_b\_c", "<https://example.org/a_b_c>"),
        ("https://example.org/?a=1&amp;b=2", "<https://example.org/?a=1&b=2>"),
        ("- https://example.org/a\n- https://example.org/b", "- <https://example.org/a>\n- <https://example.org/b>"),
        ("> https://example.org/a\n> and", "> <https://example.org/a>\n> and"),
        ("| a |\n| - |\n| https://example.org/a |", "| a |\n| - |\n| <https://example.org/a> |"),
        ("### x https://example.org/a", "### x <https://example.org/a>"),
        ("https://例え.example.org/ä", "<https://例え.example.org/ä>"),
    ],
)
def test_bare_urls_become_links(written: str, stands: str) -> None:
    assert mended(f"text\n\n{written}") == f"text\n\n{stands}"


@pytest.mark.parametrize(
    "written",
    [
        "`https://example.org`",
        "```\nhttps://example.org\n```",
        "    https://example.org",
        "[https://example.org](https://example.org/b)",
        "[a](https://example.org)",
        "<https://example.org>",
        "![https://example.org](https://example.org/a.png)",
        '[a](https://example.org "https://example.org")',
        "ftp://example.org mailto:anna@example.org anna@example.org //example.org example.org",
        "xhttps://example.org",
        "https://",
    ],
)
def test_what_is_no_bare_url_in_running_text_stays(written: str) -> None:
    assert mended(f"text\n\n{written}") == f"text\n\n{written}"


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
    assert mend(written, UNDER_DEPARTMENT).text == stands


def test_a_link_that_leads_nowhere_is_told() -> None:
    assert mend("[a](vector://app/x) [b](example.org) [c](https://example.org)", UNDER_DEPARTMENT).notes == (
        "a link leads to vector://app/x, which browsers can't follow from the site.",
        "a link leads to example.org, which browsers can't follow from the site.",
    )


def test_a_links_text_has_no_spaces_around_it() -> None:
    assert mended("[ a b ](https://example.org)") == "[a b](https://example.org)"
