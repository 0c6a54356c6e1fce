"""Guessing slows down: after some failures of an account, or from an address, the next try waits longer and longer.

A try is taken before anything is verified, and the same way for an email that has no account. No account is ever shut
for good: the wait has an upper bound, and tries during it are not counted.
"""

from dataclasses import dataclass

from control_api.parts import Parts
from interview.errors import TooMany
from interview.sign_in import SignInFailures
from interview.storage.sign_in_failures import Try


@dataclass(frozen=True)
class Tries:
    """A try that was taken under an account's key and an address's."""

    account: str
    address: SignInFailures


async def take_try(parts: Parts, *, account: str, address: str) -> Tries:
    """Take one try. Raises `TooMany` (`too_many_attempts`) when the account's or the address's next is not due yet."""
    settings = parts.settings
    # the address first: who is held back there cannot make the account's owner wait
    by_address = await _take(parts, f"address:{address}", settings.sign_in_free_failures_per_address)
    if by_address.counted is None:
        raise _wait(by_address.wait_s)
    by_account = await _take(parts, account, settings.sign_in_free_failures)
    if by_account.counted is None:
        await parts.storage.sign_in_failures.give_back(by_address.counted)
        raise _wait(by_account.wait_s)
    return Tries(account, by_address.counted)


async def succeeded(parts: Parts, tries: Tries) -> None:
    """Forget the account's failures; of the address's only this try, which was none."""
    await parts.storage.sign_in_failures.succeeded(tries.account)
    await parts.storage.sign_in_failures.give_back(tries.address)


async def _take(parts: Parts, key: str, free: int) -> Try:
    settings = parts.settings
    return await parts.storage.sign_in_failures.take_try(
        key, free=free, longest_s=settings.sign_in_max_delay_s, forget_s=settings.sign_in_forget_s
    )


def _wait(wait_s: float) -> TooMany:
    return TooMany("too many failures; wait before the next try", code="too_many_attempts", retry_after_s=wait_s)
