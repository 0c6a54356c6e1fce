"""When a silence ends the candidate's turn: pure, from the silence's evidence to how long it is waited for.

People pause for 0.6 to 3 s inside an answer, and neither the sound nor the words of a whole sentence tell whether
another follows (docs/decisions/0011-turn-taking.md has the figures). So there are four kinds of silence:

- open: the words so far break off ("and then we", "because the"). More is coming: wait long, and say nothing.
- doubtful: a whole sentence, and nothing that says that it was the last one. A listening sound ("Mm-hm.") comes as
  quickly as a person's would and takes nothing from somebody who goes on; the next question waits.
- likely the end: the same, of an answer that is held to be complete and sounds final. The next question waits less.
- finished: a request, or nothing to say. Reply at once.
"""

from dataclasses import dataclass, replace
from enum import StrEnum

from agent.dialogue import cues
from agent.dialogue.cues import Cue


class Silence(StrEnum):
    """What a silence means."""

    OPEN = "open"
    DOUBTFUL = "doubtful"
    LIKELY = "likely"
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
    language: str = "en"
    cut_offs: int = 0
    """How often this candidate went on after a reply had begun."""
    longest_pause_s: float = 0.0
    """The longest pause inside this candidate's answers until now."""


@dataclass(frozen=True)
class Tuning:
    """How long silences are waited for, in seconds after the last sound."""

    reply_s: float = 0.45
    """A finished turn's reply: sooner, last words are not known yet."""
    sound_s: float = 0.38
    """The listening sound in a doubtful silence."""
    sound_unsettled_s: float = 0.7
    """The same before the recogniser's last words, which may break off."""
    doubtful_s: float = 2.4
    """The next question after a doubtful silence."""
    likely_s: float = 1.2
    """The same where it is likely the end: just after the listening sound. Half of the pauses are shorter."""
    open_s: float = 3.1
    """The same after words that break off: longer than the pauses that people make."""
    unsettled_s: float = 1.2
    """How long a reply waits for the recogniser's last words."""
    patience_s: float = 0.3
    """Added to a doubtful silence for each cut-off."""
    pause_margin: float = 1.25
    """A silence is not an end before it is this much longer than the candidate's longest pause."""
    own_pause_s: float = 3.1
    """What that adds at most."""
    final: float = 0.45
    """The turn model's threshold: above the 0.36 shipped for English, as a reply too early costs most."""
    least_words: int = 25
    """A shorter answer to a question that asks for a story is seldom all of it, whatever a model holds."""


def quick(tuning: Tuning) -> Tuning:
    """Return it for an interviewer that makes no listening sound: who pauses often is not to wait for every reply."""
    return replace(tuning, sound_s=tuning.open_s, likely_s=tuning.reply_s, patience_s=0.1, own_pause_s=0.3)


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
    if kind is Silence.LIKELY:
        patient_s = min(tuning.likely_s, patient_s)
    own_s = min(evidence.longest_pause_s * tuning.pause_margin, patient_s + tuning.own_pause_s)
    end_s = min(max(patient_s, own_s), tuning.open_s)
    sound_s = tuning.sound_s if evidence.settled else max(tuning.sound_s, tuning.sound_unsettled_s)
    return Verdict(kind, end_s, sound_s)


def sound_may_tell(evidence: Evidence, tuning: Tuning | None = None) -> bool:
    """Tell whether the turn model's answer may change what this silence means: running it is dear.

    `_WORDS_TO_COME` more may be known before the silence ends.
    """
    tuning = tuning or Tuning()
    return evidence.cut_offs == 0 and cues.words(evidence.text) + _WORDS_TO_COME >= tuning.least_words


def _kind(evidence: Evidence, tuning: Tuning) -> Silence:
    asked = cues.read(evidence.text, evidence.language)
    if asked is Cue.DONT_KNOW:
        return Silence.DOUBTFUL  # people say so while they think
    plain_no = asked is Cue.NOTHING_TO_ADD and cues.words(evidence.text) <= _NOTHING_WORDS
    if plain_no or asked not in (None, Cue.NOTHING_TO_ADD, Cue.LISTENING):
        return Silence.FINISHED  # a request, or nothing to say: nothing to wait for
    if asked is Cue.LISTENING or not evidence.text.strip() or _breaks_off(evidence):
        return Silence.OPEN
    told = cues.words(evidence.text) >= tuning.least_words and evidence.cut_offs == 0
    sounds_final = evidence.probability is not None and evidence.probability >= tuning.final
    if evidence.complete and told and sounds_final:
        return Silence.LIKELY
    return Silence.DOUBTFUL


_WORDS_TO_COME = 8
"""A recogniser is behind by fewer words than this, when somebody stops."""

_NOTHING_WORDS = 4
"""A longer "no, …" is an answer."""


def _breaks_off(evidence: Evidence) -> bool:
    """Tell whether the sentence needs more words, or the recogniser wrote a comma."""
    return cues.looks_unfinished(evidence.text, evidence.language) >= cues.UNFINISHED
