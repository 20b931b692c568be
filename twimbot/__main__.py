"""`python -m twimbot` is `twimbot`."""

from twimbot.cli import main

main()
