"""What a chat engine is, and the scripted one."""

import asyncio
from collections.abc import AsyncGenerator, Mapping
from dataclasses import dataclass
from typing import Any, Protocol

from local.inference.llm import scripted

PIECE_CHARACTERS = 24


@dataclass(frozen=True)
class Usage:
    """Tokens read and written; `cached` is the part of `prompt` that was not read again."""

    prompt: int
    completion: int
    cached: int = 0


@dataclass(frozen=True)
class Piece:
    """A part of a reply; the last one says why it ended and what it cost."""

    text: str = ""
    finish_reason: str | None = None
    usage: Usage | None = None


class ChatEngine(Protocol):
    """Anything that answers chat requests in OpenAI's shape."""

    scheduled: bool
    """True when the engine is scarce: requests take turns by priority."""

    def generate(self, body: Mapping[str, Any], slot: int) -> AsyncGenerator[Piece]:
        """Answer one validated request; closing the iterator cancels the generation at once.

        `slot` says which of the engine's prompt caches to use. Raises `Invalid` when the request does not fit the
        engine, `ProviderUnavailable` when the engine is gone.
        """
        ...


class Scripted:
    """Replies by `scripted.answer`, in pieces, the first of them after a fixed delay. A token is four characters."""

    scheduled = False

    def __init__(self, first_token_s: float = 0.0) -> None:
        self._first_token_s = first_token_s

    async def generate(self, body: Mapping[str, Any], slot: int) -> AsyncGenerator[Piece]:
        """Answer one request."""
        if self._first_token_s:
            await asyncio.sleep(self._first_token_s)
        text = scripted.answer(body)
        for at in range(0, len(text), PIECE_CHARACTERS):
            yield Piece(text[at : at + PIECE_CHARACTERS])
        asked = sum(len(scripted.text_of(message)) for message in body.get("messages", []))
        yield Piece(finish_reason="stop", usage=Usage(-(-asked // 4), -(-len(text) // 4)))
