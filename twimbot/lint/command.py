"""Carries out `twimbot lint`: reads the post, and the site's checkout and the catalogue where they are named."""

from collections.abc import Iterator
from pathlib import Path, PurePosixPath

from twimbot.config import Config
from twimbot.errors import ConfigurationError
from twimbot.export.site import STATIC, Site
from twimbot.export.zola import files_in
from twimbot.lint.finding import Finding
from twimbot.lint.proof import proof_read


def lint_file(file: Path, checkout: Path | None, config: Config | None) -> list[Finding]:
    """Return what is to be said about a post's file, by line.

    Without a checkout the configuration's is taken, if it has one; its catalogue's names are spelt as they should be.
    Pictures that lie in an exported tree with the post count as there. Raises ConfigurationError where the file or
    the checkout can't be read, or where it has to be said which of several checkouts is meant.
    """
    try:
        text = file.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigurationError(f"{file}: can't be read: {getattr(error, 'strerror', None) or error}") from error
    place = checkout or _configured_checkout(config)
    site = Site.read(place).with_files(_files_of_tree(file)) if place else None
    publications = config.publications.values() if config else ()
    return proof_read(text, site, (name for publication in publications for name in publication.catalogue.names))


def _configured_checkout(config: Config | None) -> Path | None:
    publications = config.publications.values() if config else ()
    checkouts = {publication.post.site_checkout for publication in publications} - {None}
    if len(checkouts) > 1:
        raise ConfigurationError("which site? the configuration has several checkouts; name one with --site")
    return next(iter(checkouts), None)


def _files_of_tree(file: Path) -> Iterator[PurePosixPath]:
    """Return the static files of the tree that a post is exported in, or of the checkout that it stands in."""
    content = next((folder for folder in file.absolute().parents if folder.name == "content"), None)
    if content is not None:
        yield from (PurePosixPath(STATIC) / name for name in files_in(content.parent / STATIC))
