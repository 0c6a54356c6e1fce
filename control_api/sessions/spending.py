"""The ceiling on what providers may cost in a day (UTC): beyond it none begins, and no running interview stops."""

from datetime import timedelta

from control_api.parts import Parts
from interview.errors import TooMany
from interview.session import Session
from interview.usage import MICRO
from providers.usage import cost_of, day_of


async def ceiling_reached(parts: Parts) -> bool:
    """Tell whether today has cost what it may; processes bring their costs every `PROCESS_BEAT_S`."""
    ceiling_usd = parts.settings.daily_cost_ceiling_usd
    if not ceiling_usd:
        return False
    tallies = await parts.storage.tallies.of_day(day_of(parts.clock.now()))
    return cost_of(tallies) >= ceiling_usd * MICRO


async def check_ceiling(parts: Parts, session: Session) -> None:
    """Raise `TooMany` (`daily_cost_ceiling`) if a session that its candidate never entered may not begin today."""
    if session.clock_started_at is not None or not await ceiling_reached(parts):
        return
    now = parts.clock.now()
    tomorrow = now.replace(hour=0, minute=0, second=0, microsecond=0) + timedelta(days=1)
    raise TooMany(
        "no more interviews can begin today; try again tomorrow",
        code="daily_cost_ceiling",
        retry_after_s=(tomorrow - now).total_seconds(),
    )
