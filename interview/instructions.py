"""Finding words of a candidate that are meant for the scoring model. Pure.

The model is told that a transcript is data; a small one may obey all the same. So what reads like an instruction
to it is kept from it and reported, while the transcript itself stays as it was said. English only.
"""

import re

WITHHELD = "[…]"
_TOP = r"(?:five|5|full|highest|maximum|top)"
_MARK = r"(?:scores?|marks?|levels?|ratings?|points)"
_INSTRUCTS = re.compile(
    r"\b(?:ignore|disregard|forget|override)\b[^.?!]{0,40}?\b(?:instructions?|prompts?|rubrics?|rules)\b"
    rf"|\b(?:give|rate|score|grade|assign)\b[^.?!]{{0,20}}?\b(?:{_TOP}(?:\s+possible)?\s+(?:{_MARK}|out\s+of)\b"
    rf"(?:\s+(?:five|5)\b)?|{_MARK}\s+(?:of\s+)?(?:five|5)\b)"
    r"|\bsystem prompt\b|\byou are (?:now )?an? (?:ai|language model|assistant)\b"
    r"|</?\s*(?:transcript|system|user|assistant)\b[^>]{0,20}>?",
    re.IGNORECASE,
)


def has_instruction(text: str) -> bool:
    """Tell whether any words read like an instruction to a scoring model."""
    return _INSTRUCTS.search(text) is not None


def without_instructions(text: str) -> str:
    """Return the text with such words replaced by `WITHHELD`."""
    return _INSTRUCTS.sub(WITHHELD, text)
