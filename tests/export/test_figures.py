"""Pictures that a shortcode shows, in all ways to call it, and calls that show something else."""

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.export.writing import HOSTILE
from twimbot.export.figures import with_markdown_pictures


@pytest.mark.parametrize(
    ("call", "picture"),
    [
        ('{{ figure(img="/a.png") }}', "![](/a.png)"),
        ('{{figure(img="/a.png",caption="A pear",alt="")}}', "![A pear](/a.png)"),
        ('{{ figure(img="/a.png" caption="Our pear" alt="A pear") }}', "![A pear](/a.png)"),
        ("{{ figure(alt='A \"pear\"', img=`/a.png`) }}", '![A "pear"](/a.png)'),
        ('{{ figure(\n\n  img="/a.png",\n\n  caption="A\npear"\n\n) }}', "![A pear](/a.png)"),
        ('{{ figure (img = "/a.png" , width=300, zoom = true, sizes=[1, 2]) }}', "![](/a.png)"),
        ('{{ image(src="https://example.org/a") }}', "![](https://example.org/a)"),
        ('{{ pear(file="/c.AVIF?d#e") }}', "![](/c.AVIF?d#e)"),
        ('{{ pear(path="/a.webp", class="wide", legend="A ripe pear") }}', "![A ripe pear](/a.webp)"),
        ('{{ figure(img="/a_(b).png", alt="[x] *y* {{ z }}") }}', "![\\[x\\] \\*y\\* {\\{ z }}](</a_(b).png>)"),
        ('{% figure(img="/a.png") %}A pear{% end %}', "![A pear](/a.png)"),
        ('{% figure(img="/a.png", alt="Ours") %}\nA pear\n{%end%}', "![Ours](/a.png)"),
        ('`{{ figure(img="/a.png") }}`', "`![](/a.png)`"),
    ],
)
def test_a_picture_is_read_as_markdowns(call: str, picture: str) -> None:
    assert with_markdown_pictures(f"> a {call} b\n") == f"> a {picture} b\n"


@pytest.mark.parametrize(
    "call",
    [
        '{{ youtube_player(video_id="abcdefghijk") }}',
        '{{ video(src="/a.mp4") }}',
        "{{ figure() }}",
        '{{ figure(img="") }}',
        '{{/* figure(img="/a.png") */}}',
        '{{ figure(img="/a.png) }}',
        "{{ figure(img=/a.png) }}",
        '{% details(summary="See pear.png") %}a{% end %}',
        '{% figure(img="/a.png") %} no end',
    ],
)
def test_what_shows_no_picture_stays(call: str) -> None:
    assert with_markdown_pictures(call) == call


def test_lines_keep_their_numbers_within_their_quote() -> None:
    called = '> a\n>\n> {{ figure(\n\n     img="/b.png",\n     alt="b"\n) }}\n>\n> c\n'
    assert with_markdown_pictures(called) == "> a\n>\n> ![b](/b.png)\n>\n> c\n"
    assert with_markdown_pictures(called, keeps_lines=True) == "> a\n>\n> ![b](/b.png)\n>\n>\n>\n>\n>\n> c\n"


@given(
    st.lists(st.sampled_from(["{{ a(", "src=", '"', "'", "/b.png", ") }}", "{% a(", ") %}", "{% end %}", "\n", ","]))
)
def test_any_text_can_be_read(pieces: list[str]) -> None:
    text = "".join(pieces)
    assert with_markdown_pictures(text, keeps_lines=True).count("\n") == text.count("\n")


@given(HOSTILE)
def test_whatever_somebody_writes_can_be_read(text: str) -> None:
    assert with_markdown_pictures(text, keeps_lines=True).count("\n") == text.count("\n")


@pytest.mark.parametrize(
    "piece", ["{{ a(", '{{ a(b="', "{{ a(b=`c` ", "{% a(b='c') %}", "{{ a(b=[", "{{ a( , , ", "{% a(b='"]
)
def test_a_large_text_takes_no_more_than_moments(piece: str) -> None:
    began = time.process_time()
    with_markdown_pictures((piece * 32768)[:32768])
    assert time.process_time() - began < 2
