"""Which edits count (Client-Server API, "Validity of replacement events")."""

from dataclasses import replace

import pytest

from tests.desk.scene import ANNA, BEN, EDITORS, SUBMISSIONS, TEXT
from twimbot.desk.texts import is_valid
from twimbot.model.event import Content, Edit, Message

CONTENT = Content("m.text", TEXT)
ORIGINAL = Message("$message", SUBMISSIONS, ANNA, 0, CONTENT)
EDIT = Edit("$edit", SUBMISSIONS, ANNA, 1, "$message", CONTENT)


def test_an_edit_by_its_sender_in_its_room_counts() -> None:
    assert is_valid(EDIT, ORIGINAL)


@pytest.mark.parametrize(
    "edit",
    [
        replace(EDIT, sender=BEN),
        replace(EDIT, room_id=EDITORS),
        replace(EDIT, target="$other"),
        replace(EDIT, content=Content("m.notice", TEXT)),
    ],
    ids=["by somebody else", "of another room", "of another message", "into a notice"],
)
def test_any_other_does_not(edit: Edit) -> None:
    assert not is_valid(edit, ORIGINAL)


def test_one_of_a_notice_does_not() -> None:
    assert not is_valid(EDIT, replace(ORIGINAL, content=Content("m.notice", TEXT)))
