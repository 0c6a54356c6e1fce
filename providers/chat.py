"""The chat client: one call that sends a prompt and returns a validated record.

It speaks to any server with OpenAI's chat completions. Servers differ in what they accept, so a request
starts in the strictest dialect (a JSON schema enforced by the server) and gives way, once for each thing
that is refused; what was learnt is kept for the next call.
"""

import asyncio
import json
import logging
import time
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cache
from typing import Any, Literal, Protocol, TypeVar

import openai
from openai.types.chat import ChatCompletion, ChatCompletionMessageParam
from pydantic import BaseModel, ValidationError
from tenacity import AsyncRetrying, RetryCallState, retry_if_exception, stop_after_attempt
from tenacity.wait import wait_random_exponential

from interview.errors import ProviderReplied, ProviderUnavailable
from interview.record import Record
from providers import usage
from providers.directory import Provider
from providers.meter import Meter

log = logging.getLogger(__name__)

Reply = TypeVar("Reply", bound=BaseModel)
Priority = Literal["interactive", "background"]

ATTEMPTS = 3
FIRST_WAIT_S = 0.25
LONGEST_WAIT_S = 8.0
_TRY_AGAIN = frozenset({408, 409, 429})
_REFUSED_FORM = (openai.BadRequestError, openai.UnprocessableEntityError)


class Usage(Record):
    """What one call cost: tokens as the provider counted them (0 where it said nothing), and who answered."""

    prompt_tokens: int = 0
    completion_tokens: int = 0
    model: str


@dataclass
class ChatCounts:
    """What happened since the client was made."""

    calls: int = 0
    retries: int = 0
    form_fallbacks: int = 0
    """Requests that had to be sent again in a plainer form, because the server refused the first."""
    unusable_replies: int = 0


@dataclass(frozen=True)
class _Form:
    """How a request is written for this server."""

    json_schema: bool = True
    tokens_field: str = "max_tokens"
    temperature: bool = True

    def plainer(self, error: openai.APIStatusError) -> "_Form | None":
        """Return the form to try after `error`, or None when nothing is left to give up.

        Newer OpenAI models take `max_completion_tokens` instead of `max_tokens` and no temperature; several
        servers know `json_object` but no `json_schema`.
        """
        hint = f"{error.param or ''} {error.message}"
        if "max_tokens" in hint and self.tokens_field == "max_tokens":
            return replace(self, tokens_field="max_completion_tokens")
        if "temperature" in hint and self.temperature:
            return replace(self, temperature=False)
        if self.json_schema:
            return replace(self, json_schema=False)
        return None


class Chat(Protocol):
    """Whoever asks a language model for records: one server (`ChatClient`), or a chain of them (`ChatChain`)."""

    async def structured(
        self,
        *,
        name: str,
        system: str,
        user: str | Sequence[ChatCompletionMessageParam],
        schema: type[Reply],
        max_tokens: int,
        temperature: float = 0.0,
        priority: Priority = "interactive",
        deadline_s: float | None = None,
    ) -> tuple[Reply, Usage]:
        """Ask for one `schema`; see `ChatClient.structured`."""
        ...


class ChatClient:
    """Asks one model of one OpenAI-compatible server for records. Call `aclose()` when done.

    `timeout_s` bounds one HTTP request. Cancelling a call closes its connection, which is how the server
    learns to stop generating.
    """

    def __init__(
        self,
        base_url: str,
        api_key: str,
        model: str,
        timeout_s: float,
        *,
        provider: Provider | None = None,
        meter: Meter | None = None,
    ) -> None:
        self.model = model
        self._provider = usage.provider_of(base_url)
        self._metered = (provider, meter) if provider and meter else None
        self.counts = ChatCounts()
        self._client = openai.AsyncOpenAI(
            base_url=base_url, api_key=api_key or "none", timeout=timeout_s, max_retries=0
        )
        self._form = _Form()

    async def aclose(self) -> None:
        """Close the connections."""
        await self._client.close()

    async def structured(
        self,
        *,
        name: str,
        system: str,
        user: str | Sequence[ChatCompletionMessageParam],
        schema: type[Reply],
        max_tokens: int,
        temperature: float = 0.0,
        priority: Priority = "interactive",
        deadline_s: float | None = None,
    ) -> tuple[Reply, Usage]:
        """Ask for one `schema` and return it, validated, with its cost.

        `name` is the task's (`competency_score`, `answer_judgement`); `user` is one message or the messages
        after the system prompt. `priority` goes to the server as `X-Viva-Priority`: background work waits
        there for whoever is talking. `deadline_s` bounds the call with all its retries.

        Raises `ProviderUnavailable` (away, slow, refuses) or `ProviderReplied` (an answer that is no
        `schema`).
        """
        messages: list[ChatCompletionMessageParam] = [{"role": "system", "content": system}]
        if isinstance(user, str):
            messages.append({"role": "user", "content": user})
        else:
            messages.extend(user)
        request = {"messages": messages, "extra_headers": {"X-Viva-Priority": priority}}
        ask = _Ask(name, strict_json_schema(schema), max_tokens, temperature, request)
        self.counts.calls += 1
        began, ok = time.monotonic(), False
        try:
            async with asyncio.timeout(deadline_s):
                completion = await self._complete(ask)
            ok = True
        except TimeoutError as error:
            raise ProviderUnavailable(
                f"the model {self.model} did not finish {name} within {deadline_s} s",
                task=name,
                deadline_s=deadline_s,
            ) from error
        except asyncio.CancelledError:
            ok = True  # given up by us; the provider did not fail
            raise
        finally:
            self._note_call(time.monotonic() - began, ok=ok)
        return self._read(completion, name, schema)

    async def _complete(self, ask: "_Ask") -> ChatCompletion:
        """Send, giving up one refused form at a time; the form that works is kept."""
        form = self._form
        while True:
            try:
                completion = await self._send(ask.written(form, self.model))
            except _REFUSED_FORM as error:
                plainer = form.plainer(error)
                if plainer is None:
                    raise self._unavailable(ask.name, error) from error
                self.counts.form_fallbacks += 1
                log.warning(
                    "the model server refused %s as %s (%d); trying %s",
                    ask.name,
                    form,
                    error.status_code,
                    plainer,
                )
                form = plainer
            except openai.APIError as error:
                raise self._unavailable(ask.name, error) from error
            except ValueError as error:
                raise self._unusable(ask.name, "a body that is no JSON", is_no_model=True) from error
            else:
                self._form = form
                return completion

    async def _send(self, request: dict[str, Any]) -> ChatCompletion:
        """Send one form with bounded retries of what may pass: lost connections, timeouts, 408, 409, 429,
        5xx.
        """
        retrying = AsyncRetrying(
            stop=stop_after_attempt(ATTEMPTS),
            wait=_wait_s,
            retry=retry_if_exception(_may_pass),
            before_sleep=self._note_retry,
            reraise=True,
        )

        async def send() -> ChatCompletion:
            return await self._client.chat.completions.create(**request)

        return await retrying(send)

    def _note_call(self, took_s: float, *, ok: bool) -> None:
        if self._metered:
            provider, meter = self._metered
            meter.call(provider, took_s, ok=ok)
        else:
            usage.note_call(self._provider, self.model, took_s, ok=ok)

    def _note_retry(self, state: RetryCallState) -> None:
        self.counts.retries += 1
        error = state.outcome.exception() if state.outcome else None
        log.warning("model %s: attempt %d failed (%s)", self.model, state.attempt_number, _in_short(error))

    def _read(self, completion: ChatCompletion, name: str, schema: type[Reply]) -> tuple[Reply, Usage]:
        used = getattr(completion, "usage", None)
        if used:
            usage.note_tokens(given=used.prompt_tokens, made=used.completion_tokens)
            if self._metered:
                provider, meter = self._metered
                meter.tokens(provider, used.prompt_tokens, used.completion_tokens)
        choices = getattr(completion, "choices", None)
        if not choices:
            raise self._unusable(name, "no choices: is the base URL right?", is_no_model=True)
        text = choices[0].message.content or ""
        try:
            reply = schema.model_validate_json(_unfenced(text))
        except ValidationError as error:
            cut = " (it was cut at max_tokens)" if choices[0].finish_reason == "length" else ""
            faults = "; ".join(f"{'.'.join(map(str, e['loc'])) or 'reply'}: {e['type']}" for e in error.errors())
            raise self._unusable(name, f"{faults}{cut}") from None
        return reply, Usage(
            prompt_tokens=used.prompt_tokens if used else 0,
            completion_tokens=used.completion_tokens if used else 0,
            model=completion.model or self.model,
        )

    def _unavailable(self, name: str, error: openai.APIError) -> ProviderUnavailable:
        status = getattr(error, "status_code", None)
        return ProviderUnavailable(
            f"the model {self.model} could not do {name}: {_in_short(error)}",
            task=name,
            provider_status=status,
        )

    def _unusable(self, name: str, what: str, *, is_no_model: bool = False) -> ProviderReplied:
        self.counts.unusable_replies += 1
        words = f"the model {self.model} answered {name} with something unusable: {what}"
        return ProviderReplied(words, task=name, is_no_model=is_no_model)


@dataclass(frozen=True)
class _Ask:
    """One request before it is written in a server's form."""

    name: str
    schema: dict[str, Any]
    max_tokens: int
    temperature: float
    common: dict[str, Any]

    def written(self, form: _Form, model: str) -> dict[str, Any]:
        request = {**self.common, "model": model, form.tokens_field: self.max_tokens}
        if form.temperature:
            request["temperature"] = self.temperature
        if form.json_schema:
            json_schema = {"name": self.name, "schema": self.schema, "strict": True}
            request["response_format"] = {"type": "json_schema", "json_schema": json_schema}
            return request
        request["response_format"] = {"type": "json_object"}
        system, *rest = self.common["messages"]
        told = f"{system['content']}\n\nReply with JSON only, by this schema: {json.dumps(self.schema)}"
        request["messages"] = [{"role": "system", "content": told}, *rest]
        return request


@cache
def strict_json_schema(schema: type[BaseModel]) -> dict[str, Any]:
    """Return the JSON schema of a model as OpenAI's strict mode wants it: closed objects, every property
    required. It is worked out once for each model: take it as it is.
    """
    return _closed(schema.model_json_schema())


def _closed(node: Any) -> Any:
    if isinstance(node, list):
        return [_closed(item) for item in node]
    if not isinstance(node, dict):
        return node
    result = {key: _closed(value) for key, value in node.items()}
    if isinstance(result.get("properties"), dict):
        result |= {"additionalProperties": False, "required": list(result["properties"])}
    return result


def _may_pass(error: BaseException) -> bool:
    if isinstance(error, openai.APIStatusError):
        return error.status_code in _TRY_AGAIN or error.status_code >= 500
    return isinstance(error, openai.APIConnectionError)


_backoff = wait_random_exponential(multiplier=FIRST_WAIT_S, max=LONGEST_WAIT_S)


def _wait_s(state: RetryCallState) -> float:
    """Exponential backoff with full jitter, or what the server asked for, where that is longer and still
    bearable.
    """
    error = state.outcome.exception() if state.outcome else None
    asked = error.response.headers.get("retry-after", "") if isinstance(error, openai.APIStatusError) else ""
    asked_s = float(asked) if asked.isdecimal() else 0.0
    return min(max(_backoff(state), asked_s), LONGEST_WAIT_S)


def _in_short(error: BaseException | None) -> str:
    """Name an error without the provider's own words, which may echo the prompt."""
    if isinstance(error, openai.APIStatusError):
        return f"HTTP {error.status_code} {error.code or ''}".strip()
    return type(error).__name__


def _unfenced(text: str) -> str:
    """Strip the Markdown fence that some models put around JSON."""
    text = text.strip()
    if text.startswith("```") and text.endswith("```") and "\n" in text:
        return text[text.index("\n") : -3]
    return text
