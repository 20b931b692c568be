"""What people do in the rooms, what the bot answers, and both of it told while it happens."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

from twimbot.demo.person import Person, RawEvent
from twimbot.demo.stage import Stage
from twimbot.demo.telling import Telling
from twimbot.demo.week_messages import BOT_NAME, Content
from twimbot.errors import JobError

PATIENCE = 30.0
"""How long an answer of the bot may take, in seconds; it takes a tenth of one, but machines differ."""

Wanted = Callable[[RawEvent], bool]


class Conversation:
    """Everything that can happen in the rooms; each method returns when its effect has been seen there."""

    def __init__(self, stage: Stage, telling: Telling) -> None:
        self._stage = stage
        self._telling = telling
        self._rooms = stage.rooms
        self._editor = stage.people[stage.editor]

    async def submit(self, author: str, content: Content, answers: Sequence[str]) -> str:
        """Post an entry, wait for the bot's reactions, and return its event ID."""
        event_id = await self.say(author, content)
        await self._sees_reactions(event_id, answers)
        return event_id

    async def say(self, author: str, content: Content) -> str:
        """Post something that the bot has nothing to say about; return its event ID."""
        self._telling.says(self._name(author), str(content["body"]))
        return await self._person(author).say(self._rooms.submissions, content)

    async def submit_too_short(self, author: str, content: Content) -> str:
        """Post something that the bot turns down in words; return its event ID."""
        event_id = await self.say(author, content)
        await self._hears_answer(event_id)
        return event_id

    async def edit(self, author: str, event_id: str, content: Content, answers: Sequence[str] = ()) -> None:
        """Edit a message, and wait for the reactions that this calls for."""
        self._telling.does(self._name(author), f"edits: “{_one_line(content['body'])}”")
        await self._person(author).edit(self._rooms.submissions, event_id, content)
        await self._sees_reactions(event_id, answers)

    async def delete(self, author: str, event_id: str) -> None:
        """Delete a message."""
        self._telling.does(self._name(author), "deletes that message")
        await self._person(author).redact(self._rooms.submissions, event_id)

    async def reply_with_picture(self, author: str, event_id: str, data: bytes, file_name: str, caption: str) -> None:
        """Send a picture in a message's thread, with a caption."""
        self._telling.does(self._name(author), f"sends a picture in the thread: “{caption}”")
        person = self._person(author)
        content = await person.image_content(data, file_name=file_name, caption=caption)
        await person.reply_in_thread(self._rooms.submissions, event_id, content)

    async def send_picture(self, author: str, data: bytes, file_name: str) -> str:
        """Send a picture that answers nothing and says nothing; return its event ID."""
        self._telling.does(self._name(author), f"sends a picture: {file_name}")
        return await self._person(author).send_image(self._rooms.submissions, data, file_name=file_name)

    async def go_on(self, author: str, event_id: str, text: str, answers: Sequence[str]) -> None:
        """Say more in a message's thread, and wait for the reactions that this calls for."""
        self._telling.does(self._name(author), f"goes on in the thread: “{text}”")
        sent = await self._person(author).reply_in_thread(self._rooms.submissions, event_id, text)
        await self._sees_reactions(sent, answers)

    async def describe(self, author: str, picture: str, text: str, answers: Sequence[str]) -> None:
        """Wait until the bot asks what a picture shows, answer in its thread, and wait for the bot's reactions."""
        question = await self._editor.sees(self._is_in_thread_on(picture), PATIENCE)
        self._telling.answers(f"{BOT_NAME}: {question['content']['body']}")
        self._telling.does(self._name(author), f"answers in the thread: “{text}”")
        sent = await self._person(author).reply_in_thread(self._rooms.submissions, picture, text)
        await self._sees_reactions(sent, answers)

    async def react(self, who: str, event_id: str, key: str, what: str, answers: Sequence[str] = ()) -> None:
        """React to a message, and wait for the reactions that this calls for."""
        self._telling.does(self._name(who), f"reacts [{key}] to {what}")
        await self._person(who).react(self._rooms.submissions, event_id, key)
        await self._sees_reactions(event_id, answers)

    async def file(self, event_id: str, key: str, what: str, withdrawn: Sequence[str]) -> None:
        """File an entry by the editor's reaction, and wait until the bot has taken its suggestions back."""
        await self.react(self._stage.editor, event_id, key, what)
        for suggestion in withdrawn:
            reaction = await self._editor.sees(self._is_reaction(event_id, suggestion), PATIENCE)
            await self._editor.sees(self._is_redaction_of(str(reaction["event_id"])), PATIENCE)
        self._telling.answers(f"{BOT_NAME} takes back {_listed(withdrawn)}")

    async def command(self, text: str) -> None:
        """Give a command in the editors' room."""
        await self._hears_answer(await self._given(text))

    async def listing(self, command: str) -> Mapping[str, int]:
        """Give the command that lists the entries; return their numbers by their event IDs."""
        event_id = await self._given(command)
        head, *rows = (await self._answer_to(event_id)).splitlines()
        self._telling.answers(f"{BOT_NAME}: {head}")
        table = [row for row in rows if row]
        self._telling.excerpt(row.rpartition(" | ")[0] for row in table)
        return {_event_of(row): int(row.split()[0]) for row in table[1:]}

    async def export(self, command: str) -> tuple[str, str]:
        """Give the command that exports; return the file name of the post and its text, as uploaded to the room."""
        event_id = await self._given(command)
        async with self._telling.waiting(f"{BOT_NAME} is rendering"):
            answer = await self._answer_to(event_id)
        events = self._editor.timeline.events
        given = next(position for position, event in enumerate(events) if event["event_id"] == event_id)
        files = [event for event in events[given:] if self._is_file(event)]
        for file in files:
            content = file["content"]
            self._telling.answers(f"{BOT_NAME} uploads {content['body']} ({content['info']['size'] / 1024:.1f} KiB)")
        self._telling.answers(f"{BOT_NAME}: {answer}")
        post = next(file["content"] for file in files if file["content"]["info"]["mimetype"] == "text/markdown")
        return str(post["body"]), (await self._editor.download(post["url"])).decode()

    async def echo(self, who: str, pongs: Iterable[tuple[str, int]]) -> None:
        """Answer pings in their room: each from a server, after so many milliseconds."""
        person, count = self._person(who), 0
        ping = await person.text(self._rooms.pings, "!ping")
        for server, milliseconds in pongs:
            pong = {"ms": milliseconds, "from": server, "ping": ping}
            body = f"pong from {server} after {milliseconds} ms"
            await person.say(self._rooms.pings, {"msgtype": "m.notice", "body": body, "pong": pong})
            count += 1
        self._telling.does(self._name(who), f"counts {count} echoes in the ping room")

    def notes_silence(self, event_id: str, reason: str) -> None:
        """Tell that the bot left a message alone; what it said to a later one must have been seen before."""
        bot = self._stage.bot.user_id
        if any(event["sender"] == bot and event_id in str(event["content"]) for event in self._editor.timeline.events):
            raise JobError(f"{BOT_NAME} answered {event_id}, which was not for it")
        self._telling.answers(f"{BOT_NAME} says nothing {reason}")

    async def _sees_reactions(self, event_id: str, keys: Sequence[str]) -> None:
        """Wait for the bot's reactions to a message."""
        for key in keys:
            await self._editor.sees(self._is_reaction(event_id, key), PATIENCE)
        if keys:
            self._telling.answers(f"{BOT_NAME} reacts {_listed(keys)}")

    async def _given(self, text: str) -> str:
        self._telling.says(self._name(self._stage.editor), text)
        return await self._editor.text(self._rooms.editors, text)

    async def _hears_answer(self, event_id: str) -> None:
        self._telling.answers(f"{BOT_NAME}: {await self._answer_to(event_id)}")

    async def _answer_to(self, event_id: str) -> str:
        event = await self._editor.sees(self._is_answer(event_id), PATIENCE)
        return str(event["content"]["body"])

    def _person(self, localpart: str) -> Person:
        return self._stage.people[localpart]

    def _name(self, localpart: str) -> str:
        return self._stage.names[localpart]

    def _is_file(self, event: RawEvent) -> bool:
        return bool(event["sender"] == self._stage.bot.user_id and event["content"].get("msgtype") == "m.file")

    def _is_reaction(self, event_id: str, key: str) -> Wanted:
        relation = {"rel_type": "m.annotation", "event_id": event_id, "key": key}
        return lambda event: event["sender"] == self._stage.bot.user_id and _relation(event) == relation

    def _is_redaction_of(self, event_id: str) -> Wanted:
        """Want a redaction; before room version 11 its target stands outside the content."""
        return lambda event: event_id in (event.get("redacts"), event["content"].get("redacts"))

    def _is_in_thread_on(self, event_id: str) -> Wanted:
        """Want something that the bot says in the thread that begins with an event."""
        thread = {"rel_type": "m.thread", "event_id": event_id}.items()
        return lambda event: event["sender"] == self._stage.bot.user_id and thread <= (_relation(event) or {}).items()

    def _is_answer(self, event_id: str) -> Wanted:
        relation = {"m.in_reply_to": {"event_id": event_id}}
        return lambda event: event["sender"] == self._stage.bot.user_id and _relation(event) == relation


def _relation(event: RawEvent) -> Any:  # noqa: ANN401 - whatever an event holds
    return event["content"].get("m.relates_to")


def _event_of(row: str) -> str:
    """Return the event ID at the end of a row, which is a link to it."""
    return row.rpartition("/")[2].partition("?")[0]


def _listed(keys: Iterable[str]) -> str:
    return ", ".join(f"[{key}]" for key in keys)


def _one_line(text: object) -> str:
    return " ".join(str(text).split())
