"""Working out once what several ask of the same text. Pure: what is kept changes no result."""

import hashlib
from collections import OrderedDict
from collections.abc import Callable
from contextlib import suppress
from functools import wraps
from typing import TypeVar

T = TypeVar("T")


def once_a_text(texts: int) -> Callable[[Callable[[str], T]], Callable[[str], T]]:
    """Keep what a pure function of one text returned for the last so many texts.

    By their digests: words of a candidate do not stay in memory because of it, and a result must not hold any either.
    """

    def decorate(function: Callable[[str], T]) -> Callable[[str], T]:
        known: OrderedDict[bytes, T] = OrderedDict()

        @wraps(function)
        def remembered(text: str) -> T:
            digest = hashlib.blake2b(text.encode("utf-8", "surrogatepass"), digest_size=16).digest()
            with suppress(KeyError):
                return known[digest]
            result = known[digest] = function(text)
            if len(known) > texts:
                with suppress(KeyError):  # another thread took the last one out
                    known.popitem(last=False)
            return result

        return remembered

    return decorate
