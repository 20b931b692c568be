"""Feeds the desk and the post with what atheris makes up: `make fuzz`, or `python -m tests.fuzz.feed`.

The input is JSON where it can be read as such, and an event as it is or the content of a message; else it is the
text of one. It ends with the input that raised, failed, or kept a good submission from being taken up.
"""

import asyncio
import json
import logging
import shutil
import sys
from collections.abc import Mapping
from pathlib import Path
from tempfile import TemporaryDirectory

import atheris
import structlog

with atheris.instrument_imports(include=["twimbot", "markdown_it", "markdownify", "bs4", "html"]):
    from tests.desk.scene import ANNA, NOW, PUBLICATION, open_scene
    from tests.fuzz.malforming import VALID
    from tests.fuzz.test_events import meet
    from twimbot.export.post import render
    from twimbot.publishing.gather import gather


def read(data: bytes) -> object:
    """Return an event made of bytes."""
    text = data.decode("utf-8", "surrogatepass" if data[:1] == b"{" else "replace")
    try:
        value = json.loads(text)
    except ValueError:
        value = {
            "msgtype": "m.text",
            "body": f"NEWS: {text}",
            "format": "org.matrix.custom.html",
            "formatted_body": text,
        }
    if isinstance(value, Mapping) and "msgtype" in value:
        return {**VALID[0], "content": value}
    return value


async def feed(folder: Path, start: Path, raw: object) -> None:
    """Let the desk meet an event, and make the post."""
    shutil.copy(start, folder / "twimbot.db")
    await meet(folder, raw)
    async with open_scene(folder) as scene, scene.database.snapshot() as records:
        render(await gather(records, PUBLICATION, PUBLICATION.calendar.edition_of(NOW), ANNA))


def main() -> None:
    """Feed until libFuzzer's options end it; a folder named last gets the valid events to begin with."""
    corpus = Path(sys.argv[-1])
    for number, event in enumerate(VALID if corpus.is_dir() else ()):
        (corpus / f"valid-{number}").write_text(json.dumps(event), encoding="utf-8")
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.CRITICAL))
    with TemporaryDirectory() as name, asyncio.Runner() as runner:
        folder = Path(name)
        start = folder / "start"

        async def make() -> None:
            async with open_scene(folder / "empty"):
                pass
            shutil.copy(folder / "empty" / "twimbot.db", start)

        runner.run(make())

        def one(data: bytes) -> None:
            try:
                raw = read(data)
            except (UnicodeDecodeError, RecursionError):
                return
            runner.run(feed(folder, start, raw))

        atheris.Setup(sys.argv, one)
        atheris.Fuzz()


if __name__ == "__main__":
    main()
