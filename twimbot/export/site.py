"""A Zola site's checkout: where a link into the site leads, and whether anything is there."""

import re
import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path, PurePosixPath
from typing import Any, Self
from urllib.parse import SplitResult, quote, unquote, urlsplit

from twimbot.errors import ConfigurationError
from twimbot.export.anchors import Anchors, anchors
from twimbot.export.frontmatter import front_matter
from twimbot.export.zola import Contents, Rules, files_in, table, texts

CONFIGURATIONS = ("zola.toml", "config.toml")
"""The names that Zola looks for, in this order."""

STATIC = "static"
DEFAULT_PORTS = {"http": 80, "https": 443}
FEEDS = frozenset({"atom.xml", "rss.xml"})
PAGE_OF_LIST = re.compile(r".*/page/\d+")
SPECIAL_ANCHORS = frozenset({"", "top"})
"""Those that every page has (HTML standard, select the indicated part)."""


LONGEST_PATH = 2_000
"""How many characters a path may have to be looked for among the redirects; no page's is as long."""

PLACEHOLDER = re.compile(r":\w+")


@dataclass(frozen=True, slots=True)
class Site:
    """What a site serves, read from its checkout once; paths have no slashes at their ends.

    `origin` (`https://example.org`), `server` and `folder` are those of its base URL. `pages` says which file below
    `content` is served at a path, aliases included; `files` are all such files, `assets` the paths of everything else.
    `parts` are the top folders that the checkout is responsible for, `doubtful` the folders in them where a page's
    path is not sure, `redirects` the paths of `static/_redirects`, by which some hosts send readers elsewhere.
    """

    checkout: Path
    origin: str
    server: str
    folder: str
    anchor_strategy: str
    pages: Mapping[str, str]
    files: frozenset[str]
    assets: frozenset[str]
    parts: frozenset[str]
    doubtful: frozenset[str]
    feeds: frozenset[str]
    redirects: tuple[str, ...]

    @classmethod
    def read(cls, checkout: Path) -> Self:
        """Read a checkout; raises ConfigurationError where the folder is none.

        Of each page only the front matter is read: half a second for 3,000 of them in TOML, and four in YAML. A page
        that can't be read counts as one whose front matter is empty.
        """
        config, base = _configuration(checkout)
        contents = Contents.read(checkout / "content", Rules.of(config))
        places = (checkout / "themes" / str(config.get("theme", "")) / STATIC, checkout / STATIC)
        static = [file for place in places for file in files_in(place)]
        folders = {file.parts[0] for file in static if len(file.parts) > 1}
        return cls(
            checkout=checkout,
            origin=f"{base.scheme}://{_server(base)}",
            server=_server(base) or "",
            folder=unquote(base.path).strip("/"),
            anchor_strategy=str(table(config, "slugify").get("anchors", "on")),
            pages={**contents.aliases, **contents.pages},
            files=frozenset(contents.files),
            assets=frozenset({*contents.assets, *map(str, static)}),
            parts=frozenset({*contents.sections, *(name for name in folders if not name.startswith((".", "_")))}),
            doubtful=frozenset(contents.doubtful),
            feeds=FEEDS.union(texts(config, "feed_filenames"), {str(config.get("feed_filename", ""))}),
            redirects=tuple(_redirects(checkout / STATIC / "_redirects")),
        )

    def has(self, file: PurePosixPath) -> bool:
        """Tell whether the checkout has a file, such as `content/blog/_index.md`, whether or not it is served."""
        return (self.checkout / file).is_file()

    def with_files(self, files: Iterable[PurePosixPath]) -> Self:
        """Return the site as it is once these files are in its checkout; those count that lie in `static`."""
        coming = {str(file.relative_to(STATIC)) for file in files if file.is_relative_to(STATIC)}
        return replace(self, assets=self.assets | coming)

    def internal(self, url: str) -> str | None:
        """Return a page's or section's URL as Zola's link to its file: `@/blog/pears.md`.

        None for everything else: for what is no URL with this site's host, has a query, leads to no page, or to an
        anchor of which it can't be shown that the page has it (Zola builds no site that has such a link).
        """
        parts = _split(url)
        path = self._path(parts) if parts and parts.netloc and not parts.query else None
        file = None if path is None else self.pages.get(path)
        if parts is None or file is None:
            return None
        if not parts.fragment:
            return f"@/{quote(file)}"
        return f"@/{quote(file)}#{parts.fragment}" if parts.fragment in self._anchors(file).known else None

    def is_dead(self, target: str) -> bool:
        """Tell whether a link into the site leads to nothing there.

        Of `@/…` that is known for sure. Of URLs, and of paths from the root on, it is told only below a top folder
        that is a section of the checkout or one of its static folders, as the host may serve others from elsewhere;
        and not of the lists and feeds that Zola makes, nor of what the host redirects.
        """
        if target.startswith("@/"):
            return self._lacks(target.removeprefix("@/"))
        parts = _split(target)
        path = parts and self._path(parts)
        return path is not None and self._answers_for(path) and path not in self.pages and path not in self.assets

    def _path(self, parts: SplitResult) -> str | None:
        """Return the path on this site that a URL names, or a path from the root on; None for all others."""
        if parts.scheme not in {"", *DEFAULT_PORTS} or (parts.netloc and _server(parts) != self.server):
            return None
        if not parts.netloc and (parts.scheme or not parts.path.startswith("/")):
            return None
        path = unquote(parts.path).strip("/")
        if f"{path}/".startswith(f"{self.folder}/".lstrip("/")):
            return path.removeprefix(self.folder).strip("/")
        return None

    def _answers_for(self, path: str) -> bool:
        folder, _, name = path.rpartition("/")
        return (
            len(path) <= LONGEST_PATH
            and path.partition("/")[0] in self.parts
            and folder not in self.doubtful
            and name not in self.feeds
            and not PAGE_OF_LIST.fullmatch(path)
            and not any(_applies(source, path) for source in self.redirects)
        )

    def _lacks(self, written: str) -> bool:
        """Tell whether a link to a file, without its `@/`, names none that is served, or an anchor that isn't there."""
        name, _, anchor = written.partition("#")
        file = unquote(name)
        if file not in self.files or anchor.lower() in SPECIAL_ANCHORS:
            return file not in self.files
        found = self._anchors(file)
        return found.is_complete and anchor not in found.known

    def _anchors(self, file: str) -> Anchors:
        try:
            source = (self.checkout / "content" / file).read_text(encoding="utf-8", errors="replace")
        except OSError:
            return Anchors(frozenset(), is_complete=False)
        above = front_matter(source)
        return anchors(source[above.end :] if above else source, self.anchor_strategy)


def _configuration(checkout: Path) -> tuple[Mapping[str, Any], SplitResult]:
    """Return a site's configuration and its base URL."""
    file = next((checkout / name for name in CONFIGURATIONS if (checkout / name).is_file()), None)
    if file is None or not (checkout / "content").is_dir():
        raise ConfigurationError(
            f"{checkout}: is no checkout of a Zola site; one has zola.toml or config.toml, and a folder content"
        )
    try:
        config = tomllib.loads(file.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigurationError(f"{file}: can't be read: {getattr(error, 'strerror', None) or error}") from error
    except tomllib.TOMLDecodeError as error:
        raise ConfigurationError(f"{file}: is no valid TOML: {error}") from error
    base = _split(str(config.get("base_url")))
    if base is None or base.scheme not in DEFAULT_PORTS or not _server(base):
        raise ConfigurationError(f"{file}: has no base_url that is a web address such as https://example.org")
    return config, base


def _split(url: str) -> SplitResult | None:
    try:
        return urlsplit(url)
    except ValueError:
        return None


def _server(parts: SplitResult) -> str | None:
    """Return a URL's host, with its port where that isn't the scheme's; None where it names a user, or none."""
    try:
        port = parts.port
    except ValueError:
        return None
    if parts.username is not None or not parts.hostname:
        return None
    return parts.hostname if port in {None, DEFAULT_PORTS.get(parts.scheme)} else f"{parts.hostname}:{port}"


def _redirects(file: Path) -> Iterable[str]:
    """Yield what the lines of a host's list of redirects apply to, as `/from /to 301` (Netlify, Cloudflare Pages)."""
    try:
        lines = file.read_text(encoding="utf-8", errors="replace").splitlines()
    except OSError:
        return
    for line in lines:
        source = line.split(maxsplit=1)[0].strip("/") if line.startswith("/") else ""
        if source:
            yield source


def _applies(source: str, path: str) -> bool:
    """Tell whether a redirect applies to a path: `*` stands for anything, `:name` for what has no slash.

    Of what stands between stars the place is taken where it ends first, so that no other has to be tried.
    """
    first, *pieces = (re.compile(PLACEHOLDER.sub("[^/]+?", re.escape(piece))) for piece in source.split("*"))
    if not pieces:
        return first.fullmatch(path) is not None
    found = first.match(path)
    for piece in pieces[:-1]:
        found = found and piece.search(path, found.end())
    last = re.compile(f"(?:{pieces[-1].pattern})\\Z")
    return found is not None and last.search(path, found.end()) is not None
