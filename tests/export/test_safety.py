"""What contributors write shows, and does nothing else: no HTML that acts, no shortcode, nothing left open."""

import pytest

from tests.export.making import UNDER_DEPARTMENT, mended
from twimbot.export.markdown import mend

ZERO_WIDTH_SPACE = "\u200b"


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
        "+++\n\n---\n\n***",
        "a | b\n\n~~struck~~ {one brace} 100% {# no heading",
    ],
)
def test_what_is_harmless_stays_to_the_byte(written: str) -> None:
    assert mended(written).replace("{\\#", "{#") == written


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
        ("<!-- never closed\n\ntext", "&lt;!-- never closed\n\ntext"),
        ("<?php echo 1 ?>", "&lt;?php echo 1 ?>"),
        ("</blockquote>\n\nout?", "&lt;/blockquote>\n\nout?"),
        ("<details>\n\nnever closed", "&lt;details>\n\nnever closed"),
        ("> <details>\n\n</details>", "> &lt;details>\n\n&lt;/details>"),
        ("an unfinished <a href='", "an unfinished \\<a href='"),
        ("![an <i alt](/x)", "![an \\<i alt](/x)"),
    ],
)
def test_html_that_acts_shows_as_text(written: str, stands: str) -> None:
    assert mended(written) == stands


@pytest.mark.parametrize(
    ("written", "stands"),
    [
        ("a {{ youtube(id=1) }}", "a {\\{ youtube(id=1) }}"),
        ("a {% figure() %}x{% end %}", "a {\\% figure() %}x{\\% end %}"),
        ("a {# comment #}", "a {\\# comment #}"),
        ("{{{{", "{\\{\\{\\{"),
        ("`{{ x }}`", f"`{{{ZERO_WIDTH_SPACE}{{ x }}}}`"),
        ("```\n{% x %}\n```", f"```\n{{{ZERO_WIDTH_SPACE}% x %}}\n```"),
        ("[a](https://example.org/{{x}})", "[a](https://example.org/{\\{x}})"),
        ("https://example.org/{{x}}", "<https://example.org/%7B{x}>}"),
        ('<b title="{{x">y</b> z', '<b title="&#123;{x">y</b> z'),
        ("{<!-- -->{ x }}", "{\\{ x }}"),
        ("a @@ZOLA_SC_PLACEHOLDER@@", "a @\\@ZOLA_SC_PLACEHOLDER@@"),
    ],
)
def test_no_shortcode_opens(written: str, stands: str) -> None:
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
    ],
)
def test_nothing_stays_open_or_reads_otherwise_in_a_quote(written: str, stands: str) -> None:
    assert mended(written) == stands


@pytest.mark.parametrize("text", ["> " * 5000 + "deep", "- " * 5000 + "x", "x\n" * 5000, "[" * 60_000, "`a" * 30_000])
def test_what_cant_be_trusted_stands_as_plain_text(text: str) -> None:
    result = mend(text, UNDER_DEPARTMENT)
    assert result.text == f"{'```'}text\n{text.rstrip()}\n```"
    assert [note.partition(",")[0] for note in result.notes] == ["its Markdown stands in the post as plain text"]


def test_plain_text_is_fenced_by_more_backticks_than_it_has() -> None:
    assert mend("> " * 5000 + "`````", UNDER_DEPARTMENT).text.startswith("``````text\n")
