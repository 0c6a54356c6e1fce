"""A short interview in German on real parts: the voice, the ears, the lines and the page's words are German."""

from pathlib import Path

import pytest

from interview.catalogue import catalogue
from interview.session import Status
from interview.transcript import LineKind, Speaker
from local import models
from local.candidate import Candidate
from local.persona import load, text_of
from local.words import words_found
from tests.room.conftest import RunningHouse

SPEED = 2.0
"""Of the interviewer: what is tested is the language."""

HEARD = 0.5
"""Share of the candidate's words; the robotic voice of the simulated candidate is heard badly (decision 4)."""


@pytest.mark.timeout(200)
async def test_an_interview_is_held_in_german_from_the_greeting_to_the_close(running: RunningHouse, tmp_path: Path):
    whole = load("kundendienst")
    persona = whole.model_copy(update={"questions": whole.questions[1:]})
    candidate = Candidate(persona, models.ensure(["astronaut"], progress=False)["astronaut"])
    async with await running.house.sign_in() as recruiter:
        created = await recruiter.create(persona, await recruiter.plan(persona, SPEED))
        attendance = await candidate.attend(running.house.api_url, created.invite_url, tmp_path / "heard.wav")
        assert attendance.trouble == ""
        assert await recruiter.ended(created.session_id, 30) is Status.COMPLETED
        turns = await recruiter.transcript(created.session_id)

    said: dict[LineKind | None, str] = {}
    for turn in turns:
        if turn.speaker is Speaker.INTERVIEWER and not turn.interrupted:
            said[turn.line] = turn.text
    german = catalogue("de")
    assert german.line("introduction") in said[LineKind.GREETING]
    assert said[LineKind.QUESTION].endswith(persona.questions[0].text)
    assert said[LineKind.CLOSE].endswith(german.line("close", name=persona.name))
    # under whichever question: a recogniser that shares its cores may hear an answer's end when the next line has begun
    heard = " ".join(turn.text for turn in turns if turn.speaker is Speaker.CANDIDATE)
    assert words_found(text_of(persona.questions[0].answer), heard).share >= HEARD
