"""A proxy on loopback, as HTTPS_PROXY and HTTP_PROXY name one: it has its own idea of where each host is."""

import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager, suppress
from urllib.parse import urlsplit

from twimbot.demo.homeserver import LOOPBACK

PIECE = 64 * 1024


class Proxy:
    """Passes on CONNECT and plain requests to the ports that `hosts` name; `asked` are the hosts asked for."""

    def __init__(self, hosts: Mapping[str, int]) -> None:
        self.asked: list[str] = []
        self.url = ""
        self._hosts = hosts

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Serve one connection."""
        with suppress(OSError, asyncio.IncompleteReadError):
            head = await reader.readuntil(b"\r\n\r\n")
            first, _, rest = head.partition(b"\r\n")
            method, target, version = first.decode().split(" ")
            address = urlsplit(f"//{target}" if method == "CONNECT" else target)
            self.asked.append(address.netloc)
            port = self._hosts.get(address.hostname or "")
            if port is None:
                writer.write(b"HTTP/1.1 502 Bad Gateway\r\nContent-Length: 0\r\nConnection: close\r\n\r\n")
            else:
                back_reader, back_writer = await asyncio.open_connection(LOOPBACK, port)
                if method == "CONNECT":
                    writer.write(b"HTTP/1.1 200 Connection established\r\n\r\n")
                else:
                    query = f"?{address.query}" if address.query else ""
                    back_writer.write(f"{method} {address.path}{query} {version}\r\n".encode() + rest)
                await asyncio.gather(pump(reader, back_writer), pump(back_reader, writer))
        writer.close()


@asynccontextmanager
async def proxying(hosts: Mapping[str, int]) -> AsyncIterator[Proxy]:
    """Run a proxy until the block ends."""
    proxy = Proxy(hosts)
    server = await asyncio.start_server(proxy.serve, LOOPBACK, 0)
    proxy.url = f"http://{LOOPBACK}:{server.sockets[0].getsockname()[1]}"
    try:
        yield proxy
    finally:
        server.close()


async def pump(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Pass on all that comes from one to the other, and close that in the end."""
    with suppress(OSError):
        while piece := await reader.read(PIECE):
            writer.write(piece)
            await writer.drain()
    writer.close()
