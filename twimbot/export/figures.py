"""Pictures that a post shows by a shortcode of its site, such as `figure`, read as Markdown's own.

Zola finds shortcodes before it reads the Markdown, in code too, over blank lines and the ends of quotes; its grammar
(components/markdown/src/content.pest) has strings without escapes, and asks for no comma between arguments.
"""

import re
from collections.abc import Iterator

from twimbot.export.characters import escaped_text
from twimbot.export.links import written_target

NAME = r"[A-Za-z_]\w*"
STRING = r"""(?:"[^"]*"|'[^']*'|`[^`]*`)"""
VALUE = rf"(?:{STRING}|\[[^\]]*\]|true|false|-?\d+(?:\.\d+)?)"
ARGUMENT = re.compile(rf"\b(?P<name>{NAME})\s*=\s*(?P<value>{VALUE})", re.ASCII)
CALLED = rf"\s*{NAME}\s*\((?P<arguments>(?:[\s,]*+{NAME}\s*=\s*{VALUE})*+)\s*\)\s*"
CALL = re.compile(rf"\{{\{{{CALLED}\}}\}}", re.ASCII)
CALL_AROUND = re.compile(rf"\{{%{CALLED}%\}}(?P<body>(?:(?!\{{%).)*?)\{{%\s*end\s*%\}}", re.ASCII | re.DOTALL)
"""A shortcode around a text, which describes what it shows."""

MARK = re.compile(r"\{%|%\}")
OPENING = re.compile(r"\{[{%].*")

SOURCES = frozenset({"img", "image", "picture", "src"})
"""Arguments that name a picture, whatever its address looks like, unless that is a video's."""

PICTURE_ADDRESS = re.compile(r"\S+\.(?:apng|avif|bmp|gif|jpe?g|jxl|png|svg|webp)(?:[?#]\S*)?", re.IGNORECASE)
VIDEO_ADDRESS = re.compile(r"\S+\.(?:m4v|mov|mp4|ogv|webm)(?:[?#]\S*)?", re.IGNORECASE)

DESCRIPTIONS = ("alt", "description", "caption", "title", "text")
"""Arguments that say what a picture shows; the first that says anything counts."""

QUOTE_MARKS = re.compile(r"[ >]*")


def with_markdown_pictures(source: str, *, keeps_lines: bool = False) -> str:
    """Return a post's Markdown with a picture of Markdown's in place of each that a shortcode shows.

    With `keeps_lines` every line behind one that took several keeps its number; the lines that are left over are
    blank ones of the quote that the picture stands in.
    """
    if "{{" not in source and "{%" not in source:
        return source

    # What a shortcode stands around counts as its text, not as what is within it.
    for pattern in (CALL_AROUND, CALL):
        source = _replaced(pattern, source, keeps_lines=keeps_lines)
    return source


def unread_call(source: str) -> str | None:
    """Return the first beginning of a shortcode in a text of ours that is no whole one for Zola; None for none."""
    found = OPENING.search(CALL.sub("", CALL_AROUND.sub("", source)))
    return found[0] if found else None


def as_text_of_jinja(template: str) -> str:
    """Return a Jinja2 template with its calls of shortcodes as text; what their strings fill in still is."""
    around = CALL_AROUND.sub(lambda found: MARK.sub(r'{{ "\g<0>" }}', found[0]), template)
    return CALL.sub(lambda found: f'{{{{ "{{{{" }}}}{found[0][2:-2]}{{{{ "}}}}" }}}}', around)


def on_one_line(source: str) -> str:
    """Return a text with each call of a shortcode on one line: the marks of a quote would stand in it otherwise."""
    return CALL.sub(lambda found: " ".join(found[0].split()), source)


def _replaced(pattern: re.Pattern[str], source: str, *, keeps_lines: bool) -> str:
    def shown(found: re.Match[str]) -> str:
        picture = _picture(found)
        if picture is None or not keeps_lines:
            return found[0] if picture is None else picture
        marks = QUOTE_MARKS.match(source, source.rfind("\n", 0, found.start()) + 1, found.start())
        return picture + f"\n{marks[0].rstrip() if marks else ''}" * found[0].count("\n")

    return pattern.sub(shown, source)


def _picture(found: re.Match[str]) -> str | None:
    """Return the picture that a call shows, None where it shows something else."""
    arguments = dict(_arguments(found["arguments"]))
    source = next((name for name, value in arguments.items() if _is_source(name, value)), None)
    if source is None:
        return None
    address = arguments.pop(source)
    described = [arguments[name] for name in DESCRIPTIONS if name in arguments]
    body = found.groupdict().get("body") or ""
    # A site may call its arguments as it likes; what has several words is no size and no class.
    others = (value for value in arguments.values() if len(value.split()) > 1)
    alt = next((text for text in (*described, body, *others) if text.strip()), "")
    return f"![{escaped_text(alt)}]({written_target(address)})"


def _arguments(written: str) -> Iterator[tuple[str, str]]:
    """Yield the arguments of a call that are strings."""
    for found in ARGUMENT.finditer(written):
        if found["value"][0] in "\"'`":
            yield found["name"], found["value"][1:-1]


def _is_source(name: str, value: str) -> bool:
    if name in SOURCES:
        return bool(value.strip()) and not VIDEO_ADDRESS.fullmatch(value.strip())
    return "/" in value and PICTURE_ADDRESS.fullmatch(value.strip()) is not None
