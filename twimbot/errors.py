"""Every error that a person meets, as one tree.

    TwimbotError
    ├── ConfigurationError   what the operator wrote can't be used                         (exit 2)
    ├── JobError             the configuration is fine, the job could not be done          (exit 1)
    │   ├── HomeserverError  the homeserver can't be reached, or refuses us                (exit 1)
    │   │   └── WrongHomeserver  `homeserver` leads to none                                (exit 2)
    │   ├── LoggedOut        the log-in has ended, and nothing is there to make another    (exit 3)
    │   ├── DatabaseError    the database can't be used as it is                           (exit 3)
    │   │   └── Unwritable   its disk is full, it is locked, …: worth another attempt later (exit 1)
    │   └── NothingToExport  the edition has no entries                                    (exit 1)
    └── CommandError         a command in the room was given wrongly                       (an answer in the room)

Each message is one sentence that says what was wrong, where, and what to do about it. A service manager may start
the bot again after exit status 1; after 2 and 3 the next start ends the same way until a person has done something.
"""


class TwimbotError(Exception):
    """The root: whatever twimbot raises on purpose."""

    exit_status = 1


class ConfigurationError(TwimbotError):
    """The configuration or the call is wrong; carries every mistake that was found."""

    exit_status = 2

    def __init__(self, *mistakes: str) -> None:
        super().__init__("\n".join(mistakes))
        self.mistakes = mistakes


class JobError(TwimbotError):
    """The job failed for a reason outside the configuration."""


class HomeserverError(JobError):
    """The homeserver can't be reached, is no homeserver, or does not let us in."""


class WrongHomeserver(HomeserverError):
    """What is configured as the homeserver leads to none: waiting for it would be in vain."""

    exit_status = 2


class LoggedOut(JobError):
    """The log-in has ended and can't be renewed: unlike a HomeserverError, no part can wait until this passes."""

    exit_status = 3


class DatabaseError(JobError):
    """The database is newer than this program, damaged, or in use."""

    exit_status = 3


class Unwritable(DatabaseError):
    """What the bot keeps can't be read or written just now, for a reason that may pass without a new start."""

    exit_status = 1


class NothingToExport(JobError):
    """The edition has no entries."""


class CommandError(TwimbotError):
    """A command given in a room can't be carried out; the sentence is the answer."""
