"""When a silence ends the candidate's turn: pure, from the silence's evidence to how long it is waited for.

People pause for 0.6 to 3 s inside an answer, and neither the sound nor the words of a whole sentence tell whether
another follows (docs/decisions/0011-turn-taking.md has the figures). So there are three kinds of silence:

- open: the words so far break off ("and then we", "because the"). More is coming: wait long, and say nothing.
- doubtful: a whole sentence, and nothing that says that it was the last one. A listening sound ("Mm-hm.") comes as
  quickly as a person's would and takes nothing from somebody who goes on; the next question waits.
- finished: whatever was asked has been answered. Reply at once.
"""

import re
from dataclasses import dataclass
from enum import StrEnum

from agent.dialogue import cues
from agent.dialogue.cues import Cue


class Silence(StrEnum):
    """What a silence means."""

    OPEN = "open"
    DOUBTFUL = "doubtful"
    FINISHED = "finished"


@dataclass(frozen=True)
class Evidence:
    """What is known while the candidate is silent."""

    text: str
    """The turn's words so far, partial ones included."""
    settled: bool = True
    """Whether the recogniser has given its final words for what was said before this silence."""
    probability: float | None = None
    """The turn model's, from the sound of the last second; None until it has answered."""
    complete: bool | None = None
    """Whether the model held that the question is answered; None where it did not say so in time."""
    cut_offs: int = 0
    """How often this candidate went on after a reply had begun."""
    longest_pause_s: float = 0.0
    """The longest pause inside this candidate's answers until now."""


@dataclass(frozen=True)
class Tuning:
    """How long silences are waited for, in seconds after the last sound."""

    reply_s: float = 0.45
    """A finished turn's reply: sooner, last words are not known yet."""
    sound_s: float = 0.42
    """The listening sound in a doubtful silence."""
    sound_unsettled_s: float = 0.7
    """The same before the recogniser's last words, which may break off."""
    doubtful_s: float = 2.4
    """The next question after a doubtful silence."""
    open_s: float = 3.1
    """The same after words that break off: longer than the pauses that people make."""
    unsettled_s: float = 1.2
    """How long a reply waits for the recogniser's last words."""
    patience_s: float = 0.3
    """Added to a doubtful silence for each cut-off."""
    pause_margin: float = 1.25
    """A silence is not an end before it is this much longer than the candidate's longest pause."""
    likely: float = 0.36
    """The turn model's threshold, as shipped for English."""
    least_words: int = 25
    """A shorter answer to a question that asks for a story is seldom all of it, whatever a model holds."""


@dataclass(frozen=True)
class Verdict:
    """What follows from a silence if nobody speaks: seconds after the last sound."""

    silence: Silence
    end_s: float
    """When the turn ends and the next line is said."""
    sound_s: float | None = None
    """When a listening sound is made; None: never."""


def judge(evidence: Evidence, tuning: Tuning | None = None) -> Verdict:
    """Say what a silence means and when it ends the turn. Asked again whenever the evidence changes."""
    tuning = tuning or Tuning()
    kind = _kind(evidence, tuning)
    if kind is Silence.FINISHED:
        end_s = tuning.reply_s if evidence.settled else tuning.unsettled_s
        return Verdict(kind, end_s)
    if kind is Silence.OPEN:
        return Verdict(kind, tuning.open_s)
    patient_s = tuning.doubtful_s + tuning.patience_s * evidence.cut_offs
    end_s = min(max(patient_s, evidence.longest_pause_s * tuning.pause_margin), tuning.open_s)
    sound_s = tuning.sound_s if evidence.settled else max(tuning.sound_s, tuning.sound_unsettled_s)
    return Verdict(kind, end_s, sound_s)


def _kind(evidence: Evidence, tuning: Tuning) -> Silence:
    asked = cues.read(evidence.text)
    if asked is Cue.DONT_KNOW:
        return Silence.DOUBTFUL  # people say so while they think
    plain_no = asked is Cue.NOTHING_TO_ADD and cues.words(evidence.text) <= _NOTHING_WORDS
    if plain_no or asked not in (None, Cue.NOTHING_TO_ADD, Cue.LISTENING):
        return Silence.FINISHED  # a request, or nothing to say: nothing to wait for
    if asked is Cue.LISTENING or unfinished(evidence.text):
        return Silence.OPEN
    told = cues.words(evidence.text) >= tuning.least_words and evidence.cut_offs == 0
    sounds_final = evidence.probability is not None and evidence.probability >= tuning.likely
    if evidence.complete and told and sounds_final:
        return Silence.FINISHED
    return Silence.DOUBTFUL


_BREAKS_OFF = frozenset(
    word
    for line in (
        # words after which an English sentence goes on
        "a an the this these those my your his her its our their some any every each no such",
        "and or but nor so because since although though unless until while whereas whether if than that as like",
        "of to in on at by for from with without into onto about between through during against among within over",
        "under after before per via i you he she we they who whom whose which what where when why how",
        "am is are was were be been being has have had having do does did can could will would shall should may might",
        "must cannot don't doesn't didn't isn't aren't wasn't weren't can't couldn't won't wouldn't haven't hasn't",
        "i'm you're we're they're he's she's it's that's there's here's what's i've we've they've i'd we'd they'd",
        "i'll we'll not very more most less quite rather also just even actually basically occasionally usually",
        "sometimes um uh er erm hmm mm well",
    )
    for word in line.split()
)
_BREAKS_OFF_AFTER = re.compile(
    r"\b(?:you know|i mean|i guess|kind of|sort of|let s see|in short|for example|for instance|such as|so that"
    r"|in order to|as well as|first of all|on the (?:one|other) hand|the thing is|in fact|which means"
    r"|how (?:much|many))$"
)
_WHOLE_AFTER = re.compile(
    # the same last words where they do end a sentence
    r"\b(?:that s (?:it|all|about it)|that (?:is|was) (?:it|all|about it)|what (?:i|we|it) (?:do|did|am|was|is)"
    r"|(?:i|we) (?:do|did|can|will|would|am|was|were|have|had)|(?:do|did|like|after|before) that"
    r"|(?:for|to|with|from|of|about|like|at|on|by|did|do|doing|done|know|see|said|is|was)"
    r" (?:you|that|this|these|those|her|him|them)|(?:was|is) like|any more|as well|of course|thank you"
    r"|and so on|so (?:far|much)"
    r"|(?:work|worked|works|went|goes|came|was|did|done) (?:out|on|in|through|over|by)|(?:i|we|they) (?:know|think)"
    r"|think so|i guess so|than (?:he|she|they|it|i|we|you) (?:was|were|is|are|did|do|had|has))$"
)
_NOTHING_WORDS = 4
"""A longer "no, …" is an answer."""

_ENDS_OPEN = (",", ";", ":", "-", "–", "…", "...")


def unfinished(text: str) -> bool:
    """Tell whether words break off: the sentence needs more, or the recogniser wrote a comma.

    A full stop says nothing: recognisers set one wherever the sound stops.
    """
    stripped = text.strip()
    if not stripped or stripped.endswith("?"):
        return not stripped
    if stripped.endswith(_ENDS_OPEN):
        return True
    folded = cues.fold(stripped)
    if _WHOLE_AFTER.search(folded):
        return False
    last = re.findall(r"[^\W_]+(?:['’][^\W_]+)?", stripped.lower())
    return bool(last) and (last[-1].replace("’", "'") in _BREAKS_OFF or bool(_BREAKS_OFF_AFTER.search(folded)))
