"""Finds the published posts of a publication among a site's files."""

from collections.abc import Iterable, Iterator
from pathlib import Path

from twimbot.errors import ConfigurationError
from twimbot.importing.posts import is_post_of

SUFFIXES = frozenset({".md", ".mdx"})
"""Those of pages; the latter is that of Gatsby, which the site of matrix.org was made with until 2022."""


def pages(places: Iterable[Path]) -> list[Path]:
    """Return the files that are named, and all pages below the folders that are, hidden ones left out, by path.

    Raises ConfigurationError where something that is named is not there.
    """
    found: set[Path] = set()
    for place in places:
        if not place.exists():
            raise ConfigurationError(f"{place}: there is no such folder or file; name a site's checkout, or a post")
        found.update([place] if place.is_file() else _below(place))
    return sorted(found)


def _below(folder: Path) -> Iterator[Path]:
    for path in folder.rglob("*"):
        is_hidden = any(part.startswith(".") for part in path.relative_to(folder).parts)
        if path.suffix in SUFFIXES and not is_hidden and path.is_file():
            yield path


def text_of_post(page: Path, named: Iterable[Path], title: str, key: str) -> str | None:
    """Return the text of a page that is a post of a publication, or that is named as one; None for other pages.

    Raises OSError or UnicodeDecodeError where the page can't be read.
    """
    text = page.read_text(encoding="utf-8")
    return text if page in named or is_post_of(text, page, title, key) else None
