"""Pictures and videos: their names in the tree, their lines in the post, and what an editor is told."""

import pytest

from tests.export.making import contents, entry, media
from twimbot.export.post import render, render_entry
from twimbot.model.entry import Media, MediaState, Passage


def lines(*pictures: Media, text: str = "News") -> list[str]:
    """Return the quoted lines of an entry with these pictures."""
    return render_entry(contents(), entry(1, text, department="clients", media=pictures)).splitlines()[2:]


def test_pictures_follow_the_text_each_after_a_blank_line() -> None:
    assert lines(media(1), media(2), text="- a list\n- of news") == [
        "> - a list",
        "> - of news",
        ">",
        "> ![Kettle 1](/blog/img/Pic1.png)",
        ">",
        "> ![Kettle 2](/blog/img/Pic2.png)",
    ]


def test_an_entry_may_be_nothing_but_a_picture() -> None:
    assert lines(media(1), text="") == ["> ![Kettle 1](/blog/img/Pic1.png)"]


@pytest.mark.parametrize(
    ("alt", "stands"),
    [
        ("a [b](c) *d* `e`", "a b d e"),
        ("***a*** [**b** c](/d) ![e *f*](/g) <https://example.org>", "a b c e f https://example.org"),
        (r"\*a\* &amp; 5 * 4 Vec<String>", r"\*a\* & 5 \* 4 Vec\<String>"),
        ("two\n*lines* of my_pot.png", "two lines of my_pot.png"),
        ("two\nlines", "two lines"),
        ("{{x}}", r"{\{x}}"),
        ("a_b_", r"a_b\_"),
    ],
)
def test_alternative_texts_are_escaped(alt: str, stands: str) -> None:
    assert lines(media(1, alt=alt))[-1] == f"> ![{stands}](/blog/img/Pic1.png)"


def test_a_video_is_embedded() -> None:
    video = media(1, kind="m.video", alt="A <kettle>", file_name="Pic1.mp4")
    assert lines(video)[-1] == (
        '> <video controls preload="metadata" aria-label="A &lt;kettle&gt;">'
        '<source src="/blog/img/Pic1.mp4" type="video/mp4"></video>'
    )


def test_a_picture_that_is_on_its_way_is_seen_and_told() -> None:
    waiting = media(1, state=MediaState.WANTED, file_name=None)
    assert lines(waiting)[-1] == "> TODO: a picture is still being fetched: Kettle 1"
    post = render(contents(entry(1, "News", department="clients", media=(waiting,))))
    assert "Entry 1: a picture is missing: it is still being fetched." in post.notes


@pytest.mark.parametrize(("reason", "told"), [("it is cut off", "it is cut off"), (None, "it could not be fetched")])
def test_a_picture_that_can_not_be_had_is_told_and_leaves_no_trace(reason: str | None, told: str) -> None:
    missing = media(1, state=MediaState.FAILED, reason=reason, file_name=None)
    assert lines(missing) == ["> News"]
    post = render(contents(entry(1, "News", department="clients", media=(missing,))))
    assert post.pictures == ()
    assert f"Entry 1: a picture is missing: {told}." in post.notes


def test_texts_and_pictures_stand_in_the_order_sent() -> None:
    several = entry(
        1,
        "It began:\n- like this",
        department="clients",
        passages=(Passage("$b", 30, "Then it went on:"), Passage("$c", 50, "And so on.")),
        media=(media(1, sent_at=20), media(2, sent_at=40)),
    )
    assert render_entry(contents(), several).splitlines()[2:] == [
        "> It began:",
        "> - like this",
        ">",
        "> ![Kettle 1](/blog/img/Pic1.png)",
        ">",
        "> Then it went on:",
        ">",
        "> ![Kettle 2](/blog/img/Pic2.png)",
        ">",
        "> And so on.",
    ]


def test_missing_alternative_texts_are_told_with_what_gives_them() -> None:
    one = entry(1, "News", department="clients", media=(media(1, alt=""),))
    pictures = (media(2, alt=" "), media(3), media(4, alt="", kind="m.video"), media(5, alt=""))
    two = entry(2, "News", department="clients", media=pictures)
    told = [note for note in render(contents(one, two)).notes if "alternative" in note]
    assert told == [
        (
            "Without alternative text: picture 1 of entry 1, picture 1 of entry 2, picture 3 of entry 2; "
            "!twim alt 2026-02-06/N K TEXT gives one to picture K of entry N."
        )
    ]


def test_different_files_of_one_name_never_meet() -> None:
    pictures = (
        media(1, mxc="mxc://a.example.org/Pic", file_name="Pic.png"),
        media(2, mxc="mxc://b.example.org/Pic", file_name="Pic.png"),
        media(3, mxc="mxc://c.example.org/piC", file_name="piC.png"),
        media(4, mxc="mxc://a.example.org/Pic", file_name="Pic.png"),
    )
    post = render(contents(entry(1, "News", department="clients", media=pictures)))
    assert [picture.path.as_posix() for picture in post.pictures] == [
        "static/blog/img/Pic-2.png",
        "static/blog/img/Pic.png",
        "static/blog/img/piC-3.png",
    ]
    assert [line for line in post.text.splitlines() if "![" in line] == [
        "> ![Kettle 1](/blog/img/Pic.png)",
        "> ![Kettle 2](/blog/img/Pic-2.png)",
        "> ![Kettle 3](/blog/img/piC-3.png)",
        "> ![Kettle 4](/blog/img/Pic.png)",
    ]


def test_a_file_name_leads_nowhere_else() -> None:
    post = render(contents(entry(1, "News", department="clients", media=(media(1, file_name="../../a (b).png"),))))
    assert [picture.path.as_posix() for picture in post.pictures] == ["static/blog/img/a (b).png"]
    assert "](/blog/img/a%20%28b%29.png)" in post.text
