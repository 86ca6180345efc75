"""What must not stand in an SMS: characters that operators refuse, and links.

Vietnam's banks may put no links in SMS since 2025 (Circular 50/2024/TT-NHNN), and messages of
false base stations land in the genuine sender's thread: a citizen should never see one from us.
"""

import re

from notifier.domain.text import analyse, toneless

# VinaPhone's and brandname resellers' rules, as they publish them.
REFUSED_CHARACTERS = frozenset("%#&[]{}\\<@")

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


def has_link(text: str) -> bool:
    """Whether a phone or a citizen may take a part of the text for a link."""
    plain = toneless(text)
    return any(link.search(plain) for link in _LINKS)


def is_sendable(text: str) -> bool:
    """Whether a value may stand in an SMS as it is. Raises `LoneSurrogate`."""
    return not (refused_in(text) or has_link(text) or analyse(toneless(text)).forcing)
