"""The front matter of pages: found where Zola finds it, and read as TOML or YAML."""

from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from twimbot.export.frontmatter import UnreadableFrontMatter, front_matter


@pytest.mark.parametrize(
    ("source", "values", "rest"),
    [
        ('+++\ntitle = "Tea"\n+++\n\nText', {"title": "Tea"}, "\nText"),
        ("---\ntitle: Tea\n---\nText", {"title": "Tea"}, "Text"),
        ('\ufeff\n+++\r\ntitle = "Tea"\r\n+++\r\nText', {"title": "Tea"}, "Text"),
        ("+++\n+++", {}, ""),
        ("---\n---\n", {}, ""),
        ("+++\nx = 1\n+++ \n+++\nText", {"x": 1}, "+++\nText"),
        ("---\nx: a --- b\n---\n---\n", {"x": "a --- b"}, "---\n"),
    ],
)
def test_what_stands_above_the_text(source: str, values: dict[str, object], rest: str) -> None:
    found = front_matter(source)
    assert found is not None
    assert (found.values(), source[found.end :]) == (values, rest)


@pytest.mark.parametrize("source", ["", "Text", "Text\n+++\n+++\n", "+++\nx = 1\n", "+++\nx = 1\n---\n", "+++ x\n+++"])
def test_a_page_without_one(source: str) -> None:
    assert front_matter(source) is None


@pytest.mark.parametrize(
    ("source", "line", "reason"),
    [
        ("+++\na = 1\nb = = 2\n+++\n", 3, "no valid TOML: Invalid value"),
        ("\n\n+++\na = [\n+++\n", 4, "no valid TOML: "),
        ("---\na: 1\nb: [\n---\n", 4, "no valid YAML: "),
        ("---\n- a\n---\n", 1, "no mapping of keys"),
        ("---\ndate: 2026-14-01\n---\n", 1, "no valid YAML: month must be in 1..12"),
        ("---\ndraft: !!bool maybe\n---\n", 1, "no valid YAML: 'maybe'"),
        ('---\norder: !!int ""\n---\n', 1, "no valid YAML: string index out of range"),
        ('---\ntitle: "\\UFFFFFFFF"\n---\n', 1, "no valid YAML: Python int too large"),
        (f"---\na: {'[' * 600}\n---\n", 1, "no valid YAML: maximum recursion depth exceeded"),
        (f"+++\na = {'[' * 1000}\n+++\n", 1, "no valid TOML: maximum recursion depth exceeded"),
        (f"+++\na = {'9' * 5000}\n+++\n", 1, "no valid TOML: Exceeds the limit"),
    ],
)
def test_one_that_can_not_be_read_names_its_line(source: str, line: int, reason: str) -> None:
    found = front_matter(source)
    assert found is not None
    with pytest.raises(UnreadableFrontMatter) as caught:
        found.values()
    assert caught.value.line == line
    assert str(caught.value).startswith(reason)


@given(st.sampled_from(["+++", "---"]), st.text(alphabet="ab:='\"[]{}-# \n&*!|>\t1", max_size=40))
def test_anything_else_is_read_or_refused(mark: str, text: str) -> None:
    found = front_matter(f"{mark}\n{text}\n{mark}\n")
    assert found is not None
    with suppress(UnreadableFrontMatter):
        assert isinstance(found.values(), dict)
