"""Who may redact others' events in a room (Client-Server API, "m.room.power_levels"; rooms of version 12)."""

import pytest

from twimbot.matrix.powers import may_redact

EDNA, ANNA = "@edna:example.org", "@anna:example.org"


def state(levels: object, version: object = "10", **more: object) -> list[object]:
    created = {"type": "m.room.create", "sender": EDNA, "content": {"room_version": version, **more}}
    return [created, *([{"type": "m.room.power_levels", "content": levels}] if levels is not None else [])]


@pytest.mark.parametrize(
    ("told", "user_id", "expected"),
    [
        (state({"users": {ANNA: 50}}), ANNA, True),
        (state({"users": {ANNA: "50"}}), ANNA, True),
        (state({"users": {ANNA: 49}}), ANNA, False),
        (state({"users": {ANNA: 50}, "redact": 75}), ANNA, False),
        (state({"users": {ANNA: 50}, "events": {"m.room.redaction": 60}}), ANNA, False),
        (state({"users_default": 50}), ANNA, True),
        (state({"users": {ANNA: 50}, "events_default": 75}), ANNA, False),
        (state({"users": {ANNA: 0}, "redact": 0}), ANNA, True),
        (state({"users": [], "redact": None}), ANNA, False),
        (state(None), EDNA, True),
        (state(None), ANNA, False),
        (state({}), EDNA, False),
        (state({}, version="12"), EDNA, True),
        (state({}, version="12", additional_creators=[ANNA]), ANNA, True),
        (state({}, version="11", additional_creators=[ANNA]), ANNA, False),
        (state({}, version="org.example.unstable"), EDNA, True),
        (state({}, version=12), EDNA, True),
        (state({}, version="12", additional_creators=ANNA), ANNA, False),
        ([], ANNA, True),
        (None, ANNA, True),
    ],
)
def test_power(told: object, user_id: str, *, expected: bool) -> None:
    assert may_redact(told, user_id) is expected
