"""What the dialogue machine asks for. The agent carries it out and reports back with events."""

from agent.dialogue.events import Microphone
from interview.engines import EngineKind
from interview.plan import Difficulty
from interview.record import Record
from interview.session import Stage
from interview.transcript import LineKind


class Line(Record):
    """Words for the interviewer to say. `line_id` counts up within a session."""

    line_id: int
    kind: LineKind
    text: str
    stage: Stage
    question_id: str | None = None
    difficulty: Difficulty | None = None
    """For a question: in which of its wordings it is asked."""
    through: bool = False
    """It does not pause for the candidate's voice, which is a noise."""
    shared: bool = False
    """Others on this plan are told the same words: nothing in them is this candidate's."""


class Say(Record):
    """Say the line now; whatever is being said is replaced."""

    line: Line


class SayOn(Record):
    """Say on with this line, where it has paused for a voice, and pause for none any more."""

    line_id: int


class Hush(Record):
    """Stop saying this line: it is taken back."""

    line_id: int


class Prepare(Record):
    """Have the audio of this text ready: it is likely to be said next. `shared` as in `Line`."""

    text: str
    shared: bool = False


class Judge(Record):
    """Ask the model whether the answer is complete; replaces a judgement that is under way."""

    judge_id: int
    question: str
    answer: str
    asked: tuple[str, ...]
    """Follow-ups that were already asked of this question."""
    wanted: str = ""
    """What a full answer shows: the words of a high level of its competency's rubric."""
    words: int


class CancelJudge(Record):
    """Nobody waits for the judgement any more."""


class AwaitDeadline(Record):
    """Send `DeadlineReached(turn)` when the reply is due."""

    turn: int


class WatchSilence(Record):
    """Send `SilenceReached(watch)` after so long, unless a newer watch is set."""

    watch: int
    after_s: float


class WatchVoice(Record):
    """Send `VoiceReached(voice)` after so long, unless a newer watch is set."""

    voice: int
    after_s: float


class BePatient(Record):
    """Wait longer before a turn counts as ended: this candidate pauses, and was cut off so many times."""

    cut_offs: int


class RecordAnswer(Record):
    """Store the segment that was just heard under this question."""

    stage: Stage
    question_id: str | None
    instructs: bool = False
    """It tries to tell the interviewer or whoever rates what to do."""


class FinishQuestion(Record):
    """The answer to this core question is over: the dialogue goes on to something else."""

    question_id: str


class ShowProgress(Record):
    """Tell the page and the database where the interview stands."""

    stage: Stage
    question_id: str | None
    question: str
    line: LineKind | None
    answered: int
    total: int
    state: str
    """`speaking`, `listening`, `thinking`, `closing` or `paused`."""
    microphone: Microphone = Microphone.OK
    trouble: tuple[EngineKind, ...] = ()
    """Engines of the interviewer that fail just now."""


class Close(Record):
    """The interview is over."""

    reason: str


Speaking = Say | SayOn | Hush | Prepare
Judging = Judge | CancelJudge
Waiting = AwaitDeadline | WatchSilence | WatchVoice | BePatient
Telling = RecordAnswer | FinishQuestion | ShowProgress | Close

Action = Speaking | Judging | Waiting | Telling
