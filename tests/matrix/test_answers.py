"""Sync and history answers of any shape: what is no event is left out, and nothing raises."""

from hypothesis import given
from hypothesis import strategies as st

from tests.desk.scene import ANNA, SUBMISSIONS
from tests.fuzz.malforming import ANYTHING
from twimbot.matrix.history import _sent_at, room_events
from twimbot.matrix.sync import _joined, _state
from twimbot.store.rooms import KnownRoom

ROOM = KnownRoom("news", "submissions", SUBMISSIONS, SUBMISSIONS, is_current=True, is_read_back=True)
MESSAGE = {"type": "m.room.message", "event_id": "$x", "sender": ANNA, "content": {"msgtype": "m.text", "body": "a"}}
EVENTS = ANYTHING | st.lists(ANYTHING | st.just(MESSAGE), max_size=3)
PARTS = ANYTHING | st.fixed_dictionaries(
    {},
    optional={
        "timeline": ANYTHING | st.fixed_dictionaries({}, optional={"events": EVENTS, "limited": ANYTHING}),
        "state": ANYTHING | st.fixed_dictionaries({"events": EVENTS}),
    },
)
ROOMS = ANYTHING | st.dictionaries(st.sampled_from((SUBMISSIONS, "", "!other")), PARTS, max_size=2)
ANSWERS = st.fixed_dictionaries({}, optional={"rooms": ANYTHING | st.fixed_dictionaries({"join": ROOMS})})


@given(ANSWERS)
def test_a_sync_answer_of_any_shape_is_read(answer: dict[str, object]) -> None:
    for room_id, part in _joined(answer, [ROOM]).items():
        read = room_events(room_id, part["timeline"].get("events"), _state(part))
        assert all(event.room_id == SUBMISSIONS for event in read.events)


@given(EVENTS, EVENTS)
def test_a_page_of_history_of_any_shape_is_read(chunk: object, state: object) -> None:
    room_events(SUBMISSIONS, chunk, state)
    assert all(isinstance(_sent_at(raw), int) for raw in (chunk if isinstance(chunk, list) else ()))
