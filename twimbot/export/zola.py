"""Reads the folders of a Zola site as Zola does: which file is served at which path.

The rules are those of Zola's documentation (content/page, content/section, content/multilingual) and of its sources
(components/content/src/file_info.rs, page.rs and section.rs; components/site/src/lib.rs). Paths have no slash at
their ends and no percent-encoding here.
"""

import os
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from fnmatch import translate
from pathlib import Path, PurePosixPath
from typing import Any, NamedTuple, Self

from twimbot.export.frontmatter import UnreadableFrontMatter, front_matter
from twimbot.export.slugs import path_slug

HEAD = 4096
"""How many bytes of a page are read at first; few front matters are longer."""

MEANINGFUL = re.compile(r"^[\"']?(?:aliases|draft|path|render|slug)\b", re.MULTILINE)
"""The keys that say where a page is served. Most sections have none of them, and parsing takes the most time."""

DATED = re.compile(
    r"\d{4}-(?:0[1-9]|1[0-2])-(?:0[1-9]|[12]\d|3[01])"
    r"(?:T(?:[01]\d|2[0-3]):[0-5]\d:(?:[0-5]\d|60)(?:\.\d+)?(?:Z|[+-](?:[01]\d|2[0-3]):[0-5]\d))?"
    r"\s?[_-](?P<rest>.+)"
)
ALTERNATIVES = re.compile(r"\{([^{}]*)\}")


class Name(NamedTuple):
    """A page's file name without extension and language; the language is "" for the site's first."""

    name: str
    language: str


@dataclass(frozen=True, slots=True)
class Rules:
    """What a site's configuration says about paths: `paths` is how slugs are made, `ignored` are no pages."""

    first_language: str
    languages: frozenset[str]
    paths: str
    keeps_dates: bool
    ignored: tuple[re.Pattern[str], ...]

    @classmethod
    def of(cls, config: Mapping[str, Any]) -> Self:
        """Return the rules of a configuration, with Zola's defaults for what it leaves out."""
        slugify = table(config, "slugify")
        return cls(
            first_language=str(config.get("default_language", "en")),
            languages=frozenset(table(config, "languages")),
            paths=str(slugify.get("paths", "on")),
            keeps_dates=slugify.get("paths_keep_dates") is True,
            ignored=tuple(
                re.compile(translate(each))
                for pattern in texts(config, "ignored_content")
                for each in _without_braces(pattern)
            ),
        )

    def is_ignored(self, path: Path) -> bool:
        """Tell whether a file or folder is no part of the site."""
        return any(pattern.match(str(path)) for pattern in self.ignored)

    def named(self, stem: str) -> Name | None:
        """Return what a file name says; None where it names a language that the site does not have."""
        name, dot, language = stem.partition(".")
        if not dot or not self.languages - {self.first_language} or language == self.first_language:
            return Name(stem, "")
        return Name(name, language) if language in self.languages else None

    def slug(self, name: str) -> str | None:
        """Return the last part of the path that a file or folder name gives; None where that is not sure."""
        dated = None if self.keeps_dates else DATED.fullmatch(name)
        return path_slug(dated["rest"] if dated else name, self.paths)


def table(config: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    """Return a table of a configuration, empty where there is none."""
    value = config.get(name)
    return value if isinstance(value, dict) else {}


def texts(values: Mapping[str, Any], name: str) -> list[str]:
    """Return the texts of a list, empty where there is none."""
    value = values.get(name)
    return [each for each in value if isinstance(each, str)] if isinstance(value, list) else []


def _without_braces(pattern: str) -> list[str]:
    """Return the patterns that one with alternatives in braces stands for."""
    found = ALTERNATIVES.search(pattern)
    if found is None:
        return [pattern]
    rest = pattern[: found.start()], pattern[found.end() :]
    return [each for part in found[1].split(",") for each in _without_braces(part.join(rest))]


@dataclass(slots=True)
class Contents:
    """What the folder `content` of a site holds.

    `pages` and `aliases` say which file is served at a path, `files` are all that are served, named as Zola does
    (from `content` on), and `assets` the paths of what is no page. `sections` are the top folders that are sections.
    In the folders `doubtful` there is a page whose path is not sure.
    """

    rules: Rules
    pages: dict[str, str] = field(default_factory=dict)
    aliases: dict[str, str] = field(default_factory=dict)
    files: set[str] = field(default_factory=set)
    assets: set[str] = field(default_factory=set)
    sections: set[str] = field(default_factory=set)
    doubtful: set[str] = field(default_factory=set)

    @classmethod
    def read(cls, folder: Path, rules: Rules) -> Self:
        """Read a site's folder; what can't be read there is passed over."""
        contents = cls(rules)
        contents._read(Folder(folder))
        return contents

    def _read(self, folder: "Folder") -> None:
        entries = list(folder.entries())
        pages = [Path(entry.path) for entry in entries if is_page(entry)]
        indexes = [page for page in pages if page.name.startswith("_index.")]
        if not self.rules.is_ignored(folder.path):
            for index in indexes:
                if not self._add_section(folder, index):
                    return
        for page in pages:
            if page not in indexes and not self.rules.is_ignored(page):
                path = self._add_page(folder, page)
                folder = replace(folder, page=path) if page.stem == "index" else folder
        for entry in entries:
            if entry.is_dir():
                self._read(folder.inner(entry.name))
            elif not entry.name.endswith(".md"):
                self._add_asset(folder, entry.name, in_section=bool(indexes))

    def _add_section(self, folder: "Folder", file: Path) -> bool:
        """Add a section; tell whether its folder is part of the site: that of a draft isn't, with all in it."""
        named = self.rules.named(file.stem)
        if named is None or named.name != "_index":
            return True
        values = placing_values(file)
        if values.get("draft") is True:
            return False
        path = "/".join(filter(None, (named.language, *folder.parts)))
        self.sections |= {path.partition("/")[0]} - {""}
        self._serve(path, "/".join((*folder.parts, file.name)), values)
        return True

    def _add_page(self, folder: "Folder", file: Path) -> str | None:
        """Add a page and return its path; None for a draft, or where the path is not sure."""
        values = placing_values(file)
        if values.get("draft") is True:
            return None
        path = self._path(folder, file, values)
        if path is None:
            self.doubtful.add("/".join(folder.parts))
        self._serve(path, "/".join((*folder.parts, file.name)), values)
        return path

    def _add_asset(self, folder: "Folder", name: str, *, in_section: bool) -> None:
        """Add a file that lies beside a page or section, and is served there."""
        if folder.page is not None:
            self.assets.add(f"{folder.page}/{name}")
        if in_section:
            self.assets.add("/".join((*folder.parts, name)))

    def _path(self, folder: "Folder", file: Path, values: Mapping[str, Any]) -> str | None:
        if isinstance(values.get("path"), str):
            return str(values["path"]).strip().strip("/")
        named = self.rules.named(file.stem)
        if named is None:
            return None
        is_index = named.name == "index" and folder.parts
        parts, name = (folder.parts[:-1], folder.parts[-1]) if is_index else (folder.parts, named.name)
        wanted = values.get("slug")
        slug = path_slug(wanted, self.rules.paths) if isinstance(wanted, str) else self.rules.slug(name)
        return slug and "/".join(filter(None, (named.language, *parts, slug)))

    def _serve(self, path: str | None, file: str, values: Mapping[str, Any]) -> None:
        if values.get("render") is False:
            return
        self.files.add(file)
        if path is not None:
            self.pages[path] = file
        self.aliases |= {alias.strip("/"): file for alias in texts(values, "aliases")}


@dataclass(frozen=True, slots=True)
class Folder:
    """A folder on the way through a tree: `parts` are its names from the tree's root on, `above` those it lies in.

    `page` is the path of the page whose folder this is or is in, and at which the files in it are served.
    """

    path: Path
    parts: tuple[str, ...] = ()
    above: tuple[tuple[int, int], ...] = ()
    page: str | None = None

    def entries(self) -> Iterator[os.DirEntry[str]]:
        """Return what is in the folder, by name; nothing where it can't be read, or lies in itself by a link."""
        try:
            if self._identity() in self.above:
                return
            with os.scandir(self.path) as found:
                yield from sorted(found, key=lambda entry: entry.name)
        except OSError:
            return

    def inner(self, name: str) -> "Folder":
        """Return a folder in this one."""
        page = None if self.page is None else f"{self.page}/{name}"
        return Folder(self.path / name, (*self.parts, name), (*self.above, self._identity()), page)

    def _identity(self) -> tuple[int, int]:
        status = self.path.stat()
        return status.st_dev, status.st_ino


def is_page(entry: os.DirEntry[str]) -> bool:
    """Tell whether Zola takes a file for a page or section."""
    return entry.name.endswith(".md") and not entry.name.startswith(".") and entry.is_file()


def files_in(folder: Path) -> Iterator[PurePosixPath]:
    """Return the files of a folder and of those in it, named from there on; links are followed."""
    waiting = [Folder(folder)]
    while waiting:
        current = waiting.pop()
        for entry in current.entries():
            if entry.is_dir():
                waiting.append(current.inner(entry.name))
            else:
                yield PurePosixPath(*current.parts, entry.name)


def placing_values(file: Path) -> Mapping[str, Any]:
    """Return a page's front matter as far as it says where the page is served; nothing where it can't be read."""
    try:
        with file.open("rb") as opened:
            source = opened.read(HEAD).decode("utf-8", "replace")
            found = front_matter(source)
            if found is None or found.end == len(source):
                found = front_matter(source + opened.read().decode("utf-8", "replace"))
        return found.values() if found and MEANINGFUL.search(found.text) else {}
    except (OSError, UnreadableFrontMatter):
        return {}
