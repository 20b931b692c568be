"""Proof-reads a whole post, ours or anybody's: says by line what an editor should look at, and nothing else."""

from collections.abc import Iterable

from twimbot.export.checks import Quoted, entry_remarks, place_remarks
from twimbot.export.site import Site
from twimbot.lint.finding import Finding
from twimbot.lint.post import Post
from twimbot.lint.shape import shape_findings
from twimbot.lint.tools import tool_findings


def proof_read(text: str, site: Site | None, names: Iterable[str] = ()) -> list[Finding]:
    r"""Return what is to be said about a post, by line; its only line breaks are `\n`.

    Dead links need the site's checkout, whose settings for typos count as well; `names` are words that are right.
    """
    post = Post.read(text)
    entries = [Quoted.read(f"line {entry.line}", entry.text) for entry in post.entries]
    starts = [entry.line for entry in post.entries]
    return sorted(
        {
            *shape_findings(post),
            *(Finding(starts[remark.entry] + remark.line, remark.sentence) for remark in entry_remarks(entries)),
            *(
                Finding(post.above + 1 + line, sentence)
                for _, line, sentence in place_remarks(post.document.source, site)
            ),
            *tool_findings(text, site.checkout if site else None, names),
        }
    )
