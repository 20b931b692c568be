"""Records batches: each event's effects, the answers that they call for, and the reading position, all at once.

An event that fails is rolled back alone, recorded, and stops nothing (docs/architecture.md, promises 1 and 5).
"""

import asyncio
import traceback
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta

import structlog

from twimbot import words
from twimbot.commands.filing import recall_question
from twimbot.commands.table import answer, called, is_command
from twimbot.config import Publication
from twimbot.desk.agreeing import agreed_to, hear_agreement
from twimbot.desk.choosing import take_reply
from twimbot.desk.limit import is_admitted
from twimbot.desk.moments import Moments
from twimbot.desk.proposals import hear_verdict, hear_withdrawal
from twimbot.desk.reactions import hear_reaction, hear_redaction
from twimbot.desk.situation import Erased, Situation
from twimbot.desk.submissions import hear_edit, hear_message
from twimbot.desk.texts import is_valid, latest_edit
from twimbot.errors import DatabaseError
from twimbot.intake.fallbacks import own_words
from twimbot.intake.mention import Bot, is_addressed, is_addressed_in_vain
from twimbot.intake.text import submission_text
from twimbot.matrix.standing import note_fault, note_read, regain
from twimbot.model.batch import Batch, Past
from twimbot.model.calendar import EPOCH, milliseconds
from twimbot.model.catalogue import plain_key
from twimbot.model.entry import Pong
from twimbot.model.event import (
    Edit,
    EncryptionStart,
    Event,
    Membership,
    Message,
    Reaction,
    Redaction,
    Unreadable,
    Upgrade,
)
from twimbot.store.database import Database
from twimbot.store.outbox import ANSWER
from twimbot.store.people import Forgotten
from twimbot.store.records import Records
from twimbot.store.rooms import Purpose

log = structlog.get_logger(__name__)

MEMORY = timedelta(days=30)
"""How long it is kept who has asked something of the bot, and who has left: longer than events are late."""

HELP = "help"
LONGEST_CALL = 300
"""How many characters a message has at most that asks for help by the bot's name, with its mention."""

Use = tuple[Publication, frozenset[Purpose]]
Uses = Mapping[str, tuple[Use, ...]]


@dataclass(frozen=True, slots=True)
class Reference:
    """An event that a batch speaks of and that neither it nor the store holds."""

    room_id: str
    event_id: str


class Desk:
    """Decides and records; `clock` tells the present time in UTC, `can_decrypt` whether encrypted rooms are read."""

    def __init__(
        self,
        database: Database,
        publications: Mapping[str, Publication],
        user_id: str,
        clock: Callable[[], datetime] = lambda: datetime.now(UTC),
        *,
        can_decrypt: bool = True,
    ) -> None:
        self._database = database
        self._publications = publications
        self._user_id = user_id
        self._clock = clock
        self._can_decrypt = can_decrypt

    async def references(self, batch: Batch) -> list[Reference]:
        """Return the events that must be fetched for a batch: what is edited or taken up, and what is below that."""
        inside = {event.event_id for room in batch.rooms for event in room.events}
        wanted: dict[str, Reference] = {}
        async with self._database.snapshot() as records:
            uses, bot = await self._uses(records), Bot(self._user_id, await records.rooms.bot_names())
            for room in batch.rooms:
                for event in room.events:
                    about = await agreed_to(records, event) if room.room_id in uses else None
                    if about and about[1] not in inside:
                        wanted[about[1]] = Reference(*about)
                    for event_id in await _needed(records, event, uses.get(room.room_id, ()), bot):
                        if event_id not in inside and not await _is_known(records, event_id):
                            wanted[event_id] = Reference(room.room_id, event_id)
        return list(wanted.values())

    async def strangers(self, batch: Batch, fetched: Mapping[str, Event]) -> list[tuple[str, str]]:
        """Return who may become an entry's sender, and is told of neither by the batch nor by the store.

        That is, by room and user ID: whoever has addressed the bot, and whose messages were fetched.
        """
        told = {
            (event.room_id, event.user_id)
            for room in batch.rooms
            for event in (*room.members, *room.events)
            if isinstance(event, Membership)
        }
        found: dict[tuple[str, str], bool] = {}
        async with self._database.snapshot() as records:
            bot = Bot(self._user_id, await records.rooms.bot_names())
            uses = await self._uses(records)
            said = [event for room in batch.rooms if room.room_id in uses for event in room.events]
            for event in (*said, *fetched.values()):
                who = (event.room_id, event.sender)
                if not isinstance(event, Message | Edit) or who in told or found.get(who):
                    continue
                if await records.rooms.is_member_known(*who):
                    told.add(who)
                else:
                    is_meant = event.event_id in fetched or is_addressed(event.content, bot, is_reply=False)
                    found[who] = is_meant
        return [who for who, is_meant in found.items() if is_meant]

    async def record(self, batch: Batch, fetched: Mapping[str, Event]) -> Erased:
        """Record a batch in one transaction; return what it erased."""
        erased = Erased()
        async with self._database.transaction() as records:
            moments = Moments(self._clock(), await records.rooms.position_time(), await records.rooms.unheard_since())
            batch, fetched = moments.of_batch(batch), moments.of_fetched(fetched)
            batch, fetched = _without_forgotten(batch, fetched, await records.people.forgotten())
            told = {event.event_id: event for room in batch.rooms for event in room.events}
            nearby = told | {event.event_id: _before_edit(event, told) for event in fetched.values()}
            scene = _Scene(
                records=records,
                uses=await self._uses(records),
                bot=Bot(self._user_id, await records.rooms.bot_names()),
                nearby=nearby,
                erased=erased,
                to_come=set(told),
            )
            for room_id, event_id in batch.decrypted:
                await records.undecrypted.remove(event_id, room_id)
            for room in batch.rooms:
                scene = replace(scene, past=room.past)
                for member in room.members:
                    await self._name(records, member)
                for event in room.events:
                    with structlog.contextvars.bound_contextvars(event_id=event.event_id, room_id=room.room_id):
                        scene.to_come.discard(event.event_id)
                        await self._record_alone(scene, event)
                        scene.follow(event)
                    await asyncio.sleep(0)  # nothing else has waited: sends go on beside a long batch
            if erased.is_any:
                await records.archive.wipe()
            for room_id in batch.read_back:
                await note_read(records, room_id)
                await regain(records, room_id)
            for room_id, reason in batch.faults.items():
                await note_fault(records, room_id, reason)
            if batch.token is not None:
                await records.rooms.keep_position(batch.token, milliseconds(self._clock()))
                await records.demands.forget(milliseconds(self._clock() - MEMORY))
                await records.people.let_go(milliseconds(self._clock() - MEMORY))
                await records.media.forget_use((self._clock() - MEMORY - EPOCH) // timedelta(days=1))
        return erased

    async def _record_alone(self, scene: "_Scene", event: Event) -> None:
        try:
            if _is_chatter(event, scene):
                return
            async with scene.records.savepoint():
                await self._record_event(scene, event)
        except DatabaseError:
            raise  # says nothing about this event: the whole batch comes again
        except Exception:
            log.exception("event failed")
            now = milliseconds(self._clock())
            await scene.records.journal.note_failure(event, traceback.format_exc(), now)

    async def _record_event(self, scene: "_Scene", event: Event) -> None:
        records = scene.records
        if isinstance(event, Membership):
            await self._name(records, event)
            if event.erases:
                await self._erase_member(scene, event)
        if isinstance(event, Upgrade):
            await records.rooms.keep_successor(event.room_id, event.replacement, event.sender.partition(":")[2])
            log.info("room upgraded", successor=event.replacement)
        await self._record_encryption(scene, event)
        if isinstance(event, Message) and event.cause and event.sender == self._user_id:
            await records.outbox.recognise_message(event.room_id, event.cause, event.event_id)
            await recall_question(records, event)
            if event.cause.purpose.startswith(ANSWER):
                await records.journal.end_export(event.cause.event_id)
                await records.catalogue.end_reload(event.cause.event_id)
        for configured, purposes in scene.uses.get(event.room_id, ()):
            now, publication = self._clock(), await records.catalogue.present(configured)
            situation = Situation(records, publication, scene.bot, now, scene.nearby, scene.past, scene.erased)
            await self._hear(situation, event, purposes)

    async def _erase_member(self, scene: "_Scene", kick: Membership) -> None:
        """Delete all that somebody has said in a room, as the kick or ban that says so does on homeservers.

        The first time that is all that was heard so far. Heard again, it leaves alone what they have said since they
        came back.
        """
        records = scene.records
        is_news = await records.journal.begin(kick.event_id, kick.room_id, kick.sent_at)
        said = await records.entries.said_by(kick.room_id, kick.user_id, None if is_news else kick.sent_at)
        base = (kick.event_id, kick.room_id, kick.sender, kick.sent_at)
        for event_id in dict.fromkeys((*said, *scene.heard_from(kick))):
            redaction = Redaction(*base, event_id)
            await self._record_event(scene, redaction)
            scene.follow(redaction)
        log.info("put out, and what they said deleted", user=kick.user_id, events=len(said), sender=kick.sender)

    async def _hear(self, situation: Situation, event: Event, purposes: frozenset[Purpose]) -> None:
        """Do what an event means in a room with these uses."""
        bots = situation.publication.rooms.ping_bots
        is_ping_bot = bots is None or event.sender in bots
        if isinstance(event, Message) and "pings" in purposes and event.pong and is_ping_bot:
            await situation.records.journal.note_pong(event, Pong(event.pong.server, event.pong.milliseconds))
        if isinstance(event, Redaction) and "pings" in purposes:
            await situation.records.journal.erase_pong(event.target, event.room_id)
        if not (isinstance(event, Message) and await self._heed(situation, event, purposes)) and (
            "submissions" in purposes or (isinstance(event, Redaction) and "editors" in purposes)
        ):
            await _hear_submission(situation, event)
        if isinstance(event, Reaction):
            await self._hear_yes(situation, event, purposes)
        if isinstance(event, Redaction):
            await hear_withdrawal(situation, event)

    async def _hear_yes(self, situation: Situation, reaction: Reaction, purposes: frozenset[Purpose]) -> None:
        """Do what an editor says yes or no to; what waited for that is heard again, as what is said in its room."""
        if "editors" in purposes:
            await hear_verdict(situation, reaction)
        event = await hear_agreement(situation, reaction)
        if event:
            is_here = event.room_id == reaction.room_id
            agreed = replace(situation, agreed=event.event_id)
            await self._hear(agreed, event, purposes if is_here else frozenset({"submissions"}))

    async def _heed(self, situation: Situation, message: Message, purposes: frozenset[Purpose]) -> bool:
        """Do what a message tells the bot to do; return whether that is all it can mean."""
        written = await _behind_command(message, situation)
        if written is not None:
            if purposes & {"submissions", "editors"}:
                await self._obey(situation, message, written, purposes)
            return True
        if await take_reply(situation, message):
            return True
        if "editors" not in purposes or "submissions" in purposes:
            return False
        if _is_to_bot(message, situation):
            await self._obey_addressed(situation, message, purposes)
        return True

    async def _record_encryption(self, scene: "_Scene", event: Event) -> None:
        """Note that a room is encrypted, and what can't be decrypted there yet; elsewhere that is nothing of ours."""
        records = scene.records
        is_new = isinstance(event, EncryptionStart) and await records.rooms.note_encryption(event.room_id)
        if is_new and not self._can_decrypt:
            await _warn_of_encryption(scene, event.room_id, event.event_id)
        if isinstance(event, Unreadable) and await records.rooms.is_encrypted(event.room_id):
            log.warning("event can't be decrypted yet", sender=event.sender)
            if await records.undecrypted.keep(event, is_history=scene.past is not None):
                log.warning("too many events wait for keys; the oldest are let go", sender=event.sender)
        if isinstance(event, Redaction) and await records.undecrypted.remove(event.target, event.room_id):
            scene.erased.is_any = True

    async def _obey_addressed(self, situation: Situation, message: Message, purposes: frozenset[Purpose]) -> None:
        """Carry out what an editor says to the bot in the editors' room where it names a command, else say how to."""
        said = submission_text(message.content, situation.bot, is_reply=message.replies_to is not None)
        command = situation.publication.command
        written = said[len(command) :].removeprefix(":").strip() if is_command(said, command) else said
        await self._obey(situation, message, written, purposes, is_by_name=True)

    async def _obey(
        self,
        situation: Situation,
        message: Message,
        written: str,
        purposes: frozenset[Purpose],
        *,
        is_by_name: bool = False,
    ) -> None:
        """Carry out a command; one from before the bot's time is history, now and whenever it is read again.

        One that it has answered, in a life that it has forgotten, is carried out again, to the same end.
        """
        if situation.past and message.event_id not in situation.past.answered:
            await situation.records.journal.begin(message.event_id, message.room_id, message.sent_at)
            return
        publication, records = situation.publication, situation.records
        call = called(publication, message.sender, written, is_submission_room="submissions" in purposes)
        if call is not None and call.command is None and is_by_name:
            if await records.journal.begin(message.event_id, message.room_id, message.sent_at):
                await situation.reply(message, words.how_to_command(publication.command), ANSWER)
        elif call is not None and await is_admitted(situation, message):
            said = await answer(
                *(publication, records, message, call),
                is_history=situation.is_first_reading,
                is_agreed=situation.agreed == message.event_id,
            )
            if said is not None:
                is_in_the_way = "submissions" in purposes and words.is_long(said)
                await situation.reply(message, said, ANSWER, opens_thread=is_in_the_way)

    async def _name(self, records: Records, event: Membership) -> None:
        if event.membership != "join":  # who leaves keeps the name that stood when they wrote
            await records.people.leave(event.room_id, event.user_id, milliseconds(self._clock()))
            return
        await records.rooms.name_member(event.room_id, event.user_id, event.display_name)
        if event.user_id == self._user_id and event.display_name:
            await records.rooms.keep_bot_name(event.display_name)

    async def _uses(self, records: Records) -> Uses:
        """Return what each room is used for, by publication."""
        uses: dict[str, dict[str, set[Purpose]]] = {}
        for room in await records.rooms.known():
            uses.setdefault(room.room_id, {}).setdefault(room.publication, set()).add(room.purpose)
        return {
            room_id: tuple(
                (self._publications[key], frozenset(purposes))
                for key, purposes in by_publication.items()
                if key in self._publications
            )
            for room_id, by_publication in uses.items()
        }


@dataclass(frozen=True, slots=True)
class _Scene:
    """What the events of a batch have in common.

    `nearby` are its events and those fetched for it, as they stand at the event in hand; `edits` are those of the
    batch so far, by what they edit; `to_come` are its events behind the one in hand.
    """

    records: Records
    uses: Uses
    bot: Bot
    nearby: dict[str, Event]
    erased: Erased
    to_come: set[str]
    past: Past | None = None
    edits: dict[str, dict[str, Edit]] = field(default_factory=dict)

    def follow(self, event: Event) -> None:
        """Let the message that an event edits or deletes stand as the homeserver would tell it from now on."""
        if isinstance(event, Edit):
            self._edits_of(event.target)[event.event_id] = event
            self._renew(event.target)
        elif isinstance(event, Redaction):
            gone = self.nearby.get(event.target)
            if gone is None or gone.room_id != event.room_id:
                return
            del self.nearby[event.target]
            if isinstance(gone, Edit):
                self._edits_of(gone.target).pop(gone.event_id, None)
                self._renew(gone.target)

    def heard_from(self, kick: Membership) -> list[str]:
        """Return the events at hand that somebody had sent to a room before they were put out of it."""
        whose = (kick.user_id, kick.room_id)
        return [
            event.event_id
            for event in self.nearby.values()
            if (event.sender, event.room_id) == whose and event.event_id not in self.to_come
        ]

    def _edits_of(self, target: str) -> dict[str, Edit]:
        """Return the edits of a message so far, the one beside it among them."""
        if target not in self.edits:
            original = self.nearby.get(target)
            beside = original.replacement if isinstance(original, Message) else None
            self.edits[target] = {beside.event_id: beside} if beside else {}
        return self.edits[target]

    def _renew(self, target: str) -> None:
        """Put the latest edit so far beside the message that it edits."""
        original = self.nearby.get(target)
        if isinstance(original, Message):
            alone = replace(original, replacement=None)
            valid = [edit for edit in self._edits_of(target).values() if is_valid(edit, alone)]
            self.nearby[target] = replace(alone, replacement=latest_edit(alone, valid))


def _before_edit(fetched: Event, told: Mapping[str, Event]) -> Event:
    """Return a fetched event without the edit beside it where the batch tells that edit: it counts from there on."""
    if isinstance(fetched, Message) and fetched.replacement:
        is_told = isinstance(told.get(fetched.replacement.event_id), Edit)
        return replace(fetched, replacement=None) if is_told else fetched
    return fetched


def _target(event: Event, uses: Iterable[Use]) -> str | None:
    """Return the event that must be known to understand another one, or None."""
    for publication, purposes in uses:
        if "submissions" not in purposes:
            continue
        if isinstance(event, Edit):
            return event.target
        take_up = plain_key(publication.submissions.take_up)
        if isinstance(event, Reaction) and plain_key(event.key) == take_up:
            return event.target
    return None


async def _needed(records: Records, event: Event, uses: Sequence[Use], bot: Bot) -> list[str]:
    """Return what must be known to do what an event says: what it edits or takes up, and what may belong to that.

    The homeserver is asked for each of them. What is below a message belongs to it where an editor takes it up, or
    where its sender addresses it to the bot by an edit.
    """
    target = _target(event, uses)
    if target is None or await records.entries.by_event(target) is not None:
        return [target] if target else []
    if isinstance(event, Edit):
        is_meant = is_addressed(event.content, bot, is_reply=False)
        is_followed = is_meant or await records.demands.is_refused(target) is not None
        sender: str | None = event.sender
    else:
        is_followed = any(event.sender in publication.editors for publication, _ in uses)
        sender = None
    return [target, *(await records.followers.below(target, event.room_id, sender) if is_followed else ())]


async def _is_known(records: Records, event_id: str) -> bool:
    """Tell whether a message has become an entry, or a part of one."""
    return bool(await records.entries.known(event_id) or await records.passages.known(event_id))


async def _warn_of_encryption(scene: _Scene, room_id: str, cause: str) -> None:
    """Say that nothing is read in a room any more: in the log, and in the other editors' rooms of its publications."""
    log.error("room is encrypted now; install twimbot[e2e] and restart")
    publications = {publication.key for publication, _ in scene.uses.get(room_id, ())}
    for room in await scene.records.rooms.known():
        is_told = room.purpose == "editors" and room.publication in publications and room.is_current
        if is_told and room.room_id != room_id:
            content = words.notice(words.room_encrypted(room_id))
            await scene.records.outbox.send(room.room_id, content, cause, f"encryption {room.publication}")


async def _hear_submission(situation: Situation, event: Event) -> None:
    match event:
        case Message():
            await hear_message(situation, event)
        case Edit():
            await hear_edit(situation, event)
        case Reaction():
            await hear_reaction(situation, event)
        case Redaction():
            await hear_redaction(situation, event)
        case _:
            pass


def _without_forgotten(
    batch: Batch, fetched: Mapping[str, Event], forgotten: Forgotten
) -> tuple[Batch, Mapping[str, Event]]:
    """Return what was heard without all that is of people who have been forgotten since."""
    if not forgotten.rows:
        return batch, fetched

    def kept(events: Iterable[Event]) -> tuple[Event, ...]:
        return tuple(event for event in events if not forgotten.covers(event.sender, event.sent_at))

    rooms = tuple(replace(room, events=kept(room.events)) for room in batch.rooms)
    known = {event.event_id for event in kept(fetched.values())}
    return replace(batch, rooms=rooms), {key: event for key, event in fetched.items() if event.event_id in known}


def _is_chatter(event: Event, scene: _Scene) -> bool:
    """Tell whether an event is one of the many that say nothing to the bot and belong to nothing: a plain message."""
    if not isinstance(event, Message) or event.replies_to or event.thread or event.pong:
        return False
    if event.sender == scene.bot.user_id or (scene.past and event.event_id in scene.past.entries):
        return False
    commands = {publication.command for publication, _ in scene.uses.get(event.room_id, ())}
    is_for_bot = any(judge(event.content, scene.bot, is_reply=False) for judge in (is_addressed, is_addressed_in_vain))
    return not is_for_bot and not any(is_command(event.content.body, command) for command in commands)


async def _behind_command(message: Message, situation: Situation) -> str | None:
    """Return what stands behind the command's name in a command: plain text, not the bot's own; None: it is none.

    A reply is one where an editor says it to the bot: others talk about what they read.
    """
    if message.content.kind != "m.text" or message.sender == situation.bot.user_id:
        return None
    said = message.content.body.strip()
    if message.replies_to is not None:
        if not situation.is_editor(message.sender):
            return None
        if await situation.records.outbox.answered_by(message.replies_to, message.room_id) is None:
            return None
        said = own_words(message.content, is_reply=True).body.strip()
    if is_command(said, situation.publication.command):
        return said[len(situation.publication.command) :].removeprefix(":").strip()
    return HELP if _asks_for_help(message, situation) else None


def _asks_for_help(message: Message, situation: Situation) -> bool:
    """Tell whether somebody says nothing but "help" to the bot, by its name."""
    if len(message.content.body) > LONGEST_CALL or HELP not in message.content.body.lower():
        return False
    said = submission_text(message.content, situation.bot, is_reply=False)
    is_meant = message.replies_to is None and is_addressed(message.content, situation.bot, is_reply=False)
    return is_meant and said.strip(" .!?").lower() == HELP


def _is_to_bot(message: Message, situation: Situation) -> bool:
    """Tell whether a message is an editor's words to the bot, written by hand."""
    return (
        message.content.kind == "m.text"
        and message.sender != situation.bot.user_id
        and situation.is_editor(message.sender)
        and is_addressed(message.content, situation.bot, is_reply=message.replies_to is not None)
    )
