"""What accounts leave behind when its time is over: run by whoever cleans up, as often as they like."""

from datetime import timedelta

from interview.clock import Clock
from interview.settings import Settings
from interview.storage import Storage

LINKS_KEPT_S = 30 * 24 * 3600
"""How long admins see that an invitation ran out."""


async def forget_old(storage: Storage, clock: Clock, settings: Settings) -> int:
    """Delete sign-ins and links that ran out, and failures that are forgotten; return how many."""
    now = clock.now()
    failures_kept_s = max(settings.sign_in_forget_s, settings.sign_in_max_delay_s)
    return (
        await storage.refresh_tokens.forget(now)
        + await storage.account_links.forget(now - timedelta(seconds=LINKS_KEPT_S))
        + await storage.sign_in_failures.forget(now - timedelta(seconds=failures_kept_s))
    )
