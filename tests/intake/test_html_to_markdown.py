"""Turning clients' HTML into Markdown."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from markdown_it import MarkdownIt

from twimbot.intake.escaping import escaped
from twimbot.intake.formatted import read_html
from twimbot.intake.markdown import to_markdown


def converted(html: str) -> str:
    """Return HTML as Markdown."""
    tree = read_html(html)
    assert tree is not None
    return to_markdown(tree)


@pytest.mark.parametrize(
    ("html", "expected"),
    [
        ("<p>a</p><p>b</p>", "a\n\nb"),
        ("a<br>\nb<br/>c<br><br><br>d", "a\nb\nc\n\nd"),
        ("a\nb <b>c\nd</b>", "a b **c d**"),
        ("<strong>a</strong> <em>b</em> <del>c</del> <code>d`e</code>", "**a** *b* ~~c~~ `` d`e ``"),
        ("H<sub>2</sub>O", "H<sub>2</sub>O"),
        ("<u>a</u> <u> b*c </u><u></u><code><u>d</u></code>", "<u>a</u>  <u>b\\*c</u> `d`"),
        (
            'a <span data-mx-maths="\\frac{a_1}{b^*}">1/2</span><div data-mx-maths="x\n = \\{1\\}">x</div>b',
            "a $\\frac{a_1}{b^\\*}$\n\n$$x = \\\\{1\\\\}$$\n\nb",
        ),
        ("<div>a</div><div> </div><div>b</div><b><div>c</div></b>", "a\n\nb\n\n**c**"),
        ("<h2>a<div>b</div></h2><u><p>c</p><p>d</p></u>", "## a b\n\nc\n\nd"),
        ('<code><span data-mx-maths="a_b">a</span></code>', "`a`"),
        ("<h1>a</h1>b<h3>c</h3>", "# a\n\nb\n\n### c"),
        ("a<ul><li>b<ul><li>c</li></ul></li><li><p>d</p><p>e</p></li></ul>f", "a\n\n- b\n  - c\n- d\n\n  e\n\nf"),
        ('<ol start="9"><li>a</li><li>b</li></ol>', "9. a\n10. b"),
        ('<ol start="²"><li>a</li></ol>', "1. a"),
        ('<ul><li><input type="checkbox" checked>a</li><li><input type="checkbox">b</li></ul>', "- [x] a\n- [ ] b"),
        ("<blockquote>a<br>b</blockquote>c", "> a\n> b\n\nc"),
        ('<pre><code class="language-rust">a *b*\n\n\n\nc\n</code></pre>', "```rust\na *b*\n\n\n\nc\n```"),
        ("<pre><code>```\na\n```\n</code></pre>", "````\n```\na\n```\n````"),
        ('<a href="https://example.org/a_b">the <b>notes</b></a>', "[the **notes**](https://example.org/a_b)"),
        ('<a href="https://example.org/a_b">https://example.org/a_b</a>', "https://example.org/a_b"),
        ('<a href="https://example.org/a (b)">x</a>', "[x](<https://example.org/a%20(b)>)"),
        ('<a href="javascript:alert(1)">x</a> <a>y</a>', "x y"),
        ('<img src="mxc://example.org/a" alt=":rose:"> a', ":rose: a"),
        ('<span data-mx-spoiler="end">a</span> <span data-mx-spoiler>b</span>', "||end|a|| ||b||"),
        (
            "<table><tr><td>a|b</td><td colspan=9>c<br>d</td></tr><tr><td>e</td><td>f</td></tr></table>",
            "| a\\|b | c d |\n| --- | --- |\n| e | f |",
        ),
        ("<table><caption>a</caption></table>b", "a\n\nb"),
        ("<input>a <code><span data-mx-spoiler>b</span></code>", "a `b`"),
        ("<details><summary>a</summary>b</details>", "a\n\nb"),
        ("<script>a</script><!-- b -->c<b></b>", "c"),
        ("1 < 2 <b>and</b> 3 <", "1 < 2 **and** 3 <"),
        (
            "<b>&lt;b&gt; *a* _b_ c_d [e] `f` ~~g~~ &amp;lt; \\*</b>",
            "**\\<b> \\*a\\* \\_b\\_ c_d \\[e\\] \\`f\\` \\~\\~g\\~\\~ \\&lt; \\\\\\***",
        ),
        ("<p># a</p>- b<br>1. c<br>2024 d<br>+e", "\\# a\n\n\\- b\n1\\. c\n2024 d\n+e"),
    ],
)
def test_html_becomes_this_markdown(html: str, expected: str) -> None:
    assert converted(html) == expected


@given(st.text(st.characters(codec="ascii", exclude_categories=["Cc"]), max_size=40).map(str.strip))
def test_escaped_text_renders_as_the_text_that_it_was(text: str) -> None:
    """One line of any signs means nothing but itself."""
    tokens = MarkdownIt("commonmark").enable(["table", "strikethrough"]).parse(escaped(text, starts_line=True))
    inline = [child for token in tokens if token.type == "inline" for child in token.children or []]
    assert "".join(child.content for child in inline) == text
    assert {child.type for child in inline} <= {"text"}
    assert {token.type for token in tokens} <= {"paragraph_open", "inline", "paragraph_close"}
