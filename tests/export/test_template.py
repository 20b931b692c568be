"""An operator's own templates: what they are given, and what is told when they are wrong."""

import re
from dataclasses import fields
from pathlib import Path

import pytest

from tests.export.making import contents, entry, media
from twimbot.config import Post
from twimbot.errors import ConfigurationError
from twimbot.export.context import Context, Group, Said, Section, Video
from twimbot.export.post import render, render_entry
from twimbot.export.template import check_templates

CONTRACT = Path(__file__).parents[2] / "docs" / "template.md"


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


def test_one_that_was_changed_counts_at_once(tmp_path: Path) -> None:
    assert rendered(tmp_path, "{{ publication.title }}") == "Teatime News"
    assert rendered(tmp_path, "{{ publication.key }}") == "twim"


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


def test_the_contract_is_written_down_name_by_name() -> None:
    tables = CONTRACT.read_text(encoding="utf-8").split("| name | holds |\n|---|---|\n")[1:]
    written = [re.findall(r"^\| `(\w+)` \|", table.split("\n\n")[0], re.MULTILINE) for table in tables]
    given = [[field.name for field in fields(kind)] for kind in (Context, Section, Group, Said, Video)]
    assert written == given


def test_its_macro_draws_what_show_shows(tmp_path: Path) -> None:
    file = tmp_path / "post.md.j2"
    file.write_text("{% macro group(group) %}{{ group.title }}: {{ group.entries[0].verb }}{% endmacro %}{{ edition }}")
    settings = Post(template=file, verbs=("sings",))
    alone = entry(1, "News", department="bots", project="robot")
    assert render_entry(contents(alone, settings=settings), alone) == "Robot: sings\n"


def test_without_a_macro_the_packaged_one_draws_it(tmp_path: Path) -> None:
    file = tmp_path / "post.md.j2"
    file.write_text("{{ edition }}")
    alone = entry(1, "News", department="bots", project="robot")
    shown = render_entry(contents(alone, settings=Post(template=file)), alone)
    assert shown == render_entry(contents(alone), alone)


def test_a_video_is_shown_by_its_own_template(tmp_path: Path) -> None:
    file = tmp_path / "video.html.j2"
    file.write_text('<our-video src="{{ url }}"\n\n  kind="{{ type }}">{{ description }}</our-video>\n')
    settings = Post(video_template=file)
    video = media(1, kind="m.video", alt='Tea & "more"', file_name="Pic1.webm")
    shown = render_entry(contents(settings=settings), entry(1, "News", department="bots", media=(video,)))
    assert shown.splitlines()[2:] == [
        "> News",
        ">",
        '> <our-video src="/blog/img/Pic1.webm"',
        '>   kind="video/webm">Tea &amp; &#34;more&#34;</our-video>',
    ]


@pytest.mark.parametrize("name", ["template", "video_template"])
def test_both_are_read_before_they_are_needed(tmp_path: Path, name: str) -> None:
    file = tmp_path / "broken.j2"
    file.write_text("{% for %}")
    with pytest.raises(ConfigurationError, match=r"broken\.j2:1: the template can't be read"):
        check_templates(Post.model_validate({name: file}))


def test_a_link_that_a_template_loses_is_told(tmp_path: Path) -> None:
    file = tmp_path / "post.md.j2"
    file.write_text("{% for each in sections[0].groups[0].entries %}{{ each.quote[:20] }}{% endfor %}")
    linked = entry(1, "See [the pond](https://example.org/pond) and <https://example.org/>.", department="bots")
    told = render(contents(linked, settings=Post(template=file))).notes
    assert {note for note in told if "link" in note} == {
        "A link to https://example.org/pond is lost or changed in the post; look at its template.",
        "A link to https://example.org/ is lost or changed in the post; look at its template.",
    }
    assert not any("is lost" in note for note in render(contents(linked)).notes)
