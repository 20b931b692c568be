"""What came in at once: the events of some rooms, and the token that stands for having read them."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date

from twimbot.model.event import AGREEMENT, Event, Membership, Message, Reaction


@dataclass(frozen=True, slots=True)
class Past:
    """What a room's history tells of what the bot itself has done there, in a life that the store doesn't know.

    `entries` are the messages that it has taken up, with their editions and numbers, `answered` the commands that it
    has carried out, by event ID.
    """

    entries: dict[str, tuple[date, int]] = field(default_factory=dict)
    answered: set[str] = field(default_factory=set)

    def recall(self, events: Iterable[Event], user_id: str) -> None:
        """Note what some of the room's events tell; `user_id` is the bot's."""
        for event in events:
            if event.sender != user_id:
                continue
            if isinstance(event, Reaction) and event.place:
                self.entries.setdefault(event.target, event.place)
            elif isinstance(event, Message) and event.cause and not event.cause.purpose.startswith(AGREEMENT):
                self.answered.add(event.cause.event_id)


@dataclass(frozen=True, slots=True)
class RoomEvents:
    """Events of one room in its order; `members` are the names of their senders as they stood before.

    `past` marks the first reading of a room. What the bot has not done there before is history: commands are not
    carried out, and nobody is told off for a message of last Tuesday. `is_read_back`: they were not heard as they came,
    but read back or kept for a key, so they may be as old as they say.
    """

    room_id: str
    events: tuple[Event, ...]
    members: tuple[Membership, ...] = ()
    past: Past | None = None
    is_read_back: bool = False


@dataclass(frozen=True, slots=True)
class Batch:
    """Events whose effects are recorded together, as runs of one room after another; a room may have several.

    `token` is the reading position to store with them (None: a part of a longer reading). `read_back` are the rooms
    whose history is complete with this batch, `faults` those in which something is left to be read, as the homeserver
    failed there, and why. `decrypted` are the events (room and event ID) that were kept for want of a key, and are no
    longer.
    """

    rooms: tuple[RoomEvents, ...]
    token: str | None = None
    read_back: tuple[str, ...] = ()
    decrypted: tuple[tuple[str, str], ...] = ()
    faults: Mapping[str, str] = field(default_factory=dict)
