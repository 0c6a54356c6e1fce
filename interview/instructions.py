"""Finding words of a candidate that are meant for the model that judges them. Pure, and linear in the text.

The model is told that a transcript is data; a small one may obey all the same. So what reads like an instruction to it
is kept from it and reported, while the transcript itself stays as it was said. English and German, whatever the
interview's language: an attempt is made in the language that works.

What makes words an instruction is whom they speak to: "I told the team to ignore the old rules" tells a story, "ignore
your rules" does not. So most patterns count only where their verb begins a clause or is said to "you" (`Said`).
"""

import re
from collections.abc import Iterator
from typing import NamedTuple

from interview.instruction_addressee import WORD, YOU, speaks_to_the_model, words_of
from interview.instruction_phrases import PHRASES, Said
from interview.once import once_a_text

WITHHELD = "[…]"

_BEFORE_CHARS = 80


class _Pattern(NamedTuple):
    words: re.Pattern[str]
    said: Said


_GAP = r"[^.?!;:]{0,40}?"
_SHORT_GAP = r"[^.?!;:]{0,24}?"

_RULES = (
    r"(?:instructions?|prompts?|rubrics?|rules|guidelines|guardrails|programming|directives?|restrictions|constraints"
    r"|criteria|orders)"
)
_OLDER = r"(?:previous|prior|earlier|above|former|original|initial|system|internal|hidden|secret|preceding|past)"
_IGNORE = r"(?:ignore|disregard|forget|override|bypass|overrule|drop|skip|neglect|discard)"
_GIVE_UP_ON = r"(?:ignore|disregard|forget|override|bypass|overrule)"
_GIVE = r"(?:give|rate|score|grade|assign|award|mark|evaluate|assess|put|set|make)"
_ME = r"(?:me|my|mine|us|this|that|it|the answer|the candidate|the score|the rating|every(?:one|body)?|all|each)"
_TOP = r"(?:five|5|ten|10|hundred|100|full|highest|maximum|max|top|best|perfect|excellent|outstanding)"
_MARK = r"(?:scores?|marks?|levels?|ratings?|points?|grades?|evaluations?|assessments?|stars?|credit|percent)"
_BEST = (
    rf"(?:{_TOP}(?:\s+possible)?\s+(?:{_MARK}|out\s+of)\b(?:\s+(?:five|5|ten|10)\b)?|{_MARK}\s+(?:of\s+)?(?:five|5|ten|10)\b"
    r"|as (?:complete|correct|perfect|excellent|outstanding|the best)\b|an? (?:five|5|ten|10|a plus|100)\b)"
)
_SHOW = r"(?:tell|show|reveal|print|repeat|read|output|give|list|share|display|disclose|recite|leak|quote)"
_SECRETS = (
    r"(?:(?:system |secret |hidden |internal |scoring |full |exact )*"
    r"(?:instructions?|prompts?|rubrics?|scoring criteria|scoring guide|answer key|guidelines)"
    r"|(?:right|correct|expected|ideal|model|perfect|best|desired) answers?)"
)

_REGELN = (
    r"(?:anweisung(?:en)?|instruktion(?:en)?|regeln|vorgaben|prompts?|bewertungsma(?:ß|ss)st(?:ab|äbe)|kriterien|rubrik"
    r"|bewertungskriterien|richtlinien|programmierung|befehle|einschränkungen)"
)
_IGNORIERE = (
    r"(?:ignorier(?:e|t|en sie)?|vergiss|vergesst|vergessen sie|missachte(?:n sie)?|umgehe(?:n sie)?"
    r"|überschreibe(?:n sie)?|verwirf|verwerfen sie)(?! ich\b)"
)
_GIB = (
    r"(?:gib|gebt|geben sie|bewerte(?:n sie)?|vergib|vergeben sie|benote(?:n sie)?|werte(?:n sie)?|setz(?:e|en sie)?)"
    r"(?! ich\b)"
)
_BESTE = (
    r"(?:volle[nrs]? (?:punktzahl|punkte|wertung)|(?:höchste|maximale|beste|bestmögliche)[nrs]? (?:mögliche )?"
    r"(?:punktzahl|punkte|note|bewertung|stufe|wertung)|bestnoten?|höchstnote|stufe (?:fünf|5)"
    r"|(?:fünf|5|zehn|10|hundert|100) (?:von|aus) (?:fünf|5|zehn|10|hundert|100)"
    r"|(?:fünf|5|zehn|10|hundert|100) (?:punkte|sterne|prozent)"
    r"|als (?:vollständig|richtig|perfekt|korrekt|ausgezeichnet|sehr gut)|mit (?:sehr gut|ausgezeichnet|einer eins))\b"
)
_ZEIG = (
    r"(?:zeig(?:e|en sie)?|nenn(?:e|en sie)?|sag(?:e|en sie)?|verrat(?:e|en sie)?|lies|lesen sie|gib|geben sie"
    r"|wiederhol(?:e|en sie)?|zitier(?:e|en sie)?)(?! ich\b)"
)
_GEHEIM = (
    r"(?:(?:deine|ihre|die|den|dein|ihr|deinen|ihren)[nmrs]? (?:geheimen |internen |genauen |ganzen |versteckten )?"
    r"(?:anweisungen|instruktionen|(?:system-?)?prompt|bewertungskriterien|bewertungsma(?:ß|ss)stab|bewertungsbogen"
    r"|rubrik|vorgaben|musterlösung|(?:richtige|erwartete|beste|perfekte|korrekte) antwort))"
)

_SOURCES: tuple[tuple[Said, str], ...] = (
    # marks of chat formats: only typed, never said
    (Said.ANYHOW, r"</?\s*(?:transcript|system|user|assistant|instructions?)\b[^>]{0,20}>?"),
    (Said.ANYHOW, r"<\|[^|>]{0,30}\|>|\[/?inst\]|#{2,} ?(?:system|instruction|new instruction)s?\b"),
    (Said.ANYHOW, r"(?:^|\n|[.?!]\s)\s?(?:system|assistant)\s?:"),
    (
        Said.ANYHOW,
        r"\bend of (?:the )?(?:transcript|prompt|system message)\b|\bnew (?:system )?instructions?\s*:",
    ),
    # rules
    (Said.NOT_IN_A_STORY, r"\byour system-?\s?prompts?\b"),
    (
        Said.NOT_IN_A_STORY,
        rf"\b{_IGNORE}\b {_SHORT_GAP}(?:\byour\b|\b{_OLDER}\b|\byou (?:were|have been|are) (?:given|told)\b)"
        rf"{_GAP}\b{_RULES}\b",
    ),
    (
        Said.NOT_IN_A_STORY,
        rf"\b{_IGNORE}\b (?:everything|anything|all|whatever|what) (?:that )?you (?:were|have been|are|ve been)"
        r" (?:told|given|instructed)",
    ),
    (Said.TO_YOU, rf"\b{_GIVE_UP_ON}\b {_GAP}\b(?:{_RULES}|everything (?:above|before|so far))\b"),
    (
        Said.NOT_IN_A_STORY,
        rf"\byou (?:do not|don['’]?t|no longer|need not) (?:have|need) to follow {_SHORT_GAP}\b{_RULES}\b",
    ),
    (Said.TO_YOU, rf"\b(?:follow|obey|use) (?:my|these|the following|this) (?:new )?(?:{_RULES}|commands?)\b"),
    # marks
    (Said.TO_YOU, rf"\b{_GIVE}\b {_ME}\b{_SHORT_GAP}\b{_BEST}"),
    (Said.TO_YOU, rf"\b{_GIVE}\b (?:a |an |the )?{_TOP}(?: possible)? {_MARK}\b"),
    (
        Said.TO_YOU,
        r"\b(?:treat|count|consider|judge|accept|record|regard|classify) (?:this|my|that|it|"
        r"the)\b[^.?!;:]{0,20}? (?:as )?(?:complete|correct|perfect|excellent|right|passed|fully answered)\b",
    ),
    (
        Said.NOT_IN_A_STORY,
        r"\b(?:i|it|this(?: answer)?|my answer) (?:really |clearly )?(?:deserves?|should get|must get|has to"
        rf" get|needs to get) {_SHORT_GAP}\b{_BEST}",
    ),
    (
        Said.NOT_IN_A_STORY,
        r"\b(?:my|the|this) (?:final |overall )?(?:score|rating|grade|level|mark|evaluation|assessment)"
        rf" (?:should|must|has to|needs to|shall|is to|will) be\b{_SHORT_GAP}(?:{_BEST}|\b{_TOP}\b)?",
    ),
    (
        Said.TO_YOU,
        r"\b(?:make sure|ensure|see to it) (?:that )?(?:i|my)\b[^.?!;:]{0,24}?\b(?:pass(?:es)?|scores?|marks?|"
        r"hired|get the job|selected|recommended)\b",
    ),
    (Said.TO_YOU, r"\b(?:recommend|hire|promote) me\b|\b(?:pass me|let me pass)\b(?! (?:\w))"),
    (
        Said.TO_YOU,
        r"\b(?:write|say|state|note|mention)\b[^.?!;:]{0,12}? (?:in|into) (?:the|your) (?:report|evaluation|"
        r"assessment|summary|notes)\b|\bput (?:it )?(?:in|into) your (?:report|evaluation|assessment|summary|"
        r"notes)\b",
    ),
    (
        Said.TO_YOU,
        r"\b(?:write|say|state|report|tell (?:them|the \w+)) (?:down )?that (?:i|this candidate|the"
        r" candidate)(?: am| m|['’]m| is| was| did| have| has| should| passed| deserved?| answered| will)\b",
    ),
    (
        Said.NOT_IN_A_STORY,
        rf"\b{_IGNORE}\b (?:everything|anything|all|whatever|what) (?:that )?(?:your|the) (?:developers?|makers?"
        rf"|creators?"
        r"|programmers?|operators?)\b",
    ),
    (Said.TO_YOU, rf"\b{_GIVE}\b (?:me|my answers?|everyone|everybody) {_SHORT_GAP}\b(?:high|good|great) {_MARK}\b"),
    (Said.TO_YOU, rf"\b(?:set|make|put|change|raise) (?:my|the|his|her|every) {_MARK} (?:to|at|into)\b"),
    (Said.TO_YOU, rf"\b{_GIVE}\b {_MARK} (?:of )?{_TOP}\b"),
    (
        Said.TO_YOU,
        r"\b(?:assume|suppose|accept|agree) (?:that )?(?:my|this|the) answers? (?:is|are|was|were)"
        r" (?:right|correct|complete|perfect|excellent)\b",
    ),
    # who the model is
    (
        Said.NOT_IN_A_STORY,
        r"\byou are (?:now )?(?:an? )?(?:\w+ )?(?:ai|language model|chatbot|llm)\b"
        r"|\byou are (?:now )?an? (?:helpful|ai|virtual|digital|friendly|honest|obedient|unrestricted) assistant\b"
        r"|\byou are (?:no longer|not) (?:an? |the |my )?(?:interviewer|examiner|grader|ai|judge)\b"
        r"|\bstop being (?:an? |the |my )?(?:interviewer|examiner|grader|ai|judge)\b",
    ),
    (Said.NOT_IN_A_STORY, r"\byou(?: are|['’]re) now (?:an?|in|free|no longer|unrestricted|acting|my|dan)\b"),
    (
        Said.NOT_IN_A_STORY,
        r"\bfrom now on,? you(?: are|['’]re|['’]ll| will| must| should| only| have to)?\b"
        r"|\byour new (?:task|instructions?|role|job|goal|rules?) (?:is|are)\b"
        r"|\byour (?:instructions?|rules) (?:is|are) (?:now|to)\b",
    ),
    (
        Said.TO_YOU,
        r"\b(?:pretend|imagine|act|behave|respond|answer|speak) (?:to be|as if you|that you are|you are|as"
        r" though you|like you are|as (?:an?|my|the) (?:\w+ )?(?:ai|assistant|grader|examiner|evaluator|"
        r"recruiter|interviewer|system|model|admin|developer))\b",
    ),
    (
        Said.NOT_IN_A_STORY,
        r"\b(?:enter|enable|activate|switch to|go into|you are in) (?:developer|debug|admin|god|dan|"
        r"maintenance|test) mode\b|\bjailbreak (?:yourself|mode)\b",
    ),
    (
        Said.NOT_IN_A_STORY,
        r"\b(?:note|message|instructions?|attention|hint|notice) (?:to|for) (?:the |any )?(?:ai|model|language"
        r" model|grader|scorer|scoring model|evaluator|llm|evaluating model|judge)\b|\b(?:dear|attention|hey)"
        r" (?:ai|language model|evaluator|grader|llm)\b",
    ),
    # secrets
    (Said.TO_YOU, rf"\b{_SHOW}\b (?:me |us |out )?{_SHORT_GAP}\b(?:your|the)\b {_SECRETS}\b"),
    (
        Said.NOT_IN_A_STORY,
        r"\bwhat (?:are|is|were|was) your (?:exact |system |secret |hidden |internal |initial |original"
        r" )*(?:instructions?|prompts?|rubrics?|directives?)\b|\bwhat (?:does|do) your (?:rubrics?|prompts?|"
        r"instructions?) say\b",
    ),
    (
        Said.NOT_IN_A_STORY,
        r"\bwhat (?:answer|do i have to say|must i say|should i say|do you want me to"
        rf" say)\b[^.?!;:]{{0,20}}?\b(?:gets?|gives?|for|scores?)\b[^.?!;:]{{0,12}}?\b{_TOP} {_MARK}\b",
    ),
    # German: rules
    (Said.TO_YOU, rf"\b{_IGNORIERE}\b {_GAP}\b{_REGELN}\b"),
    (
        Said.NOT_IN_A_STORY,
        rf"\b{_IGNORIERE}\b {_SHORT_GAP}\b(?:deine|bisherigen|vorherigen|obigen|"
        rf"früheren)n? {_SHORT_GAP}\b{_REGELN}\b",
    ),
    (
        Said.TO_YOU,
        r"\b(?:ignorier(?:e|en sie)|vergiss|vergessen sie) alles,? was\b[^.?!;:]{0,20}?\b(?:gesagt|"
        r"aufgetragen|beigebracht|vorgegeben)\b",
    ),
    (
        Said.NOT_IN_A_STORY,
        rf"\b(?:du musst|sie müssen|du brauchst|sie brauchen)(?: dich| sich)?{_SHORT_GAP}\b{_REGELN} nicht"
        r" (?:mehr )?(?:befolgen|beachten|zu befolgen|zu beachten|halten)\b",
    ),
    # German: marks
    (
        Said.TO_YOU,
        rf"\b{_GIB}\b (?:mir|mich|uns|das|dies(?:e|en|es)?|meine[nr]?|die|allen|jede[nr]?|"
        rf"bitte)\b{_GAP}\b{_BESTE}",
    ),
    (
        Said.NOT_IN_A_STORY,
        rf"\b(?:ich|diese antwort|meine antwort|das) (?:verdien(?:e|t)|muss|sollte)\b{_SHORT_GAP}\b{_BESTE}",
    ),
    (
        Said.NOT_IN_A_STORY,
        r"\bmeine (?:bewertung|note|punktzahl|wertung|stufe) (?:muss|soll|sollte|"
        r"hat)\b[^.?!;:]{0,30}?\b(?:sein|zu sein)\b",
    ),
    (
        Said.TO_YOU,
        r"\b(?:empfiehl|empfehlen sie) mich\b|\b(?:stell|stellen sie|stellt) mich ein\b|\blass(?:en sie)? mich"
        r" (?:bestehen|durchkommen)\b",
    ),
    (
        Said.TO_YOU,
        r"\b(?:schreib(?:e|en sie)?|vermerk(?:e|en sie)?|notier(?:e|en sie)?)\b[^.?!;:]{0,12}? (?:in|im)"
        r" (?:den|ihren|deinen|dem|ihrem|deinem) (?:bericht|protokoll|report)\b|\bschreib(?:e|en sie)?,? dass"
        r" ich\b",
    ),
    (
        Said.ANYHOW,
        r"\b(?:sie (?:müssen|sollen|sollten|können|könnten)|du (?:musst|sollst|solltest|kannst|könntest)|können sie"
        rf"|könnten sie|kannst du|könntest du) (?:mir|mich){_SHORT_GAP}\b{_BESTE}",
    ),
    # German: who the model is, and its secrets
    (
        Said.NOT_IN_A_STORY,
        r"\b(?:du bist|sie sind) (?:(?:jetzt|nun|nur|doch|ab jetzt|ab sofort) )?(?:eine? )?(?:\w+ )?(?:ki|"
        r"sprachmodell|künstliche intelligenz|chatbot|ki-assistent)\b",
    ),
    (
        Said.NOT_IN_A_STORY,
        r"\b(?:du bist|bist du) (?:ab )?(?:jetzt|nun|sofort) (?:eine?|kein|keine|mein|meine|im|nicht mehr|"
        r"frei)\b|\b(?:ab jetzt|ab sofort|von nun an) (?:bist du|sind sie|antwortest du|antworten sie|wirst"
        r" du|werden sie)\b",
    ),
    (
        Said.TO_YOU,
        r"\b(?:tu|tun sie|verhalte dich|verhalten sie sich|stell dir vor|antworte)(?: (?:so|bitte))*,? als"
        r" (?:ob (?:du|sie)|w(?:ä|ae)r(?:e|st|en|est) (?:du|sie))\b|\b(?:spiel|spiele|spielen sie) die rolle"
        r" eines\b",
    ),
    (Said.TO_YOU, rf"\b{_ZEIG}\b (?:mir |uns |bitte )*{_SHORT_GAP}\b{_GEHEIM}\b"),
    (
        Said.NOT_IN_A_STORY,
        r"\b(?:was (?:sind|ist|steht in)|wie lauten?)\b(?: denn)? (?:deine[mnr]?|dein|ihre[mnr]?|ihr)"
        r" (?:system-?)?(?:anweisungen|instruktionen|prompt|rubrik|bewertungsma(?:ß|ss)stab)\b",
    ),
    (
        Said.NOT_IN_A_STORY,
        r"\b(?:anweisung|nachricht|hinweis|achtung) (?:an|für) (?:die ki|das modell|das sprachmodell|den"
        r" bewerter|die bewertung)\b",
    ),
)
_PATTERNS = tuple(_Pattern(re.compile(source), said) for said, source in (*_SOURCES, *PHRASES))
_CLAUSE_MARKS = ",;:"
_TELLS_BEFORE_WORDS, _TELLS_AFTER_WORDS = 5, 8
"""A clause beside an instruction with fewer words tells nothing that a rubric could weigh."""
_ADDRESSED = YOU | words_of("your yours dein deine deinen ihre ihren ihr rate score rating rubric level")
_SENTENCE_ENDS = re.compile(r"[.?!…](?=\s|$)[\s]*|[。！？\n]+")


def has_instruction(text: str) -> bool:
    """Tell whether any words read like an instruction to the model that judges."""
    return bool(_spans(text))


def without_instructions(text: str) -> str:
    """Return the text with such words replaced by `WITHHELD`: see `instructions_in`."""
    kept: list[str] = []
    at = 0
    for start, end in instructions_in(text):
        kept += [text[at:start], WITHHELD]
        at = end
    return "".join([*kept, text[at:]])


def instructions_in(text: str) -> list[tuple[int, int]]:
    """Return where words stand that are kept from the model, in order and apart.

    A sentence goes as a whole where an instruction stands in it: what would be left still says what was wanted. Only
    clauses before and after that tell something of their own stay.
    """
    found = _merged(sorted(_spans(text)))
    if not found:
        return []
    wider: list[tuple[int, int]] = []
    for begin, end in _sentences(text):
        own = [(max(start, begin), min(stop, end)) for start, stop in found if start < end and stop > begin]
        if own:
            wider.append(_with_its_clause(text, begin, end, own[0][0], own[-1][1]))
    return _joined(text, _merged(sorted(wider)))


def _joined(text: str, spans: list[tuple[int, int]]) -> list[tuple[int, int]]:
    """Join what has nothing but marks between it: how much was said of it is nothing that a rubric weighs."""
    joined: list[tuple[int, int]] = []
    for start, end in spans:
        if joined and not WORD.search(text, joined[-1][1], start):
            joined[-1] = joined[-1][0], end
        else:
            joined.append((start, end))
    return joined


def _with_its_clause(text: str, begin: int, end: int, start: int, stop: int) -> tuple[int, int]:
    """Widen what instructs within a sentence to its clauses: those before and after stay if they tell something."""
    before, after = text[begin:start], text[stop:end]
    comma = max(before.rfind(mark) for mark in _CLAUSE_MARKS)
    first = begin + comma + 1 if comma >= 0 and _tells(before[:comma], _TELLS_BEFORE_WORDS) else begin
    commas = [at for mark in _CLAUSE_MARKS if (at := after.find(mark)) >= 0]
    last = stop + min(commas) if commas and _tells(after[min(commas) :], _TELLS_AFTER_WORDS) else end
    while text[first] == " ":
        first += 1
    return first, last


def _tells(clause: str, least_words: int) -> bool:
    words = WORD.findall(clause.lower())
    return len(words) >= least_words and not _ADDRESSED & set(words)


def _merged(spans: list[tuple[int, int]]) -> list[tuple[int, int]]:
    merged: list[tuple[int, int]] = []
    for start, end in spans:
        if merged and start < merged[-1][1]:
            merged[-1] = merged[-1][0], max(end, merged[-1][1])
        elif start < end:
            merged.append((start, end))
    return merged


def _sentences(text: str) -> Iterator[tuple[int, int]]:
    """Yield where each sentence stands, its final mark left out."""
    at = 0
    for match in _SENTENCE_ENDS.finditer(text):
        yield _stripped(text, at, match.start())
        at = match.end()
    yield _stripped(text, at, len(text))


def _stripped(text: str, start: int, end: int) -> tuple[int, int]:
    inner = text[start:end]
    return start + len(inner) - len(inner.lstrip()), end - (len(inner) - len(inner.rstrip()))


@once_a_text(2048)
def _spans(text: str) -> tuple[tuple[int, int], ...]:
    """Return where instructions stand. Several ask this of each turn: every pass that scores it, and the report."""
    # lower case that is as long as the text: with it the patterns are twice as quick as without regard to case
    text = "".join(small if len(small := char.lower()) == 1 else char for char in text)
    return tuple(span for pattern in _PATTERNS for span in _said(pattern, text))


def _said(pattern: _Pattern, text: str) -> Iterator[tuple[int, int]]:
    for match in pattern.words.finditer(text):
        start = match.start() + len(match.group()) - len(match.group().lstrip(". ?!\n"))
        if speaks_to_the_model(pattern.said, text[max(0, start - _BEFORE_CHARS) : start]):
            yield start, match.end()
