"""Everything that the bot says, in one place, and how it is put on the wire.

An answer is data: paragraphs, lists, tables and code. `contents` draws it twice, as plain text and as escaped
HTML, and mentions nobody (`m.mentions` is always there, and empty).
"""

import html
import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import date, datetime
from typing import Any, TypeVar
from urllib.parse import quote

from twimbot.config import ProjectPart, Submissions
from twimbot.export.characters import BIDI_CONTROLS, matrix_to, one_line
from twimbot.export.contents import EditionContents, RenderedPost
from twimbot.model.calendar import Calendar, moment
from twimbot.model.catalogue import Catalogue
from twimbot.model.entry import Entry
from twimbot.model.event import CHOICES
from twimbot.model.filing import Choice, Offer, Reason, ReasonKind

MOST_BYTES = 40_000
"""How large a message's content may be as JSON, in bytes: a whole event is at most 65,536 (spec, "Size limits")."""


MOST_ITEMS = 30
"""How many differences or mistakes are listed at most, in a message that is not to be spread over several."""

LONG = 1000
"""More characters than this make a long answer: a screen of a phone shows fewer."""

YES, NO = "👍", "👎"
"""What an editor reacts with to a proposal."""

LONGEST_DIFFERENCE = 4000
"""How many characters of a difference are shown, where it stands with other words in one message."""

LONGEST_NAME = 60
"""How many characters of a display name are said at most: servers allow thousands."""

LONGEST_DETAIL = 80
"""How many characters of a reason's detail are said at most: it may quote an entry."""


@dataclass(frozen=True, slots=True)
class Bullets:
    """A list."""

    items: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Link:
    """A text that leads somewhere."""

    text: str
    url: str


@dataclass(frozen=True, slots=True)
class Table:
    """Rows under a header."""

    header: tuple[str, ...]
    rows: tuple[tuple[str | Link, ...], ...]


@dataclass(frozen=True, slots=True)
class Code:
    """Text to be shown as it is."""

    text: str


Sliceable = TypeVar("Sliceable", str, tuple[str, ...], tuple[tuple[str | Link, ...], ...])

Part = str | Bullets | Table | Code


@dataclass(frozen=True, slots=True)
class Aside:
    """What is said besides an answer, in a message of its own; `purpose` is what the outbox calls it.

    `choices` are what it offers by numbers.
    """

    purpose: str
    parts: tuple[Part, ...]
    choices: tuple[Choice, ...] = ()


@dataclass(frozen=True, slots=True)
class Answer:
    """What is answered, part by part, and what is said after it, a message each."""

    parts: tuple[Part, ...]
    asides: tuple[Aside, ...] = ()

    @classmethod
    def of(cls, *parts: Part) -> "Answer":
        """Make an answer of its parts."""
        return cls(parts)


def notice(said: Answer | Aside) -> dict[str, Any]:
    """Draw what answers nobody, and is short, as the content of an `m.notice`."""
    if isinstance(said, Aside) and said.choices:
        return {**_content(said.parts), CHOICES: [asdict(choice) for choice in said.choices]}
    return _content(said.parts)


def contents(answer: Answer, reply_to: str, thread: str | None = None) -> list[dict[str, Any]]:
    """Draw an answer as one or more contents of `m.notice`, the first of them a reply to an event.

    `thread` is the root of the thread that the event stands in, in which the answer then stands too.
    """
    drawn = [_content(parts) for parts in _messages(answer.parts)]
    for content in drawn if thread else drawn[:1]:
        content["m.relates_to"] = _relation(reply_to, thread)
    return drawn


def is_long(answer: Answer) -> bool:
    """Tell whether an answer would push what people say out of sight."""
    return sum(len(_plain(part)) for part in answer.parts) > LONG


def _relation(reply_to: str, thread: str | None) -> dict[str, Any]:
    """Return the relation of a reply, also within a thread (Client-Server API, "Replies within threads")."""
    reply = {"m.in_reply_to": {"event_id": reply_to}}
    return {"rel_type": "m.thread", "event_id": thread, "is_falling_back": False, **reply} if thread else reply


def _content(parts: Sequence[Part]) -> dict[str, Any]:
    return {
        "msgtype": "m.notice",
        "body": "\n\n".join(_plain(part) for part in parts),
        "format": "org.matrix.custom.html",
        "formatted_body": "".join(_html(part) for part in parts),
        "m.mentions": {},
    }


def _messages(parts: Iterable[Part]) -> list[list[Part]]:
    """Spread the parts of an answer over as many messages as their sizes call for."""
    messages: list[list[Part]] = [[]]
    for piece in (piece for part in parts for piece in _pieces(part)):
        if messages[-1] and _size([*messages[-1], piece]) > MOST_BYTES:
            messages.append([])
        messages[-1].append(piece)
    return [message for message in messages if message]


def _size(parts: Sequence[Part]) -> int:
    return len(json.dumps(_content(parts), ensure_ascii=False).encode())


def _pieces(part: Part) -> Iterator[Part]:
    """Halve a part until each piece fits into a message; rows and items stay whole while there are several."""
    if _size([part]) <= MOST_BYTES:
        yield part
        return
    halves: list[Part]
    match part:
        case Table(header, rows) if len(rows) > 1:
            halves = [Table(header, half) for half in _halves(rows)]
        case Bullets(items) if len(items) > 1:
            halves = [Bullets(half) for half in _halves(items)]
        case Table(_, rows):
            halves = ["; ".join(_cell(cell) for cell in rows[0])]
        case Bullets(items):
            halves = [items[0]]
        case Code(text):
            halves = [Code(half) for half in _halves(text)]
        case str():
            halves = [*_halves(part)]
    for half in halves:
        yield from _pieces(half)


def _halves(whole: Sliceable) -> tuple[Sliceable, Sliceable]:
    middle = len(whole) // 2
    return whole[:middle], whole[middle:]


def _plain(part: Part) -> str:
    match part:
        case Bullets(items):
            return "\n".join(f"- {item}" for item in items)
        case Table(header, rows):
            return "\n".join(" | ".join(_cell(cell) for cell in row) for row in (header, *rows))
        case Code(text):
            return f"```\n{text}\n```"
        case str():
            return part


def _cell(cell: str | Link) -> str:
    return cell.url if isinstance(cell, Link) else cell


def _html(part: Part) -> str:
    match part:
        case Bullets(items):
            return "<ul>" + "".join(f"<li>{html.escape(item)}</li>" for item in items) + "</ul>"
        case Table(header, rows):
            head = "".join(f"<th>{html.escape(cell)}</th>" for cell in header)
            body = "".join(f"<tr>{''.join(f'<td>{_html_cell(cell)}</td>' for cell in row)}</tr>" for row in rows)
            return f"<table><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>"
        case Code(text):
            return f"<pre><code>{html.escape(text)}</code></pre>"
        case str():
            return f"<p>{html.escape(part)}</p>"


def _html_cell(cell: str | Link) -> str:
    if isinstance(cell, Link):
        return f'<a href="{html.escape(cell.url)}">{html.escape(cell.text)}</a>'
    return html.escape(cell)


def event_link(room_id: str, event_id: str, via: str) -> str:
    """Return the address of an event; rooms of version 12 are found only by way of a server that is in them."""
    return f"https://matrix.to/#/{quote(room_id, safe='!:')}/{quote(event_id, safe='$:')}?via={quote(via, safe=':')}"


def file_content(address: Mapping[str, Any], file_name: str, mimetype: str, size: int) -> dict[str, Any]:
    """Return the content of a message that carries a file; `address` is its `url` or `file`, `size` in bytes."""
    return {
        "msgtype": "m.file",
        "body": file_name,
        "filename": file_name,
        **address,
        "info": {"mimetype": mimetype, "size": size},
        "m.mentions": {},
    }


def called(name: str) -> str:
    """Return a display name as the bot writes it: on one line that nothing turns around, and of bearable length."""
    return _brief(name, LONGEST_NAME)


def _brief(text: str, most: int) -> str:
    """Return a text on one line that nothing turns around, cut to a number of characters."""
    shown = one_line("".join(character for character in text if character not in BIDI_CONTROLS))
    return shown if len(shown) <= most else shown[: most - 1].rstrip() + "…"


def room_encrypted(room: str) -> Answer:
    """Say that nothing is read in a room any more."""
    return Answer.of(
        f"The room {room} has been encrypted. I can read nothing there until twimbot[e2e] is installed "
        "and I am started again."
    )


def undecrypted(by_sender: Mapping[str, int], most_of_sender: int) -> str:
    """Say how many messages wait for their key, and whose they are; of each sender no more than so many do."""
    number = sum(by_sender.values())
    what = "1 message" if number == 1 else f"{number} messages"
    said = f"{what} can't be decrypted yet, from {', '.join(by_sender)}."
    full = [sender for sender, waiting in by_sender.items() if waiting >= most_of_sender]
    if not full:
        return said
    return f"{said} Of {', '.join(full)} there may be more: I wait for the latest {most_of_sender} of each sender."


def too_short(length: int, least: int) -> Answer:
    """Say why a submission was not taken up; lengths in characters."""
    if length == 0:
        return Answer.of("I found no text behind the mention. Edit your message, and I will take it up.")
    return Answer.of(
        f"That is too short for an entry: it has {counted(length, 'character', 'characters')}, and at least "
        f"{counted(least, 'character is', 'characters are')} needed. "
        "Edit your message to say a little more, and I will take it up."
    )


def mistyped_reaction(entry: Entry, key: str, meant: str) -> Answer:
    """Say that a reaction to an entry names no department or project, and which was probably meant."""
    written = _brief(key, LONGEST_NAME)
    return Answer.of(
        f"Your reaction “{written}” to entry {entry.number} by {called(entry.name)} names no department or project, so "
        f"it changes nothing; did you mean “{meant}”?"
    )


def asked(standing: Answer, take_up: str) -> Answer:
    """Answer a question; `standing` says where the entries of who asks stand."""
    head = (
        "That reads as a question to me, so I have taken nothing up. If it is news, edit your message so that it does "
        f"not end with a question mark, or ask an editor to react to it with {take_up}."
    )
    return Answer.of(head, *standing.parts)


def late(closed: date, edition: date) -> Answer:
    """Say that an entry came after the deadline, and in which edition it is."""
    return Answer.of(f"The edition of {closed} has closed, so this is for the next one, of {edition}.")


def too_many(limit: int) -> Answer:
    """Say to a sender that a message is one of too many; `limit` is how many are taken within an hour."""
    return Answer.of(
        f"That is more than I take from one person within an hour ({counted(limit, 'message', 'messages')}), so I "
        "leave this one, and what else comes, until the hour is over. Send it again then; the editors know of it, too, "
        "and can take it up."
    )


def sends_too_many(name: str, sender: str, limit: int, take_up: str) -> Answer:
    """Say to the editors that somebody sends more than is taken within an hour, and what they can do about it."""
    return Answer.of(
        f"{called(name)} ({sender}) has sent more than {counted(limit, 'message', 'messages')} within an hour. I take "
        f"up no more of them until the hour is over; to take one up all the same, react to it with {take_up}."
    )


def too_many_files(files: int, mib: int) -> Answer:
    """Say to a sender that a picture or video is one of too many: of how many files or MiB are fetched in a day."""
    return Answer.of(
        f"That is more than I fetch from one person within a day ({counted(files, 'file', 'files')} or {mib} MiB), so "
        "I leave out the pictures and videos beyond it. Send them again tomorrow; the editors know of it, too, and can "
        "take them up."
    )


def sends_too_many_files(name: str, sender: str, files: int, mib: int, take_up: str) -> Answer:
    """Say to the editors that somebody sends more files than are fetched in a day, and what they can do about it."""
    return Answer.of(
        f"{called(name)} ({sender}) has sent more than {counted(files, 'file', 'files')} or {mib} MiB of pictures and "
        "videos within a day. I leave out those beyond it until the day (UTC) is over; to have those of a message all "
        f"the same, react to it with {take_up}."
    )


def emptied(*, is_part: bool) -> Answer:
    """Say that an edit left no text in an entry, or in a further message of one."""
    gone = "take it out of your entry" if is_part else "withdraw your entry"
    return Answer.of(f"Your edit left no text, so I keep what stood there. Delete the message to {gone}.")


def plain_text_only(reason: str) -> Answer:
    """Say that a text was taken up, and that its Markdown will not be read."""
    return Answer.of(
        f"I have taken this up, but its Markdown will stand in the post as plain text, because {reason}. "
        "Edit your message to make it simpler, or leave it: no word of it is lost."
    )


def shortened(length: int, least: int) -> Answer:
    """Say that an edit left little text; lengths in characters."""
    return Answer.of(
        f"Your entry is very short now: it has {counted(length, 'character', 'characters')}, and a new one needs at "
        f"least {least}. "
        "It stands as you wrote it; edit it again to say more, or delete the message to withdraw it."
    )


def no_entry_for_picture(take_up: str) -> Answer:
    """Say that a picture belongs to no entry."""
    return Answer.of(
        "I know no entry of yours from before this picture. "
        f"Send the entry first, then the picture as a reply to it, or react with {take_up} on a picture after it."
    )


UNSHOWN = {
    "m.audio": "sound files",
    "m.emote": "messages that begin with /me",
    "m.file": "files that are neither pictures nor videos",
    "m.image": "pictures without a text",
    "m.location": "locations",
    "m.poll": "polls",
    "m.sticker": "stickers",
    "m.video": "videos without a text",
}
"""What people call the kinds of messages that are no entries."""


def not_taken(kind: str) -> Answer:
    """Say that a message of this kind is no entry."""
    return Answer.of(
        f"I can't take up {UNSHOWN.get(kind, 'messages of this kind')}. Send your news as an ordinary text message "
        "that mentions me, and its pictures and videos as replies to it."
    )


def not_shown(kind: str) -> Answer:
    """Say that what somebody sent for an entry can't stand in the post."""
    return Answer.of(
        f"A post can't show {UNSHOWN.get(kind, 'messages of this kind')}: it has text, pictures and videos. If this "
        "belongs to your entry, send a picture of it as a reply to the entry, or link to it in the text."
    )


def unfit(kind: str, reason: str) -> Answer:
    """Say why a picture (`m.image`) or video can't be used."""
    what = "video" if kind == "m.video" else "picture"
    return Answer.of(
        f"I can't use this {what}: {reason}. Send a better one as a reply to your entry, and I will take that instead."
    )


def lost(kind: str, reason: str) -> Answer:
    """Say why a picture (`m.image`) or video can't be had."""
    what = "video" if kind == "m.video" else "picture"
    return Answer.of(
        f"I can't get this {what}: {reason}. Send it again as a reply to your entry, and I will take that instead."
    )


def question(sender: str, name: str, number: int, event_id: str, thread: str | None) -> dict[str, Any]:
    """Ask somebody, by their name, what a number of their pictures show.

    The message opens a thread at the event with the pictures, or stands in the thread that has them. It mentions
    who is asked, and is no notice: of those clients tell nobody (spec, push rule `.m.rule.suppress_notices`).
    """
    if number == 1:
        asked = "what does this picture show? Reply to this message with a sentence for those who can't see it"
    else:
        asked = (
            f"what do these {number} pictures show? Reply to this message with a line for each, for those who can't see"
        )
    name = called(name)
    link = f'<a href="{html.escape(matrix_to(sender))}">{html.escape(name)}</a>'
    own_thread = {"rel_type": "m.thread", "event_id": event_id, "is_falling_back": True}
    return {
        "msgtype": "m.text",
        "body": f"{name}: {asked}; it becomes the alternative text.",
        "format": "org.matrix.custom.html",
        "formatted_body": f"{link}: {asked}; it becomes the alternative text.",
        "m.mentions": {"user_ids": [sender]},
        "m.relates_to": _relation(event_id, thread) if thread else {**_relation(event_id, None), **own_thread},
    }


def no_own_entries(edition: date, command: str) -> str:
    """Say to a contributor that they have no entries."""
    return f"You have no entries in the edition of {edition} or the one after it; {command} help says how to submit."


def tell_dropped(entry: Entry) -> Answer:
    """Say to an entry's author that it is left out."""
    return Answer.of(f"The editors have decided to leave this out of the edition of {entry.edition}.")


def tell_moved(entry: Entry, edition: date) -> Answer:
    """Say to an entry's author that it comes out on another day."""
    return Answer.of(f"The editors have moved this from the edition of {entry.edition} to that of {edition}.")


def no_number(written: str, command: str) -> str:
    """Say that something is no entry's number."""
    if not written:
        return f"Which entry? {command} list shows their numbers."
    return f"“{written}” is no entry's number; {command} list shows them all."


def no_such_entry(number: int, edition: date, command: str) -> str:
    """Say that an edition has no entry of that number."""
    return f"The edition of {edition} has no entry {number}; see {command} list {edition}."


def no_picture(name: str) -> str:
    """Say that somebody's entry has no picture."""
    return f"The entry by {called(name)} has no picture."


def which_picture(name: str, most: int) -> str:
    """Ask which of several pictures of somebody's entry is meant."""
    name = called(name)
    if most == 1:
        return f"The entry by {name} has one picture: write 1, also before a text that begins with a number."
    return f"The entry by {name} has {most} pictures; say which one, from 1 to {most}, behind the entry's number."


def entry_number(entry: Entry, due: date) -> str:
    """Return how an entry is written in a command: `N`, or `DATE/N` where it is not of the due edition."""
    return str(entry.number) if entry.edition == due else f"{entry.edition}/{entry.number}"


def percent(confidence: float) -> str:
    """Say how sure the bot is, from 0 to 1; it is never quite sure, and what it says it has seen some sign of."""
    return f"{min(max(round(100 * confidence), 1), 99)} %"


def place(catalogue: Catalogue, choice: Choice) -> str:
    """Name a department, and a project where there is one; by their keys where the catalogue has them no more."""
    department = catalogue.department(choice.department)
    named = department.title if department else choice.department
    return f"{named}, {_project(catalogue, choice.project)}" if choice.project else named


def _project(catalogue: Catalogue, key: str) -> str:
    project = catalogue.project(key)
    return project.title if project else key


def stands_under(catalogue: Catalogue, entry: Entry, number: str, choice: Choice | None) -> str:
    """Say where an entry stands, None: that it is not filed; `number` is how commands write it."""
    where = f"stands under {place(catalogue, choice)}" if choice else "is not filed"
    return f"Entry {number} by {called(entry.name)} {where}."


def department_gone(entry: Entry, number: str) -> str:
    """Say that the catalogue has no longer the department that an entry was filed under."""
    return f"Entry {number} by {called(entry.name)} was filed under {_gone(entry)}."


def _gone(entry: Entry) -> str:
    return f"{entry.department}, which the catalogue has no more"


def decided(who: str, deed: str, time: str) -> str:
    """Say who has decided something about an entry, and when."""
    return f"{who[0].upper()}{who[1:]} {deed} on {time}."


def own_filing(catalogue: Catalogue, entry: Entry, offer: Offer, deed: str) -> str:
    """Say why the bot itself has decided something about an entry."""
    return f"I {deed} myself, {percent(offer.confidence)} sure{_because(catalogue, entry, offer)}."


def not_filed(catalogue: Catalogue, entry: Entry, number: str, offers: Sequence[Offer]) -> str:
    """Say why an entry is not filed."""
    head = f"Entry {number} by {called(entry.name)} is not filed"
    if not offers:
        return f"{head}: I found nothing that says where it belongs."
    likely = [
        f"{place(catalogue, offer.choice)} ({percent(offer.confidence)}{_because(catalogue, entry, offer)})"
        for offer in offers
    ]
    return f"{head}: I am not sure enough. My best guesses are {', '.join(likely)}."


def unfiled(edition: date, asides: Sequence[Aside], more: int, command: str) -> Answer:
    """Say what a list of questions is for; `more` is how many others are not filed either."""
    if not asides:
        return Answer.of(f"Everything in the edition of {edition} is filed.")
    left = f" {counted(more, 'more is', 'more are')} left for the next {command} unfiled." if more else ""
    head = f"Not filed in the edition of {edition}: {counted(len(asides) + more, 'entry', 'entries')}."
    ask = "Reply to each of the following with the number of your choice, or with a department or project."
    return Answer((f"{head} {ask}{left}",), tuple(asides))


def unfiled_at_hand(command: str) -> str:
    """Say how what is not filed is decided."""
    return f"{command} unfiled asks where each of those belongs that are not filed, with my best guesses."


def where_to(
    catalogue: Catalogue, entry: Entry, number: str, link: str, offers: Sequence[Offer], command: str
) -> tuple[Part, ...]:
    """Ask where an entry belongs, with numbered choices."""
    asked = f"Entry {number} by {called(entry.name)}: “{_brief(first_words(entry.text), LONGEST_DETAIL)}” {link}"
    other = f"{command} file {number} DEPARTMENT [PROJECT]"
    if not offers:
        return (asked, f"I found nothing that says where it belongs; {other} files it.")
    rows = tuple(
        (
            str(choice),
            place(catalogue, offer.choice),
            percent(offer.confidence),
            "".join(_reasons(catalogue, entry, offer)[:1]),
        )
        for choice, offer in enumerate(offers, 1)
    )
    return (asked, Table(("reply", "files it under", "sure", "why"), rows), f"Or: {other}")


def no_such_choice(number: int, most: int) -> str:
    """Say that a question offers no choice of that number."""
    return f"There is no choice {number}; reply with {_replies(most)}."


def no_such_reply(said: str, most: int) -> str:
    """Say what can be replied to a question that offers so many numbered choices, as something else was."""
    return f"I know no department or project “{first_line(said, LONGEST_DETAIL)}”; reply with {_replies(most)}."


def _replies(most: int) -> str:
    number = {0: "", 1: "the number 1, or "}.get(most, f"a number from 1 to {most}, or ")
    return f"{number}the name of a department or project"


def no_question(command: str) -> Answer:
    """Say that a message does not ask for the number that was replied to it."""
    return Answer.of(
        f"That message asks for no number; {command} unfiled asks where entries belong that are not filed."
    )


def react_to_proposal() -> Answer:
    """Say how a proposal is decided, as something was replied to it."""
    return Answer.of(f"I take no words as a decision; react to the proposal with {YES} or {NO}.")


def is_too_large(aside: Aside) -> bool:
    """Tell whether a message would be larger than a server takes."""
    return _size(aside.parts) > MOST_BYTES


def too_long_to_edit(entry: Entry, number: str) -> str:
    """Say that an entry's text does not fit into a message."""
    return f"{_numbered(entry, number)} is too long for a message, so I can't give its text."


def how_to_edit(entry: Entry, number: str, asides: Sequence[Aside]) -> Answer:
    """Say what is done with an entry's texts, which follow in a message each."""
    which = "the message below" if len(asides) == 1 else "one of the messages below"
    head = f"{_numbered(entry, number)}: reply to {which} with the whole text as it should be."
    return Answer((f"{head} Deleting your reply takes that back.",), tuple(asides))


def title_stays(entry: Entry, number: str, *, is_all: bool) -> str:
    """Say that an entry's heading can't be changed; `is_all`: the entry has no other text."""
    reason = "has no text but its heading" if is_all else "has that heading, or none, already"
    return f"{_numbered(entry, number)} {reason}."


def rewritten(entry: Entry, number: str, difference: str) -> Answer:
    """Say that an entry's text is an editor's now."""
    head = f"{_numbered(entry, number)} has your text now; deleting your message takes that back. The difference:"
    return Answer.of(head, Code(_cut(difference)))


def edited_by(editors: Sequence[str]) -> str:
    """Name the editors whose texts an entry has."""
    return f"edited by {', '.join(called(editor) for editor in editors)}"


def held(entry: Entry, number: str, editor: str, difference: str) -> Answer:
    """Tell the editors of an author's edit that does not count, as an editor has edited the entry before."""
    author = called(entry.name)
    return Answer.of(
        f"{author} has changed the text of entry {number}, which {called(editor)} has edited; it stays as it was "
        f"edited. React to this message with {YES} to take the text by {author}, or with {NO} to keep the one that "
        "stands. The difference (- what stands, + what the author wrote):",
        Code(_cut(difference)),
    )


def held_decided(entry: Entry, number: str, *, is_taken: bool) -> Answer:
    """Say what became of an author's edit that was held."""
    whose = f"by {called(entry.name)}" if is_taken else "that stood"
    return Answer.of(f"Entry {number} has the text {whose}.")


def asks_editor(entry: Entry, number: str) -> str:
    """Ask an editor for a yes to a command about an entry that was published."""
    ask = f"React to this message with {YES} to do it all the same."
    return f"{_numbered(entry, number)} is of an edition that is out. {ask}"


def asks_for_change(entry: Entry, who: str, change: str, what: Sequence[Part]) -> Answer:
    """Tell the editors what somebody wants to change about an entry that was published, and ask for a yes."""
    head = f"{called(who)} {change} entry {entry.edition}/{entry.number} by {called(entry.name)}, whose edition is out."
    ask = f"It stays as it is, unless you react to this message with {YES}; {NO} declines."
    return Answer.of(head, *[Code(_cut(part.text)) if isinstance(part, Code) else part for part in what], ask)


def agreed(*, is_done: bool) -> Answer:
    """Say what became of a change to what was published."""
    return Answer.of("That is done." if is_done else "It stays as it is.")


def no_longer_there() -> Answer:
    """Say that what an editor has agreed to can't be done any more."""
    return Answer.of("That message is gone or can't be read, so nothing is done.")


def no_longer_kept() -> Answer:
    """Say that the text of an author's edit that an editor wants is not kept any more."""
    return Answer.of("The author has changed that text often since, and only the latest are kept: take a later one.")


def deleted_though_out(entry: Entry, *, is_part: bool) -> Answer:
    """Tell the editors that something was deleted of an entry whose edition is out."""
    what = "Something of entry" if is_part else "Entry"
    return Answer.of(
        f"{what} {entry.edition}/{entry.number} was deleted, and its edition is out. I have nothing of it any more; "
        "the published post may still have it."
    )


def undone_though_out(entry: Entry) -> Answer:
    """Tell the editors that a decision about an entry was taken back whose edition is out."""
    place = f"{entry.edition}/{entry.number}"
    return Answer.of(
        f"A decision about entry {place} by {called(entry.name)} was taken back, and its edition is out. The published "
        "post may stand as it was."
    )


def react_to_held() -> Answer:
    """Say how it is decided about an author's edit that is held, as something was replied."""
    return Answer.of(f"I take no words as a decision; react to that message with {YES} or {NO}.")


def _cut(difference: str) -> str:
    """Return so much of a difference that a message holds it."""
    return difference if len(difference) <= LONGEST_DIFFERENCE else f"{difference[:LONGEST_DIFFERENCE]}…"


def _numbered(entry: Entry, number: str) -> str:
    return f"Entry {number} by {called(entry.name)}"


def how_to_command(command: str) -> Answer:
    """Say how commands are given, as something else was said to the bot."""
    return Answer.of(f"I understand commands only, here also behind my name; {command} help lists them.")


def choice_gone(command: str) -> str:
    """Say that the catalogue has no longer what was offered."""
    return f"The catalogue has that place no more; {command} unfiled offers what it has now."


def filed_by_people(entry: Entry, number: str, command: str, *, is_gone: bool) -> str:
    """Say that an entry is not filed again, since a person has filed it; `is_gone`: where there is no department."""
    where = f"under {_gone(entry)}" if is_gone else "and stays there"
    return f"Entry {number} was filed by people, {where}; {command} file {number} DEPARTMENT moves it."


def refiled(weighed: int, changed: Sequence[str]) -> Answer:
    """Say what came of filing entries again."""
    head = f"I have weighed {counted(weighed, 'entry', 'entries')} again that no person has filed"
    if not changed:
        return Answer.of(f"{head}; nothing has changed.")
    return Answer.of(f"{head}; {counted(len(changed), 'has', 'have')} changed:", Bullets(tuple(changed)))


def _because(catalogue: Catalogue, entry: Entry, offer: Offer) -> str:
    """Return what speaks for a choice, behind a colon, or nothing."""
    reasons = _reasons(catalogue, entry, offer)
    return f": {'; '.join(reasons)}" if reasons else ""


def _reasons(catalogue: Catalogue, entry: Entry, offer: Offer) -> list[str]:
    """Return what speaks for a choice, the weightiest first; it is about the project where there is one."""
    choice = offer.choice
    title = _project(catalogue, choice.project) if choice.project else place(catalogue, choice)
    return [_reason(reason, title, called(entry.name)) for reason in offer.reasons]


def _reason(reason: Reason, title: str, contributor: str) -> str:
    """Say what speaks for the place with a title."""
    detail = _brief(reason.detail, LONGEST_DETAIL)
    said = {
        ReasonKind.HEADING: f"its heading names {title}",
        ReasonKind.NAME: f"it has words of the name {title}: {detail}" if detail else f"it names {title}",
        ReasonKind.LINK: f"it links to the site of {title}",
        ReasonKind.REPORTER: f"{contributor} seems to report on {title}, by “{detail}” in the Matrix ID"
        if detail
        else f"{contributor} reports on {title}",
        ReasonKind.HISTORY: f"of {contributor}'s last entries {detail or 'some'} stood there",
        ReasonKind.ALIKE: f"it is like {detail or 'others that stood there'}",
        ReasonKind.TERMS: "it has words that are typical there" + (f": {detail}" if detail else ""),
        ReasonKind.PROJECT: f"it may be about {detail or 'a project'}, which belongs there",
    }
    return said[reason.kind]


def broken(event_id: str) -> Answer:
    """Say that a command failed for a reason that its giver can't mend."""
    return Answer.of(f"That went wrong, and nothing was changed. The log says why, under event {event_id}.")


def cannot_store(reason: str) -> Answer:
    """Say that nothing can be stored just now."""
    return Answer.of(
        f"I can't store anything just now: {reason}. Until that is mended I take nothing up and answer nobody; "
        "what is said meanwhile is read then."
    )


def stores_again() -> Answer:
    """Say that what was wrong with the disk has passed."""
    return Answer.of("I can store things again, and read what was said meanwhile.")


def must_stop(reason: str) -> Answer:
    """Say that the bot ends, and won't come back by itself."""
    return Answer.of(f"I have to stop: {reason}. What is said meanwhile is read once I am back.")


def no_room_for_pictures(reason: str) -> Answer:
    """Say that pictures can't be kept just now."""
    return Answer.of(
        f"I can't keep the pictures of entries just now: {reason}. I try again until it works; an export made before "
        "that has a TODO where they belong."
    )


def help_for_contributors(title: str, signs: Submissions, prefix: str, commands: Sequence[tuple[str, str]]) -> Answer:
    """Say how to submit, what the bot's reactions mean, and which commands anybody may give, to who is no editor."""
    return Answer.of(
        f"I collect news for {title}. To submit yours, send a message that mentions me; the whole message is the "
        "entry, and editing or deleting it changes or withdraws the entry. Send pictures, and what else belongs to "
        "it, as replies to it or in its thread; a picture's caption tells those who can't see it what it shows.",
        f"{signs.ack} on your message says that it is an entry; nothing more is needed. A department's emoji or a "
        "project's label beside it says where the entry stands; with a question mark behind it (📱 ?) that is only a "
        "guess of mine, and a click on it says that it is right. To choose another place, react to your own message "
        "with a department's emoji or a project's label. The editors have the last word.",
        "Anybody may give these commands:",
        Table(("command", "what it does"), tuple(commands)),
        f"The other {prefix} commands are for the editors.",
    )


def proposed(name: str, sender: str, project: ProjectPart, prefix: str) -> Answer:
    """Tell the editors what somebody proposes, and how to decide about it."""
    about = ", ".join(filter(None, (project.website, project.description)))
    return Answer.of(
        f"{called(name)} ({sender}) proposes the project {project.title} ({project.key}), in {project.department}"
        f"{f': {about}' if about else ''}.",
        f"React to this message with {YES} to take it into the catalogue or with {NO} to decline it, or say "
        f"{prefix} project accept {project.key} or {prefix} project decline {project.key}.",
    )


def proposal_settled(project: ProjectPart, prefix: str, *, is_accepted: bool) -> Answer:
    """Tell the editors what became of a proposal."""
    if is_accepted:
        return Answer.of(f"The catalogue has {project.title} now; {prefix} project undo {project.key} takes that back.")
    return Answer.of(f"{project.title} is declined; {prefix} project add would add it all the same.")


def proposal_decided(project: str, publication: str, *, is_accepted: bool) -> Answer:
    """Tell who proposed a project what the editors have decided."""
    if is_accepted:
        return Answer.of(f"The editors have taken {project} into the catalogue of {publication}.")
    return Answer.of(f"The editors have decided not to take {project} into the catalogue of {publication}.")


def reloaded(title: str, differences: Sequence[str], restarting: Sequence[str]) -> Answer:
    """Say what is different in a publication's catalogue after it was read again, and what takes a restart to be."""
    said: tuple[Part, ...] = (f"I have read the catalogue of {title} again; nothing in it has changed.",)
    if differences:
        said = (f"I have read the catalogue of {title} again, and go by it from now on:", _some(differences))
    if restarting:
        said += (f"Changed as well, but taken over by a restart only: {', '.join(restarting)}.",)
    return Answer(said)


def not_reloaded(mistakes: Sequence[str]) -> Answer:
    """Say why the configuration could not be read again."""
    return Answer.of(
        "I can't take over the configuration as it is now, and go on with the last good one:", _some(mistakes)
    )


def _some(items: Sequence[str]) -> Bullets:
    """List so many that a message holds them, and say how many more there are."""
    more = len(items) - MOST_ITEMS
    return Bullets((*items[:MOST_ITEMS], *((f"and {more} more",) if more > 0 else ())))


def editors_are_told() -> Answer:
    """Say that the answer to a command stands in the editors' room."""
    return Answer.of("I have read the configuration again; the editors' room has what came of it.")


def help_with_reactions(take_up: str, drop: str) -> str:
    """Say what an editor's reactions do."""
    return (
        f"On a message in the submissions room, an editor's {take_up} takes it up, {drop} drops the entry, a "
        "department's emoji or a project's label files it; taking the reaction back undoes that."
    )


def withdrawn() -> Answer:
    """Say in the place of an answer that it is not given, since it may have quoted what was deleted meanwhile."""
    return Answer.of("Something that I may have quoted here was deleted before I could answer. Ask me again.")


def no_zip(reason: str, path: str) -> str:
    """Say that the tree could not be sent as a zip."""
    return f"The zip of the whole tree could not be sent ({reason}); the tree is on the bot's machine, at {path}."


def exported(
    contents: EditionContents, post: RenderedPost, prefix: str, notes: Sequence[str], calendar: Calendar, now: datetime
) -> Answer:
    """Say what an export holds, and what to look at; `now` tells whether the edition is still open."""
    taken = [entry for entry in contents.entries if not entry.is_dropped]
    people = len({entry.sender for entry in taken})
    figures = f"{counted(len(taken), 'entry', 'entries')} by {counted(people, 'contributor', 'contributors')}"
    pictures = f", {counted(len(post.pictures), 'picture', 'pictures')}" if post.pictures else ""
    head = f"Edition of {contents.edition}: {figures}{pictures}. The post goes to {post.path}."
    if contents.deadline > now:
        closing = f"The edition closes {when(calendar, contents.edition)}; export it again then."
        todo = ("Please look at:", Bullets(tuple(notes))) if notes else ("Nothing is left to look at so far.",)
        return Answer.of(head, *todo, closing)
    if not notes:
        done = f"{prefix} published {contents.edition}"
        return Answer.of(head, f"Nothing is left to look at. Once it is out, tell me with “{done}”.")
    return Answer.of(head, "Please look at:", Bullets(tuple(notes)))


def is_new(entry: Entry) -> str:
    """Say that an entry was not there at the last export."""
    return f"{_entry(entry)} is new."


def is_gone(number: int) -> str:
    """Say that an entry is no longer there since the last export."""
    return f"Entry {number} is gone: its message was deleted, or an editor has taken back what took it up."


def moved_away(number: int, entry: Entry) -> str:
    """Say that an entry is in another edition since the last export."""
    return f"Entry {number} by {called(entry.name)} is in the edition of {entry.edition} now."


def was_judged(entry: Entry, by: str | None) -> str:
    """Say that an entry was left out or brought back since the last export; `by` None: its drop was taken back."""
    deed = "left out" if entry.is_dropped else "brought back"
    return f"{_entry(entry)} is {deed}{f' by {called(by)}' if by else ''}."


def was_filed(catalogue: Catalogue, entry: Entry, former: Choice | None, now: Choice | None, by: str | None) -> str:
    """Say that an entry stands elsewhere since the last export; `by` None: the bot has filed it."""
    whose = called(by) if by else "me"
    stands = f"stands under {place(catalogue, now)}" if now else "is not filed"
    stood = f"stood under {place(catalogue, former)}" if former else "was not filed"
    return f"{_entry(entry)} {stands} now, by {whose}; it {stood}."


def was_edited(entry: Entry, editors: Sequence[str]) -> str:
    """Say that an entry's text is different since the last export, and which editors' it is; the difference follows."""
    return f"{_entry(entry)} has another text{f', {edited_by(editors)}' if editors else ''}:"


def was_partly_deleted(entry: Entry) -> str:
    """Say that something that was in an entry's text at the last export was deleted."""
    return f"{_entry(entry)} has another text, since something of it was deleted."


def has_other_pictures(entry: Entry, former: Sequence[tuple[str, int, str]] | None) -> str:
    """Say what is different about an entry's pictures since the last export; None: something of them was deleted."""
    now = {(media.event_id, media.position): media.alt for media in entry.media}
    if former is None or {(event_id, position) for event_id, position, _ in former} != set(now):
        return f"{_entry(entry)} has other pictures: {counted(len(entry.media), 'picture', 'pictures')} now."
    described = [
        f"“{one_line(now[event_id, position])}”" for event_id, position, alt in former if now[event_id, position] != alt
    ]
    return f"{_entry(entry)} has other alternative texts: {', '.join(described)}."


def _entry(entry: Entry) -> str:
    return f"Entry {entry.number} by {called(entry.name)}"


def changed(edition: date, parts: Sequence[Part] | None) -> Answer:
    """Say what has changed in an edition since its last export; None: it was never exported."""
    if parts is None:
        return Answer.of(f"The edition of {edition} has not been exported yet.")
    if not parts:
        return Answer.of(f"Nothing has changed in the edition of {edition} since its last export.")
    return Answer.of(f"Since the last export of the edition of {edition}:", *parts)


def export_failed(edition: date, reason: str) -> Answer:
    """Say that an export could not be made."""
    return Answer.of(f"The edition of {edition} can't be exported: {reason}.")


def room(purpose: str, name: str) -> str:
    """Say which room is meant; `name` is its alias or ID."""
    kind = {"submissions": "the submissions room", "editors": "the editors' room"}.get(purpose, "the ping room")
    return f"{kind} {name}"


def removal(by: str, reason: str, *, is_ban: bool) -> str:
    """Say who put the bot out of a room, and with which reason; both may be unknown, and empty."""
    deed = "banned" if is_ban else "removed"
    return f"{by or 'somebody'} {deed} me" + (f" ({first_line(reason)})" if reason.strip() else "")


def put_out(where: str, how: str) -> Answer:
    """Tell the editors that the bot is not in a room where it should be."""
    return Answer.of(
        f"I am not in {where}: {how}. Nothing that is said there reaches me until an editor invites me; "
        "then I read what I have missed."
    )


def muted(where: str, how: str) -> Answer:
    """Tell the editors that the bot may not speak in a room."""
    return Answer.of(
        f"I may not speak in {where}: {how}. I still read it, and what I have to say there waits until I may again."
    )


_DEEDS = {"m.reaction": "react to messages", "m.room.redaction": "take my reactions back"}
_EFFECTS = {
    "m.reaction": "Entries are taken all the same, without a sign",
    "m.room.redaction": "What I suggested stays below the entries, also once they are filed",
}


def powerless(where: str, kind: str) -> Answer:
    """Tell the editors that the bot's power in a room does not reach for one type of event."""
    effect = _EFFECTS.get(kind, "Entries are taken all the same, and nobody is answered there")
    return Answer.of(
        f"I lack the power to {_deed(kind)} in {where} (`{kind}` in its power levels). {effect}. "
        "What I leave out now is not made up for; once I have the power, I go on with what is new."
    )


def empowered(where: str, kind: str) -> Answer:
    """Tell the editors that the bot may send a type of event to a room again."""
    return Answer.of(f"I can {_deed(kind)} in {where} again.")


def _deed(kind: str) -> str:
    return _DEEDS.get(kind, "write messages")


def refused(where: str, how: str) -> Answer:
    """Tell the editors that the homeserver refuses what the bot has to say in a room, though it may speak there."""
    return Answer.of(
        f"The homeserver refuses something that I have to say in {where}: {how}. It is no lack of power; a spam filter "
        "may do that. I try again for an hour, and go on with the rest meanwhile; entries are taken all the same."
    )


def back(where: str) -> Answer:
    """Tell the editors that the bot is in a room at last."""
    return Answer.of(f"I am in {where} now, and read what I have missed, as far as I may see it.")


def unread(where: str, how: str) -> Answer:
    """Tell the editors that the homeserver fails at a room, while it answers otherwise."""
    return Answer.of(
        f"I can't read all of what was said in {where}: the homeserver fails there ({first_line(how)}). "
        "I go on with the rest, and read what is missing as soon as it can be had."
    )


def read_again(where: str) -> Answer:
    """Tell the editors that a room at which the homeserver failed is read."""
    return Answer.of(f"I could read {where} again, and have now heard what was missing.")


def unmuted(where: str) -> Answer:
    """Tell the editors that the bot may speak in a room again."""
    return Answer.of(f"I may speak in {where} again.")


def first_line(text: str, most: int = 200) -> str:
    """Return the beginning of what somebody wrote, for a sentence of ours."""
    line = text.strip().splitlines()[0]
    return line if len(line) <= most else line[: most - 1].rstrip() + "…"


def counted(number: int, one: str, many: str) -> str:
    """Return a number with its noun."""
    return f"{number} {one if number == 1 else many}"


def when(calendar: Calendar, edition: date) -> str:
    """Say when an edition closes, in the publication's own time."""
    return _local(calendar, calendar.deadline(edition))


def at(calendar: Calendar, milliseconds: int) -> str:
    """Say when something happened (milliseconds since 1970), in the publication's own time."""
    return _local(calendar, moment(milliseconds))


def _local(calendar: Calendar, time: datetime) -> str:
    local = time.astimezone(calendar.timezone)
    return f"{local:%A} {local:%Y-%m-%d} at {local:%H:%M} ({calendar.timezone.key})"


def first_words(text: str, most: int = 60) -> str:
    """Return the beginning of an entry's text, on one line."""
    line = " ".join(text.split())
    return line if len(line) <= most else line[: most - 1].rstrip() + "…"
