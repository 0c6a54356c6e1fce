"""Scoring over a real HTTP server and the real database: each competency by itself, nothing paid for twice."""

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import pytest

from interview.clock import VirtualClock
from interview.storage import Storage
from interview.transcript import Turn
from providers.chat import ChatClient
from reports.asking import Asker
from reports.scores import CompetencyScore, Score
from reports.scoring import LATER_TEMPERATURE, score_all
from tests.unit.providers.chat_server import HANG, ChatServer, refusal
from tests.unit.reports.records import PLAN, SESSION_ID, Talk, session, usual_talk

GOOD = {"quotes": ["I led"], "reason": "Concrete.", "level": 4}


@pytest.fixture
async def chat(chat_server: ChatServer) -> AsyncIterator[ChatClient]:
    client = ChatClient(chat_server.url, "", "scripted", timeout_s=5)
    yield client
    await client.aclose()


@pytest.fixture
async def storage(timed: Storage) -> Storage:
    await timed.sessions.add(session())
    return timed


def full_talk() -> list[Turn]:
    """The usual talk with enough said about the second competency, too."""
    return (
        Talk()
        .says("I led the whole project from its start to its end.", 0, 5)
        .says("I bisected the history until one commit was left.", 6, 9, "q2")
        .turns
    )


async def scored(
    chat: ChatClient, storage: Storage, clock: VirtualClock, turns: list[Turn], deadline_s: float = 5, **more: Any
) -> tuple[dict[str, Score], list[str]]:
    progress: list[str] = []

    since = more.pop("since", None)
    gate = asyncio.Semaphore(more.pop("at_once", 4))
    asker = Asker(chat, storage.model_replies, clock, SESSION_ID, gate=gate, deadline_s=deadline_s, since=since)
    scores = await score_all(asker, PLAN, turns, on_progress=progress.append, passes=3, **more)
    return {score.competency_id: score for score in scores}, progress


async def test_each_competency_is_scored_by_several_passes_in_the_background(
    chat: ChatClient, chat_server: ChatServer, storage: Storage, clock: VirtualClock
):
    chat_server.answer = lambda body: GOOD
    scores, progress = await scored(chat, storage, clock, full_talk())
    assert [[reply.level for reply in score.replies] for score in scores.values()] == [[4, 4, 4], [4, 4, 4]]
    ownership = scores["ownership"]
    assert (ownership.model, ownership.prompt_tokens, ownership.calls, ownership.passes) == ("scripted", 33, 3, 3)
    assert {headers["x-viva-priority"] for headers in chat_server.headers} == {"background"}
    assert chat_server.bodies[0]["response_format"]["json_schema"]["name"] == "competency_score"
    asked = sorted(body["temperature"] for body in chat_server.bodies)
    assert asked == [0, 0, *([LATER_TEMPERATURE] * 4)]
    assert progress == ["scoring 0/2", "scoring 1/2", "scoring 2/2"]


async def test_what_was_asked_once_is_not_paid_for_again_until_its_words_change(
    chat: ChatClient, chat_server: ChatServer, storage: Storage, clock: VirtualClock
):
    chat_server.answer = lambda body: GOOD
    first, _ = await scored(chat, storage, clock, full_talk())
    again, _ = await scored(chat, storage, clock, full_talk())
    assert len(chat_server.bodies) == 6
    assert again["ownership"].replies == first["ownership"].replies
    assert (again["ownership"].calls, again["ownership"].prompt_tokens) == (0, 0)
    changed = [
        *full_talk()[:1],
        *Talk().says("", 0, 1).says("I bisected it until two were left for us.", 6, 9, "q2").turns[1:],
    ]
    await scored(chat, storage, clock, changed)
    assert len(chat_server.bodies) == 9, "one of two competencies was asked again"
    clock.advance(10)
    await scored(chat, storage, clock, full_talk(), since=clock.now())
    assert len(chat_server.bodies) == 15, "afresh, everything is"


async def test_a_first_pass_that_is_known_is_not_asked_for(
    chat: ChatClient, chat_server: ChatServer, storage: Storage, clock: VirtualClock
):
    chat_server.answer = lambda body: GOOD
    known = {"debugging": CompetencyScore(quotes=["I bisected the history"], reason="Methodical.", level=3)}
    scores, _ = await scored(chat, storage, clock, full_talk(), known=known)
    assert [reply.level for reply in scores["debugging"].replies] == [3, 4, 4]
    assert (scores["debugging"].calls, scores["ownership"].calls) == (2, 3)


async def test_never_more_at_a_time_than_the_gate_lets_through(
    chat: ChatClient, chat_server: ChatServer, storage: Storage, clock: VirtualClock
):
    chat_server.answer = lambda body: HANG
    with pytest.raises(TimeoutError):
        async with asyncio.timeout(1):
            await scored(chat, storage, clock, full_talk(), at_once=2)
    assert len(chat_server.bodies) == 2


async def test_thin_evidence_is_not_put_before_the_model(
    chat: ChatClient, chat_server: ChatServer, storage: Storage, clock: VirtualClock
):
    chat_server.answer = lambda body: GOOD
    scores, _ = await scored(chat, storage, clock, usual_talk())
    assert len(chat_server.bodies) == 3
    assert "Too little was said" in scores["debugging"].not_scorable
    assert not scores["debugging"].calls


async def test_one_competencys_failure_leaves_the_others(
    chat: ChatClient, chat_server: ChatServer, storage: Storage, clock: VirtualClock
):
    def breaks_on_debugging(body: dict[str, Any]) -> Any:
        return {"level": "high"} if "Debugging" in body["messages"][0]["content"] else GOOD

    chat_server.answer = breaks_on_debugging
    scores, _ = await scored(chat, storage, clock, full_talk())
    assert len(scores["ownership"].replies) == 3
    assert scores["debugging"].not_scorable == "The language model gave no usable score."
    assert not scores["debugging"].unavailable


async def test_a_model_that_is_away_leaves_everything_unscored(
    chat: ChatClient, chat_server: ChatServer, storage: Storage, clock: VirtualClock
):
    chat_server.answer = lambda body: refusal(401, "no key")
    scores, _ = await scored(chat, storage, clock, full_talk())
    assert all(score.unavailable and score.not_scorable for score in scores.values())


async def test_a_model_that_never_answers_is_left_after_the_deadline(
    chat: ChatClient, chat_server: ChatServer, storage: Storage, clock: VirtualClock
):
    chat_server.answer = lambda body: HANG
    scores, _ = await scored(chat, storage, clock, full_talk(), deadline_s=0.1)
    assert all(score.unavailable for score in scores.values())
