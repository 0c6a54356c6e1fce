"""Counts what one session, or one report, uses, and prices it at once."""

from collections.abc import Generator
from contextlib import contextmanager
from contextvars import ContextVar

from interview.clock import Clock
from interview.tallies import Notes
from interview.usage import Usage
from providers import usage
from providers.directory import Provider
from providers.prices import Price, Prices


class Tab:
    """To whom use is put down."""

    def __init__(self) -> None:
        self.usage = Usage()


_TAB: ContextVar[Tab | None] = ContextVar("tab", default=None)


class Meter:
    """What was used since it was last taken. Also notes it for the whole house (`providers.usage`).

    Where one meter serves several sessions at once, each puts its use down `to` a tab of its own.
    """

    def __init__(self, prices: Prices, clock: Clock, notes: Notes = usage.CALLS) -> None:
        self._prices = prices
        self._clock = clock
        self._notes = notes
        self._since = Usage()

    @contextmanager
    def to(self, tab: Tab) -> Generator[None]:
        """Put down to `tab` what is used within the block, and in tasks that begin there."""
        token = _TAB.set(tab)
        try:
            yield
        finally:
            _TAB.reset(token)

    def take(self) -> Usage:
        """Return what was used since the last time."""
        taken, self._since = self._since, Usage()
        return taken

    def call(self, provider: Provider, took_s: float | None, *, ok: bool) -> None:
        """Count one call; `took_s` is None for a stream."""
        usage.note_call(provider.name, provider.model, took_s, ok=ok, notes=self._notes)
        self._put_down(Usage(calls=1))

    def heard(self, provider: Provider, seconds: float) -> None:
        """Count audio that a recogniser was given."""
        audio_ms = round(seconds * 1000)
        self._notes.add(usage.AUDIO_MS, audio_ms, provider=provider.name, type="heard")
        cost = self._cost(provider, self._price(provider).micro_usd(audio_ms=audio_ms))
        self._put_down(Usage(heard_ms=audio_ms, cost_micro_usd=cost))

    def spoken(self, provider: Provider, characters: int, seconds: float) -> None:
        """Count a text that a voice was given, and the audio that it made."""
        audio_ms = round(seconds * 1000)
        self._notes.add(usage.CHARACTERS, characters, provider=provider.name)
        self._notes.add(usage.AUDIO_MS, audio_ms, provider=provider.name, type="spoken")
        cost = self._cost(provider, self._price(provider).micro_usd(characters=characters, audio_ms=audio_ms))
        self._put_down(Usage(spoken_characters=characters, spoken_ms=audio_ms, cost_micro_usd=cost))

    def tokens(self, provider: Provider, given: int, made: int) -> None:
        """Count the tokens of a reply, usable or not."""
        cost = self._cost(provider, self._price(provider).micro_usd(input_tokens=given, output_tokens=made))
        self._put_down(Usage(input_tokens=given, output_tokens=made, cost_micro_usd=cost))

    def _put_down(self, used: Usage) -> None:
        tab = _TAB.get()
        if tab is None:
            self._since += used
        else:
            tab.usage += used

    def _price(self, provider: Provider) -> Price:
        return provider.price or self._prices.of(provider.host, provider.model)

    def _cost(self, provider: Provider, micro_usd: int) -> int:
        usage.note_cost(provider.name, provider.model, micro_usd, usage.day_of(self._clock.now()), self._notes)
        return micro_usd
