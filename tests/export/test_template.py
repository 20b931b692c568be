"""An operator's own template: what it is given, and what it is told when it is wrong."""

from pathlib import Path

import pytest

from tests.export.making import contents, entry
from twimbot.config import Post
from twimbot.errors import ConfigurationError
from twimbot.export.post import render


def rendered(folder: Path, template: str) -> str:
    """Return an edition as a template shows it."""
    file = folder / "post.md.j2"
    file.write_text(template, encoding="utf-8")
    return render(contents(entry(1, "News", department="bots"), settings=Post(template=file))).text


def test_it_is_used_in_place_of_the_packaged_one(tmp_path: Path) -> None:
    template = """{{ publication.title }} {{ edition }}
{% for section in sections %}
{% for entry in section.groups[0].entries %}
{{ section.title }}: {{ entry.number }} {{ entry.quote }} & {{ section.is_lead }}
{% endfor %}
{% endfor %}
"""
    assert rendered(tmp_path, template) == "Teatime News 2026-02-06\nDept of Bots 🤖: 1 > News & True\n"


@pytest.mark.parametrize(
    ("template", "sentence"),
    [
        ("a\n{% for %}", r"post\.md\.j2:2: the template can't be read: "),
        ("{{ sections[0].nothing }}", r"post\.md\.j2: the template can't be filled: .*nothing"),
        ("{{ unknown }}", r"post\.md\.j2: the template can't be filled: 'unknown' is undefined"),
        ("{{ 1 / 0 }}", r"post\.md\.j2: the template can't be filled: division"),
        ("{{ ''.__class__.__mro__ }}", r"post\.md\.j2: the template can't be filled: .*unsafe"),
    ],
)
def test_its_mistakes_are_told(tmp_path: Path, template: str, sentence: str) -> None:
    with pytest.raises(ConfigurationError, match=sentence):
        rendered(tmp_path, template)


def test_a_file_that_is_gone_is_told(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match=r"gone\.j2: the template can't be read"):
        render(contents(entry(1, "News"), settings=Post(template=tmp_path / "gone.j2")))
