"""The template of a post, packaged or the operator's own, and filling it.

A template (Jinja2) is given these names; whatever is text in them is Markdown, fit for its place as it is:

`front_matter`      the TOML between the `+++` lines, with a closing line break
`publication`       `key` and `title`
`edition`           the date of the edition, a `datetime.date`
`live`              None, or `title` (may be empty) and `line`: the player's shortcode, or a link
`sections`          what is not filed yet, then the departments that have entries. Each has `title`; `is_lead`: the
                    `<!-- more -->` mark belongs after it (exactly one has it); `is_todo`; and `groups`:
                    `heading` (None where entries stand under no project), `description` (None: has none) and
                    `entries`, each with `number`, `attribution`, `quote` (its lines, each beginning with `>`)
`pings`             the ranked servers, empty where there are none: `rank`, `hostname`, `milliseconds`
`ping_room`         None, or `name` and `url`
`submissions_room`  `name` and `url`

A name that does not exist is an error, not an empty text; a line that has nothing but a tag leaves no line.
"""

from collections.abc import Mapping
from importlib import resources
from pathlib import Path

from jinja2 import StrictUndefined, Template, TemplateError, TemplateSyntaxError
from jinja2.sandbox import SandboxedEnvironment

from twimbot.errors import ConfigurationError

PACKAGED = "templates/zola.md.j2"


def fill(template: Path | None, context: Mapping[str, object]) -> str:
    """Return the filled template; ConfigurationError where the operator's can't be read or used."""
    try:
        return _parsed(template).render(context)
    except (TemplateError, ArithmeticError, AttributeError, LookupError, TypeError, ValueError) as error:
        raise ConfigurationError(f"{template}: the template can't be filled: {error}") from error


def check_template(template: Path | None) -> None:
    """Raise ConfigurationError where a template can't be read, before there is anything to fill it with."""
    _parsed(template)


def _parsed(template: Path | None) -> Template:
    environment = SandboxedEnvironment(
        undefined=StrictUndefined,
        autoescape=False,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    try:
        return environment.from_string(_source(template))
    except TemplateSyntaxError as error:
        raise ConfigurationError(f"{template}:{error.lineno}: the template can't be read: {error.message}") from error


def _source(template: Path | None) -> str:
    if template is None:
        return resources.files("twimbot.export").joinpath(PACKAGED).read_text(encoding="utf-8")
    try:
        return template.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigurationError(f"{template}: the template can't be read: {error}") from error
