"""The live video: which URLs are YouTube's, and what becomes of the others."""

import pytest

from twimbot.export.live import LiveSection, live_section
from twimbot.model.entry import LiveVideo

PLAYER = '{{youtube_player(video_id="abcdefghijk")}}'


@pytest.mark.parametrize(
    "url",
    [
        "https://www.youtube.com/watch?v=abcdefghijk",
        "https://youtube.com/watch?t=5&v=abcdefghijk",
        "http://m.youtube.com/watch/?v=abcdefghijk#t=3",
        "https://youtu.be/abcdefghijk?si=x",
        "https://www.youtube.com/embed/abcdefghijk",
        "https://www.youtube-nocookie.com/embed/abcdefghijk/",
        "https://www.youtube.com/shorts/abcdefghijk",
        " HTTPS://WWW.YOUTUBE.COM/live/abcdefghijk?feature=share ",
    ],
)
def test_youtubes_urls_become_the_player(url: str) -> None:
    assert live_section(LiveVideo(url, "")) == LiveSection("", PLAYER)


@pytest.mark.parametrize(
    ("url", "line"),
    [
        ("https://video.example.org/w/1", "<https://video.example.org/w/1>"),
        ("https://www.youtube.com/@anna", "<https://www.youtube.com/@anna>"),
        ("https://youtu.be/tooshort", "<https://youtu.be/tooshort>"),
        ('https://youtu.be/abcdefghijk")}}', "<https://youtu.be/abcdefghijk%22)%7D%7D>"),
        (
            "https://youtube.com.example.org/watch?v=abcdefghijk",
            "<https://youtube.com.example.org/watch?v=abcdefghijk>",
        ),
        ("https://[broken/{{x}}> y", "<https://[broken/%7B%7Bx%7D%7D%3E%20y>"),
    ],
)
def test_other_web_addresses_become_links(url: str, line: str) -> None:
    assert live_section(LiveVideo(url, "")) == LiveSection("", line)


@pytest.mark.parametrize("url", ["", "javascript:alert(1)", "youtube", "ftp://example.org/a"])
def test_anything_else_is_left_out(url: str) -> None:
    assert live_section(LiveVideo(url, "Title")) is None


def test_a_title_stays_on_its_line_and_opens_no_shortcode() -> None:
    section = live_section(LiveVideo("https://youtu.be/abcdefghijk", "S1\n## E2 {{x}}"))
    assert section == LiveSection("S1 ## E2 {\\{x}}", PLAYER)
