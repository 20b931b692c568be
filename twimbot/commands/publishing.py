"""Commands that make the post: live, cover, export, published, unpublished."""

from urllib.parse import urlsplit

from twimbot import words
from twimbot.commands.request import Request, split_first
from twimbot.errors import CommandError
from twimbot.filing.learning import learn_edition
from twimbot.model.entry import Cover, LiveVideo, MediaState
from twimbot.store.journal import ExportJob
from twimbot.words import Answer


async def live(request: Request) -> Answer:
    """Set the Matrix Live video of the due edition, or take it out."""
    url, title = split_first(request.arguments)
    edition = await request.due()
    if not url:
        raise CommandError(f"Which video? {request.publication.command} live URL [TITLE]")
    if url.lower() == "none":
        await request.records.editions.set_live(request.publication.key, edition, LiveVideo("", ""), request.decision)
        return Answer.of(f"The edition of {edition} has no video now.")
    if not _is_web_address(url):
        raise CommandError(f"“{url}” is no web address; it starts with https://")
    await request.records.editions.set_live(request.publication.key, edition, LiveVideo(url, title), request.decision)
    named = f"“{title}”, {url}" if title else url
    return Answer.of(f"The video of the edition of {edition} is {named}.")


async def set_cover(request: Request) -> Answer:
    """Set the picture that stands for the due edition, or take it out."""
    named, rest = split_first(request.arguments)
    edition = await request.due()
    prefix = request.publication.command
    if not named:
        raise CommandError(f"Which picture? {prefix} cover N, for the picture of an entry, or {prefix} cover URL")
    if named.lower() == "none":
        await request.records.editions.set_cover(request.publication.key, edition, Cover(), request.decision)
        return Answer.of(f"The edition of {edition} has no cover now.")
    if (named.startswith("/") and not named.startswith("//")) or _is_web_address(named):
        await request.records.editions.set_cover(request.publication.key, edition, Cover(url=named), request.decision)
        return Answer.of(f"The cover of the edition of {edition} is {named}.")
    entry = await request.entry(named)
    place, more = request.picture_of(entry, rest)
    picture = entry.pictures[place - 1]
    if more:
        raise CommandError(words.which_picture(entry.name, len(entry.pictures)))
    named_picture = f"Picture {place} of entry {named} by {words.called(entry.name)}"
    if picture.state is MediaState.FAILED:  # one that is still to be fetched may be there when the post is made
        raise CommandError(f"{named_picture} is not there to be a cover; see {prefix} status.")
    cover = Cover(picture=(picture.event_id, picture.position))
    await request.records.editions.set_cover(request.publication.key, entry.edition, cover, request.decision)
    return Answer.of(f"{named_picture} is the cover of the edition of {entry.edition} now.")


def _is_web_address(url: str) -> bool:
    try:
        return urlsplit(url).scheme in {"http", "https"}
    except ValueError:
        return False


async def export(request: Request) -> None:
    """Ask for an export of the due or a named edition; its answer comes when the files are uploaded."""
    named, _ = split_first(request.arguments)
    edition = request.edition(named) if named else await request.due()
    entries = await request.records.entries.of_edition(request.publication.key, edition)
    if all(entry.is_dropped for entry in entries):
        raise CommandError(f"The edition of {edition} has no entries to export; name another date to export that.")
    message = request.message
    author = await request.sender_name()
    job = ExportJob(message.event_id, request.publication.key, edition, message.room_id, author)
    await request.records.journal.ask_for_export(job, message.sent_at)


async def published(request: Request) -> Answer:
    """Mark an edition as published."""
    named, _ = split_first(request.arguments)
    edition = request.edition(named) if named else await request.due()
    return await _mark(request, edition.isoformat(), is_published=True)


async def unpublished(request: Request) -> Answer:
    """Open a published edition again."""
    named, _ = split_first(request.arguments)
    if not named:
        raise CommandError(f"Which edition? {request.publication.command} unpublished DATE")
    return await _mark(request, named, is_published=False)


async def _mark(request: Request, written: str, *, is_published: bool) -> Answer:
    edition = request.edition(written)
    key, command = request.publication.key, request.publication.command
    if is_published and request.publication.calendar.deadline(edition) > request.now:
        raise CommandError(f"The edition of {edition} is still open; mark it once it is closed and out.")
    if is_published and await request.records.editions.is_published(key, edition):
        return Answer.of(f"The edition of {edition} is marked as published already.")
    await request.records.editions.set_published(key, edition, request.decision, is_published=is_published)
    await learn_edition(request.records, request.publication, edition)
    if not is_published:
        return Answer.of(f"The edition of {edition} is open again.")
    undo = f"{command} unpublished {edition}"
    return Answer.of(f"The edition of {edition} is marked as published; {undo} takes that back.")
