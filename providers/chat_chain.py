"""The chat client over a chain: the next provider answers where one is away, slow, or answers as no model does."""

import asyncio
import time
from collections.abc import Awaitable, Callable, Sequence

from openai.types.chat import ChatCompletionMessageParam

from interview.errors import ProviderError, ProviderReplied, ProviderUnavailable
from providers.chain import Chain, Fault, Use, fault_of
from providers.chat import ChatClient, Priority, Reply, Usage
from providers.directory import Key, Provider
from providers.meter import Meter


class ChatChain:
    """Asks the language models of a chain for records. Call `aclose()` when done.

    `timeout_s` bounds one request to a provider, instead of the provider's own deadline: for work that nobody waits
    for.
    """

    def __init__(self, chain: Chain, meter: Meter, timeout_s: float | None = None) -> None:
        self._chain = chain
        self._meter = meter
        self._timeout_s = timeout_s
        self._clients: dict[tuple[Provider, Key], ChatClient] = {}

    async def aclose(self) -> None:
        """Close the connections."""
        for client in self._clients.values():
            await client.aclose()

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
        """Ask for one `schema` and return it with its cost; as `ChatClient.structured`, whose errors it raises.

        While others remain, one provider gets at most its share of `deadline_s`.
        """

        def ask(client: ChatClient, limit_s: float) -> Awaitable[tuple[Reply, Usage]]:
            return client.structured(
                name=name,
                system=system,
                user=user,
                schema=schema,
                max_tokens=max_tokens,
                temperature=temperature,
                priority=priority,
                deadline_s=limit_s,
            )

        until = None if deadline_s is None else time.monotonic() + deadline_s
        error: ProviderError = ProviderUnavailable("no language model can be asked at present", task=name)
        done: set[str] = set()
        for _ in range(sum(len(provider.keys) for provider in self._chain.providers())):
            use = await self._chain.take(without=done)
            if use is None:
                break
            async with use:
                limit_s = self._limit_s(use, until, len(self._chain.providers()) - len(done))
                try:
                    answer = await self._ask(use, limit_s, ask)
                except ProviderError as failed:
                    if use.good:
                        raise  # the model is there; what it answers is for its caller to judge
                    error = failed
                    if not use.refused:
                        done.add(use.provider.name)
                else:
                    use.served()
                    return answer
            if until is not None and time.monotonic() >= until:
                break
        raise error

    def _limit_s(self, use: Use, until: float | None, providers_left: int) -> float:
        limit_s = self._timeout_s or use.provider.deadline_s
        if until is None:
            return limit_s
        return min(limit_s, max(0.0, until - time.monotonic()) / max(1, providers_left))

    async def _ask(
        self, use: Use, limit_s: float, ask: Callable[[ChatClient, float], Awaitable[tuple[Reply, Usage]]]
    ) -> tuple[Reply, Usage]:
        began = time.monotonic()
        try:
            return await ask(self._client(use), limit_s)
        except asyncio.CancelledError:
            # whoever asked does not want it any more; had it been quick, they would have it
            if time.monotonic() - began >= use.provider.deadline_s:
                use.failed(Fault.SLOW)
            raise
        except ProviderReplied as error:
            if error.details["is_no_model"]:
                use.failed(Fault.AWAY)
            else:
                use.served()
            raise
        except ProviderUnavailable as error:
            slow = "deadline_s" in error.details
            use.failed(Fault.SLOW if slow else fault_of(error.details.get("provider_status")))
            raise

    def _client(self, use: Use) -> ChatClient:
        place = use.provider, use.key
        if place not in self._clients:
            provider = use.provider
            self._clients[place] = ChatClient(
                provider.base_url,
                use.key.key.get_secret_value(),
                provider.model,
                self._timeout_s or provider.deadline_s,
                provider=provider,
                meter=self._meter,
            )
        return self._clients[place]
