"""Texts that are built to be slow to read take a time that grows with their length alone."""

import re
import time
from collections.abc import Callable

import pytest

from tests.intake.messages import BOT, PILL
from twimbot.intake.formatted import read_html
from twimbot.intake.loss import LINE_MARKS, MARKS, loss
from twimbot.intake.mention import is_addressed
from twimbot.intake.text import submission_text
from twimbot.model.event import Content

SHORT = 10_000
FACTOR = 4
MOST_GROWTH = FACTOR * 2.2
"""A time that grows with the square would grow 16-fold."""

UNITS = ("[", r"\[", "]", "](", "[a](b", "[a](", "*", "_", "`", "~", "<a ", "<b ", "<", "&", "\\", ">", "- ", "#", "|")


def seconds(act: Callable[[str], object], text: str) -> float:
    """Return the least time of several."""
    times = []
    for _ in range(3):
        began = time.process_time()
        act(text)
        times.append(time.process_time() - began)
    return min(times)


def growth(act: Callable[[str], object], unit: str) -> float:
    """Return how much more time a text takes that is FACTOR times as long."""
    short, long = (unit * (size // len(unit)) for size in (SHORT, FACTOR * SHORT))
    return seconds(act, long) / max(seconds(act, short), 0.001)


def of_body(text: str) -> None:
    content = Content("m.text", f"Weekly: {text}")
    is_addressed(content, BOT, is_reply=False)
    submission_text(content, BOT, is_reply=False)


def of_html(text: str) -> None:
    content = Content("m.text", "Weekly: x", f"{PILL}: <b>x</b>{text}", (BOT.user_id,))
    is_addressed(content, BOT, is_reply=False)
    submission_text(content, BOT, is_reply=False)


def of_both(text: str) -> None:
    content = Content("m.text", f"Weekly: {text}x", f"{PILL}: <b>x</b>{text}", (BOT.user_id,))
    is_addressed(content, BOT, is_reply=False)
    submission_text(content, BOT, is_reply=False)


@pytest.mark.parametrize("act", [of_body, of_html, of_both])
@pytest.mark.parametrize("unit", UNITS)
def test_a_message_takes_a_time_in_proportion_to_its_length(act: Callable[[str], object], unit: str) -> None:
    assert growth(act, unit) < MOST_GROWTH


@pytest.mark.parametrize("pattern", [*MARKS.values(), *LINE_MARKS.values()], ids=lambda pattern: pattern.pattern)
@pytest.mark.parametrize("unit", UNITS)
def test_signs_are_looked_for_in_proportion(pattern: re.Pattern[str], unit: str) -> None:
    assert growth(lambda text: list(pattern.finditer(text)), unit) < MOST_GROWTH


@pytest.mark.parametrize("target", ["https://" + "a" * 2000 + "b", "https://a"])
def test_addresses_are_looked_for_in_proportion(target: str) -> None:
    html = read_html("".join(f'<a href="{target}{number}">x</a>' for number in range(100)))
    assert html is not None
    assert growth(lambda text: loss(text, html), "a") < MOST_GROWTH
