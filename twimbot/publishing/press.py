"""Making posts: what that takes is loaded with the first one, for a bot makes none for days.

The reader of Markdown, the templates and the checks take 6 MiB, and a quarter of a second to load; so the functions
here are for a thread.
"""

from pathlib import Path
from typing import TYPE_CHECKING

from twimbot.export.contents import EditionContents, RenderedPost
from twimbot.model.entry import Entry

if TYPE_CHECKING:
    from twimbot.export.site import Site


def render(contents: EditionContents) -> RenderedPost:
    """Return an edition's post, as `export.post.render` does."""
    from twimbot.export import post

    return post.render(contents)


def render_entry(contents: EditionContents, entry: Entry) -> str:
    """Return one entry as it stands in the post, as `export.post.render_entry` does."""
    from twimbot.export import post

    return post.render_entry(contents, entry)


def tool_notes(post: RenderedPost, contents: EditionContents) -> tuple[str, ...]:
    """Return what the site's linters say about a post, each once, with the entries and lines that it is about."""
    from twimbot.lint import notes

    return notes.tool_notes(post, contents.settings.site_checkout, contents.catalogue.names)


def site(checkout: Path) -> "Site":
    """Return the site in a checkout, as `export.site.Site.read` does."""
    from twimbot.export.site import Site

    return Site.read(checkout)
