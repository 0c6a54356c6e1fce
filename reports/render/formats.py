"""How figures, times and texts are shown, the same in every format. Pure."""

import re
import unicodedata
from datetime import datetime

NOTHING = "–"
_CONTROLS = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ufffe\uffff]")


def clock(value_s: float | None) -> str:
    """Show a moment of the interview: 1:05, or 1:02:03 from an hour on."""
    if value_s is None:
        return NOTHING
    whole = int(abs(value_s))
    hours, minutes, seconds = whole // 3600, whole // 60 % 60, whole % 60
    sign = "−" if value_s < 0 and whole else ""
    return f"{sign}{hours}:{minutes:02}:{seconds:02}" if hours else f"{sign}{minutes}:{seconds:02}"


def duration(value_s: float | None) -> str:
    """Show a duration: 0 s, 0.42 s, 12.3 s, 3 min 20 s, 30 min, 2 h 5 min."""
    if value_s is None:
        return NOTHING
    if value_s < 0.005:
        return "0 s"
    if value_s < 10:
        return f"{value_s:.2f} s"
    if value_s < 59.95:
        return f"{value_s:.1f} s"
    minutes, seconds = divmod(round(value_s), 60)
    if minutes >= 60:
        hours, minutes = divmod(minutes, 60)
        return f"{hours} h {minutes} min" if minutes else f"{hours} h"
    return f"{minutes} min {seconds} s" if seconds else f"{minutes} min"


def percent(share: float | None) -> str:
    """Show a share of 1 in whole per cent."""
    return NOTHING if share is None else f"{share:.0%}"


def moment(value: datetime | None) -> str:
    """Show a UTC time."""
    return NOTHING if value is None else f"{value.day} {value:%B %Y, %H:%M} UTC"


def usd(value: float) -> str:
    """Show an amount of money; what is less than a cent with four digits."""
    return f"{value:.2f} USD" if value >= 0.01 or value == 0 else f"{value:.4f} USD"


def words(name: str) -> str:
    """Show a name of ours (`no_face`, `COMPLETED`) as words."""
    return name.replace("_", " ").lower()


def sentence(name: str) -> str:
    """Show a name of ours as words with a capital."""
    shown = words(name)
    return shown[:1].upper() + shown[1:]


def counted(n: int, one: str, many: str = "") -> str:
    """Show a number of things: 1 word, 2 words."""
    return f"{n} {one if n == 1 else many or one + 's'}"


def visible(text: str) -> str:
    """Leave out control characters, which no page can show; line breaks and tabs stay."""
    return _CONTROLS.sub("", text)


def is_rtl(text: str) -> bool:
    """Tell whether a text is read from right to left: by its first letter that has a direction."""
    for char in text:
        kind = unicodedata.bidirectional(char)
        if kind in ("R", "AL"):
            return True
        if kind == "L":
            return False
    return False


def shortened(text: str, width: int) -> str:
    """Cut a text at `width` columns, of which a wide character takes two and a combining one none."""
    room = width
    for index, char in enumerate(text):
        room -= 0 if unicodedata.combining(char) else 2 if unicodedata.east_asian_width(char) in "WF" else 1
        if room < 0:
            return text[: max(index - 1, 0)].rstrip() + "…"
    return text
