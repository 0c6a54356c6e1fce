"""Searching what was said, by decrypting a bounded number of one's own sessions: there is no index of plain words."""

import asyncio
import time
from collections.abc import Iterator, Sequence

from control_api.access import OnHouse
from control_api.parts import Parts
from control_api.reports.schemas import FoundSession, FoundTurn, SearchAnswer
from interview.corrections import all_of, corrected
from interview.errors import Invalid
from interview.session import Session
from interview.storage.session_pages import PageEnd, PageOrder, SessionFilter
from interview.transcript import Turn
from interview.words import GAP, fold, is_unspaced

SESSIONS_A_CALL = 50
SECONDS_A_CALL = 3.0
"""After so long a call answers with what it has, and with where to go on."""
TURNS_SHOWN = 5
_AROUND = 80
"""Characters that are shown before and after what was found."""


async def search(parts: Parts, on: OnHouse, q: str, plan_id: str | None, cursor: str | None) -> SearchAnswer:
    """Look for words in the transcripts of one's own sessions (admin: of all), newest first; corrections are read too.

    Words match whole and in order, without case, punctuation and accents of writing; the last may be a beginning.
    Raises `Invalid` (`bad_cursor`, `nothing_to_search`).
    """
    wanted = fold(q).text
    if not wanted:
        raise Invalid("there is no word in this", code="nothing_to_search")
    which = SessionFilter(owner_id=on.rows_of, plan_id=plan_id)
    sessions, after = await parts.storage.sessions.page(which, limit=SESSIONS_A_CALL, after=cursor)
    began, looked_at = time.monotonic(), 0
    found: list[FoundSession] = []
    for session in sessions:
        if time.monotonic() - began > SECONDS_A_CALL and looked_at:
            after = str(PageEnd.of(sessions[looked_at - 1], PageOrder()))
            break
        looked_at += 1
        turns = await _turns(parts, session)
        hits = await asyncio.to_thread(lambda turns=turns: list(_hits(turns, wanted)))
        if hits:
            found.append(_shown(session, hits))
            await parts.storage.audit.add(on.caller.actor, "search transcript", f"session:{session.session_id}")
    return SearchAnswer(q=q, sessions=found, looked_at=looked_at, next_cursor=after)


async def _turns(parts: Parts, session: Session) -> list[Turn]:
    storage, session_id = parts.storage, session.session_id
    turns = await storage.turns.of(session_id)
    if not turns:
        return []
    problems = await storage.problems.corrections_of(session_id)
    return corrected(turns, all_of(problems, await storage.reviews.corrections.of(session_id)))


def _hits(turns: Sequence[Turn], wanted: str) -> Iterator[FoundTurn]:
    for turn in turns:
        folded = fold(turn.text)
        at = _place(folded.text, wanted)
        if at is None:
            continue
        start, end = folded.origin[at], folded.origin[at + len(wanted) - 1] + 1
        first, last = max(0, start - _AROUND), min(len(turn.text), end + _AROUND)
        yield FoundTurn(
            turn_id=turn.turn_id,
            seq=turn.seq,
            speaker=turn.speaker.value,
            question_id=turn.question_id,
            started_at=turn.started_at,
            excerpt=turn.text[first:last],
            start=start - first,
            end=end - first,
        )


def _place(text: str, wanted: str) -> int | None:
    """Return where the words stand, from the beginning of a word; anywhere in scripts without spaces."""
    at = text.find(wanted)
    while at >= 0:
        if at == 0 or text[at - 1] == GAP or is_unspaced(text[at]):
            return at
        at = text.find(wanted, at + 1)
    return None


def _shown(session: Session, hits: Sequence[FoundTurn]) -> FoundSession:
    return FoundSession(
        session_id=session.session_id,
        candidate=session.candidate.name,
        plan_title=session.plan.title,
        created_at=session.created_at,
        turns=list(hits[:TURNS_SHOWN]),
        more=len(hits) > TURNS_SHOWN,
    )
