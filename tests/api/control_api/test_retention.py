"""What goes by itself when its time has come."""

import uuid
from collections.abc import AsyncIterator, Awaitable, Callable
from datetime import timedelta
from typing import Any

import pytest
import pytest_asyncio

from control_api.custodian.clearing import care_for_ended
from control_api.privacy import retention
from control_api.privacy.retention import apply_retention
from interview.appraisal import Decision, DecisionEntry
from interview.names import room_name
from interview.plan import Competency, Plan, Question
from interview.session import Candidate, Consent, ConsentItem, Progress, Session, Status
from interview.transcript import Speaker
from tests.api.control_api.house import NOWHERE, House, LiveKit, serving, settings_for
from tests.api.control_api.records import store_turn

DAY_S = 24 * 3600
Make = Callable[..., Awaitable[House]]


@pytest_asyncio.fixture
async def make(mongo_uri: str, password_hash: str) -> AsyncIterator[Make]:
    """Make houses of one's own, each with its settings and a clock that a test moves by months."""
    running: list[serving] = []

    async def made(**given: Any) -> House:
        nowhere = LiveKit(NOWHERE, "key", "secret of thirty-two characters..")
        name = f"retention_{uuid.uuid4().hex[:12]}"
        running.append(serving(settings_for(mongo_uri, nowhere, mongodb_database=name, **given), password_hash))
        return await running[-1].__aenter__()

    yield made
    for one in running:
        await one.__aexit__(None, None, None)


async def ended(
    house: House, status: Status = Status.COMPLETED, *, plan_days: int | None = None, agreed: bool | None = None
) -> Session:
    """Store a session that began and ends now; `agreed` is the answer to a retention of `plan_days`."""
    session_id, now = str(uuid.uuid4()), house.clock.now()
    session = Session(
        session_id=session_id,
        owner_id="owner",
        candidate=Candidate(name="Ada", email="ada@example.com"),
        plan=Plan(
            plan_id="p",
            title="Interview",
            competencies=(Competency(id="c", name="c"),),
            questions=(Question(id="q1", text="Why?", competency="c"),),
            retention_days=plan_days,
        ),
        consent=None
        if agreed is None
        else Consent(items={ConsentItem.RETENTION: agreed}, text_version="1", given_at=now, given_by="candidate"),
        livekit_room_name=room_name(session_id),
        created_at=now,
        updated_at=now,
        not_after=now + timedelta(days=7),
        progress=Progress(total=1),
    )
    await house.storage.sessions.add(session)
    session = await house.storage.sessions.start(session_id, by="system:test")
    await store_turn(house.storage, session, Speaker.CANDIDATE, "Because.")
    return await house.storage.sessions.move(session_id, status, by="system:test")


async def test_a_session_goes_90_days_after_its_end_and_not_before(make: Make) -> None:
    house = await make()
    parts = house.app.state.parts
    first = await ended(house)
    house.clock.advance(10 * DAY_S)
    second = await ended(house, Status.FAILED)

    house.clock.advance(80 * DAY_S - 1)
    assert await apply_retention(parts) == 0
    house.clock.advance(1)
    assert await apply_retention(parts) == 1
    assert (await house.storage.sessions.get(first.session_id)).status is Status.DELETED
    assert await house.storage.turns.of(first.session_id) == []
    assert (await house.storage.sessions.get(second.session_id)).status is Status.FAILED
    house.clock.advance(300 * DAY_S)
    assert await apply_retention(parts) == 1
    assert await apply_retention(parts) == 0
    noted = await house.storage.audit.of_subject(f"session:{first.session_id}")
    assert [(one.actor, one.action) for one in noted] == [("system:retention", "delete session")]


async def test_it_may_anonymise_instead(make: Make) -> None:
    house = await make(retention_action="anonymise", retention_days=7)
    gone = [await ended(house), await ended(house, Status.FAILED)]
    house.clock.advance(7 * DAY_S)
    assert await apply_retention(house.app.state.parts) == 2
    assert await apply_retention(house.app.state.parts) == 0
    for one in gone:
        left = await house.storage.sessions.get(one.session_id)
        assert left.candidate.name == "anonymised"
        assert left.status in (Status.COMPLETED, Status.EXPIRED)
        assert [turn.text for turn in await house.storage.turns.of(one.session_id)] == [""]


async def test_the_custodian_finds_nothing_to_report_on_what_was_anonymised(make: Make) -> None:
    house = await make(retention_action="anonymise", retention_days=1)
    gone = await ended(house, Status.FAILED)
    house.clock.advance(DAY_S)
    assert await apply_retention(house.app.state.parts) == 1
    await care_for_ended(house.app.state.parts)
    assert await house.storage.reports.latest(gone.session_id) is None
    assert await care_for_ended(house.app.state.parts) == 0


async def test_who_declined_to_be_kept_is_erased_sooner_and_never_only_anonymised(make: Make) -> None:
    house = await make(retention_action="anonymise")
    declined = await ended(house, plan_days=400, agreed=False)
    agreed = await ended(house, plan_days=400, agreed=True)
    house.clock.advance(30 * DAY_S)
    assert await apply_retention(house.app.state.parts) == 1
    assert (await house.storage.sessions.get(declined.session_id)).status is Status.DELETED
    house.clock.advance(369 * DAY_S)
    assert await apply_retention(house.app.state.parts) == 0
    house.clock.advance(DAY_S)
    assert await apply_retention(house.app.state.parts) == 1
    assert (await house.storage.sessions.get(agreed.session_id)).anonymised_at == house.clock.now()


async def decide(house: House, session: Session, decision: Decision) -> None:
    entry = DecisionEntry(
        session_id=session.session_id, decision=decision, reason="As read.", by="owner", at=house.clock.now()
    )
    await house.storage.reviews.decisions.add(entry)


async def test_who_declined_to_be_kept_is_erased_once_it_is_decided(make: Make) -> None:
    house = await make()
    declined = await ended(house, plan_days=400, agreed=False)
    agreed = await ended(house, plan_days=400, agreed=True)
    for session in (declined, agreed):
        await decide(house, session, Decision.REJECT)
        await decide(house, session, Decision.HOLD)  # the one before was a slip
    house.clock.advance(DAY_S)
    assert await apply_retention(house.app.state.parts) == 0
    for session in (declined, agreed):
        await decide(house, session, Decision.ADVANCE)
    assert await apply_retention(house.app.state.parts) == 1
    assert (await house.storage.sessions.get(declined.session_id)).status is Status.DELETED
    assert (await house.storage.sessions.get(agreed.session_id)).status is Status.COMPLETED


async def test_who_takes_their_consent_back_after_the_end_goes_sooner_too(make: Make) -> None:
    house = await make()
    kept = await ended(house, plan_days=400, agreed=True)
    house.clock.advance(31 * DAY_S)
    assert await apply_retention(house.app.state.parts) == 0
    await house.storage.sessions.withdraw_consent(kept.session_id, ConsentItem.RETENTION, "1", "candidate")
    assert await apply_retention(house.app.state.parts) == 1


async def test_0_days_keep_everything(make: Make) -> None:
    house = await make(retention_days=0)
    await ended(house)
    house.clock.advance(3000 * DAY_S)
    assert await apply_retention(house.app.state.parts) == 0


async def test_what_has_not_ended_is_kept(make: Make) -> None:
    house = await make()
    owner = await house.account(token_ttl_s=10**9)
    kept = (await house.created(owner))["session_id"]
    house.clock.advance(400 * DAY_S)
    assert await apply_retention(house.app.state.parts) == 0
    assert (await house.storage.sessions.get(kept)).status is Status.INITIALIZED


async def test_a_call_is_bounded_and_the_next_goes_on(make: Make, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(retention, "AT_ONCE", 2)
    house = await make()
    for _ in range(5):
        await ended(house)
    house.clock.advance(91 * DAY_S)
    assert [await apply_retention(house.app.state.parts) for _ in range(4)] == [2, 2, 1, 0]
