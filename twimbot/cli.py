"""The command line: reads the call, does it, and says in one sentence what went wrong.

Each command loads what it works with by itself, so that those that need little are there at once.
"""

import asyncio
import gc
import os
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from functools import partial
from importlib import metadata
from pathlib import Path
from typing import Annotated, NoReturn, TypeVar

import typer

from twimbot import logs
from twimbot.catalogue.writing import write, written
from twimbot.config import Config, Credentials, Post, Publication, catalogue_file, load
from twimbot.errors import ConfigurationError, JobError, TwimbotError
from twimbot.store.copying import Progress
from twimbot.words import counted

Result = TypeVar("Result")

ConfigOption = Annotated[
    Path,
    typer.Option("--config", envvar="TWIMBOT_CONFIG", metavar="FILE", help="The configuration."),
]
DEFAULT_CONFIG = Path("config.yaml")

FOR_OWNER_ALONE = 0o077
"""What is written into `data_dir` is nobody else's business; a tree for elsewhere has the caller's own mask."""

PROGRESS_EVERY = 2.0
"""How often a long job says how far it is, in seconds."""

cli = typer.Typer(
    name="twimbot",
    no_args_is_help=True,
    invoke_without_command=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)


@cli.callback()
def options(
    version: Annotated[bool, typer.Option("--version", help="Say which version this is.")] = False,  # noqa: FBT002 - typer's way to a flag
) -> None:
    """Collect a community's weekly news in a Matrix room and render it into a post."""
    if version:
        typer.echo(f"twimbot {metadata.version('twimbot')}")
        raise typer.Exit


importing = typer.Typer(no_args_is_help=True, help="Brings in what another bot has, or what was published.")
cli.add_typer(importing, name="import")


@cli.command()
def run(config: ConfigOption = DEFAULT_CONFIG) -> None:
    """Run the bot until SIGTERM or Ctrl-C, then finish what is in hand and stop."""
    with _without_garbage():
        from twimbot import app as bot

    os.umask(FOR_OWNER_ALONE)
    settings = _load(config)
    logs.configure(settings.log)
    asyncio.run(bot.run(settings, Credentials.from_environment(), partial(_load, config)))


@cli.command()
def export(
    publication: Annotated[str | None, typer.Argument(help="Its key; may be left out where there is only one.")] = None,
    edition: Annotated[str | None, typer.Option(metavar="DATE", help="Default: the edition that is due.")] = None,
    output: Annotated[Path | None, typer.Option(metavar="DIR", help="A folder to add the tree to.")] = None,
    author: Annotated[str | None, typer.Option(metavar="NAME", help="Who stands in the front matter.")] = None,
    config: ConfigOption = DEFAULT_CONFIG,
) -> None:
    """Write an edition's tree from the store, without a network; the post's path is the last line."""
    from twimbot import app as bot

    settings = _load(config)
    logs.configure(settings.log)
    chosen = _publication(settings, publication)
    day = _edition(chosen, edition)
    if output is None:
        os.umask(FOR_OWNER_ALONE)
    path, notes = asyncio.run(bot.export_from_store(settings, chosen, day, output, author))
    for note in notes:
        typer.echo(f"note: {note}", err=True)
    typer.echo(str(path))


@cli.command()
def catalogue(
    publication: Annotated[str | None, typer.Argument(help="Its key; may be left out where there is only one.")] = None,
    output: Annotated[Path | None, typer.Option(metavar="FILE", help="Where it goes; default: stdout.")] = None,
    force: Annotated[bool, typer.Option("--force", help="Replace FILE where it exists.")] = False,  # noqa: FBT002 - typer's way to a flag
    config: ConfigOption = DEFAULT_CONFIG,
) -> None:
    """Write the catalogue with all that was changed in the room, as YAML; FILE's path is the last line."""
    from twimbot import app as bot

    settings = _load(config)
    logs.configure(settings.log)
    chosen = _publication(asyncio.run(bot.at_present(settings)), publication)
    title = f"Departments and projects of {chosen.title}, with what was changed in the room."
    text = written(chosen.catalogue_part, title, catalogue_file(config, chosen.key))
    if output is None:
        typer.echo(text, nl=False)
    else:
        write(output, text, replaces=force)
        typer.echo(str(output))


@cli.command()
def backup(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="Where the copy goes; best on another disk.")],
    force: Annotated[bool, typer.Option("--force", help="Replace FILE where it exists.")] = False,  # noqa: FBT002 - typer's way to a flag
    config: ConfigOption = DEFAULT_CONFIG,
) -> None:
    """Copy the database, also while the bot runs; the copy's path is the last line."""
    from twimbot import app as bot

    settings = _load(config)
    logs.configure(settings.log)
    bot.back_up(settings, file, _progress("copied"), replaces=force)
    typer.echo(str(file))


@cli.command()
def check(
    online: Annotated[bool, typer.Option("--online", help="Also log in and look at the rooms.")] = False,  # noqa: FBT002 - typer's way to a flag
    config: ConfigOption = DEFAULT_CONFIG,
) -> None:
    """Read the configuration and say everything that is wrong with it at once."""
    settings = _load(config)
    logs.configure(settings.log)
    if online:
        from twimbot import app as bot

        try:
            asyncio.run(bot.check_online(settings, Credentials.from_environment()))
        except JobError as error:
            raise ConfigurationError(str(error)) from error
    for key, publication in settings.publications.items():
        catalogue = publication.catalogue
        departments = counted(len(catalogue.departments), "department", "departments")
        typer.echo(f"{key}: {departments}, {counted(len(catalogue.projects), 'project', 'projects')}")
    typer.echo(f"{config} is in order")


@cli.command()
def rebuild(
    since: Annotated[str | None, typer.Option(metavar="DATE", help="Default: the edition that is due.")] = None,
    config: ConfigOption = DEFAULT_CONFIG,
) -> None:
    """Make the database again from what the rooms tell, back to the opening of an edition; the bot must not run."""
    from twimbot import rebuilding

    os.umask(FOR_OWNER_ALONE)
    settings = _load(config)
    logs.configure(settings.log)
    try:
        day = date.fromisoformat(since) if since else None
    except ValueError:
        raise ConfigurationError(f"--since: {since!r} is no date; write it as 2026-02-06") from None
    rebuilt = asyncio.run(rebuilding.rebuild(settings, Credentials.from_environment(), day))
    for note in rebuilt.notes:
        typer.echo(f"note: {note}", err=True)
    if rebuilt.former:
        typer.echo(f"note: the former database and pictures are in {rebuilt.former}; delete them in the end", err=True)
    for edition in rebuilt.editions:
        typer.echo(edition)


@cli.command()
def lint(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="A post as Zola reads it, whoever wrote it.")],
    site: Annotated[Path | None, typer.Option(metavar="DIR", help="The site's checkout, to look up links in.")] = None,
    config: Annotated[
        Path | None,
        typer.Option("--config", envvar="TWIMBOT_CONFIG", metavar="FILE", help="For its checkout and names."),
    ] = None,
) -> None:
    """Proof-read a post; exits with 1 where an editor should look at something."""
    from twimbot import app as bot
    from twimbot.lint.command import lint_file

    settings = _load(config) if config else None
    if settings:
        logs.configure(settings.log)
        settings = asyncio.run(bot.at_present(settings))
    findings = lint_file(file, site, settings)
    for finding in findings:
        typer.echo(f"{file}:{finding.line}: {finding.sentence}")
    if findings:
        raise typer.Exit(1)


@cli.command()
def demo(
    output: Annotated[
        Path | None, typer.Option(metavar="DIR", help="Where the exported tree goes; default: demo-output.")
    ] = None,
) -> None:
    """Show the whole job on this machine: a real homeserver, people posting a week, an editor exporting it."""
    from twimbot.demo.week import show

    asyncio.run(show(output))


@importing.command()
def hebbot(file: Annotated[Path, typer.Argument(metavar="FILE.toml", help="A hebbot configuration.")]) -> None:
    """Print a catalogue (YAML) made from a hebbot configuration; what can't be carried over is said on stderr."""
    from twimbot.importing.hebbot import catalogue_from_hebbot

    try:
        text = file.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigurationError(f"{file}: can't be read: {getattr(error, 'strerror', None) or error}") from error
    imported = catalogue_from_hebbot(text, str(file))
    for note in imported.notes:
        typer.echo(f"note: {note}", err=True)
    typer.echo(imported.catalogue_yaml, nl=False)


@importing.command()
def posts(
    places: Annotated[list[Path], typer.Argument(metavar="DIR…", help="A site's checkout, folders of it, or posts.")],
    publication: Annotated[
        str | None, typer.Option(metavar="KEY", help="Whose posts; may be left out where there is only one.")
    ] = None,
    verbose: Annotated[bool, typer.Option("--verbose", help="Say which places were not understood.")] = False,  # noqa: FBT002 - typer's way to a flag
    config: ConfigOption = DEFAULT_CONFIG,
) -> None:
    """Read published posts into the archive that the bot learns from; also while it runs, and again at any time."""
    from twimbot import archiving

    os.umask(FOR_OWNER_ALONE)
    settings = _load(config)
    logs.configure(settings.log)
    chosen = _publication(settings, publication)
    imported = asyncio.run(archiving.import_posts(settings, chosen, places, _progress("read")))
    if verbose:
        for page, place in imported.not_understood:
            typer.echo(f"note: {page}: {place.gap}: {place.words}", err=True)
    for gap, count in imported.gaps:
        typer.echo(f"not understood: {gap}: {count}")
    typer.echo(imported.summary)


def main() -> NoReturn:
    """Enter: carry out the call and exit with 0, 1 (the job failed) or 2 (the configuration or call is wrong)."""
    try:
        cli(standalone_mode=True)
    except ConfigurationError as error:
        _say(error)
        sys.exit(2)
    except TwimbotError as error:
        _say(error)
        sys.exit(1)
    except KeyboardInterrupt:
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
    settings = load(file)
    mistakes = [each for publication in settings.publications.values() for each in _mistakes(file, publication.post)]
    if mistakes:
        raise ConfigurationError(*mistakes)
    return settings


def _mistakes(file: Path, post: Post) -> Iterator[str]:
    """Tell what can't be done of what is wanted; where nothing special is, nothing has to be loaded to know that."""
    if post.template or post.video_template:
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
        typer.echo(f"twimbot: {line}", err=True)


def _progress(work: str) -> Progress:
    """Return what tells on stderr, every other second, how far a work on pages has come."""
    told = time.monotonic()

    def tell(done: int, every: int) -> None:
        nonlocal told
        if time.monotonic() - told > PROGRESS_EVERY:
            told = time.monotonic()
            typer.echo(f"{work} {done} of {every} pages", err=True)

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


def _edition(publication: Publication, written: str | None) -> date | None:
    if written is None:
        return None
    try:
        day = date.fromisoformat(written)
    except ValueError:
        raise ConfigurationError(f"--edition: {written!r} is no date; write it as 2026-02-06") from None
    if not publication.calendar.is_edition(day):
        near = publication.calendar.edition_of(publication.calendar.deadline(day))
        raise ConfigurationError(f"--edition: no edition comes out on {day}; the next one after it is {near}")
    return day
