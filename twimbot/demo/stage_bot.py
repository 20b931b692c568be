"""Runs twimbot in this process for as long as whoever started it lives: `python -m twimbot.demo.stage_bot run …`."""

import runpy
import sys

from twimbot.demo.processes import end_with_parent

if __name__ == "__main__":
    end_with_parent()
    sys.argv[0] = "twimbot"
    runpy.run_module("twimbot", run_name="__main__")
