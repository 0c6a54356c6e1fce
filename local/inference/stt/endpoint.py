"""`WS /v1/listen`: the socket around a stream."""

import asyncio
import json
import logging
import uuid

from fastapi import APIRouter, WebSocket
from fastapi.responses import JSONResponse
from starlette.websockets import WebSocketDisconnect, WebSocketState

from interview.errors import Invalid, NotAuthenticated, ProviderError, ProviderUnavailable, VivaError
from local.inference.service import Service
from local.inference.stt import protocol
from local.inference.stt.stream import ListenStream

logger = logging.getLogger(__name__)
router = APIRouter()

IDLE_LIMIT_S = 30
"""Deepgram's plugin sends KeepAlive every 5 s; a client silent for longer than this is gone."""
MAX_MESSAGE_BYTES = 1 << 20
GOING_WRONG, TRY_LATER = 1011, 1013


@router.websocket("/v1/listen")
async def listen(socket: WebSocket) -> None:
    """Deepgram-compatible streaming transcription; a request that cannot be served is refused over HTTP."""
    service: Service = socket.app.state.service
    request_id = str(uuid.uuid4())
    try:
        service.authorise(socket.headers.get("authorization"))
        await service.breaking.passes("stt")
        queue = await service.decode_queue_for(socket.query_params.get("language", "en"))
        options = protocol.parse_query(socket.query_params, queue.recogniser.languages)
        claim = service.claim_stream()
    except VivaError as error:
        await socket.send_denial_response(
            JSONResponse(
                {"err_code": error.code.upper(), "err_msg": error.message, "request_id": request_id},
                status_code=400 if isinstance(error, Invalid) else error.status,
                headers={"dg-error": error.code},
            )
        )
        if not isinstance(error, NotAuthenticated):
            logger.info("stream %s refused: %s", request_id, error.message)
        return
    with claim:
        await socket.accept(headers=[(b"dg-request-id", request_id.encode())])

        async def send(message: object) -> None:
            await service.breaking.passes("stt")
            await socket.send_json(message)

        stream = ListenStream(
            options,
            service.rules_for(options),
            queue,
            send,
            request_id=request_id,
            floor=service.floor,
            stats=service.stats,
            cues=service.cues(),
            announced=service.announced,
            timed=service.delays is not None,
        )
        await _serve(socket, stream, request_id, service)


async def _serve(socket: WebSocket, stream: ListenStream, request_id: str, service: Service) -> None:
    reader = asyncio.create_task(_read(socket, stream), name=f"stt-read-{request_id}")
    broken = asyncio.create_task(service.breaking.breaks("stt"), name=f"stt-broken-{request_id}")
    code = 1000
    try:
        await asyncio.wait({reader, stream.emitter, broken}, return_when=asyncio.FIRST_COMPLETED)
        if broken.done():
            raise ProviderUnavailable("stt is broken on purpose")
        if stream.emitter.done() and not reader.done():
            stream.emitter.result()
        await reader
    except WebSocketDisconnect:
        code = 0
    except ProviderUnavailable as error:
        code = TRY_LATER
        logger.warning("stream %s ended: %s", request_id, error.message)
    except (ProviderError, RuntimeError, ValueError):
        code = GOING_WRONG
        logger.exception("stream %s failed", request_id)
    finally:
        reader.cancel()
        broken.cancel()
        await asyncio.wait({reader, broken})
        await stream.abort()
    if code and socket.client_state is WebSocketState.CONNECTED:
        await socket.close(code)


async def _read(socket: WebSocket, stream: ListenStream) -> None:
    """Feed the stream until the client closes it; raises `WebSocketDisconnect` when it just goes."""
    while True:
        try:
            async with asyncio.timeout(IDLE_LIMIT_S):
                message = await socket.receive()
        except TimeoutError as error:
            raise ProviderUnavailable(f"no audio or KeepAlive for {IDLE_LIMIT_S} s") from error
        if message["type"] == "websocket.disconnect":
            raise WebSocketDisconnect(message.get("code") or 1005)
        if message.get("bytes") is not None:
            await stream.push(message["bytes"])
        elif await _command(message.get("text") or "", stream):
            return


async def _command(text: str, stream: ListenStream) -> bool:
    """Obey one JSON message; true when it closes the stream. What is not understood is ignored, as Deepgram does."""
    try:
        message = json.loads(text)
    except (ValueError, RecursionError):
        message = None
    kind = message.get("type") if isinstance(message, dict) else None
    if kind == "Finalize":
        await stream.finalize()
    elif kind == "CloseStream":
        await stream.close()
        return True
    elif kind != "KeepAlive":
        logger.info("a message of %d characters was not understood and ignored", len(text))
    return False
