"""What providers charge: a table by provider and model, and the arithmetic. Amounts are US dollars.

`prices.yaml` beside this file is the table, each price with its source and the day on which it was looked up; the
setting `PRICES_FILE` names another one instead. What `local.inference` does costs nothing.
"""

import logging
from collections.abc import Mapping
from datetime import date
from functools import cache
from pathlib import Path
from typing import Annotated

import yaml
from pydantic import Field, TypeAdapter, ValidationError

from interview.errors import ConfigurationError
from interview.record import Line, Record

log = logging.getLogger(__name__)

LOCAL = "local"
OWN_TABLE = Path(__file__).with_name("prices.yaml")

Dollars = Annotated[float, Field(ge=0, le=100_000)]


class Price(Record):
    """What one model costs; whatever is not charged for is 0."""

    per_m_input_tokens: Dollars = 0
    per_m_output_tokens: Dollars = 0
    per_m_characters: Dollars = 0
    per_minute: Dollars = 0
    """Of audio: heard by a recogniser, or made by a voice."""

    def micro_usd(
        self, *, input_tokens: int = 0, output_tokens: int = 0, characters: int = 0, audio_ms: int = 0
    ) -> int:
        """Return the cost in millionths of a dollar, rounded to the nearest."""
        # a price for a million of something is the price of one in millionths
        cost = (
            input_tokens * self.per_m_input_tokens
            + output_tokens * self.per_m_output_tokens
            + characters * self.per_m_characters
            + audio_ms * self.per_minute * 1_000_000 / 60_000
        )
        return round(cost)


FREE = Price()


class PriceRow(Price):
    """A row of the table. `provider` is the host of its base URL, such as `api.openai.com`."""

    provider: Line
    model: Line
    source: Line
    checked_on: date


class Prices:
    """Prices by provider and model."""

    def __init__(self, rows: Mapping[tuple[str, str], Price]) -> None:
        self._rows = rows
        self._missed: set[tuple[str, str]] = set()

    @classmethod
    def read(cls, path: Path | None = None) -> "Prices":
        """Read a table; the one of the code without a path. Raises `ConfigurationError` that says what is wrong."""
        path = path or OWN_TABLE
        try:
            rows = _ROWS.validate_python(yaml.safe_load(path.read_text(encoding="utf-8")))
        except (OSError, UnicodeDecodeError, yaml.YAMLError) as error:
            raise ConfigurationError(f"PRICES_FILE: {path} cannot be read ({type(error).__name__})") from error
        except ValidationError as error:
            first = error.errors()[0]
            where = ".".join(str(part) for part in first["loc"])
            raise ConfigurationError(f"PRICES_FILE: {path}: {where}: {first['msg']}") from error
        return cls({(row.provider, row.model): row for row in rows})

    def of(self, provider: str, model: str) -> Price:
        """Return the price of a model; nothing for one that is not in the table, which is logged once."""
        if provider == LOCAL:
            return FREE
        found = self._rows.get((provider, model))
        if found is None and (provider, model) not in self._missed:
            self._missed.add((provider, model))
            log.warning("no price is known for %s of %s: it is counted as free", model, provider)
        return found or FREE


_ROWS = TypeAdapter(tuple[PriceRow, ...])


@cache
def own_table() -> Prices:
    """The table of the code, read once."""
    return Prices.read()
