"""The reading of messages as sixty clients and settings send them, where the team's collection of them is at hand."""

import json
from pathlib import Path
from typing import Any

import pytest

from tests.intake.messages import rendered, submitted
from twimbot.intake.mention import Bot

COLLECTION = Path(__file__).parents[2].parent / "shared" / "facts" / "client-messages.jsonl"
BOT = Bot("@this-week-in:example.org", ("TWIM",))
OTHER_SIGNS = {"ex-rich", "cinny-basic"}
"""Here the body is taken as it was typed, and the collection writes the same with other signs and blank lines."""


def cases() -> list[Any]:
    """Return the collection's cases; one skipped case where it is missing."""
    if not COLLECTION.exists():
        reason = f"the collection of client messages is not at {COLLECTION}; test_submissions has the project's own"
        return [pytest.param({}, marks=pytest.mark.skip(reason=reason), id="collection")]
    lines = COLLECTION.read_text(encoding="utf-8").splitlines()
    return [pytest.param(case, id=case["id"]) for case in map(json.loads, lines)]


@pytest.mark.parametrize("case", cases())
def test_a_message_of_a_known_client_is_read_as_expected(case: dict[str, Any]) -> None:
    text, expected = submitted(case["content"], BOT), case["expected"]["markdown"]
    assert (text is not None) == case["expected"]["is_submission"]
    assert rendered(text or "") == rendered(expected or "")
    assert text == expected or case["id"] in OTHER_SIGNS
