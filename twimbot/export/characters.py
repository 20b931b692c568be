"""The characters of what people wrote: those that can't stand in a post, and escaping what is no Markdown."""

import re
from urllib.parse import quote

EMBEDDINGS, END_OF_EMBEDDING = "\u202a\u202b\u202d\u202e", "\u202c"
ISOLATES, END_OF_ISOLATE = "\u2066\u2067\u2068", "\u2069"
DIRECTION_MARKS = "\u061c\u200e\u200f"
BIDI_CONTROLS = DIRECTION_MARKS + EMBEDDINGS + END_OF_EMBEDDING + ISOLATES + END_OF_ISOLATE

ZERO_WIDTH = "\u00ad\u180e\u200b-\u200d\u2060\ufeff"
"""Characters without width or direction, as a regular expression's class."""

LINE_BREAKS = re.compile(r"\r\n|[\r\x85\u2028\u2029]")
CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f]")
"""Control characters (category Cc), but for line breaks and tabs."""

SURROGATE = re.compile(r"[\ud800-\udfff]")
DIRECTION = re.compile(f"[{EMBEDDINGS}{END_OF_EMBEDDING}{ISOLATES}{END_OF_ISOLATE}]")
"""What opens or closes an embedding, an override or an isolate."""

SHORTCODE = re.compile(r"\{(?=[{%])")
"""Where Zola's shortcodes begin; it looks for them in the source, before it reads it as Markdown, in code too."""

PLACEHOLDER = re.compile(r"@(?=@ZOLA)")
"""How Zola marks where a shortcode stood, before it reads the Markdown."""

CALL_MARK = re.compile(r"\{(?=[{%])|[}%](?=\})|@(?=@ZOLA)")
TAG_MARK = re.compile(r"<(?=[A-Za-z/!?])")
TARGET_MARK = re.compile(r"\](?=[(\[])")
OPENING_QUOTE = re.compile(r"(?<![^\s(\[{])\"")
OPENED, CLOSED, APOSTROPHE, TAG = "\u201c", "\u201d", "\u2019", "\u2039"
REPLACED_QUOTES = str.maketrans({'"': CLOSED, "'": APOSTROPHE, "`": APOSTROPHE})

ENTITY = re.compile(r"&(?=#?[A-Za-z0-9]+;)")
MARK = re.compile(r"[\\`*<~]|(?<![^\W_])_|_(?![^\W_])")
BRACKET = re.compile(r"[\[\]]")
BRACKETS_WITH_MEANING = re.compile(r"\[[\^!]|\][(\[:]|[\\`]")


def plain_lines(text: str) -> str:
    r"""Return text whose only line break is `\n`, without control characters and halves of characters.

    No line changes the direction of what stands beside it.
    """
    unified = LINE_BREAKS.sub("\n", text)
    visible = SURROGATE.sub("\N{REPLACEMENT CHARACTER}", CONTROL.sub("", unified))
    if not DIRECTION.search(visible):
        return visible
    return "\n".join(_balanced_directions(line) for line in visible.split("\n"))


def _balanced_directions(line: str) -> str:
    """Return a line without the marks of embeddings, overrides and isolates that lack their counterpart in it.

    What is embedded within an isolate ends with it (Unicode Standard Annex 9, 3.3.2).
    """
    opened: list[int] = []
    isolates = 0
    lone: set[int] = set()
    for place, character in enumerate(line):
        if character in EMBEDDINGS or character in ISOLATES:
            opened.append(place)
            isolates += character in ISOLATES
        elif character == END_OF_ISOLATE and isolates:
            while line[opened[-1]] in EMBEDDINGS:
                lone.add(opened.pop())
            opened.pop()
            isolates -= 1
        elif character == END_OF_EMBEDDING and opened and line[opened[-1]] in EMBEDDINGS:
            opened.pop()
        elif character in (END_OF_ISOLATE, END_OF_EMBEDDING):
            lone.add(place)
    lone.update(opened)
    return "".join(character for place, character in enumerate(line) if place not in lone) if lone else line


def one_line(text: str) -> str:
    """Return text on one line, its white space collapsed."""
    return " ".join(plain_lines(text).split())


def without_calls(text: str) -> str:
    """Return text on one line in which no shortcode begins or ends, for where a backslash would be seen."""
    return CALL_MARK.sub(r"\g<0> ", one_line(text))


def inert_text(text: str) -> str:
    """Return text on one line that means nothing in HTML, in a string of a shortcode's, or as a link of Markdown's.

    A shortcode's string knows no escapes, and its site may show it as text, as HTML or as Markdown: what would mean
    something in any of them becomes a character that looks like it.
    """
    apart = TARGET_MARK.sub("] ", ENTITY.sub("& ", TAG_MARK.sub(TAG, without_calls(text))))
    return OPENING_QUOTE.sub(OPENED, apart).translate(REPLACED_QUOTES)


def quoted(text: str) -> str:
    """Return text as a Markdown quote: each line of it begins with `>`, so none can leave it."""
    return "\n".join(f"> {line}" if line.strip() else ">" for line in text.split("\n"))


def operator_text(text: str) -> str:
    """Return an operator's or editor's Markdown as it is, but for openings of shortcodes."""
    return SHORTCODE.sub(r"{\\", PLACEHOLDER.sub(r"@\\", text))


def escaped_text(text: str) -> str:
    """Return text on one line with everything escaped that Markdown or Zola would read in it, brackets too."""
    return BRACKET.sub(r"\\\g<0>", _escaped(one_line(text)))


def escaped_name(name: str) -> str:
    """Return a display name as the text of a link, so that it shows as it is and can't break the link.

    Brackets that are balanced may stand in a link's text (CommonMark 6.3) and stay as they are where nothing
    around them gives them a meaning.
    """
    shown = one_line("".join(character for character in name if character not in BIDI_CONTROLS))
    escaped = _escaped(shown)
    if BRACKETS_WITH_MEANING.search(shown) or not _balanced(shown):
        escaped = BRACKET.sub(r"\\\g<0>", escaped)
    return f"\\{escaped}" if escaped.startswith("^") else escaped


def _escaped(text: str) -> str:
    """Escape everything but brackets; an underscore inside a word has no meaning (CommonMark 6.2)."""
    escaped = MARK.sub(r"\\\g<0>", text)
    return operator_text(ENTITY.sub(r"\\&", escaped))


def _balanced(text: str) -> bool:
    depth = 0
    for character in text:
        depth += (character == "[") - (character == "]")
        if depth < 0:
            return False
    return depth == 0


def matrix_to(identifier: str) -> str:
    """Return the matrix.to link of a user, a room ID or an alias, fit to be a link's target.

    A room ID says which server to join through where it names one (Client-Server API, appendices: URIs).
    """
    target = "https://matrix.to/#/" + quote(identifier, safe="@:!#$&'*+,;=~", errors="replace")
    server = identifier.partition(":")[2]
    if identifier.startswith("!") and server:
        return f"{target}?via={quote(server, safe=':', errors='replace')}"
    return target
