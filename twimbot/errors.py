"""Every error that a person meets, as one tree.

    TwimbotError
    ├── ConfigurationError   what the operator wrote can't be used                (exit 2)
    ├── JobError             the configuration is fine, the job could not be done (exit 1)
    │   ├── HomeserverError  the homeserver can't be reached, or refuses us
    │   ├── LoggedOut        the log-in has ended, and there is nothing to make another one with
    │   ├── DatabaseError    the database can't be used as it is
    │   │   └── Unwritable   its disk is full, it is locked, …: worth another attempt later
    │   └── NothingToExport  the edition has no entries
    └── CommandError         a command in the room was given wrongly              (an answer in the room)

Each message is one sentence that says what was wrong, where, and what to do about it.
"""


class TwimbotError(Exception):
    """The root: whatever twimbot raises on purpose."""


class ConfigurationError(TwimbotError):
    """The configuration or the call is wrong; carries every mistake that was found."""

    def __init__(self, *mistakes: str) -> None:
        super().__init__("\n".join(mistakes))
        self.mistakes = mistakes


class JobError(TwimbotError):
    """The job failed for a reason outside the configuration."""


class HomeserverError(JobError):
    """The homeserver can't be reached, is no homeserver, or does not let us in."""


class LoggedOut(JobError):
    """The log-in has ended and can't be renewed: unlike a HomeserverError, no part can wait until this passes."""


class DatabaseError(JobError):
    """The database is newer than this program, damaged, or in use."""


class Unwritable(DatabaseError):
    """What the bot keeps can't be read or written just now, for a reason that may pass without a new start."""


class NothingToExport(JobError):
    """The edition has no entries."""


class CommandError(TwimbotError):
    """A command given in a room can't be carried out; the sentence is the answer."""
