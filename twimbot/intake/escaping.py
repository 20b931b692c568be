"""Writing plain text as Markdown: signs that would mean something get a backslash, URLs stay as they are."""

import re

URL = re.compile(r"((?:https?|ftp)://[^\s<>]+)", re.IGNORECASE)
SIGNS = re.compile(
    r"""
      [*`\[\]]
    | (?<![^\W_])_ | _(?![^\W_])                     # inside a word an underscore means nothing
    | ~(?=~) | (?<=~)~
    | <(?=[A-Za-z/!?])
    | &(?=\#?[A-Za-z0-9]{1,32};)
    | \\(?=[!-/:-@\[-`{-~]|$)
    """,
    re.VERBOSE,
)
LINE_START = re.compile(
    r"^([ \t]*)(?:(\#{1,6}|[-+])(?=[ \t\n]|$)|(>|=+[ \t]*$|-{2,}[ \t]*$)|(\d{1,9})([.)])(?=[ \t\n]|$))"
)


def escaped(text: str, *, starts_line: bool = False) -> str:
    """Return text as Markdown that renders as just this text; `starts_line`: it stands at a line's beginning."""
    parts = URL.split(text)
    written = "".join(part if index % 2 else SIGNS.sub(_backslashed, part) for index, part in enumerate(parts))
    return LINE_START.sub(_line_start, written) if starts_line else written


def _backslashed(sign: re.Match[str]) -> str:
    return f"\\{sign[0]}"


def _line_start(found: re.Match[str]) -> str:
    indent, number, delimiter = found[1], found[4], found[5]
    return f"{indent}{number}\\{delimiter}" if number else f"{indent}\\{found[2] or found[3]}"
