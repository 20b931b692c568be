"""What a command's handler is given besides its arguments."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from twimbot import words
from twimbot.config import Publication
from twimbot.model.calendar import moment
from twimbot.model.entry import Entry
from twimbot.model.event import Message
from twimbot.store.entries import Decision
from twimbot.store.records import Records

MOST_DIGITS = 18
"""As many digits of a number as SQLite's integers hold."""


@dataclass(frozen=True, slots=True)
class Request:
    """A command that somebody gave in a room of a publication, with the records of the batch that it came in.

    `publication` has its present catalogue; `due` is the edition that is meant where none is named. `is_history`: the
    command was answered in a life that the store has forgotten, and nobody is told anything again.
    """

    publication: Publication
    records: Records
    message: Message
    due: date
    is_history: bool = False

    @property
    def is_by_editor(self) -> bool:
        """Whether who gave the command decides about the publication's entries."""
        return self.message.sender in self.publication.editors

    @property
    def now(self) -> datetime:
        """When the command was given, in UTC: replaying it means the same edition."""
        return moment(self.message.sent_at)

    @property
    def decision(self) -> Decision:
        """The command as the store keys it."""
        return Decision(self.message.event_id, self.message.sender, self.message.sent_at)

    async def sender_name(self) -> str:
        """Return the display name of who gave the command, or the localpart of their Matrix ID."""
        name = await self.records.rooms.member_name(self.message.room_id, self.message.sender)
        return name or self.message.sender[1:].partition(":")[0]

    async def editors_of_text(self, entry: Entry) -> list[str]:
        """Return how the editors are called whose texts an entry has."""
        editors = await self.records.entries.rewriters(entry)
        names = [await self.records.rooms.member_name(self.message.room_id, editor) for editor in editors]
        return [name or editor for name, editor in zip(names, editors, strict=True)]

    async def tell_editors(self, content: Mapping[str, Any], purpose: str) -> None:
        """Tell the editors of the command, in their room."""
        room_id = (await self.records.rooms.editors_rooms()).get(self.publication.key)
        if room_id is not None:
            await self.records.outbox.send_or_withhold(
                room_id, content, self.message.event_id, purpose, is_withheld=self.is_history
            )

    def name_of(self, entry: Entry) -> str:
        """Return how an entry is written in a command: `N`, or `DATE/N` where it is not of the due edition."""
        return words.entry_number(entry, self.due)


async def request_of(
    publication: Publication, records: Records, message: Message, *, is_history: bool = False
) -> Request:
    """Return the request that a message makes, at the time at which it was sent."""
    due = await records.editions.due(publication.key, publication.calendar, moment(message.sent_at))
    return Request(publication, records, message, due, is_history)
