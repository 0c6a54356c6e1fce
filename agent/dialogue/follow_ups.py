"""What the model may ask: one short open question that suggests no answer and was not asked before. Pure.

The model phrases, and code checks: what does not pass is not asked, and the planned line is said instead.
"""

import re

from agent.dialogue import cues

LONGEST_WORDS = 30
SAME_SHARE = 0.8
"""Words in common with a question that was asked, above which it is the same question."""

_QUESTION_WORDS = r"(?:what|how|why|when|who|whom|which|where|did|do|does|is|are|was|were|could|can|would|have|has)"
_SECOND_QUESTION = re.compile(rf"\b(?:and|or|also)\s+(?:also\s+)?{_QUESTION_WORDS}\b", re.IGNORECASE)
_LEADING = re.compile(
    r"^(?:so\s+)?(?:do|did|would|is|are|was|were|have|has|could|should)n['’]t\b"
    r"|\b(?:right|correct|is it not|isn['’]t it|don['’]t you think|wouldn['’]t you (?:say|agree)|do you agree)\s*\?$"
    r"|^(?:so|then)\s+(?:you|it|that|they)\b"
    r"|^(?:ist|war|wäre|haben|hast|sind) es nicht\b|\b(?:oder|richtig|nicht wahr)\s*\?$",
    re.IGNORECASE,
)
_JUDGES = re.compile(
    r"\b(?:good|great|excellent|perfect|impressive|interesting|wrong|incorrect|poor|weak|gut|toll|sehr schön|falsch)\b"
    r"[^?]{0,30}[.!,:]",
    re.IGNORECASE,
)
_SPEAKS_OF_SCORING = re.compile(
    r"\b(?:rubric|score|scoring|rating|level \d|competenc(?:y|ies)|bewertung)\b", re.IGNORECASE
)


def fair(text: str, asked: tuple[str, ...]) -> str:
    """Return the question as it may be asked, or nothing where it may not."""
    text = " ".join(text.split())
    if not text.endswith("?") or text.count("?") != 1 or cues.words(text) > LONGEST_WORDS:
        return ""
    if any(rule.search(text) for rule in (_SECOND_QUESTION, _LEADING, _JUDGES, _SPEAKS_OF_SCORING)):
        return ""
    return "" if any(_is_the_same(text, other) for other in asked) else text


def _is_the_same(text: str, other: str) -> bool:
    ours, theirs = set(cues.fold(text).split()), set(cues.fold(other).split())
    return len(ours & theirs) >= SAME_SHARE * min(len(ours), len(theirs))
