"""What somebody's power in a room allows, read from the room's state (Client-Server API, "m.room.power_levels")."""

from collections.abc import Mapping
from typing import Any

LEVELS, CREATION = "m.room.power_levels", "m.room.create"
OLD_VERSIONS = [str(number) for number in range(1, 12)]
"""The room versions in which a creator has the power that the levels give, and no more."""


def may_redact(state: object, user_id: str) -> bool:
    """Tell whether somebody may redact what others have sent; `state` is a list of raw events.

    Who created a room has all power where no event says how it is shared out, and in rooms of version 12 and later
    (`additional_creators` too). A room that tells nothing of its powers tells nothing against it.
    """
    events = _by_type(state)
    levels = _binding(events, user_id)
    if CREATION not in events or levels is None:
        return True
    of_type = level(mapping(levels.get("events")).get("m.room.redaction"), level(levels.get("events_default"), 0))
    return power_of(levels, user_id) >= max(level(levels.get("redact"), 50), of_type)


def may_send(state: object, user_id: str, kind: str) -> bool:
    """Tell whether somebody may send events of a type that is no state; `state` is as in `may_redact`."""
    levels = _binding(_by_type(state), user_id)
    if levels is None:
        return True
    needed = level(mapping(levels.get("events")).get(kind), level(levels.get("events_default"), 0))
    return power_of(levels, user_id) >= needed


def _by_type(state: object) -> Mapping[object, Mapping[str, Any]]:
    return {event.get("type"): event for event in map(mapping, state if isinstance(state, list) else [])}


def _binding(events: Mapping[object, Mapping[str, Any]], user_id: str) -> Mapping[str, Any] | None:
    """Return the power levels that somebody is bound by, None for a creator who has all power."""
    creation = events.get(CREATION, {})
    created = mapping(creation.get("content"))
    creators = {creation.get("sender")}
    has_creators = created.get("room_version", "1") not in OLD_VERSIONS
    if has_creators and isinstance(others := created.get("additional_creators"), list):
        creators |= {other for other in others if isinstance(other, str)}
    if user_id in creators and (has_creators or LEVELS not in events):
        return None
    return mapping(mapping(events.get(LEVELS)).get("content"))


def power_of(levels: Mapping[str, Any], user_id: str) -> int:
    """Return somebody's power; whoever created a room of version 12 has no entry here."""
    return level(mapping(levels.get("users")).get(user_id), level(levels.get("users_default"), 0))


def level(value: object, otherwise: int) -> int:
    """Read a power level; old rooms may have them as strings."""
    try:
        return int(value) if isinstance(value, int | str) else otherwise
    except ValueError:
        return otherwise


def mapping(value: object) -> Mapping[str, Any]:
    """Return a JSON object, empty where it is none."""
    return value if isinstance(value, dict) else {}
