"""Seats in the house, and the tickets of those who wait for one."""

from pymongo import IndexModel

from interview.clock import Clock
from interview.errors import Conflict, StorageError
from interview.record import Record
from interview.slot import Slot, slot_id
from interview.storage.base import Collection, Database, Duplicate, Shape

SHAPE = Shape(
    collection="slots",
    record=Slot,
    key=lambda slot: slot.slot_id,
    key_field="slot_id",
    indexes=(IndexModel([("session_id", 1)]),),
)


class Ticket(Record):
    """The last number that was given to somebody who queues."""

    name: str
    n: int


TICKETS = Shape(
    collection="tickets", record=Ticket, key=lambda ticket: ticket.name, key_field="name", session_field=None
)
_QUEUE = "queue"
_TRIES = 100


class Slots:
    """The collections `slots` and `tickets`.

    A seat is a document whose id is its number, so that two cannot take the same one and the house never holds more
    than its limit, however many replicas admit. A seat is released only as it was seen (`taken_at`): one that was
    taken again for a new attempt meanwhile stays.
    """

    def __init__(self, database: Database, clock: Clock) -> None:
        self.collection = Collection(database, SHAPE)
        self.tickets = Collection(database, TICKETS)
        self._clock = clock

    async def take(self, session_id: str, limit: int) -> Slot | None:
        """Take a seat for the session, or take its own again; None when the house of `limit` seats is full."""
        for _ in range(_TRIES):
            taken = await self.all()
            own = next((slot for slot in taken if slot.session_id == session_id), None)
            if own is not None:
                again = await self._take_again(own)
                if again is not None:
                    return again
                continue  # it was released between the look and the update
            if len(taken) >= limit:
                return None
            numbers = {slot.number for slot in taken}
            for number in range(limit):
                if number not in numbers and (slot := await self._insert(number, session_id)):
                    return await self._only(slot)
        raise Conflict("the seats change hands too quickly to take one just now; try again")

    async def release(self, slot: Slot) -> bool:
        """Give the seat back as it was seen; False when it was taken anew meanwhile, or is free already."""
        return await self.collection.delete({"_id": slot.slot_id, "taken_at": slot.taken_at}) > 0

    async def of(self, session_id: str) -> Slot | None:
        """Return the session's seat, or None."""
        return await self.collection.first({"session_id": session_id})

    async def all(self) -> list[Slot]:
        """Return all seats that are taken, by number."""
        return await self.collection.find({}, [("number", 1)])

    async def next_ticket(self) -> int:
        """Draw the next number for the queue; every call gets another one, and a higher one."""
        try:
            ticket = await self._draw()
        except Duplicate:
            ticket = await self._draw()  # on MongoDB two first draws may collide; the one that lost finds it now
        return ticket.n

    async def last_ticket(self) -> int:
        """Return the number that was drawn last; 0 before the first."""
        ticket = await self.tickets.get(_QUEUE)
        return ticket.n if ticket else 0

    async def _draw(self) -> Ticket:
        ticket = await self.tickets.change({"_id": _QUEUE}, {"$inc": {"n": 1}}, upsert=True)
        if ticket is None:
            raise StorageError("the database did not return the ticket that it counted up")
        return ticket

    async def _insert(self, number: int, session_id: str) -> Slot | None:
        slot = Slot(slot_id=slot_id(number), number=number, session_id=session_id, taken_at=self._clock.now())
        try:
            await self.collection.insert(slot)
        except Duplicate:
            return None
        return slot

    async def _take_again(self, slot: Slot) -> Slot | None:
        seen = {"_id": slot.slot_id, "taken_at": slot.taken_at}
        return await self.collection.change(seen, {"$set": {"taken_at": self._clock.now()}})

    async def _only(self, slot: Slot) -> Slot | None:
        """Keep one seat where two callers took one each for the same session: the lower number, for both of them."""
        own = await self.collection.find({"session_id": slot.session_id}, [("number", 1)])
        for extra in own[1:]:
            await self.release(extra)
        return own[0] if own else slot
