"""The front matter of a Zola page, TOML or YAML: where it stands, and what is in it."""

import re
import tomllib
from dataclasses import dataclass
from typing import Any

from ruamel.yaml import YAML
from ruamel.yaml.error import YAMLError

BLOCK = re.compile(
    r"\ufeff?\s*(?P<mark>\+\+\+|---)(?P<text>\r?\n.*?)(?P=mark)[ \t\r\f\v]*(?:\n|\Z)",
    re.DOTALL,
)
"""As Zola finds it (components/content/src/front_matter/split.rs): the first closing mark that ends a line."""

TOML_PLACE = re.compile(r" \(at (?:line (?P<line>\d+), column \d+|end of document)\)\Z")


class UnreadableFrontMatter(Exception):
    """A front matter can't be read: a line of the page, from 1, and the reason."""

    def __init__(self, line: int, reason: str) -> None:
        super().__init__(reason)
        self.line = line


@dataclass(frozen=True, slots=True)
class FrontMatter:
    """A front matter as written; `first_line` is that of its opening mark, from 1, `end` where the Markdown begins."""

    text: str
    is_toml: bool
    first_line: int
    end: int

    def values(self) -> dict[str, Any]:
        """Return what is in it; raises UnreadableFrontMatter where that is no TOML, or no mapping in YAML."""
        return self._toml() if self.is_toml else self._yaml()

    def _toml(self) -> dict[str, Any]:
        try:
            return tomllib.loads(self.text)
        except (ValueError, RecursionError) as error:  # also of a number that is too long, or too deep a nesting
            reason = str(error)
            place = TOML_PLACE.search(reason)
            line = int(place["line"] or self.text.count("\n")) if place else 1
            raise UnreadableFrontMatter(
                self.first_line + line - 1, f"no valid TOML: {TOML_PLACE.sub('', reason)}"
            ) from error

    def _yaml(self) -> dict[str, Any]:
        try:
            values = YAML(typ="safe", pure=True).load(self.text)
        except (YAMLError, ValueError, LookupError, OverflowError, RecursionError) as error:
            mark = getattr(error, "problem_mark", None)
            reason = str(getattr(error, "problem", None) or error).splitlines()[0]
            raise UnreadableFrontMatter(
                self.first_line + (mark.line if mark else 0), f"no valid YAML: {reason}"
            ) from error
        if values is None:
            return {}
        if not isinstance(values, dict):
            raise UnreadableFrontMatter(self.first_line, "no mapping of keys")
        return values


def front_matter(source: str) -> FrontMatter | None:
    """Return the front matter that a page begins with, or None where it has none that is closed."""
    found = BLOCK.match(source)
    if found is None:
        return None
    first_line = source.count("\n", 0, found.start("mark")) + 1
    return FrontMatter(found["text"], found["mark"] == "+++", first_line, found.end())
