"""A crowd in the submissions room, on the homeserver itself: what people do there in a busy week, in a few minutes.

Everybody's doings are stories, each told by its own `random.Random`, so that a seed always gives the same ones. A
story stops between its steps, and others go on meanwhile, as people come back later to what they wrote.
"""

import asyncio
import heapq
import io
import random
import time
from collections import Counter
from collections.abc import AsyncGenerator, Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, TypeVar

import aiohttp
from PIL import Image

from twimbot.demo.person import Person, text_content
from twimbot.errors import HomeserverError

Result = TypeVar("Result")
Story = AsyncGenerator[None, None]

AT_ONCE = 8
"""How many steps are under way at the same time."""

LATER = (0, 0, 2, 10, 60)
"""How many other stories begin before somebody comes back to theirs."""

SECONDS_OF_PATIENCE = 120
"""How long somebody tries again while the homeserver is away."""

SUBMISSIONS_A_PERSON = 50
FEWEST_PEOPLE = 10

STRANGERS_KEYS = ("❌", "⭕", "📱", "Fernglas", "👍")
DECISIONS = ("❌", "📱", "🏢", "📱\ufe0f", "Fernglas")
COMMANDS = ("status", "help", "file 1 servers", "file 1 clients Fernglas", "drop 1", "restore 1")
WORDS = ("the garden", "grows", "while many", "quiet", "lanterns", "learn", "new songs", "about", "rivers", "and maps")


ERASES = "org.matrix.msc4293.redact_events"
"""What a kick says so that all that was said goes along (MSC4293), as Synapse knows it."""


class Patient(Person):
    """A person whose client tries again while the homeserver is away, with the transaction id of the first time.

    It does one thing after another.
    """

    def __init__(self, session: aiohttp.ClientSession, homeserver: str) -> None:
        super().__init__(session, homeserver)
        self._turn = asyncio.Lock()

    async def call(
        self, method: str, *path: str, body: Mapping[str, Any] | None = None, query: Mapping[str, str] | None = None
    ) -> dict[str, Any]:
        """Call the client-server API, again and again until it answers."""
        async with self._turn:
            return await _patiently(lambda: super(Patient, self).call(method, *path, body=body, query=query))

    async def be_put_out(self, room_id: str, moderator: Person) -> str:
        """Be put out of a room by a moderator with all that was said there, and come back; return the kick's ID."""
        async with self._turn:
            state = {"membership": "leave", ERASES: True}
            kick = await moderator.call("PUT", "rooms", room_id, "state", "m.room.member", self.user_id, body=state)
            await _patiently(lambda: super(Patient, self).call("POST", "join", room_id, body={}))
            return str(kick["event_id"])

    async def upload(self, data: bytes, content_type: str, file_name: str) -> str:
        """Upload a file, again and again until that is done."""
        return await _patiently(lambda: super(Patient, self).upload(data, content_type, file_name))


async def _patiently(ask: Callable[[], Awaitable[Result]]) -> Result:
    end = time.monotonic() + SECONDS_OF_PATIENCE
    while True:
        try:
            return await ask()
        except (aiohttp.ClientError, HomeserverError, OSError):
            if time.monotonic() > end:
                raise
            await asyncio.sleep(0.2)


@dataclass(slots=True)
class Progress:
    """How many submissions have begun; the crowd stops where it would get ahead of the faults planned for it."""

    begun: int = 0
    bounds: dict[str, int] = field(default_factory=dict)
    _changed: asyncio.Condition = field(default_factory=asyncio.Condition)

    async def begin(self) -> None:
        """Begin a submission, once that is within all bounds."""
        async with self._changed:
            await self._changed.wait_for(lambda: all(self.begun < bound for bound in self.bounds.values()))
            self.begun += 1
            self._changed.notify_all()

    async def reached(self, number: int) -> None:
        """Wait until that many submissions have begun."""
        async with self._changed:
            await self._changed.wait_for(lambda: self.begun >= number)

    async def bound(self, name: str, number: int | None) -> None:
        """Let the crowd get to a number and no further; None lifts the bound of this name."""
        async with self._changed:
            if number is None:
                self.bounds.pop(name, None)
            else:
                self.bounds[name] = number
            self._changed.notify_all()


@dataclass(frozen=True, slots=True)
class Room:
    """Where the crowd is, with whom, and what it calls the bot."""

    room_id: str
    bot_id: str
    bot_name: str
    command: str
    editor: Person
    people: Sequence[Patient]


class Crowd:
    """Tells `submissions` stories of submissions and others between them; `sent` are the IDs of all its events.

    `done` counts what was done by its name.
    """

    def __init__(self, room: Room, submissions: int, seed: int, progress: Progress) -> None:
        self.sent: list[str] = []
        self.done: Counter[str] = Counter()
        self._room = room
        self._progress = progress
        self._seed = seed
        self._stories = self._programme(submissions)
        self._begun = 0
        self._waiting: list[tuple[int, int, random.Random, Story]] = []
        self._commanding = asyncio.Lock()

    async def put_out(self, chance: random.Random) -> None:
        """Put somebody out of the room with all that they had said, and let them come back."""
        await self._note(chance.choice(self._room.people).be_put_out(self._room.room_id, self._room.editor), "put out")

    async def act(self) -> None:
        """Do everything."""
        async with asyncio.TaskGroup() as group:
            for _ in range(AT_ONCE):
                group.create_task(self._take_part())

    def _programme(self, submissions: int) -> list[Callable[[random.Random, str], Story]]:
        """Return all stories in the order in which they begin: submissions, and between them what else is said."""
        chance = random.Random(f"{self._seed} programme")  # noqa: S311 - no secret
        stories: list[Callable[[random.Random, str], Story]] = []
        for number in range(submissions):
            stories.append(self._submission)
            if chance.random() < 0.2:
                stories.append(
                    chance.choice((self._chatter, self._chatter, self._short, self._short, self._late_mention))
                )
            if chance.random() < 0.06:
                stories.append(chance.choice((self._taken_up, self._taken_up_and_left)))
            if number % 40 == 30:
                stories.append(self._command)
        return stories

    async def _take_part(self) -> None:
        """Go on with a story that waits, else begin the next one, until there are none."""
        while True:
            if self._waiting and (self._waiting[0][0] <= self._begun or self._begun == len(self._stories)):
                _, number, chance, story = heapq.heappop(self._waiting)
            elif self._begun < len(self._stories):
                number, self._begun = self._begun, self._begun + 1
                chance = random.Random(f"{self._seed} {number}")  # noqa: S311 - no secret
                story = self._stories[number](chance, f"n{number}x")
            else:
                return
            try:
                await anext(story)
            except StopAsyncIteration:
                continue
            heapq.heappush(self._waiting, (self._begun + chance.choice(LATER), number, chance, story))

    async def _submission(self, chance: random.Random, mark: str) -> Story:
        """Submit something; then perhaps go on with it, change it, and take it away; others have their say."""
        await self._progress.begin()
        author = chance.choice(self._room.people)
        target = await self._say(author, self._addressed(chance, self._news(chance, mark)), "submission")
        if chance.random() < 0.1:
            yield
            await self._go_on(chance, author, target, mark)
        if chance.random() < 0.2:
            yield
            async for _ in self._change(chance, author, target, mark):
                yield
        if chance.random() < 0.02:  # and never dropped: whether a picture is asked about depends on when that was
            yield
            await self._show(chance, author, target, mark)
        elif chance.random() < 0.15:
            yield
            async for _ in self._judge(chance, target):
                yield
        if chance.random() < 0.05:
            yield
            await self._meddle(chance, author, target, mark)
        if chance.random() < 0.06:
            yield
            await self._note(author.redact(self._room.room_id, target), "deletion")

    async def _go_on(self, chance: random.Random, author: Person, target: str, mark: str) -> None:
        """Send a further message of an entry, and perhaps change it or take it away."""
        content = text_content(f"More of {mark}p: {self._sentence(chance)}.")
        further = await self._below(chance, author, target, content, "further message")
        drawn = chance.random()
        if drawn < 0.2:
            edited = text_content(f"More of {mark}pe: {self._sentence(chance)}.")
            await self._note(author.edit(self._room.room_id, further, edited), "edit")
        elif drawn < 0.3:
            await self._note(author.redact(self._room.room_id, further), "deletion")

    async def _show(self, chance: random.Random, author: Person, target: str, mark: str) -> None:
        """Send a picture of an entry, perhaps with a caption."""
        caption = f"A drawing of {mark}: {self._sentence(chance)}." if chance.random() < 0.5 else None
        colour = (chance.randrange(256), chance.randrange(256), chance.randrange(256))
        content = await author.image_content(_picture(colour), file_name="picture.png", caption=caption)
        await self._below(chance, author, target, content, "picture")

    async def _change(self, chance: random.Random, author: Person, target: str, mark: str) -> Story:
        """Edit an entry once or twice, and perhaps take the last edit back."""
        edit = ""
        for number in range(chance.choice((1, 1, 2))):
            content = self._addressed(chance, self._news(chance, f"{mark}e{number}"))
            edit = await self._note(author.edit(self._room.room_id, target, content), "edit")
            yield
        if chance.random() < 0.2:
            await self._note(author.redact(self._room.room_id, edit), "edit taken back")

    async def _judge(self, chance: random.Random, target: str) -> Story:
        """File or drop an entry as an editor, and perhaps take that back."""
        for key in chance.sample(DECISIONS, chance.choice((1, 1, 2))):
            made = await self._note(self._room.editor.react(self._room.room_id, target, key), "decision")
            yield
            if chance.random() < 0.3:
                await self._note(self._room.editor.redact(self._room.room_id, made), "decision taken back")

    async def _meddle(self, chance: random.Random, author: Person, target: str, mark: str) -> None:
        """Do to an author's entry what nobody else but an editor may do, or just answer it."""
        stranger = chance.choice([person for person in self._room.people if person is not author])
        drawn = chance.random()
        if drawn < 0.4:
            key = chance.choice(STRANGERS_KEYS)
            await self._note(stranger.react(self._room.room_id, target, key), "stranger's reaction")
        elif drawn < 0.7:
            content = self._addressed(chance, f"This is not what {mark} said, and nobody may say so in its place.")
            await self._note(self._room.editor.edit(self._room.room_id, target, content), "stranger's edit")
        else:
            content = text_content(f"Thanks for {mark}z, that is good to hear.")
            await self._note(self._room.editor.reply(self._room.room_id, target, content), "chatter")

    async def _chatter(self, chance: random.Random, mark: str) -> Story:
        """Say what is not for the bot, though its name may be in it."""
        said = f"Has anybody read the {self._room.bot_name} about {mark}z? {self._sentence(chance)}."
        content = text_content(said)
        if chance.random() < 0.2:
            content |= {"msgtype": "m.notice"}
        await self._say(chance.choice(self._room.people), content, "chatter")
        yield

    async def _short(self, chance: random.Random, mark: str) -> Story:
        """Submit what is too short, and perhaps make it longer."""
        author = chance.choice(self._room.people)
        target = await self._say(author, self._addressed(chance, f"{mark}s"), "too short")
        if chance.random() < 0.5:
            yield
            longer = self._addressed(chance, self._news(chance, f"{mark}l"))
            await self._note(author.edit(self._room.room_id, target, longer), "made longer")

    async def _late_mention(self, chance: random.Random, mark: str) -> Story:
        """Forget to mention the bot, and mend that by an edit."""
        author, news = chance.choice(self._room.people), self._news(chance, mark)
        target = await self._say(author, text_content(news), "chatter")
        yield
        await self._note(author.edit(self._room.room_id, target, self._addressed(chance, news)), "mention added")

    async def _taken_up(self, chance: random.Random, mark: str) -> Story:
        """Say something that an editor takes up."""
        author = chance.choice(self._room.people)
        target = await self._say(author, text_content(self._news(chance, mark)), "chatter")
        yield
        await self._note(self._room.editor.react(self._room.room_id, target, "⭕"), "taken up")
        if chance.random() < 0.3:
            yield
            edited = text_content(self._news(chance, f"{mark}e"))
            await self._note(author.edit(self._room.room_id, target, edited), "edit")

    async def _taken_up_and_left(self, chance: random.Random, mark: str) -> Story:
        """Say something that an editor takes up, and then thinks better of it."""
        author = chance.choice(self._room.people)
        target = await self._say(author, text_content(self._news(chance, mark)), "chatter")
        yield
        take_up = await self._note(self._room.editor.react(self._room.room_id, target, "⭕"), "taken up")
        yield
        await self._note(self._room.editor.redact(self._room.room_id, take_up), "take-up taken back")

    async def _command(self, chance: random.Random, _: str) -> Story:
        """Give a command as an editor, one after another: some of them decide about the first entry."""
        async with self._commanding:
            content = text_content(f"{self._room.command} {chance.choice(COMMANDS)}")
            await self._say(self._room.editor, content, "command")
        yield

    def _addressed(self, chance: random.Random, text: str) -> dict[str, Any]:
        """Return the content of a message that is addressed to the bot in one of the ways of clients."""
        room = self._room
        named = f"{room.bot_name}: {text}"
        match chance.randrange(3):
            case 0:
                pill = f'<a href="https://matrix.to/#/{room.bot_id}">{room.bot_name}</a>: {text}'
                return text_content(named, html=pill, mentions=[room.bot_id])
            case 1:
                return text_content(text, mentions=[room.bot_id])
            case _:
                return text_content(named)

    def _news(self, chance: random.Random, mark: str) -> str:
        """Return the text of an entry, which nothing else has; a part of them name a project."""
        subject = "Fernglas" if chance.random() < 0.1 else "Garden"
        return f"{subject} tells of {mark}: {self._sentence(chance)}, and that {self._sentence(chance)}."

    def _sentence(self, chance: random.Random) -> str:
        return " ".join(chance.choice(WORDS) for _ in range(chance.randint(6, 14)))

    async def _below(
        self, chance: random.Random, author: Person, target: str, content: dict[str, Any], name: str
    ) -> str:
        """Say something as a reply to a message, or in its thread."""
        say = chance.choice((author.reply, author.reply_in_thread))
        return await self._note(say(self._room.room_id, target, content), name)

    async def _say(self, author: Person, content: Mapping[str, Any], name: str) -> str:
        return await self._note(author.say(self._room.room_id, content), name)

    async def _note(self, doing: Awaitable[str], name: str) -> str:
        """Do something, and note its event and its name; return the event's ID."""
        event_id = await doing
        self.sent.append(event_id)
        self.done[name] += 1
        return event_id


async def gather_people(
    session: aiohttp.ClientSession, homeserver: str, room_id: str, submissions: int
) -> list[Patient]:
    """Register as many people as a number of submissions calls for, all of them in the room."""
    people: list[Patient] = []
    for number in range(max(FEWEST_PEOPLE, submissions // SUBMISSIONS_A_PERSON)):
        person = await register(session, homeserver, f"person-{number}", f"Person {number}")
        await person.join(room_id)
        people.append(person)
    return people


async def register(session: aiohttp.ClientSession, homeserver: str, localpart: str, name: str) -> Patient:
    """Register somebody patient."""
    person = Patient(session, homeserver)
    await person.register(localpart, name)
    return person


def _picture(colour: tuple[int, int, int]) -> bytes:
    """Make a small PNG."""
    file = io.BytesIO()
    Image.new("RGB", (32, 24), colour).save(file, "PNG")
    return file.getvalue()
