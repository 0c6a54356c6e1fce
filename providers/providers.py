"""Everything that one session, or one worker, needs to reach its providers."""

from collections.abc import Mapping

from interview.clock import Clock
from interview.engines import EngineKind, EngineState
from interview.plan import Engines
from interview.settings import Settings
from interview.storage import Storage
from providers.breaker import Policy
from providers.chain import Chain
from providers.chat_chain import ChatChain
from providers.directory import Directory
from providers.meter import Meter
from providers.prices import Prices
from providers.slots import SlotKeeper, SlotTimes
from providers.state import EngineStates, OnChange, ignore


class Providers:
    """The chains of all kinds, with one meter and one state between them."""

    def __init__(
        self,
        settings: Settings,
        storage: Storage,
        clock: Clock,
        *,
        session_id: str = "",
        wanted: Engines | None = None,
        on_change: OnChange = ignore,
        known: Mapping[EngineKind, EngineState] | None = None,
    ) -> None:
        """`wanted` is what the plan names, `known` how an earlier attempt has left the engines.

        Raises `ConfigurationError` when a file that a setting names is wrong.
        """
        wanted = wanted or Engines()
        self.directory = Directory(settings)
        self.meter = Meter(Prices.read(settings.prices_file), clock)
        self.states = EngineStates(clock, on_change, known)
        times = SlotTimes(settings.provider_slot_lease_s, settings.provider_slot_wait_s)
        keeper = SlotKeeper(storage.provider_slots, times, session_id)
        policy = Policy(settings.provider_failures, settings.provider_pause_s, settings.provider_pause_s)
        self._chains = {
            kind: Chain(kind, self.directory, keeper, self.states, policy, first=wanted.of(kind)) for kind in EngineKind
        }

    def chain(self, kind: EngineKind) -> Chain:
        """Return the chain of a kind."""
        return self._chains[kind]

    def chat(self, timeout_s: float | None = None) -> ChatChain:
        """Return the language models; `timeout_s` instead of their own deadlines, for work that nobody waits for."""
        return ChatChain(self.chain(EngineKind.LLM), self.meter, timeout_s)
