"""Candidates of one plan side by side, agreement of people and model, and impact ratios."""

from collections.abc import Iterable, Mapping, Sequence
from itertools import combinations
from statistics import median
from typing import Any, cast

from control_api.access import OnHouse
from control_api.parts import Parts
from control_api.reports.blind import has_scored
from control_api.reports.schemas import (
    AgreementAnswer,
    AgreementView,
    ComparedCompetency,
    ComparedRow,
    ComparedScore,
    Comparison,
    GroupImpactView,
    ImpactAnswer,
    ImpactRequest,
    ScoreSpread,
)
from interview.appraisal import Decision, OwnScores
from interview.csv_text import csv_file
from interview.plan import Competency
from interview.report import Report, newest_to_read
from interview.session import Session, Status
from interview.statistics import Pair, agreement, impact_ratios
from interview.storage.session_pages import SessionFilter

MAX_LOOKED_AT = 500
"""Sessions that agreement is counted over: the newest."""
_PAGE = 100
_OVER = (Status.COMPLETED, Status.ABANDONED, Status.EXPIRED, Status.FAILED)


async def compare(parts: Parts, on: OnHouse, plan_id: str, limit: int, cursor: str | None) -> Comparison:
    """Return a page of one's own ended sessions (admin: of all) on a plan, newest first. Raises `Invalid`."""
    wanted = SessionFilter(owner_id=on.rows_of, plan_id=plan_id, statuses=_OVER)
    sessions, after = await parts.storage.sessions.page(wanted, limit=limit, after=cursor)
    ids = [session.session_id for session in sessions]
    decisions = await parts.storage.reviews.decisions.of_all(ids)
    own = await parts.storage.reviews.own_scores.of_all(ids)
    reports = await _reports(parts, ids)
    competencies = _competencies(sessions)
    rows: list[ComparedRow] = []
    for session in sessions:
        key = session.session_id
        hidden = session.plan.blind_scoring and not has_scored(own[key], on.caller)
        report = reports.get(key)
        if report is not None and not hidden:
            await parts.storage.audit.add(on.caller.actor, "read comparison", f"session:{key}")
        rows.append(
            ComparedRow(
                session_id=key,
                name=session.candidate.name,
                status=session.status,
                plan_version=session.plan.version,
                ended_at=session.ended_at,
                report_version=report.version if report else None,
                decision=decisions[key][-1].decision if decisions[key] else None,
                scores=_scores(session, report, [] if hidden else own[key], hidden=hidden),
            )
        )
    return Comparison(
        plan_id=plan_id,
        competencies=[
            ComparedCompetency(id=one.id, name=one.name, spread=_spread(rows, one.id)) for one in competencies
        ],
        rows=rows,
        next_cursor=after,
    )


async def agree(parts: Parts, on: OnHouse, plan_id: str) -> AgreementAnswer:
    """Return how far people and model agree on a plan, over the newest of one's own ended sessions (admin: of all)."""
    sessions = await _newest(parts, on, plan_id)
    ids = [session.session_id for session in sessions]
    own = await parts.storage.reviews.own_scores.of_all(ids)
    reports = await _reports(parts, [key for key in ids if own[key]])
    blind: dict[str, list[Pair]] = {}
    seen: list[Pair] = []
    people: list[Pair] = []
    for key in ids:
        model = _levels(reports.get(key))
        firsts = _first_of_each(own[key])
        for given in firsts:
            for name, score in given.scores.items():
                if score.level is None or (level := model.get(name)) is None:
                    continue
                if given.blind:
                    blind.setdefault(name, []).append((score.level, level))
                else:
                    seen.append((score.level, level))
        people += _between_people([given for given in firsts if given.blind])
    every = [pair for pairs in blind.values() for pair in pairs]
    return AgreementAnswer(
        plan_id=plan_id,
        sessions=len(sessions),
        blind=_view(every),
        seen=_view(seen),
        people=_view(people),
        by_competency={name: _view(pairs) for name, pairs in sorted(blind.items())},
    )


async def impact(parts: Parts, on: OnHouse, asked: ImpactRequest) -> ImpactAnswer:
    """Return selection rates by the groups that are given. Nothing of the groups is stored or logged."""
    group_of: dict[str, str] = {}
    unknown = 0
    by_email: dict[str, list[Session]] = {}
    for one in asked.groups:
        if one.email is not None:
            if one.email not in by_email:
                by_email[one.email] = await parts.storage.sessions.of_email(one.email, on.rows_of)
            named = [found for found in by_email[one.email] if found.plan.plan_id == asked.plan_id]
            unknown += not named
            group_of.update((found.session_id, one.group) for found in named)
        elif one.session_id is not None:
            group_of[one.session_id] = one.group
    own = await parts.storage.sessions.owned_on_plan(list(group_of), asked.plan_id, on.rows_of)
    unknown += len(group_of) - len(own)
    decisions = await parts.storage.reviews.decisions.of_all(own)
    counts: dict[str, tuple[int, int]] = dict.fromkeys(group_of.values(), (0, 0))
    decided = 0
    for key in own:
        if decisions[key]:
            selected, n = counts[group_of[key]]
            chosen = decisions[key][-1].decision is Decision.ADVANCE
            counts[group_of[key]] = selected + chosen, n + 1
            decided += 1
    if own:  # so the plan's id is one, and no text of somebody's
        await parts.storage.audit.add(on.caller.actor, "read impact ratios", f"plan:{asked.plan_id}")
    return ImpactAnswer(
        plan_id=asked.plan_id,
        selected_means="advance",
        decided=decided,
        undecided=len(own) - decided,
        unknown=unknown,
        groups=[GroupImpactView.model_validate(one, from_attributes=True) for one in impact_ratios(counts)],
    )


def impact_csv(found: ImpactAnswer) -> bytes:
    """Return the same as a table for an audit, one group a row."""
    head = ("plan_id", "group", "decided", "selected", "rate", "rate_low_95", "rate_high_95", "impact_ratio")
    rows = [
        (
            found.plan_id,
            one.group,
            one.n,
            one.selected,
            one.rate,
            one.rate_low,
            one.rate_high,
            one.impact_ratio,
            one.p,
            " ".join(one.warnings),
        )
        for one in found.groups
    ]
    return csv_file((*head, "fisher_p", "warnings"), rows)


async def _newest(parts: Parts, on: OnHouse, plan_id: str) -> list[Session]:
    wanted = SessionFilter(owner_id=on.rows_of, plan_id=plan_id, statuses=_OVER)
    found: list[Session] = []
    cursor: str | None = None
    while len(found) < MAX_LOOKED_AT:
        page, cursor = await parts.storage.sessions.page(wanted, limit=_PAGE, after=cursor)
        found += page
        if cursor is None:
            break
    return found


async def _reports(parts: Parts, session_ids: Iterable[str]) -> dict[str, Report]:
    found: dict[str, Report] = {}
    for session_id in session_ids:
        report = newest_to_read(await parts.storage.reports.versions(session_id))
        if report is not None:
            found[session_id] = report
    return found


def _competencies(sessions: Sequence[Session]) -> list[Competency]:
    """Return every competency of these sessions' plans once: versions of a plan may differ."""
    found: dict[str, Competency] = {}
    for session in sessions:
        for one in session.plan.competencies:
            found.setdefault(one.id, one)
    return list(found.values())


def _results(report: Report | None) -> dict[str, Mapping[str, Any]]:
    content = report.content if report and report.content else {}
    return {str(one["id"]): cast(Mapping[str, Any], one) for one in content.get("competencies", [])}


def _levels(report: Report | None) -> dict[str, int]:
    return {name: int(one["level"]) for name, one in _results(report).items() if one.get("level")}


def _scores(
    session: Session, report: Report | None, own: Sequence[OwnScores], *, hidden: bool
) -> dict[str, ComparedScore]:
    results = {} if hidden else _results(report)
    latest = {given.by: given for given in own}.values()
    shown: dict[str, ComparedScore] = {}
    for one in session.plan.competencies:
        result = results.get(one.id, {})
        levels = [given.scores[one.id].level for given in latest if one.id in given.scores]
        shown[one.id] = ComparedScore(
            level=result.get("level"),
            confidence=float(result.get("confidence") or 0),
            not_scorable=str(result.get("not_scorable") or ""),
            withheld=hidden,
            people=[level for level in levels if level is not None],
        )
    return shown


def _spread(rows: Sequence[ComparedRow], name: str) -> ScoreSpread:
    levels = [score.level for row in rows if (score := row.scores.get(name)) and score.level is not None]
    if not levels:
        return ScoreSpread(n=0, lowest=None, median=None, highest=None)
    return ScoreSpread(n=len(levels), lowest=min(levels), median=median(levels), highest=max(levels))


def _first_of_each(own: Sequence[OwnScores]) -> list[OwnScores]:
    """Return what each person gave first: later ones know the model's."""
    found: dict[str, OwnScores] = {}
    for given in own:
        found.setdefault(given.by, given)
    return list(found.values())


def _between_people(given: Sequence[OwnScores]) -> list[Pair]:
    """Pair the levels of every two people, who are ordered by id so that neither side is anybody's."""
    pairs: list[Pair] = []
    for one, other in combinations(sorted(given, key=lambda scores: scores.by), 2):
        for name in sorted(set(one.scores) & set(other.scores)):
            first, second = one.scores[name].level, other.scores[name].level
            if first is not None and second is not None:
                pairs.append((first, second))
    return pairs


def _view(pairs: Sequence[Pair]) -> AgreementView:
    return AgreementView.model_validate(agreement(pairs), from_attributes=True)
