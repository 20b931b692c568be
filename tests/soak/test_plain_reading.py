"""The plain reading and the comparison with it: what a history means, and that each kind of difference is seen."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import date
from itertools import count
from typing import Any

import pytest

from tests.soak.comparing import Found, compare
from tests.soak.plain_reading import ERASES, REPLY, People, Reading, Standing, given_answers, read_plainly
from twimbot.demo.person import RawEvent
from twimbot.model.entry import Entry, Passage

BOT, ANNA, EDITOR = "@news:example.org", "@anna:example.org", "@edna:example.org"
PEOPLE = People(BOT, "News", EDITOR, "!news")
TEXT = "The garden grows, and has news that are worth a sentence."
OTHER = "The garden has grown, and all that was said before is old."
TITLES = {"clients": "Clients 📱", "servers": "Servers 🏢"}
POST = f"""
## TODO: not filed yet

[Anna](https://matrix.to/#/@anna:example.org) says

> {TEXT}
>
> {OTHER}
"""


class Story:
    """A history in the making: each method adds an event and returns its ID."""

    def __init__(self) -> None:
        self.events: list[RawEvent] = []
        self._numbers = count(1)

    def happen(self, sender: str, kind: str, content: Mapping[str, Any], **more: object) -> str:
        number = next(self._numbers)
        event_id = f"${number}"
        self.events.append(
            {"event_id": event_id, "sender": sender, "type": kind, "content": content, "origin_server_ts": number}
            | more
        )
        return event_id

    def say(self, body: str, sender: str = ANNA, **more: object) -> str:
        return self.happen(sender, "m.room.message", {"msgtype": "m.text", "body": body, **more})

    def edit(self, target: str, body: str, sender: str = ANNA) -> str:
        new, relation = {"msgtype": "m.text", "body": body}, {"rel_type": "m.replace", "event_id": target}
        return self.say(f"* {body}", sender, **{"m.new_content": new, "m.relates_to": relation})

    def below(self, target: str, body: str, sender: str = ANNA) -> str:
        return self.say(body, sender, **{"m.relates_to": {"m.in_reply_to": {"event_id": target}}})

    def react(self, target: str, key: str, sender: str = EDITOR) -> str:
        relation = {"rel_type": "m.annotation", "event_id": target, "key": key}
        return self.happen(sender, "m.reaction", {"m.relates_to": relation})

    def take_back(self, target: str) -> None:
        """Empty an event, as the homeserver does."""
        self.events = [{**event, "content": {}} if event["event_id"] == target else event for event in self.events]

    @property
    def reading(self) -> Reading:
        return read_plainly(self.events, PEOPLE)


def entry(event_id: str = "$1", text: str = TEXT, **more: Any) -> Standing:  # noqa: ANN401 - any of its fields
    plain = Standing(event_id, ANNA, text, None, None, is_dropped=False, passages=(), pictures=())
    return replace(plain, **more)


def suggestions(event_id: str) -> set[tuple[str, str]]:
    """Return what may be suggested of an entry that names no project."""
    return {(event_id, key) for key in ("Fernglas ?", "📱 ?", "🏢 ?")}


def submitted(story: Story) -> None:
    story.say(f"News: {TEXT}")


def mentioned(story: Story) -> None:
    story.happen(ANNA, "m.room.message", {"msgtype": "m.text", "body": TEXT, "m.mentions": {"user_ids": [BOT]}})


def edited(story: Story) -> None:
    story.edit(story.say(f"News: {OTHER}"), f"News: {TEXT}")


def edited_by_others(story: Story) -> None:
    story.edit(story.say(f"News: {TEXT}"), f"News: {OTHER}", sender=EDITOR)


def edit_taken_back(story: Story) -> None:
    story.take_back(story.edit(story.say(f"News: {TEXT}"), f"News: {OTHER}"))


def mention_added(story: Story) -> None:
    story.edit(story.say(TEXT), f"News: {TEXT}")


def taken_up(story: Story) -> None:
    story.react(story.say(TEXT), "⭕")


@pytest.mark.parametrize(
    "tell", [submitted, mentioned, edited, edited_by_others, edit_taken_back, mention_added, taken_up]
)
def test_these_are_an_entry_that_is_acknowledged(tell: Callable[[Story], None]) -> None:
    story = Story()
    tell(story)
    assert story.reading.entries == {"$1": entry()}
    assert story.reading.answers == {("$1", "✅")}


def chatter(story: Story) -> None:
    story.say(f"I have read the News: {TEXT}")


def deleted(story: Story) -> None:
    story.take_back(story.say(f"News: {TEXT}"))


def taken_up_by_others(story: Story) -> None:
    story.react(story.say(TEXT), "⭕", sender=ANNA)


def take_up_taken_back(story: Story) -> None:
    story.take_back(story.react(story.say(TEXT), "⭕"))


def answered(story: Story) -> None:
    story.below(story.say("What do you think?", EDITOR), TEXT)


@pytest.mark.parametrize("tell", [chatter, deleted, taken_up_by_others, take_up_taken_back, answered])
def test_these_are_none(tell: Callable[[Story], None]) -> None:
    story = Story()
    tell(story)
    assert story.reading.entries == {}
    assert story.reading.answers == frozenset()


def test_a_short_one_is_answered_and_an_edit_makes_it_an_entry() -> None:
    story = Story()
    short = story.say("News: too short")
    assert not story.reading.entries
    assert story.reading.answers == {(short, REPLY)}
    story.edit(short, f"News: {TEXT}")
    assert story.reading.entries == {short: entry()}
    assert story.reading.answers == {(short, "✅")}
    assert story.reading.optional == {(short, REPLY), *suggestions(short)}


@pytest.mark.parametrize(
    ("keys", "expected"),
    [
        (["📱"], {"department": "clients"}),
        (["📱\ufe0f", "🏢"], {"department": "servers"}),
        (["Fernglas", "🏢"], {"department": "servers", "project": "fernglas"}),
        (["❌"], {"is_dropped": True}),
    ],
)
def test_editors_decide(keys: Sequence[str], expected: Mapping[str, Any]) -> None:
    story = Story()
    submitted(story)
    made = [story.react("$1", key) for key in keys]
    assert story.reading.entries == {"$1": entry(**expected)}
    for reaction in made:
        story.take_back(reaction)
    assert story.reading.entries == {"$1": entry()}
    for key in keys:
        story.react("$1", key, sender=ANNA)
    assert story.reading.entries == {"$1": entry()}


def test_commands_are_answered_and_decide_about_the_first_entry() -> None:
    story = Story()
    submitted(story)
    story.say(f"News: {OTHER}")
    for command in ("file 1 clients Fernglas", "drop 1", "restore 1", "file 1 servers", "status"):
        story.say(f"!news {command}", EDITOR)
    assert story.reading.entries["$1"] == entry(department="servers")
    assert story.reading.entries["$2"] == entry("$2", OTHER)
    assert {(f"${number}", REPLY) for number in range(3, 8)} < story.reading.answers


def test_further_messages_belong_to_their_authors_entry_and_go_with_it() -> None:
    story = Story()
    submitted(story)
    more = story.below("$1", OTHER)
    content = {"msgtype": "m.image", "body": "a.png", "filename": "a.png", "url": "mxc://a/b"}
    thread = {"rel_type": "m.thread", "event_id": "$1", "is_falling_back": True, "m.in_reply_to": {"event_id": "$1"}}
    picture = story.happen(ANNA, "m.room.message", {**content, "m.relates_to": thread})
    story.below("$1", "Thanks for that, it is good to hear.", EDITOR)
    assert story.reading.entries == {"$1": entry(passages=((more, OTHER),), pictures=((picture, ""),))}
    assert story.reading.answers == {("$1", "✅"), (more, "✅"), (picture, "✅"), (picture, REPLY)}
    story.react("$1", "❌")
    assert story.reading.answers == {("$1", "✅"), (more, "✅"), (picture, "✅")}
    assert story.reading.optional == {(picture, REPLY), *suggestions("$1")}
    story.take_back("$1")
    assert not story.reading.entries
    assert not story.reading.answers
    assert story.reading.gone == {"$1"}
    assert story.reading.below == {more, picture}


def test_who_is_put_out_takes_along_what_they_had_said_till_then() -> None:
    story = Story()
    submitted(story)
    story.edit("$1", f"News: {OTHER}")
    story.say(f"News: {TEXT}", EDITOR)
    story.happen(EDITOR, "m.room.member", {"membership": "leave", ERASES: True}, state_key=ANNA)
    story.edit("$1", f"News: {TEXT}")
    later = story.say(f"News: {OTHER}")
    assert set(story.reading.entries) == {"$3", later}
    assert story.reading.gone == {"$1", "$2"}


def test_only_while_taking_back_is_refused_and_before_do_reactions_stay() -> None:
    story = Story()
    before = story.say(f"News: {TEXT}")
    story.happen(EDITOR, "m.room.power_levels", {"events": {"m.room.redaction": 1}}, state_key="")
    meanwhile = story.say(f"News: {TEXT}")
    story.happen(EDITOR, "m.room.power_levels", {}, state_key="")
    later = story.say(f"News: {TEXT}")
    for event_id in (before, meanwhile, later):
        story.take_back(event_id)
    reading = story.reading
    assert [reading.allows(each, "✅") for each in (before, meanwhile, later)] == [True, True, False]
    assert all(reading.allows(each, REPLY) for each in (before, meanwhile, later))


def test_a_project_that_is_named_is_suggested_until_somebody_files() -> None:
    story = Story()
    story.say("News: Fernglas grows, and has news that are worth a sentence.")
    assert story.reading.answers == {("$1", "✅"), ("$1", "Fernglas ?")}
    assert story.reading.optional == {("$1", "📱 ?"), ("$1", "🏢 ?")}
    story.react("$1", "🏢")
    assert story.reading.answers == {("$1", "✅")}


def test_whatever_may_be_suggested_where_no_project_is_named_until_somebody_files() -> None:
    story = Story()
    submitted(story)
    assert story.reading.answers == {("$1", "✅")}
    assert story.reading.optional == suggestions("$1")
    story.react("$1", "🏢")
    assert not story.reading.optional


def test_the_bots_answers_are_those_that_stand() -> None:
    story = Story()
    story.react("$1", "✅", sender=BOT)
    story.take_back(story.react("$1", "Fernglas ?", sender=BOT))
    story.below("$1", "That is too short.", BOT)
    story.react("$1", "✅", sender=ANNA)
    assert given_answers(story.events, BOT) == [("$1", "✅"), ("$1", REPLY)]


READING = Reading(
    {"$1": entry(passages=(("$2", OTHER),))}, frozenset({("$1", "✅"), ("$2", "✅")}), gone=frozenset({"$9"})
)
STORED = Entry(
    *(1, "news", date(2026, 2, 6), 1, "!a:example.org", "$1", ANNA, "Anna", 1, TEXT),
    passages=(Passage("$2", 2, OTHER),),
)
WELL = Found([STORED], [], [("$1", "✅"), ("$2", "✅"), ("$9", REPLY)], POST, TITLES)


def test_no_difference_is_found_where_there_is_none() -> None:
    assert compare(READING, WELL).all == ()


@pytest.mark.parametrize(
    ("damage", "counts"),
    [
        ({"entries": []}, (1, 0, 0, 0)),
        ({"entries": [replace(STORED, text=OTHER)]}, (1, 0, 0, 0)),
        ({"entries": [replace(STORED, passages=())]}, (1, 0, 0, 0)),
        ({"entries": [replace(STORED, department="clients")]}, (1, 0, 0, 0)),
        ({"failures": ["$5"]}, (1, 0, 0, 0)),
        ({"post": ""}, (1, 0, 0, 0)),
        ({"post": POST.replace("TODO: not filed yet", "Clients 📱")}, (1, 0, 0, 0)),
        ({"post": POST.replace(f"> {OTHER}", "")}, (1, 0, 0, 0)),
        ({"entries": [STORED, STORED]}, (0, 1, 0, 0)),
        ({"entries": [STORED, replace(STORED, event_id="$7")]}, (0, 1, 0, 0)),
        ({"post": POST + POST}, (0, 1, 0, 0)),
        ({"post": f"{POST}> What was deleted.\n"}, (0, 1, 0, 0)),
        ({"answers": [("$1", "✅")]}, (0, 0, 1, 0)),
        ({"answers": [*WELL.answers, ("$1", "✅")]}, (0, 0, 0, 1)),
        ({"answers": [*WELL.answers, ("$1", "📱 ?")]}, (0, 0, 0, 1)),
        ({"answers": [*WELL.answers, ("$9", REPLY)]}, (0, 0, 0, 1)),
        ({"answers": [*WELL.answers, ("$9", "✅")]}, (0, 0, 0, 1)),
    ],
)
def test_each_difference_is_found(damage: Mapping[str, Any], counts: tuple[int, int, int, int]) -> None:
    found = compare(READING, replace(WELL, **damage))
    assert (len(found.lost), len(found.doubled), len(found.missing), len(found.answered_twice)) == counts


def test_what_is_dropped_must_not_be_in_the_post() -> None:
    dropped = Reading({"$1": entry(is_dropped=True)}, frozenset())
    stored = replace(STORED, is_dropped=True, passages=())
    assert compare(dropped, Found([stored], [], [], "", TITLES)).all == ()
    assert len(compare(dropped, Found([stored], [], [], f"> {TEXT}", TITLES)).doubled) == 1
