"""Brings published posts into the archive, also while the bot runs."""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, time
from pathlib import Path

from twimbot.app import open_database
from twimbot.config import Config, Publication
from twimbot.errors import JobError
from twimbot.filing.terms import terms
from twimbot.importing.entries import Gap, NotUnderstood
from twimbot.importing.finding import pages, text_of_post
from twimbot.importing.posts import read_post
from twimbot.model.archive import ArchivedPost
from twimbot.model.calendar import milliseconds
from twimbot.model.catalogue import folded
from twimbot.store.copying import Progress
from twimbot.store.database import Database
from twimbot.words import counted


@dataclass(slots=True)
class Imported:
    """The posts that were read, how many of them are new or changed, and what was not understood, by page."""

    posts: dict[date, ArchivedPost] = field(default_factory=dict)
    new: int = 0
    changed: int = 0
    not_understood: list[tuple[Path, NotUnderstood]] = field(default_factory=list)

    def note(self, page: Path, places: Iterable[NotUnderstood]) -> None:
        """Keep what was not understood on a page."""
        self.not_understood += ((page, place) for place in places)

    @property
    def summary(self) -> str:
        """The figures in a line."""
        entries = [entry for post in self.posts.values() for entry in post.entries]
        departments = {folded(entry.department) for entry in entries if entry.department}
        projects = {folded(entry.project) for entry in entries if entry.project}
        contributors = {entry.sender or entry.name for entry in entries} - {""}
        return (
            f"{counted(len(self.posts), 'post', 'posts')}: {self.new} new, {self.changed} changed,"
            f" {len(self.posts) - self.new - self.changed} unchanged;"
            f" {counted(len(entries), 'entry', 'entries')},"
            f" {counted(len(departments), 'department', 'departments')},"
            f" {counted(len(projects), 'project', 'projects')},"
            f" {counted(len(contributors), 'contributor', 'contributors')}"
        )

    @property
    def gaps(self) -> list[tuple[Gap, int]]:
        """How often what was not understood, in the order of the kinds."""
        counts = Counter(each.gap for _, each in self.not_understood)
        return [(gap, counts[gap]) for gap in Gap if counts[gap]]


async def import_posts(
    config: Config, publication: Publication, places: Sequence[Path], progress: Progress
) -> Imported:
    """Read the posts among files and below folders into the store, each in a transaction of its own.

    Raises ConfigurationError where a place is missing, JobError where there is no post, or the store can't be written.
    """
    found = pages(places)
    imported = Imported()
    async with open_database(config) as database:
        for number, page in enumerate(found):
            progress(number, len(found))
            post = _read(page, places, publication, imported)
            if post is not None:
                await _keep(database, publication.key, post, imported)
    if not imported.posts:
        where = ", ".join(map(str, places))
        raise JobError(f"{where}: there is no post of {publication.title}; name the folder of the site's blog")
    return imported


def _read(page: Path, named: Sequence[Path], publication: Publication, imported: Imported) -> ArchivedPost | None:
    """Return the post on a page; None where it is of nothing else than what has been read, or can't be kept."""
    try:
        text = text_of_post(page, named, publication.title, publication.key)
    except (OSError, UnicodeDecodeError):
        imported.note(page, [NotUnderstood(Gap.UNREADABLE, page.name)])
        return None
    if text is None:
        return None
    read = read_post(text, page)
    imported.note(page, read.not_understood)
    if read.post is None or not read.post.entries:
        return None
    other = imported.posts.get(read.post.edition)
    if other is None:
        return read.post
    if other != read.post:
        imported.note(page, [NotUnderstood.at(Gap.SAME_DATE, read.post.title or page.name)])
    return None


async def _keep(database: Database, key: str, post: ArchivedPost, imported: Imported) -> None:
    async with database.transaction() as records:
        forgotten = await records.people.forgotten()
        day = milliseconds(datetime.combine(post.edition, time(), UTC))
        entries = tuple(each for each in post.entries if not forgotten.covers(each.sender or each.name, day))
        is_new = await records.archive.digest(key, post.edition) is None
        is_changed = await records.archive.keep_post(key, replace(post, entries=entries), terms)
    imported.posts[post.edition] = post
    imported.new += is_changed and is_new
    imported.changed += is_changed and not is_new
