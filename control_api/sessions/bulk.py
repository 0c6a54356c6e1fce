"""Bulk invitations: many sessions from one CSV, all or nothing.

Every row is looked at before the first is stored. All are stored under one claim and one batch id; a process that dies
in the middle leaves sessions whose links nobody has: a repeat under the same `Idempotency-Key` completes them, and
without one the custodian erases them (`control_api.idempotency.undo_dead_batches`).
"""

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from pydantic import ValidationError

from control_api.access import UserCaller
from control_api.idempotency import Claim
from control_api.invites.links import NewLink, draw_link, replace_links
from control_api.outgoing.invites import MailState, invite_created
from control_api.parts import Parts
from control_api.sessions.bulk_schemas import BulkAnswer, BulkRow, BulkWarning
from control_api.sessions.creating import new_session, plan_for
from control_api.sessions.csv_rows import MAX_ERRORS, RowError, read_sheet
from control_api.sessions.schemas import CreateRequest
from interview.errors import Invalid
from interview.plan import Plan
from interview.session import Session, searchable_email

_STORED_AT_ONCE = 100


@dataclass(frozen=True)
class BulkOptions:
    """What holds for all rows of a file."""

    plan_id: str | None = None
    questions: tuple[str, ...] = ()
    """Instead of a plan."""
    strict: bool = False
    """Refuse what is suspicious instead of warning."""
    dry_run: bool = False
    send: bool = False


async def invite_in_bulk(
    parts: Parts, caller: UserCaller, body: bytes, options: BulkOptions, claim: Claim
) -> BulkAnswer:
    """Make a session for every row, or none. Raises `Invalid` (`bulk_invalid`) with every error, by row and column."""
    sheet = read_sheet(body)
    errors = list(sheet.errors)
    sessions: dict[int, Session] = {}
    # as creating refuses a single one: a row's errors come from the same request and the same checks
    plans: dict[tuple[Any, ...], Plan | Invalid] = {}
    for number, cells in sheet.rows.items():
        if any(error.row == number for error in sheet.errors):
            continue
        made = await _row(parts, caller, number, cells, options, claim, plans)
        if isinstance(made, Session):
            sessions[number] = made
        else:
            errors += made
    warnings = [] if errors and not options.strict else await _suspicions(parts, caller, sessions)
    if options.strict:
        errors += [RowError(w.row, w.column, w.code, w.message) for w in warnings]
    if errors:
        raise _refusal(errors)
    links: dict[int, NewLink] = {}
    mail = MailState.NOT_ASKED
    if not options.dry_run:
        links = await _store(parts, caller, list(sessions.items()), claim)
        for number, link in links.items():
            mail = (await invite_created(parts, sessions[number], link.url, send=options.send)).mail
    return BulkAnswer(
        batch_id=None if options.dry_run else claim.batch_id,
        created=len(links),
        dry_run=options.dry_run,
        rows=[
            BulkRow(
                row=number,
                session_id=session.session_id if number in links else None,
                invite_url=links[number].url if number in links else None,
            )
            for number, session in sessions.items()
        ],
        warnings=warnings,
        mail=mail,
    )


async def _row(
    parts: Parts,
    caller: UserCaller,
    number: int,
    cells: dict[str, str],
    options: BulkOptions,
    claim: Claim,
    plans: dict[tuple[Any, ...], Plan | Invalid],
) -> Session | list[RowError]:
    """Return the session of a row, or what is wrong with it."""
    asked: dict[str, Any] = {**cells}
    if options.questions and "plan_id" not in cells:
        asked["questions"] = list(options.questions)
    else:
        asked.setdefault("plan_id", options.plan_id)
    if asked.get("plan_id") is None and "questions" not in asked:
        return [RowError(number, "plan_id", "plan_missing", "name a plan here, or for all rows by ?plan_id=")]
    try:
        given = CreateRequest.model_validate(asked)
    except ValidationError as error:
        return [_wrong_cell(number, item) for item in error.errors(include_url=False, include_input=False)]
    session_id = claim.session_id(number)
    try:
        plan = await _plan_of(parts, caller, given, session_id, plans)
        session = new_session(parts, caller, given, plan, session_id, batch_id=claim.batch_id)
    except Invalid as error:
        column = {"plan_not_found": "plan_id", "language_unknown": "language"}.get(error.code, "not_after")
        return [RowError(number, column, error.code, error.message)]
    # one millisecond apart, so that lists show them in the order of the file
    return session.model_copy(update={"created_at": session.created_at + timedelta(milliseconds=number)})


async def _plan_of(
    parts: Parts,
    caller: UserCaller,
    given: CreateRequest,
    session_id: str,
    plans: dict[tuple[Any, ...], Plan | Invalid],
) -> Plan:
    """Look each plan up once for all rows."""
    key = (given.plan_id, given.language)
    if key not in plans:
        try:
            plans[key] = await plan_for(parts, caller, given, session_id)
        except Invalid as error:
            plans[key] = error
    found = plans[key]
    if isinstance(found, Invalid):
        raise found
    return found if given.plan_id else found.model_copy(update={"plan_id": f"one-off-{session_id}"})


async def _suspicions(parts: Parts, caller: UserCaller, sessions: dict[int, Session]) -> list[BulkWarning]:
    """Return rows whose candidate is there twice: in the file, or with an open session of the same plan."""
    found: list[BulkWarning] = []
    first: dict[str, int] = {}
    for number, session in sessions.items():
        before = first.setdefault(session.candidate_email, number)
        if before != number:
            message = f"the same email as in row {before}"
            found.append(BulkWarning(row=number, column="email", code="duplicate_in_file", message=message))
    open_plans: defaultdict[str, set[str]] = defaultdict(set)
    own = {session.session_id for session in sessions.values()}
    for session in await parts.storage.session_edits.open_of_emails(caller.user.user_id, first):
        if session.session_id not in own:  # a repeat that completes a batch meets its own
            open_plans[session.candidate_email].add(_comparable(session))
    for number, session in sessions.items():
        if _comparable(session) in open_plans[searchable_email(session.candidate.email)]:
            message = "there is an open session for this email and plan already"
            found.append(BulkWarning(row=number, column="email", code="session_open", message=message))
    return sorted(found, key=lambda warning: warning.row)


def _comparable(session: Session) -> str:
    """Return what makes two sessions the same interview: their plan, or the questions of a plan made for one."""
    if session.plan_id.startswith("one-off-"):
        return "\n".join(question.text for question in session.plan.core_questions)
    return session.plan_id


async def _store(parts: Parts, caller: UserCaller, rows: list[tuple[int, Session]], claim: Claim) -> dict[int, NewLink]:
    """Store the sessions and their links; what an earlier try of the same claim stored stays, with a new link."""
    links: dict[int, NewLink] = {}
    there = (
        {session.session_id for session in await parts.storage.session_edits.of_batch(claim.batch_id)}
        if claim.begun_before
        else set[str]()
    )
    for some in _chunks(rows):
        await claim.hold()
        for number, session in some:
            if session.session_id in there:
                links[number] = await replace_links(parts, session)
            else:
                links[number] = draw_link(parts, session.session_id)
        new = [(number, session) for number, session in some if session.session_id not in there]
        await parts.storage.invites.add_all([links[number].invite for number, _ in new])
        await parts.storage.sessions.add_all([session for _, session in new])
    await claim.hold()
    # one entry for all: each session says which batch made it
    await parts.storage.audit.add(
        actor=caller.actor, action="create sessions in bulk", subject=f"batch:{claim.batch_id}"
    )
    return links


def _chunks(rows: list[tuple[int, Session]]) -> Iterator[list[tuple[int, Session]]]:
    for start in range(0, len(rows), _STORED_AT_ONCE):
        yield rows[start : start + _STORED_AT_ONCE]


def _wrong_cell(number: int, item: Any) -> RowError:
    column = str(item["loc"][0]) if item["loc"] else "not_after"
    return RowError(number, column[:80], "invalid", str(item["msg"])[:200])


def _refusal(errors: list[RowError]) -> Invalid:
    shown = sorted(errors, key=lambda error: error.row)[:MAX_ERRORS]
    return Invalid(
        f"nothing was made: the file has {len(errors)} errors",
        code="bulk_invalid",
        errors=[vars(error) for error in shown],
        error_count=len(errors),
    )
