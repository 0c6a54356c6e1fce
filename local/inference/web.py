"""What the HTTP endpoints share: reading a bounded body, and errors in OpenAI's shape."""

import asyncio
import json
from collections.abc import AsyncGenerator
from contextlib import aclosing
from typing import Any, TypeVar

from fastapi import Request
from fastapi.responses import JSONResponse
from pydantic import BaseModel, ValidationError

from interview.errors import Invalid, NotFound, ProviderUnavailable, VivaError

MAX_BODY_BYTES = 2_000_000
M = TypeVar("M", bound=BaseModel)
T = TypeVar("T")


class TooLarge(Invalid):
    """The request's body is larger than the service reads."""

    code = "too_large"
    status = 413


async def read_json(request: Request, model: type[M]) -> M:
    """The request's JSON body as `model`; raises `Invalid` naming what is wrong, `TooLarge` above 2 MB."""
    body = bytearray()
    async for chunk in request.stream():
        body += chunk
        if len(body) > MAX_BODY_BYTES:
            raise TooLarge(f"the body is larger than {MAX_BODY_BYTES} bytes")
    try:
        return model.model_validate(json.loads(body))
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(str(part) for part in first["loc"])
        raise Invalid(f"{where or 'body'}: {first['msg']}", parameter=where) from error
    except (ValueError, RecursionError) as error:
        raise Invalid("the body is no JSON") from error


def error_response(error: VivaError) -> JSONResponse:
    """An error as OpenAI's API words it."""
    status = 400 if type(error) is Invalid else error.status
    kind = "invalid_request_error" if status < 500 else "server_error"
    body: dict[str, Any] = {
        "message": error.message,
        "type": "not_found_error" if isinstance(error, NotFound) else kind,
        "param": error.details.get("parameter"),
        "code": error.code,
    }
    headers = {"Retry-After": "2"} if isinstance(error, ProviderUnavailable) else None
    return JSONResponse({"error": body}, status_code=status, headers=headers)


async def while_connected(request: Request, pieces: AsyncGenerator[T]) -> AsyncGenerator[T]:
    """Pass `pieces` on; cancel their source as soon as the client has gone or nobody asks for more.

    The source runs in a task of its own: a web framework that abandons a response cancels every await of its own
    task, clean-up included, and the source's clean-up (telling the engine to stop) must run. The request's body must
    have been read.
    """
    passed: asyncio.Queue[T] = asyncio.Queue(64)

    async def pump() -> None:
        async with aclosing(pieces):
            async for piece in pieces:
                await passed.put(piece)

    source = asyncio.create_task(pump(), name="pieces")
    gone = asyncio.create_task(_gone(request), name="client-gone")
    try:
        while not (source.done() and passed.empty()):
            asking = asyncio.create_task(passed.get(), name="next-piece")
            try:
                await asyncio.wait({asking, gone, source}, return_when=asyncio.FIRST_COMPLETED)
            finally:
                asking.cancel()  # does nothing to one that is done
            await asyncio.gather(asking, return_exceptions=True)
            if not asking.cancelled():
                yield asking.result()
            elif gone.done():
                return
        await source
    finally:
        gone.cancel()
        source.cancel()
        await asyncio.gather(gone, source, return_exceptions=True)


async def _gone(request: Request) -> None:
    while (await request.receive())["type"] != "http.disconnect":
        pass
