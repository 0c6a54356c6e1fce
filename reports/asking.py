"""Asking the model about one session: bounded, and never twice for the same."""

import asyncio
from dataclasses import dataclass
from datetime import datetime
from typing import Generic, Protocol, TypeVar

from pydantic import BaseModel, ValidationError

from interview.clock import Clock
from interview.model_reply import ModelReply, digest_of
from providers.chat import Chat

Reply = TypeVar("Reply", bound=BaseModel)


class Replies(Protocol):
    """Where replies are kept."""

    async def find(self, session_id: str, asked: str, since: datetime | None = None) -> ModelReply | None:
        """Return what was replied to this, at `since` or later."""
        ...

    async def keep(self, reply: ModelReply) -> None:
        """Keep a reply, in place of an older one to the same."""
        ...


@dataclass(frozen=True)
class Question:
    """What is put before the model. `number` tells apart what is asked several times in the same words."""

    prompt: str
    version: int
    system: str
    user: str
    max_tokens: int
    temperature: float = 0.0
    number: int = 0

    @property
    def digest(self) -> str:
        """What a reply is found by again."""
        return digest_of(self.prompt, self.version, self.system, self.user, self.temperature, self.number)


@dataclass(frozen=True)
class Answered(Generic[Reply]):
    """What came back; `paid` is false where it was known already."""

    reply: Reply
    model: str
    prompt_tokens: int
    completion_tokens: int
    paid: bool


class Asker:
    """Asks about one session, never more at a time than `gate` lets through.

    Each reply is kept before it is used: whoever goes on after a crash, or builds the report anew, asks only what has
    changed. Replies from before `since` do not count. `asked`, where it is given, are the digests of all that was asked
    before: what is not among them need not be looked up.
    """

    def __init__(
        self,
        chat: Chat,
        replies: Replies,
        clock: Clock,
        session_id: str,
        *,
        gate: asyncio.Semaphore,
        deadline_s: float,
        since: datetime | None = None,
        asked: frozenset[str] | None = None,
    ) -> None:
        self._chat = chat
        self._replies = replies
        self._clock = clock
        self._session_id = session_id
        self._gate = gate
        self._deadline_s = deadline_s
        self._since = since
        self._asked = asked

    async def ask(self, question: Question, schema: type[Reply]) -> Answered[Reply]:
        """Return the reply to a question. Raises as `Chat.structured`, and what the storage raises."""
        kept = None
        if self._asked is None or question.digest in self._asked:
            kept = await self._replies.find(self._session_id, question.digest, self._since)
        if kept is not None and (known := _read(kept, schema)) is not None:
            return Answered(known, kept.model, kept.prompt_tokens, kept.completion_tokens, paid=False)
        async with self._gate:
            reply, usage = await self._chat.structured(
                name=question.prompt,
                system=question.system,
                user=question.user,
                schema=schema,
                max_tokens=question.max_tokens,
                temperature=question.temperature,
                priority="background",
                deadline_s=self._deadline_s,
            )
        await self._replies.keep(
            ModelReply(
                session_id=self._session_id,
                asked=question.digest,
                reply=storable_values(reply),
                model=usage.model,
                prompt_tokens=usage.prompt_tokens,
                completion_tokens=usage.completion_tokens,
                replied_at=self._clock.now(),
            )
        )
        return Answered(reply, usage.model, usage.prompt_tokens, usage.completion_tokens, paid=True)


def storable_values(reply: BaseModel) -> dict[str, object]:
    """Return a reply as JSON-ready values without half characters, which no database takes."""
    return {name: _storable(value) for name, value in reply.model_dump().items()}


def _storable(value: object) -> object:
    if isinstance(value, str):
        return value.encode("utf-8", "replace").decode("utf-8")
    return [_storable(inner) for inner in value] if isinstance(value, list) else value


def _read(kept: ModelReply, schema: type[Reply]) -> Reply | None:
    """Read a kept reply; None where the schema has changed since."""
    try:
        return schema.model_validate(kept.reply)
    except ValidationError:
        return None
