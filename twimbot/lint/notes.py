"""Says what the site's linters have found in a rendered post, by the numbers of its entries."""

from bisect import bisect_right
from collections.abc import Iterable
from pathlib import Path

from twimbot.export.contents import RenderedPost
from twimbot.lint.post import Post
from twimbot.lint.tools import tool_findings


def tool_notes(post: RenderedPost, checkout: Path | None, names: Iterable[str]) -> tuple[str, ...]:
    """Return a sentence for each different finding, in the order of the post.

    It names the entry, if the finding is in one, and the lines of the post. Where a template writes the entries
    otherwise than one quote each, only the lines are known. `checkout` and `names`: see `tool_findings`.
    """
    text = Post.read(post.text)
    quotes = text.entries
    starts = [quote.line for quote in quotes] if len(quotes) == len(post.order) else []
    found: dict[tuple[str, str], list[str]] = {}
    for finding in tool_findings(post.text, checkout, names):
        place = bisect_right(starts, finding.line) - 1
        is_inside = place >= 0 and finding.line <= starts[place] + quotes[place].text.count("\n")
        name = f"Entry {post.order[place]}: " if is_inside else ""
        found.setdefault((name, finding.sentence), []).append(str(finding.line))
    return tuple(
        f"{name}{'line' if name else 'Line'}{'s' if len(lines) > 1 else ''} {', '.join(lines)} of the post: {sentence}"
        for (name, sentence), lines in found.items()
    )
