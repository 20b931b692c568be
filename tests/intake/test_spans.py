"""Code in Markdown source is left alone."""

import pytest

from twimbot.intake.spans import outside_code


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("a `a` a", "A `a` A"),
        ("``a ` a`` a", "``a ` a`` A"),
        ("`a a", "`A A"),
        ("`a\n\na`", "`A\n\nA`"),
        ("`a\na` a", "`a\na` A"),
        ("\\`a` a", "\\`A` A"),
        ("a\n```\na\n\na\n```\na", "A\n```\na\n\na\n```\nA"),
        ("~~~ a\na\n```\na\n~~~~\na", "~~~ a\na\n```\na\n~~~~\nA"),
        ("- ```\n  a\n  ```\n- a", "- ```\n  a\n  ```\n- A"),
        ("> ```\n> a\n> ```\n> a", "> ```\n> a\n> ```\n> A"),
        ("``` a ``` a", "``` a ``` A"),
        ("```\na", "```\na"),
    ],
)
def test_only_text_is_changed(text: str, expected: str) -> None:
    assert outside_code(text, str.upper) == expected
