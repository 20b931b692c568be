"""How single paragraphs are read: the shortcuts taken there change nothing of what markdown-it makes of them."""

import pytest
from hypothesis import given
from markdown_it.rules_block import StateBlock
from markdown_it.rules_inline import StateInline, text

from tests.export.writing import HOSTILE
from twimbot.export.reader import BLOCK_RULES, READER, RULES, read_inline


def test_every_rule_of_the_parser_is_known() -> None:
    known = {rule for rules in RULES.values() for rule, _ in rules}
    assert {text, *known} == set(READER.inline.ruler.getRules(""))


@given(HOSTILE)
def test_no_rule_takes_what_begins_with_a_character_that_it_is_not_asked_about(content: str) -> None:
    for place, character in enumerate(content):
        asked = {rule for rule, _ in RULES[character]} if character in RULES else {text}
        for rule in set(READER.inline.ruler.getRules("")) - asked:
            state = StateInline(content, READER, {}, [])
            state.pos = place
            assert not rule(state, True), (character, rule)  # noqa: FBT003 - its API


@pytest.mark.parametrize("line", ["{0}{0}{0}", "{0}", "{0} a", "{0}) a", "{0}a]: /b", "{0}div>"])
def test_no_rule_for_blocks_takes_a_line_whose_first_character_it_is_not_asked_about(line: str) -> None:
    for character in map(chr, range(0x21, 0x100)):
        state = StateBlock(line.format(character), READER, {}, [])
        for rules, _ in BLOCK_RULES.values():
            for rule in set(rules.values()) - {rules.get(character)}:
                assert not rule(state, 0, state.lineMax, True), (character, rule)  # noqa: FBT003 - its API


def test_what_was_read_without_references_is_not_taken_for_what_has_them() -> None:
    defined = {"references": {"R": {"href": "/r", "title": ""}}}
    assert [span.kind for span in read_inline("[r]", {}).spans] == ["text"] * 3
    assert [span.href for span in read_inline("[r]", defined).spans if span.leads] == ["/r"]
