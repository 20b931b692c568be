"""All commands, declared once: what they are called, what they take, who may, what they do.

Parsing, `help`, permission and the README's table come from this table.
"""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from enum import StrEnum

import structlog

from twimbot import words
from twimbot.commands import catalogue, deciding, filing, listing, proposing, publishing
from twimbot.commands.request import Request, split_first
from twimbot.config import Publication
from twimbot.errors import CommandError, DatabaseError
from twimbot.mistakes import nearest
from twimbot.model.event import Message
from twimbot.store.records import Records
from twimbot.words import NO, YES, Answer

log = structlog.get_logger(__name__)


class Who(StrEnum):
    """Who may give a command."""

    EVERYONE = "everyone"
    EDITORS = "editors"


@dataclass(frozen=True, slots=True)
class Command:
    """A command: its name, its arguments as people read them, what it does in a line, and more for `help NAME`.

    The name is one word, or two where several commands are about one thing.

    `carry_out` returns the answer, or None where the answer comes later; it raises CommandError with the answer
    where the command was given wrongly.
    """

    name: str
    arguments: str
    summary: str
    carry_out: Callable[[Request], Awaitable[Answer | None]]
    who: Who = Who.EDITORS
    details: str = ""

    def usage(self, prefix: str) -> str:
        """Return how the command is written."""
        return " ".join(filter(None, (prefix, self.name, self.arguments)))


async def explain(request: Request) -> Answer:
    """List the commands, or explain one; to those who may give no others, say how to submit."""
    prefix = request.publication.command
    asked = request.arguments.removeprefix(prefix).strip()
    if request.message.sender not in request.publication.editors:
        free = [command for command in COMMANDS.values() if command.who is Who.EVERYONE]
        rows = tuple((command.usage(prefix), command.summary) for command in free)
        return words.help_for_contributors(request.publication.title, prefix, rows)
    if asked:
        command, _ = find(asked)
        return _explained(prefix, command) if command else _unknown(prefix, asked)
    signs = request.publication.submissions
    rows = tuple((command.usage(prefix), command.summary) for command in COMMANDS.values())
    return Answer.of(
        words.Table(("command", "what it does"), rows), words.help_with_reactions(signs.take_up, signs.drop)
    )


def _explained(prefix: str, command: Command) -> Answer:
    return Answer.of(*filter(None, (f"{command.usage(prefix)}: {command.summary}", command.details)))


COMMANDS: Mapping[str, Command] = {
    command.name: command
    for command in (
        Command("help", "[command]", "lists the commands, or explains one", explain, Who.EVERYONE),
        Command(
            "status",
            "",
            "the edition at a glance: deadline, entries by department, what is unfiled, what the post still lacks",
            listing.status,
        ),
        Command(
            "list",
            "[DATE]",
            "the entries: number, department, project, contributor, first words, how each was filed, link",
            listing.list_entries,
            details="Dropped entries are marked as such. What I have filed myself has how sure I am, and what is not "
            "filed a question mark with my best guess. DATE lists another edition, such as 2026-02-06.",
        ),
        Command("show", "N", "one entry as it would stand in the post", listing.show),
        Command(
            "file",
            "N DEPARTMENT [PROJECT]",
            "files an entry",
            deciding.file,
            details="DEPARTMENT and PROJECT are a key, a title, an emoji, a label or an alias. A project alone is "
            "enough: its department goes with it. Reacting to the entry with them does the same.",
        ),
        Command(
            "unfiled",
            "",
            "asks where the entries belong that nobody has filed, each with the best guesses numbered",
            filing.unfiled,
            details="Reply to a question with the number of your choice, in the same room. At most "
            f"{filing.MOST_ASKED} entries are asked about at once.",
        ),
        Command(
            "why",
            "N",
            "says who has filed an entry and when, or how sure the bot is of its place, and why",
            filing.why,
        ),
        Command(
            "refile",
            "[N]",
            "files again what no person has filed, in this edition or only entry N",
            filing.refile,
            details="That is worth it once the catalogue has changed. It says which entries stand elsewhere then.",
        ),
        Command("drop", "N", "leaves an entry out of the edition", deciding.drop, details="`restore` brings it back."),
        Command("restore", "N", "brings a dropped entry back", deciding.restore),
        Command(
            "move",
            "N next|DATE",
            "moves an entry to another edition",
            deciding.move,
            details="The entry gets a new number there, which the answer says. An entry of another edition than the "
            "due one is written DATE/N, in every command; so `move 2026-02-13/1 2026-02-06` moves one back.",
        ),
        Command(
            "alt",
            "N [K] TEXT",
            "says what a picture of an entry shows, for those who can't see it",
            deciding.alt,
            details="K counts the entry's pictures from 1; it may be left out where there is only one.",
        ),
        Command(
            "live",
            "URL [TITLE]",
            "sets the Matrix Live video of this edition",
            publishing.live,
            details="`live none` takes it out again.",
        ),
        Command(
            "cover",
            "N [K]|URL",
            "sets the picture that stands for this edition where it is shared",
            publishing.set_cover,
            details="It is picture K of entry N, the only one where K is left out, or the one at URL. `cover none` "
            "takes it out again.",
        ),
        Command(
            "export",
            "[DATE]",
            "renders the edition: the post, a zip of the whole tree where it is more than that, and what to look at",
            publishing.export,
        ),
        Command(
            "published",
            "[DATE]",
            "marks the edition as published: commands mean the next one from then on",
            publishing.published,
            details="`unpublished DATE` takes that back.",
        ),
        Command("unpublished", "DATE", "opens a published edition again", publishing.unpublished),
        Command(
            "departments",
            "",
            "the departments: emoji, title, key, usual reporters",
            catalogue.departments,
            Who.EVERYONE,
        ),
        Command(
            "projects",
            "[SEARCH]",
            "all projects by department, or what is known of those that a word is found in",
            catalogue.projects,
            Who.EVERYONE,
        ),
        Command(
            "project propose",
            "KEY | TITLE | URL | DEPARTMENT [| DESCRIPTION]",
            "puts a new project before the editors",
            proposing.propose,
            Who.EVERYONE,
            details=f"KEY is a short name of letters, digits, “.”, “_” and “-”; URL may be none. The editors react "
            f"with {YES} or {NO}, and the bot says here what they decided. Deleting the message takes it back.",
        ),
        Command("project accept", "KEY", "takes a proposed project into the catalogue", proposing.accept),
        Command("project decline", "KEY", "declines a proposed project", proposing.decline),
        Command(
            "project add",
            "KEY | TITLE | URL | DEPARTMENT [| DESCRIPTION]",
            "adds a project to the catalogue",
            catalogue.add,
            details="KEY is a short name of letters, digits, “.”, “_” and “-”; URL may be none.",
        ),
        Command(
            "project set",
            "KEY FIELD VALUE",
            "changes a project: its title, label, url, description or department",
            catalogue.set_field,
            details="KEY may also be another name of one word. VALUE none empties the label, url or description. "
            "Without a label the title stands for the project in reactions.",
        ),
        Command(
            "project remove",
            "KEY",
            "takes a project out of the catalogue",
            catalogue.remove,
            details="Its entries stay in their department, without its heading.",
        ),
        Command(
            "project undo",
            "KEY",
            "takes back the latest change of a project or department; once more brings it back",
            catalogue.undo,
        ),
        Command(
            "reporter add",
            "PROJECT-OR-DEPARTMENT @USER",
            "names a usual reporter: where their entries probably belong",
            catalogue.add_reporter,
        ),
        Command(
            "reporter remove", "PROJECT-OR-DEPARTMENT @USER", "takes a usual reporter out", catalogue.remove_reporter
        ),
        Command("alias add", "KEY NAME", "gives a project or department one more name", catalogue.add_alias),
        Command("alias remove", "KEY NAME", "takes such a name away", catalogue.remove_alias),
        Command(
            "reload",
            "",
            "reads the catalogue's file again, and keeps the last good one where it has a mistake",
            catalogue.reload,
        ),
    )
}
"""Every command by its name, in the order of `help`."""


def is_command(text: str, prefix: str) -> bool:
    """Tell whether a message is a command of a publication: its first word is the command's."""
    words_of_it = text.split(maxsplit=1)
    return bool(words_of_it) and words_of_it[0].lower() == prefix.lower()


def find(written: str) -> tuple[Command | None, str]:
    """Return the command that a text begins with, and what stands behind its name; None where there is none."""
    first, rest = split_first(written)
    second, behind = split_first(rest)
    if command := COMMANDS.get(f"{first} {second}".lower()):
        return command, behind
    return COMMANDS.get(first.lower() or "help"), rest


def may_give(publication: Publication, sender: str, command: Command | None) -> bool:
    """Tell whether somebody may give a command; None is one that there isn't, which only editors are told."""
    return sender in publication.editors or (command is not None and command.who is Who.EVERYONE)


def is_answered(publication: Publication, message: Message) -> bool:
    """Tell whether a command comes from somebody who may give it: anything else is met with silence (CONTRACT)."""
    command, _ = find(_behind(publication, message))
    return may_give(publication, message.sender, command)


async def answer(
    publication: Publication, records: Records, message: Message, *, is_history: bool = False
) -> Answer | None:
    """Carry out a command in a room, once; None where nothing is to be said (yet).

    What somebody may not do is met with silence, and so is a command that was carried out before. One that fails for
    no fault of its giver changes nothing, is logged with its traceback, and says so. `is_history`: see `Request`.
    """
    if not is_answered(publication, message):
        return None
    if not await records.journal.begin(message.event_id, message.room_id, message.sent_at):
        return None
    command, arguments = find(_behind(publication, message))
    if command is None:
        return _unknown(publication.command, _behind(publication, message))
    log.info("command", command=command.name, sender=message.sender)
    try:
        async with records.savepoint():
            return await command.carry_out(Request(publication, records, message, arguments, is_history))
    except CommandError as error:
        return Answer.of(str(error))
    except DatabaseError:
        raise  # says nothing about the command: the whole batch comes again
    except Exception:
        log.exception("command failed", command=command.name)
        return words.broken(message.event_id)


def _behind(publication: Publication, message: Message) -> str:
    """Return what stands behind the word that begins a publication's commands."""
    return message.content.body.strip()[len(publication.command) :]


def _unknown(prefix: str, written: str) -> Answer:
    """Say that there is no such command, or how those go on that begin so."""
    name, rest = split_first(written)
    family = [each.removeprefix(f"{name.lower()} ") for each in COMMANDS if each.startswith(f"{name.lower()} ")]
    if not family:
        return Answer.of(f"There is no command “{name}”; {prefix} help lists them all.")
    second, _ = split_first(rest)
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
