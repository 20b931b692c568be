"""What of a post is spelt: shortcodes are not, and braces without end hide nothing."""

import pytest

from twimbot.lint.post import Post
from twimbot.lint.words import LONGEST_CALL, prose_only


@pytest.mark.parametrize(
    ("text", "is_spelt"),
    [
        ('{{ youtube(id="tower") }}', False),
        ("{% tower() %}", False),
        ("{{" + " " * LONGEST_CALL + "tower }}", True),
        ("{{ tower", True),
    ],
)
def test_shortcodes_of_a_sensible_length_are_no_prose(text: str, *, is_spelt: bool) -> None:
    assert ("tower" in prose_only(Post.read(f"{text}\n"))) is is_spelt
