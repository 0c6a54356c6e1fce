"""Where a dialogue stands: everything the machine needs to go on, in another process too."""

from __future__ import annotations

from agent.dialogue.actions import Line
from agent.dialogue.difficulty import Wording
from agent.dialogue.events import Microphone
from interview.engines import EngineKind
from interview.record import Record
from interview.session import Stage
from interview.transcript import LineKind


class Judgement(Record):
    """The latest view of the current answer. `words` is how much of the answer it had read."""

    complete: bool
    follow_up: str
    words: int


class DialogueState(Record):
    """The machine's whole memory; serialisable, small, and independent of any clock."""

    stage: Stage = Stage.NOT_STARTED
    question_id: str | None = None
    """The question that is being answered; None before the first."""
    wordings: dict[str, Wording] = {}
    """How each question was asked, by its id."""
    judged: tuple[bool | None, ...] = ()
    """Of each question that was asked and left: whether its first answer was judged complete; None is not judged."""
    asked: tuple[str, ...] = ()
    """Ids of the questions that were asked, in order."""
    postponed: tuple[str, ...] = ()
    """Ids of questions that the candidate wants to come back to."""
    question_since_s: float | None = None
    """When the current question was asked."""
    questions_since_s: float | None = None
    """When the first question was asked."""
    follow_ups: tuple[str, ...] = ()
    """Follow-ups asked of the current core question."""
    answer: str = ""
    """What was heard on the current question, its follow-ups included."""
    latest: str = ""
    """What was heard since the interviewer last spoke."""
    typed_ahead: bool = False
    """Some of that was typed while the greeting was being said: it is answered when the greeting has been."""
    answered: tuple[str, ...] = ()
    """Ids of core questions that have an answer."""
    unasked: tuple[str, ...] = ()
    """Ids of questions left out because time ran short."""

    speaking: Line | None = None
    """The line that is being said."""
    speaking_since_s: float | None = None
    speaking_s: float | None = None
    """How long the line takes; None where that is not known."""
    late: bool = False
    """Words from before the line that is being said were recognised only now: they may stop it, though nobody spoke."""
    last_line: Line | None = None
    """What the candidate is answering."""
    lines_said: int = 0

    candidate_speaking: bool = False
    voice: int = 0
    """Counts watches over the candidate's voice, so that an old one is known."""
    voice_since_s: float | None = None
    """When the latest of them was set."""
    quiet_since_s: float | None = None
    """Since when no voice is heard; None while there is one, and before the first."""
    noise: bool = False
    """That voice has said nothing for long: it is a noise, and nobody waits for its end."""
    turn: int = 0
    """Counts ends of turns, so that an old deadline is known."""
    cut_offs: int = 0
    """How often a reply came while the candidate had only paused."""
    waiting: bool = False
    """A reply is due and waits for the judgement or the deadline."""

    owed: bool = False
    """A reply was due when the candidate made another sound."""
    spoke_on: bool = False
    """That sound was words: they are waited for as any others are."""

    judge_id: int = 0
    judging_words: int | None = None
    """Size of the answer that is being judged now."""
    judgement: Judgement | None = None

    watch: int = 0
    prompts: int = 0
    thinking: bool = False
    allowed_s: float | None = None
    """How long the interview may take; None where nobody said."""
    time_left: str = ""
    """What is still to be said about the time that is left: an entry of the catalogue."""
    time_short: bool = False
    time_up: bool = False
    close_cut: bool = False
    """The last words were cut off once; the candidate may finish then, not for ever."""
    close_heard: bool = False
    """Enough of them had been heard, and they need not be said again."""
    away: bool = False
    """The candidate is not in the room: nothing is said, and nothing goes on without them."""
    returned_s: float | None = None
    """When the candidate came back, until they speak: no turn has ended that was cut off by their absence."""
    ending: bool = False
    """The candidate was asked whether they want to stop here."""

    microphone: Microphone = Microphone.OK
    down: tuple[EngineKind, ...] = ()
    """Engines that nothing is left of."""
    told: tuple[str, ...] = ()
    """Troubles that the candidate was told of: each is told once."""

    before: DialogueState | None = None
    """The state before the latest reply, to take it back when it cut the candidate off."""

    @property
    def greets(self) -> bool:
        """Whether the greeting is being said."""
        return self.speaking is not None and self.speaking.kind is LineKind.GREETING

    def without_past(self) -> DialogueState:
        """Return this state with no state behind it, so that memory does not grow."""
        return self.model_copy(update={"before": None})
