"""The edition's video: YouTube's becomes the site's player, any other a link."""

import re
from dataclasses import dataclass
from urllib.parse import parse_qs, quote, urlsplit

from twimbot.export.characters import one_line, operator_text
from twimbot.model.entry import LiveVideo

YOUTUBE_HOSTS = frozenset({"youtube.com", "youtube-nocookie.com"})
WEB_ADDRESS = re.compile(r"https?://\S", re.IGNORECASE)
VIDEO_ID = re.compile(r"[A-Za-z0-9_-]{11}")
PLAYER_PATH = re.compile(r"/(?:embed|shorts|live|v)/([^/]+)/?")
URL_CHARACTERS = ":/?#[]@!$&'()*+,;=%"


@dataclass(frozen=True, slots=True)
class LiveSection:
    """The section's title (empty: none but its name) and its one line: a shortcode or a link."""

    title: str
    line: str


def live_section(video: LiveVideo | None) -> LiveSection | None:
    """Return the section for a video, or None where there is none or where its URL is no web address."""
    if video is None:
        return None
    title = operator_text(one_line(video.title))
    if not WEB_ADDRESS.match(video.url.strip()):
        return None
    identifier = youtube_id(video.url)
    if identifier is not None:
        return LiveSection(title, f'{{{{youtube_player(video_id="{identifier}")}}}}')
    return LiveSection(title, f"<{quote(video.url.strip(), safe=URL_CHARACTERS, errors='replace')}>")


def youtube_id(url: str) -> str | None:
    """Return the video that a YouTube URL shows, whichever of YouTube's forms it has; None for anything else."""
    try:
        parts = urlsplit(url.strip())
        host = (parts.hostname or "").lower()
    except ValueError:
        return None
    found = _candidate(host, parts.path, parts.query)
    return found if VIDEO_ID.fullmatch(found) else None


def _candidate(host: str, path: str, query: str) -> str:
    if host in {"youtu.be", "www.youtu.be"}:
        return path.strip("/")
    if re.sub(r"^(?:www|m|music)\.", "", host) not in YOUTUBE_HOSTS:
        return ""
    if path.rstrip("/") == "/watch":
        return parse_qs(query).get("v", [""])[0]
    match = PLAYER_PATH.fullmatch(path)
    return match[1] if match else ""
