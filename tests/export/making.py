"""Editions and entries for these tests, with everything that a test does not speak about filled in."""

from datetime import UTC, date, datetime
from typing import Any

from twimbot.config import Post
from twimbot.export.contents import EditionContents
from twimbot.export.markdown import Mended, Place, mend
from twimbot.model.catalogue import Catalogue, Department, Project
from twimbot.model.entry import Entry, LiveVideo, Media, MediaState

EDITION = date(2026, 2, 6)

UNDER_PROJECT = Place(names=("Teapot", "TP", "teapot", "The Teapot"), level=4, may_have_title=False)
UNDER_DEPARTMENT = Place(names=(), level=3, may_have_title=True)

CATALOGUE = Catalogue(
    departments=(
        Department("status", "🌡️", "Dept of *Status* 🌡️"),
        Department("clients", "📱", "Dept of Clients 📱"),
        Department("bots", "🤖", "Dept of Bots 🤖"),
    ),
    projects=(
        Project("teapot", "TP", "Teapot", "clients", "https://teapot.example.org", "A client, *short* and stout."),
        Project("kettle", "Kettle", "Kettle [beta]", "clients"),
        Project("robot", "Robot", "Robot", "bots", "https://robot.example.org/"),
    ),
)


def entry(number: int, text: str, **values: Any) -> Entry:  # noqa: ANN401 - any of an entry's fields
    """Return an entry of Anna's, sent in the order of the numbers."""
    given = {
        "id": number,
        "publication": "twim",
        "edition": EDITION,
        "number": number,
        "room_id": "!news:example.org",
        "event_id": f"$event{number}",
        "sender": "@anna:example.org",
        "display_name": "Anna",
        "sent_at": 1_770_000_000_000 + number,
        "text": text,
    }
    return Entry(**{**given, **values})


def media(number: int, **values: Any) -> Media:  # noqa: ANN401 - any of a picture's fields
    """Return a picture that was fetched."""
    given = {
        "id": number,
        "event_id": f"$picture{number}",
        "mxc": f"mxc://example.org/Pic{number}",
        "kind": "m.image",
        "alt": f"Kettle {number}",
        "sent_at": 1_770_000_001_000 + number,
        "state": MediaState.KEPT,
        "file_name": f"Pic{number}.png",
    }
    return Media(**{**given, **values})


def contents(*entries: Entry, **values: Any) -> EditionContents:  # noqa: ANN401 - any field of the contents
    """Return an edition with these entries."""
    given = {
        "key": "twim",
        "title": "Teatime News",
        "command": "!twim",
        "edition": EDITION,
        "deadline": datetime(2026, 2, 6, 16, tzinfo=UTC),
        "author": "Eddie",
        "catalogue": CATALOGUE,
        "settings": Post(),
        "submissions_room": "#news:example.org",
        "ping_room": None,
        "entries": entries,
        "live": LiveVideo("https://www.youtube.com/watch?v=abcdefghijk", ""),
        "pongs": (),
    }
    return EditionContents(**{**given, **values})


def mended(text: str, place: Place = UNDER_DEPARTMENT) -> str:
    """Return a text as it stands in an entry, of which nothing may be left to an editor."""
    result = mend((text,), place)
    assert not result.notes
    return result.text


def mended_whole(text: str, place: Place = UNDER_DEPARTMENT) -> Mended:
    """Return all that mending gives."""
    return mend((text,), place)
