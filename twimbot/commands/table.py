"""All commands, declared once: what they are called, what they take, who may, what they do.

Parsing, `help`, permission and the README's table come from this table.
"""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

import structlog

from twimbot import words
from twimbot.commands import arguments as args
from twimbot.commands import catalogue, deciding, editing, filing, listing, proposing, publishing
from twimbot.commands.request import Request, request_of
from twimbot.config import Publication
from twimbot.errors import CommandError, DatabaseError
from twimbot.mistakes import nearest
from twimbot.model.entry import Entry
from twimbot.model.event import AGREEMENT, Message
from twimbot.store.records import Records
from twimbot.words import NO, YES, Answer

log = structlog.get_logger(__name__)


class Who(StrEnum):
    """Who may give a command."""

    EVERYONE = "everyone"
    CONTRIBUTORS = "contributors"  # everybody too, in the submissions room and about their own entries
    EDITORS = "editors"


@dataclass(frozen=True, slots=True)
class Command:
    """A command: its name, its arguments, what it does in a line, and more for `help NAME`.

    The name is one word, or two where several commands are about one thing.

    `carry_out` is given the request and the value of each argument. It returns the answer, or None where the answer
    comes later; it raises CommandError with the answer where the command was given wrongly.
    """

    name: str
    arguments: tuple[args.Argument, ...]
    summary: str
    carry_out: Callable[..., Awaitable[Answer | None]]
    who: Who = Who.EDITORS
    details: str = ""
    changes_entries: bool = False

    def usage(self, prefix: str) -> str:
        """Return how the command is written."""
        return " ".join((prefix, self.name, *(argument.usage for argument in self.arguments)))


async def explain(request: Request, named: str) -> Answer:
    """List the commands, or explain one; to those who may give no others, say how to submit."""
    prefix = request.publication.command
    asked = named.removeprefix(prefix).strip()
    signs = request.publication.submissions
    command, _ = _find(asked)
    if not request.is_by_editor:
        free = [each for each in COMMANDS.values() if each.who is not Who.EDITORS]
        if asked and command in free:
            return _explained(prefix, command)
        rows = tuple((each.usage(prefix), each.summary) for each in free)
        return words.help_for_contributors(request.publication.title, signs, prefix, rows)
    if asked:
        return _explained(prefix, command) if command else _unknown(prefix, asked)
    rows = tuple((command.usage(prefix), command.summary) for command in COMMANDS.values())
    return Answer.of(
        words.Table(("command", "what it does"), rows), words.help_with_reactions(signs.take_up, signs.drop)
    )


def _explained(prefix: str, command: Command) -> Answer:
    return Answer.of(*filter(None, (f"{command.usage(prefix)}: {command.summary}", command.details)))


COMMANDS: Mapping[str, Command] = {
    command.name: command
    for command in (
        Command("help", (args.COMMAND,), "lists the commands, or explains one", explain, Who.EVERYONE),
        Command(
            "status",
            (),
            "the edition at a glance: deadline, entries by department, what is unfiled, what the post still lacks",
            listing.status,
            Who.CONTRIBUTORS,
            details="To contributors: when the edition closes, and where their own entries stand.",
        ),
        Command(
            "list",
            (args.SELECTION,),
            "the entries: number, department, project, contributor, first words, how each was filed, pictures, link",
            listing.list_entries,
            details="Dropped entries are marked as such. What I have filed myself has how sure I am, and what is not "
            "filed a question mark with my best guess. DATE lists another edition, such as 2026-02-06, also one that "
            "was published before my time; “unsure” lists what no person has filed, the least sure first, and "
            "“dropped” what is left out.",
        ),
        Command(
            "show",
            (args.SHOWN,),
            "one entry as it would stand in the post",
            listing.show,
            Who.CONTRIBUTORS,
            details="An entry of another edition is written DATE/N, also of one that was published before my time. "
            "Contributors see their own entries, all of them where N is left out.",
        ),
        Command(
            "find",
            (args.WORDS,),
            "the entries that have some words: of this edition, and of all that were published, the best first",
            listing.find,
        ),
        Command(
            "file",
            (args.ENTRIES, args.PLACE),
            "files entries",
            deciding.file,
            details="DEPARTMENT and PROJECT are a key, a title, an emoji, a label or an alias. A project alone is "
            "enough: its department goes with it. Reacting to the entry with them does the same.",
            changes_entries=True,
        ),
        Command(
            "unfiled",
            (),
            "asks where the entries belong that nobody has filed, each with the best guesses numbered",
            filing.unfiled,
            details="Reply to a question with the number of your choice, or with a department or project, in the same "
            f"room. At most {filing.MOST_ASKED} entries are asked about at once.",
        ),
        Command(
            "why",
            (args.ASKED_ABOUT,),
            "says who has filed an entry and when, or how sure the bot is of its place, and why",
            filing.why,
            Who.CONTRIBUTORS,
            details="Contributors ask about their own entries, all of them where N is left out.",
        ),
        Command(
            "refile",
            (args.OPTIONAL_ENTRY,),
            "files again what no person has filed, in this edition or only entry N",
            filing.refile,
            details="That is worth it once the catalogue has changed. It says which entries stand elsewhere then.",
            changes_entries=True,
        ),
        Command(
            "drop",
            (args.ENTRIES, args.TELL),
            "leaves entries out of the edition",
            deciding.drop,
            details="`restore` brings them back. With “tell” at its end the command tells their authors, too.",
            changes_entries=True,
        ),
        Command("restore", (args.ENTRIES,), "brings dropped entries back", deciding.restore, changes_entries=True),
        Command(
            "move",
            (args.ENTRIES, args.DESTINATION, args.TELL),
            "moves entries to another edition",
            deciding.move,
            details="An entry gets a new number there, which the answer says. An entry of another edition than the "
            "due one is written DATE/N, in every command; so `move 2026-02-13/1 2026-02-06` moves one back. With "
            "“tell” at its end the command tells the authors, too.",
            changes_entries=True,
        ),
        Command(
            "alt",
            (args.PICTURE, args.DESCRIPTION),
            "says what a picture of an entry shows, for those who can't see it",
            deciding.alt,
            details="K counts the entry's pictures from 1; it may be left out where there is only one.",
            changes_entries=True,
        ),
        Command(
            "edit",
            (args.ENTRY,),
            "gives the text of an entry, to be replied to with the text as it should be",
            editing.edit,
            details="Each further message of an entry is given in a message of its own. What its author edits later is "
            "told, and does not count until an editor takes it. Deleting the reply takes the edit back.",
            changes_entries=True,
        ),
        Command(
            "title",
            (args.ENTRY, args.HEADING),
            "gives an entry a heading, in the place of the one that it begins with",
            editing.title,
            details="`title N none` takes the heading away. Deleting the command takes the change back.",
            changes_entries=True,
        ),
        Command(
            "live",
            (args.ADDRESS, args.TITLE),
            "sets the Matrix Live video of this edition",
            publishing.live,
            details="`live none` takes it out again.",
        ),
        Command(
            "cover",
            (args.COVER,),
            "sets the picture that stands for this edition where it is shared",
            publishing.set_cover,
            details="It is picture K of entry N, the only one where K is left out, or the one at URL. `cover none` "
            "takes it out again.",
            changes_entries=True,
        ),
        Command(
            "export",
            (args.EDITION_OR_DUE,),
            "renders the edition: the post, a zip of the whole tree where it is more than that, and what to look at",
            publishing.export,
        ),
        Command(
            "changes",
            (args.EDITION_OR_DUE,),
            "what was added, edited, filed anew or dropped since the last export, by whom, with the differences",
            publishing.changed,
        ),
        Command(
            "published",
            (args.EDITION_OR_DUE,),
            "marks the edition as published: commands mean the next one from then on",
            publishing.published,
            details="`unpublished DATE` takes that back.",
        ),
        Command("unpublished", (args.EDITION,), "opens a published edition again", publishing.unpublished),
        Command(
            "departments",
            (),
            "the departments: emoji, title, key, usual reporters",
            catalogue.departments,
            Who.EVERYONE,
        ),
        Command(
            "projects",
            (args.SEARCH,),
            "all projects by department, or what is known of those that a word is found in",
            catalogue.projects,
            Who.EVERYONE,
        ),
        Command(
            "project propose",
            (args.PROJECT_ROW,),
            "puts a new project before the editors",
            proposing.propose,
            Who.EVERYONE,
            details=f"KEY is a short name of letters, digits, “.”, “_” and “-”; URL may be none. The editors react "
            f"with {YES} or {NO}, and the bot says here what they decided. Deleting the message takes it back.",
        ),
        Command("project accept", (args.KEY,), "takes a proposed project into the catalogue", proposing.accept),
        Command("project decline", (args.KEY,), "declines a proposed project", proposing.decline),
        Command(
            "project add",
            (args.PROJECT_ROW,),
            "adds a project to the catalogue",
            catalogue.add,
            details="KEY is a short name of letters, digits, “.”, “_” and “-”; URL may be none.",
        ),
        Command(
            "project set",
            (args.FIELD_CHANGE,),
            "changes a project: its title, label, url, description or department",
            catalogue.set_field,
            details="KEY may also be another name of one word. VALUE none empties the label, url or description. "
            "Without a label the title stands for the project in reactions.",
        ),
        Command(
            "project remove",
            (args.PROJECT,),
            "takes a project out of the catalogue",
            catalogue.remove,
            details="Its entries stay in their department, without its heading.",
        ),
        Command(
            "project undo",
            (args.KEY,),
            "takes back the latest change of a project or department; once more brings it back",
            catalogue.undo,
        ),
        Command(
            "reporter add",
            (args.REPORTER,),
            "names a usual reporter: where their entries probably belong",
            catalogue.add_reporter,
        ),
        Command("reporter remove", (args.REPORTER,), "takes a usual reporter out", catalogue.remove_reporter),
        Command("alias add", (args.ALIAS,), "gives a project or department one more name", catalogue.add_alias),
        Command("alias remove", (args.ALIAS,), "takes such a name away", catalogue.remove_alias),
        Command(
            "reload",
            (),
            "reads the catalogue's file again, and keeps the last good one where it has a mistake",
            catalogue.reload,
        ),
    )
}
"""Every command by its name, in the order of `help`."""


def is_command(text: str, prefix: str) -> bool:
    """Tell whether a message is a command of a publication: its first word is the command's, maybe with a colon."""
    words_of_it = text.split(maxsplit=1)
    return bool(words_of_it) and words_of_it[0].removesuffix(":").lower() == prefix.lower()


@dataclass(frozen=True, slots=True)
class Call:
    """A command as somebody wrote it: which one (None: there is none of that name), and what stands behind its name."""

    command: Command | None
    written: str


def called(publication: Publication, sender: str, written: str, *, is_submission_room: bool) -> Call | None:
    """Read what is written behind the command's name, or the bot's; None where its sender may not give that command.

    Those are met with silence. That there is no such command only editors are told.
    """
    command, rest = _find(written)
    free = {Who.EVERYONE, Who.CONTRIBUTORS} if is_submission_room else {Who.EVERYONE}
    if sender in publication.editors or (command is not None and command.who in free):
        return Call(command, rest if command else written)
    return None


def _find(written: str) -> tuple[Command | None, str]:
    """Return the command that a text begins with, and what stands behind its name; None where there is none."""
    first, rest = args.split_first(written)
    second, behind = args.split_first(rest)
    if command := COMMANDS.get(f"{first} {second}".lower()):
        return command, behind
    return COMMANDS.get(first.lower() or "help"), rest


async def answer(
    publication: Publication,
    records: Records,
    message: Message,
    call: Call,
    *,
    is_history: bool = False,
    is_agreed: bool = False,
) -> Answer | None:
    """Carry out a command in a room, once; None where nothing is to be said (yet).

    One that would change what was published asks for a yes first; `is_agreed`: it has asked, and an editor has agreed.

    One that was carried out before is met with silence. One that fails for no fault of its giver changes nothing, is
    logged with its traceback, and says so. `is_history`: see `Request`.
    """
    if not is_agreed and not await records.journal.begin(message.event_id, message.room_id, message.sent_at):
        return None
    command = call.command
    if command is None:
        return _unknown(publication.command, call.written)
    log.info("command", command=command.name, sender=message.sender)
    try:
        async with records.savepoint():
            request = await request_of(publication, records, message, is_history=is_history)
            values = await _values(request, command, call.written)
            out = await _out(request, values) if command.changes_entries and not (is_agreed or is_history) else None
            if out:
                asked = words.asks_editor(out, request.name_of(out))
                return Answer((), (words.Aside(AGREEMENT + message.room_id, (asked,)),))
            return await command.carry_out(request, *values)
    except CommandError as error:
        return Answer.of(str(error))
    except DatabaseError:
        raise  # says nothing about the command: the whole batch comes again
    except Exception:
        log.exception("command failed", command=command.name)
        return words.broken(message.event_id)


async def _out(request: Request, values: Sequence[object]) -> Entry | None:
    """Return the first entry among a command's values whose edition is out, or None."""
    for value in values:
        entries = value if isinstance(value, tuple) else (value.entry if isinstance(value, args.Picture) else value,)
        for entry in entries:
            if isinstance(entry, Entry) and await request.records.editions.is_out(entry.publication, entry.edition):
                return entry
    return None


async def _values(request: Request, command: Command, written: str) -> list[object]:
    """Read a command's arguments; CommandError where one is missing or wrong, or something is left over."""
    values, rest = [], written
    usage = command.usage(request.publication.command)
    for argument in command.arguments:
        if argument.question and not rest:
            raise CommandError(f"{argument.question} {usage}")
        try:
            value, rest = await argument.read(request, rest)
        except args.WrongForm as error:
            raise CommandError(f"Write it as {usage}{error}") from error
        values.append(value)
    if rest:
        raise CommandError(f"“{words.first_line(rest)}” is too much, so nothing was done. Write {usage}")
    return values


def _unknown(prefix: str, written: str) -> Answer:
    """Say that there is no such command, or how those go on that begin so."""
    name, rest = args.split_first(written)
    family = [each.removeprefix(f"{name.lower()} ") for each in COMMANDS if each.startswith(f"{name.lower()} ")]
    if not family:
        meant = nearest(name.lower(), list(COMMANDS), likeness=0.7)
        hint = f"did you mean “{meant}”? Else " if meant else ""
        return Answer.of(f"There is no command “{name}”; {hint}{prefix} help lists them all.")
    second, _ = args.split_first(rest)
    meant = nearest(second.lower(), family)
    hint = f"did you mean “{name} {meant}”?" if meant else f"it goes on with {', '.join(family)}."
    return Answer.of(f"There is no command “{f'{name} {second}'.strip()}”; {hint}")


def readme_table(prefix: str) -> str:
    """Return the commands as the README's Markdown table."""
    rows = [
        f"| `{command.usage(prefix).replace('|', chr(92) + '|')}` | {command.summary} |"
        for command in COMMANDS.values()
    ]
    return "\n".join(("| command | does |", "|---|---|", *rows))
