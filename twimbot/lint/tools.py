"""Runs the site's own linters on a post: rumdl on its Markdown, typos on its words."""

import json
import subprocess
import sysconfig
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from twimbot.lint.finding import Finding
from twimbot.lint.post import Post
from twimbot.lint.words import known_words, prose_only

SCRIPTS = Path(sysconfig.get_path("scripts"))
"""Where the commands of packages are installed; both linters are packages."""

PATIENCE = 60.0
"""How long a linter may take, in seconds; it needs a fraction of one."""

RULES = "MD001,MD003,MD011,MD022,MD030,MD031,MD034,MD039"
"""Those that the site of This Week in Matrix enables."""

RUMDL = ("check", "--stdin", "--no-config", "--no-cache", "--flavor", "commonmark", "--output-format", "json-lines")
TYPOS = ("--isolated", "--format", "json", "-")
TYPOS_CONFIGURATIONS = ("typos.toml", "_typos.toml", ".typos.toml")
"""The names that typos looks for, in this order."""

COULD_NOT_RUN = "so it has checked nothing"


class _Failed(Exception):
    """A linter could not be run; the sentence says why."""


def tool_findings(
    text: str, checkout: Path | None = None, names: Iterable[str] = (), scripts: Path = SCRIPTS
) -> list[Finding]:
    """Return what rumdl and typos say about a whole post, by line; a linter that can't be run is a sentence at line 1.

    No configuration that lies about is read, but the site's own for typos where its checkout is given. `names` are
    spelt as they should be, and so are all words that stand in the post's code, addresses and contributors' names.
    """
    found: list[Finding] = []
    for findings in (_on_markdown(text, scripts), _on_words(text, checkout, names, scripts)):
        try:
            found += findings
        except _Failed as failure:
            found.append(Finding(1, str(failure)))
    return sorted(found)


def _on_markdown(text: str, scripts: Path) -> Iterator[Finding]:
    for warning in _answers(scripts, "rumdl", (*RUMDL, "--enable", RULES), text):
        yield Finding(warning["line"], f"{warning['message'].rstrip('.')} (rumdl {warning['rule']}).")


def _on_words(text: str, checkout: Path | None, names: Iterable[str], scripts: Path) -> Iterator[Finding]:
    post = Post.read(text)
    known = known_words(post, names)
    for answer in _answers(scripts, "typos", (*_typos_configuration(checkout), *TYPOS), prose_only(post)):
        if answer["type"] == "typo" and answer["typo"].casefold() not in known:
            meant = ", ".join(f"“{word}”" for word in answer["corrections"])
            hint = f"; perhaps {meant} is meant" if meant else ""
            yield Finding(answer["line_num"], f"“{answer['typo']}” may be misspelt{hint}.")


def _typos_configuration(checkout: Path | None) -> tuple[str, ...]:
    files = [checkout / name for name in TYPOS_CONFIGURATIONS] if checkout else []
    return next((("--config", str(file)) for file in files if file.is_file()), ())


def _answers(scripts: Path, tool: str, arguments: Iterable[str], text: str) -> list[dict[str, Any]]:
    """Return what a linter answers to a text, an object a line; raises _Failed where it doesn't."""
    try:
        done = subprocess.run(  # noqa: S603 - a linter that came with us, and our own arguments
            [scripts / tool, *arguments],
            input=text.encode(),
            env={},  # the bot's own holds its password
            capture_output=True,
            check=False,
            timeout=PATIENCE,
        )
    except FileNotFoundError as error:
        raise _Failed(f"{tool} is not installed beside this Python, {COULD_NOT_RUN}; install twimbot anew.") from error
    except (OSError, subprocess.TimeoutExpired) as error:
        raise _Failed(f"{tool} has failed, {COULD_NOT_RUN}: {error}.") from error
    try:
        answers = [json.loads(line) for line in done.stdout.splitlines() if line.strip()]
    except ValueError as error:
        raise _Failed(f"{tool} has failed, {COULD_NOT_RUN}: its answer can't be read.") from error
    if done.returncode and not answers:
        reason = " ".join(done.stderr.decode("utf-8", "replace").split()).rstrip(".")
        raise _Failed(f"{tool} has failed, {COULD_NOT_RUN}: {reason}.")
    return answers
