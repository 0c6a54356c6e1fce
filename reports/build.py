"""Builds a report's content from stored records and scores. Pure: values in, values out."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from interview.absences import absences_of
from interview.disturbance import Disturbance, DisturbanceKind
from interview.errors import Invalid
from interview.evaluation import Evaluation
from interview.gaps import gaps_of, pauses_of
from interview.incident import Incident
from interview.instructions import instructions_in
from interview.plan import Question
from interview.recording import RecordingSegment
from interview.session import Session
from interview.transcript import DialogueEvent, LineKind, Speaker, Turn, TurnKind
from interview.usage import Usage
from reports.content import (
    AnswerResult,
    CompetencyResult,
    Conditions,
    Cost,
    EngineCondition,
    IncidentSummary,
    InstructionAttempt,
    ModelUse,
    QuestionResult,
    Quote,
    RecordingGap,
    ReportContent,
    SessionFacts,
    Stretch,
    TranscriptTurn,
    Versions,
)
from reports.figures import by, figures, replaced_at, reply_delays_s, speaking_s, spread
from reports.first_passes import is_current
from reports.notices import notices
from reports.quotes import Span, said_at
from reports.scores import PROMPT, PROMPT_VERSION, Evidence, Score, confidence, evidence_of
from reports.verdicts import Verdict, verdict
from reports.words import total_words

LOW_CONFIDENCE = 0.5
ENOUGH_WORDS = 50
"""From so many words on, a level's confidence is not lowered for brevity."""


@dataclass(frozen=True)
class Sources:
    """All that is stored about one session, and the scores of its competencies."""

    session: Session
    turns: Sequence[Turn]
    incidents: Sequence[Incident] = ()
    recordings: Sequence[RecordingSegment] = ()
    scores: Sequence[Score] = ()
    disturbances: Sequence[Disturbance] = ()
    events: Sequence[DialogueEvent] = ()
    """What the interviewer was told; only comings and goings are read."""
    heard: Mapping[str, str] = field(default_factory=dict)
    """What was recognised, by turn, where `turns` are as they were corrected."""
    evaluations: Sequence[Evaluation] = ()
    """What the answers were found to show, each by itself."""
    scores_follow: bool = False
    """Whether scores that are missing are still being made."""
    scoring: Usage = Usage()
    """What the scoring used."""


def build(sources: Sources, built_at: datetime) -> ReportContent:
    """Build the report. Raises `Invalid` if a record of another session is among the sources."""
    _check_one_session(sources)
    session = sources.session
    turns = sorted(sources.turns, key=lambda turn: (turn.started_at, turn.seq))
    zero = _zero(session, turns)
    facts = _facts(session, turns, zero)
    evidence = evidence_of(session.plan, turns)
    results = _results(evidence, sources.scores, zero)
    of = {one.question_id: one for one in sources.evaluations if is_current(one, turns)}
    conditions = _conditions(sources, turns, zero)
    return ReportContent(
        built_at=built_at,
        session=facts,
        conditions=conditions,
        notices=notices(
            session, turns, conditions, evidence, sources.scores, results, scores_follow=sources.scores_follow
        ),
        competencies=results,
        dropped_quotes=sum(result.dropped_quotes for result in results)
        + sum(one.result.dropped_quotes for one in of.values() if one.result),
        questions=tuple(_question(question, turns, of.get(question.id), zero) for question in session.plan.questions),
        figures=figures(session.plan, turns, facts.duration_s, zero, pauses_of(session)),
        incidents=tuple(_incident(incident, zero) for incident in sources.incidents),
        transcript=tuple(_turn(turn, zero, sources.heard) for turn in turns),
        instructions=tuple(_instructions(turns, zero)),
        model_use=_model_use(sources.scores),
        cost=Cost(interview_usd=round(session.usage.cost_usd, 6), scoring_usd=round(sources.scoring.cost_usd, 6)),
        versions=_versions(session, sources.scores, of.values()),
    )


def _check_one_session(sources: Sources) -> None:
    wanted = sources.session.session_id
    for record in (*sources.turns, *sources.incidents, *sources.recordings, *sources.disturbances, *sources.events):
        if record.session_id != wanted:
            raise Invalid(
                f"a {type(record).__name__} of session {record.session_id} is among those of {wanted}",
                code="foreign_record",
            )


def _zero(session: Session, turns: Sequence[Turn]) -> datetime:
    """The candidate's first joining, or the nearest known moment to it."""
    known = [session.clock_started_at, session.started_at, *(turn.started_at for turn in turns[:1])]
    return next((moment for moment in known if moment is not None), session.created_at)


def _since(zero: datetime, moment: datetime) -> float:
    return round((moment - zero).total_seconds(), 3)


def _facts(session: Session, turns: Sequence[Turn], zero: datetime) -> SessionFacts:
    end = session.ended_at or max((turn.ended_at for turn in turns), default=zero)
    consent = session.consent
    return SessionFacts(
        session_id=session.session_id,
        candidate_name=session.candidate.name,
        plan_title=session.plan.title,
        job_role=session.plan.job_role,
        language=session.plan.language,
        status=session.status,
        created_at=session.created_at,
        started_at=session.started_at,
        zero_at=zero,
        ended_at=session.ended_at,
        end_reason=session.end_reason,
        duration_s=round(max(_since(zero, end) - session.paused_total_s, 0.0), 3),
        planned_duration_s=session.allowed_s,
        consent=dict(consent.items) if consent else {},
        consent_text_version=consent.text_version if consent else "",
    )


def _conditions(sources: Sources, turns: Sequence[Turn], zero: datetime) -> Conditions:
    session = sources.session
    candidate = by(Speaker.CANDIDATE, turns)
    segments = sources.recordings
    gaps = gaps_of(session, segments, turns)
    end = max(zero, session.ended_at or zero, *(turn.ended_at for turn in turns))
    absences = absences_of(sources.events)
    return Conditions(
        interviewer_attempts=min(session.attempt, 1 + session.restarts),
        paused_s=session.paused_total_s,
        reply_delay_s=spread(reply_delays_s(sorted(turns, key=lambda turn: turn.started_at))),
        transcription_confidence=confidence(candidate),
        low_confidence_turns=sum(
            turn.confidence is not None and turn.confidence < LOW_CONFIDENCE for turn in candidate
        ),
        typed_turns=sum(turn.kind is TurnKind.TYPED for turn in candidate),
        cut_turns=sum(turn.interrupted for turn in candidate),
        recorded_s=round(sum(segment.duration_s for segment in segments), 3),
        recording_segments=len(segments),
        recording_longest_gap_s=round(max([0.0, *(gap.duration_s for gap in gaps)]), 3),
        recording_gaps=tuple(
            RecordingGap(start_s=_since(zero, gap.started_at), end_s=_since(zero, gap.ended_at), kind=gap.reason)
            for gap in gaps
        ),
        recording_start_s=_since(zero, min(one.started_at for one in segments)) if segments else None,
        pauses=tuple(_stretch(zero, start, stop, end) for start, stop in pauses_of(session)),
        absences=tuple(_stretch(zero, start, stop or end, end) for start, stop in absences),
        absent_s=round(sum(max(((stop or end) - start).total_seconds(), 0.0) for start, stop in absences), 3),
        replaced_at_s=tuple(_since(zero, moment) for moment in replaced_at(turns)),
        database_away_s=round(sum(one.duration_s for one in sources.disturbances if one.is_absence), 3),
        audio_given_up=sum(one.n for one in sources.disturbances if one.is_loss_of("audio")),
        not_watched=tuple(
            sorted({one.what for one in sources.disturbances if one.kind is DisturbanceKind.NOT_WATCHED})
        ),
        engines=tuple(
            EngineCondition(
                kind=one.kind,
                state=one.state,
                start_s=_since(zero, one.since),
                end_s=_since(zero, one.until) if one.until else None,
            )
            for one in session.conditions
        ),
    )


def _stretch(zero: datetime, start: datetime, stop: datetime, end: datetime) -> Stretch:
    """Show a stretch; one that lasted to the end of everything is open."""
    return Stretch(start_s=_since(zero, start), end_s=_since(zero, stop) if stop < end else None)


def _results(evidence: Sequence[Evidence], scores: Sequence[Score], zero: datetime) -> tuple[CompetencyResult, ...]:
    of = {score.competency_id: score for score in scores}
    return tuple(
        _result(one, of.get(one.competency.id, Score(one.competency.id, not_scorable="It was not scored.")), zero)
        for one in evidence
    )


def _result(evidence: Evidence, score: Score, zero: datetime) -> CompetencyResult:
    found = verdict(evidence, score)
    turns = {turn.seq: turn for turn in evidence.turns}
    return CompetencyResult(
        id=evidence.competency.id,
        name=evidence.competency.name,
        level=found.level,
        level_words=evidence.competency.rubric[found.level - 1] if found.level else "",
        not_scorable=found.not_scorable,
        reason=found.reason,
        quotes=tuple(_quote(span, turns[span.seq], zero) for span in found.spans),
        dropped_quotes=found.dropped,
        confidence=_reliability(evidence, found) if found.level else 0.0,
        passes=found.levels,
        agreement=found.agreement,
        answer_words=evidence.words,
        question_ids=evidence.question_ids,
    )


def _quote(span: Span, turn: Turn, zero: datetime) -> Quote:
    return Quote(
        turn_id=turn.turn_id,
        seq=turn.seq,
        start=span.start,
        end=span.end,
        text=turn.text[span.start : span.end],
        at_s=_since(zero, said_at(turn, span.start)),
    )


def _reliability(evidence: Evidence, found: Verdict) -> float:
    """Multiply how sure the transcription is, what share of the quotes was true, how much was said, and how far the
    passes agree.
    """
    sure = confidence(evidence.answers)
    quoted = found.kept + found.dropped
    true_share = found.kept / quoted if quoted else 1.0
    amount = min(evidence.words / ENOUGH_WORDS, 1.0)
    return round((1.0 if sure is None else sure) * true_share * amount * found.agreement, 2)


def _instructions(turns: Sequence[Turn], zero: datetime) -> Iterable[InstructionAttempt]:
    for turn in by(Speaker.CANDIDATE, turns):
        for start, end in instructions_in(turn.text):
            yield InstructionAttempt(
                turn_id=turn.turn_id,
                seq=turn.seq,
                start=start,
                end=end,
                text=turn.text[start:end],
                at_s=_since(zero, said_at(turn, start)),
            )


def _question(
    question: Question, turns: Sequence[Turn], evaluation: Evaluation | None, zero: datetime
) -> QuestionResult:
    own = [turn for turn in turns if turn.question_id == question.id]
    asked = [turn for turn in own if turn.line is LineKind.QUESTION]
    answers = by(Speaker.CANDIDATE, own)
    words = total_words(turn.text for turn in answers)
    return QuestionResult(
        question_id=question.id,
        text=question.text,
        competency=question.competency,
        asked=bool(asked),
        answered=words > 0,
        asked_at_s=_since(zero, asked[0].started_at) if asked else None,
        answer_s=speaking_s(answers),
        answer_words=words,
        follow_ups=tuple(turn.text for turn in own if turn.line is LineKind.FOLLOW_UP),
        first_answer_seq=answers[0].seq if answers else None,
        evaluation=_evaluation(evaluation, zero),
    )


def _evaluation(evaluation: Evaluation | None, zero: datetime) -> AnswerResult | None:
    if evaluation is None or evaluation.result is None:
        return None
    result = evaluation.result
    return AnswerResult(
        level=result.level,
        not_scorable=result.not_scorable,
        feedback=result.feedback,
        quotes=tuple(
            Quote(
                turn_id=quote.turn_id,
                seq=quote.seq,
                start=quote.start,
                end=quote.end,
                text=quote.text,
                at_s=_since(zero, quote.said_at),
            )
            for quote in result.quotes
        ),
        dropped_quotes=result.dropped_quotes,
    )


def _turn(turn: Turn, zero: datetime, heard: Mapping[str, str]) -> TranscriptTurn:
    return TranscriptTurn(
        seq=turn.seq,
        speaker=turn.speaker,
        kind=turn.kind,
        text=turn.text,
        stage=turn.stage,
        question_id=turn.question_id,
        line=turn.line,
        start_s=_since(zero, turn.started_at),
        end_s=_since(zero, turn.ended_at),
        confidence=turn.confidence,
        interrupted=turn.interrupted,
        heard=was if (was := heard.get(turn.turn_id, turn.text)) != turn.text else None,
    )


def _incident(incident: Incident, zero: datetime) -> IncidentSummary:
    return IncidentSummary(
        incident_id=incident.incident_id,
        kind=incident.kind,
        severity=incident.severity,
        start_s=_since(zero, incident.started_at),
        end_s=_since(zero, incident.ended_at) if incident.ended_at else None,
        confidence=incident.confidence,
        detector=incident.detector,
        detector_version=incident.detector_version,
        threshold=incident.threshold,
        stills=len(incident.stills),
        state=incident.state,
        verdict=incident.verdict,
        reason_code=incident.reason,
        contested=incident.contested_at is not None,
        opinions=len(incident.deciders),
    )


def _model_use(scores: Sequence[Score]) -> ModelUse:
    return ModelUse(
        calls=sum(score.calls for score in scores),
        prompt_tokens=sum(score.prompt_tokens for score in scores),
        completion_tokens=sum(score.completion_tokens for score in scores),
    )


def _versions(session: Session, scores: Sequence[Score], evaluations: Iterable[Evaluation]) -> Versions:
    made = [one.result.versions for one in evaluations if one.result and one.result.versions.model]
    models = {PROMPT: {score.model for score in scores if score.model}}
    prompts = {PROMPT: PROMPT_VERSION}
    for version in made:
        models.setdefault(version.prompt, set()).add(version.model)
        prompts[version.prompt] = version.prompt_version
    return Versions(
        plan_id=session.plan.plan_id,
        plan_version=session.plan.version,
        models={task: ", ".join(sorted(names)) for task, names in models.items() if names},
        prompts=prompts,
    )
