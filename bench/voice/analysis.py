"""What one interview's recording says: pure, from who spoke when to the figures of that interview.

The candidate's side is known to the sample, as it is what was published; the interviewer's is found in what the
candidate received. All times are seconds from the recording's first sample.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta

from bench.voice.records import FollowUp, PauseHeard, ReplyHeard
from interview.transcript import LineKind, Speaker, Turn
from local.attendance import Attendance, lines_shown
from local.listening import Interval, Samples, line_starts, sounds, voiced_intervals
from local.outcome import shown_in_recording
from local.script import ReplyKind
from local.utterance import Utterance

GOES_ON_S = 0.3
"""A line that begins so soon after a pause was decided on in it: nobody reacts faster, and sound takes its time."""

KEPT_AFTER_S = 0.5
"""So much sound after a backchannel shows that the line went on."""


@dataclass(frozen=True)
class Line:
    """A line of the interviewer's: when it began to sound, and what it was for ("" where nothing shows that)."""

    began_s: float
    kind: str = ""


@dataclass(frozen=True)
class Asked:
    """A question as the transcript has it; one that a cut-off took back is there as often as it was begun."""

    start_s: float
    question: int
    interrupted: bool


@dataclass(frozen=True)
class Interviewer:
    """What the candidate heard: sounds, told apart finely; whole stretches of speech; and the lines among them."""

    sounds: tuple[Interval, ...]
    stretches: tuple[Interval, ...]
    lines: tuple[Line, ...]


TORN_S = 0.05
"""An utterance that took so much longer to send than it is long has holes: the machine was too busy to send it."""


@dataclass(frozen=True)
class Uttered:
    """One thing that the candidate said, its phrases in the recording's time.

    Of one that is `torn` nobody knows what the pauses were, and when it ended: it is in no figure.
    """

    kind: ReplyKind
    phrases: tuple[Interval, ...]
    question: int | None = None
    ends: bool = True
    person: str | None = None
    interrupting: bool = False
    torn: bool = False

    @property
    def start_s(self) -> float:
        """Its first sound."""
        return self.phrases[0].start_s

    @property
    def end_s(self) -> float:
        """Its last sound."""
        return self.phrases[-1].end_s

    @property
    def pauses(self) -> list[Interval]:
        """The silences inside."""
        return [Interval(one.end_s, two.start_s) for one, two in zip(self.phrases, self.phrases[1:], strict=False)]


def interviewer_of(attendance: Attendance, samples: Samples, sample_rate: int, *, page: bool) -> Interviewer:
    """Find what the candidate heard. Without a page that shows lines, every stretch of sound is one."""
    fine, stretches = sounds(samples, sample_rate), voiced_intervals(samples, sample_rate)
    if not page:
        return Interviewer(tuple(fine), tuple(stretches), tuple(Line(one.start_s) for one in stretches))
    lines: list[Line] = []
    for shown, within in zip(lines_shown(attendance.seen), shown_in_recording(attendance), strict=True):
        kind = shown.cue.line.value if shown.cue.line else ""
        lines += [Line(began_s, kind) for began_s in line_starts(fine, [within])]
    return Interviewer(tuple(fine), tuple(stretches), tuple(lines))


def uttered(attendance: Attendance, utterances: Sequence[Utterance]) -> list[Uttered]:
    """Place what was said aloud in the recording; `utterances` are what was said, in order."""
    found: list[Uttered] = []
    for said, utterance in zip((one for one in attendance.spoken if not one.typed), utterances, strict=False):
        began_s = said.start_s - attendance.recording_start_s
        phrases = tuple(Interval(began_s + one.start_s, began_s + one.end_s) for one in utterance.phrases)
        if phrases:
            number, person = said.question_number, utterance.person
            torn = said.end_s - said.start_s > utterance.duration_s + TORN_S
            found.append(Uttered(said.kind, phrases, number, utterance.ends, person, said.interrupting, torn))
    return found


def replies(said: Sequence[Uttered], heard: Interviewer) -> list[ReplyHeard]:
    """Measure each reply to somebody who had finished. One who stopped in mid-turn, or only listened, had not."""
    answers = [one for one in said if one.kind is not ReplyKind.BACKCHANNEL]
    found: list[ReplyHeard] = []
    for one, follows in zip(answers, (*answers[1:], None), strict=False):
        goes_on_s = follows.start_s if follows else float("inf")
        line = next((line for line in heard.lines if line.began_s > one.end_s), None)
        overlapped = any(each.start_s <= one.end_s < each.end_s for each in heard.sounds)
        if one.torn or not one.ends or overlapped or line is None or line.began_s >= goes_on_s:
            continue
        first_s = min(next(each.start_s for each in heard.sounds if each.start_s > one.end_s), line.began_s)
        found.append(
            ReplyHeard(
                first_s=round(first_s - one.end_s, 4),
                line_s=round(line.began_s - one.end_s, 4),
                line=line.kind,
                person=one.person,
            )
        )
    return found


def pauses(said: Sequence[Uttered], heard: Interviewer) -> list[PauseHeard]:
    """Tell of each pause inside an answer whether a line began in it, or only a sound."""
    return [
        PauseHeard(
            length_s=round(pause.duration_s, 3),
            cut=any(_in(line.began_s, pause) for line in heard.lines),
            sound=any(_in(sound.start_s, pause) for sound in heard.sounds)
            and not any(_in(line.began_s, pause) for line in heard.lines),
            person=one.person,
        )
        for one in said
        if not one.torn
        for pause in one.pauses
    ]


def _in(began_s: float, pause: Interval) -> bool:
    return pause.start_s < began_s < pause.end_s + GOES_ON_S


def spoken_over(said: Sequence[Uttered], heard: Interviewer) -> int:
    """Count the lines that began while the candidate spoke, other than those that were decided on in a pause."""

    def over(line: Line, one: Uttered) -> bool:
        during = one.start_s < line.began_s < one.end_s
        return during and not any(_in(line.began_s, pause) for pause in one.pauses)

    return sum(any(over(line, one) for one in said) for line in heard.lines)


def barge_ins(said: Sequence[Uttered], heard: Interviewer) -> list[float]:
    """Return, of each interruption, the seconds from its first sound to the interviewer's last."""
    found: list[float] = []
    for one in said:
        if not one.interrupting or one.torn or one.kind is ReplyKind.BACKCHANNEL:
            continue
        over = next((each for each in heard.stretches if each.start_s < one.start_s < each.end_s), None)
        if over is not None:  # else it had just ended, or stood between two sentences
            found.append(round(over.end_s - one.start_s, 4))
    return found


def backchannels(said: Sequence[Uttered], heard: Interviewer, asked: Sequence[Asked]) -> list[bool]:
    """Tell of each backchannel whether the question under it went on to its end, audibly and by the stored turns."""
    kept: list[bool] = []
    for one in said:
        if one.kind is not ReplyKind.BACKCHANNEL or one.torn:
            continue
        mine = [each for each in asked if each.question == one.question]
        before = [each for each in mine if each.start_s < one.start_s]
        again = any(each.start_s > one.end_s for each in mine)
        answer_s = min((each.start_s for each in said if each.start_s > one.end_s), default=float("inf"))
        after_s = sum(max(0.0, min(each.end_s, answer_s) - max(each.start_s, one.end_s)) for each in heard.stretches)
        whole = bool(before) and not before[-1].interrupted
        kept.append(whole and not again and after_s >= KEPT_AFTER_S)
    return kept


def asked_of(attendance: Attendance, turns: Sequence[Turn], ids: Sequence[str]) -> list[Asked]:
    """Place the questions of the stored turns in the recording; `ids` are those of the plan's questions, in order."""
    began_at = attendance.joined_at + timedelta(seconds=attendance.recording_start_s)
    asking = (LineKind.QUESTION, LineKind.REPEAT)
    return [
        Asked((turn.started_at - began_at).total_seconds(), ids.index(turn.question_id) + 1, turn.interrupted)
        for turn in turns
        if turn.speaker is Speaker.INTERVIEWER and turn.line in asking and turn.question_id in ids
    ]


def follow_ups(complete: Sequence[bool], turns: Sequence[Turn], ids: Sequence[str]) -> list[FollowUp]:
    """Tell of each question's answer, of which it is known whether it was complete, whether it got a follow-up."""
    probed = {turn.question_id for turn in turns if turn.line is LineKind.FOLLOW_UP}
    return [FollowUp(complete=one, followed=id in probed) for one, id in zip(complete, ids, strict=True)]
