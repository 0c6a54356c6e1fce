"""What a reader of a report should be told before anything else. Pure."""

import re
from collections.abc import Iterable, Sequence

from interview.engines import EngineKind, EngineState
from interview.gaps import GapReason
from interview.instructions import has_instruction
from interview.session import ConsentItem, Session, Status
from interview.transcript import Speaker, Turn
from reports.content import CompetencyResult, Conditions, Notice
from reports.scores import MAX_WORDS, Evidence, Score, is_cut

NOTED_FROM_S = 1.0
"""What is missing of a recording for less is no matter."""
_DEMONSTRATION_MODELS = re.compile(r"^(?:qwen$|scripted)")


def notices(
    session: Session,
    turns: Sequence[Turn],
    conditions: Conditions,
    evidence: Sequence[Evidence],
    scores: Sequence[Score],
    results: Sequence[CompetencyResult],
    *,
    scores_follow: bool = False,
) -> tuple[Notice, ...]:
    """Collect the notices of a report, the weightiest first."""
    found = [
        *_of_the_session(session, turns, conditions),
        *_of_the_scoring(evidence, scores, results, scores_follow=scores_follow),
        *_of_the_words(turns),
    ]
    return tuple(Notice(code=code, text=text) for code, text in found)


def _of_the_session(session: Session, turns: Sequence[Turn], conditions: Conditions) -> Iterable[tuple[str, str]]:
    if session.status is not Status.COMPLETED:
        why = f": {session.end_reason}" if session.end_reason else ""
        yield "not_completed", f"The interview was not completed ({session.status.value.lower()}{why})."
    if not turns:
        yield "no_transcript", "Nothing was said that could be stored."
    if conditions.interviewer_attempts > 1:
        yield (
            "interviewer_replaced",
            f"The interviewer was restarted: {conditions.interviewer_attempts} attempts were needed.",
        )
    yield from _of_the_engines(conditions)
    if conditions.not_watched:
        kinds = ", ".join(kind.replace("_", " ") for kind in conditions.not_watched)
        yield "not_watched", f"By a fault of ours proctoring could not look for: {kinds}."
    wanted = session.plan.recording.audio and session.consents(ConsentItem.RECORDING)
    if wanted and turns and not conditions.recording_segments:
        yield "no_recording", "There is no recording of the audio, although it was agreed to."
    missing_s = sum(gap.end_s - gap.start_s for gap in conditions.recording_gaps if gap.kind is GapReason.OUTAGE)
    if missing_s >= NOTED_FROM_S:
        yield (
            "recording_incomplete",
            f"{missing_s:.0f} s of the audio are missing, by a fault of ours; the transcript says what was heard.",
        )


_SERVED = {
    EngineKind.STT: "speech recognition",
    EngineKind.LLM: "the language model that asks follow-up questions",
    EngineKind.TTS: "the interviewer's voice",
}
_WITHOUT = {
    EngineKind.STT: "nothing that was said could be heard; the candidate could type",
    EngineKind.LLM: "no follow-up questions could be made",
    EngineKind.TTS: "the interviewer had no voice; the candidate could read its lines",
}


def _of_the_engines(conditions: Conditions) -> Iterable[tuple[str, str]]:
    for kind in EngineKind:
        own = [one for one in conditions.engines if one.kind is kind]
        if any(one.state is EngineState.DOWN for one in own):
            yield f"{kind}_down", f"For a part of the interview {_WITHOUT[kind]}."
        elif own:
            yield f"{kind}_degraded", f"For a part of the interview a fallback served ({_SERVED[kind]})."


def _of_the_scoring(
    evidence: Sequence[Evidence],
    scores: Sequence[Score],
    results: Sequence[CompetencyResult],
    *,
    scores_follow: bool,
) -> Iterable[tuple[str, str]]:
    called = [score for score in scores if score.replies or score.calls]
    if scores_follow:
        yield "scores_follow", "Scores are missing so far and follow by themselves; everything else is complete."
    elif called and not any(score.replies for score in called):
        yield "scoring_unavailable", "Scoring failed; everything else is complete."
    models = {score.model for score in called if _DEMONSTRATION_MODELS.match(score.model)}
    for model in sorted(models):
        yield (
            "demonstration_model",
            f"The levels come from {model}, a small model for demonstrations: do not judge people by them.",
        )
    dropped = sum(result.dropped_quotes for result in results)
    if dropped:
        yield (
            "false_quotes",
            f"{dropped} quote{'s' if dropped > 1 else ''} given by the model did not occur in the "
            "transcript and had to be left out.",
        )
    for one in evidence:
        if is_cut(one):
            yield (
                "answers_cut",
                f"{one.competency.name}: the level rests on the first {MAX_WORDS} of {one.words} words.",
            )


def _of_the_words(turns: Sequence[Turn]) -> Iterable[tuple[str, str]]:
    for turn in turns:
        if turn.speaker is Speaker.CANDIDATE and has_instruction(turn.text):
            yield (
                "instruction_attempt",
                f"Words of turn {turn.seq} read like an instruction to the scoring model; they were kept from it.",
            )
