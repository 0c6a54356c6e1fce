"""Text as matching and counting see it: folded characters that remember where they came from. Pure."""

import re
import unicodedata
from dataclasses import dataclass
from functools import lru_cache

_APOSTROPHES = frozenset("'’‘ʼ＇`´")
_UNSPACED_SCRIPTS = (
    (0x0E00, 0x0EFF),  # Thai, Lao
    (0x1000, 0x109F),  # Myanmar
    (0x1780, 0x17FF),  # Khmer
    (0x3040, 0x30FF),  # kana
    (0x3400, 0x4DBF),  # CJK
    (0x4E00, 0x9FFF),
    (0xF900, 0xFAFF),
    (0x20000, 0x3FFFF),
)
UNSPACED = re.compile(f"[{''.join(f'{chr(low)}-{chr(high)}' for low, high in _UNSPACED_SCRIPTS)}]")
"""One character of a script that writes no spaces between words."""
GAP = " "
"""Stands for any run of white space and punctuation in folded text."""


@dataclass(frozen=True)
class Folded:
    """`text` without case, punctuation and typographic variants; `origin[i]` is where its character i came
    from.

    Words are parted by one `GAP`; there is none at either end.
    """

    text: str
    origin: tuple[int, ...]


def fold(text: str) -> Folded:
    """Fold compatibility forms, case, white space and punctuation, so that only the words remain.

    Apostrophes vanish (don't = dont), a point or comma between digits stays (3.5 is not 3 5), any other mark
    parts words.
    """
    chars: list[str] = []
    origin: list[int] = []
    gap = False
    for index, char in enumerate(text):
        if char in _APOSTROPHES:
            continue
        folded = _folded(char)
        if folded is None and _in_number(text, index):
            folded = char
        if folded is None:
            gap = True
            continue
        if gap and chars:
            chars.append(GAP)
            origin.append(index)
        gap = False
        chars.extend(folded)
        origin.extend([index] * len(folded))
    return Folded("".join(chars), tuple(origin))


def is_unspaced(char: str) -> bool:
    """Tell whether a character belongs to a script that writes no spaces between words."""
    return UNSPACED.fullmatch(char) is not None


@lru_cache(maxsize=4096)
def _folded(char: str) -> str | None:
    """Fold one character of a word; None for what is none. An interview has a few hundred different ones."""
    if unicodedata.category(char)[0] not in "LNM":
        return None
    return unicodedata.normalize("NFKD", unicodedata.normalize("NFKD", char).casefold())


def _in_number(text: str, index: int) -> bool:
    if text[index] not in ".," or index == 0 or index + 1 >= len(text):
        return False
    return text[index - 1].isdigit() and text[index + 1].isdigit()
