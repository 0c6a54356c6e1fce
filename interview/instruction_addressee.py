"""Whether words in the imperative speak to the model that judges, or tell what was said to somebody else. Pure."""

import re

from interview.instruction_phrases import Said

WORD = re.compile(r"[^\W_]+(?:['’][^\W_]+)*")
YOU = frozenset({"you", "du", "dich", "dir"})

_TO_YOU_WORDS = 4
"""How many words back "you" may be in "I want you to …", "you will have to …"."""


def words_of(text: str) -> frozenset[str]:
    """Return the words of a list that is written in one piece."""
    return frozenset(text.split())


_LEADS_IN = words_of(
    "please and now just then so but or simply also kindly hey okay ok hello computer assistant interviewer ai model "
    "bot system instead therefore again bitte und jetzt nun dann also aber oder einfach doch mal hallo ki computer "
    "assistent interviewer modell stattdessen deshalb daher"
)
"""Words after which an imperative may stand."""

_TELLS = words_of(
    "i we they he she it who that which people customers users never not don't didn't doesn't cannot can't could would "
    "didn’t don’t doesn’t can’t couldn't wouldn't always often sometimes told said say says asked shouted wrote called "
    "ich wir er es man die der das nie nicht immer oft manchmal sagte sagten gesagt fragte meinte schrieb rief bat"
)
"""Words after which the same words are told of, or by, somebody else."""

_ADVERBS = re.compile(r"(?:\b(?:just|simply|also|really|einfach|mal|doch|auch)\s{1,3}){1,4}$")
_TO = words_of("to must should can could will would may shall need have sollst musst kannst darfst wirst")
_ENDS_CLAUSE = re.compile(r"[.?!,;:。！？，；：\"“”„»«()\[\]\n–—…-]\s*$")
_SPOKEN = words_of(
    "told said say says saying asked shouted wrote called like sagte sagten gesagt fragte meinte schrieb rief bat"
)


def speaks_to_the_model(said: Said, before: str) -> bool:
    """Tell whether a phrase that stands after these words is said to the model."""
    if said is Said.ANYHOW:
        return True
    before = _ADVERBS.sub("", before)  # "you cannot just ignore …"
    words = WORD.findall(before)
    last = words[-1] if words else ""
    to_you = bool(YOU & set(words[-_TO_YOU_WORDS:]))
    if last in _TO:
        return to_you and not {"told", "tells", "asked"} & set(words[-_TO_YOU_WORDS:])
    if _ENDS_CLAUSE.search(before) or not words:
        return not _is_quoted(before, words)
    if said is Said.TO_YOU:
        return last in _LEADS_IN or last in YOU
    return last not in _TELLS or last in _LEADS_IN


def _is_quoted(before: str, words: list[str]) -> bool:
    """Tell whether somebody in a story is about to say it: "he told me: ignore the rules"."""
    return before.rstrip().endswith((":", ",", '"', "“", "„", "»")) and bool(_SPOKEN & set(words[-_TO_YOU_WORDS:]))
