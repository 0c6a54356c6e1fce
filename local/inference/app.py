"""The web application: routes, errors, loading and closing of the engines."""

import asyncio
import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from fastapi import FastAPI, Request
from fastapi.responses import JSONResponse
from pydantic import BaseModel, Field

from interview.errors import VivaError
from local.inference.breaking import Kind, Mode
from local.inference.delays import Cue
from local.inference.llm import endpoint as chat
from local.inference.service import Service
from local.inference.settings import InferenceSettings
from local.inference.stt import endpoint as listen
from local.inference.stt.protocol import Word
from local.inference.tts import endpoint as speech
from local.inference.web import error_response, read_json

logger = logging.getLogger(__name__)


class _Word(BaseModel):
    text: str = Field(min_length=1, max_length=200)
    start_s: float = Field(ge=0, le=3600)
    end_s: float = Field(ge=0, le=3600)


class _Cue(BaseModel):
    text: str = Field(min_length=1, max_length=20_000)
    duration_s: float = Field(gt=0, le=3600)
    words: list[_Word] = Field(default=[], max_length=5000)

    def cue(self) -> Cue:
        return Cue(self.text, self.duration_s, tuple(Word(w.text, w.start_s, w.end_s, 0.99) for w in self.words))


class _Sheet(BaseModel):
    cues: list[_Cue] = Field(min_length=1, max_length=1000)
    tone_hz: float | None = Field(default=None, ge=100, le=7500)
    now: bool = False


class _Break(BaseModel):
    kind: Kind
    mode: Mode


def create_app(settings: InferenceSettings) -> FastAPI:
    """Build the application; engines load in the background once it runs, `/healthz` tells when they are there."""
    service = Service(settings)

    @asynccontextmanager
    async def lifespan(_app: FastAPI) -> AsyncIterator[None]:
        loading = asyncio.create_task(_load(service), name="load-engines")
        try:
            yield
        finally:
            loading.cancel()
            await asyncio.gather(loading, return_exceptions=True)
            await service.close()

    app = FastAPI(title="Viva local inference", lifespan=lifespan, openapi_url=None)
    app.state.service = service
    app.state.rendered = speech.RenderedCache()
    app.include_router(listen.router)
    app.include_router(chat.router)
    app.include_router(speech.router)

    @app.get("/healthz")
    async def healthz() -> JSONResponse:
        """200 when every engine asked for is there, else 503; the body says which, and what was replaced."""
        well, body = service.health()
        return JSONResponse(body, status_code=200 if well else 503)

    @app.post("/v1/bench/cues")
    async def cues(request: Request) -> JSONResponse:
        """Register what will be said: in streams that begin from now on, or (`now`) next in any stream.

        With `tone_hz`, what whoever has this tone under their voice will say. Only with a delay profile.
        """
        service.authorise(request.headers.get("authorization"))
        sheet = await read_json(request, _Sheet)
        service.register_cues(tuple(cue.cue() for cue in sheet.cues), tone_hz=sheet.tone_hz, now=sheet.now)
        return JSONResponse({"registered": len(sheet.cues)}, status_code=201)

    @app.post("/v1/bench/breaking")
    async def breaking(request: Request) -> JSONResponse:
        """Break one kind of engine, or mend it; only with a delay profile."""
        service.authorise(request.headers.get("authorization"))
        wanted = await read_json(request, _Break)
        service.break_engine(wanted.kind, wanted.mode)
        return JSONResponse(wanted.model_dump(mode="json"))

    @app.exception_handler(VivaError)
    async def wrong(_request: Request, error: VivaError) -> JSONResponse:
        return error_response(error)

    return app


async def _load(service: Service) -> None:
    try:
        await service.load()
    except Exception:
        logger.exception("loading the engines failed")
        raise
    logger.info("engines: %s", service.health()[1]["engines"])
