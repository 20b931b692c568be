"""`twimbot demo` as its users call it: from an empty folder, to its end and to an early one."""

import os
import re
import select
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from io import BytesIO
from pathlib import Path
from typing import NamedTuple

import pytest
from PIL import Image

from twimbot.demo.stage import closing_day
from twimbot.demo.week_entries import LANTERNFISH_ALT, LANTERNFISH_MORE, PIGEONHOLE_ALT

SECONDS_FOR_A_STEP = 60
CONTROL_CHARACTERS = re.compile(r"[\x00-\x08\x0b-\x1f\x7f]")


class Played(NamedTuple):
    """What a demo that came to its end has left."""

    status: int
    told: str
    errors: str
    folder: Path
    temporary: Path

    @property
    def post(self) -> str:
        """The post, which the last line names."""
        return Path(self.told.splitlines()[-1]).read_text(encoding="utf-8")

    @property
    def pictures(self) -> list[Path]:
        """The pictures in the tree."""
        return sorted((self.folder / "static/blog/img").iterdir())


@pytest.fixture(scope="module")
def played(tmp_path_factory: pytest.TempPathFactory) -> Played:
    """Play the demo once, into a folder that is not there yet."""
    here, temporary = tmp_path_factory.mktemp("here"), tmp_path_factory.mktemp("temporary")
    with demo(here, temporary, "--output", "site") as process:
        told, errors = process.communicate(timeout=SECONDS_FOR_A_STEP)
    return Played(process.returncode, told, errors, here / "site", temporary)


class TestTheWholeWeek:
    def test_comes_to_its_end(self, played: Played) -> None:
        assert (played.errors, played.status) == ("", 0)

    def test_names_the_post_in_the_output(self, played: Played) -> None:
        post = Path(played.told.splitlines()[-1])
        assert re.fullmatch(r"content/blog/(\d{4})/(\d\d)/\1-\2-\d\d-twim\.md", str(post.relative_to(played.folder)))

    def test_shows_how_the_post_begins(self, played: Played) -> None:
        assert all(line in played.told for line in played.post.splitlines()[:30] if len(line) < 90)

    def test_leaves_neither_a_process_nor_a_folder(self, played: Played) -> None:
        assert processes_of(played.temporary) == []
        assert list(played.temporary.iterdir()) == []

    def test_writes_no_control_characters_where_nobody_sees_them(self, played: Played) -> None:
        assert CONTROL_CHARACTERS.search(played.told) is None

    def test_tells_of_the_entry_that_was_forgotten(self, played: Played) -> None:
        assert "  │ ## TODO: not filed yet\n" in played.told


class TestThePost:
    def test_has_its_departments_in_order(self, played: Played) -> None:
        assert re.findall(r"^## (?:Dept of )?(.+)$", played.post, re.MULTILINE) == [
            "Matrix Live: Lanternfish in the dark",
            *("Servers 🗄️", "Bridges 🌉", "Clients 📱", "SDKs and Frameworks 🧰", "Bots 🤖", "Events and Talks 🎪"),
            "Ping 🏓",
            "That's all I know",
        ]

    def test_has_every_entry_and_no_other(self, played: Played) -> None:
        assert len(re.findall(r"^\[.+\]\(https://matrix\.to/#/@\w+:example\.org\) ", played.post, re.MULTILINE)) == 12
        assert "a room in the city" not in played.post

    def test_follows_edits(self, played: Played) -> None:
        assert "across a border on Tuesday" in played.post
        assert "across a border on Monday" not in played.post
        assert "Put yourself on the list" in played.post

    def test_keeps_what_was_deleted_to_itself(self, played: Played) -> None:
        assert "calls in the terminal" not in played.post

    def test_reads_what_stands_only_in_html(self, played: Played) -> None:
        assert "> - Types for *every* event" in played.post
        assert "[migration guide](https://loom.example.org/guide/1.0)" in played.post

    def test_mentions_the_bot_nowhere(self, played: Played) -> None:
        assert "TWIM:" not in played.post
        assert "@twim:example.org" not in played.post

    def test_has_the_video(self, played: Played) -> None:
        assert '{{youtube_player(video_id="TwimDemo-01")}}' in played.post

    def test_ranks_the_ten_fastest_servers(self, played: Played) -> None:
        rows = re.findall(r"^\| (\d+) \| (\S+) \| (\S+) \|$", played.post, re.MULTILINE)
        assert len(rows) == 10
        assert rows[:4] == [
            ("1", "lighthouse.example.org", "81"),
            ("2", "puddle.example.org", "118"),
            ("3", "bees.example.org", "133"),
            ("4", "kitchen.example.org", "172"),
        ]

    def test_shows_two_pictures_with_their_descriptions(self, played: Played) -> None:
        shown = dict(re.findall(r"^> !\[(.+)\]\(/blog/img/(\S+)\)$", played.post, re.MULTILINE))
        assert set(shown) == {LANTERNFISH_ALT, PIGEONHOLE_ALT}
        assert sorted(shown.values()) == [picture.name for picture in played.pictures]

    def test_goes_on_below_the_picture_where_its_author_did(self, played: Played) -> None:
        below = played.post.partition(f"![{LANTERNFISH_ALT}]")[2]
        assert below.splitlines()[1:3] == [">", f"> {LANTERNFISH_MORE}"]

    def test_has_pictures_that_differ(self, played: Played) -> None:
        first, second = (Image.open(BytesIO(picture.read_bytes())).convert("RGB") for picture in played.pictures)
        assert first.size == second.size == (960, 600)
        assert first.resize((1, 1)).getpixel((0, 0)) != second.resize((1, 1)).getpixel((0, 0))


class TestAnEarlyEnd:
    @pytest.mark.parametrize(("end", "status"), [(signal.SIGINT, 130), (signal.SIGTERM, 1)], ids=["Ctrl-C", "SIGTERM"])
    def test_leaves_nothing_behind(self, tmp_path: Path, end: signal.Signals, status: int) -> None:
        here, temporary = empty_folders(tmp_path)
        with demo(here, temporary) as process:
            read_until(process, "Monday")
            assert len(processes_of(temporary)) == 2, "the homeserver and the bot"
            # A terminal sends Ctrl-C to every process of the group.
            os.killpg(process.pid, end)
            _, errors = process.communicate(timeout=SECONDS_FOR_A_STEP)
        assert processes_of(temporary) == []
        assert [*temporary.iterdir(), *here.iterdir()] == []
        assert process.returncode == status
        assert "Traceback" not in errors

    def test_is_told_in_a_sentence_where_the_output_can_not_be_written(self, tmp_path: Path) -> None:
        here, temporary = empty_folders(tmp_path)
        (here / "site").write_text("a file", encoding="utf-8")
        with demo(here, temporary, "--output", "site") as process:
            _, errors = process.communicate(timeout=SECONDS_FOR_A_STEP)
        assert process.returncode == 1
        assert errors == f"twimbot: {here / 'site'} can't be written to; name another folder with --output\n"


@pytest.mark.parametrize(
    ("now", "day"),
    [
        (datetime(2026, 2, 4, 12, tzinfo=UTC), "friday"),
        (datetime(2026, 2, 6, 15, 59, tzinfo=UTC), "friday"),
        (datetime(2026, 2, 6, 16, 30, tzinfo=UTC), "saturday"),
        (datetime(2026, 2, 6, 17, 0, tzinfo=UTC), "friday"),
    ],
    ids=str,
)
def test_no_deadline_passes_during_the_demo(now: datetime, day: str) -> None:
    assert closing_day(now) == day


@contextmanager
def demo(here: Path, temporary: Path, *arguments: str) -> Iterator[subprocess.Popen[str]]:
    """Start the demo in a folder and as a process group of its own; whatever is left of it in the end is killed."""
    environment = os.environ | {"TMPDIR": str(temporary), "PYTHONUTF8": "1", "COLUMNS": "100"}
    with subprocess.Popen(  # noqa: S603 - our own program
        # As a shell's background and many CI machines start it.
        ["/bin/sh", "-c", 'trap "" INT; exec "$@"', "sh", sys.executable, "-m", "twimbot", "demo", *arguments],
        cwd=here,
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        encoding="utf-8",
        start_new_session=True,
    ) as process:
        try:
            yield process
        finally:
            if process.poll() is None:
                process.kill()


def empty_folders(folder: Path) -> tuple[Path, Path]:
    """Make one to call the demo from, and one for what is temporary."""
    here, temporary = folder / "here", folder / "temporary"
    here.mkdir()
    temporary.mkdir()
    return here, temporary


def read_until(process: subprocess.Popen[str], words: str) -> None:
    """Read what the demo tells until it has said these words."""
    assert process.stdout
    deadline = time.monotonic() + SECONDS_FOR_A_STEP
    told = b""
    while words.encode() not in told:
        ready, _, _ = select.select([process.stdout], [], [], max(0.0, deadline - time.monotonic()))
        more = os.read(process.stdout.fileno(), 4096) if ready else b""
        assert more, f"the demo never said {words!r}, but {told.decode()!r}"
        told += more


def processes_of(folder: Path) -> list[int]:
    """Return the processes that have a folder in their command line, as ours have the demo's temporary one."""
    found = []
    for process in Path("/proc").glob("[0-9]*"):
        try:
            command = (process / "cmdline").read_bytes()
        except OSError:
            continue
        if str(folder).encode() in command:
            found.append(int(process.name))
    return found
