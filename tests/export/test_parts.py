"""The parts of a post: where they are, and what they show."""

import pytest

from twimbot.export.parts import parts
from twimbot.export.prose import prose, shown

POST = "## a_b\n\ntext\n\n> c\n> - d\nlazy\n\n- e\n\n```\nf\n```\n"


def test_what_stands_in_no_quote_and_no_list_is_a_part() -> None:
    found = [(part.kind, part.first, part.last, part.level) for part in parts(POST, above=10)]
    assert found == [
        ("heading_open", 11, 11, 2),
        ("paragraph_open", 13, 13, 0),
        ("blockquote_open", 15, 17, 0),
        ("bullet_list_open", 19, 20, 0),
        ("fence", 21, 23, 0),
    ]


def test_a_part_gives_its_source_and_a_quote_what_is_in_it() -> None:
    quote = list(parts(POST))[2]
    assert quote.source(POST.split("\n")) == "> c\n> - d\nlazy"
    assert quote.quoted(POST.split("\n")) == "c\n- d\nlazy"


@pytest.mark.parametrize(("quote", "text"), [(">", ""), ("> > >", "> >"), ("> a\n>", "a\n"), (">\n> a", "\na")])
def test_the_blank_line_behind_a_quote_is_not_in_it(quote: str, text: str) -> None:
    (part, _) = parts(f"{quote}\n\na\n")
    assert part.quoted(f"{quote}\n\na\n".split("\n")) == text


@pytest.mark.parametrize("inside", ["> " * 200 + "a", "> " + "- " * 200 + "a", "> " + "*a " * 2000])
def test_what_can_not_be_read_in_a_quote_leaves_the_rest_readable(inside: str) -> None:
    kinds = [part.kind for part in parts(f"## a\n\n{inside}\n\n## b\n")]
    assert kinds == ["heading_open", "blockquote_open", "heading_open"]


def test_a_heading_with_too_many_marks_is_left_unread() -> None:
    (part,) = parts(f"## {'*a ' * 2000}\n")
    assert part.inline is None


@pytest.mark.parametrize(
    ("source", "text"),
    [
        ("a_b_c", "a_b_c"),
        ("5 * 4", "5 * 4"),
        ("**a** _b_ ~~c~~ d~", "a b c d~"),
        ("***a* b**", "a b"),
        ("\\*a\\* &amp; `b_`", "*a* & b_"),
        ("[a_b](https://example.org/c_d)", "a_b"),
        ("![a](b) <b>c</b>", " c"),
    ],
)
def test_what_a_text_shows(source: str, text: str) -> None:
    (part,) = parts(source)
    assert part.inline is not None
    assert shown(part.inline) == text


def test_prose_leaves_out_what_nobody_reads() -> None:
    (part,) = parts("a https://example.org/b c")
    assert part.inline is not None
    assert (prose(part.inline), shown(part.inline)) == ("a  c", "a https://example.org/b c")
