"""What a message says once its edits are taken into account."""

from collections.abc import Sequence

from twimbot.desk.situation import Situation
from twimbot.intake.text import submission_text
from twimbot.model.event import GALLERY_KINDS, MEDIA_KINDS, Content, Edit, MediaItem, Message

TAKEN = ("m.text", "m.emote", *MEDIA_KINDS, *GALLERY_KINDS)
"""The kinds of messages that can be entries, and edits of them; an emote only where an editor takes it up."""

TEXTS = ("m.text", "m.emote")
"""The kinds of messages that are nothing but text."""

SHOWN = ("m.image", "m.video")
"""The kinds of files that a post can show."""


LONGEST_QUESTION = 200
"""How many characters a question to the bot has at most; what is longer tells something."""

QUESTION_MARKS = ("?", "\N{FULLWIDTH QUESTION MARK}", "\N{ARABIC QUESTION MARK}")


def is_question(text: str) -> bool:
    """Tell whether a text asks instead of telling news: a short line without a link that ends as questions do.

    Of 392 entries in 32 published weeks none ends so.
    """
    asked = text.strip()
    is_short = len(asked) <= LONGEST_QUESTION and "\n" not in asked
    return is_short and asked.endswith(QUESTION_MARKS) and "://" not in asked and "](" not in asked


def present_text(situation: Situation, message: Message, edits: Sequence[Edit] = ()) -> str:
    """Return the text of a message after its latest edit."""
    latest = latest_edit(message, edits) or message
    return submission_text(latest.content, situation.bot, is_reply=message.replies_to is not None)


def shown(message: Message, edits: Sequence[Edit] = ()) -> tuple[MediaItem, ...]:
    """Return the files of a message that a post can show: of its latest edit, but where that is a mere text."""
    latest = latest_edit(message, edits)
    return shown_in(latest.content if latest and has_files(latest.content) else message.content)


def has_files(content: Content) -> bool:
    """Tell whether a content is of a kind that has files."""
    return content.kind in (*MEDIA_KINDS, *GALLERY_KINDS)


def shown_in(content: Content) -> tuple[MediaItem, ...]:
    """Return the files of a content that a post can show."""
    return tuple(item for item in content.media if item.kind in SHOWN)


def latest_edit(message: Message, edits: Sequence[Edit] = ()) -> Edit | None:
    """Return the edit that counts: the latest of the given ones and of that which the server has put beside."""
    return max(all_edits(message, edits), key=lambda edit: (edit.sent_at, edit.event_id), default=None)


def all_edits(message: Message, edits: Sequence[Edit] = ()) -> list[Edit]:
    """Return the given edits, and the one that the server put beside the message where it is valid."""
    beside = message.replacement
    return [*edits, *([beside] if beside and is_valid(beside, message) else [])]


def is_valid(edit: Edit, original: Message) -> bool:
    """Tell whether an edit counts: from the sender of the original, in its room and for its kind.

    Client-Server API, "Validity of replacement events".
    """
    return (
        edit.sender == original.sender
        and edit.room_id == original.room_id
        and edit.target == original.event_id
        and edit.content.kind in TAKEN
        and original.content.kind in TAKEN
    )
