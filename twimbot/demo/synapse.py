"""Runs Synapse in this process for as long as whoever started it lives: `python -m twimbot.demo.synapse -c FILE`.

The parent holds the other end of standard input. However the parent ends, the system closes that end, and this
process follows; nothing else notices a SIGKILL on every system.
"""

import os
import sys
import threading


def end_with_parent() -> None:
    """Wait until whoever started this process is gone, which closes its standard input, and end it then."""
    while os.read(sys.stdin.fileno(), 1024):
        pass
    # SQLite stands a sudden end, and with the parent gone nobody is left to wait for an orderly one.
    os._exit(0)


def main() -> None:
    """Run Synapse with this process's own arguments."""
    from synapse.app.homeserver import main as run_synapse  # noqa: PLC0415 - takes a second, and may be missing

    run_synapse()


if __name__ == "__main__":
    threading.Thread(target=end_with_parent, daemon=True).start()
    main()
