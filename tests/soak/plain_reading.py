"""What a room's history says must be in the store and in the room: read plainly, and without any of the bot's code.

The history is read when all is over. The homeserver has emptied by then whatever was taken back or deleted, so what
still has content counts, and nothing has to be undone here but what somebody had said who was put out with that
(MSC4293). The reading knows what the crowd does, and no more: only authors speak in the threads of their entries, an
edit that mentions the bot stays, all is in one edition.
"""

import re
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from twimbot.demo.person import Person, RawEvent

LEAST_LENGTH = 30
ACK, TAKE_UP, DROP = "✅", "⭕", "❌"
REPLY = "reply"
"""What stands for a message of the bot that answers another one, where reactions are named by their keys."""

DEPARTMENTS = {"📱": "clients", "🏢": "servers"}
PROJECTS = {"Fernglas": "clients"}
FILED_BY_COMMAND = {"file 1 servers": ("servers", None), "file 1 clients Fernglas": ("clients", "fernglas")}
JUDGED_BY_COMMAND = {"drop 1": True, "restore 1": False}

ERASES = "org.matrix.msc4293.redact_events"
TAKING_BACK = "m.room.redaction"

EVENTS_IN_A_PAGE = 1000


@dataclass(frozen=True, slots=True)
class Standing:
    """An entry as it must stand: who sent it, what it says and shows, and what editors have decided about it.

    `passages` and `pictures` are further messages by event ID, each with its text or caption, in the order sent.
    """

    event_id: str
    sender: str
    text: str
    department: str | None
    project: str | None
    is_dropped: bool
    passages: tuple[tuple[str, str], ...]
    pictures: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Reading:
    """What must be: the entries by event ID, and the bot's answers, each by what it is on and its key or REPLY.

    `optional` answers may or may not stand, as the bot may have been faster or slower than what ended their reason.
    So may replies to messages that are `gone`, whatever is on what stood `below` them, and reactions on what was
    `sent_before` the bot could take its reactions back for good: what was refused is given up. No other answer may
    stand, and none of them twice.
    """

    entries: Mapping[str, Standing]
    answers: frozenset[tuple[str, str]]
    optional: frozenset[tuple[str, str]] = frozenset()
    gone: frozenset[str] = frozenset()
    below: frozenset[str] = frozenset()
    sent_before: frozenset[str] = frozenset()

    def allows(self, target: str, what: str) -> bool:
        """Tell whether an answer may stand."""
        if (target, what) in self.answers | self.optional or target in self.below:
            return True
        return target in (self.gone if what == REPLY else self.sent_before)


@dataclass(frozen=True, slots=True)
class People:
    """Who is who in the history: the bot, its name in the room, the one editor, and the word before commands."""

    bot_id: str
    bot_name: str
    editor_id: str
    command: str


async def history(reader: Person, room_id: str) -> list[RawEvent]:
    """Return everything that ever happened in a room, as it stands now, oldest first."""
    events: list[RawEvent] = []
    query = {"dir": "f", "limit": str(EVENTS_IN_A_PAGE)}
    while True:
        page = await reader.call("GET", "rooms", room_id, "messages", query=query)
        events += page["chunk"]
        if not page["chunk"] or "end" not in page:
            return events
        query["from"] = page["end"]


def given_answers(events: Iterable[RawEvent], bot_id: str) -> list[tuple[str, str]]:
    """Return the bot's answers that stand in a room, by what they are on and their key or REPLY."""
    given = []
    for event in events:
        relation = event["content"].get("m.relates_to", {})
        if event["sender"] != bot_id:
            continue
        if event["type"] == "m.reaction" and relation:
            given.append((relation["event_id"], relation["key"]))
        elif "m.in_reply_to" in relation:
            given.append((relation["m.in_reply_to"]["event_id"], REPLY))
    return given


def read_plainly(events: Sequence[RawEvent], people: People) -> Reading:
    """Return what must be after all that happened, oldest first."""
    return _Reader(_emptied(events), people).reading()


def _emptied(events: Sequence[RawEvent]) -> list[RawEvent]:
    """Empty all that somebody had said who was put out with it, as the homeserver does, or should."""
    ends = {event["state_key"]: number for number, event in enumerate(events) if event["content"].get(ERASES) is True}
    return [
        {**event, "content": {}} if number < ends.get(event["sender"], 0) and "state_key" not in event else event
        for number, event in enumerate(events)
    ]


@dataclass(slots=True)
class _Decisions:
    """What editors have decided about an entry, the later over the earlier."""

    department: str | None = None
    project: str | None = None
    is_filed: bool = False
    is_dropped: bool = False

    def take(self, key: str) -> None:
        """Take a standing reaction of an editor into account."""
        plain = key.replace("\ufe0f", "")
        if plain in DEPARTMENTS:
            self.department, self.is_filed = DEPARTMENTS[plain], True
        elif plain in PROJECTS:
            self.department, self.project, self.is_filed = PROJECTS[plain], plain.lower(), True
        elif plain == DROP:
            self.is_dropped = True

    def obey(self, command: str) -> None:
        """Take a command about the entry into account."""
        if command in FILED_BY_COMMAND:
            self.department, self.project = FILED_BY_COMMAND[command]
            self.is_filed = True
        elif command in JUDGED_BY_COMMAND:
            self.is_dropped = JUDGED_BY_COMMAND[command]


@dataclass(slots=True)
class _Reader:
    events: Sequence[RawEvent]
    people: People
    edits: dict[str, list[RawEvent]] = field(default_factory=lambda: defaultdict(list))
    reactions: dict[str, list[RawEvent]] = field(default_factory=lambda: defaultdict(list))
    originals: list[RawEvent] = field(default_factory=list)
    below: dict[str, list[RawEvent]] = field(default_factory=lambda: defaultdict(list))
    commands: list[str] = field(default_factory=list)
    entries: dict[str, Standing] = field(default_factory=dict)
    answers: set[tuple[str, str]] = field(default_factory=set)
    optional: set[tuple[str, str]] = field(default_factory=set)
    gone: dict[str, str] = field(default_factory=dict)

    def reading(self) -> Reading:
        self._sort()
        roots = [original for original in self.originals if self._is_entry(original)]
        for number, root in enumerate(roots):
            self._stand(root, is_first=number == 0)
        below = {  # what was said below an entry goes with it
            original["event_id"]
            for original in self.originals
            if self.gone.get(_answered(original) or "") == original["sender"]
        }
        return Reading(
            self.entries,
            frozenset(self.answers),
            frozenset(self.optional),
            frozenset(self.gone),
            frozenset(below),
            frozenset(event["event_id"] for event in self.events[: self._end_of_refusals()]),
        )

    def _end_of_refusals(self) -> int:
        """Return before how many events the bot could not take its reactions back at some time."""
        is_refused, end = False, 0
        for number, event in enumerate(self.events):
            if is_refused:
                end = number + 1
            if event["type"] == "m.room.power_levels":
                own = event["content"].get("users", {}).get(self.people.bot_id, 0)
                is_refused = event["content"].get("events", {}).get(TAKING_BACK, 0) > own
        return end

    def _sort(self) -> None:
        """Sort what still has content into originals, edits, reactions and commands."""
        for event in self.events:
            content, relation = event["content"], event["content"].get("m.relates_to", {})
            if event["sender"] == self.people.bot_id:
                continue
            if event["type"] == "m.room.message" and not content:
                self.gone[event["event_id"]] = event["sender"]
            elif event["type"] == "m.reaction" and relation:
                self.reactions[relation["event_id"]].append(event)
            elif event["type"] == "m.room.message" and relation.get("rel_type") == "m.replace":
                self.edits[relation["event_id"]].append(event)
            elif event["type"] == "m.room.message" and self._is_command(event):
                self.commands.append(content["body"].removeprefix(f"{self.people.command} "))
                self.answers.add((event["event_id"], REPLY))
            elif event["type"] == "m.room.message":
                self.originals.append(event)
                self.below[_answered(event) or ""].append(event)

    def _is_command(self, event: RawEvent) -> bool:
        return str(event["content"]["body"]).startswith(f"{self.people.command} ")

    def _is_entry(self, original: RawEvent) -> bool:
        """Tell whether a message is an entry, and note what the bot must say of it where it is too short."""
        contents = self._contents(original)
        if original["content"]["msgtype"] != "m.text" or _answered(original):
            return False
        if any(self._is_addressed(content) for content in contents):
            if len(self._text(contents[-1])) >= LEAST_LENGTH:
                return True
            self.answers.add((original["event_id"], REPLY))
            return False
        return any(key == TAKE_UP for key in self._decided(original))

    def _stand(self, root: RawEvent, *, is_first: bool) -> None:
        """Note an entry with its parts, and what the bot must say of them."""
        decisions = _Decisions()
        for key in self._decided(root):
            decisions.take(key)
        for command in self.commands if is_first else ():
            decisions.obey(command)
        contents = self._contents(root)
        event_id, text = root["event_id"], self._text(contents[-1])
        below = [original for original in self.below[event_id] if original["sender"] == root["sender"]]
        passages = [(o["event_id"], self._text(self._contents(o)[-1])) for o in below if not _is_picture(o)]
        pictures = [(o["event_id"], _caption(o)) for o in below if _is_picture(o)]
        self.entries[event_id] = Standing(
            event_id,
            root["sender"],
            text,
            decisions.department,
            decisions.project,
            decisions.is_dropped,
            tuple(passages),
            tuple(pictures),
        )
        self.answers |= {(each, ACK) for each in (event_id, *(part for part, _ in (*passages, *pictures)))}
        # Nobody is asked about the pictures of a dropped entry; it may not have been dropped yet.
        asked = self.optional if decisions.is_dropped else self.answers
        asked |= {(picture, REPLY) for picture, caption in pictures if not caption}
        if not decisions.is_filed:
            # What else than a project that is named is suggested depends on what editors had filed by then.
            suggested = self.answers if "Fernglas" in text else self.optional
            suggested.add((event_id, "Fernglas ?"))
            self.optional |= {(event_id, "📱 ?"), (event_id, "🏢 ?")}
        if len(self._text(contents[0])) < LEAST_LENGTH:  # the bot may have seen it before it was made longer
            self.optional.add((event_id, REPLY))

    def _contents(self, original: RawEvent) -> list[Mapping[str, Any]]:
        """Return what a message has said, the present last: as it was sent, and after each edit by its sender."""
        own = [edit for edit in self.edits[original["event_id"]] if edit["sender"] == original["sender"]]
        own.sort(key=lambda edit: (edit["origin_server_ts"], edit["event_id"]))
        return [original["content"], *(edit["content"]["m.new_content"] for edit in own)]

    def _decided(self, original: RawEvent) -> list[str]:
        """Return the keys of the editor's standing reactions on a message, in the order made."""
        return [
            str(reaction["content"]["m.relates_to"]["key"])
            for reaction in self.reactions[original["event_id"]]
            if reaction["sender"] == self.people.editor_id
        ]

    def _is_addressed(self, content: Mapping[str, Any]) -> bool:
        is_mentioned = self.people.bot_id in content.get("m.mentions", {}).get("user_ids", ())
        return is_mentioned or str(content["body"]).startswith(f"{self.people.bot_name}: ")

    def _text(self, content: Mapping[str, Any]) -> str:
        return re.sub(f"^{re.escape(self.people.bot_name)}: ", "", str(content["body"]))


def _answered(original: RawEvent) -> str | None:
    """Return the message that another one answers or below which it stands in a thread, or None."""
    relation = original["content"].get("m.relates_to", {})
    answered = relation.get("event_id") or relation.get("m.in_reply_to", {}).get("event_id")
    return str(answered) if answered else None


def _is_picture(original: RawEvent) -> bool:
    return bool(original["content"]["msgtype"] == "m.image")


def _caption(picture: RawEvent) -> str:
    content = picture["content"]
    return "" if content["body"] == content["filename"] else str(content["body"])
