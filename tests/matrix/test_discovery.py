"""Where the homeserver is: the address that is written, or what a site's file names; and a sentence where it isn't."""

import asyncio
import json
import socket
import ssl
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from datetime import timedelta
from pathlib import Path

import pytest
from aiohttp import web

from tests.matrix.certificates import Authority
from tests.matrix.proxying import proxying, pump
from twimbot.demo.homeserver import LOOPBACK, Homeserver, free_port
from twimbot.errors import ConfigurationError, HomeserverError, WrongHomeserver
from twimbot.matrix.client import Client, Unreachable
from twimbot.matrix.discovery import VERSIONS, WELL_KNOWN, find

PAGE = "<html>Hello</html>"


@asynccontextmanager
async def site(files: Mapping[str, str | int | web.Response], tls: ssl.SSLContext | None = None) -> AsyncIterator[str]:
    """Run a web server with these files (a number: that status; another path: 404); yield its address."""

    async def answer(request: web.Request) -> web.StreamResponse:
        found = files.get(request.path, files.get("*", 404))
        if isinstance(found, web.Response):
            raise web.HTTPFound(found.headers["Location"])
        return web.Response(status=found) if isinstance(found, int) else web.Response(text=found)

    application = web.Application()
    application.router.add_get("/{path:.*}", answer)
    runner = web.AppRunner(application)
    await runner.setup()
    port = free_port()
    await web.TCPSite(runner, LOOPBACK, port, ssl_context=tls).start()
    try:
        yield f"{'https' if tls else 'http'}://localhost:{port}"
    finally:
        await runner.cleanup()


def redirect(to: str) -> web.Response:
    return web.Response(headers={"Location": to})


def naming(base: object) -> str:
    """Return a file that names a homeserver."""
    return json.dumps({"m.homeserver": {"base_url": base}})


async def found(configured: str, *, is_known: bool = False) -> str:
    client = Client(configured, "@news:example.org")
    try:
        await find(client, is_known=is_known)
        return client.homeserver
    finally:
        await client.close()


@pytest.fixture
def authority(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Authority:
    """Make an authority that is trusted in this test."""
    authority = Authority(tmp_path)
    monkeypatch.setenv("SSL_CERT_FILE", str(authority.file))
    return authority


def has_names() -> bool:
    """Tell whether somebody can be asked for names."""
    try:
        socket.getaddrinfo("nowhere.invalid", 443)
    except socket.gaierror as error:
        return error.errno != socket.EAI_AGAIN
    return False


class TestAnAddress:
    async def test_of_a_homeserver_is_used_as_it_is(self, homeserver: Homeserver) -> None:
        assert await found(homeserver.url + "/") == homeserver.url

    async def test_of_a_homeserver_is_used_whatever_its_file_says(self) -> None:
        files = {VERSIONS: '{"versions": ["v1.11"]}', WELL_KNOWN: naming("http://127.0.0.1:1")}
        async with site(files) as url:
            assert await found(url) == url

    @pytest.mark.parametrize("slash", ["", "/", "//"])
    async def test_of_a_site_is_followed_to_the_homeserver_that_it_names(
        self, homeserver: Homeserver, slash: str
    ) -> None:
        async with site({WELL_KNOWN: naming(homeserver.url + slash)}) as url:
            assert await found(url) == homeserver.url

    async def test_of_a_site_is_followed_through_redirects(self, homeserver: Homeserver) -> None:
        async with site({"/elsewhere": naming(homeserver.url)}) as other:
            files = {WELL_KNOWN: redirect("/.well-known/moved"), "/.well-known/moved": redirect(f"{other}/elsewhere")}
            async with site(files) as url:
                assert await found(url) == homeserver.url

    async def test_of_a_site_with_a_page_for_everything_but_that_file(self, homeserver: Homeserver) -> None:
        async with site({WELL_KNOWN: naming(homeserver.url), "*": PAGE}) as url:
            assert await found(url) == homeserver.url

    async def test_that_leads_to_another_homeserver_is_not_followed_there(self, homeserver: Homeserver) -> None:
        async with site({VERSIONS: redirect(homeserver.url + VERSIONS)}) as url:
            with pytest.raises(WrongHomeserver, match=f"{url} only leads to {homeserver.url}; check 'homeserver'"):
                await found(url)

    @pytest.mark.parametrize(
        ("files", "sentence"),
        [
            ({}, f"(HTTP 404, not in Matrix), and has no {WELL_KNOWN} that names one; check 'homeserver'"),
            ({"*": PAGE}, f"(HTTP 200, not in Matrix), and URL{WELL_KNOWN} is no JSON object; check 'homeserver'"),
            ({VERSIONS: "{}"}, "(HTTP 200, not in Matrix), and has no"),
            ({VERSIONS: '{"versions": 3}'}, "(HTTP 200, not in Matrix), and has no"),
            ({WELL_KNOWN: 403}, f"and URL{WELL_KNOWN} answers HTTP 403; check"),
            ({WELL_KNOWN: ""}, f"and URL{WELL_KNOWN} is empty; check"),
            ({WELL_KNOWN: "[1]"}, f"and URL{WELL_KNOWN} is no JSON object; check"),
            ({WELL_KNOWN: "[" * 100_000}, f"and URL{WELL_KNOWN} is no JSON object; check"),
            ({WELL_KNOWN: "{}"}, f"and URL{WELL_KNOWN} has no base_url of an m.homeserver; check"),
            ({WELL_KNOWN: '{"m.homeserver": 7}'}, f"and URL{WELL_KNOWN} has no base_url of an m.homeserver; check"),
            ({WELL_KNOWN: naming(7)}, f"and URL{WELL_KNOWN} names 7 as the homeserver, which is no address; check"),
            ({WELL_KNOWN: naming("ftp://a.org")}, "names 'ftp://a.org' as the homeserver, which is no address; check"),
            ({WELL_KNOWN: naming("https://")}, "names 'https://' as the homeserver, which is no address; check"),
        ],
    )
    async def test_of_no_homeserver_is_one_sentence(self, files: Mapping[str, str | int], sentence: str) -> None:
        async with site(files) as url:
            with pytest.raises(WrongHomeserver) as caught:
                await found(url)
        assert str(caught.value).startswith(f"{url} is no Matrix homeserver (")
        assert sentence.replace("URL", url) in str(caught.value)

    async def test_of_a_site_that_names_what_is_no_homeserver(self) -> None:
        async with site({"*": PAGE}) as other, site({WELL_KNOWN: naming(other)}) as url:
            with pytest.raises(
                WrongHomeserver, match=f"names {other} as the homeserver, but {other} is no Matrix home"
            ):
                await found(url)

    @pytest.mark.parametrize("files", [{VERSIONS: 503}, {WELL_KNOWN: 502}, {WELL_KNOWN: naming("http://127.0.0.1:1")}])
    async def test_that_may_work_later_is_waited_for(self, files: Mapping[str, str | int]) -> None:
        async with site(files) as url:
            with pytest.raises(Unreachable):
                await found(url)

    async def test_that_let_the_bot_in_before_is_always_waited_for(self) -> None:
        async with site({}) as url:
            with pytest.raises(Unreachable, match="is no Matrix homeserver"):
                await found(url, is_known=True)


class TestTheName:
    """Of a server, as it stands in Matrix IDs: only a proxy knows the way to port 443 of example.org here."""

    @staticmethod
    async def by_proxy(name: str, url: str, monkeypatch: pytest.MonkeyPatch) -> str:
        async with proxying({"example.org": int(url.rpartition(":")[2])}) as proxy:
            monkeypatch.setenv("HTTPS_PROXY", proxy.url)
            try:
                return await found(name)
            finally:
                assert proxy.asked

    async def test_is_found_by_its_file(
        self, homeserver: Homeserver, authority: Authority, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        async with site({WELL_KNOWN: naming(homeserver.url)}, authority.serve_as("example.org")) as url:
            assert await self.by_proxy("example.org", url, monkeypatch) == homeserver.url
            assert await self.by_proxy("example.org:8448", url, monkeypatch) == homeserver.url

    async def test_is_the_address_where_there_is_no_file(
        self, authority: Authority, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        async with site({VERSIONS: '{"versions": []}'}, authority.serve_as("example.org")) as url:
            assert await self.by_proxy("example.org", url, monkeypatch) == "https://example.org"
            assert await self.by_proxy("example.org:8448", url, monkeypatch) == "https://example.org:8448"

    @pytest.mark.parametrize(
        ("files", "sentence"),
        [
            (
                {},
                f"https://example.org is no Matrix homeserver (HTTP 404, not in Matrix), and has no {WELL_KNOWN} that",
            ),
            ({WELL_KNOWN: PAGE}, f"https://example.org{WELL_KNOWN} is no JSON object; correct that, or write an addr"),
            ({WELL_KNOWN: PAGE, VERSIONS: '{"versions": []}'}, f"https://example.org{WELL_KNOWN} is no JSON object; c"),
        ],
    )
    async def test_of_no_homeserver_is_one_sentence(
        self, files: Mapping[str, str], sentence: str, authority: Authority, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        async with site(files, authority.serve_as("example.org")) as url:
            with pytest.raises(WrongHomeserver) as caught:
                await self.by_proxy("example.org", url, monkeypatch)
        assert str(caught.value).startswith(sentence)

    @pytest.mark.skipif(not has_names(), reason="nobody tells here which names there are")
    async def test_that_nobody_has_is_one_sentence(self) -> None:
        with pytest.raises(
            WrongHomeserver, match=r"https://nowhere.invalid can't be reached: there is no host nowhere"
        ):
            await found("nowhere.invalid")


class TestTheConnection:
    async def test_in_tls_to_plain_http_is_told(self, homeserver: Homeserver) -> None:
        wrong = homeserver.url.replace("http:", "https:")
        with pytest.raises(WrongHomeserver) as caught:
            await asyncio.wait_for(found(wrong), 30)
        assert str(caught.value) == (
            f"{wrong} can't be reached: http is spoken there, at {homeserver.url}; check 'homeserver'"
        )

    async def test_in_plain_http_to_tls_is_told(self, authority: Authority) -> None:
        async with site({}, authority.serve_as("localhost")) as url:
            wrong = url.replace("https:", "http:")
            with pytest.raises(WrongHomeserver, match=f"{wrong} can't be reached: https is spoken there, at {url};"):
                await found(wrong)

    async def test_in_plain_http_to_tls_that_answers_with_a_page_is_told(self, authority: Authority) -> None:
        """As web servers do: 400, "The plain HTTP request was sent to HTTPS port"."""
        async with site({VERSIONS: '{"versions": []}'}, authority.serve_as("localhost")) as url:

            async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
                first = await reader.read(1)
                if first == b"\x16":  # a TLS record
                    back_reader, back_writer = await asyncio.open_connection(LOOPBACK, int(url.rpartition(":")[2]))
                    back_writer.write(first)
                    await asyncio.gather(pump(reader, back_writer), pump(back_reader, writer))
                else:
                    writer.write(b"HTTP/1.1 400 Bad Request\r\nContent-Length: 3\r\nConnection: close\r\n\r\nNo.")
                    writer.close()

            async with await asyncio.start_server(serve, LOOPBACK, 0) as server:
                wrong = f"http://localhost:{server.sockets[0].getsockname()[1]}"
                with pytest.raises(WrongHomeserver, match=f"{wrong} can't be reached: https is spoken there"):
                    await found(wrong)

    async def test_with_a_certificate_of_an_authority_that_is_trusted(self, authority: Authority) -> None:
        async with site({VERSIONS: '{"versions": []}'}, authority.serve_as("localhost")) as url:
            assert await found(url) == url

    @pytest.mark.parametrize(
        ("name", "lasts", "trusted", "sentence"),
        [
            (
                "localhost",
                1,
                False,
                "its certificate is not trusted (unable to get local issuer certificate); SSL_CERT_",
            ),
            ("localhost", -1, "trusted", "its certificate has expired; check 'homeserver'"),
            ("example.org", 1, "trusted", "its certificate is for another name; check 'homeserver'"),
        ],
    )
    async def test_with_a_certificate_that_does_not_fit_is_told(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str, lasts: int, trusted: str, sentence: str
    ) -> None:
        authority = Authority(tmp_path)
        if trusted:
            monkeypatch.setenv("SSL_CERT_FILE", str(authority.file))
        async with site({}, authority.serve_as(name, lasts=timedelta(days=lasts))) as url:
            with pytest.raises(WrongHomeserver) as caught:
                await found(url)
            assert f"{url} can't be reached: {sentence}" in str(caught.value)
            with pytest.raises(Unreachable):  # it may be renewed
                await found(url, is_known=True)

    @pytest.mark.parametrize(("content", "said"), [(None, "No such file"), ("nothing", "there are no certificates in")])
    async def test_needs_authorities_that_can_be_read(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, content: str | None, said: str
    ) -> None:
        file = tmp_path / "authorities.pem"
        if content:
            file.write_text(content, encoding="utf-8")
        monkeypatch.setenv("SSL_CERT_FILE", str(file))
        with pytest.raises(ConfigurationError, match=f"SSL_CERT_FILE: {file} can't be used: {said}"):
            await found("https://localhost:1")

    async def test_that_is_refused_is_waited_for(self) -> None:
        address = f"https://{LOOPBACK}:{free_port()}"
        with pytest.raises(Unreachable, match=f"{address} can't be reached: Connection refused$"):
            await found(address)


class TestAProxy:
    async def test_passes_on_what_is_plain(self, homeserver: Homeserver, monkeypatch: pytest.MonkeyPatch) -> None:
        async with proxying({"example.org": int(homeserver.url.rpartition(":")[2])}) as proxy:
            monkeypatch.setenv("HTTP_PROXY", proxy.url)
            assert await found("http://example.org") == "http://example.org"
            assert proxy.asked == ["example.org"]

    async def test_is_not_asked_for_hosts_that_no_proxy_names(
        self, homeserver: Homeserver, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        async with proxying({}) as proxy:
            monkeypatch.setenv("HTTP_PROXY", proxy.url)
            monkeypatch.setenv("NO_PROXY", f"example.org,{LOOPBACK}")
            assert await found(homeserver.url) == homeserver.url
            assert proxy.asked == []

    @pytest.mark.parametrize("scheme", ["http", "https"])
    async def test_that_does_not_know_the_host_is_told(self, monkeypatch: pytest.MonkeyPatch, scheme: str) -> None:
        async with proxying({}) as proxy:
            monkeypatch.setenv(f"{scheme.upper()}_PROXY", proxy.url)
            with pytest.raises(HomeserverError, match=r"answered 502|answers HTTP 502"):
                await found(f"{scheme}://example.org")

    @pytest.mark.parametrize("scheme", ["http", "https"])
    async def test_that_is_away_is_told_without_its_password(
        self, monkeypatch: pytest.MonkeyPatch, scheme: str
    ) -> None:
        port = free_port()
        monkeypatch.setenv(f"{scheme.upper()}_PROXY", f"http://me:secret@{LOOPBACK}:{port}")
        with pytest.raises(HomeserverError) as caught:
            await found(f"{scheme}://example.org")
        assert str(caught.value) == (
            f"{scheme}://example.org can't be reached: its proxy {LOOPBACK}:{port} can't be reached: Connection refused"
        )

    async def test_of_another_kind_is_told(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("HTTPS_PROXY", "socks5://127.0.0.1:1080")
        with pytest.raises(ConfigurationError, match="HTTPS_PROXY: socks5 proxies can't be used"):
            await found("https://example.org")
