"""What happened in a room, read from raw events; nothing in an event is trusted to have its expected shape.

An event that is not of its kind's shape is no event of that kind: `read_event` returns None for it. Sources:
Client-Server API v1.19 and docs/matrix-clients.md.
"""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from types import MappingProxyType
from typing import Any, TypeGuard

from twimbot.model.calendar import LATEST
from twimbot.model.filing import Choice

EMPTY: Mapping[str, Any] = MappingProxyType({})
MXC = re.compile(r"mxc://[A-Za-z0-9.\-:\[\]]{1,255}/[A-Za-z0-9_-]{1,128}")
LABEL = r"[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?"
SERVER_NAME = re.compile(
    rf"(?=.{{1,255}}\Z)(?:{LABEL}(?:\.{LABEL})*|\[[0-9a-f:.]{{2,45}}\])(?::\d{{1,5}})?", re.IGNORECASE | re.ASCII
)
"""The grammar of server names, in which a port may stand (Matrix specification, appendices, 4.1), their labels as DNS
has them (RFC 1123)."""
MOST_FILES = 50
"""How many files of a gallery are read at most."""
AGREEMENT = "agree "
"""What the purpose of asking for a yes begins with, as an edition is out; the room of what would be done follows."""

CAUSE, PLACE, CHOICES = "twimbot.cause", "twimbot.entry", "twimbot.choices"
"""What the bot writes into its own events beside what the specification has: what they answer, an entry's place, and
what is chosen from by a number."""
MOST_CHOICES = 99
MOST_ID_BYTES = 255
"""How long the ID of an event may be, in UTF-8 (Matrix specification, appendices, "Common Identifier Format")."""
MOST_NAME = 256
"""How many characters the name of a member may have, as Synapse takes them; who has a longer one is called by the ID.
"""
MOST_NAME_BYTES = 255
"""How long the name in a per-message profile may be, in UTF-8 (MSC4144)."""
MOST_KEY = 64
"""How many characters what decrypts a file may have, in base64."""
MOST_SESSION_ID = 255
"""How many characters the ID of a Megolm session may have."""
MEDIA_KINDS = ("m.image", "m.video", "m.audio", "m.file")
GALLERY_KINDS = ("m.gallery", "dm.filament.gallery")
ERASING = ("redact_events", "org.matrix.msc4293.redact_events")
"""By what a kick or ban deletes what its target had said, under its name to be and under that of until then."""
THREADS = ("m.thread", "io.element.thread")
"""The names of the relation that makes a thread; the second (MSC3440) is what matrix-js-sdk uses where the homeserver
knows no threads."""
FALLBACKS = ("is_falling_back", "io.element.show_reply")
"""The names of the mark that a reply in a thread is none, but there for clients without threads (MSC3440)."""
UNTOLD_TYPES = ("", "application/octet-stream")
"""Media types that say nothing about a file."""
FILE_ENDS: Mapping[str, tuple[str, ...]] = {
    "m.image": (
        *("apng", "avif", "bmp", "gif", "heic", "heif", "jfif", "jpeg", "jpg", "jxl"),
        *("png", "svg", "tif", "tiff", "webp"),
    ),
    "m.video": ("3gp", "avi", "m4v", "mkv", "mov", "mp4", "mpeg", "mpg", "ogv", "webm"),
}
"""How the names of pictures and videos end, also of those that can't be used, so that their senders are told why."""


@dataclass(frozen=True, slots=True)
class FileKey:
    """What an encrypted file is decrypted with: key, counter block and SHA-256 of the ciphertext, all in base64."""

    key: str
    iv: str
    sha256: str


@dataclass(frozen=True, slots=True)
class MediaItem:
    """A file in a message; `caption` is None where the sender gave only a file name, `key` where it is unencrypted.

    `kind` is that of the message or gallery item, and `m.image` or `m.video` where an `m.file` holds such a thing, as
    bridges send them.
    """

    mxc: str
    kind: str
    file_name: str
    caption: str | None = None
    key: FileKey | None = None


@dataclass(frozen=True, slots=True)
class Content:
    """The effective content of a message: for an edit, that of its `m.new_content`.

    `body` and `formatted_body` of media are the caption; both are empty where there is only a file name.
    `profile_name` is the name that a per-message profile puts before the text (MSC4144, `has_fallback`), `speaker` who
    speaks as such a profile says, whether or not its name stands there.
    """

    kind: str
    body: str
    formatted_body: str | None = None
    mentions: tuple[str, ...] = ()
    media: tuple[MediaItem, ...] = ()
    profile_name: str | None = None
    speaker: str | None = None


@dataclass(frozen=True, slots=True)
class Event:
    """What every event has; `sent_at` is `origin_server_ts`, in milliseconds since 1970, as its server says."""

    event_id: str
    room_id: str
    sender: str
    sent_at: int


@dataclass(frozen=True, slots=True)
class Message(Event):
    """A message as it was first sent.

    `replies_to` is set for genuine replies only; `thread` is the root of the thread that it stands in, and
    `falls_back_to` the message there that it follows, which threads carry for clients that don't know them.
    `replacement` is the latest edit that the server has put beside the event (`unsigned`), still to be checked.
    `cause` and `choices`, what it offers by numbers, count in the bot's own messages only.
    """

    content: Content
    replies_to: str | None = None
    thread: str | None = None
    falls_back_to: str | None = None
    replacement: "Edit | None" = None
    pong: "PongContent | None" = None
    cause: "Cause | None" = None
    choices: tuple[Choice, ...] = ()


@dataclass(frozen=True, slots=True)
class Cause:
    """What a message of the bot's answers, and to what end: by it the bot knows its own words again."""

    event_id: str
    purpose: str


@dataclass(frozen=True, slots=True)
class PongContent:
    """What a ping bot says about a ping: how long it took in milliseconds, and from which server it came."""

    server: str
    milliseconds: float


@dataclass(frozen=True, slots=True)
class Edit(Event):
    """A replacement of an earlier message's content."""

    target: str
    content: Content


@dataclass(frozen=True, slots=True)
class Reaction(Event):
    """An annotation of an earlier event with a key.

    `cause` and `place` count in the bot's own reactions only: what it answers, and the edition and number that the
    target got as an entry.
    """

    target: str
    key: str
    cause: "Cause | None" = None
    place: tuple[date, int] | None = None


@dataclass(frozen=True, slots=True)
class Redaction(Event):
    """Somebody took back an event: their own, or as a moderator somebody else's."""

    target: str


@dataclass(frozen=True, slots=True)
class Membership(Event):
    """A member of the room came, went or changed their name.

    `erases`: somebody else has put them out, and all that they had said in the room is deleted by it (MSC4293); the
    homeserver sends no redactions for that. Whether the sender may redact is still to be checked.
    """

    user_id: str
    membership: str
    display_name: str | None
    erases: bool = False


@dataclass(frozen=True, slots=True)
class Upgrade(Event):
    """The room was replaced by another one."""

    replacement: str


@dataclass(frozen=True, slots=True)
class EncryptionStart(Event):
    """The room is encrypted from here on."""


@dataclass(frozen=True, slots=True)
class Unreadable(Event):
    """An encrypted event for which there is no key of its Megolm session."""

    session_id: str


def read_event(raw: object, room_id: str) -> Event | None:
    """Read a raw event from a sync, /messages or /event answer; None where it is none that the desk knows."""
    event = _mapping(raw)
    event_id, sender, sent_at = _text(event.get("event_id")), _text(event.get("sender")), event.get("origin_server_ts")
    if not event_id or not sender:
        return None
    base = (event_id, room_id, sender, min(max(sent_at, 0), LATEST) if _is_integer(sent_at) else 0)
    reader = READERS.get(_text(event.get("type")))
    return reader(base, event, _mapping(event.get("content"))) if reader else None


_Base = tuple[str, str, str, int]


def _message(base: _Base, event: Mapping[str, Any], content: Mapping[str, Any]) -> Message | Edit | None:
    relation = _mapping(content.get("m.relates_to"))
    if relation.get("rel_type") == "m.replace":
        target, new = _event_id(relation.get("event_id")), read_content(content.get("m.new_content"))
        return Edit(*base, target, new) if target is not None and new is not None else None
    read = read_content(content)
    if read is None:
        return None
    is_thread = _text(relation.get("rel_type")) in THREADS
    thread = _event_id(relation.get("event_id")) if is_thread else None
    replies_to = _event_id(_mapping(relation.get("m.in_reply_to")).get("event_id"))
    falls_back_to = None
    if is_thread and any(relation.get(mark) is True for mark in FALLBACKS):
        replies_to, falls_back_to = None, replies_to
    relations = _mapping(_mapping(event.get("unsigned")).get("m.relations"))
    replaced = _mapping(relations.get("m.replace"))
    # An edit has no edits of its own: without `unsigned`, hostile events can't stand in each other without end.
    replacement = read_event({**replaced, "unsigned": EMPTY}, base[1])
    return Message(
        *base,
        read,
        replies_to,
        thread,
        falls_back_to,
        replacement if isinstance(replacement, Edit) else None,
        _pong(content),
        _cause(content),
        _choices(content),
    )


def _reaction(base: _Base, _event: Mapping[str, Any], content: Mapping[str, Any]) -> Reaction | None:
    relation = _mapping(content.get("m.relates_to"))
    target, key = _event_id(relation.get("event_id")), _text(relation.get("key"))
    if relation.get("rel_type") != "m.annotation" or target is None or key is None:
        return None
    return Reaction(*base, target, key, _cause(content), _place(content))


def _redaction(base: _Base, event: Mapping[str, Any], content: Mapping[str, Any]) -> Redaction | None:
    """Read both forms: `content.redacts` of room version 11 and later, `redacts` of the earlier ones.

    Each version's server checks one form only: where they disagree, nothing says whether the right one was checked.
    """
    targets = {target for target in (_event_id(content.get("redacts")), _event_id(event.get("redacts"))) if target}
    return Redaction(*base, targets.pop()) if len(targets) == 1 else None


def _membership(base: _Base, event: Mapping[str, Any], content: Mapping[str, Any]) -> Membership | None:
    user_id, membership = _text(event.get("state_key")), _text(content.get("membership"))
    if user_id is None or membership is None:
        return None
    name = _text(content.get("displayname"))
    if name is not None and len(name) > MOST_NAME:
        name = None
    is_put_out = membership in ("leave", "ban") and user_id != base[2]
    erases = is_put_out and any(content.get(key) is True for key in ERASING)
    return Membership(*base, user_id, membership, name, erases)


def _upgrade(base: _Base, event: Mapping[str, Any], content: Mapping[str, Any]) -> Upgrade | None:
    replacement = _text(content.get("replacement_room"))
    return Upgrade(*base, replacement) if event.get("state_key") == "" and replacement else None


def _encryption_start(base: _Base, event: Mapping[str, Any], _content: Mapping[str, Any]) -> EncryptionStart | None:
    return EncryptionStart(*base) if event.get("state_key") == "" else None


def _unreadable(base: _Base, _event: Mapping[str, Any], content: Mapping[str, Any]) -> Unreadable | None:
    """Read an event that was not decrypted before; a deleted one has no content any more.

    A session's ID is an Ed25519 key in base64; what is far longer is none, and no key will ever come for it.
    """
    session_id = _text(content.get("session_id"))
    return Unreadable(*base, session_id) if session_id and len(session_id) <= MOST_SESSION_ID else None


def _sticker(base: _Base, event: Mapping[str, Any], content: Mapping[str, Any]) -> Message | Edit | None:
    """Read a sticker, which has no `msgtype` and whose `body` describes it; a deleted one has no address any more."""
    if not (_text(content.get("url")) or _mapping(content.get("file"))):
        return None
    return _message(base, event, {**content, "msgtype": "m.sticker", "body": ""})


def _poll(base: _Base, event: Mapping[str, Any], content: Mapping[str, Any]) -> Message | Edit | None:
    """Read a poll as its question: stable (MSC3381 as merged) or unstable, of plain text in either form."""
    question = _mapping(_mapping(content.get("m.poll", content.get("org.matrix.msc3381.poll.start"))).get("question"))
    if not question:
        return None
    texts = question.get("m.text")
    plain = [_text(_mapping(each).get("body")) for each in texts] if _is_list(texts) else []
    plain += [_text(question.get(key)) for key in ("org.matrix.msc1767.text", "body")]
    return _message(base, event, {**content, "msgtype": "m.poll", "body": next(filter(None, plain), "")})


READERS: Mapping[str | None, Callable[[_Base, Mapping[str, Any], Mapping[str, Any]], Event | None]] = {
    "m.room.message": _message,
    "m.sticker": _sticker,
    "m.poll.start": _poll,
    "org.matrix.msc3381.poll.start": _poll,
    "m.reaction": _reaction,
    "m.room.redaction": _redaction,
    "m.room.member": _membership,
    "m.room.tombstone": _upgrade,
    "m.room.encryption": _encryption_start,
    "m.room.encrypted": _unreadable,
}
"""How each type of event is read: from what every event has, the raw event and its content."""

MESSAGE_TYPES = tuple(str(kind) for kind, reader in READERS.items() if reader in (_message, _sticker, _poll))
"""The types of events with which people say something."""


def read_content(raw: object) -> Content | None:
    """Read the content of a message (or an edit's `m.new_content`); None where it has no `msgtype`."""
    content = _mapping(raw)
    kind, body = _text(content.get("msgtype")), _text(content.get("body")) or ""
    if kind is None:
        return None
    media = _media(kind, content)
    is_single = kind in MEDIA_KINDS
    if is_single and not (media and media[0].caption is not None):
        body, formatted = "", None
    else:
        formatted = _formatted(content)
    user_ids = _mapping(content.get("m.mentions")).get("user_ids")
    mentions = tuple(x for x in map(_text, user_ids) if x) if _is_list(user_ids) else ()
    return Content(kind, body, formatted, mentions, media, _profile_name(content), _speaker(content))


def _media(kind: str, content: Mapping[str, Any]) -> tuple[MediaItem, ...]:
    if kind in MEDIA_KINDS:
        item = _media_item(kind, content)
        return (item,) if item else ()
    if kind in GALLERY_KINDS:
        items = content.get("itemtypes")
        read = [_media_item(_text(_mapping(x).get("itemtype")), x) for x in items] if _is_list(items) else []
        return tuple(x for x in read if x)[:MOST_FILES]
    return ()


def _media_item(kind: str | None, raw: object) -> MediaItem | None:
    """Read one file: plain (`url`) or encrypted (`file.url`); a caption needs a `filename` that differs."""
    item = _mapping(raw)
    file = _mapping(item.get("file"))
    is_encrypted = not _text(item.get("url"))
    mxc = _text(file.get("url") if is_encrypted else item.get("url"))
    if kind not in MEDIA_KINDS or mxc is None or not MXC.fullmatch(mxc):
        return None
    body, file_name = _text(item.get("body")) or "", _text(item.get("filename"))
    caption = body if file_name is not None and body and body != file_name else None
    name = file_name or body
    kind = _file_kind(item, name) if kind == "m.file" else kind
    return MediaItem(mxc, kind, name, caption, _file_key(file) if is_encrypted else None)


def _file_kind(item: Mapping[str, Any], name: str) -> str:
    """Return what an `m.file` holds by the media type that its sender gave, or else by the end of its name."""
    mimetype = (_text(_mapping(item.get("info")).get("mimetype")) or "").strip().lower()
    if mimetype not in UNTOLD_TYPES:
        return {"image": "m.image", "video": "m.video"}.get(mimetype.partition("/")[0], "m.file")
    _, dot, end = name.strip().lower().rpartition(".")
    return next((kind for kind, ends in FILE_ENDS.items() if dot and end in ends), "m.file")


def _file_key(file: Mapping[str, Any]) -> FileKey:
    """Read an EncryptedFile (Client-Server API, "Sending encrypted attachments"); what is missing or too long is empty.

    The longest of them is of 32 bytes, in base64.
    """
    found = (_mapping(file.get("key")).get("k"), file.get("iv"), _mapping(file.get("hashes")).get("sha256"))
    texts = [_text(each) or "" for each in found]
    return FileKey(*(text if len(text) <= MOST_KEY else "" for text in texts))


def _formatted(content: Mapping[str, Any]) -> str | None:
    is_html = content.get("format") == "org.matrix.custom.html"
    return _text(content.get("formatted_body")) if is_html else None


def _profile_name(content: Mapping[str, Any]) -> str | None:
    for key in ("m.per_message_profile", "com.beeper.per_message_profile"):
        profile = _mapping(content.get(key))
        if profile.get("has_fallback") is True:
            return _text(profile.get("displayname"))
    return None


def _speaker(content: Mapping[str, Any]) -> str | None:
    """Read whom a per-message profile names; a name that is too long, or has a null in it, is none ("Field limits")."""
    for key in ("m.per_message_profile", "com.beeper.per_message_profile"):
        profile = _mapping(content.get(key))
        name = _text(profile.get("displayname")) or ""
        if name.strip() and "\0" not in name and len(name.encode()) <= MOST_NAME_BYTES and _text(profile.get("id")):
            return name
    return None


def _pong(content: Mapping[str, Any]) -> PongContent | None:
    """Read a ping bot's answer: an `m.notice` with `pong: {ms, from, ping}` (docs/matrix-clients.md, section 7)."""
    pong = _mapping(content.get("pong"))
    took, server = pong.get("ms"), _text(pong.get("from"))
    if not isinstance(took, int | float) or isinstance(took, bool) or server is None:
        return None
    if not SERVER_NAME.fullmatch(server):
        return None
    if content.get("msgtype") != "m.notice" or not 0 <= took < LATEST:  # neither NaN nor more than a float holds
        return None
    return PongContent(server, float(took))


def _cause(content: Mapping[str, Any]) -> Cause | None:
    cause = _mapping(content.get(CAUSE))
    event_id, purpose = _text(cause.get("event_id")), _text(cause.get("purpose"))
    return Cause(event_id, purpose) if event_id and purpose else None


def _choices(content: Mapping[str, Any]) -> tuple[Choice, ...]:
    found = content.get(CHOICES)
    written = [_mapping(each) for each in found[:MOST_CHOICES]] if _is_list(found) else []
    choices = [Choice(_text(each.get("department")) or "", _text(each.get("project"))) for each in written]
    return tuple(choices) if all(choice.department for choice in choices) else ()


def _place(content: Mapping[str, Any]) -> tuple[date, int] | None:
    place = _mapping(content.get(PLACE))
    number = place.get("number")
    try:
        edition = date.fromisoformat(_text(place.get("edition")) or "")
    except ValueError:
        return None
    return (edition, number) if _is_integer(number) and 0 < number < LATEST else None


def _mapping(value: object) -> Mapping[str, Any]:
    return value if isinstance(value, Mapping) else EMPTY


def _text(value: object) -> str | None:
    """Return a string, with lone surrogates (valid in JSON, but in no encoding) replaced by question marks."""
    return value.encode("utf-8", "replace").decode() if isinstance(value, str) else None


def _event_id(value: object) -> str | None:
    """Return what may be the ID of an event: an event names others by anything that its sender likes."""
    event_id = _text(value)
    return event_id if event_id is not None and len(event_id.encode()) <= MOST_ID_BYTES else None


def _is_list(value: object) -> TypeGuard[Sequence[Any]]:
    return isinstance(value, Sequence) and not isinstance(value, str | bytes)


def _is_integer(value: object) -> TypeGuard[int]:
    return isinstance(value, int) and not isinstance(value, bool)
