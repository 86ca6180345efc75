"""What must not stand in an SMS: characters that operators refuse, and links.

Vietnam's banks may put no links in SMS since 2025 (Circular 50/2024/TT-NHNN), and messages of
false base stations land in the genuine sender's thread: a citizen should never see one from us,
unless the office has said that its words may lead there.
"""

import re

from notifier.domain.text import analyse, toneless

# VinaPhone's and brandname resellers' rules, as they publish them.
REFUSED_CHARACTERS = frozenset("%#&[]{}\\<@")

ANY_VALUE = "\uf8ff"  # stands where a value will be: a private character, in no text
NO_HOSTS: frozenset[str] = frozenset()

_AROUND = ".,;:!?()\"'"  # what a sentence puts around a link
_LONGEST_HOST = 100
_HOST = re.compile(
    r"(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)+(?:[a-z]{2,24}|xn--[a-z0-9-]{1,59})"
)
# Before it nothing that it could be a part of, behind it neither, nor a port.
_ALLOWED = (
    rf"(?i)(?<![\w.@:/{ANY_VALUE}-])(?:https?://)?{{}}"
    rf"(?![\w@{ANY_VALUE}-]|[.:][\w{ANY_VALUE}])"
)
_NEVER_A_WORD = (
    "vn|com|net|org|info|edu|gov|biz|xyz|top|site|online|shop|store|club|live|link|click|app|dev"
    "|page|icu|vip|asia|mobi|work|win|bet|fun|cloud|cc|tk|ml|cf|gq"
)
# Each looks at one dot or colon and its neighbours, so that no input makes them slow.
_LINKS = (
    re.compile(r"(?i)(?<=[a-z])://|(?<![a-z0-9])www\."),
    re.compile(rf"(?i)(?<=[a-z0-9-])\.(?:{_NEVER_A_WORD})(?![a-z0-9-])"),
    # A short syllable may end a sentence, but not before a path: bit.ly/x, t.me/x.
    re.compile(r"(?<=[A-Za-z0-9-])\.(?:[a-z]{2,24}|LY|ME|TO|CO|GL|IO)/\S"),
    re.compile(r"(?<![\d.])\d{1,3}(?:\.\d{1,3}){3}[:/]\S"),
)


def refused_in(text: str) -> list[str]:
    """The characters of the text that operators refuse."""
    return sorted(REFUSED_CHARACTERS.intersection(text))


def has_link(text: str, allowed: frozenset[str] = NO_HOSTS) -> bool:
    """Whether a phone or a citizen may take a part of the text for a link.

    One to an `allowed` host, written in full and in plain letters, is none.
    """
    left = toneless(_without(text, allowed))
    # A value may be a letter or begin and end with something else: both make links.
    readings = {left.replace(ANY_VALUE, value) for value in ("W", " ")}
    return any(link.search(plain) for link in _LINKS for plain in readings)


def links_in(text: str, allowed: frozenset[str] = NO_HOSTS) -> list[str]:
    """The words of the text that hold a link, as they stand in it."""
    return [word.strip(_AROUND) for word in text.split() if has_link(word, allowed)]


def is_sendable(text: str, allowed: frozenset[str] = NO_HOSTS) -> bool:
    """Whether a value may stand in an SMS as it is. Raises `LoneSurrogate`."""
    return not (refused_in(text) or has_link(text, allowed) or analyse(toneless(text)).forcing)


def read_host(text: str) -> str:
    """The host that a person means, also by a whole address. Raises `ValueError`."""
    host = re.sub(r"(?i)^https?://", "", text.strip()).partition("/")[0].rstrip(".").lower()
    if len(host) > _LONGEST_HOST or not _HOST.fullmatch(host):
        raise ValueError("it is no host such as dichvucong.gov.vn")
    return host


def _without(text: str, allowed: frozenset[str]) -> str:
    """The text with each allowed host gone, and what stands behind it left to be looked at.

    It is read as it stands, before tones are stripped: a host with a tone is another host. What
    touches it on either side, a value's place too, would make it another one.
    """
    for host in sorted(allowed):
        text = re.sub(_ALLOWED.format(re.escape(host)), "W", text)
    return text
