"""Pictures and videos: their names in the tree, their lines in the post, and what an editor is told."""

import pytest

from tests.export.making import contents, entry, media
from twimbot.export.post import render, render_entry
from twimbot.model.entry import Media, MediaState


def lines(*pictures: Media, text: str = "News") -> list[str]:
    """Return the quoted lines of an entry with these pictures."""
    return render_entry(contents(), entry(1, text, department="clients", media=pictures)).splitlines()[2:]


def test_pictures_follow_the_text_each_after_a_blank_line() -> None:
    assert lines(media(1), media(2), text="- a list\n- of news") == [
        "> - a list",
        "> - of news",
        ">",
        "> ![Picture 1](/blog/img/Pic1.png)",
        ">",
        "> ![Picture 2](/blog/img/Pic2.png)",
    ]


def test_an_entry_may_be_nothing_but_a_picture() -> None:
    assert lines(media(1), text="") == ["> ![Picture 1](/blog/img/Pic1.png)"]


@pytest.mark.parametrize(
    ("alt", "stands"),
    [("a [b](c) *d*", r"a \[b\](c) \*d\*"), ("two\nlines", "two lines"), ("{{x}}", r"{\{x}}"), ("a_b_", r"a_b\_")],
)
def test_alternative_texts_are_escaped(alt: str, stands: str) -> None:
    assert lines(media(1, alt=alt))[-1] == f"> ![{stands}](/blog/img/Pic1.png)"


def test_a_videos_line_is_a_link() -> None:
    video = media(1, kind="m.video", file_name="Pic1.mp4")
    assert lines(video)[-1] == "> [Picture 1](/blog/img/Pic1.mp4)"
    assert lines(media(1, kind="m.video", alt=""))[-1] == "> [Video](/blog/img/Pic1.png)"


@pytest.mark.parametrize(
    ("state", "reason", "line", "note"),
    [
        (MediaState.FAILED, "not found", "> TODO: a picture is missing here (not found): Picture 1", "not found"),
        (MediaState.FAILED, None, "> TODO: a picture is missing here: Picture 1", "it could not be fetched"),
        (MediaState.WANTED, None, "> TODO: a picture is missing here: Picture 1", "it is still being fetched"),
    ],
)
def test_a_missing_picture_is_seen_and_told(state: MediaState, reason: str | None, line: str, note: str) -> None:
    missing = media(1, state=state, reason=reason, file_name=None)
    assert lines(missing)[-1] == line
    post = render(contents(entry(1, "News", department="clients", media=(missing,))))
    assert post.pictures == ()
    assert f"Entry 1: a picture is missing: {note}." in post.notes


def test_missing_alternative_texts_are_told() -> None:
    one = entry(1, "News", department="clients", media=(media(1, alt=""),))
    two = entry(2, "News", department="clients", media=(media(2, alt=" "), media(3, alt=""), media(4)))
    told = [note for note in render(contents(one, two)).notes if "alternative" in note]
    assert told == ["Entry 1: a picture has no alternative text.", "Entry 2: 2 pictures have no alternative text."]


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
        "> ![Picture 1](/blog/img/Pic.png)",
        "> ![Picture 2](/blog/img/Pic-2.png)",
        "> ![Picture 3](/blog/img/piC-3.png)",
        "> ![Picture 4](/blog/img/Pic.png)",
    ]


def test_a_file_name_leads_nowhere_else() -> None:
    post = render(contents(entry(1, "News", department="clients", media=(media(1, file_name="../../a (b).png"),))))
    assert [picture.path.as_posix() for picture in post.pictures] == ["static/blog/img/a (b).png"]
    assert "](/blog/img/a%20%28b%29.png)" in post.text
