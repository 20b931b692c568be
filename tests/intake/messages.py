"""Messages as clients send them, for the tests of this folder."""

from collections.abc import Mapping
from typing import Any

from markdown_it import MarkdownIt

from twimbot.intake.mention import Bot, is_addressed
from twimbot.intake.text import submission_text
from twimbot.model.event import Content, Edit, Message, read_event

BOT = Bot("@weekly:example.org", ("Weekly", "Old [News] Bot"))
PILL = '<a href="https://matrix.to/#/@weekly:example.org">Weekly</a>'
MENTIONED = {"user_ids": [BOT.user_id]}


def text_message(body: str, html: str | None = None, /, **more: object) -> dict[str, Any]:
    """Return the content of an `m.text`."""
    formatted = {} if html is None else {"format": "org.matrix.custom.html", "formatted_body": html}
    return {"msgtype": "m.text", "body": body, **formatted, **more}


def sent(content: Mapping[str, Any]) -> tuple[Content, bool]:
    """Return what the project reads from a content that somebody sends, and whether it is a genuine reply."""
    raw = {"type": "m.room.message", "event_id": "$x", "sender": "@ana:example.org", "origin_server_ts": 1}
    event = read_event({**raw, "content": content}, "!room")
    assert isinstance(event, Message | Edit)
    return event.content, isinstance(event, Message) and event.replies_to is not None


def addressed(content: Mapping[str, Any], bot: Bot = BOT) -> bool:
    """Tell whether a message of this content is addressed to the bot."""
    read, is_reply = sent(content)
    return is_addressed(read, bot, is_reply=is_reply)


def text_of(content: Mapping[str, Any], bot: Bot = BOT) -> str:
    """Return the text taken up from a message of this content."""
    read, is_reply = sent(content)
    return submission_text(read, bot, is_reply=is_reply)


def submitted(content: Mapping[str, Any], bot: Bot = BOT) -> str | None:
    """Return the text of a submission; None where the message is none."""
    return text_of(content, bot) or None if addressed(content, bot) else None


def rendered(markdown: str) -> str:
    """Return Markdown as HTML, to compare two texts by what they mean."""
    return str(MarkdownIt("commonmark").enable(["table", "strikethrough"]).render(markdown))
