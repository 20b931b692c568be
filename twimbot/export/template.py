"""The templates of a post and of what is shown in it, packaged or the operator's own, and filling them.

They are Jinja2 templates, filled in a sandbox (docs/template.md). A name that does not exist is an error, not an empty
text; a line that has nothing but a tag leaves no line.
"""

from collections.abc import Callable, Iterator
from dataclasses import fields
from functools import lru_cache
from importlib import resources
from pathlib import Path
from typing import TypeVar

from jinja2 import StrictUndefined, Template, TemplateError, TemplateSyntaxError
from jinja2.sandbox import SandboxedEnvironment

from twimbot.config import Post as Settings
from twimbot.errors import ConfigurationError
from twimbot.export.context import Context, Group, Image, Video
from twimbot.export.figures import as_text_of_jinja, on_one_line, unread_call

Result = TypeVar("Result")

POST = "zola.md.j2"
IMAGE = "image.md.j2"
VIDEO = "video.html.j2"

SOME_IMAGE = Image("/img/some.png", "A picture", "![A picture](/img/some.png)")
SOME_VIDEO = Video("/img/some.mp4", "video/mp4", "A video")
"""What an operator's templates are tried with before there is anything to show."""

MOST_TEMPLATES = 24
"""How many compiled templates are kept: a publication has three of its own at most."""


def fill(template: Path | None, context: Context) -> str:
    """Return the filled template of a post; ConfigurationError where the operator's can't be read or used."""
    parsed = _parsed(template, POST)
    return _carefully(template, lambda: parsed.render(_names(context)))


def fill_group(template: Path | None, context: Context, group: Group) -> str:
    """Return one group as the template's macro `group` draws it; the packaged one's where the operator's has none.

    Raises ConfigurationError as `fill` does.
    """
    names = _names(context)
    parsed = _parsed(template, POST)
    module = _carefully(template, lambda: parsed.make_module(names))
    if not hasattr(module, "group"):
        module = _parsed(None, POST).make_module(names)
    draw = module.__dict__["group"]
    return _carefully(template, lambda: str(draw(group)))


def fill_image(template: Path | None, image: Image) -> str:
    """Return the Markdown, HTML or shortcode that shows a picture, without blank lines.

    Nothing is escaped, as nothing has to be. Raises ConfigurationError as `fill` does.
    """
    return _embedded(template, IMAGE, image)


def fill_video(template: Path | None, video: Video) -> str:
    """Return the HTML or shortcode that shows a video, without blank lines, which would end it in Markdown.

    Values are escaped for HTML. Raises ConfigurationError as `fill` does.
    """
    return _embedded(template, VIDEO, video)


def _embedded(template: Path | None, packaged: str, shown: Image | Video) -> str:
    parsed = _parsed(template, packaged)
    filled = _carefully(template, lambda: parsed.render(_names(shown)))
    return on_one_line("\n".join(line.rstrip() for line in filled.splitlines() if line.strip()))


def check_templates(settings: Settings) -> None:
    """Raise ConfigurationError with all that is wrong with an operator's templates, before there is anything to fill.

    The post's is read; those of pictures and videos are tried.
    """
    mistakes = [*_mistakes(settings)]
    if mistakes:
        raise ConfigurationError(*mistakes)


def _mistakes(settings: Settings) -> Iterator[str]:
    for template, packaged, shown in (
        (settings.template, POST, None),
        (settings.image_template, IMAGE, SOME_IMAGE),
        (settings.video_template, VIDEO, SOME_VIDEO),
    ):
        try:
            if template and shown:
                yield from _mistakes_in(template, shown, _embedded(template, packaged, shown))
            elif template:
                _parsed(template, packaged)
        except ConfigurationError as error:
            yield from error.mistakes


def _mistakes_in(template: Path, shown: Image | Video, filled: str) -> Iterator[str]:
    if call := unread_call(filled):
        yield f"{template}: Zola can't read the shortcode that the template makes: {call}"
    if shown.url not in filled:
        yield f"{template}: what the template makes shows nothing; it has to use url"


def _names(context: Context | Image | Video) -> dict[str, object]:
    return {field.name: getattr(context, field.name) for field in fields(context)}


def _carefully(template: Path | None, use: Callable[[], Result]) -> Result:
    try:
        return use()
    except (TemplateError, ArithmeticError, AttributeError, LookupError, TypeError, ValueError) as error:
        raise ConfigurationError(f"{template}: the template can't be filled: {error}") from error


def _parsed(template: Path | None, packaged: str) -> Template:
    return _compiled(_source(template, packaged), template, packaged)


@lru_cache(maxsize=MOST_TEMPLATES)
def _compiled(source: str, template: Path | None, packaged: str) -> Template:
    """Return a template, which is compiled again only where its file has changed."""
    environment = SandboxedEnvironment(
        undefined=StrictUndefined,
        autoescape=packaged == VIDEO,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    try:
        return environment.from_string(source if packaged == POST else as_text_of_jinja(source))
    except TemplateSyntaxError as error:
        raise ConfigurationError(f"{template}:{error.lineno}: the template can't be read: {error.message}") from error


def _source(template: Path | None, packaged: str) -> str:
    if template is None:
        return resources.files("twimbot.export").joinpath("templates", packaged).read_text(encoding="utf-8")
    try:
        return template.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigurationError(f"{template}: the template can't be read: {error}") from error
