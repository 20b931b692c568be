"""What came in at once: the events of some rooms, and the token that stands for having read them."""

from dataclasses import dataclass

from twimbot.model.event import Event, Membership


@dataclass(frozen=True, slots=True)
class RoomEvents:
    """Events of one room in its order; `members` are the names of their senders as they stood before."""

    room_id: str
    events: tuple[Event, ...]
    members: tuple[Membership, ...] = ()


@dataclass(frozen=True, slots=True)
class Batch:
    """Events whose effects are recorded together.

    `token` is the reading position to store with them (None: a part of a longer reading). `is_first_reading`
    marks history from before the bot's time in a room: commands in it are not carried out, and nobody is told
    off for a message of last Tuesday. `read_back` are the rooms whose history is complete with this batch.
    """

    rooms: tuple[RoomEvents, ...]
    token: str | None = None
    is_first_reading: bool = False
    read_back: tuple[str, ...] = ()
