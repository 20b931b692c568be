"""Which edition a moment belongs to: in summer and winter, around deadlines, and at the ends of time."""

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from twimbot.model.calendar import GRACE, LATEST, Calendar, milliseconds, moment

PARIS = Calendar(weekday=4, deadline_time=time(17), timezone=ZoneInfo("Europe/Paris"))
FRIDAY = date(2026, 2, 6)


def utc(text: str) -> datetime:
    """Return a UTC moment written without its zone."""
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


@pytest.mark.parametrize(
    ("sent", "edition"),
    [
        ("2026-02-01 12:00", date(2026, 2, 6)),
        ("2026-02-06 15:59:59", date(2026, 2, 6)),
        ("2026-02-06 16:00", date(2026, 2, 13)),
        ("2026-02-06 23:30", date(2026, 2, 13)),
        ("2026-07-03 14:59:59", date(2026, 7, 3)),
        ("2026-07-03 15:00", date(2026, 7, 10)),
        ("2025-12-31 23:59", date(2026, 1, 2)),
    ],
)
def test_a_message_belongs_to_the_edition_of_the_next_deadline(sent: str, edition: date) -> None:
    """Deadlines are at 17:00 in Paris, an hour earlier by UTC in summer; the deadline itself is too late."""
    assert PARIS.edition_of(utc(sent)) == edition


@pytest.mark.parametrize(
    ("edition", "length"),
    [
        (date(2026, 3, 27), timedelta(days=7)),
        (date(2026, 4, 3), timedelta(days=7, hours=-1)),
        (date(2026, 10, 30), timedelta(days=7, hours=1)),
    ],
)
def test_an_edition_in_which_the_clocks_change_is_an_hour_shorter_or_longer(edition: date, length: timedelta) -> None:
    assert PARIS.deadline(edition) - PARIS.opening(edition) == length


def test_a_deadline_that_the_clocks_skip_falls_as_much_later() -> None:
    sunday = Calendar(6, time(2, 30), ZoneInfo("Europe/Paris"))
    assert sunday.deadline(date(2026, 3, 29)) == utc("2026-03-29 01:30")


def test_of_a_deadline_that_the_clocks_show_twice_the_first_counts() -> None:
    sunday = Calendar(6, time(2, 30), ZoneInfo("Europe/Paris"))
    assert sunday.deadline(date(2026, 10, 25)) == utc("2026-10-25 00:30")


def test_an_edition_on_a_day_that_was_skipped_still_closes() -> None:
    """Samoa went from Thursday, 29 December 2011 straight to Saturday."""
    samoa = Calendar(4, time(17), ZoneInfo("Pacific/Apia"))
    assert samoa.edition_of(utc("2011-12-30 12:00")) == date(2011, 12, 30)
    assert samoa.edition_of(utc("2011-12-31 03:00")) == date(2012, 1, 6)


@given(
    st.datetimes(datetime(1970, 1, 1), datetime(2100, 1, 1), timezones=st.just(UTC)),  # noqa: DTZ001 - hypothesis adds it
    st.integers(0, 6),
    st.times(),
    st.sampled_from(
        ("UTC", "Europe/Paris", "America/St_Johns", "Australia/Lord_Howe", "Pacific/Apia", "Pacific/Kiritimati")
    ).map(ZoneInfo),
)
def test_every_moment_is_after_the_opening_and_before_the_deadline_of_its_edition(
    when: datetime, weekday: int, deadline: time, timezone: ZoneInfo
) -> None:
    calendar = Calendar(weekday, deadline, timezone)
    edition = calendar.edition_of(when)
    assert calendar.is_edition(edition)
    assert calendar.opening(edition) <= when < calendar.deadline(edition)


@pytest.mark.parametrize(
    ("now", "edition"),
    [
        ("2026-02-06 15:59", None),
        ("2026-02-06 16:00", FRIDAY),
        ("2026-02-08 15:59", FRIDAY),
        ("2026-02-08 16:00", None),
    ],
)
def test_an_edition_has_just_closed_for_two_days(now: str, edition: date | None) -> None:
    assert timedelta(days=2) == GRACE
    assert PARIS.just_closed(utc(now)) == edition


@given(st.integers(0, LATEST))
def test_a_moment_keeps_its_milliseconds(count: int) -> None:
    assert milliseconds(moment(count)) == count


@given(st.datetimes(datetime(1970, 1, 1), datetime(2100, 1, 1), timezones=st.just(UTC)))  # noqa: DTZ001 - as above
def test_milliseconds_are_those_that_are_over(when: datetime) -> None:
    assert timedelta() <= when - moment(milliseconds(when)) < timedelta(milliseconds=1)


@pytest.mark.parametrize("claimed", [-1, -(10**30), 10**30])
def test_a_moment_outside_of_time_becomes_an_end_of_it_that_has_an_edition(claimed: int) -> None:
    when = moment(claimed)
    assert when.year in {1970, 9999}
    assert PARIS.edition_of(when) >= when.date()
