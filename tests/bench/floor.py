"""The floor of an answer: a bare loop that syncs and reacts, and keeps nothing (`python -m tests.bench.floor`).

It takes the homeserver's address, the room and a Matrix ID as arguments, and the access token from ACCESS_TOKEN. It
has the filter of the bot, and answers each message of somebody else with the bot's reaction, one after another.
"""

import asyncio
import itertools
import json
import os
import sys
from urllib.parse import quote

import aiohttp

from twimbot.demo.processes import end_with_parent
from twimbot.matrix.history import NO_EVENTS, TIMELINE


async def react_to_all(address: str, room: str, own_id: str, token: str) -> None:
    """React without end."""
    timeline = {**TIMELINE, "limit": 1000}  # as it fills no gaps
    room_filter = {"rooms": [room], "timeline": timeline, "state": NO_EVENTS, "ephemeral": NO_EVENTS}
    query = {"filter": json.dumps({"presence": NO_EVENTS, "room": room_filter}), "set_presence": "offline"}
    sending = f"{address}/_matrix/client/v3/rooms/{quote(room, safe='')}/send/m.reaction"
    numbers = itertools.count()
    async with aiohttp.ClientSession(headers={"Authorization": f"Bearer {token}"}) as session:
        while True:
            async with session.get(f"{address}/_matrix/client/v3/sync", params=query) as response:
                answer = await response.json()
            is_first = "since" not in query
            query |= {"since": answer["next_batch"], "timeout": "30000"}
            joined = {} if is_first else answer.get("rooms", {}).get("join", {})
            for event in joined.get(room, {}).get("timeline", {}).get("events", []):
                if event["type"] != "m.room.message" or event["sender"] == own_id:
                    continue
                relation = {"rel_type": "m.annotation", "event_id": event["event_id"], "key": "✅"}
                async with session.put(f"{sending}/floor{next(numbers)}", json={"m.relates_to": relation}) as response:
                    await response.read()


if __name__ == "__main__":
    end_with_parent()
    homeserver, room_id, user_id = sys.argv[1:]
    asyncio.run(react_to_all(homeserver, room_id, user_id, os.environ["ACCESS_TOKEN"]))
