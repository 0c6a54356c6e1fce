"""Scoring over a real HTTP server: each competency by itself."""

from typing import Any

from interview.transcript import Turn
from providers.chat import ChatClient
from reports.scores import Score
from reports.scoring import score_all
from tests.unit.providers.chat_server import HANG, ChatServer, refusal
from tests.unit.reports.records import PLAN, Talk, usual_talk

GOOD = {"quotes": ["I led"], "reason": "Concrete.", "level": 4}


def full_talk() -> list[Turn]:
    """The usual talk with enough said about the second competency, too."""
    return (
        Talk()
        .says("I led the whole project from its start to its end.", 0, 5)
        .says("I bisected the history until one commit was left.", 6, 9, "q2")
        .turns
    )


async def scored(chat: ChatClient, turns: list[Turn], deadline_s: float = 5) -> tuple[dict[str, Score], list[str]]:
    progress: list[str] = []

    async def note(words: str) -> None:
        progress.append(words)

    scores = await score_all(chat, PLAN, turns, deadline_s=deadline_s, on_progress=note)
    return {score.competency_id: score for score in scores}, progress


async def test_each_competency_is_scored_in_the_background(chat: ChatClient, chat_server: ChatServer):
    chat_server.answer = lambda body: GOOD
    scores, progress = await scored(chat, full_talk())
    assert [score.reply.level if score.reply else None for score in scores.values()] == [4, 4]
    assert (scores["ownership"].model, scores["ownership"].prompt_tokens) == ("scripted", 11)
    assert {headers["x-viva-priority"] for headers in chat_server.headers} == {"background"}
    assert chat_server.bodies[0]["response_format"]["json_schema"]["name"] == "competency_score"
    assert progress == ["scoring 1 of 2", "scoring 2 of 2"]


async def test_thin_evidence_is_not_put_before_the_model(chat: ChatClient, chat_server: ChatServer):
    chat_server.answer = lambda body: GOOD
    scores, _ = await scored(chat, usual_talk())
    assert len(chat_server.bodies) == 1
    assert "Too little was said" in scores["debugging"].not_scorable
    assert not scores["debugging"].called


async def test_one_competencys_failure_leaves_the_others(chat: ChatClient, chat_server: ChatServer):
    def breaks_on_debugging(body: dict[str, Any]) -> Any:
        return {"level": "high"} if "Debugging" in body["messages"][0]["content"] else GOOD

    chat_server.answer = breaks_on_debugging
    scores, _ = await scored(chat, full_talk())
    assert scores["ownership"].reply
    assert scores["debugging"].not_scorable == "The language model gave no usable score."
    assert not scores["debugging"].unavailable


async def test_a_model_that_is_away_leaves_everything_unscored(chat: ChatClient, chat_server: ChatServer):
    chat_server.answer = lambda body: refusal(401, "no key")
    scores, _ = await scored(chat, full_talk())
    assert all(score.unavailable and score.not_scorable for score in scores.values())


async def test_a_model_that_never_answers_is_left_after_the_deadline(chat: ChatClient, chat_server: ChatServer):
    chat_server.answer = lambda body: HANG
    scores, _ = await scored(chat, full_talk(), deadline_s=0.1)
    assert all(score.unavailable for score in scores.values())
