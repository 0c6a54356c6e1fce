"""`POST /v1/chat/completions` and `GET /v1/models` in OpenAI's shapes."""

import json
import time
import uuid
from collections.abc import AsyncGenerator, Mapping
from contextlib import aclosing
from typing import Any, Literal

from fastapi import APIRouter, Request
from fastapi.responses import JSONResponse, Response, StreamingResponse
from pydantic import BaseModel, ConfigDict, Field

from interview.errors import Invalid
from local.inference.llm.engine import ChatEngine, Piece, Usage
from local.inference.llm.scheduler import BACKGROUND_SLOT, INTERACTIVE_SLOT
from local.inference.service import Service
from local.inference.web import read_json, while_connected

router = APIRouter()


class _JsonSchema(BaseModel):
    model_config = ConfigDict(extra="allow")

    name: str = Field(min_length=1, max_length=100)
    schema_: dict[str, Any] = Field(alias="schema")


class _ResponseFormat(BaseModel):
    model_config = ConfigDict(extra="allow")

    type: Literal["text", "json_object", "json_schema"]
    json_schema: _JsonSchema | None = None


class _Message(BaseModel):
    model_config = ConfigDict(extra="allow")

    role: Literal["system", "developer", "user", "assistant"]
    content: str | list[dict[str, Any]] | None = None


class ChatRequest(BaseModel):
    """The part of OpenAI's request that is checked; the rest is accepted and unread."""

    model_config = ConfigDict(extra="allow")

    model: str
    messages: list[_Message] = Field(min_length=1, max_length=2000)
    stream: bool = False
    stream_options: dict[str, Any] | None = None
    max_tokens: int | None = Field(default=None, ge=1)
    max_completion_tokens: int | None = Field(default=None, ge=1)
    temperature: float | None = Field(default=None, ge=0, le=2)
    response_format: _ResponseFormat | None = None
    n: int | None = Field(default=None, ge=1, le=1)
    tools: list[Any] | None = Field(default=None, max_length=0)
    metadata: dict[str, Any] | None = None


@router.get("/v1/models")
async def list_models(request: Request) -> JSONResponse:
    """The names that `model` may have."""
    service: Service = request.app.state.service
    service.authorise(request.headers.get("authorization"))
    data = [{"id": name, "object": "model", "created": 0, "owned_by": "viva"} for name in service.model_names()]
    return JSONResponse({"object": "list", "data": data})


@router.post("/v1/chat/completions")
async def chat_completions(request: Request) -> Response:
    """Answer one chat request, streamed or whole; a client that goes away cancels the work."""
    service: Service = request.app.state.service
    service.authorise(request.headers.get("authorization"))
    asked = await read_json(request, ChatRequest)
    await service.breaking.passes("llm")
    engine = service.chat_engine(asked.model)
    body = asked.model_dump(by_alias=True, exclude_none=True)
    if asked.response_format and asked.response_format.type == "json_schema" and not asked.response_format.json_schema:
        raise Invalid("response_format.json_schema is missing", parameter="response_format")
    pieces = while_connected(request, _scheduled(service, engine, body, _is_background(request, asked)))
    head = {"id": f"chatcmpl-{uuid.uuid4().hex}", "created": int(time.time()), "model": asked.model}
    if not asked.stream:
        return JSONResponse(await _whole(head, pieces))
    # The first piece is awaited here, so that a refusal still has a status of its own.
    first = await anext(pieces, None)
    with_usage = bool((asked.stream_options or {}).get("include_usage"))
    return StreamingResponse(_events(head, first, pieces, with_usage), media_type="text/event-stream")


def _is_background(request: Request, asked: ChatRequest) -> bool:
    said = request.headers.get("x-viva-priority") or (asked.metadata or {}).get("priority") or "interactive"
    if said not in {"interactive", "background"}:
        raise Invalid(f"priority must be interactive or background, not {str(said)[:40]!r}", parameter="priority")
    return said == "background"


async def _scheduled(
    service: Service, engine: ChatEngine, body: Mapping[str, Any], background: bool
) -> AsyncGenerator[Piece]:
    if not engine.scheduled:
        async for piece in engine.generate(body, INTERACTIVE_SLOT):
            yield piece
        return
    if not background:
        async with service.scheduler.interactive(), aclosing(engine.generate(body, INTERACTIVE_SLOT)) as pieces:
            async for piece in pieces:
                yield piece
        return

    async def collect() -> list[Piece]:
        # Nothing is passed on before the end: an interrupted generation begins again.
        async with aclosing(engine.generate(body, BACKGROUND_SLOT)) as pieces:
            return [piece async for piece in pieces]

    for piece in await service.scheduler.background(collect):
        yield piece


def _usage(usage: Usage) -> dict[str, Any]:
    return {
        "prompt_tokens": usage.prompt,
        "completion_tokens": usage.completion,
        "total_tokens": usage.prompt + usage.completion,
        "prompt_tokens_details": {"cached_tokens": usage.cached},
    }


async def _whole(head: dict[str, Any], pieces: AsyncGenerator[Piece]) -> dict[str, Any]:
    text, reason, usage = "", "stop", Usage(0, 0)
    async for piece in pieces:
        text += piece.text
        reason = piece.finish_reason or reason
        usage = piece.usage or usage
    message = {"role": "assistant", "content": text, "refusal": None}
    choice = {"index": 0, "message": message, "finish_reason": reason, "logprobs": None}
    return {**head, "object": "chat.completion", "choices": [choice], "usage": _usage(usage)}


async def _events(
    head: dict[str, Any], first: Piece | None, rest: AsyncGenerator[Piece], with_usage: bool
) -> AsyncGenerator[str]:
    def event(choices: list[dict[str, Any]], usage: Usage | None = None) -> str:
        chunk = {**head, "object": "chat.completion.chunk", "choices": choices}
        if with_usage:
            chunk["usage"] = _usage(usage) if usage else None
        return f"data: {json.dumps(chunk)}\n\n"

    def choice(delta: dict[str, Any], reason: str | None = None) -> list[dict[str, Any]]:
        return [{"index": 0, "delta": delta, "finish_reason": reason, "logprobs": None}]

    usage: Usage | None = None
    try:
        yield event(choice({"role": "assistant", "content": ""}))
        piece = first
        while piece is not None:
            if piece.text:
                yield event(choice({"content": piece.text}))
            if piece.finish_reason:
                yield event(choice({}, piece.finish_reason))
            usage = piece.usage or usage
            piece = await anext(rest, None)
        if with_usage:
            yield event([], usage or Usage(0, 0))
        yield "data: [DONE]\n\n"
    finally:
        await rest.aclose()
