"""Whether a picture's alternative text describes it."""

import re

from twimbot.export.characters import one_line

FILE_NAME = re.compile(r"(?:\S+ ){0,5}\S*\.(?:apng|avif|bmp|gif|heic|jpe?g|mov|mp4|png|svg|webm|webp)", re.IGNORECASE)
PROGRAMS = (
    r"bild|bildschirmfoto|capture|clipboard|dscn?|grafik|image|img|mvimg|photo|picture|pxl|screen ?shot|screencast"
    r"|signal|unknown|untitled|vid|video|whatsapp image"
)
NAMED_BY_PROGRAM = re.compile(rf"(?:{PROGRAMS}|(?=\D*\d))(?:[\W\d_]|\b(?:am|at|from|on|pm|um|vom)\b)*", re.IGNORECASE)
IDENTIFIER = re.compile(r"(?=\S*\d)[\w-]{16,}|[A-Za-z]{24}")
NAMES_OF_FILES = (FILE_NAME, NAMED_BY_PROGRAM, IDENTIFIER)


def is_description(alt: str) -> bool:
    """Tell whether a picture's alternative text says something: it is neither empty nor the name of its file."""
    shown = one_line(alt)
    return shown != "" and not any(pattern.fullmatch(shown) for pattern in NAMES_OF_FILES)
