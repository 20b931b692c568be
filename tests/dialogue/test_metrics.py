"""/metrics: figures of the running bot as Prometheus reads them, and nothing about anybody."""

import asyncio
from collections.abc import AsyncIterator

import aiohttp
import pytest
from prometheus_client import parser
from prometheus_client.openmetrics.parser import text_string_to_metric_families as read_open_metrics

from tests.dialogue.office import Office
from tests.dialogue.test_session import logged, process_of
from twimbot.app import Steady, open_client
from twimbot.config import Health
from twimbot.demo.homeserver import free_port
from twimbot.health import Figures, answering

OPEN_METRICS = "application/openmetrics-text; version=1.0.0"


async def read(url: str, accepted: str = "*/*") -> tuple[str, str]:
    """Return the metrics, and their content type."""
    async with aiohttp.ClientSession() as session, session.get(url, headers={"Accept": accepted}) as response:
        assert response.status == 200
        return await response.text(), response.headers["Content-Type"]


def values(text: str) -> dict[str, float]:
    """Return the samples that a text has, by their names and labels, as Prometheus' own parser reads them."""
    families = parser.text_string_to_metric_families(text)
    samples = (sample for family in families for sample in family.samples)
    return {" ".join((sample.name, *sample.labels.values())): sample.value for sample in samples}


@pytest.fixture
async def url() -> AsyncIterator[str]:
    """Answer with figures that are known."""
    known = Figures(5, 2, 3.5, {"not sent yet": 4}, entries=7, sends_waiting=0, sync_age=1.25)

    async def figures() -> Figures:
        return known

    address = f"127.0.0.1:{free_port()}"
    async with answering(Health(listen=address), lambda: True, figures):
        yield f"http://{address}/metrics"


async def test_each_figure_has_its_name(url: str) -> None:
    text, kind = await read(url)
    assert kind.startswith("text/plain; version=")
    assert values(text) == {
        "twimbot_events_read_total": 5,
        "twimbot_failures_total not sent yet": 4,
        "twimbot_export_seconds_count": 2,
        "twimbot_export_seconds_sum": 3.5,
        "twimbot_entries": 7,
        "twimbot_sends_waiting": 0,
        "twimbot_last_sync_age_seconds": 1.25,
    }


async def test_who_asks_for_open_metrics_has_them(url: str) -> None:
    text, kind = await read(url, OPEN_METRICS)
    assert kind.startswith("application/openmetrics-text")
    families = read_open_metrics(text)  # type: ignore[no-untyped-call]
    assert "twimbot_entries" in {family.name for family in families}


async def test_a_running_bot_tells_figures_and_nothing_about_anybody(office: Office) -> None:
    address = f"127.0.0.1:{free_port()}"
    config = office.config
    async with open_client(config) as client:
        steady = Steady(config, office.credentials, client, lambda: config)
        async with answering(Health(listen=address), lambda: steady.is_ready, steady.figures):
            assert "twimbot_entries" not in values((await read(f"http://{address}/metrics"))[0])
            running = asyncio.ensure_future(steady.run())
            try:
                await office.acknowledged(await office.submit("The tower has a new bell, which rings at noon."))
                await office.exported()
                text, _ = await read(f"http://{address}/metrics")
            finally:
                running.cancel()
                await asyncio.wait([running])
    now = values(text)
    assert now["twimbot_entries"] == 1
    assert now["twimbot_events_read_total"] >= 2
    assert now["twimbot_export_seconds_count"] == 1
    assert now["twimbot_export_seconds_sum"] > 0
    assert 0 <= now["twimbot_last_sync_age_seconds"] < 60
    assert "twimbot_sends_waiting" in now
    known = (office.submissions, office.editors_room, office.anna.user_id, office.bot.user_id, "Anna", "bell", "news")
    assert [word for word in known if word in text] == []


async def test_what_goes_wrong_is_counted_as_the_log_says_it(office: Office) -> None:
    address = f"127.0.0.1:{free_port()}"
    office.configure(homeserver=f"http://127.0.0.1:{free_port()}", health={"listen": address})
    async with process_of(office, {"TWIMBOT_PASSWORD": "x"}) as process:
        await logged(process, "waiting for the homeserver", 2)
        now = values((await read(f"http://{address}/metrics"))[0])
    assert now["twimbot_failures_total waiting for the homeserver"] >= 2
    assert "twimbot_last_sync_age_seconds" not in now, "it was never heard"
