"""Which edition a moment belongs to, and when editions open and close."""

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

GRACE = timedelta(days=2)
"""For how long after its deadline a closed edition is still the one that commands mean (README, "In the room")."""

WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
MILLISECOND = timedelta(milliseconds=1)

LATEST = 253_370_764_800_000
"""The first millisecond of the year 9999: the calendar ends here, whatever moment a server claims."""


def moment(milliseconds: int) -> datetime:
    """Turn a Matrix `origin_server_ts` (milliseconds since 1970) into a UTC datetime.

    Servers can send any integer: one outside 1970 to 9999 becomes the nearer end.
    """
    return EPOCH + min(max(milliseconds, 0), LATEST) * MILLISECOND


def milliseconds(when: datetime) -> int:
    """Turn an aware datetime into whole milliseconds since 1970, as Matrix counts."""
    return (when - EPOCH) // MILLISECOND


@dataclass(frozen=True, slots=True)
class Calendar:
    """A weekly rhythm: a weekday (0 is Monday), the local time of the deadline, and its time zone."""

    weekday: int
    deadline_time: time
    timezone: ZoneInfo

    def deadline(self, edition: date) -> datetime:
        """Return the UTC moment at which an edition closes, on its own date in the calendar's time zone."""
        return datetime.combine(edition, self.deadline_time, self.timezone).astimezone(UTC)

    def opening(self, edition: date) -> datetime:
        """Return the UTC moment from which messages belong to an edition: the deadline before its own."""
        return self.deadline(edition - timedelta(days=7))

    def is_edition(self, day: date) -> bool:
        """Tell whether an edition comes out on this day."""
        return day.weekday() == self.weekday

    def edition_of(self, when: datetime) -> date:
        """Return the edition whose deadline is the first after a moment; a deadline itself is already over."""
        # From the day before, as a clock put forward can carry a deadline over midnight (Samoa had no 2011-12-30).
        day = when.astimezone(self.timezone).date() - timedelta(days=1)
        while not (self.is_edition(day) and self.deadline(day) > when):
            day += timedelta(days=1)
        return day

    def just_closed(self, now: datetime) -> date | None:
        """Return the edition that closed within the last two days, or None."""
        last = self.edition_of(now) - timedelta(days=7)
        return last if now - self.deadline(last) < GRACE else None
