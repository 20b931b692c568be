"""All commands, declared once: what they are called, what they take, who may, what they do.

Parsing, `help`, permission and the README's table come from this table.
"""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from enum import StrEnum

import structlog

from twimbot import words
from twimbot.commands import deciding, listing, publishing
from twimbot.commands.request import Request, split_first
from twimbot.config import Publication
from twimbot.errors import CommandError, DatabaseError
from twimbot.model.event import Message
from twimbot.store.records import Records
from twimbot.words import Answer

log = structlog.get_logger(__name__)


class Who(StrEnum):
    """Who may give a command."""

    EVERYONE = "everyone"
    EDITORS = "editors"


@dataclass(frozen=True, slots=True)
class Command:
    """A command: its name, its arguments as people read them, what it does in a line, and more for `help NAME`.

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
    name, _ = split_first(request.arguments)
    is_editor = request.message.sender in request.publication.editors
    if not is_editor:
        return words.help_for_contributors(request.publication.title, prefix)
    if name:
        command = COMMANDS.get(name.removeprefix(prefix).lower())
        if command is None:
            raise CommandError(f"There is no command “{name}”; {prefix} help lists them all.")
        return Answer.of(*filter(None, (f"{command.usage(prefix)}: {command.summary}", command.details)))
    signs = request.publication.submissions
    rows = tuple((command.usage(prefix), command.summary) for command in COMMANDS.values())
    return Answer.of(
        words.Table(("command", "what it does"), rows), words.help_with_reactions(signs.take_up, signs.drop)
    )


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
            "the entries: number, department, project, contributor, first words, link",
            listing.list_entries,
            details="Dropped entries are marked as such. DATE lists another edition, such as 2026-02-06.",
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
            "renders the edition: the post, a zip of the whole tree where it has media, and what to look at",
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
    )
}
"""Every command by its name, in the order of `help`."""


def is_command(text: str, prefix: str) -> bool:
    """Tell whether a message is a command of a publication: its first word is the command's."""
    words_of_it = text.split(maxsplit=1)
    return bool(words_of_it) and words_of_it[0].lower() == prefix.lower()


async def answer(publication: Publication, records: Records, message: Message) -> Answer | None:
    """Carry out a command in a room, once; None where nothing is to be said (yet).

    What somebody may not do is met with silence (CONTRACT), and so is a command that was carried out before. One
    that fails for no fault of its giver changes nothing, is logged with its traceback, and says so.
    """
    name, arguments = split_first(message.content.body.strip()[len(publication.command) :])
    is_editor = message.sender in publication.editors
    command = COMMANDS.get(name.lower() or "help")
    if not is_editor and (command is None or command.who is not Who.EVERYONE):
        return None
    if not await records.journal.begin_command(message.event_id, message.room_id, message.sent_at):
        return None
    if command is None:
        return Answer.of(f"There is no command “{name}”; {publication.command} help lists them all.")
    log.info("command", command=command.name, sender=message.sender)
    try:
        async with records.savepoint():
            return await command.carry_out(Request(publication, records, message, arguments))
    except CommandError as error:
        return Answer.of(str(error))
    except DatabaseError:
        raise  # says nothing about the command: the whole batch comes again
    except Exception:
        log.exception("command failed", command=command.name)
        return words.broken(message.event_id)


def readme_table(prefix: str) -> str:
    """Return the commands as the README's Markdown table."""
    rows = [
        f"| `{command.usage(prefix).replace('|', chr(92) + '|')}` | {command.summary} |"
        for command in COMMANDS.values()
    ]
    return "\n".join(("| command | does |", "|---|---|", *rows))
