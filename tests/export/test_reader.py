"""How single paragraphs are read: the shortcuts taken there change nothing of what markdown-it makes of them."""

from hypothesis import given
from markdown_it.rules_inline import StateInline

from tests.export.writing import HOSTILE
from twimbot.export.reader import READER, RULES, TEXT, read_inline


def test_every_rule_of_the_parser_is_known() -> None:
    known = {rule for rules in (TEXT, *RULES.values()) for rule, _ in rules}
    assert known == set(READER.inline.ruler.getRules(""))


@given(HOSTILE)
def test_no_rule_takes_what_begins_with_a_character_that_it_is_not_asked_about(content: str) -> None:
    for place, character in enumerate(content):
        asked = {rule for rule, _ in RULES.get(character, TEXT)}
        for rule in set(READER.inline.ruler.getRules("")) - asked:
            state = StateInline(content, READER, {}, [])
            state.pos = place
            assert not rule(state, True), (character, rule)  # noqa: FBT003 - its API


def test_what_was_read_without_references_is_not_taken_for_what_has_them() -> None:
    defined = {"references": {"R": {"href": "/r", "title": ""}}}
    assert [span.kind for span in read_inline("[r]", {}).spans] == ["text"] * 3
    assert [span.href for span in read_inline("[r]", defined).spans if span.leads] == ["/r"]
