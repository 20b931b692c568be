"""What contributors write shows, and does nothing else: no HTML that acts, no shortcode, nothing left open."""

import pytest

from tests.export.judging import OPTIONAL, nested, started
from tests.export.making import UNDER_DEPARTMENT, contents, entry, mended
from twimbot.export.markdown import mend
from twimbot.export.post import render


@pytest.mark.parametrize(
    "written",
    [
        'Say <em lang="fr">bonjour</em>',
        "Press <kbd>Ctrl</kbd>, H<sub>2</sub>O, x<sup>2</sup>, <del>old</del>",
        "one<br>two<br/>three<br />four",
        "<details>\n<summary>More</summary>\n\nText **here**.\n\n</details>",
        "1 < 2 and 3 > 2, <3, a <- b",
        "`<script>` and `{x}`",
        "```html\n<script>alert(1)</script>\n```",
        "Unicode: \u00e9 \U0001f389 \u0627 e\u0301",
        "single\nnewlines\nstay",
        "two spaces  \nor a backslash\\\nbreak the line",
        "* stars\n* stay\n    * with their indentation",
        "\u3000\ntext\n\n> 1. \u3000\n>    text\n\n\u3000\n\nb",
        "+++\n\n---\n\n***",
        "+++\ntitle = 'x'\n+++\ntext",
        "a | b\n\n~~struck~~ {one brace} 100% {# no heading #}",
        "> a\n> > b\n> > > c\n> >\n> > d\n\ne",
        "\U0001f469\u200d\U0001f680 \u0645\u06cc\u200c\u062e\u0648\u0627\u0647\u0645 a\u200bb",
        "\u200e\u05e9\u05dc\u05d5\u05dd \u2067\u05d0 (1)\u2069 \u202ba \u2066b\u2069\u202c \u200f!",
    ],
)
def test_what_is_harmless_stays_to_the_byte(written: str) -> None:
    assert mended(written) == written


@pytest.mark.parametrize(
    ("written", "stands"),
    [
        ("<script>alert(1)</script>", "&lt;script>alert(1)&lt;/script>"),
        ("a <script>alert(1)</script>", "a \\<script>alert(1)\\</script>"),
        ("Vec<String> and <your-name>", "Vec\\<String> and \\<your-name>"),
        ("a <img src=x onerror=alert(1)>", "a \\<img src=x onerror=alert(1)>"),
        ("a <em onclick=x lang=fr>b</em>", 'a <em lang="fr">b</em>'),
        ("a <B>b</B>", "a <b>b</b>"),
        ("an <em>open tag", "an \\<em>open tag"),
        ("a closing</em> tag", "a closing\\</em> tag"),
        ("a <b>*b</b>* [<b>c](/x)</b>", "a <b>*b</b>* [\\<b>c](/x)\\</b>"),
        ("a <!-- hidden --> b", "a  b"),
        ("a\n\n<!-- more -->\n\nb", "a\n\n\n\nb"),
        ("- <!-- hidden --> a\n  b", "- a\n  b"),
        ("- a\n\n<!-- -->\n\n- b", "- a\n\n<!-- -->\n\n- b"),
        ("> 1. <!-- hidden -->\n>\n>    a", "> 1. <!-- -->\n>\n>    a"),
        ("<!-- never closed\n\ntext", "&lt;!-- never closed\n\ntext"),
        ("<?php echo 1 ?>", "&lt;?php echo 1 ?>"),
        ("</blockquote>\n\nout?", "&lt;/blockquote>\n\nout?"),
        ("<details>\n\nnever closed", "&lt;details>\n\nnever closed"),
        ("> <details>\n\n</details>", "> &lt;details>\n\n&lt;/details>"),
        (
            "<details>\n<summary>More</summary>\nText.\n</details>\n# News",
            "<details>\n<summary>More</summary>\n\nText.\n</details>\n\n### News",
        ),
        ("> - <details>\n>   text\n>\n>   </details>", "> - <details>\n>\n>   text\n>\n>   </details>"),
        ("<b>\n# no heading\n</b>", "<b>\n# no heading\n</b>"),
        ("an unfinished <a href='", "an unfinished \\<a href='"),
        ("![an <i alt](/x)", "![an \\<i alt](/x)"),
    ],
)
def test_html_that_acts_shows_as_text(written: str, stands: str) -> None:
    assert mended(written) == stands


@pytest.mark.parametrize(
    ("written", "stands"),
    [
        ("```\ncode", "```\ncode\n```"),
        ("~~~~ python\ncode\n~~~", "~~~~ python\ncode\n~~~\n~~~~"),
        ("text\n```\ncode\n```\ntext", "text\n\n```\ncode\n```\n\ntext"),
        ("```py,include=/etc/passwd\nx\n```", "```py\nx\n```"),
        ("```{{x}}\nx\n```", "```\nx\n```"),
        ("~~~\n    ~~~", "~~~\n    ~~~\n~~~"),
        ("- | a |\n  | - |\n  | b |\n- c", "- | a |\n  | - |\n  | b |\n\n- c"),
        ("text\n\n# a | b\n-- | --\nc", "text\n\n### a | b\n\n-- \\| --\nc"),
        ("1. a\n\t- b", "1. a\n    - b"),
        ("- a\n\t- b", "- a\n\t- b"),
        ("```make\nall:\n\tmake tea\n```", "```make\nall:\n\tmake tea\n```"),
        ("a\r\nb\rc\u2028d\u2029e\x85f", "a\nb\nc\nd\ne\nf"),
        ("nul\x00, escape\x1b, half \ud800", "nul, escape, half \N{REPLACEMENT CHARACTER}"),
        ("\n  \n\ntext\n\n \n", "text"),
        (": no definition", "\\: no definition"),
        ("- ```\n  code", "- ```\n  code\n  ```"),
        ("> - ~~~~\n>   code", "> - ~~~~\n>   code\n>   ~~~~"),
        ("> ```\n> code\n[r]: /a", "> ```\n> code\n> ```"),
        ("- ```\n  code\n- b", "- ```\n  code\n\n- b"),
        ("<details>\n<summary>a", "&lt;details>\n&lt;summary>a"),
    ],
)
def test_nothing_stays_open_or_reads_otherwise_in_a_quote(written: str, stands: str) -> None:
    assert mended(written) == stands


@pytest.mark.parametrize(
    ("written", "stands"),
    [
        ("\ufeff- a", "- a"),
        ("\u200b\n\u2060 \n\ufefftext", "text"),
        ("text\n\n\u200b# News", "text\n\n### News"),
        ("text\n\u200f## News", "text\n\n### News"),
        ("text\n\u200d\u200c~~~\ncode", "text\n\n~~~\ncode\n~~~"),
        ("> \u200b- a\n> \ufeff1. b", "> - a\n> 1. b"),
        ("- a\n\u200b\u200d- b", "- a\n- b"),
        ("a\n\ufeff```\nb\n```", "a\n\n```\nb\n```"),
        ("\u2060> a", "> a"),
        ("```\n\u200b```\n\u200b# a\n```", "```\n\u200b```\n\u200b# a\n```"),
        ("text\n\u200bno mark \u200b# here", "text\n\u200bno mark \u200b# here"),
        ("\u200f\u05d0", "\u200f\u05d0"),
    ],
)
def test_nothing_invisible_hides_a_mark(written: str, stands: str) -> None:
    assert mended(written) == stands


@pytest.mark.parametrize(
    ("written", "stands"),
    [
        ("a \u202eb", "a b"),
        ("a\u202c b\u2069", "a b"),
        ("\u2067a\nb\u2069 `\u202ec`", "a\nb `c`"),
        ("\u202ba \u2067b\u202c c\u2069 d", "a \u2067b c\u2069 d"),
        ("\u2068a \u202bb\u2069 \u202cc", "\u2068a b\u2069 c"),
        ("\u202ba \u202bb\u202c", "a \u202bb\u202c"),
    ],
)
def test_no_line_changes_the_direction_of_what_stands_beside_it(written: str, stands: str) -> None:
    assert mended(written) == stands


@pytest.mark.parametrize("text", ["> " * 5000 + "deep", "- " * 5000 + "x", "x\n" * 5000, "[" * 60_000, "`a" * 30_000])
def test_what_cant_be_trusted_stands_as_plain_text(text: str) -> None:
    result = mend((text,), UNDER_DEPARTMENT)
    assert result.text == f"{'```'}text\n{text.rstrip()}\n```"
    assert [note.partition(",")[0] for note in result.notes] == ["its Markdown stands in the post as plain text"]


def test_plain_text_is_fenced_by_more_backticks_than_it_has() -> None:
    assert mend(("> " * 5000 + "`````",), UNDER_DEPARTMENT).text.startswith("``````text\n")


@pytest.mark.parametrize("name", ["NOTE", "tip", "Important", "WARNING", "caution"])
def test_a_quote_stays_a_quote_where_the_site_knows_alerts(name: str) -> None:
    for text in (f"[!{name}]\nhot", f"[!{name}]", f"# Teapot\n\n[!{name}] \nhot", f"a\n\n> [!{name}]\n> hot"):
        post = render(contents(entry(1, text, department="clients", project="teapot"))).text
        kinds = [
            event["Start"]["BlockQuote"] for _, event in nested(post, OPTIONAL) if started(event)[0] == "BlockQuote"
        ]
        assert set(kinds) == {None}
        assert rf"\[!{name}]" in post
