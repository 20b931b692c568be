"""`python -m twimbot` is `twimbot`."""

import sys

try:
    from twimbot.cli import main

    main()
except KeyboardInterrupt:
    sys.exit(130)
