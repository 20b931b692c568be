"""Valid events of every kind that the desk reads, and what makes them odd: any node of theirs replaced by any JSON."""

from collections.abc import Iterator
from copy import deepcopy
from typing import Any

from hypothesis import strategies as st

from tests.desk.scene import ANNA, BEN, BOT, EDITOR, EDITORS, PINGS, SUBMISSIONS, TEXT

KNOWN = "$known"
"""An entry that is there before the odd event."""

DEEP = 2000
"""How deep the deepest JSON is nested: deeper than Python's own calls go."""

HTML = {"format": "org.matrix.custom.html", "formatted_body": "<mx-reply><b>x</b></mx-reply>NEWS: <i>words</i>"}


def _event(kind: str, sender: str, content: dict[str, Any], room: str = SUBMISSIONS, **more: object) -> dict[str, Any]:
    return {
        "type": kind,
        "event_id": "$odd",
        "room_id": room,
        "sender": sender,
        "origin_server_ts": 1_770_206_400_000,
        "content": content,
        **more,
    }


def _message(sender: str, content: dict[str, Any], room: str = SUBMISSIONS, **more: object) -> dict[str, Any]:
    return _event("m.room.message", sender, {"msgtype": "m.text", **content}, room, **more)


_PICTURE = {"msgtype": "m.image", "body": "A tower", "filename": "a.png", "url": "mxc://example.org/AbC"}
_REPLY = {"m.relates_to": {"m.in_reply_to": {"event_id": KNOWN}}}
_THREAD = {
    "m.relates_to": {"rel_type": "m.thread", "event_id": KNOWN, "is_falling_back": True, **_REPLY["m.relates_to"]}
}
_EDIT = {
    "body": f"* {TEXT}",
    "m.new_content": {"msgtype": "m.text", "body": f"NEWS: {TEXT}", **HTML, "m.mentions": {"user_ids": [BOT]}},
    "m.relates_to": {"rel_type": "m.replace", "event_id": KNOWN},
}
_PROFILE = {"m.per_message_profile": {"has_fallback": True, "displayname": "Bo", "id": "b"}}

VALID: tuple[dict[str, Any], ...] = (
    _message(ANNA, {"body": f"NEWS: {TEXT}", **HTML, "m.mentions": {"user_ids": [BOT]}, **_PROFILE}),
    _message(ANNA, {**_PICTURE, **_THREAD, "file": {"url": "mxc://example.org/B"}}),
    _message(
        ANNA, {"msgtype": "m.gallery", "body": f"NEWS: {TEXT}", "itemtypes": [{**_PICTURE, "itemtype": "m.image"}]}
    ),
    _message(ANNA, {"body": TEXT, **_REPLY}),
    _message(ANNA, {"body": TEXT, **_THREAD}),
    _message(ANNA, _EDIT),
    _message(
        ANNA,
        {"body": f"NEWS: {TEXT}"},
        unsigned={"m.relations": {"m.replace": _message(ANNA, _EDIT)}},
    ),
    *(_message(EDITOR, {"body": f"!news {text}"}, EDITORS) for text in ("file 1 servers Turm", "move 1 2026-02-13")),
    *(_message(EDITOR, {"body": f"!news {text}"}, EDITORS) for text in ("alt 1 1 A tower", "live https://a.example b")),
    *(_message(EDITOR, {"body": f"!news {text}"}) for text in ("show 1", "list 2026-02-06", "cover 1", "help drop")),
    _message(BEN, {"msgtype": "m.notice", "body": "", "pong": {"ms": 12, "from": "example.org", "ping": "$p"}}, PINGS),
    _event("m.reaction", EDITOR, {"m.relates_to": {"rel_type": "m.annotation", "event_id": KNOWN, "key": "📱"}}),
    _event("m.reaction", EDITOR, {"m.relates_to": {"rel_type": "m.annotation", "event_id": "$odd", "key": "⭕"}}),
    _event("m.reaction", BOT, {"m.relates_to": {"rel_type": "m.annotation", "event_id": KNOWN, "key": "✅"}}),
    _event("m.room.redaction", ANNA, {"redacts": "$none"}, redacts="$none"),
    _event("m.room.member", ANNA, {"membership": "join", "displayname": "Anna"}, state_key=ANNA),
    _event("m.room.tombstone", EDITOR, {"replacement_room": "!new:example.org", "body": ""}, state_key=""),
    _event("m.room.encryption", EDITOR, {"algorithm": "m.megolm.v1.aes-sha2"}, state_key=""),
    _event("m.room.encrypted", ANNA, {"algorithm": "m.megolm.v1.aes-sha2", "ciphertext": "A", "session_id": "B"}),
)


def deep(make: Any, depth: int = DEEP) -> Any:  # noqa: ANN401 - JSON
    """Return JSON that is nested to a depth; `make` puts one level around what it is given."""
    value: Any = "bottom"
    for _ in range(depth):
        value = make(value)
    return value


EXTREMES = st.sampled_from(
    (
        *(
            "",
            "\0",
            "\ud800",
            "a\udfffb",
            "\u202e\u2066gnp.exe",
            "\ufeff",
            "\r\n",
            "\u200b",
            "ẞ" * 200,
            "x" * 65_536,
            ">" * 5000,
        ),
        *(
            "$known",
            "$odd",
            ANNA,
            BOT,
            SUBMISSIONS,
            EDITORS,
            "m.text",
            "m.replace",
            "m.thread",
            "mxc://a/b",
            "__class__",
        ),
        *(0, -1, 2**53, 2**63, 2**64, -(2**63) - 1, 10**400, 1e308, -0.0, 0.5, True, False, None),
        *([], {}, [[]], [None], {"": {}}, {"event_id": {}}, ["$known"] * 1000),
        deep(lambda value: [value]),
        deep(lambda value: {"m.relates_to": value}),
        deep(lambda value: {"unsigned": {"m.relations": {"m.replace": value}}}),
        deep(lambda value: {"m.new_content": value, "msgtype": "m.text"}),
    )
)
TEXTS = st.text(st.characters(), max_size=30)
"""Any text, lone surrogates among it: JSON can hold them, and no encoding can."""
ANYTHING = EXTREMES | st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | TEXTS,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(TEXTS, inner, max_size=4),
    max_leaves=8,
)


def places(value: object, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """Yield the way to every node within a JSON value."""
    children: Any = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, child in children:
        yield (*path, key)
        yield from places(child, (*path, key))


@st.composite
def odd_events(draw: st.DrawFn) -> object:
    """Take a valid event, and replace, delete or add some of its nodes; or something that is no event at all."""
    event: Any = deepcopy(draw(st.sampled_from(VALID)))
    if draw(st.integers(0, 30)) == 0:
        return draw(ANYTHING)
    ways = list(places(event))
    changed: list[tuple[Any, ...]] = []
    for _ in range(draw(st.integers(1, 3))):
        way = draw(st.sampled_from(ways))
        if any(way[: len(before)] == before for before in changed):
            continue
        changed.append(way)
        parent = event
        for key in way[:-1]:
            parent = parent[key]
        if isinstance(parent, list) or draw(st.integers(0, 3)):
            parent[way[-1]] = draw(ANYTHING)
        else:
            del parent[way[-1]]
            parent[draw(TEXTS)] = draw(ANYTHING)
    return event
