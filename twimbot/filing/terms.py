"""The terms of a text: its words as they are compared, and where its links lead."""

import re
from collections.abc import Iterator

from Stemmer import Stemmer

WORD = re.compile(r"[^\W_]+(?:['\u2019][^\W_]+)*")
LINK = re.compile(r"https?://[^\s<>()\[\]\"'`]+")
LABELLED = re.compile(r"!?\[([^\[\]\n]*)\]\([^()\n]*\)")  # takes no time that grows faster than the text
HOST = re.compile(r"[\w.:-]{1,253}")
PROPOSAL = re.compile(r"msc\d+")

MOST_CHARACTERS = 16_384
"""How much of a text is looked at; what an entry is about is said before that."""

APOSTROPHE = re.compile("['\u2019]")

LONGEST_WORD = 40
"""Longer ones are no words: identifiers, hashes and keys."""

FORGES = ("github.com", "gitlab.com", "codeberg.org", "sr.ht")
"""Where a link's first two steps are an owner and a repository; other hosts whose name begins with `git` too."""

SHARED = frozenset({*FORGES, "matrix.to", "matrix.org", "spec.matrix.org", "youtube.com"})
"""Hosts that everybody links to, which say nothing about a text."""

_stemmer = Stemmer("english", 0)  # it keeps no words by itself: stemming one takes a microsecond


def tokens(text: str) -> list[str]:
    """Return the words of a text, without regard to case and with proposals' numbers left out, in order."""
    found = (match[0].casefold() for match in WORD.finditer(text))
    return ["msc" if PROPOSAL.fullmatch(word) else word for word in found if len(word) <= LONGEST_WORD]


def stem(word: str) -> str:
    """Return a word as its other forms are written too (Snowball's English stemmer)."""
    return str(_stemmer.stemWord(word))


def stems(text: str) -> frozenset[str]:
    """Return the stems of a text's words."""
    return frozenset(map(stem, tokens(text)))


def visible(text: str) -> str:
    """Return a text without its links' targets."""
    return LINK.sub(" ", LABELLED.sub(r" \1 ", text))


def addresses(text: str) -> Iterator[str]:
    """Yield where a text's links lead, as sites are compared: without scheme, `www.`, queries and closing signs."""
    for match in LINK.finditer(text):
        yield site(match[0])


def site(address: str) -> str:
    """Return an address as sites are compared: host and path, without regard to case."""
    bare = re.sub(r"^https?://(?:www\.)?", "", address.casefold())
    return re.split(r"[?#]", bare)[0].rstrip("/.,;:!*_").removesuffix(".git")


def repository(address: str) -> str | None:
    """Return the name of the repository that a site (see `site`) is, or lies in; None where it is none."""
    host, *path = address.split("/")
    is_forge = host in FORGES or host.startswith(("git.", "gitlab."))
    return path[1] if is_forge and len(path) > 1 else None


def terms(text: str) -> frozenset[str]:
    """Return what a text is found and compared by: the stems of its words, and the hosts and names it links to.

    Each is letters and digits, in hosts `.`, `:`, `_` and `-` too.
    """
    read = text[:MOST_CHARACTERS]
    found = {stem(word) for word in tokens(visible(read)) if len(word) > 1 and not word.isdecimal()}
    for address in addresses(read):
        host = address.partition("/")[0]
        name = repository(address)
        found.update(stem(word) for word in tokens(name or "") if not word.isdecimal())
        if host not in SHARED and HOST.fullmatch(host):
            found.add(host)
    return frozenset(term for each in found if (term := APOSTROPHE.split(each)[0]))
