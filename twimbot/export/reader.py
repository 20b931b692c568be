"""Reads CommonMark as Zola does, and notes which characters each construct within a line took.

markdown-it-py tells the lines of blocks, but no places inside a line; its inline parser is extended by just that.
"""

from collections.abc import Callable, Mapping
from functools import lru_cache
from typing import Any, NamedTuple

from markdown_it import MarkdownIt
from markdown_it.parser_inline import ParserInline
from markdown_it.rules_block import (
    StateBlock,
    blockquote,
    fence,
    heading,
    hr,
    html_block,
    list_block,
    reference,
    table,
)
from markdown_it.rules_inline import (
    StateInline,
    autolink,
    backtick,
    emphasis,
    entity,
    escape,
    html_inline,
    image,
    link,
    newline,
)
from markdown_it.rules_inline import strikethrough as strike

DEEPEST = 60
"""How deep quotes and lists may nest; deeper ones stay unread by markdown-it, so they can't be trusted."""

MOST_REMEMBERED = 1_024
"""How many paragraphs, headings and cells are kept as they were read: those of an edition of 60 entries, and the post's
own. They take a few megabytes, and 70 where somebody writes nothing but marks."""

LONGEST_REMEMBERED = 1_000
"""How many characters they have at most; longer ones are rare."""

OPTIONS: Mapping[str, Any] = {
    "maxNesting": DEEPEST,
    "inline_definitions": True,
    **dict.fromkeys(("alerts", "store_labels", "strikethrough_single_tilde", "tasklists"), False),
}
"""What is asked for again and again stands here though it is off: markdown-it is slow to find that it isn't there."""

BlockRule = Callable[[StateBlock, int, int, bool], bool]

ENDING = ["paragraph", "reference", "blockquote"]
BLOCK_RULES: Mapping[str, tuple[Mapping[str, BlockRule], list[str]]] = {
    "fence": (
        {**dict.fromkeys("`~", fence), ">": blockquote, **dict.fromkeys("*-_", hr)},
        [*ENDING, "list"],
    ),
    "list": ({**dict.fromkeys("*+-0123456789", list_block), "<": html_block, "#": heading}, ENDING),
    "reference": ({"[": reference}, []),
}
"""In markdown-it's order, by the first rule's name: the rules for blocks that begin with a certain character, and which
other blocks end where such a one begins."""

Rule = Callable[[StateInline, bool], bool]

RULES: Mapping[str, tuple[tuple[Rule, str], ...]] = {
    "\n": ((newline, "text"),),
    "\\": ((escape, "escape"),),
    "`": ((backtick, "code"),),
    "~": ((strike.tokenize, "delimiter"),),
    "*": ((emphasis.tokenize, "delimiter"),),
    "_": ((emphasis.tokenize, "delimiter"),),
    "[": ((link, "link"),),
    "!": ((image, "image"),),
    "<": ((autolink, "autolink"), (html_inline, "html")),
    "&": ((entity, "entity"),),
}
"""The rules that may take something which begins with a character, in markdown-it's order, and the kind that it is."""


class Span(NamedTuple):
    """The characters of an inline construct; `label` are those of a link's or picture's text.

    `kind` is one of those in RULES. `href` is the target without its escapes; `outer` is where the link around
    the span begins, -1 for none.
    """

    kind: str
    start: int
    end: int
    outer: int
    href: str = ""
    title: str = ""
    label: tuple[int, int] = (0, 0)

    @property
    def leads(self) -> bool:
        """Tell whether the construct has a target."""
        return self.kind in {"autolink", "image", "link"}


class Noted(NamedTuple):
    """The spans of a paragraph, heading or cell, and the places of its pairs of delimiters."""

    spans: tuple[Span, ...]
    pairs: tuple[tuple[int, int], ...]


class _NotingState(StateInline):
    """An inline state that keeps the spans which the parser notes in it."""

    def __init__(self, source: str, reader: MarkdownIt, environment: dict[str, Any]) -> None:
        super().__init__(source, reader, environment, [])
        self.spans: list[Span] = []
        self.outer: list[int] = []
        self.labels: list[tuple[int, int]] = []
        self.delimiter_places: dict[int, int] = {}


class _NotingParser(ParserInline):
    """The inline parser, noting what each rule took; a picture's text would be parsed apart, and leaves no notes."""

    def tokenize(self, state: StateInline) -> None:
        if not isinstance(state, _NotingState):
            return
        end = state.posMax
        if state.outer:
            state.labels.append((state.pos, end))
        while state.pos < end:
            self._step(state)
        if state.pending:
            state.pushPending()

    def _step(self, state: _NotingState) -> None:
        start, tokens = state.pos, len(state.tokens)
        outer = state.outer[-1] if state.outer else -1
        if state.src[start] not in RULES:
            self._take_text(state)
            state.spans.append(Span("text", start, state.pos, outer))
            return
        state.outer.append(start)
        kind = self._take(state)
        state.outer.pop()
        if kind == "delimiter":
            self._note_delimiters(state, start, tokens)
        state.spans.append(self._span(state, kind, start, tokens, outer))

    @staticmethod
    def _take(state: _NotingState) -> str:
        """Let the first rule take what it knows, or take one character as text; return the kind of what was taken."""
        first = state.src[state.pos]
        for rule, kind in RULES[first]:
            if rule(state, False):  # noqa: FBT003 - its API
                return kind
        state.append_pending(first)
        state.pos += 1
        return "text"

    def _take_text(self, state: _NotingState) -> None:
        """Take what no rule does, up to where one might; a character at which one stops is taken by itself."""
        found = self.terminator_re.search(state.src, state.pos)
        end = max(found.start(), state.pos + 1) if found else state.posMax
        state.append_pending(state.src[state.pos : end])
        state.pos = end

    @staticmethod
    def _note_delimiters(state: _NotingState, start: int, tokens: int) -> None:
        place = state.pos
        for index in range(len(state.tokens) - 1, tokens - 1, -1):
            place -= len(state.tokens[index].content)
            if place >= start:
                state.delimiter_places[index] = place

    @staticmethod
    def _span(state: _NotingState, kind: str, start: int, tokens: int, outer: int) -> Span:
        if kind not in {"link", "image", "autolink"}:
            return Span(kind, start, state.pos, outer)
        token = next(token for token in state.tokens[tokens:] if token.type in {"link_open", "image"})
        href, title = str(token.attrGet("href") or token.attrGet("src") or ""), str(token.attrGet("title") or "")
        label = state.labels.pop() if kind == "link" else (start + 2, start + 2 + len(token.content))
        return Span(kind, start, state.pos, outer, href, title, label)


def _table(state: StateBlock, start: int, end: int, silent: bool) -> bool:  # noqa: FBT001 - markdown-it's interface
    """Read a table as Zola does: the line below the header needs a pipe, and so does the header's beginning in a text.

    `silent` asks whether a table would end the paragraph above it.
    """
    below = start + 1
    if below >= end or "|" not in state.src[state.bMarks[below] : state.eMarks[below]]:
        return False
    if silent and not state.src.startswith("|", state.bMarks[start] + state.tShift[start]):
        return False
    return table(state, start, end, silent)


def _by_beginning(rules: Mapping[str, BlockRule]) -> BlockRule:
    """Return a rule that asks the one for a line's first character alone: few lines have any, and asking takes time."""

    def asking(state: StateBlock, start: int, end: int, silent: bool) -> bool:  # noqa: FBT001 - markdown-it's interface
        place = state.bMarks[start] + state.tShift[start]
        rule = rules.get(state.src[place : place + 1])
        return rule is not None and rule(state, start, end, silent)

    return asking


class _Reader(MarkdownIt):
    """CommonMark with what Zola adds to it (tables, struck text); it takes every target, and takes it as it is."""

    def __init__(self) -> None:
        super().__init__("commonmark", OPTIONS)
        self.inline = _NotingParser()
        self.configure("commonmark", OPTIONS)
        self.enable(["table", "strikethrough"])
        self.block.ruler.at("table", _table, {"alt": ["paragraph", "reference"]})
        for name, (rules, ended) in BLOCK_RULES.items():
            self.block.ruler.at(name, _by_beginning(rules), {"alt": ended})
        self.block.ruler.disable(["blockquote", "hr", "html_block", "heading"])
        self.core.ruler.enableOnly(["normalize", "block"])
        self.inline.ruler2.enableOnly(["balance_pairs"])

    def validateLink(self, url: str) -> bool:  # noqa: ARG002, N802 - markdown-it's interface
        """Take every target: what may stand is not the parser's to say, and Zola's takes every one too."""
        return True

    def normalizeLink(self, url: str) -> str:  # noqa: N802 - markdown-it's interface
        """Leave a target as its author wrote it."""
        return url

    def normalizeLinkText(self, url: str) -> str:  # noqa: N802 - markdown-it's interface
        """Leave the text of an autolink, too: nothing that is noted depends on it."""
        return url


READER = _Reader()


def read_inline(content: str, environment: dict[str, Any]) -> Noted:
    """Return what is noted of a content; `environment` holds the definitions of its text's references.

    Kept for a while where there are none, as most paragraphs stand unchanged in all that mending makes of an entry,
    and in the post.
    """
    if environment.get("references") or len(content) > LONGEST_REMEMBERED:
        return _noted(content, environment)
    return _noted_alone(content)


@lru_cache(maxsize=MOST_REMEMBERED)
def _noted_alone(content: str) -> Noted:
    return _noted(content, {})


def _noted(content: str, environment: dict[str, Any]) -> Noted:
    state = _NotingState(content, READER, environment)
    READER.inline.tokenize(state)
    for rule in READER.inline.ruler2.getRules(""):
        rule(state)
    pairs = (
        (state.delimiter_places[opener.token], state.delimiter_places[state.delimiters[opener.end].token])
        for opener in state.delimiters
        if opener.end >= 0
    )
    return Noted(tuple(state.spans), tuple(pairs))
