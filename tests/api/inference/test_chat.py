"""`/v1/chat/completions`: the scripted engine by SDK and plugin, and qwen on its real weights."""

import asyncio
import json
import os
import signal
import time
from typing import Any

import openai
import psutil
import pytest
from livekit.agents import llm as agents_llm
from livekit.plugins import openai as openai_plugin
from openai.types.chat import ChatCompletion

from tests.api.inference.conftest import KEY, Running, cpu_s, gone, until

JUDGEMENT: Any = {
    "type": "json_schema",
    "json_schema": {
        "name": "answer_judgement",
        "strict": True,
        "schema": {
            "type": "object",
            "properties": {
                "complete": {"type": "boolean"},
                "missing": {"type": "string", "maxLength": 60},
                "follow_up": {"type": "string", "maxLength": 120},
            },
            "required": ["complete", "missing", "follow_up"],
            "additionalProperties": False,
        },
    },
}
RULES = (
    "You judge whether a candidate's spoken answer in a structured interview is complete: it names a situation, what "
    "the candidate did, and a result. Reply in JSON. When something is missing, ask one short question for it."
)


def client_of(service: Running) -> openai.AsyncOpenAI:
    return openai.AsyncOpenAI(base_url=f"{service.url}/v1", api_key=KEY, max_retries=0, timeout=200)


def messages(answer: str) -> Any:
    return [{"role": "system", "content": RULES}, {"role": "user", "content": f"Answer: {answer}"}]


async def test_the_sdk_gets_a_judgement_whole_and_streamed_with_usage(inference: Running):
    async with client_of(inference) as client:
        whole = await client.chat.completions.create(
            model="scripted", messages=messages("I fixed it."), response_format=JUDGEMENT
        )
        stream = await client.chat.completions.create(
            model="scripted",
            messages=messages("I fixed it."),
            response_format=JUDGEMENT,
            stream=True,
            stream_options={"include_usage": True},
        )
        chunks = [chunk async for chunk in stream]
    text = "".join(chunk.choices[0].delta.content or "" for chunk in chunks if chunk.choices)
    assert json.loads(text) == json.loads(whole.choices[0].message.content or "")
    assert json.loads(text)["complete"] is False
    assert chunks[-1].usage is not None
    assert chunks[-1].usage.completion_tokens > 0
    assert whole.usage is not None
    assert whole.usage.total_tokens == chunks[-1].usage.total_tokens
    assert [chunk.choices[0].finish_reason for chunk in chunks if chunk.choices][-1] == "stop"


async def test_the_plugin_gets_a_reply(inference: Running):
    plugin = openai_plugin.LLM(model="scripted", base_url=f"{inference.url}/v1", api_key=KEY)
    context = agents_llm.ChatContext()
    context.add_message(role="user", content="hello")
    text = ""
    async with asyncio.timeout(20):
        async for chunk in plugin.chat(chat_ctx=context):
            text += (chunk.delta.content or "") if chunk.delta else ""
    await plugin.aclose()
    assert text == "This is the scripted model; it says the same to everyone."


@pytest.mark.parametrize(
    ("change", "status"),
    [
        ({"model": "gpt-99"}, 404),
        ({"model": "qwen"}, 404),
        ({"messages": []}, 400),
        ({"messages": [{"role": "wizard", "content": "x"}]}, 400),
        ({"temperature": 9}, 400),
        ({"n": 2}, 400),
        ({"response_format": {"type": "json_schema"}}, 400),
        ({"extra_body": {"metadata": {"priority": "now"}}}, 400),
    ],
)
async def test_wrong_requests_say_what_is_wrong(inference: Running, change: dict, status: int):
    async with client_of(inference) as client:
        with pytest.raises(openai.APIStatusError) as refused:
            await client.chat.completions.create(**{"model": "scripted", "messages": messages("x"), **change})
    assert refused.value.status_code == status


async def test_the_offered_models_are_listed(inference: Running, thinking: Running):
    async with client_of(inference) as client:
        assert {"scripted", "hibari", "espeak"} <= {model.id async for model in client.models.list()}
    async with client_of(thinking) as client:
        assert "qwen" in {model.id async for model in client.models.list()}


async def judged(service: Running, answer: str, **options: Any) -> ChatCompletion:
    async with client_of(service) as client:
        return await client.chat.completions.create(
            model="qwen",
            messages=messages(answer),
            response_format=JUDGEMENT,
            temperature=0,
            max_tokens=options.pop("max_tokens", 100),
            **options,
        )


async def test_qwen_keeps_to_the_schema_and_reads_a_repeated_prefix_once(thinking: Running):
    first = await judged(thinking, "Two workers took the same order.")
    body = json.loads(first.choices[0].message.content or "")
    assert set(body) == {"complete", "missing", "follow_up"}
    second = await judged(thinking, "Two workers took the same order. I added a lease and the errors stopped.")
    assert second.usage is not None
    assert second.usage.prompt_tokens_details is not None
    assert (second.usage.prompt_tokens_details.cached_tokens or 0) > 0.6 * second.usage.prompt_tokens


async def test_a_client_that_leaves_cancels_the_generation(thinking: Running):
    async with client_of(thinking) as client:
        stream = await client.chat.completions.create(
            model="qwen", messages=messages("Write a very long story about a queue."), stream=True, max_tokens=2000
        )
        async for _ in stream:
            break
        await stream.close()
    child = psutil.Process(thinking.pid).children()[0]
    readings = [cpu_s(child)]

    async def idle() -> bool:
        await asyncio.sleep(0.4)
        readings.append(cpu_s(child))
        return readings[-1] - readings[-2] < 0.05

    await until(idle, 20)
    assert readings[-1] - readings[-2] < 0.05, "nobody computes for who has left"


async def test_an_interview_goes_before_scoring(thinking: Running):
    before = (await thinking.health())["counts"].get("llm_background_preempted", 0)
    finished: list[str] = []

    async def ask(name: str, **options: Any) -> None:
        await judged(thinking, f"Answer of {name}. " * 4, max_tokens=60, **options)
        finished.append(name)

    scoring = asyncio.create_task(ask("scoring", extra_headers={"X-Viva-Priority": "background"}))
    child = psutil.Process(thinking.pid).children()[0]
    used = cpu_s(child)

    async def begun() -> bool:
        return cpu_s(child) - used > 0.3

    await until(begun, 60)
    await ask("interview")
    await scoring
    assert finished == ["interview", "scoring"]
    assert (await thinking.health())["counts"]["llm_background_preempted"] == before + 1


async def test_too_long_a_prompt_is_refused_by_name(thinking: Running):
    with pytest.raises(openai.BadRequestError) as refused:
        await judged(thinking, "word " * 12_000)
    assert refused.value.code == "context_length_exceeded"


async def test_the_model_runs_apart_at_low_priority_and_comes_back_when_killed(thinking: Running):
    service = psutil.Process(thinking.pid)
    (child,) = service.children()
    assert child.nice() == min(19, service.nice() + 15)
    os.kill(child.pid, signal.SIGKILL)
    await until(lambda: gone(child), 10)
    answer = await judged(thinking, "Short.", max_tokens=40)
    assert answer.choices[0].message.content
    assert (await thinking.health())["counts"]["llm_restarts"] == 1


async def test_hosted_delays_are_kept(hosted: Running):
    async with client_of(hosted) as client:
        await client.models.list()
        began = time.monotonic()
        stream = await client.chat.completions.create(
            model="scripted", messages=messages("I fixed it."), response_format=JUDGEMENT, stream=True
        )
        async for chunk in stream:
            if chunk.choices and chunk.choices[0].delta.content:
                break
        assert 0.34 < time.monotonic() - began < 0.8
        await stream.close()
        for _ in range(2):
            began = time.monotonic()
            async with client.audio.speech.with_streaming_response.create(
                model="hibari", voice="default", input="Thank you. Let us go on.", response_format="pcm"
            ) as speech:
                async for _chunk in speech.iter_bytes():
                    break
                assert 0.14 < time.monotonic() - began < 0.8
