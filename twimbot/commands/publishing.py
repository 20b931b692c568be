"""Commands that make the post: live, cover, export, published, unpublished."""

from datetime import date

from twimbot import words
from twimbot.commands.arguments import Picture
from twimbot.commands.request import Request
from twimbot.errors import CommandError
from twimbot.filing.learning import learn_edition
from twimbot.model.entry import Cover, LiveVideo, MediaState
from twimbot.publishing.changes import changes
from twimbot.store.journal import ExportJob
from twimbot.words import Answer


async def live(request: Request, url: str, title: str) -> Answer:
    """Set the Matrix Live video of the due edition, or take it out where the address is empty."""
    edition = request.due
    await request.records.editions.set_live(request.publication.key, edition, LiveVideo(url, title), request.decision)
    if not url:
        return Answer.of(f"The edition of {edition} has no video now.")
    named = f"“{title}”, {url}" if title else url
    return Answer.of(f"The video of the edition of {edition} is {named}.")


async def set_cover(request: Request, chosen: Picture | str) -> Answer:
    """Set the picture or address that stands for the due edition, or take it out where the address is empty."""
    editions, key = request.records.editions, request.publication.key
    if isinstance(chosen, str):
        await editions.set_cover(key, request.due, Cover(url=chosen or None), request.decision)
        return Answer.of(
            f"The cover of the edition of {request.due} is {chosen}."
            if chosen
            else f"The edition of {request.due} has no cover now."
        )
    entry, media = chosen.entry, chosen.media
    named = f"Picture {chosen.number} of entry {request.name_of(entry)} by {words.called(entry.name)}"
    if media.state is MediaState.FAILED:  # one that is still to be fetched may be there when the post is made
        raise CommandError(f"{named} is not there to be a cover; see {request.publication.command} status.")
    await editions.set_cover(key, entry.edition, Cover(picture=(media.event_id, media.position)), request.decision)
    return Answer.of(f"{named} is the cover of the edition of {entry.edition} now.")


async def export(request: Request, edition: date) -> None:
    """Ask for an export of an edition; its answer comes when the files are uploaded."""
    entries = await request.records.entries.of_edition(request.publication.key, edition)
    if all(entry.is_dropped for entry in entries):
        raise CommandError(f"The edition of {edition} has no entries to export; name another date to export that.")
    message = request.message
    author = await request.sender_name()
    job = ExportJob(message.event_id, request.publication.key, edition, message.room_id, author)
    await request.records.journal.ask_for_export(job, message.sent_at)


async def changed(request: Request, edition: date) -> Answer:
    """Say what has changed in an edition since its last export, and by whom."""
    entries = await request.records.entries.of_edition(request.publication.key, edition)
    return words.changed(edition, await changes(request.records, request.publication, edition, entries))


async def published(request: Request, edition: date) -> Answer:
    """Mark an edition as published."""
    return await _mark(request, edition, is_published=True)


async def unpublished(request: Request, edition: date) -> Answer:
    """Open a published edition again."""
    return await _mark(request, edition, is_published=False)


async def _mark(request: Request, edition: date, *, is_published: bool) -> Answer:
    key, command = request.publication.key, request.publication.command
    if is_published and request.publication.calendar.deadline(edition) > request.now:
        raise CommandError(f"The edition of {edition} is still open; mark it once it is closed and out.")
    if is_published and await request.records.editions.is_published(key, edition):
        return Answer.of(f"The edition of {edition} is marked as published already.")
    if not is_published and not await request.records.editions.is_published(key, edition):
        raise CommandError(f"The edition of {edition} is not marked as published.")
    await request.records.editions.set_published(key, edition, request.decision, is_published=is_published)
    await learn_edition(request.records, request.publication, edition)
    if not is_published:
        return Answer.of(f"The edition of {edition} is open again.")
    undo = f"{command} unpublished {edition}"
    return Answer.of(f"The edition of {edition} is marked as published; {undo} takes that back.")
