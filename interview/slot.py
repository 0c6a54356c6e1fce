"""A seat in the house: the right of one session to run, of which there are `MAX_CONCURRENT_INTERVIEWS`."""

from interview.record import Moment, Record


class Slot(Record):
    """Seat number `number`, taken by a session at `taken_at`, against which its release is checked."""

    slot_id: str
    number: int
    session_id: str
    taken_at: Moment


def slot_id(number: int) -> str:
    """Derive the id of a seat; that there is one document an id is what keeps the house from overshooting."""
    return f"house:{number}"
