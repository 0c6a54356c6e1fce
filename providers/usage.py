"""What calls to providers took and used, noted in memory; `interview.processes` brings it to the database."""

from collections.abc import Iterable
from datetime import datetime
from urllib.parse import urlsplit

from interview.tallies import DayTally, Notes

CALLS = Notes()
"""Of this process. A worker's jobs make clients of their own, and what they use is one sum."""

API_CALLS = "api_calls"
API_CALL_FAILURES = "api_call_failures"
API_CALL_MS = "api_call_ms"
API_CALL_BUCKET = "api_call_bucket"
"""By `le`, the upper bound in seconds: how many calls took at most this, and more than the bound below."""
TOKENS = "tokens"
"""By `type`: input, output."""
COST = "cost_micro_usd"
"""By `provider` and `model`, in millionths of a US dollar; since the beginning, and by the day."""
AUDIO_MS = "audio_ms"
"""By `provider` and `type`: heard, spoken."""
CHARACTERS = "tts_characters"
"""By `provider`."""

BUCKETS_S = (0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0, 60.0)
_LOOPBACK = frozenset({"127.0.0.1", "localhost", "::1"})


def provider_of(base_url: str) -> str:
    """Return whom a base URL belongs to: `local` on this machine, else the host, such as `api.openai.com`."""
    host = urlsplit(base_url).hostname or "unknown"
    return "local" if host in _LOOPBACK else host


def note_call(provider: str, model: str, took_s: float | None, *, ok: bool, notes: Notes = CALLS) -> None:
    """Note one call, all its retries together; of a stream that is open for as long as somebody talks, no time."""
    notes.add(API_CALLS, provider=provider, model=model)
    if took_s is not None:
        bound = next((str(bound) for bound in BUCKETS_S if took_s <= bound), "+Inf")
        notes.add(API_CALL_MS, round(took_s * 1000), provider=provider, model=model)
        notes.add(API_CALL_BUCKET, provider=provider, model=model, le=bound)
    if not ok:
        notes.add(API_CALL_FAILURES, provider=provider, model=model)


def note_tokens(*, given: int, made: int, notes: Notes = CALLS) -> None:
    """Note the tokens that a reply used, as the provider counted them."""
    if given:
        notes.add(TOKENS, given, type="input")
    if made:
        notes.add(TOKENS, made, type="output")


def day_of(moment: datetime) -> str:
    """Return the day to which a cost belongs: of UTC, whatever the house's own zone."""
    return moment.strftime("%Y-%m-%d")


def note_cost(provider: str, model: str, micro_usd: int, day: str, notes: Notes = CALLS) -> None:
    """Note what something cost."""
    if micro_usd:
        notes.add(COST, micro_usd, provider=provider, model=model)
        notes.add_today(COST, day, micro_usd, provider=provider, model=model)


def cost_of(tallies: Iterable[DayTally]) -> int:
    """Return what the counts of a day cost together, in millionths of a US dollar."""
    return sum(tally.n for tally in tallies if tally.name == COST)
