"""The base of all records: frozen, strict about unknown fields, times aware and in UTC."""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Annotated, Any

from pydantic import AfterValidator, BaseModel, ConfigDict, StringConstraints
from pydantic_core import PydanticCustomError

from interview.clock import whole_ms


def _aware_utc(moment: datetime) -> datetime:
    if moment.tzinfo is None:
        raise ValueError("the time has no zone; give it one, such as 2026-01-31T09:00:00Z")
    return whole_ms(moment.astimezone(UTC))


def _storable(text: str) -> str:
    if "\x00" in text:
        raise ValueError("the text contains a NUL character")
    if has_half_a_pair(text):
        raise ValueError("the text contains half of a surrogate pair")
    return text


def has_half_a_pair(text: str) -> bool:
    """Tell whether a text has half of a surrogate pair in it, which UTF-8 cannot carry; quick also for a megabyte."""
    try:
        text.encode()
    except UnicodeEncodeError:
        return True
    return False


Moment = Annotated[datetime, AfterValidator(_aware_utc)]
"""An aware UTC time of millisecond precision."""

Text = Annotated[str, AfterValidator(_storable)]
"""Text in any script that the database and JSON can carry."""

Line = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1), AfterValidator(_storable)]
"""`Text` that is not blank. The constraints stand first: behind a function they would measure before they strip."""


class Record(BaseModel):
    """A frozen value; a change makes a new one with `model_copy(update=…)`."""

    # errors quote no values: they end up in logs, and what a candidate said must not
    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False, hide_input_in_errors=True)


_CONTRADICTION = "contradiction"


def contradiction(where: str, what: str) -> PydanticCustomError:
    """Return the error of a record whose fields do not fit each other; `where` is the path of the one to mend."""
    return PydanticCustomError(_CONTRADICTION, "{where}: {what}", {"where": where, "what": what})


def path_and_words(error: Mapping[str, Any]) -> tuple[list[str], str]:
    """Return the path of one of pydantic's errors, down to the field that a contradiction names, and what is wrong."""
    path = [str(part) for part in error.get("loc", ())]
    if error.get("type") == _CONTRADICTION:
        context = error["ctx"]
        return [*path, *context["where"].split(".")], context["what"]
    return path, str(error.get("msg", "")).removeprefix("Value error, ")
