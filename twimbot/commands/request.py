"""What a command's handler is given, and how a word of a command is read."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from twimbot import words
from twimbot.config import Publication
from twimbot.errors import CommandError
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

    `publication` has its present catalogue. `is_history`: the command was answered in a life that the store has
    forgotten, and nobody is told anything again.
    """

    publication: Publication
    records: Records
    message: Message
    arguments: str
    is_history: bool = False

    @property
    def now(self) -> datetime:
        """When the command was given: replaying it means the same edition."""
        return moment(self.message.sent_at)

    @property
    def decision(self) -> Decision:
        """The command as the store keys it."""
        return Decision(self.message.event_id, self.message.sender, self.message.sent_at)

    async def due(self) -> date:
        """Return the edition that is meant where none is named."""
        return await self.records.editions.due(self.publication.key, self.publication.calendar, self.now)

    async def sender_name(self) -> str:
        """Return the display name of who gave the command, or the localpart of their Matrix ID."""
        name = await self.records.rooms.member_name(self.message.room_id, self.message.sender)
        return name or self.message.sender[1:].partition(":")[0]

    async def tell_editors(self, content: Mapping[str, Any], purpose: str) -> None:
        """Tell the editors of the command, in their room."""
        room_id = (await self.records.rooms.editors_rooms()).get(self.publication.key)
        if room_id is not None:
            await self.records.outbox.send_or_withhold(
                room_id, content, self.message.event_id, purpose, is_withheld=self.is_history
            )

    async def entry(self, written: str) -> Entry:
        """Return the entry that a person wrote as a number, of the due edition, or as `DATE/N`.

        Raises CommandError where there is none.
        """
        day, _, number = written.removeprefix("#").rpartition("/")
        if not number.isdecimal():
            raise CommandError(words.no_number(written, self.publication.command))
        edition = self.edition(day) if day else await self.due()
        asked = int(number[:MOST_DIGITS])
        entry = await self.records.entries.by_number(self.publication.key, edition, asked)
        if entry is None:
            raise CommandError(words.no_such_entry(asked, edition, self.publication.command))
        return entry

    async def name_of(self, entry: Entry) -> str:
        """Return how an entry is written in a command: `N`, or `DATE/N` where it is not of the due edition."""
        return words.entry_number(entry, await self.due())

    def picture_of(self, entry: Entry, written: str) -> tuple[int, str]:
        """Return which picture of an entry a person means by `[K] REST`, counted from 1, and the rest.

        Without a number it is the only one. Raises CommandError where there is no such picture, or none is named.
        """
        first, rest = split_first(written)
        most = len(entry.pictures)
        if most == 0:
            raise CommandError(words.no_picture(entry.name))
        if first.isdecimal() and 0 < int(first[:MOST_DIGITS]) <= most:
            return int(first), rest
        if most > 1 or (first.isdecimal() and not rest):
            raise CommandError(words.which_picture(entry.name, most))
        return 1, written

    def edition(self, written: str) -> date:
        """Return the edition that a person wrote as a date; CommandError where none comes out that day."""
        calendar = self.publication.calendar
        try:
            day = date.fromisoformat(written)
        except ValueError:
            raise CommandError(f"“{written}” is no date; write it as {calendar.edition_of(self.now)}.") from None
        if not calendar.is_edition(day):
            near = calendar.edition_of(calendar.deadline(day))
            raise CommandError(f"No edition comes out on {day:%A}, {day}; the next one after it is {near}.")
        return day


def split_first(arguments: str) -> tuple[str, str]:
    """Split the first word off."""
    first, *rest = arguments.split(maxsplit=1) or [""]
    return first, rest[0].strip() if rest else ""
