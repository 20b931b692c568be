"""A desk for each test."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.desk.scene import Scene, open_scene


@pytest.fixture
async def scene(tmp_path: Path) -> AsyncIterator[Scene]:
    """Open a desk with its rooms on a fresh SQLite file."""
    async with open_scene(tmp_path) as opened:
        yield opened
