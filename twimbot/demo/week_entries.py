"""The invented week: who takes part, what the catalogue knows, and every word that is said."""

from types import MappingProxyType
from typing import Any

from twimbot.demo.week_messages import (
    BOT_NAME,
    with_html_alone,
    with_markdown_link,
    with_pill,
    with_plain_name,
    with_user_id,
    without_mention,
)

SERVER = "example.org"

EDITOR = "mirela"
PINGER = "sonar"

CAST = MappingProxyType(
    {
        EDITOR: "Mirela Duport",
        "tove": "Tove Lindqvist",
        "kwame": "Kwame Asante",
        "lucia": "Lúcia Carvalho",
        "oskar": "oskar",
        "yuki": "Yuki 🧶 Tanabe",
        "bela": "Béla Horváth",
        "rosa": "Rosa [she/her]",
        "noor": "Noor",
        PINGER: "Sonar",
    }
)
"""Everybody by the first part of their Matrix ID, with their display names."""

CATALOGUE: dict[str, Any] = {
    "departments": [
        {"key": "servers", "emoji": "🗄️", "title": "Dept of Servers 🗄️"},
        {"key": "bridges", "emoji": "🌉", "title": "Dept of Bridges 🌉"},
        {"key": "clients", "emoji": "📱", "title": "Dept of Clients 📱"},
        {"key": "sdks", "emoji": "🧰", "title": "Dept of SDKs and Frameworks 🧰"},
        {"key": "bots", "emoji": "🤖", "title": "Dept of Bots 🤖"},
        {
            "key": "events",
            "emoji": "🎪",
            "title": "Dept of Events and Talks 🎪",
            "reporters": [f"@bela:{SERVER}"],
            "aliases": ["talks"],
        },
    ],
    "projects": [
        {
            "key": "puddle",
            "title": "Puddle",
            "website": "https://puddle.example.org",
            "description": "A homeserver for one household, content with the computer that nobody wants any more.",
            "department": "servers",
            "reporters": [f"@kwame:{SERVER}"],
        },
        {
            "key": "pigeonhole",
            "title": "Pigeonhole",
            "website": "https://pigeonhole.example.org",
            "description": "A bridge between Matrix and the paper postcard.",
            "department": "bridges",
            "reporters": [f"@lucia:{SERVER}"],
        },
        {
            "key": "lanternfish",
            "label": "Lantern",
            "title": "Lanternfish",
            "website": "https://lanternfish.example.org",
            "description": "A client for the dark: every pixel that can stay black stays black.",
            "department": "clients",
            "reporters": [f"@tove:{SERVER}"],
        },
        {
            "key": "loom",
            "title": "Loom",
            "website": "https://loom.example.org",
            "description": "An SDK that weaves rooms into spreadsheets, and back.",
            "department": "sdks",
            "reporters": [f"@yuki:{SERVER}"],
        },
        {
            "key": "marginalia",
            "label": "MRG",
            "title": "Marginalia",
            "website": "https://marginalia.example.org",
            "description": "A bot that keeps a reading group's notes beside the pages they are about.",
            "department": "bots",
        },
    ],
}

CHAT = without_mention("TWIMday is still four days away, and I have read the last one twice. Good morning, everybody!")

LANTERNFISH = with_pill(
    """Lanternfish 2.4 is out, and it has learned to swim in deep water:

- Threads open beside the timeline instead of on top of it.
- Battery use at night is down by **a third**, measured on four old phones and one very old one.
- A long press on a picture reads its description aloud.

The full list is in the [release notes](https://lanternfish.example.org/notes/2.4)."""
)
LANTERNFISH_MORE = "The spots are its unread messages."
LANTERNFISH_ALT = "A lanternfish with three glowing spots, drawn over the dark blue of a timeline"

PUDDLE = with_plain_name(
    "Puddle 0.9 now joins a room of ten thousand people in eleven seconds, on a computer that was thrown away in 2013. "
    "The secret is to be lazy: state that nobody asks for is not worked out.\n\n"
    "Measurements, and how to repeat them: https://puddle.example.org/blog/lazy"
)

PUDDLE_TOO_SHORT = with_plain_name("Puddle has backups!")
PUDDLE_LONG_ENOUGH = with_plain_name(
    "Puddle has backups! `puddle backup` writes everything into one file while the server keeps running, and "
    "`puddle restore` asks twice before it overwrites anything."
)

POSTCARD_ON = (
    "Pigeonhole delivered its first postcard across a border on {day}: it took nine days, which the bridge reports as "
    "latency. Replies are photographed and posted into the room. *Stamps are not included.*"
)
PIGEONHOLE = with_markdown_link(POSTCARD_ON.format(day="Monday"))
PIGEONHOLE_CORRECTED = with_markdown_link(POSTCARD_ON.format(day="Tuesday"))
PIGEONHOLE_ALT = "A postcard with a stamp and a postmark: three hills in the evening sun"

MARGINALIA = with_user_id(
    "The reading group can now ask Marginalia what it thought: `!note find whales` lists every remark with the page "
    "that it was made on.\n\n"
    "> It found a note from 2019 in which I disagree with myself.\n\n"
    "Thanks to the Thursday readers for testing it on *two* very long novels."
)

LOOM = with_html_alone(
    "Loom 1.0 is here. Highlights: A cell can hold a poll, Types for every event, No more global state. "
    "Read the migration guide before you upgrade.",
    "<p><strong>Loom 1.0 is here.</strong> Highlights:</p>"
    "<ul><li>A cell can hold a poll</li><li>Types for <em>every</em> event</li><li>No more global state</li></ul>"
    '<p>Read the <a href="https://loom.example.org/guide/1.0">migration guide</a> before you upgrade.</p>',
)

SPOOL = with_pill(
    "# Spool 0.2\n\n"
    "Spool is a very small companion for Loom: it records what an account sees in a day and plays it back in tests. "
    "Start with `spool record --for 1h`, and see https://spool.example.org for the rest."
)

MEETUP_UNADDRESSED = without_mention(
    "The harbour meetup is on the 14th, in the old customs house: two talks, soup, and a boat if the wind is kind."
)
MEETUP = with_pill(
    "The harbour meetup is on the 14th, in the old customs house: two talks, soup, and a boat if the wind is kind. "
    "[Put yourself on the list](https://harbour.example.org/14), so that there is enough soup."
)

KETTLE = without_mention(
    "I made Kettle, a bot that does one thing: it says in the kitchen's room when the water boils. The whole of it is "
    "96 lines, most of which are about tea: https://kettle.example.org/source"
)

DRIFTWOOD_SECRET = with_pill("Driftwood 3 comes out next Thursday with calls in the terminal. Please tell nobody yet!")
DRIFTWOOD = with_pill(
    "Driftwood, the client for terminals that are older than its users, speaks three more languages: Frisian, Quechua "
    "and Welsh. Translators wanted for a fourth; it may be an invented one."
)

FLAT = with_plain_name(
    "I am looking for a room in the city from May on, quiet, not above the third floor. I bring cake."
)

SUNDIAL = with_markdown_link(
    "Sundial puts a room on an e-paper display by the door. It refreshes once a minute and runs for a month on one "
    "charge, longer in winter because fewer people write to me then."
)

LIBRARY = with_user_id(
    "On Saturdays the village library helps people set up their first account. So far 31 have come, the oldest of them "
    "84; she now moderates the room about bees."
)

LIVE_VIDEO = "https://youtu.be/TwimDemo-01"
LIVE_TITLE = "Lanternfish in the dark"

PINGS = MappingProxyType(
    {
        "harbour.example.org": (212, 187, 240),
        "puddle.example.org": (96, 143, 118),
        "customs-house.example.org": (301, 288, 295),
        "lighthouse.example.org": (77, 81, 90),
        "library.example.org": (455, 390, 2_140),
        "bees.example.org": (133, 129, 160),
        "kitchen.example.org": (8, 178, 166),
        "attic.example.org": (702, 655, 700),
        "customs.example.net": (254, 261, 249),
        "hills.example.net": (520, 498, 611),
        "postcard.example.net": (777_600_000, 340, 344),
        "cellar.example.net": (1_204, 1_350, 980),
    }
)
"""How long the echoes of each server took, in milliseconds; one clock is wrong, and one postcard was a postcard."""

INTRODUCTION = (
    f"A week of news, told in seconds. The homeserver (Synapse), the bot ({BOT_NAME}) and their database are real and "
    "live in a temporary folder; the people and projects are invented, and nothing leaves this machine."
)
