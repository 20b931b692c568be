"""An operator's own templates: what they are given, and what is told when they are wrong."""

import re
from dataclasses import fields
from pathlib import Path

import pytest

from tests.export.making import contents, entry, media
from twimbot.config import Post
from twimbot.errors import ConfigurationError
from twimbot.export.context import Context, Group, Image, Said, Section, Video
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
    given = [[field.name for field in fields(kind)] for kind in (Context, Section, Group, Said, Image, Video)]
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


FIGURE = '{{ figure(img="{{ url }}", caption="{{ description }}", alt="{{ description }}") }}'


def shown_by(folder: Path, template: str, alt: str, kind: str = "m.image") -> list[str]:
    """Return the lines that stand for a picture or video in an entry, as a template makes them."""
    file = folder / "media.j2"
    file.write_text(template, encoding="utf-8")
    settings = Post(image_template=file) if kind == "m.image" else Post(video_template=file)
    picture = media(1, kind=kind, alt=alt)
    return render_entry(contents(settings=settings), entry(1, "", department="bots", media=(picture,))).splitlines()[2:]


@pytest.mark.parametrize(
    ("alt", "stands"),
    [
        ("A kettle", "A kettle"),
        ("", ""),
        ('Ada\'s "new" `kettle`', "Ada\u2019s \u201cnew\u201d kettle"),
        ('"Tea" ("hot")', "\u201cTea\u201d (\u201chot\u201d)"),
        ("a\nb\t c", "a b c"),
        ("}} {{ x() }} {% end %}", "} } { { x() } } { % end % }"),
        ("{{{ @@ZOLA_SC_PLACEHOLDER@@", "{ { { @ @ZOLA_SC_PLACEHOLDER@@"),
        ("<script>x</script> 1 < 2", "\u2039script>x\u2039/script> 1 < 2"),
        ("&amp;lt;b> & co", "& lt;b> & co"),
        (r"\[x](javascript:y) [a][b]", "[x] (javascript:y) [a] [b]"),
        ("a\\", "a\\"),
        ("\u202ea", "a"),
    ],
)
def test_a_picture_is_shown_by_its_own_template_and_its_description_ends_nothing(
    tmp_path: Path, alt: str, stands: str
) -> None:
    assert shown_by(tmp_path, FIGURE, alt) == [
        f'> {{{{ figure(img="/blog/img/Pic1.png", caption="{stands}", alt="{stands}") }}}}'
    ]
    assert shown_by(tmp_path, '<img src="{{ url }}" alt="{{ description }}">', alt) == [
        f'> <img src="/blog/img/Pic1.png" alt="{stands}">'
    ]


@pytest.mark.parametrize(
    ("template", "lines"),
    [
        ("[{{ markdown }}]({{ url }})\n", [r"> [![A \*kettle\*](/blog/img/Pic1.png)](/blog/img/Pic1.png)"]),
        (
            '{{ "{{" }} figure(img="{{ url }}") {{ "}}" }}',
            ['> {{ figure(img="/blog/img/Pic1.png") }}'],
        ),
        (
            '{{figure(img="{{ url }}" alt="{{ description }}")}}',
            ['> {{figure(img="/blog/img/Pic1.png" alt="A *kettle*")}}'],
        ),
        (
            '{% figure(img="{{ url }}") %}{{ description }}{% end %}',
            ['> {% figure(img="/blog/img/Pic1.png") %}A *kettle*{% end %}'],
        ),
        (
            "{% if description %}{{ markdown }}{% else %}{{ figure(img=`{{ url }}`) }}{% endif %}",
            [r"> ![A \*kettle\*](/blog/img/Pic1.png)"],
        ),
        (
            '{{ figure(\n\n  img="{{ url }}",\n  caption="{{ description }}"\n) }}\n',
            ['> {{ figure( img="/blog/img/Pic1.png", caption="A *kettle*" ) }}'],
        ),
        (
            "<figure>\n<img src={{ url }}>\n\n<figcaption>{{ description }}</figcaption>\n</figure>",
            ["> <figure>", "> <img src=/blog/img/Pic1.png>", "> <figcaption>A *kettle*</figcaption>", "> </figure>"],
        ),
        ("{{ markdown }}\n*{{ description | upper }}*", [r"> ![A \*kettle\*](/blog/img/Pic1.png)", "> *A *KETTLE**"]),
    ],
)
def test_a_template_may_show_a_picture_in_any_way(tmp_path: Path, template: str, lines: list[str]) -> None:
    assert shown_by(tmp_path, template, r"A \*kettle\*") == lines


def test_a_videos_description_calls_no_shortcode(tmp_path: Path) -> None:
    (line,) = shown_by(tmp_path, "<b>{{ description }}</b>", "{{ x() }} {% y() %}", "m.video")
    assert line == "> <b>{ { x() } } { % y() % }</b>"


@pytest.mark.parametrize("name", ["image_template", "video_template"])
@pytest.mark.parametrize(
    ("template", "sentence"),
    [
        ("{% for %}{{ url }}", r"broken\.j2:1: the template can't be read"),
        ('{{ figure(img="{{ url }}) }}', r"broken\.j2:1: the template can't be read"),
        ("{{ url }}{{ nothing }}", r"broken\.j2: the template can't be filled: 'nothing' is undefined"),
        ("{{ figure(img=url) }}", r"broken\.j2: the template can't be filled: 'figure' is undefined"),
        ("{{ url.nothing }}", r"broken\.j2: the template can't be filled: .*nothing"),
        (
            '{{ "{{" }} figure(img="{{ url }}) {{ "}}" }}',
            r"broken\.j2: Zola can't read the shortcode that the template makes: \{\{ figure\(img=\"/img",
        ),
        ('{{ "{{" }} figure(img={{ url }}) {{ "}}" }}', r"broken\.j2: Zola can't read the shortcode"),
        ('{{ "{%" }} figure(img="{{ url }}") {{ "%}" }}', r"broken\.j2: Zola can't read the shortcode"),
        ("![x](y.png)", r"broken\.j2: what the template makes shows nothing; it has to use url"),
        ("", r"broken\.j2: what the template makes shows nothing; it has to use url"),
    ],
)
def test_what_is_wrong_with_one_is_told_before_it_is_needed(
    tmp_path: Path, name: str, template: str, sentence: str
) -> None:
    file = tmp_path / "broken.j2"
    file.write_text(template, encoding="utf-8")
    with pytest.raises(ConfigurationError, match=sentence):
        check_templates(Post.model_validate({name: file}))


@pytest.mark.parametrize(
    "template", [FIGURE, "{{ markdown }}", '{{ "{%" }} f(img="{{ url }}") {{ "%}" }}x{{ "{% end %}" }}']
)
def test_a_good_one_is_in_order(tmp_path: Path, template: str) -> None:
    file = tmp_path / "good.j2"
    file.write_text(template, encoding="utf-8")
    check_templates(Post(image_template=file))


def test_all_that_is_wrong_with_several_is_told_at_once(tmp_path: Path) -> None:
    for name in ("post", "image", "video"):
        (tmp_path / f"{name}.j2").write_text("{% for %}", encoding="utf-8")
    settings = Post(
        template=tmp_path / "post.j2", image_template=tmp_path / "image.j2", video_template=tmp_path / "video.j2"
    )
    with pytest.raises(ConfigurationError) as caught:
        check_templates(settings)
    assert [Path(each.split(":")[0]).name for each in caught.value.mistakes] == ["post.j2", "image.j2", "video.j2"]


@pytest.mark.parametrize("name", ["template", "image_template", "video_template"])
def test_each_is_read_before_it_is_needed(tmp_path: Path, name: str) -> None:
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
