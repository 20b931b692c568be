"""What everybody knows about departments before there is an archive: words that go with the words of their titles.

Where a department's title has one of the words on the left, a text with words from the right may belong there.
"""

from twimbot.filing.terms import stem, stems

_TOPICS = {
    "clients": """client app application messenger android ios iphone macos windows linux desktop mobile tui gui gtk qt
        flutter gnome kde emacs timeline composer theme notification playstore flathub fdroid testflight nightly
        sidebar keyboard swiftui compose""",
    "servers": "homeserver server federation worker database postgres rocksdb sqlite cve endpoint admin",
    "bridges": "bridge bridging whatsapp telegram discord irc slack signal xmpp appservice puppeting",
    "bots": "bot chatbot maubot plugin command",
    "sdks": "sdk library crate binding framework api multiplatform package trait async dependency",
    "frameworks": "framework toolkit",
    "widgets": "widget iframe whiteboard poll",
    "spec": "spec specification msc proposal fcp",
    "events": """meetup conference stammtisch workshop summit fosdem cfp schedule retreat workation attend venue ticket
        congress hackerspace pub invite berlin wednesday thursday saturday sunday january february april june july
        august september october november december""",
    "talks": "talk podcast recording video speaker slides transcript interview",
    "safety": "moderation moderator abuse spam policy csam report ban",
    "voip": "call voip matrixrtc livekit rtc webrtc sfu turn",
    "encryption": "encryption e2ee olm megolm vodozemac mls cryptography",
    "ops": """deployment terraform ansible docker helm kubernetes monitoring administration prometheus observability
        dashboard uptime backup provider troubleshoot diagnostics selfhost""",
    "deployment": "deployment helm kubernetes docker ansible chart container install",
    "services": "hosting hosted managed customer subscription",
    "news": "article press coverage covered newspaper magazine award journalist recognised reported",
    "status": """foundation board governing membership donation sponsor fundraising budget election trademark director
        press annual government""",
    "jobs": "job hiring vacancy position career recruiting",
    "guides": "guide tutorial howto documentation",
    "videos": "video recording youtube",
    "things": "sensor iot device smart",
    "stats": "statistics stats collected count",
    "science": "gsoc intern internship research paper student",
    "groups": "group wg working committee governance",
    "projects": "toy hack hobby tool prototype experiment script extension",
    "elections": "election vote candidate nomination ballot",
    "hackathons": "hackathon hackday",
    "good": "humanitarian ngo charity",
    "thoughts": "",
}

TOPICS = {stem(word): stems(words) for word, words in _TOPICS.items()}

VAGUE = stems(
    """project status service services new news video videos guide event talk science social built internet thing final
    thought federation stat stats interesting good trust safety non chat working group job deployment framework room
    week p2p matrix department dept of and the in on for todo unknown section"""
)
"""Words of titles that many texts have which belong elsewhere."""


def title_terms(title: str) -> frozenset[str]:
    """Return the words of a department's title by which a text may name it."""
    return stems(title) - VAGUE


def topic_terms(title: str) -> frozenset[str]:
    """Return the words that go with a department's title."""
    return title_terms(title).union(*(TOPICS[word] for word in stems(title) & TOPICS.keys()))
