"""Turning a client's HTML into Markdown, for messages whose `body` is not the source."""

import re

from bs4 import BeautifulSoup, Tag
from bs4.element import NavigableString, PageElement
from markdownify import ATX, STRIP_ONE, MarkdownConverter

from twimbot.intake.escaping import escaped
from twimbot.intake.formatted import target_of
from twimbot.intake.spans import outside_code

LINKED = ("http://", "https://", "ftp://", "mailto:", "magnet:", "matrix:")
"""The schemes that links may have: those the specification allows, and Matrix's own."""

BLANKS = re.compile(r"[ \t\r\n]+")
BLOCKS = ("p", "div", "hr", "blockquote", "pre", "ul", "ol", "li", "table", "thead", "tbody", "tr", "td", "th")
HEADINGS = ("h1", "h2", "h3", "h4", "h5", "h6")
LINE_ENDS = frozenset(("br", "details", "summary", *BLOCKS, *HEADINGS))
BAR = re.compile(r"(?<!\\)\|")
ESCAPED_BAR = r"\\|"
LANGUAGE = re.compile(r"language-([\w+#.-]+)")
LAST_NUMBER = 999_999_999
"""The highest number that a list item can have in CommonMark."""


def to_markdown(html: BeautifulSoup) -> str:
    """Return HTML as Markdown that means the same; the tree is changed, and must be within bounds.

    Line breaks become plain newlines, as people write them in a message.
    """
    for ordered in html.find_all("ol"):
        _number(ordered)
    markdown: str = _Converter().convert_soup(html)
    if "\n\n\n" not in markdown:
        return markdown
    return outside_code(markdown, lambda part: re.sub(r"\n{3,}", "\n\n", part))


def _ends_line(neighbour: PageElement | None) -> bool:
    """Tell whether the line of a text is over where this neighbour stands."""
    return isinstance(neighbour, Tag) and neighbour.name in LINE_ENDS


def _number(ordered: Tag) -> None:
    """Write each item's number on the item, so that none has to count those before it."""
    start = ordered.get("start")
    first = int(start) if isinstance(start, str) and re.fullmatch(r"[0-9]{1,9}", start) else 1
    for number, item in enumerate(ordered.find_all("li", recursive=False), first):
        item["value"] = str(min(number, LAST_NUMBER))


class _Converter(MarkdownConverter):
    """Markdownify, as far as Matrix's HTML needs it to be different or hostile HTML would make it slow."""

    def __init__(self) -> None:
        super().__init__(
            bullets="-",
            heading_style=ATX,
            strip_pre=STRIP_ONE,
            sub_symbol="<sub>",
            sup_symbol="<sup>",
        )

    def process_text(self, text_node: NavigableString, parent_tags: set[str]) -> str:
        """Write a text: white space is one space, and none at the ends of a line; signs are escaped."""
        if "pre" in parent_tags:
            return str(text_node)
        before, after, parent = text_node.previous_sibling, text_node.next_sibling, text_node.parent
        text = BLANKS.sub(" ", str(text_node))
        if _ends_line(before) or (before is None and _ends_line(parent)):
            text = text.lstrip(" ")
        if _ends_line(after) or (after is None and _ends_line(parent)):
            text = text.rstrip(" ")
        starts_line = before is None or _ends_line(before)
        return text if "_noformat" in parent_tags else escaped(text, starts_line=starts_line)

    def convert_a(self, element: Tag, text: str, parent_tags: set[str]) -> str:
        """Write a link; one that shows its own address stays the bare address that somebody typed."""
        target, label = target_of(element), text.strip()
        if "_noformat" in parent_tags or not label or not target.startswith(LINKED) or "\n\n" in label:
            return text
        before, after = text[: len(text) - len(text.lstrip())], text[len(text.rstrip()) :]
        link = target if element.get_text().strip() == target else f"[{label}]({_destination(target)})"
        return f"{before}{link}{after}"

    def convert_br(self, _element: Tag, _text: str, parent_tags: set[str]) -> str:
        """Break the line, or leave a space where the line must not end."""
        return " " if "_inline" in parent_tags else "\n"

    def convert_img(self, element: Tag, _text: str, **_context: object) -> str:
        """Write the text that stands for an image: `mxc:` addresses lead nowhere outside Matrix."""
        return escaped(str(element.get("alt") or element.get("title") or "").strip())

    def convert_input(self, element: Tag, _text: str, **_context: object) -> str:
        """Write a task list's box."""
        if element.get("type") != "checkbox":
            return ""
        return "[x] " if element.has_attr("checked") else "[ ] "

    def convert_u(self, _element: Tag, text: str, parent_tags: set[str]) -> str:
        """Leave underlined text as HTML, as Markdown has no sign for it."""
        label = text.strip()
        if "_noformat" in parent_tags or not label or "\n\n" in label:
            return text
        return text.replace(label, f"<u>{label}</u>", 1)

    def convert_div(self, element: Tag, text: str, parent_tags: set[str]) -> str:
        """Write a block, and a formula in a line of its own as people type it: `$$LaTeX$$`."""
        formula = _formula(element)
        block = f"$${formula}$$" if formula else text.strip()
        if "_inline" in parent_tags:
            return f" {block} "
        return f"\n\n{block}\n\n" if block else ""

    def convert_span(self, element: Tag, text: str, parent_tags: set[str]) -> str:
        """Write formulas and spoilers as people type them: `$LaTeX$`, and `||text||` or `||reason|text||`."""
        if "_noformat" in parent_tags:
            return text
        if formula := _formula(element):
            return f"${formula}$"
        if not element.has_attr("data-mx-spoiler"):
            return text
        reason = escaped(str(element["data-mx-spoiler"]).strip())
        return f"||{reason}|{text}||" if reason else f"||{text}||"

    def convert_summary(self, _element: Tag, text: str, **_context: object) -> str:
        """Write what can be folded away as plain blocks."""
        return f"\n\n{text.strip()}\n\n"

    convert_details = convert_summary

    def convert_li(self, element: Tag, text: str, **_context: object) -> str:
        """Write a list item, with all its further lines under its first."""
        number = element.get("value") if element.parent is not None and element.parent.name == "ol" else None
        bullet = f"{number}. " if number else "- "
        lines = text.strip().split("\n")
        return bullet + "\n".join([lines[0], *(" " * len(bullet) + line if line else "" for line in lines[1:])]) + "\n"

    def convert_pre(self, element: Tag, text: str, **_context: object) -> str:
        """Write a block of code between fences longer than any in it, with its language where one is named."""
        code = text.removeprefix("\n").removesuffix("\n")
        longest = max((len(run) for run in re.findall(r"`{3,}", code)), default=2)
        inner = element.find("code")
        named = LANGUAGE.search(" ".join(inner.get_attribute_list("class"))) if isinstance(inner, Tag) else None
        fence = "`" * (longest + 1)
        return f"\n\n{fence}{named[1] if named else ''}\n{code}\n{fence}\n\n"

    def convert_td(self, _element: Tag, text: str, **_context: object) -> str:
        """Write a cell on one line, with its own bars escaped."""
        line = " ".join(text.split())
        return f" {BAR.sub(ESCAPED_BAR, line)} |"

    convert_th = convert_td

    def convert_tr(self, _element: Tag, text: str, **_context: object) -> str:
        """Write a row."""
        return f"|{text}\n"

    def convert_table(self, element: Tag, text: str, **_context: object) -> str:
        """Write a table; its first row is the head, as Markdown knows none without."""
        row = element.find("tr")
        columns = len(row.find_all(["td", "th"], recursive=False)) if isinstance(row, Tag) else 0
        if not columns:
            return f"\n\n{text.strip()}\n\n"
        head, _, rows = text.strip().partition("\n")
        return f"\n\n{head}\n|{' --- |' * columns}\n{rows}\n\n"


def _formula(element: Tag) -> str:
    """Return an element's LaTeX, so that it shows as it is; empty where it has none.

    Zola shows it so unless the site has mathematics switched on, and sets it then (Client-Server API, "Mathematical
    messages").
    """
    return escaped(" ".join(str(element.get("data-mx-maths", "")).split()))


def _destination(target: str) -> str:
    """Return an address as a link can hold it."""
    if not re.search(r"[\s()<>\\]", target):
        return target
    return "<" + re.sub(r"\s", "%20", target).replace("<", "%3C").replace(">", "%3E").replace("\\", "%5C") + ">"
