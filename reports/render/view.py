"""What a report shows and in which words, before any format: the page, the PDF and Markdown lay the same view out.

Pure. What a person or a model said is a `Said`, and each format treats it as text and nothing else.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from interview.engines import EngineKind, EngineState
from reports.content import CompetencyResult, QuestionResult, Quote, ReportContent, TranscriptTurn
from reports.render.charts import Chart, profile, timeline
from reports.render.formats import clock, counted, duration, moment, percent, sentence, usd, visible, words

_ENGINES = {
    EngineKind.STT: "Speech recognition",
    EngineKind.LLM: "Follow-up questions",
    EngineKind.TTS: "The interviewer's voice",
}
DISCLAIMER = (
    "Viva measures and cites; people decide. A level is a language model's reading of the transcript against the "
    "rubric, with quotes that were verified to occur in it."
)


HOW_SCORED = (
    "Levels run from 1 to 5. A pass is one reading of all answers by a language model, each time in another order; "
    "the level is the middle one. Agreement is the share of passes that gave it. Reliability is the agreement, "
    "lowered where the transcription is unsure, little was said, or a quote was false."
)


class Said(str):
    """A text that is not ours: of a candidate, a recruiter or a model, in any script."""


Cell = str | Said


@dataclass(frozen=True)
class Table:
    """A table: each row's first cell names it. Without a head it is a list of facts."""

    caption: str
    head: tuple[str, ...]
    rows: tuple[tuple[Cell, ...], ...]
    numbers: frozenset[int] = frozenset()
    """Columns that are figures."""
    turns: tuple[int | None, ...] = ()
    """For each row the turn that it leads to."""


@dataclass(frozen=True)
class QuoteView:
    """A quote, when it was said, the turn that it stands in, and its place in the recording in seconds."""

    text: Said
    at: str
    seq: int
    audio_s: float | None


@dataclass(frozen=True)
class ResultView:
    """A competency, or the answer to one question: with a level its words and the reason, without one why there is
    none.
    """

    name: Said
    level: int | None
    level_words: Said
    reason: Said
    quotes: tuple[QuoteView, ...]
    tag: str


@dataclass(frozen=True)
class Piece:
    """A stretch of a turn's text, and whether the report quotes it."""

    text: Said
    quoted: bool


@dataclass(frozen=True)
class TurnView:
    """A turn, ready to be shown."""

    seq: int
    at: str
    who: str
    pieces: tuple[Piece, ...]
    tags: tuple[str, ...]
    audio_s: float | None
    by_candidate: bool
    heard: Said = Said("")
    """What was recognised, where somebody corrected it; else empty."""

    @property
    def text(self) -> Said:
        """All that was said."""
        return Said("".join(piece.text for piece in self.pieces))


@dataclass(frozen=True)
class Part:
    """The turns under one question, or in one stage."""

    title: str
    question: Said
    turns: tuple[TurnView, ...]


@dataclass(frozen=True)
class View:
    """A whole report as it is shown."""

    language: str
    name: Said
    plan_title: Said
    job_role: Said
    about: str
    tiles: tuple[tuple[str, str], ...]
    notices: tuple[Said, ...]
    timeline: Chart
    profile: Chart
    competencies: tuple[ResultView, ...]
    how: str
    """What the figures beside the levels mean; empty where there are none."""
    questions: Table
    answers: tuple[ResultView, ...]
    """What each answer was found to show by itself, of those that were evaluated."""
    instructions: Table
    """Where the candidate's words read like an instruction to whoever scores."""
    stages: Table
    talk: Table
    conditions: Table
    incidents: Table
    parts: tuple[Part, ...]
    made: str


def view_of(content: ReportContent) -> View:
    """Say everything that a report shows."""
    session = content.session
    about = f"{moment(session.zero_at)} · {words(session.status)} · session {session.session_id}"
    return View(
        language=session.language,
        name=said(session.candidate_name),
        plan_title=said(session.plan_title),
        job_role=said(session.job_role),
        about=about,
        tiles=_tiles(content),
        notices=tuple(said(notice.text) for notice in content.notices),
        timeline=timeline(content),
        profile=profile(content),
        competencies=tuple(_competency(content, result) for result in content.competencies),
        how=HOW_SCORED if any(result.passes for result in content.competencies) else "",
        questions=_questions(content),
        answers=tuple(_answers(content)),
        instructions=_instructions(content),
        stages=_stages(content),
        talk=_talk(content),
        conditions=_conditions(content),
        incidents=_incidents(content),
        parts=tuple(_parts(content)),
        made=_made(content),
    )


def said(text: str) -> Said:
    """Mark a text as not ours."""
    return Said(visible(text))


def audio_at(content: ReportContent, at_s: float) -> float | None:
    """Return where in the joined recording a moment of the report is, in seconds; None where it is not in it."""
    start_s = content.conditions.recording_start_s
    return None if start_s is None or at_s < start_s else round(at_s - start_s, 1)


def _tiles(content: ReportContent) -> tuple[tuple[str, str], ...]:
    session, figures = content.session, content.figures
    answered = sum(question.answered for question in content.questions)
    return (
        (f"Duration, of {duration(session.planned_duration_s)} planned", clock(session.duration_s)),
        ("Questions answered", f"{answered} of {len(content.questions)}"),
        ("Candidate's share of the talk", percent(figures.candidate_share)),
        ("Interviewer's usual delay", duration(figures.interviewer_delay_s.p50)),
        ("Incidents to review", str(len(content.incidents))),
    )


def _competency(content: ReportContent, result: CompetencyResult) -> ResultView:
    tag = [f"{counted(result.answer_words, 'word')} said"]
    if result.level:
        tag.append(f"reliability {percent(result.confidence)}")
    tag += _passes(result)
    tag += _dropped(result.dropped_quotes)
    return ResultView(
        name=said(result.name),
        level=result.level,
        level_words=said(result.level_words),
        reason=said(result.reason if result.level else result.not_scorable),
        quotes=_quotes(content, result.quotes),
        tag=" · ".join(tag),
    )


def _passes(result: CompetencyResult) -> Iterable[str]:
    """Say what each pass gave, and how far they agree; of a report of before it is not known."""
    levels = ", ".join(map(str, result.passes))
    if len(result.passes) == 1:
        yield f"one pass gave {levels}"
    elif result.passes:
        yield f"{len(result.passes)} passes gave {levels}"
    if result.passes and result.level:
        yield f"agreement {percent(result.agreement)}"


def _dropped(quotes: int) -> Iterable[str]:
    if quotes:
        yield f"{counted(quotes, 'quote')} left out because nobody said {'it' if quotes == 1 else 'them'}"


def _quotes(content: ReportContent, quotes: Iterable[Quote]) -> tuple[QuoteView, ...]:
    return tuple(
        QuoteView(said(quote.text), clock(quote.at_s), quote.seq, audio_at(content, quote.at_s)) for quote in quotes
    )


def _answers(content: ReportContent) -> Iterable[ResultView]:
    for number, question in enumerate(content.questions, start=1):
        found = question.evaluation
        if found is None:
            continue
        tag = [f"{counted(question.answer_words, 'word')} said", *_dropped(found.dropped_quotes)]
        yield ResultView(
            name=said(f"{number}. {question.text}"),
            level=found.level,
            level_words=Said(""),
            reason=said(" ".join(filter(None, (found.not_scorable, found.feedback)))),
            quotes=_quotes(content, found.quotes),
            tag=" · ".join(tag),
        )


def _instructions(content: ReportContent) -> Table:
    rows = tuple((said(one.text), clock(one.at_s), str(one.seq)) for one in content.instructions)
    caption = "These words read like an instruction to whoever scores. They were kept from the model."
    turns = tuple(one.seq for one in content.instructions)
    return Table(caption, ("Words", "At", "Turn"), rows, frozenset({1, 2}), turns)


def _questions(content: ReportContent) -> Table:
    names = {competency.id: said(competency.name) for competency in content.competencies}
    figures = {one.question_id: one for one in content.figures.by_question}
    rows = []
    for number, question in enumerate(content.questions, start=1):
        own = figures.get(question.question_id)
        row: tuple[Cell, ...] = (
            said(f"{number}. {question.text}"),
            names.get(question.competency, said(question.competency)),
            f"at\u00a0{clock(question.asked_at_s)}" if question.asked else "not asked",
            duration(own.total_s) if own and question.asked else "–",
            _answer(question),
            str(question.answer_words),
            str(len(question.follow_ups)),
        )
        rows.append(row)
    head = ("Question", "Competency", "Asked", "Took", "Answer", "Words", "Follow-ups")
    turns = tuple(question.first_answer_seq for question in content.questions)
    return Table("What was asked, and how much was answered", head, tuple(rows), frozenset({3, 4, 5, 6}), turns)


def _answer(question: QuestionResult) -> str:
    """Say how long the answer was; what was typed took no time to say."""
    if not question.answered:
        return "none"
    return duration(question.answer_s) if question.answer_s else "typed"


def _stages(content: ReportContent) -> Table:
    rows = tuple(
        (
            sentence(one.stage),
            clock(one.start_s),
            duration(one.total_s),
            duration(one.candidate_s),
            duration(one.interviewer_s),
        )
        for one in content.figures.by_stage
    )
    head = ("Stage", "From", "Took", "Candidate", "Interviewer")
    return Table("Where the time went", head, rows, frozenset({1, 2, 3, 4}))


def _talk(content: ReportContent) -> Table:
    figures = content.figures
    silences = figures.silences_s
    facts: list[tuple[str, str]] = [
        ("Candidate spoke", duration(figures.candidate_s)),
        ("Interviewer spoke", duration(figures.interviewer_s)),
        ("Silence", duration(figures.silence_s)),
        ("Silences of 3 s and more", f"{silences.n}, longest {duration(silences.longest)}" if silences.n else "0"),
        ("Both at once", duration(figures.overlap_s)),
        ("Words of the candidate", str(figures.candidate_words)),
        ("Candidate's words per minute", "–" if figures.words_per_min is None else f"{figures.words_per_min:.0f}"),
        ("Answers, usual and longest", f"{duration(figures.answer_s.p50)}, {duration(figures.answer_s.longest)}"),
        ("Candidate's usual pause before an answer", duration(figures.candidate_delay_s.p50)),
        ("Follow-ups, repeats, prompts after silence", f"{figures.follow_ups}, {figures.repeats}, {figures.prompts}"),
        ("Interviewer interrupted", str(figures.interviewer_interrupted)),
        ("Candidate cut off", str(figures.candidate_interrupted)),
    ]
    return Table("Talk, measured from the transcript", (), tuple(facts), frozenset({1}))


def _conditions(content: ReportContent) -> Table:
    conditions, session = content.conditions, content.session
    delay = conditions.reply_delay_s
    facts: list[tuple[str, str]] = [
        ("Interviewer's delay, usual and worst 5 %", f"{duration(delay.p50)}, {duration(delay.p95)}"),
        ("Transcription confidence", percent(conditions.transcription_confidence)),
        ("Answers transcribed with low confidence", str(conditions.low_confidence_turns)),
        ("Typed messages", str(conditions.typed_turns)),
        ("Times the interviewer was started", str(conditions.interviewer_attempts)),
    ]
    facts += [("Another interviewer took over", clock(at_s)) for at_s in conditions.replaced_at_s]
    facts += [("Paused", _from_to(one.start_s, one.end_s)) for one in conditions.pauses]
    if conditions.paused_s or not conditions.pauses:
        facts.append(("Paused in all", duration(conditions.paused_s)))
    facts += [("Candidate out of the room", _from_to(one.start_s, one.end_s)) for one in conditions.absences]
    facts += [
        ("Recorded", duration(conditions.recorded_s)),
        ("Longest gap in the recording", duration(conditions.recording_longest_gap_s)),
    ]
    facts += [(f"Nothing recorded: {gap.kind}", _from_to(gap.start_s, gap.end_s)) for gap in conditions.recording_gaps]
    if conditions.database_away_s:
        facts.append(("Database away; written afterwards", duration(conditions.database_away_s)))
    if conditions.audio_given_up:
        facts.append(("Segments of audio that could not be kept", str(conditions.audio_given_up)))
    facts += [
        (
            f"{_ENGINES[one.kind]}: {'by a fallback' if one.state is EngineState.DEGRADED else 'not available'}",
            _from_to(one.start_s, one.end_s),
        )
        for one in conditions.engines
    ]
    agreed = [words(item) for item, given in session.consent.items() if given]
    facts += [
        ("Cost of the interview", usd(content.cost.interview_usd)),
        ("Cost of the scoring", usd(content.cost.scoring_usd)),
        ("Agreed to", ", ".join(agreed) or "nothing recorded"),
    ]
    return Table("Conditions of the interview", (), tuple(facts), frozenset({1}))


def _from_to(start_s: float, end_s: float | None) -> str:
    return f"{clock(start_s)} to {'the end' if end_s is None else clock(end_s)}"


def _incidents(content: ReportContent) -> Table:
    rows = tuple(
        (
            sentence(one.kind),
            one.severity.value,
            clock(one.start_s),
            clock(one.end_s),
            percent(one.confidence),
            str(one.stills),
            f"{one.detector} {one.detector_version}",
        )
        for one in content.incidents
    )
    head = ("Kind", "Severity", "From", "To", "Confidence", "Stills", "Detector")
    caption = "Filed for a person to review. Nothing follows from them automatically."
    return Table(caption, head, rows, frozenset({2, 3, 4, 5}))


def _parts(content: ReportContent) -> Iterable[Part]:
    """Part the transcript by question and stage, in the order in which it was said."""
    numbers = {question.question_id: n for n, question in enumerate(content.questions, start=1)}
    quotes = [quote for result in content.competencies for quote in result.quotes]
    quotes += [quote for one in content.questions if one.evaluation for quote in one.evaluation.quotes]
    spans: dict[int, list[tuple[int, int]]] = {}
    for quote in quotes:
        spans.setdefault(quote.seq, []).append((quote.start, quote.end))
    groups: list[tuple[tuple[object, str | None], list[TranscriptTurn]]] = []
    for turn in content.transcript:
        key = (turn.stage, turn.question_id)
        if not groups or groups[-1][0] != key:
            groups.append((key, []))
        groups[-1][1].append(turn)
    for _, turns in groups:
        number = numbers.get(turns[0].question_id or "")
        title = f"Question {number}" if number else sentence(turns[0].stage)
        question = said(content.questions[number - 1].text) if number else Said("")
        yield Part(title, question, tuple(_turn(content, turn, spans.get(turn.seq, ())) for turn in turns))


def _turn(content: ReportContent, turn: TranscriptTurn, spans: Sequence[tuple[int, int]]) -> TurnView:
    tags = (["typed"] if turn.kind.value == "typed" else []) + (["interrupted"] if turn.interrupted else [])
    return TurnView(
        seq=turn.seq,
        at=clock(turn.start_s),
        who=sentence(turn.speaker),
        pieces=pieces(turn.text, spans),
        tags=tuple(tags),
        audio_s=audio_at(content, turn.start_s),
        by_candidate=turn.speaker.value == "candidate",
        heard=said(turn.heard or ""),
    )


def pieces(text: str, spans: Iterable[tuple[int, int]]) -> tuple[Piece, ...]:
    """Cut a text at the borders of the quoted spans; spans may overlap."""
    cut: list[Piece] = []
    done = 0
    for start, end in sorted(spans):
        if end <= done:
            continue
        start = max(start, done)
        cut += [Piece(said(text[done:start]), False), Piece(said(text[start:end]), True)]
        done = end
    cut.append(Piece(said(text[done:]), False))
    return tuple(piece for piece in cut if piece.text)


def _made(content: ReportContent) -> str:
    versions, use = content.versions, content.model_use
    parts = [
        f"Built {moment(content.built_at)}",
        f"plan {versions.plan_id}, version {versions.plan_version}",
        *(f"{words(task)}: {model}" for task, model in versions.models.items()),
        *(f"prompt {name}.v{version}" for name, version in versions.prompts.items()),
        f"report schema {versions.report_schema}",
        f"{counted(use.calls, 'model call')}, {use.prompt_tokens} + {use.completion_tokens} tokens",
    ]
    return visible(" · ".join(parts))


__all__ = ["DISCLAIMER", "ResultView", "Part", "Piece", "Quote", "Said", "Table", "TurnView", "View", "view_of"]
