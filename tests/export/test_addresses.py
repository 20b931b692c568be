"""Addresses in running text become links; nothing else does, and no other link is changed by that."""

import pytest

from tests.export.making import UNDER_DEPARTMENT, mended
from twimbot.export.addresses import Linked, linked
from twimbot.export.markdown import mend
from twimbot.export.syntax import UntrustedStructure


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
        ("https://matrix.to/#/#news:example.org?via=a.org", "<https://matrix.to/#/#news:example.org?via=a.org>"),
        ("https://example.org/@anna@example.org", "<https://example.org/@anna@example.org>"),
        ("\uff08https://example.org/zh\uff09", "\uff08<https://example.org/zh>\uff09"),
        ("https://example.org/v1\uff08英語\uff09", "<https://example.org/v1>\uff08英語\uff09"),
        ("「https://example.org」\uff1ahttps://example.org/b\uff1b", "「<https://example.org>」\uff1a<https://example.org/b>\uff1b"),
        ("『https://example.org/_c_』", "『<https://example.org/_c_>』"),
        ("【https://example.org/w_(x)】\uff0chttps://example.org/d、", "【<https://example.org/w_(x)>】\uff0c<https://example.org/d>、"),
        ("https://example.org/a؟ https://example.org/b، c", "<https://example.org/a>؟ <https://example.org/b>، c"),
        ("https://example.org/c।", "<https://example.org/c>।"),
        ("｢https://example.org/a｣｡ \uff3bhttps://example.org/ü\uff3d", "｢<https://example.org/a>｣｡ \uff3b<https://example.org/ü>\uff3d"),
        ("https://example.org/a\u3000https://example.org/b\uff01", "<https://example.org/a>\u3000<https://example.org/b>\uff01"),
        ("见https://example.org/a。", "见<https://example.org/a>。"),
        ("git+https://example.org/a", "git+<https://example.org/a>"),
        ("http://localhost:8008, HTTP://example.org", "<http://localhost:8008>, <HTTP://example.org>"),
        ("'https://example.org/a'", "'<https://example.org/a>'"),
        ("“https://example.org/a”", "“<https://example.org/a>”"),
        ("mailto:anna@example.org?subject=tea.", "<mailto:anna@example.org?subject=tea>."),
        ("xmpp:tea@chat.example.org?join;", "<xmpp:tea@chat.example.org?join>;"),
        ("matrix:r/tea:example.org?action=join.", "<matrix:r/tea:example.org?action=join>."),
        ("(matrix:u/anna:example.org)", "(<matrix:u/anna:example.org>)"),
        ("matrix:roomid/abc:example.org/e/ev?via=a.org", "<matrix:roomid/abc:example.org/e/ev?via=a.org>"),
        (r"| https://example.org/a\|b |" + "\n| - |",
         r"| [https://example.org/a\|b](https://example.org/a\|b) |" + "\n| - |"),
        ("https://example.org/?a&amp;copy;=b",
         r"[https://example.org/?a\&copy;=b](<https://example.org/?a&amp;copy;=b>)"),
    ],
)  # fmt: skip
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
        "//example.org example.org a.b.c 1.2.3",
        "https:// and http:/x",
    ],
)
def test_what_is_no_bare_url_in_running_text_stays(written: str) -> None:
    assert mended(f"text\n\n{written}") == f"text\n\n{written}"


@pytest.mark.parametrize(
    ("written", "stands"),
    [
        ("www.example.org", "[www.example.org](https://www.example.org)"),
        ("(www.example.org/a.)", "([www.example.org/a](https://www.example.org/a).)"),
        ("www.example.org/a_(b)", r"[www.example.org/a\_(b)](<https://www.example.org/a_(b)>)"),
        ("WWW.example.org:8080?a#b", "[WWW.example.org:8080?a#b](https://WWW.example.org:8080?a#b)"),
        ("*www.müller.example*", "*[www.müller.example](https://www.müller.example)*"),
        ("anna@example.org", "<anna@example.org>"),
        ("(anna.b+c@a.example.org)!", "(<anna.b+c@a.example.org>)!"),
        ("_anna@example.org_: hello", "_<anna@example.org>_: hello"),
        ("E-Mail:anna@example.org.", "E-Mail:<anna@example.org>."),
    ],
)
def test_names_of_sites_and_mail_addresses_become_links(written: str, stands: str) -> None:
    assert mended(f"text {written} text") == f"text {stands} text"


@pytest.mark.parametrize(
    ("written", "stands"),
    [
        ("#news:example.org", "[#news:example.org](https://matrix.to/#/#news:example.org)"),
        ("@anna:example.org", "[@anna:example.org](https://matrix.to/#/@anna:example.org)"),
        ("#news:example.org:8448", "[#news:example.org:8448](https://matrix.to/#/#news:example.org:8448)"),
        ("@Anna.B=c/d+e-f_g:a-b.example.org",
         "[@Anna.B=c/d+e-f_g:a-b.example.org](https://matrix.to/#/@Anna.B=c%2Fd+e-f_g:a-b.example.org)"),
        ("#_irc_#tea:example.org", r"[#\_irc\_#tea:example.org](https://matrix.to/#/#_irc_#tea:example.org)"),
        ("#茶:example.org", "[#茶:example.org](https://matrix.to/#/#%E8%8C%B6:example.org)"),
        ("#🫖:example.org", "[#🫖:example.org](https://matrix.to/#/#%F0%9F%AB%96:example.org)"),
        ("#tea:xn--r8jz45g.xn--zckzah", "[#tea:xn--r8jz45g.xn--zckzah](https://matrix.to/#/#tea:xn--r8jz45g.xn--zckzah)"),
        ("(#news:example.org).", "([#news:example.org](https://matrix.to/#/#news:example.org))."),
        ("#news:example.org:", "[#news:example.org](https://matrix.to/#/#news:example.org):"),
        ("@anna:example.org's", "[@anna:example.org](https://matrix.to/#/@anna:example.org)'s"),
        ("*#news:example.org*", "*[#news:example.org](https://matrix.to/#/#news:example.org)*"),
        ("_@anna:example.org_", "_[@anna:example.org](https://matrix.to/#/@anna:example.org)_"),
        ("~~#news:example.org~~", "~~[#news:example.org](https://matrix.to/#/#news:example.org)~~"),
        (r"#my\_news:example.org", "[#my_news:example.org](https://matrix.to/#/#my_news:example.org)"),
        ("<b>#news:example.org</b>", "<b>[#news:example.org](https://matrix.to/#/#news:example.org)</b>"),
        ("[#news:example.org]", "[[#news:example.org](https://matrix.to/#/#news:example.org)]"),
    ],
)  # fmt: skip
def test_rooms_and_people_become_links_to_matrix_to(written: str, stands: str) -> None:
    assert mended(f"text {written} text") == f"text {stands} text"


@pytest.mark.parametrize(
    "written",
    [
        "foo#bar:example.org mail@a:example.org",
        "#123: this, #123:example.org, see #a: b",
        "#news:localhost #news:1.2.3.4 #news:[::1] #news:example.1",
        "@anna:example @anna @anna: hello @room",
        "#news:example.org/$event /#/#news:example.org ?#news:example.org",
        "#a)b:example.org #a,b:example.org #a(b:example.org",
        r"\#news:example.org \@anna:example.org anna\@example.org www\.example.org https:\//example.org",
        '`#news:example.org` [@anna:example.org](/x) <b title="#news:example.org">x</b>',
        f"#{'x' * 250}:example.org",
        "www. www.x awww www.example",
        "@anna:ex_ample.org",
    ],
)
def test_what_looks_a_little_like_an_address_stays(written: str) -> None:
    assert mended(f"text {written} text") == f"text {written} text"


@pytest.mark.parametrize(
    ("written", "stands"),
    [
        ("(text)[https://example.org/a]", "[text](https://example.org/a)"),
        ("(https://example.org/a)[text]", "[text](https://example.org/a)"),
        ("(*my* `text`)[https://example.org]", "(*my* `text`)\\[<https://example.org>]"),
        ("(*my* text)[https://example.org/a_(b)]", "[*my* text](<https://example.org/a_(b)>)"),
        ("f(x)[0] and (a)[b]", "f(x)\\[0] and (a)\\[b]"),
        ("[a](/b)[c] (`a`)[b]", "[a](/b)[c] (`a`)\\[b]"),
        ("(a)[b](/c) (a)[^1] `(a)[b]` (a) [b]", "(a)[b](/c) (a)\\[\\^1] `(a)[b]` (a) [b]"),
    ],
)
def test_links_with_mixed_up_brackets_are_put_right(written: str, stands: str) -> None:
    assert mended(f"text {written} text") == f"text {stands} text"


@pytest.mark.parametrize(
    ("written", "stands"),
    [
        ("https://{server}/_matrix", "https:\\//{server}/_matrix"),
        ("https://[::1]/a", "https:\\//[::1]/a"),
        ("@anna@social.example.org", "@anna\\@social.example.org"),
        ("git@example.org:tea/pot.git", "git\\@example.org:tea/pot.git"),
        ("root@example.org/tmp", "root\\@example.org/tmp"),
        ("x.www.example.org", "x.www\\.example.org"),
    ],
)
def test_what_the_linter_takes_for_an_address_is_escaped(written: str, stands: str) -> None:
    assert mended(f"text {written} text") == f"text {stands} text"


def test_an_address_that_would_change_another_link_is_left_alone() -> None:
    source = "https://example.org/a [b](/b)\n\ntea <!tea https://example.org/c [d](/d) #news:example.org"
    assert linked(source) == Linked(
        text="<https://example.org/a> [b](/b)\n\ntea <!tea https://example.org/c [d](/d) "
        "[#news:example.org](https://matrix.to/#/#news:example.org)",
        made=("https://example.org/a", "https://matrix.to/#/#news:example.org"),
        left=("https://example.org/c",),
    )


def test_files_on_ftp_servers_become_links_that_are_told() -> None:
    result = mend(("ftps://example.org/a",), UNDER_DEPARTMENT)
    assert result.text == "<ftps://example.org/a>"
    assert result.notes == ("a link leads to ftps://example.org/a, which browsers can't follow from the site.",)


@pytest.mark.parametrize("unit", ["https://a.example/(", "a@a.example ", "www.a.example "])
def test_thousands_of_addresses_are_left_as_plain_text(unit: str) -> None:
    """To look at each would cost a walk through all of the text."""
    with pytest.raises(UntrustedStructure, match="too many addresses"):
        linked(unit * 1500)
