"""The site's own linters, really run: what they find is told, and what they can't know about prose is not."""

from contextlib import chdir
from pathlib import Path

import pytest

from tests.lint.making import GOOD, RIGHT, WRONG, line_of, replaced
from twimbot.lint.finding import Finding
from twimbot.lint.tools import tool_findings


def test_of_a_good_post_nothing_is_said() -> None:
    assert tool_findings(GOOD) == []


@pytest.mark.parametrize(
    ("new", "rule"),
    [
        ("##### Handle", "MD001"),
        ("Handle\n------", "MD003"),
        ("(rake)[https://rake.example.org]", "MD011"),
        ("It is\n\n### Spade\nnew.", "MD022"),
        ("-   rakes", "MD030"),
        ("It is\n```\nnew\n```", "MD031"),
        ("See https://rake.example.org", "MD034"),
        ("[ rake ](https://rake.example.org)", "MD039"),
    ],
)
def test_the_rules_of_the_site_are_checked(new: str, rule: str) -> None:
    first = line_of("It scratches.")
    found = tool_findings(replaced("It scratches.", new))
    lines = [finding.line for finding in found if finding.sentence.endswith(f" (rumdl {rule}).")]
    assert lines
    assert all(first <= line <= first + new.count("\n") for line in lines)


def test_other_rules_are_not() -> None:
    long, tabs = "word " * 60, "- a\n\t- b\n* c"
    assert tool_findings(replaced("It scratches.", f"{long}and *more*  \n\n{tabs}\n\n<b>x</b>")) == []


def test_a_misspelt_word_is_told_with_what_was_probably_meant() -> None:
    assert tool_findings(replaced("It scratches.", f"We {WRONG} pears.")) == [
        Finding(line_of("It scratches."), f"“{WRONG}” may be misspelt; perhaps “{RIGHT}” is meant.")
    ]


def test_where_several_words_may_be_meant_all_are_named() -> None:
    (found,) = tool_findings(replaced("It scratches.", f"{'There'[:4]} pears."))
    assert ", “Their”, “The”, " in found.sentence


@pytest.mark.parametrize(
    "text",
    [
        f"Call `{WRONG}()`.",
        f"```\n{WRONG} the pears\n```",
        f"    {WRONG}",
        f'<span class="{WRONG}">x</span>',
        f"See <https://example.org/{WRONG}>.",
        f"See [this](https://example.org/{WRONG} 'x').",
        f"See [this][{WRONG}].\n\n[{WRONG}]: https://example.org",
        f"![A rake](/blog/img/{WRONG}.png)",
        f"Ask @{WRONG}:example.org or #the-{WRONG}:example.org.",
        f"Mail <{WRONG}@example.org>.",
        f"[{WRONG}](https://matrix.to/#/@ada:example.org) also says",
        f"Commit {0xBA685B7:x} and {0x96E9AFE6:x}.",
        f'{{{{youtube_player(video_id="{WRONG}")}}}}',
    ],
)
def test_code_and_addresses_and_names_are_not_spelt(text: str) -> None:
    assert tool_findings(replaced("It scratches.", text)) == []


def test_a_word_of_an_address_is_a_name_wherever_it_stands() -> None:
    text = f"{WRONG.title()} is new, and {WRONG} is good: [see](https://{WRONG}.example.org)."
    assert tool_findings(replaced("It scratches.", text)) == []


def test_the_front_matter_is_not_spelt() -> None:
    assert tool_findings(replaced('author = ["Ada"]', f'author = ["{WRONG}"]')) == []


def test_names_that_are_given_are_right() -> None:
    post = replaced("It scratches.", f"{WRONG.title()} is new.")
    assert len(tool_findings(post)) == 1
    assert tool_findings(post, names=[f"The {WRONG} 2"]) == []


def test_the_words_that_the_site_allows_are_right(tmp_path: Path) -> None:
    post = replaced("It scratches.", f"{WRONG.title()} it.")
    assert tool_findings(post, checkout=tmp_path)
    (tmp_path / ".typos.toml").write_text(f'[default.extend-words]\n{WRONG} = "{WRONG}"\n', encoding="utf-8")
    assert tool_findings(post, checkout=tmp_path) == []


def test_a_configuration_on_the_way_changes_nothing(tmp_path: Path) -> None:
    (tmp_path / "typos.toml").write_text(f'[default.extend-words]\n{WRONG} = "{WRONG}"\n', encoding="utf-8")
    (tmp_path / ".rumdl.toml").write_text("[MD030]\nul-single = 3\n", encoding="utf-8")
    with chdir(tmp_path):
        assert len(tool_findings(replaced("It scratches.", f"- {WRONG}"))) == 1


def test_a_tool_that_is_not_installed_is_a_sentence(tmp_path: Path) -> None:
    assert tool_findings(GOOD, scripts=tmp_path) == [
        Finding(1, "rumdl is not installed beside this Python, so it has checked nothing; install twimbot anew."),
        Finding(1, "typos is not installed beside this Python, so it has checked nothing; install twimbot anew."),
    ]


def test_a_tool_that_fails_is_a_sentence(tmp_path: Path) -> None:
    (tmp_path / ".typos.toml").write_text("default = 5\n", encoding="utf-8")
    (found,) = tool_findings(GOOD, checkout=tmp_path)
    assert found.line == 1
    assert found.sentence.startswith("typos has failed, so it has checked nothing: ")


def test_a_tool_that_answers_in_another_way_is_a_sentence(tmp_path: Path) -> None:
    for name in ("rumdl", "typos"):
        (tmp_path / name).write_text("#!/bin/sh\necho nothing here\n", encoding="utf-8")
        (tmp_path / name).chmod(0o755)
    assert [finding.sentence for finding in tool_findings(GOOD, scripts=tmp_path)] == [
        "rumdl has failed, so it has checked nothing: its answer can't be read.",
        "typos has failed, so it has checked nothing: its answer can't be read.",
    ]
