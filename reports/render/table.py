"""The CSV form of a report: one row for each thing, so that a spreadsheet can filter it by section."""

from collections.abc import Iterator

from interview.csv_text import Value, csv_file
from reports.content import Figures, ReportContent, Spread

HEAD = ("section", "id", "name", "value", "unit", "start_s", "end_s", "turn", "speaker", "text")

Row = tuple[Value, ...]


def to_csv(content: ReportContent) -> bytes:
    """Render the report as CSV. Times are seconds from the report's zero; what is not known is empty."""
    return csv_file(HEAD, _rows(content))


def _row(section: str, id: Value = "", name: Value = "", value: Value = None, unit: str = "", **more: Value) -> Row:
    last = (more.get("start_s"), more.get("end_s"), more.get("turn"), more.get("speaker"), more.get("text"))
    return (section, id, name, value, unit, *last)


def _rows(content: ReportContent) -> Iterator[Row]:
    yield from _session(content)
    for notice in content.notices:
        yield _row("notice", notice.code, text=notice.text)
    yield from _competencies(content)
    for question in content.questions:
        yield _row(
            "question",
            question.question_id,
            question.competency,
            question.answer_words,
            "words",
            start_s=question.asked_at_s,
            turn=question.first_answer_seq,
            text=question.text,
        )
    yield from _answers(content)
    for attempt in content.instructions:
        yield _row("instruction", start_s=attempt.at_s, turn=attempt.seq, text=attempt.text)
    yield from _figures(content)
    yield from _conditions(content)
    for incident in content.incidents:
        yield _row(
            "incident",
            incident.incident_id,
            incident.kind.value,
            incident.confidence,
            "confidence",
            start_s=incident.start_s,
            end_s=incident.end_s,
            text=f"{incident.severity} · {incident.detector} {incident.detector_version}",
        )
    for turn in content.transcript:
        yield _row(
            "turn",
            turn.question_id or "",
            turn.stage.value,
            turn.confidence,
            "confidence",
            start_s=turn.start_s,
            end_s=turn.end_s,
            turn=turn.seq,
            speaker=turn.speaker.value,
            text=turn.text,
        )
        if turn.heard is not None:
            yield _row("recognised", start_s=turn.start_s, turn=turn.seq, speaker=turn.speaker.value, text=turn.heard)


def _session(content: ReportContent) -> Iterator[Row]:
    session, versions = content.session, content.versions
    for name in ("session_id", "candidate_name", "plan_title", "job_role", "language", "status", "end_reason"):
        yield _row("session", name, text=str(getattr(session, name)))
    for name in ("created_at", "started_at", "zero_at", "ended_at"):
        moment = getattr(session, name)
        yield _row("session", name, text=moment.isoformat() if moment else "")
    yield _row("session", "built_at", text=content.built_at.isoformat())
    yield _row("session", "duration", value=session.duration_s, unit="s")
    yield _row("session", "planned_duration", value=session.planned_duration_s, unit="s")
    for item, given in session.consent.items():
        yield _row("consent", item.value, value=int(given), text=session.consent_text_version)
    yield _row("version", "report_schema", value=versions.report_schema)
    yield _row("version", "plan", versions.plan_id, versions.plan_version)
    for task, model in versions.models.items():
        yield _row("version", task, "model", text=model)
    for name, version in versions.prompts.items():
        yield _row("version", name, "prompt", version)


def _competencies(content: ReportContent) -> Iterator[Row]:
    for result in content.competencies:
        yield _row(
            "competency", result.id, result.name, result.level, "of 5", text=result.reason or result.not_scorable
        )
        yield _row("reliability", result.id, result.name, result.confidence, "share")
        yield _row("agreement", result.id, result.name, result.agreement, "share")
        for number, level in enumerate(result.passes, start=1):
            yield _row("pass", result.id, str(number), level, "of 5")
        for quote in result.quotes:
            yield _row("quote", result.id, result.name, start_s=quote.at_s, turn=quote.seq, text=quote.text)


def _answers(content: ReportContent) -> Iterator[Row]:
    for question in content.questions:
        found = question.evaluation
        if found is None:
            continue
        of = (question.question_id, question.competency)
        yield _row("answer", *of, found.level, "of 5", text=found.feedback or found.not_scorable)
        for quote in found.quotes:
            yield _row("answer_quote", *of, start_s=quote.at_s, turn=quote.seq, text=quote.text)


def _figures(content: ReportContent) -> Iterator[Row]:
    figures = content.figures
    for name in Figures.model_fields:
        value = getattr(figures, name)
        if isinstance(value, Spread):
            yield from _spread(name, value)
        elif not isinstance(value, tuple):
            yield _row("figure", name, value=value)
    for stage in figures.by_stage:
        yield _row("stage", stage.stage.value, value=stage.total_s, unit="s", start_s=stage.start_s)
    for question in figures.by_question:
        yield _row("question_time", question.question_id, "total", question.total_s, "s")
        yield _row("question_time", question.question_id, "candidate", question.candidate_s, "s")
        yield _row("question_time", question.question_id, "interviewer", question.interviewer_s, "s")
        yield _row("question_time", question.question_id, "pause before the answer", question.candidate_delay_s, "s")


def _spread(name: str, spread: Spread) -> Iterator[Row]:
    for part in Spread.model_fields:
        yield _row("figure", name, part, getattr(spread, part))


def _conditions(content: ReportContent) -> Iterator[Row]:
    conditions = content.conditions
    for name in type(conditions).model_fields:
        value = getattr(conditions, name)
        if isinstance(value, Spread):
            yield from (("condition", *row[1:]) for row in _spread(name, value))
        elif not isinstance(value, tuple):
            yield _row("condition", name, value=value)
    for at_s in conditions.replaced_at_s:
        yield _row("condition", "interviewer_replaced", start_s=at_s)
    for name, stretches in (("paused", conditions.pauses), ("candidate_away", conditions.absences)):
        for one in stretches:
            yield _row("condition", name, start_s=one.start_s, end_s=one.end_s)
    for gap in conditions.recording_gaps:
        yield _row("condition", "not_recorded", gap.kind.value, start_s=gap.start_s, end_s=gap.end_s)
    for engine in conditions.engines:
        yield _row("condition", engine.kind.value, engine.state.value, start_s=engine.start_s, end_s=engine.end_s)
    yield _row("cost", "interview", value=content.cost.interview_usd, unit="USD")
    yield _row("cost", "scoring", value=content.cost.scoring_usd, unit="USD")
    yield _row("cost", "scoring_calls", value=content.model_use.calls)
