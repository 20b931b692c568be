"""Slugs as Zola makes them (components/utils/src/slugs.rs, and the crate slug)."""

import re

NO_LETTERS = re.compile(r"[^a-z0-9]+")
SAFE = re.compile(r"[\w.~-]*[\w~-]", re.ASCII)


def slug(text: str) -> str | None:
    """Return a text's slug; None for what it takes Zola's own table of characters to say, and for nothing."""
    return NO_LETTERS.sub("-", text.lower()).strip("-") or None if text.isascii() else None


def path_slug(name: str, strategy: str) -> str | None:
    """Return a page's part of its path by the site's `slugify.paths`: `on`, `safe` or `off`.

    None where that is not sure: versions of Zola differ in what is safe.
    """
    if strategy == "off" or (strategy == "safe" and SAFE.fullmatch(name)):
        return name
    return slug(name) if strategy == "on" else None
