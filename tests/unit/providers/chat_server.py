"""A small real HTTP server that speaks OpenAI's chat completions, for tests of whoever asks a model."""

import asyncio
import json
import socket
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

import uvicorn
from fastapi import FastAPI, Request, Response
from fastapi.responses import JSONResponse

BOUND_S = 30.0


@dataclass
class ChatServer:
    """Answers each request with what `answer` returns: a `Response`, or the reply's content (JSON-ready or
    text).

    `answer` is handed the request's body; `bodies` and `headers` keep what was asked. An `answer` that
    returns `HANG` keeps the client waiting until it goes away, which sets `client_left`.
    """

    url: str
    answer: Callable[[dict[str, Any]], Any] = lambda body: {}
    bodies: list[dict[str, Any]] = field(default_factory=list)
    headers: list[dict[str, str]] = field(default_factory=list)
    asked: asyncio.Event = field(default_factory=asyncio.Event)
    client_left: asyncio.Event = field(default_factory=asyncio.Event)

    async def handle(self, request: Request) -> Response:
        body = await request.json()
        self.bodies.append(body)
        self.headers.append(dict(request.headers))
        self.asked.set()
        answer = self.answer(body)
        if answer is HANG:
            while (await request.receive())["type"] != "http.disconnect":
                pass
            self.client_left.set()
            return Response(status_code=499)
        if isinstance(answer, Response):
            return answer
        return completion(answer, model=body["model"])


HANG = object()


def completion(content: Any, *, model: str = "test", finish_reason: str = "stop") -> JSONResponse:
    text = content if isinstance(content, str) else json.dumps(content)
    message = {"role": "assistant", "content": text}
    return JSONResponse(
        {
            "id": "chat-1",
            "object": "chat.completion",
            "created": 1,
            "model": model,
            "choices": [{"index": 0, "message": message, "finish_reason": finish_reason}],
            "usage": {"prompt_tokens": 11, "completion_tokens": 7, "total_tokens": 18},
        }
    )


def refusal(status: int, message: str, *, param: str | None = None, **headers: str) -> JSONResponse:
    error = {"message": message, "type": "invalid_request_error", "param": param, "code": None}
    return JSONResponse({"error": error}, status_code=status, headers=headers)


@asynccontextmanager
async def running() -> AsyncIterator[ChatServer]:
    """Serve on a free port of the loopback until the context ends."""
    listener = socket.create_server(("127.0.0.1", 0))
    chat = ChatServer(url=f"http://127.0.0.1:{listener.getsockname()[1]}/v1")
    app = FastAPI()
    app.add_api_route("/v1/chat/completions", chat.handle, methods=["POST"], response_model=None)
    server = uvicorn.Server(uvicorn.Config(app, log_level="warning", timeout_graceful_shutdown=1))
    serving = asyncio.create_task(server.serve(sockets=[listener]))
    try:
        yield chat  # the socket already listens: who connects before the server is up waits in its backlog
    finally:
        server.should_exit = True
        await serving
