"""Former ways to write a post, as Markdown that says the same: the HTML of 2018, and the site's shortcodes.

Where they come from: the site of matrix.org was made with WordPress and Gatsby before it was made with Zola.
"""

import html
import re
from collections.abc import Iterator
from itertools import groupby

from twimbot.export.characters import escaped_name, quoted
from twimbot.export.figures import with_markdown_pictures
from twimbot.export.links import written_target
from twimbot.importing.attribution import user_behind
from twimbot.intake.formatted import is_within_bounds, read_html
from twimbot.intake.markdown import to_markdown

FOLDED = re.compile(r'^ *\{% *details\(summary="(?P<summary>.*)"\) *%\} *$', re.MULTILINE)
SHORTCODE = re.compile(r"^ *\{%[^%]*%\} *$", re.MULTILINE)
"""A shortcode around a text; those that stand for something, `{{ … }}`, stay."""

QUOTE_MARK = re.compile(r" {0,3}>")
TAG_OF_FORMER_YEARS = re.compile(r"<(?:blockquote|h[2-4])\b", re.IGNORECASE)
"""What shows, outside of quotes, that a post is HTML for the most part."""

QUOTE_TAG = re.compile(r"<(/?)blockquote\b[^<>]*>", re.IGNORECASE)
HEADING = re.compile(r"<h([2-4])\b[^<>]*>", re.IGNORECASE)
DEPARTMENT = re.compile(r"^##? +dep(?:t|artment)\b", re.MULTILINE | re.IGNORECASE)
ANY_HEADING = re.compile(r"^#{1,4}(?= )", re.MULTILINE)
LOW_HEADING = re.compile(r"^#{3,} ", re.MULTILINE)
PROJECT = "###"

FIRST_LINK = re.compile(r"\**\[.*?\]\(<?(?P<target>[^\s()<>]+)>?\)")

BREAK = re.compile(r"</?(?:p|h[2-4]|div)\b[^<>]*>|<br\s*/?>", re.IGNORECASE)
LINK = re.compile(
    r"""<a\s(?:[^<>]*?\s)?href\s*=\s*(?P<target>"[^"<>]*"|'[^'<>]*'|[^\s"'<>]+)[^<>]*>"""
    r"""(?P<text>(?:[^<]|<(?!/?a\b|img\b))*)</a\s*>""",
    re.IGNORECASE,
)
"""A link that shows text, not a picture; there may be other tags in it."""

TAG = re.compile(r"</?[A-Za-z][^<>]*>")
BLANK_LINES = re.compile(r"\n\s*\n")


def modern(markdown: str) -> str:
    """Return a post's Markdown without former ways to write; what stands in Markdown's quotes is as it was."""
    pictured = with_markdown_pictures(markdown)
    unfolded = SHORTCODE.sub("", FOLDED.sub(r"\g<summary>", pictured))
    runs = [
        (is_quote, "\n".join(lines))
        for is_quote, lines in groupby(unfolded.split("\n"), key=lambda line: QUOTE_MARK.match(line) is not None)
    ]
    outside = "\n".join(text for is_quote, text in runs if not is_quote)
    if _is_html(outside):
        current = "\n".join(text if is_quote else "".join(_quotes_apart(text)) for is_quote, text in runs)
    elif _is_flat(outside):
        current = unfolded
    else:
        return unfolded
    # The first posts are older than departments, and have projects alone, with headings of any level.
    return current if DEPARTMENT.search(current) else ANY_HEADING.sub(PROJECT, current)


def _is_html(text: str) -> bool:
    """Tell whether what stands outside of quotes has headings or quotes in HTML, or names people by links in HTML."""
    if TAG_OF_FORMER_YEARS.search(text):
        return True
    return any(user_behind(_target(found)) for found in LINK.finditer(text))


def _is_flat(text: str) -> bool:
    """Tell whether a post in Markdown has headings of one level alone, and names people in the way of its first years.

    The exporter writes no colon behind them.
    """
    if LOW_HEADING.search(text):
        return False
    links = (FIRST_LINK.match(line) for line in text.split("\n") if line.rstrip("* \t").endswith(":"))
    return any(user_behind(found["target"]) for found in links if found)


def _quotes_apart(text: str) -> Iterator[str]:
    """Yield what is between the tags of quotes, and what is in them as Markdown's quotes."""
    before, *rest = QUOTE_TAG.split(text)
    yield _paragraphs(before)
    for closing, inside in zip(rest[::2], rest[1::2], strict=True):
        yield _paragraphs(inside) if closing else f"\n\n{quoted(_converted(inside))}\n\n"


def _paragraphs(text: str) -> str:
    """Return Markdown for what stands outside of quotes, where only headings, links and lines are read."""
    marked = HEADING.sub(lambda found: f"\n\n{'#' * int(found[1])} ", text)
    return BREAK.sub("\n\n", LINK.sub(_link, marked))


def _target(found: re.Match[str]) -> str:
    return html.unescape(found["target"].strip("\"'").strip())


def _link(found: re.Match[str]) -> str:
    text = html.unescape(TAG.sub("", found["text"]))
    return f"[{escaped_name(text)}]({written_target(_target(found))})"


def _converted(text: str) -> str:
    """Return the Markdown of a quote in HTML; as it is where that can't be had."""
    tree = read_html(BLANK_LINES.sub("<br><br>", text.strip()))
    if tree is None or not is_within_bounds(tree):
        return text.strip()
    return to_markdown(tree).strip()
