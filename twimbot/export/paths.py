"""Where a post and the folders that it is the first in stand in the site's tree."""

import re
import unicodedata
from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import PurePosixPath

from twimbot.export.contents import EditionContents

PLACEHOLDER = re.compile(r"\{([^{}]*)\}")
A_WEEK = timedelta(days=7)

SECTION = "+++\ntransparent = true\nrender = false\n+++\n"
"""The `_index.md` of a folder that only sorts posts: a section without a page, whose posts count as those above it."""


def filled(pattern: str, contents: EditionContents, day: date | None = None) -> str:
    """Return a path of the configuration with the edition's values, or those of one of another day, in it.

    `config` knows the same names.
    """
    day = day or contents.edition
    values = {
        "date": day.isoformat(),
        "year": f"{day:%Y}",
        "month": f"{day:%m}",
        "day": f"{day:%d}",
        "key": contents.key,
        "slug": _slug(contents.title) or contents.key,
    }
    return PLACEHOLDER.sub(lambda found: values[found[1]], pattern)


def index_files(contents: EditionContents) -> Iterator[tuple[PurePosixPath, str]]:
    """Return the path and text of each `_index.md` that the post's folders need.

    Those are the folders in which the edition before this one had no post, such as a new month's; a checkout of the
    site tells better which it has already.
    """
    for folder in PurePosixPath(contents.settings.file).parents:
        pattern = str(folder / "_index.md")
        path = PurePosixPath(filled(pattern, contents))
        is_new = filled(pattern, contents, contents.edition - A_WEEK) != str(path)
        if is_new if contents.site is None else "{" in pattern and not contents.site.has(path):
            yield path, SECTION


def _slug(title: str) -> str:
    plain = unicodedata.normalize("NFKD", title).encode("ascii", "ignore").decode("ascii")
    return re.sub(r"[^a-z0-9]+", "-", plain.lower()).strip("-")
