"""How long a link is good, by what its session has come to."""

from datetime import datetime, timedelta

import pytest

from interview.invite import GRACE, Invite, hash_secret, is_good, new_secret, opens_until
from interview.session import Session, Status
from tests.storage.builders import NOON, in_status, session

KEPT = timedelta(days=90)
LATER = NOON + timedelta(days=3)


def ended(status: Status) -> Session:
    return in_status(status).model_copy(update={"ended_at": LATER})


def test_before_the_start_a_link_outlives_the_window_by_a_day() -> None:
    waiting = session(not_after=NOON + timedelta(days=30))
    assert opens_until(waiting, KEPT) == NOON + timedelta(days=31)
    assert opens_until(waiting, None) == NOON + timedelta(days=31)


@pytest.mark.parametrize("status", [Status.QUEUED, Status.IN_PROGRESS, Status.PAUSED])
def test_while_a_session_is_open_its_link_has_no_end(status: Status) -> None:
    late = in_status(status).model_copy(update={"not_after": NOON - timedelta(days=30)})
    assert opens_until(late, KEPT) is None


@pytest.mark.parametrize("status", [Status.COMPLETED, Status.ABANDONED, Status.EXPIRED])
def test_afterwards_it_opens_the_after_pages_until_retention_ends(status: Status) -> None:
    assert opens_until(ended(status), KEPT) == LATER + KEPT
    assert opens_until(ended(status), None) is None


def test_a_failed_session_can_be_begun_again_in_its_window() -> None:
    failed = ended(Status.FAILED)
    assert opens_until(failed, timedelta(days=1)) == failed.not_after + GRACE
    assert opens_until(failed, KEPT) == LATER + KEPT


def invite(revoked_at: datetime | None = None) -> Invite:
    return Invite(secret_hash=hash_secret(new_secret()), session_id="s", created_at=NOON, revoked_at=revoked_at)


def test_a_revoked_link_and_one_of_an_erased_session_open_nothing() -> None:
    assert is_good(invite(), session(), NOON, KEPT)
    assert not is_good(invite(revoked_at=NOON), session(), NOON, KEPT)
    assert not is_good(invite(), ended(Status.DELETED), NOON, None)
    assert not is_good(invite(), session(), NOON + timedelta(days=8), KEPT)


def test_a_link_of_the_first_version_is_still_read() -> None:
    old = {**invite().model_dump(), "expires_at": NOON, "schema_version": 1}
    assert Invite.model_validate(old).schema_version == 2


def test_secrets_have_256_bits() -> None:
    drawn = {new_secret() for _ in range(100)}
    assert len(drawn) == 100
    assert all(len(secret) == 43 for secret in drawn)
