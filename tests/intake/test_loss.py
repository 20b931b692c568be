"""When the body is the text to take, and when it has lost something that the HTML holds."""

import pytest

from twimbot.intake.formatted import read_html
from twimbot.intake.loss import Loss, loss


@pytest.mark.parametrize(
    ("body", "html", "expected"),
    [
        ("red **roses**", "<p>red <strong>roses</strong></p>", None),
        ("red __roses__", "red <b>roses</b>", None),
        ("red <b>roses</b>", "red <b>roses</b>", None),
        ("red ***roses***", "red <em><strong>roses</strong></em>", None),
        ("red **[roses](https://example.org)**", 'red <b><a href="https://example.org">roses</a></b>', None),
        ("red roses", "red <b>roses</b>", Loss.STRONG),
        ("a rose is a **rose**", "a rose is a <b>rose</b>", None),
        ("**r\\_d** roses", "<b>r_d</b> roses", None),
        ("red *roses*", "red <em>roses</em>", None),
        ("red roses", "red <i>roses</i>", Loss.EMPHASIS),
        ("~~red~~ roses", "<del>red</del> roses", None),
        ("red roses", "<s>red</s> roses", Loss.STRUCK),
        ("run `` rose ``", "run <code>rose</code>", None),
        ("run rose", "run <code>rose</code>", Loss.CODE),
        ("```\nrose\n```", "<pre><code>rose\n</code></pre>", None),
        ("    rose", "<pre><code>rose\n</code></pre>", None),
        ("text\nrose", "text<pre><code>rose\n</code></pre>", Loss.CODE),
        ("## Roses", "<h2>Roses</h2>", None),
        ("Roses\n=====\nred", "<h1>Roses</h1><p>red</p>", None),
        ("Roses\nred", "<h2>Roses</h2>red", Loss.HEADING),
        ("- red\n- white", '<ol data-md="-"><li><p>red</p></li><li><p>white</p></li></ol>', None),
        ("1. *red*\n2. white", "<ol><li><em>red</em></li><li>white</li></ol>", None),
        ("red\nwhite", "<ul><li>red</li><li>white</li></ul>", Loss.LIST),
        ("> red\n\nwhite", "<blockquote><p>red</p></blockquote><p>white</p>", None),
        ("| red\nwhite", "<blockquote>red</blockquote>white", Loss.QUOTE),
        ("see https://example.org/a", 'see <a href="https://example.org/a">https://example.org/a</a>', None),
        ("see example.org", 'see <a href="https://example.org/">example.org</a>', None),
        ("see https://example.org/ü?a&amp;b", 'see <a href="https://example.org/%C3%BC?a&amp;b">it</a>', None),
        ("see the notes", 'see <a href="https://example.org/a">the notes</a>', Loss.LINK),
        (
            "home and https://example.org/a",
            '<a href="https://example.org">home</a> and https://example.org/a',
            Loss.LINK,
        ),
        ("thanks Bo", 'thanks <a href="https://matrix.to/#/@bo:example.org">Bo</a>', None),
        (
            "in #roses:example.org",
            'in <a href="https://matrix.to/#/%23roses%3Aexample.org">#roses:example.org</a>',
            None,
        ),
        ("in our room", 'in <a href="https://matrix.to/#/%23roses%3Aexample.org">our room</a>', Loss.LINK),
        ("click", '<a href="javascript:alert(1)">click</a>', None),
        (":rose: red", '<img data-mx-emoticon src="mxc://example.org/r" alt=":rose:"> red', None),
        ("red", '<img src="mxc://example.org/r" alt="a rose"> red', Loss.IMAGE),
        ("<table><tr><td>a</td></tr></table>", "<table><tr><td>a</td></tr></table>", None),
        ("red", "<b> </b>red", None),
        ("a " * 60, "<b>a</b> " * 60, None),
        ("| a | b |\n|---|---|\n| c | d |", "<table><tr><th>a</th><th>b</th></tr><tr><td>c</td></tr></table>", None),
        ("a b c d", "<table><tr><td>a</td></tr></table>", Loss.TABLE),
        ("it is ||red||", "it is <span data-mx-spoiler>red</span>", None),
        ("it is [hidden]", "it is <span data-mx-spoiler>red</span>", Loss.SPOILER),
        ('<a data-mention-type="user">Bo</a>', "<a>Bo</a>", Loss.PLAIN_MENTION),
        (" ", "<p>red</p>", Loss.EVERYTHING),
        ("1 < 2\nred", "1 &lt; 2<br/>red", None),
    ],
)
def test_the_body_has_lost_this(body: str, html: str, expected: Loss | None) -> None:
    tree = read_html(html)
    assert tree is not None
    assert loss(body, tree) is expected
