"""The `qwen` engine: llama.cpp in a child process of low priority, asked over loopback."""

import asyncio
import json
import logging
import os
import secrets
import sys
import time
from collections.abc import AsyncGenerator, Mapping
from contextlib import aclosing
from pathlib import Path
from typing import Any

import httpx

from interview.errors import ConfigurationError, Invalid, ProviderReplied, ProviderUnavailable
from local.inference.llm.engine import Piece, Usage
from local.inference.stats import Stats

logger = logging.getLogger(__name__)

START_LIMIT_S = 120
SILENCE_LIMIT_S = 600
"""A long prompt is read at about 30 tokens a second without a word in between."""
DEFAULT_MAX_TOKENS, MOST_TOKENS = 512, 2048
MAX_RESTARTS = 5
FORWARDED = ("temperature", "top_p", "seed", "stop", "presence_penalty", "frequency_penalty", "response_format")


class Qwen:
    """Owns the child process: starts it, asks it, starts it again when it has died (at most 5 times)."""

    scheduled = True

    def __init__(self, model: Path, context_tokens: int, stats: Stats) -> None:
        """`model` is a GGUF file, `context_tokens` how long prompt and reply together may be."""
        if not model.is_file():
            raise ConfigurationError(f"there is no model file {model}; check VIVA_LLM_MODEL")
        self._model, self._context_tokens, self._stats = model, context_tokens, stats
        self._key = secrets.token_urlsafe(24)
        self._child: asyncio.subprocess.Process | None = None
        self._client: httpx.AsyncClient | None = None
        self._starting = asyncio.Lock()
        self._starts = 0

    async def start(self) -> None:
        """Start the child and wait until it listens; raises `ProviderUnavailable` when it does not."""
        if self._starts > MAX_RESTARTS:
            raise ProviderUnavailable(f"llama.cpp died {self._starts} times; see the log")
        self._starts += 1
        self._child = await asyncio.create_subprocess_exec(
            sys.executable,
            "-m",
            "local.inference.llm.child",
            str(self._model),
            str(self._context_tokens),
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            env={**os.environ, "VIVA_LLM_CHILD_KEY": self._key, "OMP_NUM_THREADS": "1"},
        )
        url = await self._listening(self._child)
        if self._client is not None:
            await self._client.aclose()
        self._client = httpx.AsyncClient(
            base_url=url,
            headers={"Authorization": f"Bearer {self._key}"},
            timeout=httpx.Timeout(SILENCE_LIMIT_S, connect=5),
            # llama.cpp closes idle connections by itself, sometimes just when one is used again
            limits=httpx.Limits(max_keepalive_connections=0),
            trust_env=False,
        )

    async def _listening(self, child: asyncio.subprocess.Process) -> str:
        assert child.stdout is not None
        try:
            async with asyncio.timeout(START_LIMIT_S):
                async for line in child.stdout:
                    if line.startswith(b'{"url"'):
                        return json.loads(line)["url"]
        except TimeoutError:
            child.kill()
        await child.wait()
        raise ProviderUnavailable(
            f"llama.cpp did not start with {self._model.name} (exit status {child.returncode}); see the log"
        )

    async def close(self) -> None:
        """End the child: it leaves when its standard input closes, and is killed when it does not."""
        if self._client is not None:
            await self._client.aclose()
        if self._child is None or self._child.returncode is not None:
            return
        assert self._child.stdin is not None
        self._child.stdin.close()
        try:
            async with asyncio.timeout(3):
                await self._child.wait()
        except TimeoutError:
            self._child.kill()
            await self._child.wait()

    async def _ready(self) -> httpx.AsyncClient:
        async with self._starting:
            if self._child is None or self._child.returncode is not None:
                self._stats.count("llm_restarts")
                logger.error("llama.cpp is gone; starting it again")
                await self.start()
        assert self._client is not None
        return self._client

    async def _died(self) -> bool:
        """After a broken connection: whether the child is gone, for which its exit may take a moment."""
        child = self._child
        try:
            async with asyncio.timeout(2):
                return child is not None and await child.wait() is not None
        except TimeoutError:
            return False

    async def generate(self, body: Mapping[str, Any], slot: int) -> AsyncGenerator[Piece]:
        """Answer one request; closing the generator closes the connection, which makes llama.cpp stop.

        A child that died before its first word is replaced and asked again, once.
        """
        question = _question(body, slot)
        for attempt in (1, 2):
            spoke = False
            try:
                async with aclosing(self._ask(await self._ready(), question)) as pieces:
                    async for piece in pieces:
                        spoke = True
                        yield piece
                return
            except httpx.HTTPError as error:
                if spoke or attempt == 2 or not await self._died():
                    raise ProviderUnavailable(f"llama.cpp went away ({type(error).__name__})") from error

    async def _ask(self, client: httpx.AsyncClient, question: dict[str, Any]) -> AsyncGenerator[Piece]:
        began, first = time.monotonic(), True
        async with client.stream("POST", "/v1/chat/completions", json=question) as response:
            if response.status_code != 200:
                raise _refusal(response.status_code, await response.aread())
            async for line in response.aiter_lines():
                if not line.startswith("data: ") or line == "data: [DONE]":
                    continue
                piece = _piece(json.loads(line[6:]))
                if piece.text and first:
                    first = False
                    self._stats.latency("llm_first_token", (time.monotonic() - began) * 1000)
                yield piece


def _question(body: Mapping[str, Any], slot: int) -> dict[str, Any]:
    """The request as llama.cpp takes it."""
    wanted = body.get("max_completion_tokens") or body.get("max_tokens") or DEFAULT_MAX_TOKENS
    return {
        **{name: body[name] for name in FORWARDED if body.get(name) is not None},
        "messages": body["messages"],
        "max_tokens": min(int(wanted), MOST_TOKENS),
        "stream": True,
        "stream_options": {"include_usage": True},
        "id_slot": slot,
        "cache_prompt": True,
    }


def _piece(chunk: Mapping[str, Any]) -> Piece:
    if "error" in chunk:
        raise _refusal(chunk["error"].get("code", 500), json.dumps(chunk).encode())
    choice = (chunk.get("choices") or [{}])[0]
    usage = chunk.get("usage")
    return Piece(
        text=(choice.get("delta") or {}).get("content") or "",
        finish_reason=choice.get("finish_reason"),
        usage=Usage(
            usage.get("prompt_tokens", 0),
            usage.get("completion_tokens", 0),
            (usage.get("prompt_tokens_details") or {}).get("cached_tokens", 0),
        )
        if usage
        else None,
    )


def _refusal(status: int, body: bytes) -> Invalid | ProviderReplied:
    try:
        error = json.loads(body).get("error", {})
    except (ValueError, AttributeError):
        error = {}
    message = str(error.get("message", "no reason given"))[:300]
    if status == 400:
        too_long = error.get("type") == "exceed_context_size_error"
        return Invalid(f"llama.cpp refuses: {message}", code="context_length_exceeded" if too_long else "invalid")
    return ProviderReplied(f"llama.cpp failed with status {status}: {message}")
