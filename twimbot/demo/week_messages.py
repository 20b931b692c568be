"""The same words as different clients put them on the wire (docs/matrix-clients.md)."""

from collections.abc import Mapping
from typing import Any

from markdown_it import MarkdownIt

from twimbot.demo.person import text_content

BOT_LOCALPART = "twim"
BOT_NAME = "TWIM"
BOT_ID = f"@{BOT_LOCALPART}:example.org"
BOT_LINK = f"https://matrix.to/#/{BOT_ID}"

Content = Mapping[str, Any]


def with_pill(markdown: str) -> Content:
    """Write as Element Web does: the name in the body, a pill in the HTML."""
    return text_content(f"{BOT_NAME}: {markdown}", html=f"{_pill(BOT_NAME)}: {_html(markdown)}", mentions=[BOT_ID])


def with_markdown_link(markdown: str) -> Content:
    """Write as Element X on iOS does: the body has the mention as a Markdown link."""
    body = f"[{BOT_NAME}]({BOT_LINK}) {markdown}"
    return text_content(body, html=f"{_pill(BOT_NAME)} {_html(markdown)}", mentions=[BOT_ID])


def with_user_id(markdown: str) -> Content:
    """Write as Cinny does: the body has the Matrix ID, the pill an `@` before the name."""
    return text_content(f"{BOT_ID} {markdown}", html=f"{_pill('@' + BOT_NAME)} {_html(markdown)}", mentions=[BOT_ID])


def with_plain_name(text: str) -> Content:
    """Write as Thunderbird does: plain text, and a name with a colon that nothing marks as a mention."""
    return {"msgtype": "m.text", "body": f"{BOT_NAME}: {text}"}


def with_html_alone(text: str, html: str) -> Content:
    """Write as a client whose body is bare text: links and lists are in the HTML and nowhere else."""
    return text_content(f"{BOT_NAME}: {text}", html=f"{_pill(BOT_NAME)}: {html}", mentions=[BOT_ID])


def without_mention(markdown: str) -> Content:
    """Write without a word to the bot."""
    return text_content(markdown, html=_html(markdown))


def _pill(text: str) -> str:
    return f'<a href="{BOT_LINK}">{text}</a>'


def _html(markdown: str) -> str:
    """Render as clients do, which keep single newlines."""
    return str(MarkdownIt("commonmark", {"breaks": True}).render(markdown)).strip()
