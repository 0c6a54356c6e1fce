"""The chat client against a real HTTP server."""

import asyncio
import socket
from typing import Annotated, Any

import pytest
from fastapi import Response
from pydantic import BaseModel, Field

from interview.errors import ProviderReplied, ProviderUnavailable
from providers.chat import ATTEMPTS, ChatClient, Usage, strict_json_schema
from tests.unit.providers.chat_server import BOUND_S, HANG, ChatServer, completion, refusal


class Inner(BaseModel):
    word: str = "x"


class Score(BaseModel):
    level: Annotated[int, Field(ge=1, le=5)]
    inner: Inner = Inner()


GOOD = {"level": 3, "inner": {"word": "yes"}}


async def ask(client: ChatClient, **changes: Any) -> tuple[Score, Usage]:
    request: dict[str, Any] = {
        "name": "competency_score",
        "system": "Rate.",
        "user": "I built it.",
        "schema": Score,
        "max_tokens": 50,
    }
    return await client.structured(**(request | changes))


def first_fails(*failures: Any) -> Any:
    left = list(failures)
    return lambda body: left.pop(0) if left else GOOD


async def test_a_reply_is_validated_and_comes_with_its_cost(client: ChatClient, chat_server: ChatServer):
    chat_server.answer = lambda body: GOOD
    score, usage = await ask(client, priority="background")
    assert score == Score(level=3, inner=Inner(word="yes"))
    assert usage == Usage(prompt_tokens=11, completion_tokens=7, model="some-model")
    body, headers = chat_server.bodies[0], chat_server.headers[0]
    assert headers["x-viva-priority"] == "background"
    assert headers["authorization"] == "Bearer key"
    assert body["temperature"] == 0.0
    assert body["max_tokens"] == 50
    assert body["response_format"]["json_schema"]["name"] == "competency_score"
    assert body["response_format"]["json_schema"]["strict"] is True
    assert [message["role"] for message in body["messages"]] == ["system", "user"]


def test_the_schema_is_closed_and_requires_everything_as_strict_mode_wants():
    schema = strict_json_schema(Score)
    assert schema["required"] == ["level", "inner"]
    assert schema["additionalProperties"] is False
    assert schema["$defs"]["Inner"]["required"] == ["word"]
    assert schema["$defs"]["Inner"]["additionalProperties"] is False


async def test_a_conversation_may_follow_the_system_prompt(client: ChatClient, chat_server: ChatServer):
    chat_server.answer = lambda body: GOOD
    await ask(client, user=[{"role": "user", "content": "a"}, {"role": "assistant", "content": "b"}])
    assert [m["role"] for m in chat_server.bodies[0]["messages"]] == ["system", "user", "assistant"]


@pytest.mark.parametrize("status", [429, 500, 503])
async def test_what_may_pass_is_tried_again(client: ChatClient, chat_server: ChatServer, status: int):
    chat_server.answer = first_fails(refusal(status, "later"), refusal(status, "later"))
    score, _ = await ask(client)
    assert score.level == 3
    assert client.counts.retries == 2


async def test_trying_again_has_an_end(client: ChatClient, chat_server: ChatServer):
    chat_server.answer = lambda body: refusal(503, "away")
    with pytest.raises(ProviderUnavailable) as caught:
        await ask(client)
    assert len(chat_server.bodies) == ATTEMPTS
    assert caught.value.details["provider_status"] == 503


@pytest.mark.parametrize("status", [401, 403, 404])
async def test_a_refusal_is_not_repeated(client: ChatClient, chat_server: ChatServer, status: int):
    chat_server.answer = lambda body: refusal(status, "no")
    with pytest.raises(ProviderUnavailable, match=f"HTTP {status}"):
        await ask(client)
    assert len(chat_server.bodies) == 1


async def test_a_server_without_json_schema_gets_the_schema_in_the_prompt(client: ChatClient, chat_server: ChatServer):
    def only_json_object(body: dict[str, Any]) -> Any:
        if body["response_format"]["type"] == "json_schema":
            return refusal(400, "this response_format is unavailable", param="response_format")
        return "```json\n" + '{"level": 2, "inner": {"word": "w"}}' + "\n```"

    chat_server.answer = only_json_object
    score, _ = await ask(client)
    assert score.level == 2
    assert '"level"' in chat_server.bodies[1]["messages"][0]["content"]
    await ask(client)
    assert len(chat_server.bodies) == 3, "the second call knows what the server takes"
    assert client.counts.form_fallbacks == 1


async def test_a_model_with_other_parameters_is_still_asked_for_its_schema(client: ChatClient, chat_server: ChatServer):
    def particular(body: dict[str, Any]) -> Any:
        if "max_tokens" in body:
            return refusal(400, "use 'max_completion_tokens' instead", param="max_tokens")
        if "temperature" in body:
            return refusal(400, "only the default is supported", param="temperature")
        return GOOD

    chat_server.answer = particular
    await ask(client)
    final = chat_server.bodies[-1]
    assert final["max_completion_tokens"] == 50
    assert final["response_format"]["type"] == "json_schema"


async def test_a_server_that_refuses_every_form_is_unavailable(client: ChatClient, chat_server: ChatServer):
    chat_server.answer = lambda body: refusal(400, "context too long")
    with pytest.raises(ProviderUnavailable, match="HTTP 400"):
        await ask(client)
    assert len(chat_server.bodies) == 2


@pytest.mark.parametrize(
    ("answer", "says"),
    [
        ("not json", "json_invalid"),
        ({"level": 9, "inner": {"word": "x"}}, "level: less_than_equal"),
        (completion('{"level": 3, "in', finish_reason="length"), "max_tokens"),
        (Response("<html>hello</html>", media_type="text/html"), "base URL"),
        (Response("{broken", media_type="application/json"), "JSON"),
    ],
)
async def test_an_answer_that_is_no_such_record_is_refused_in_words(
    client: ChatClient, chat_server: ChatServer, answer: Any, says: str
):
    chat_server.answer = lambda body: answer
    with pytest.raises(ProviderReplied, match=says):
        await ask(client)
    assert client.counts.unusable_replies == 1


async def test_errors_do_not_repeat_what_was_said(client: ChatClient, chat_server: ChatServer):
    chat_server.answer = lambda body: {"level": "my secret answer"}
    with pytest.raises(ProviderReplied) as caught:
        await ask(client)
    assert "secret" not in str(caught.value)


async def test_a_server_that_is_away_is_unavailable():
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
    client = ChatClient(f"http://127.0.0.1:{port}/v1", "", "m", timeout_s=1)
    with pytest.raises(ProviderUnavailable, match="APIConnectionError"):
        await ask(client)
    await client.aclose()


async def test_the_deadline_holds_over_all_attempts(client: ChatClient, chat_server: ChatServer):
    chat_server.answer = lambda body: HANG
    with pytest.raises(ProviderUnavailable, match=r"within 0\.1 s"):
        await ask(client, deadline_s=0.1)
    await asyncio.wait_for(chat_server.client_left.wait(), BOUND_S)


async def test_cancelling_a_call_closes_the_connection(client: ChatClient, chat_server: ChatServer):
    chat_server.answer = lambda body: HANG
    call = asyncio.create_task(ask(client))
    await asyncio.wait_for(chat_server.asked.wait(), BOUND_S)
    call.cancel()
    with pytest.raises(asyncio.CancelledError):
        await call
    await asyncio.wait_for(chat_server.client_left.wait(), BOUND_S)
