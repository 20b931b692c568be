"""Gathers everything that an edition's post is made from."""

from datetime import date, timedelta
from typing import TYPE_CHECKING

import structlog

from twimbot.config import Publication
from twimbot.errors import ConfigurationError
from twimbot.export.contents import EditionContents
from twimbot.model.calendar import milliseconds
from twimbot.publishing.sites import read_site
from twimbot.store.records import Records
from twimbot.store.rooms import Purpose

if TYPE_CHECKING:
    from twimbot.export.site import Site

log = structlog.get_logger(__name__)

PING_DAYS = timedelta(days=7)
"""How long before the deadline pongs count."""


async def gather(records: Records, publication: Publication, edition: date, author: str) -> EditionContents:
    """Return the contents of an edition as the store has it now; `author` stands in the front matter."""
    pings = publication.rooms.pings
    deadline = publication.calendar.deadline(edition)
    site, problems = await _site(publication)
    since, until = milliseconds(deadline - PING_DAYS), milliseconds(deadline)
    return EditionContents(
        key=publication.key,
        title=publication.title,
        command=publication.command,
        edition=edition,
        deadline=deadline,
        author=author,
        catalogue=publication.catalogue,
        settings=publication.post,
        submissions_room=await _public_name(records, publication, "submissions", publication.rooms.submissions),
        ping_room=pings and await _public_name(records, publication, "pings", pings),
        entries=tuple(await records.entries.of_edition(publication.key, edition)),
        live=await records.editions.live(publication.key, edition),
        cover=await records.editions.cover(publication.key, edition),
        pongs=await records.journal.pongs(publication.key, since, until),
        site=site,
        problems=problems,
    )


async def _site(publication: Publication) -> "tuple[Site | None, tuple[str, ...]]":
    """Return the site that the post goes into, where its checkout is configured, and what keeps it from being read."""
    checkout = publication.post.site_checkout
    if checkout is None:
        return None, ()
    try:
        return await read_site(checkout), ()
    except (ConfigurationError, OSError) as error:
        log.warning("checkout not read", publication=publication.key, reason=str(error))
        return None, (f"Links to the site are as they were written, since its checkout can't be read: {error}.",)


async def _public_name(records: Records, publication: Publication, purpose: Purpose, configured: str) -> str:
    """Return how readers find a room: by its alias, where it has one."""
    if configured.startswith("#"):
        return configured
    return await records.rooms.public_name(publication.key, purpose) or configured
