"""What the linters find in a rendered post, by the numbers of the entries."""

from dataclasses import replace

from tests.export.making import CATALOGUE, contents, entry
from tests.lint.making import WRONG
from twimbot.export.contents import EditionContents, RenderedPost
from twimbot.export.post import render
from twimbot.lint.notes import tool_notes

EDITION = contents(
    entry(1, "The robot has a new arm.", department="bots", project="robot"),
    entry(2, f"We {WRONG} tea.\n\nAnd we {WRONG} milk.", department="clients"),
    entry(3, f"They {WRONG} sugar.", department="status"),
)


def line_of(post: RenderedPost, text: str) -> int:
    return next(number for number, line in enumerate(post.text.splitlines(), 1) if text in line)


def notes(edition: EditionContents) -> tuple[RenderedPost, tuple[str, ...]]:
    post = render(edition)
    return post, tool_notes(post, None, CATALOGUE.names)


def test_a_finding_names_its_entry_and_is_said_once_with_all_its_lines() -> None:
    post, (third, second) = notes(EDITION)
    assert third.startswith(f"Entry 3: line {line_of(post, 'sugar')} of the post: “{WRONG}” may be misspelt")
    lines = f"{line_of(post, ' tea.')}, {line_of(post, ' milk')}"
    assert second.startswith(f"Entry 2: lines {lines} of the post: “{WRONG}” may be misspelt")


def test_what_stands_outside_of_the_entries_has_its_line_alone() -> None:
    projects = tuple(replace(each, description=f"Robots {WRONG} it.") for each in CATALOGUE.projects)
    post, found = notes(replace(EDITION, catalogue=replace(CATALOGUE, projects=projects)))
    assert any(each.startswith(f"Line {line_of(post, 'Robots')} of the post: ") for each in found)


def test_where_a_template_quotes_nothing_only_the_lines_are_known() -> None:
    post = render(EDITION)
    unquoted = replace(post, text=post.text.replace("\n> ", "\n"))
    found = tool_notes(unquoted, None, CATALOGUE.names)
    assert found
    assert not any(each.startswith("Entry") for each in found)
