"""Former ways to write a post, as Markdown that says the same: the HTML of 2018, and the site's shortcodes.

Where they come from: the site of matrix.org was made with WordPress and Gatsby before it was made with Zola.
"""

import re
from collections.abc import Iterator
from itertools import groupby

from twimbot.export.characters import quoted
from twimbot.intake.formatted import is_within_bounds, read_html
from twimbot.intake.markdown import to_markdown

FOLDED = re.compile(r'^ *\{% *details\(summary="(?P<summary>.*)"\) *%\} *$', re.MULTILINE)
SHORTCODE = re.compile(r"^ *\{%[^%]*%\} *$", re.MULTILINE)
"""A shortcode around a text; those that stand for something, `{{ … }}`, stay."""

FIGURE = re.compile(r'\{\{ *figure\(\s*img="(?P<url>[^"{}]*)"(?:,\s*caption="(?P<caption>[^"{}]*)")?[^{}]*\) *\}\}')
FORMER = re.compile(r"^(?! {0,3}>).*<(?:blockquote|h[2-4])\b", re.MULTILINE | re.IGNORECASE)
"""What shows, outside of quotes, that a post is HTML for the most part."""

QUOTE_TAG = re.compile(r"<(/?)blockquote\b[^<>]*>", re.IGNORECASE)
HEADING = re.compile(r"<h([2-4])\b[^<>]*>", re.IGNORECASE)
DEPARTMENT = re.compile(r"^## +dept\b", re.MULTILINE | re.IGNORECASE)
ANY_HEADING = re.compile(r"^#{2,4}(?= )", re.MULTILINE)
PROJECT = "###"

BREAK = re.compile(r"</?(?:p|h[2-4]|div)\b[^<>]*>|<br\s*/?>", re.IGNORECASE)
LINK = re.compile(r"""<a\s[^<>]*href=["']([^"'<>]*)["'][^<>]*>([^<>]*)</a>""", re.IGNORECASE)
BLANK_LINES = re.compile(r"\n\s*\n")


def modern(markdown: str) -> str:
    """Return a post's Markdown without former ways to write; what stands in Markdown's quotes is as it was."""
    unfolded = SHORTCODE.sub("", FOLDED.sub(r"\g<summary>", markdown))
    pictured = FIGURE.sub(lambda found: f"![{found['caption'] or ''}]({found['url']})", unfolded)
    if not FORMER.search(pictured):
        return pictured
    runs = groupby(pictured.split("\n"), key=lambda line: line.lstrip(" ").startswith(">"))
    current = "\n".join(
        "\n".join(lines) if is_quote else "".join(_quotes_apart("\n".join(lines))) for is_quote, lines in runs
    )
    # The first posts are older than departments, and have projects alone, with headings of any level.
    return current if DEPARTMENT.search(current) else ANY_HEADING.sub(PROJECT, current)


def _quotes_apart(text: str) -> Iterator[str]:
    """Yield what is between the tags of quotes, and what is in them as Markdown's quotes."""
    before, *rest = QUOTE_TAG.split(text)
    yield _paragraphs(before)
    for closing, inside in zip(rest[::2], rest[1::2], strict=True):
        yield _paragraphs(inside) if closing else f"\n\n{quoted(_converted(inside))}\n\n"


def _paragraphs(text: str) -> str:
    """Return Markdown for what stands outside of quotes, where only headings, links and lines are read."""
    marked = HEADING.sub(lambda found: f"\n\n{'#' * int(found[1])} ", text)
    return BREAK.sub("\n\n", LINK.sub(r"[\2](\1)", marked))


def _converted(text: str) -> str:
    """Return the Markdown of a quote in HTML; as it is where that can't be had."""
    html = read_html(BLANK_LINES.sub("<br><br>", text.strip()))
    if html is None or not is_within_bounds(html):
        return text.strip()
    return to_markdown(html).strip()
