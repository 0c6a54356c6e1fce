"""Which provider of a kind is used next: the first in order that is not failing and has a key and a slot free."""

import logging
import random
import time
from collections import Counter
from collections.abc import Callable, Collection
from enum import StrEnum
from types import TracebackType
from typing import Self

from interview.engines import EngineKind, EngineState
from providers.breaker import Breaker, Policy
from providers.directory import Directory, Key, Provider, slot_name
from providers.slots import Full, Held, SlotKeeper
from providers.state import EngineStates

log = logging.getLogger(__name__)

FIRST_PAUSE_S = 0.1
LONGEST_PAUSE_S = 5.0
_REFUSED_KEY = frozenset({401, 402, 403, 429})


class Fault(StrEnum):
    """How a provider failed."""

    AWAY = "away"
    """It could not be reached, or broke off."""
    SLOW = "slow"
    """It did not answer by its deadline."""
    REFUSED = "refused"
    """It wants nothing of this key: wrong, without money, or used too much."""


def fault_of(status: int | None) -> Fault:
    """Return what an HTTP status, where there is one, says about a failure."""
    return Fault.REFUSED if status in _REFUSED_KEY else Fault.AWAY


def pause_s(tries: int) -> float:
    """Return how long to wait after so many failed tries: exponential, with full jitter over the upper half."""
    longest = min(FIRST_PAUSE_S * 2 ** max(0, tries - 1), LONGEST_PAUSE_S)
    return longest * (0.5 + random.random() / 2)


class Use:
    """One try with one provider and key. Say how it went; leaving the context gives the slot back."""

    def __init__(self, chain: "Chain", provider: Provider, key: Key, rank: int, held: Held | None) -> None:
        self.provider = provider
        self.key = key
        self.rank = rank
        """The provider's place in the chain, from 0."""
        self._chain = chain
        self._held = held
        self._told = False
        self.refused = False
        """Whether it was this key that was refused: another may do."""
        self.good = False
        """Whether it served."""

    async def __aenter__(self) -> Self:
        """Begin."""
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Give the slot back."""
        self._chain.ended(self, told=self._told)
        if self._held is not None:
            await self._held.release()

    def served(self) -> None:
        """It answered."""
        if not self.good:
            self._told = self.good = True
            self._chain.served(self)

    def answers(self) -> None:
        """It was only tried, and is there; what serves is still another."""
        self._told = True
        self._chain.answers(self)

    def failed(self, fault: Fault) -> None:
        """It did not."""
        self._told, self.refused = True, fault is Fault.REFUSED
        self._chain.failed(self, fault)


class Chain:
    """The providers of one kind, for one process or session. `first` is the one that a plan names, if any."""

    def __init__(
        self,
        kind: EngineKind,
        directory: Directory,
        slots: SlotKeeper,
        states: EngineStates,
        policy: Policy,
        *,
        first: str = "",
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self.kind = kind
        self._directory = directory
        self._slots = slots
        self._states = states
        self._policy = policy
        self._first = first
        self._monotonic = monotonic
        self._providers: dict[str, Breaker] = {}
        self._keys: dict[tuple[str, str], Breaker] = {}
        self._in_use: Counter[tuple[str, str]] = Counter()
        self._used: Counter[tuple[str, str]] = Counter()
        if first and all(provider.name != first for provider in directory.of(kind)):
            log.error("the plan names the %s provider %s, which is not there: the usual order holds", kind, first)

    def providers(self) -> list[Provider]:
        """Return the providers in the order in which they are tried."""
        return sorted(self._directory.of(self.kind), key=lambda provider: provider.name != self._first)

    async def take(
        self,
        *,
        without: Collection[str] = (),
        better_than: int | None = None,
        alone: bool = False,
        anyway: bool = False,
    ) -> Use | None:
        """Return the best provider that may be used now, with a slot; None when there is none.

        `without` names those that have just failed, `better_than` looks only among those before that place; `alone`
        see `SlotKeeper.take`. `anyway` is for who paces itself and has to go on trying: where all are put aside, it is
        given the one that would be let in next.
        """
        ranked = list(enumerate(self.providers()))
        for rank, provider in ranked:
            if better_than is not None and rank >= better_than:
                return None
            keys = self._keys_of(provider)
            if provider.name in without or not keys or not self._breaker(provider).allows(self._monotonic()):
                continue
            if use := await self._use(rank, provider, keys, alone=alone):
                return use
        if better_than is not None:
            return None
        self._states.note(self.kind, EngineState.DOWN)
        aside = [place for place in ranked if not self._breaker(place[1]).allows(self._monotonic())]
        if not anyway or not aside:
            return None
        rank, provider = min(aside, key=lambda place: self._breaker(place[1]).closed_until_s)
        return await self._use(rank, provider, self._keys_of(provider) or list(provider.keys), alone=alone)

    def others(self, rank: int) -> bool:
        """Tell whether another provider than the one at that place could be used now."""
        now_s = self._monotonic()
        return any(
            place != rank and self._breaker(provider).allows(now_s) for place, provider in enumerate(self.providers())
        )

    def served(self, use: Use) -> None:
        """Take in that a provider answered."""
        self.answers(use)
        self._states.note(self.kind, EngineState.OK if use.rank == 0 else EngineState.DEGRADED)

    def answers(self, use: Use) -> None:
        """Take in that a provider is there."""
        self._providers[use.provider.name] = Breaker()
        self._keys[use.provider.name, use.key.name] = Breaker()

    def failed(self, use: Use, fault: Fault) -> None:
        """Take in that a provider failed: its key where it was refused, else the provider as a whole."""
        now_s = self._monotonic()
        log.warning("the %s provider %s is %s (key %s)", self.kind, use.provider.name, fault, use.key.name)
        if fault is Fault.REFUSED:
            place = use.provider.name, use.key.name
            self._keys[place] = self._keys.get(place, Breaker()).failed(
                now_s, self._policy, at_once=True, spread=random.random()
            )
            self._providers[use.provider.name] = self._breaker(use.provider).given_up()
            return
        self._providers[use.provider.name] = self._breaker(use.provider).failed(
            now_s, self._policy, at_once=fault is Fault.SLOW, spread=random.random()
        )

    def ended(self, use: Use, *, told: bool) -> None:
        """Take in that a try is over."""
        place = use.provider.name, use.key.name
        self._in_use[place] -= 1
        if not told:
            self._providers[use.provider.name] = self._breaker(use.provider).given_up()
            self._keys[place] = self._keys.get(place, Breaker()).given_up()

    async def _use(self, rank: int, provider: Provider, keys: list[Key], *, alone: bool) -> Use | None:
        try:
            key, held = await self._seat(provider, keys, alone=alone)
        except Full:
            log.warning("all slots of the %s provider %s are in use", self.kind, provider.name)
            return None
        now_s, place = self._monotonic(), (provider.name, key.name)
        self._providers[provider.name] = self._breaker(provider).tried(now_s, self._policy)
        self._keys[place] = self._keys.get(place, Breaker()).tried(now_s, self._policy)
        self._in_use[place] += 1
        self._used[place] += 1
        return Use(self, provider, key, rank, held)

    def _breaker(self, provider: Provider) -> Breaker:
        return self._providers.get(provider.name, Breaker())

    def _keys_of(self, provider: Provider) -> list[Key]:
        now_s = self._monotonic()
        return [key for key in provider.keys if self._keys.get((provider.name, key.name), Breaker()).allows(now_s)]

    async def _seat(self, provider: Provider, keys: list[Key], *, alone: bool) -> tuple[Key, Held | None]:
        """Choose the least used key: by the slots of all processes where they are counted, else by our own use."""
        counted = {key.name: provider.slots_of(key) for key in keys if provider.slots_of(key)}
        free = [key for key in keys if key.name not in counted]
        if free:
            least = min(free, key=lambda key: self._load(provider, key))
            return least, None
        held = await self._slots.take(slot_name(self.kind, provider), counted, alone=alone)
        return next(key for key in keys if key.name == held.key), held

    def _load(self, provider: Provider, key: Key) -> tuple[int, int]:
        place = provider.name, key.name
        return self._in_use[place], self._used[place]
