"""Draws the story on the terminal: plain lines for a file or a pipe, colour and a moving progress line for people."""

import asyncio
import os
import shutil
import textwrap
import time
from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager
from io import TextIOWrapper
from pathlib import Path
from typing import TextIO

import click

WIDEST = 100
"""How many columns a line has at most, on however wide a terminal."""

BETWEEN_FRAMES = 0.1
FRAMES = "⠋⠙⠹⠸⠼⠴⠦⠧⠇⠏"
CLEAR_LINE = "\r\x1b[K"
BAR = "  │ "
ANSWER = "    ↳ "


class Telling:
    """Writes to one stream; nothing but printable text where that is no terminal, and colour only where wanted."""

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream
        self._is_terminal = stream.isatty() and os.environ.get("TERM") != "dumb"
        self._is_coloured = self._is_terminal and not os.environ.get("NO_COLOR")
        self._width = min(shutil.get_terminal_size((WIDEST, 24)).columns, WIDEST)
        if isinstance(stream, TextIOWrapper):
            # A terminal that knows no emoji shows a question mark instead of ending the story.
            stream.reconfigure(errors="replace")

    def paragraph(self, text: str) -> None:
        """Say something to the reader, wrapped; nothing is an empty line."""
        for line in textwrap.wrap(text, self._width, break_long_words=False, break_on_hyphens=False) or [""]:
            self._line(line)

    def headline(self, text: str) -> None:
        """Begin a part of the story."""
        self._line("")
        self._line(self._styled(f"── {text} ".ljust(self._width, "─"), "bold"))
        self._line("")

    def says(self, name: str, text: str) -> None:
        """Quote the first words of what somebody says."""
        self._attributed(name, ": ", f"“{' '.join(text.split())}”")

    def does(self, name: str, what: str) -> None:
        """Tell what somebody does."""
        self._attributed(name, " ", what)

    def answers(self, text: str) -> None:
        """Tell what the bot does about it, in full, with the line breaks that it has."""
        indent = ANSWER
        for line in filter(str.strip, text.splitlines()):
            wrapped = textwrap.wrap(
                line,
                self._width,
                initial_indent=indent,
                subsequent_indent=" " * len(ANSWER),
                break_long_words=False,
                break_on_hyphens=False,
            )
            for piece in wrapped:
                self._line(self._styled(piece, "green"))
            indent = " " * len(ANSWER)

    def excerpt(self, lines: Iterable[str]) -> None:
        """Show lines as they are, each cut where the terminal ends."""
        for line in lines:
            self._line(self._styled(self._cut(f"{BAR}{line}").rstrip(), "dim"))

    def path(self, path: Path) -> None:
        """Name a file, whole and on a line of its own."""
        self._line(str(path.absolute()))

    @asynccontextmanager
    async def waiting(self, what: str) -> AsyncIterator[None]:
        """Tell what is waited for while the block runs, and how long it took."""
        begun = time.monotonic()
        drawing = asyncio.create_task(self._draw(what, begun)) if self._is_terminal else None
        if drawing is None:
            self._line(f"{what} …")
        try:
            yield
        finally:
            if drawing is not None:
                drawing.cancel()
                await asyncio.gather(drawing, return_exceptions=True)
                self._write(CLEAR_LINE)
        seconds = f"{time.monotonic() - begun:.1f} s"
        self._line(f"{what}: {seconds}" if drawing else f"  done in {seconds}")

    async def _draw(self, what: str, begun: float) -> None:
        """Turn the wheel until cancelled."""
        turn = 0
        while True:
            frame = FRAMES[turn % len(FRAMES)]
            self._write(f"{CLEAR_LINE}{frame} {what} … {int(time.monotonic() - begun)} s")
            turn += 1
            await asyncio.sleep(BETWEEN_FRAMES)

    def _attributed(self, name: str, between: str, text: str) -> None:
        rest = self._cut(f"{name}{between}{text}")[len(name) :]
        self._line(self._styled(name, "cyan") + rest)

    def _cut(self, line: str) -> str:
        return line if len(line) <= self._width else line[: self._width - 1].rstrip(" …") + "…"

    def _styled(self, text: str, style: str) -> str:
        if not self._is_coloured:
            return text
        if style in {"bold", "dim"}:
            return click.style(text, bold=style == "bold", dim=style == "dim")
        return click.style(text, fg=style)

    def _line(self, text: str) -> None:
        self._write(f"{text}\n")

    def _write(self, text: str) -> None:
        self._stream.write(text)
        self._stream.flush()
