"""German over the providers' protocols: what espeak's voice says is heard by the multilingual model."""

import time

import httpx
import numpy as np

from agent.engines import voice_of
from interview.plan import Competency, Plan, Question
from local.inference.stt.audio import Resampler
from local.persona import load, text_of
from local.tls import TLS
from providers.directory import Provider
from tests.api.inference.conftest import Running, missing, silence
from tests.api.inference.test_listen import QUERY, socket, to_the_end

HEARD_WITHIN_S = 25
"""The first stream may have to wait until the model is loaded."""


async def spoken_by_the_service(service: Running, text: str, voice: str, model: str = "hibari") -> httpx.Response:
    body = {"model": model, "input": text, "voice": voice, "response_format": "pcm"}
    async with httpx.AsyncClient(trust_env=False, verify=TLS, headers=service.headers, timeout=30) as client:
        return await client.post(f"{service.url}/v1/audio/speech", json=body)


async def heard_in(service: Running, pcm: bytes, language: str) -> str:
    audio = np.concatenate([silence(0.3), Resampler(24000).push(pcm), silence(1.5)])
    began = time.monotonic()
    async with socket(service, f"{QUERY}&language={language}") as ws:
        messages = await to_the_end(ws, audio.tobytes())
    assert time.monotonic() - began < HEARD_WITHIN_S
    finals = [m for m in messages if m["type"] == "Results" and m["is_final"]]
    return " ".join(m["channel"]["alternatives"][0]["transcript"] for m in finals)


async def test_what_is_said_in_german_is_heard_in_german(inference: Running):
    persona = load("kundendienst")
    wrong = total = 0.0
    for question in persona.questions:
        text = text_of(question.answer)
        answer = await spoken_by_the_service(inference, text, persona.voice.voice, persona.voice.engine)
        assert answer.status_code == 200
        words = len(text.split())
        wrong += missing(text, await heard_in(inference, answer.content, "de")) * words
        total += words
    # espeak's r is not a person's: what a German candidate says is heard better
    assert wrong / total < 0.3


async def test_the_voice_of_a_german_plan_is_one_that_speaks_german_and_the_notice_says_whose(inference: Running):
    plan = Plan(
        plan_id="p",
        title="Kundendienst",
        language="de",
        competencies=(Competency(id="c", name="Zuhören"),),
        questions=(Question(id="q", text="Warum?", competency="c"),),
    )
    local = Provider.model_construct(voice="default", voices=())
    german, english = voice_of(local, 0, plan), voice_of(local, 0, plan.model_copy(update={"language": "en"}))
    assert (german, english) == ("default-de", "default")
    assert voice_of(local, 0, plan.model_copy(update={"voice": "low"})) == "low"
    assert voice_of(Provider.model_construct(voice="alloy", voices=()), 0, plan) == "alloy"
    said = "Guten Tag, und herzlich willkommen."
    answers = {voice: await spoken_by_the_service(inference, said, voice) for voice in (german, english)}
    assert answers[german].headers["X-Viva-Engine"] == "espeak"
    assert answers[english].headers["X-Viva-Engine"] == "hibari"
    assert answers[german].content != answers[english].content
    assert any("English alone" in notice for notice in (await inference.health())["notices"])


async def test_a_language_that_no_voice_has_is_refused(inference: Running):
    answer = await spoken_by_the_service(inference, "Hello", "default-xx")
    assert answer.status_code == 400
