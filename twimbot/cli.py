"""The command line: reads the call, does it, and says in one sentence what went wrong.

Each command loads what it works with by itself, so that those that need little are there at once.
"""

import asyncio
import gc
import os
import signal
import sys
import threading
import time
import webbrowser
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import date
from functools import partial
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING, NoReturn, TypeVar

import click

from twimbot import logs
from twimbot.catalogue.writing import write, written
from twimbot.config import Config, Credentials, Post, Publication, catalogue_file, load
from twimbot.errors import ConfigurationError, JobError, TwimbotError
from twimbot.store.copying import Progress
from twimbot.words import counted

if TYPE_CHECKING:
    from twimbot.matrix.survey import RoomFound

Result = TypeVar("Result")

FILE = click.Path(path_type=Path)

config_option = click.option(
    "--config",
    type=FILE,
    metavar="FILE",
    envvar="TWIMBOT_CONFIG",
    default=Path("config.yaml"),
    help="The configuration.",
    show_envvar=True,
    show_default=True,
)
publication_argument = click.argument(
    "publication", required=False, help="Its key; may be left out where there is only one."
)

FOR_OWNER_ALONE = 0o077
"""What is written into `data_dir` is nobody else's business; a tree for elsewhere has the caller's own mask."""

YES_OR_NO: Mapping[bool | None, str] = MappingProxyType({True: "yes", False: "no", None: "?"})
"""How a table says whether something is so."""

PROGRESS_EVERY = 2.0
"""How often a long job says how far it is, in seconds."""


class WholeSentence(click.Command):
    """A command whose line in the group's help is its whole first paragraph; Click would cut it to one line."""

    def get_short_help_str(self, limit: int = 0) -> str:  # noqa: ARG002 - Click gives it
        """Return the first paragraph of the help; Click wraps it."""
        return " ".join((self.help or "").split("\n\n", maxsplit=1)[0].split())


class InOrder(WholeSentence, click.Group):
    """A group whose help names the commands in the order in which they stand here: what is used most comes first."""

    command_class = WholeSentence
    group_class = type  # groups in this group are of this class

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002 - Click gives it
        """Return the names of the commands."""
        return list(self.commands)


@click.group(cls=InOrder, no_args_is_help=True)
@click.version_option(package_name="twimbot", message="twimbot %(version)s", help="Say which version this is.")
def cli() -> None:
    """Collect a community's weekly news in a Matrix room and render it into a post."""


@cli.command()
@config_option
def run(config: Path) -> None:
    """Run the bot until SIGTERM or Ctrl-C, then finish what is in hand and stop."""
    with _without_garbage():
        from twimbot import app as bot

    os.umask(FOR_OWNER_ALONE)
    settings = _load(config)
    logs.configure(settings.log)
    asyncio.run(bot.run(settings, Credentials.from_environment(), partial(_load, config)))


@cli.command()
@click.option("--no-browser", is_flag=True, help="Print the address for a browser, and open none.")
@config_option
def login(config: Path, *, no_browser: bool) -> None:
    """Log in with a password or in the browser, and keep that in data_dir: `run` needs no secret from then on."""
    from twimbot import logging_in

    os.umask(FOR_OWNER_ALONE)
    settings = _load(config)
    logs.configure(settings.log)
    ways = asyncio.run(logging_in.offered(settings))
    asks = ways.by_password and not (ways.by_browser and no_browser)
    # Asked for outside the event loop: inside, Ctrl-C would not end the question.
    password = _asked_password(settings.user_id, can_be_empty=ways.by_browser) if asks else ""
    if password:
        session = asyncio.run(logging_in.by_password(settings, password))
    else:
        session = asyncio.run(logging_in.by_browser(settings, partial(_show, opens=not no_browser)))
    click.echo(f"logged in as {session.user_id} (device {session.device_id}); 'twimbot run' needs no secret now")


@cli.command()
@publication_argument
@click.option("--edition", metavar="DATE", help="Default: the edition that is due.")
@click.option("--output", type=FILE, metavar="DIR", help="A folder to add the tree to.")
@click.option("--author", metavar="NAME", help="Who stands in the front matter.")
@config_option
def export(publication: str | None, edition: str | None, output: Path | None, author: str | None, config: Path) -> None:
    """Write an edition's tree from the store, without a network; the post's path is the last line."""
    from twimbot import app as bot

    settings = _load(config)
    logs.configure(settings.log)
    chosen = _publication(settings, publication)
    day = _edition("--edition", edition, chosen)
    if output is None:
        os.umask(FOR_OWNER_ALONE)
    path, notes = asyncio.run(bot.export_from_store(settings, chosen, day, output, author))
    for note in notes:
        click.echo(f"note: {note}", err=True)
    click.echo(str(path))


@cli.command()
@publication_argument
@click.option("--output", type=FILE, metavar="FILE", help="Where it goes; default: stdout.")
@click.option("--force", is_flag=True, help="Replace FILE where it exists.")
@config_option
def catalogue(publication: str | None, output: Path | None, config: Path, *, force: bool) -> None:
    """Write the catalogue with all that was changed in the room, as YAML; FILE's path is the last line."""
    from twimbot import app as bot

    settings = _load(config)
    logs.configure(settings.log)
    chosen = _publication(asyncio.run(bot.at_present(settings)), publication)
    title = f"Departments and projects of {chosen.title}, with what was changed in the room."
    text = written(chosen.catalogue_part, title, catalogue_file(config, chosen.key))
    if output is None:
        click.echo(text, nl=False)
    else:
        write(output, text, replaces=force)
        click.echo(str(output))


@cli.command()
@click.argument("file", type=FILE, help="Where the copy goes; best on another disk.")
@click.option("--force", is_flag=True, help="Replace FILE where it exists.")
@config_option
def backup(file: Path, config: Path, *, force: bool) -> None:
    """Copy the database, also while the bot runs; the copy's path is the last line."""
    from twimbot import app as bot

    settings = _load(config)
    logs.configure(settings.log)
    bot.back_up(settings, file, _progress("copied"), replaces=force)
    click.echo(str(file))


@cli.command()
@click.option("--online", is_flag=True, help="Also try the log-in and look at the rooms; joins and changes nothing.")
@config_option
def check(config: Path, *, online: bool) -> None:
    """Read the configuration and say everything that is wrong with it at once."""
    settings = _load(config)
    logs.configure(settings.log)
    if online:
        from twimbot import app as bot

        try:
            notes = asyncio.run(bot.check_online(settings, Credentials.from_environment(), _show_rooms))
        except JobError as error:
            raise ConfigurationError(str(error)) from error
        for note in notes:
            click.echo(f"note: {note}", err=True)
    for key, publication in settings.publications.items():
        catalogue = publication.catalogue
        departments = counted(len(catalogue.departments), "department", "departments")
        click.echo(f"{key}: {departments}, {counted(len(catalogue.projects), 'project', 'projects')}")
    from twimbot.media.video import ffmpeg

    if ffmpeg() is None:
        click.echo("note: videos will be refused until ffmpeg is there: install it, or twimbot[video]", err=True)
    click.echo(f"{config} is in order")


@cli.command()
@click.option("--since", metavar="DATE", help="Default: the edition that is due.")
@config_option
def rebuild(since: str | None, config: Path) -> None:
    """Make the database again from what the rooms tell, back to the opening of an edition; the bot must not run."""
    from twimbot import rebuilding

    os.umask(FOR_OWNER_ALONE)
    settings = _load(config)
    logs.configure(settings.log)
    day = _edition("--since", since, *settings.publications.values())
    rebuilt = asyncio.run(rebuilding.rebuild(settings, Credentials.from_environment(), day))
    for note in rebuilt.notes:
        click.echo(f"note: {note}", err=True)
    if rebuilt.former:
        click.echo(f"note: the former database and pictures are in {rebuilt.former}; delete them in the end", err=True)
    for edition in rebuilt.editions:
        click.echo(edition)


@cli.command()
@click.argument("user_id", metavar="@USER:SERVER", help="Who asks to be forgotten.")
@click.option("--name", "names", metavar="NAME", multiple=True, help="How imported posts without IDs call them.")
@click.option("--yes", is_flag=True, help="Don't ask.")
@config_option
def forget(user_id: str, names: tuple[str, ...], config: Path, *, yes: bool) -> None:
    """Take all that is kept of somebody out of data_dir, for good; the bot must not run."""
    from twimbot import forgetting
    from twimbot.config import USER_ID

    if not USER_ID.fullmatch(user_id):
        raise ConfigurationError(f"{user_id} is no Matrix ID; write it as @anna:example.org")
    os.umask(FOR_OWNER_ALONE)
    settings = _load(config)
    logs.configure(settings.log)

    found = asyncio.run(forgetting.find(settings, user_id, names))
    click.echo(f"{user_id}: {found.summary}")
    # Asked for outside the event loop: inside, Ctrl-C would not end the question.
    if not yes:
        click.confirm("Forget them for good? There is no way back", abort=True)
    for note in asyncio.run(forgetting.forget(settings, user_id, names)):
        click.echo(f"note: {note}", err=True)
    click.echo(f"{user_id} is forgotten")


@cli.command()
@click.argument("file", type=FILE, help="A post as Zola reads it, whoever wrote it.")
@click.option("--site", type=FILE, metavar="DIR", help="The site's checkout, to look up links in.")
@click.option("--config", type=FILE, metavar="FILE", envvar="TWIMBOT_CONFIG", help="For its checkout and names.")
def lint(file: Path, site: Path | None, config: Path | None) -> None:
    """Proof-read a post; exits with 1 where an editor should look at something."""
    from twimbot import app as bot
    from twimbot.lint.command import lint_file

    settings = _load(config) if config else None
    if settings:
        logs.configure(settings.log)
        settings = asyncio.run(bot.at_present(settings))
    findings = lint_file(file, site, settings)
    for finding in findings:
        click.echo(f"{file}:{finding.line}: {finding.sentence}")
    if findings:
        sys.exit(1)


@cli.command()
@click.option("--output", type=FILE, metavar="DIR", help="Where the exported tree goes; default: demo-output.")
def demo(output: Path | None) -> None:
    """Show the whole job on this machine: a real homeserver, people posting a week, an editor exporting it."""
    from twimbot.demo.week import show

    # A shell's background and many CI machines ignore Ctrl-C for whatever they start, and asyncio leaves that as it is.
    signal.signal(signal.SIGINT, signal.default_int_handler)
    asyncio.run(show(output))


@cli.group(name="import", no_args_is_help=True)
def importing() -> None:
    """Bring in what another bot has, or what was published."""


@importing.command()
@click.argument("file", type=FILE, metavar="FILE.toml", help="A hebbot configuration.")
def hebbot(file: Path) -> None:
    """Print a catalogue (YAML) made from a hebbot configuration; what can't be carried over is said on stderr."""
    from twimbot.importing.hebbot import catalogue_from_hebbot

    try:
        text = file.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigurationError(f"{file}: can't be read: {getattr(error, 'strerror', None) or error}") from error
    imported = catalogue_from_hebbot(text, str(file))
    for note in imported.notes:
        click.echo(f"note: {note}", err=True)
    click.echo(imported.catalogue_yaml, nl=False)


@importing.command()
@click.argument(
    "places", type=FILE, nargs=-1, required=True, metavar="DIR…", help="A site's checkout, folders of it, or posts."
)
@click.option("--publication", metavar="KEY", help="Whose posts; may be left out where there is only one.")
@click.option("--verbose", is_flag=True, help="Say which places were not understood.")
@config_option
def posts(places: tuple[Path, ...], publication: str | None, config: Path, *, verbose: bool) -> None:
    """Read published posts into the archive that the bot learns from; also while it runs, and again at any time."""
    from twimbot import archiving

    os.umask(FOR_OWNER_ALONE)
    settings = _load(config)
    logs.configure(settings.log)
    chosen = _publication(settings, publication)
    imported = asyncio.run(archiving.import_posts(settings, chosen, places, _progress("read")))
    if verbose:
        for page, place in imported.not_understood:
            click.echo(f"note: {page}: {place.gap}: {place.words}", err=True)
    for gap, count in imported.gaps:
        click.echo(f"not understood: {gap}: {count}")
    click.echo(imported.summary)


def main() -> NoReturn:
    """Carry out the call and exit with 0 or the status of the error (see twimbot.errors); 130 after Ctrl-C."""
    try:
        cli.main(prog_name="twimbot", standalone_mode=False)
    except click.ClickException as error:
        error.show()
        sys.exit(error.exit_code)
    except TwimbotError as error:
        _say(error)
        sys.exit(error.exit_status)
    except (click.Abort, KeyboardInterrupt):
        sys.exit(130)
    sys.exit(0)


@contextmanager
def _without_garbage() -> Iterator[None]:
    """Load what stays for good without looking for garbage in it, now or ever: that takes a sixth of the time."""
    gc.disable()
    try:
        yield
    finally:
        gc.freeze()
        gc.enable()


def _load(file: Path) -> Config:
    """Read and check the configuration, and what it asks for: the templates, and the format of pictures."""
    if not file.exists():
        raise ConfigurationError(
            f"{file}: there is no such file; to begin, copy config.example.yaml to config.yaml and write your rooms "
            "into it, or name yours with --config FILE or TWIMBOT_CONFIG"
        )
    settings = load(file)
    mistakes = [each for publication in settings.publications.values() for each in _mistakes(file, publication.post)]
    if mistakes:
        raise ConfigurationError(*mistakes)
    return settings


def _mistakes(file: Path, post: Post) -> Iterator[str]:
    """Tell what can't be done of what is wanted; where nothing special is, nothing has to be loaded to know that."""
    if post.template or post.image_template or post.video_template:
        from twimbot.export.template import check_templates

        try:
            check_templates(post)
        except ConfigurationError as error:
            yield from error.mistakes
    if post.images.format != "keep":
        from twimbot.media.picture import supported

        if not supported(post.images.format):
            yield f"{file}: this machine's Pillow can't write {post.images.format} pictures"


def _say(error: TwimbotError) -> None:
    for line in str(error).splitlines():
        click.echo(f"twimbot: {line}", err=True)


def _asked_password(user_id: str, *, can_be_empty: bool) -> str:
    hint = " (empty: log in in the browser)" if can_be_empty else ""
    default = "" if can_be_empty else None
    password: str = click.prompt(f"Password of {user_id}{hint}", default, hide_input=True, show_default=False)
    return password


def _show_rooms(found: "Sequence[RoomFound]") -> None:
    """Write a table of the rooms; "?" is what the homeserver does not tell to somebody outside."""
    rows: list[tuple[str, ...]] = [
        ("room", "for", "found as", "standing", "speak", "react", "redact", "encrypted", "history")
    ]
    for room in found:
        marks = (room.may_speak, room.may_react, room.may_redact, room.is_encrypted)
        yes_or_no = (YES_OR_NO[mark] for mark in marks)
        use = f"{room.publication} {room.purpose}"
        rows.append((room.configured, use, room.room_id or "?", room.standing, *yes_or_no, room.history or "?"))
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    for row in rows:
        click.echo("  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip())


def _show(address: str, *, opens: bool) -> None:
    """Have somebody log in at an address that leads back to this machine."""
    click.echo(f"Log in in a browser on this machine:\n\n  {address}\n", err=True)
    if opens:
        # A browser in the terminal keeps its caller waiting, who is the one that it has to come back to.
        threading.Thread(target=webbrowser.open, args=(address,), daemon=True).start()


def _progress(work: str) -> Progress:
    """Return what tells on stderr, every other second, how far a work on pages has come."""
    told = time.monotonic()

    def tell(done: int, every: int) -> None:
        nonlocal told
        if time.monotonic() - told > PROGRESS_EVERY:
            told = time.monotonic()
            click.echo(f"{work} {done} of {every} pages", err=True)

    return tell


def _publication(config: Config, key: str | None) -> Publication:
    known = ", ".join(config.publications)
    if key is None and len(config.publications) == 1:
        return next(iter(config.publications.values()))
    if key is None:
        raise ConfigurationError(f"which publication? name one of {known}")
    if key not in config.publications:
        raise ConfigurationError(f"there is no publication {key!r}; the configuration has {known}")
    return config.publications[key]


def _edition(option: str, written: str | None, *publications: Publication) -> date | None:
    """Return the date that an option names, None where it was not given.

    Raises ConfigurationError where it is no date, or one on which none of the publications comes out.
    """
    if written is None:
        return None
    try:
        day = date.fromisoformat(written)
    except ValueError:
        raise ConfigurationError(f"{option}: {written!r} is no date; write it as 2026-02-06") from None
    calendars = [publication.calendar for publication in publications]
    if not any(calendar.is_edition(day) for calendar in calendars):
        near = min(calendar.edition_of(calendar.deadline(day)) for calendar in calendars)
        raise ConfigurationError(f"{option}: no edition comes out on {day}; the next one after it is {near}")
    return day
