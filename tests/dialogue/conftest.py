"""An office for each test."""

from pathlib import Path

import pytest

from tests.conftest import Newcomer
from tests.dialogue.office import Office, found_office
from twimbot.demo.homeserver import Homeserver


@pytest.fixture
async def office(homeserver: Homeserver, newcomer: Newcomer, tmp_path: Path) -> Office:
    """Found a publication with rooms of its own on the real homeserver; its bot is not running yet."""
    return await found_office(homeserver, newcomer, tmp_path)
