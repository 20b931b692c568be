"""For how long one message may hold everything else up: messages of 64 KiB that are built to be slow to read."""

import asyncio
import gc
import logging
import tempfile
import time
from collections.abc import Coroutine, Iterator, Mapping
from pathlib import Path
from typing import Any

import structlog

from tests.bench.figures import Figure
from tests.desk.scene import BOT, Scene, open_scene

FULL = 60_000
"""How many characters of a text there are in an event, of 65,536 bytes at most."""

UNITS = (
    *("[", r"\[", "](", "[a](b) ", "[a](", "*", "_", "`", "`x` ", "```\n", "~", "<", "<a ", "<b ", "<b>x</b>", "&"),
    *("&amp;", "\\", ">", "> ", "- ", "#", "|", "| a ", "\n", "<br>", "<p>a</p>", "<li>a</li>", "NEWS: ", "NEWS, "),
    *("a", "a ", "é ", "\u200b", "https://a.example/ ", "<a href='https://a.example/'>b</a>", "#a:b.example "),
)
PILL = f'<a href="https://matrix.to/#/{BOT}">NEWS</a>'
HTML = {"format": "org.matrix.custom.html"}
ORDINARY = "Fernglas 1.4 is out, with faster search and fewer crashes."


async def measure(*, is_quick: bool) -> list[Figure]:
    """Return the longest time in milliseconds for which a message keeps the event loop from all other work."""
    units = UNITS[:: 4 if is_quick else 1]
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.ERROR))
    gc.collect()
    gc.freeze()  # as the command line does for the bot
    with tempfile.TemporaryDirectory() as folder:
        async with open_scene(Path(folder)) as scene:
            ordinary = [await _hold(scene.hear(each)) for unit in units for each in _messages(scene, ORDINARY, unit)]
            built = [
                await _hold(scene.hear(each))
                for unit in units
                for each in _messages(scene, unit * (FULL // len(unit)), unit)
            ]
    worst = sorted(built)[-10:]
    return [
        Figure("the longest standstill by a message built for it", "", [worst[-1]], [], "ms", 50),
        Figure("the ten longest", "an ordinary message", worst, ordinary, "ms"),
    ]


def _messages(scene: Scene, text: str, unit: str) -> Iterator[Mapping[str, Any]]:
    """Yield messages that say a text: as plain text, as HTML that its body lacks, as both, and as an edit.

    Each is by somebody else, who may send that much.
    """
    half = text[: len(text) // 2]
    for number, content in enumerate(
        (
            {"body": f"NEWS: news {text}"},
            {"body": "NEWS: x", **HTML, "formatted_body": f"{PILL}: <b>x</b>{text}"},
            {"body": f"NEWS: news {half}", **HTML, "formatted_body": f"{PILL}: news {half}"},
        )
    ):
        sender = f"@p{number}{unit.encode().hex()}{len(text)}:example.org"
        message = scene.event(sender, "m.room.message", {"msgtype": "m.text", **content})
        yield message
        new = {"msgtype": "m.text", "body": f"NEWS: news {half}"}
        yield scene.edit_into(sender, str(message["event_id"]), new)


async def _hold(work: Coroutine[Any, Any, None]) -> float:
    """Return for how long at most the loop could do nothing else while some work was done, in milliseconds.

    That is the time that it computed, not what other programs took meanwhile.
    """
    task = asyncio.ensure_future(work)
    longest, before = 0.0, time.thread_time()
    while not task.done():
        await asyncio.sleep(0)
        now = time.thread_time()
        longest, before = max(longest, now - before), now
    await task
    return 1000 * longest
