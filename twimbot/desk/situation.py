"""What the desk knows while it looks at one event."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime

from twimbot import words
from twimbot.config import Publication
from twimbot.intake.mention import Bot
from twimbot.model.batch import Past
from twimbot.model.event import Event, Message
from twimbot.store.outbox import ACKNOWLEDGEMENTS
from twimbot.store.records import Records


@dataclass(slots=True)
class Erased:
    """What a batch has erased from the store: whether anything, and what is to be removed from the disk with it.

    `files` are the names of kept files, `editions` (publication and date) those whose exported trees may hold it.
    """

    is_any: bool = False
    files: list[str] = field(default_factory=list)
    editions: set[tuple[str, date]] = field(default_factory=set)

    def note(self, publication: str, edition: date | None, files: Iterable[str] = ()) -> None:
        """Note that something was erased from an edition (None: of an entry that no longer counts)."""
        self.is_any = True
        self.files.extend(files)
        if edition is not None:
            self.editions.add((publication, edition))


@dataclass(frozen=True, slots=True)
class Situation:
    """A publication's view of the batch in hand.

    `agreed` is the event that is heard again, as an editor has agreed to it. `past` is what the room tells of the
    bot's own deeds, where it is read for the first time. `nearby` are the messages of the batch and those fetched
    for it, by event ID; `erased` collects what is to be wiped once it is committed.
    """

    records: Records
    publication: Publication
    bot: Bot
    now: datetime
    nearby: Mapping[str, Event]
    past: Past | None
    erased: "Erased"
    agreed: str | None = None

    @property
    def is_first_reading(self) -> bool:
        """Whether the event is history, from before the bot's time in the room or from a life that it has forgotten."""
        return self.past is not None

    def is_editor(self, user_id: str) -> bool:
        """Tell whether somebody decides about this publication's entries."""
        return user_id in self.publication.editors

    def message(self, event_id: str, room_id: str) -> Message | None:
        """Return a message of the same room that the batch brought or that was fetched for it, or None."""
        event = self.nearby.get(event_id)
        return event if isinstance(event, Message) and event.room_id == room_id else None

    async def acknowledge(self, room_id: str, event_id: str, cause: str) -> None:
        """Say that a message was taken up, unless that is said already; `cause` is the event by which it was."""
        ack = self.publication.submissions.ack
        if ack in (await self.records.outbox.reactions_on(room_id, event_id)).values():
            return
        known = await self.records.entries.known(event_id)
        place = (known.edition, known.number) if known else None
        await self.records.outbox.react(room_id, event_id, ack, cause, lane=ACKNOWLEDGEMENTS, place=place)

    async def tell_editors(self, about: Event, told: words.Answer, purpose: str) -> None:
        """Tell the editors of an event once, in their room; history from before the bot's time is not told."""
        room_id = (await self.records.rooms.editors_rooms()).get(self.publication.key)
        if room_id is not None and not self.is_first_reading:
            await self.records.outbox.send(room_id, words.notice(told), about.event_id, purpose)

    async def withdraw_answers(self) -> None:
        """Say nothing of what waits to be said to editors and contributors, as words were deleted that it may quote."""
        await self.records.outbox.withdraw_answers(self.publication.key, words.notice(words.withdrawn()))

    async def reply(self, to: Event, answer: words.Answer, purpose: str, *, opens_thread: bool = False) -> None:
        """Answer an event once; history from before the bot's time is left unanswered, also when it is read again.

        With `opens_thread` an answer to an event outside of threads stands in a thread of its own.
        """
        thread = to.thread if isinstance(to, Message) else None
        if opens_thread:
            thread = thread or to.event_id
        for number, content in enumerate(words.contents(answer, to.event_id, thread)):
            await self.records.outbox.send_or_withhold(
                to.room_id, content, to.event_id, f"{purpose} {number}", is_withheld=self.is_first_reading
            )
        for aside in answer.asides:
            await self.records.outbox.send_or_withhold(
                to.room_id, words.notice(aside), to.event_id, aside.purpose, is_withheld=self.is_first_reading
            )
