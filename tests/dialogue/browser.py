"""A browser whose user is logged in at the CAS server: `python -m tests.dialogue.browser ADDRESS` goes where it leads.

A stand-in for Firefox: it follows redirects, and on the homeserver's question whether to go on it clicks yes.
"""

import asyncio
import html
import re
import sys

import aiohttp
from yarl import URL


async def browse(address: str) -> str:
    """Open an address, and return the last page that comes of it."""
    async with aiohttp.ClientSession() as session:
        async with session.get(address) as response:
            page = await response.text()
        links = [html.unescape(link) for link in re.findall(r'href="([^"]*loginToken=[^"]*)"', page)]
        if not links:
            return page
        async with session.get(URL(links[0], encoded=True)) as response:
            return await response.text()


if __name__ == "__main__":
    asyncio.run(browse(sys.argv[1]))
