"""What providers were asked for, and what that cost."""

from typing import Annotated

from pydantic import Field

from interview.record import Record

MICRO = 1_000_000
"""Money is counted in whole millionths of a US dollar, so that sums are exact."""

Count = Annotated[int, Field(ge=0)]


class Usage(Record):
    """A sum over calls: audio in milliseconds, text in characters and tokens, money in millionths of a US dollar."""

    calls: Count = 0
    heard_ms: Count = 0
    """Audio that speech recognition was given."""
    spoken_characters: Count = 0
    spoken_ms: Count = 0
    """Audio that speech synthesis made."""
    input_tokens: Count = 0
    output_tokens: Count = 0
    cost_micro_usd: Count = 0

    def __add__(self, other: "Usage") -> "Usage":
        """Return the sum."""
        return Usage(**{name: getattr(self, name) + getattr(other, name) for name in Usage.model_fields})

    @property
    def cost_usd(self) -> float:
        """The cost in US dollars."""
        return self.cost_micro_usd / MICRO
