"""The ping table: medians of what counts, the lowest first."""

import math

import pytest

from twimbot.export.pings import PingRow, ping_rows
from twimbot.model.entry import Pong


def rows(*pongs: tuple[str, float]) -> list[tuple[int, str, str]]:
    return [(row.rank, row.hostname, row.milliseconds) for row in ping_rows(Pong(*pong) for pong in pongs)]


def test_servers_are_ranked_by_their_medians() -> None:
    assert rows(("b.example.org", 300), ("a.example.org", 200), ("b.example.org", 100), ("b.example.org", 101)) == [
        (1, "b.example.org", "101"),
        (2, "a.example.org", "200"),
    ]


def test_an_even_number_of_pongs_has_its_median_between_two() -> None:
    assert rows(("a.example.org", 100), ("a.example.org", 101)) == [(1, "a.example.org", "100.5")]


def test_equal_medians_stand_by_hostname() -> None:
    assert [row[1] for row in rows(("b.example.org", 100), ("A.example.org", 100))] == [
        "a.example.org",
        "b.example.org",
    ]


def test_only_ten_are_named() -> None:
    assert len(rows(*((f"s{number}.example.org", 100 + number) for number in range(12)))) == 10


@pytest.mark.parametrize("milliseconds", [9.9, 0, -5, 600_000.5, math.inf, math.nan])
def test_broken_clocks_and_stuck_queues_are_left_out(milliseconds: float) -> None:
    assert rows(("a.example.org", milliseconds)) == []


def test_the_bounds_themselves_count() -> None:
    assert [row[2] for row in rows(("a.example.org", 10), ("b.example.org", 600_000))] == ["10", "600000"]


@pytest.mark.parametrize(
    "server",
    [
        "",
        "a b",
        "a|b",
        "-a.org",
        "a..b",
        "[x](y)",
        "a.org\n",
        "é.example.org",
        "a" * 64,
        "a:",
        "a:b",
        "[a](b):1",
        "[x]",
    ],
)
def test_what_is_no_hostname_is_left_out(server: str) -> None:
    assert ping_rows([Pong(server, 100)]) == ()


@pytest.mark.parametrize("server", ["a.example.org:8448", "192.0.2.1:8448", "192.0.2.1", "[2001:db8::1]", "[::1]:8448"])
def test_a_server_may_have_a_port_or_be_an_address(server: str) -> None:
    assert rows((server, 100)) == [(1, server, "100")]


def test_no_pongs_no_rows() -> None:
    assert ping_rows([]) == ()


def test_a_row_says_its_rank() -> None:
    assert ping_rows([Pong("localhost", 99)]) == (PingRow(1, "localhost", "99"),)
