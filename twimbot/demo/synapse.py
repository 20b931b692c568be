"""Runs Synapse in this process for as long as whoever started it lives: `python -m twimbot.demo.synapse -c FILE`.

The parent holds the other end of standard input. However the parent ends, the system closes that end, and this
process follows; nothing else notices a SIGKILL on every system.
"""

from twimbot.demo.processes import end_with_parent


def main() -> None:
    """Run Synapse with this process's own arguments."""
    from synapse.app.homeserver import main as run_synapse  # noqa: PLC0415 - takes a second, and may be missing

    run_synapse()


if __name__ == "__main__":
    end_with_parent()
    main()
