"""Real weeks, played against a real Synapse and the installed command by the acceptance tool, where it is at hand."""

import asyncio
import json
import sys
from pathlib import Path

import pytest

SHARED = Path(__file__).parents[2] / "shared"
TOOL = SHARED / "tools" / "acceptance.py"
INCUMBENT = SHARED / "corpus" / "incumbent.json"
COMMAND = Path(sys.executable).with_name("twimbot")

pytestmark = pytest.mark.skipif(not TOOL.is_file(), reason="../shared with the acceptance tool is not here")


@pytest.mark.parametrize("week", ["2026-02-06"])
async def test_a_real_week_is_taken_whole_and_leaves_less_to_do_than_the_incumbent(week: str) -> None:
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, str(TOOL), str(SHARED / "corpus" / week), "--json"),
        *("--twimbot", str(COMMAND), "--python", sys.executable),
        stdout=asyncio.subprocess.PIPE,
    )
    output, _ = await process.communicate()
    assert process.returncode == 0, output.decode()
    figures = json.loads(output)
    assert figures["taken"] == figures["entries"]
    assert figures["missed"] == []
    assert figures["ping_rows"] == "10/10"
    assert figures["live_video"]
    assert figures["stop_status"] == 0
    assert figures["hand_edits"] < incumbent(week)


def incumbent(week: str) -> int:
    """Return how many lines an editor changes by hand in what the bot in use makes of a week."""
    return int(json.loads(INCUMBENT.read_text(encoding="utf-8"))[week])
