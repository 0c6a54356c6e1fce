"""Delivering to webhooks: real receivers over HTTP, real database, several loops at once."""

import asyncio
import logging
import os
import signal
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from standardwebhooks import Webhook as Verifier
from standardwebhooks import WebhookVerificationError

from control_api.outgoing.loop import Lane, Policy
from control_api.outgoing.news import News, tell, tell_one
from control_api.outgoing.outcome import Outcome, Verdict
from control_api.outgoing.posting import Poster
from control_api.outgoing.signing import new_secret
from control_api.parts import Parts
from interview.clock import SystemClock, VirtualClock
from interview.outgoing import Channel, Delivery, DeliveryStatus, EventKind, Webhook
from interview.storage import Storage
from local.services import Stack
from tests.storage.builders import session
from tests.storage.outgoing.certificate import certificate
from tests.storage.outgoing.receiver import Receiver
from tests.storage.outgoing.records import becomes, delivering, registered, until

DELIVERED, FAILED, QUEUED = DeliveryStatus.DELIVERED, DeliveryStatus.FAILED, DeliveryStatus.QUEUED


def some_news(parts: Parts, n: int = 0, session_id: str | None = None) -> News:
    return News(EventKind.PING, f"test:{n}", session_id, parts.clock.now(), {"n": n, "text": "größer 你好"})


async def queued(parts: Parts, webhook: Webhook, n: int = 0) -> Delivery:
    delivery = await tell_one(parts, some_news(parts, n), webhook.webhook_id)
    assert delivery is not None
    return delivery


async def test_what_arrives_is_verified_by_an_independent_library(
    parts_with: Callable[..., Parts], receiver: Receiver, clock: VirtualClock
) -> None:
    clock.advance((SystemClock().now() - clock.now()).total_seconds())  # the verifier looks at the machine's clock
    parts = parts_with()
    webhook = await registered(parts, receiver.url)
    delivery = await queued(parts, webhook)
    async with delivering(parts):
        got = (await receiver.has(1))[0]
        kept = await becomes(parts, delivery.delivery_id, DELIVERED)

    event = Verifier(webhook.secret).verify(got.body, got.headers)
    assert event == {"type": "ping", "timestamp": event["timestamp"], "data": {"n": 0, "text": "größer 你好"}}
    assert got.headers["webhook-id"] == delivery.delivery_id
    assert got.headers["host"] == f"127.0.0.1:{receiver.port}"
    assert got.path == "/hook?token=1"
    assert kept.delivered_at is not None
    assert [(entry.code, entry.error) for entry in kept.log] == [(204, "")]
    for wrong in (got.body.replace(b"0", b"1"), got.body + b" "):
        with pytest.raises(WebhookVerificationError):
            Verifier(webhook.secret).verify(wrong, got.headers)
    with pytest.raises(WebhookVerificationError):
        Verifier(new_secret()).verify(got.body, got.headers)


async def test_after_a_change_of_secrets_both_sign_for_a_while(
    parts_with: Callable[..., Parts], receiver: Receiver, clock: VirtualClock
) -> None:
    clock.advance((SystemClock().now() - clock.now()).total_seconds())
    parts = parts_with()
    before = await registered(parts, receiver.url)
    until_ = clock.now() + timedelta(seconds=100)
    after = await parts.storage.webhooks.set_secret(before.webhook_id, new_secret(), before.secret, until_)
    async with delivering(parts):
        await queued(parts, after, 0)
        both = (await receiver.has(1))[0]
        clock.advance(101)
        await queued(parts, after, 1)
        one = (await receiver.has(2))[1]
    for secret in (before.secret, after.secret):
        Verifier(secret).verify(both.body, both.headers)
    Verifier(after.secret).verify(one.body, one.headers)
    with pytest.raises(WebhookVerificationError):
        Verifier(before.secret).verify(one.body, one.headers)


async def test_two_loops_at_once_deliver_each_once(parts: Parts, receiver: Receiver) -> None:
    webhook = await registered(parts, receiver.url)
    async with delivering(parts), delivering(parts):
        deliveries = [await queued(parts, webhook, n) for n in range(40)]
        for delivery in deliveries:
            await becomes(parts, delivery.delivery_id, DELIVERED)
    assert sorted(got.json["data"]["n"] for got in receiver.received) == list(range(40))
    assert receiver.most_at_once > 1


async def test_a_loop_killed_in_the_middle_is_made_up_for_once_its_lease_is_past(
    parts: Parts, receiver: Receiver, clock: VirtualClock
) -> None:
    receiver.hold()
    delivery = await queued(parts, await registered(parts, receiver.url))

    async def dies() -> None:
        async with delivering(parts):
            await asyncio.Event().wait()

    dying = asyncio.create_task(dies())
    await receiver.has(1)
    dying.cancel()
    await asyncio.gather(dying, return_exceptions=True)
    receiver.held.set()
    left = await parts.storage.deliveries.get(delivery.delivery_id)
    assert left.status is DeliveryStatus.DELIVERING

    async with delivering(parts):
        other = await queued(parts, await registered(parts, receiver.url), 1)
        await becomes(parts, other.delivery_id, DELIVERED)
        assert len(receiver.received) == 2, "the lease of the dead was not kept"
        clock.advance(parts.settings.delivery_lease_s + 1)
        await becomes(parts, delivery.delivery_id, DELIVERED, attempts=2)
    first, _, again = receiver.received
    assert first.headers["webhook-id"] == again.headers["webhook-id"]
    assert first.body == again.body


async def test_the_end_of_a_process_finishes_what_is_under_way(parts: Parts, receiver: Receiver) -> None:
    receiver.hold()
    delivery = await queued(parts, await registered(parts, receiver.url))
    async with delivering(parts):
        await receiver.has(1)
        asyncio.get_running_loop().call_later(0.2, receiver.held.set)
    assert (await parts.storage.deliveries.get(delivery.delivery_id)).status is DELIVERED


async def test_failures_are_retried_later_and_later_for_about_a_day_and_then_given_up(
    parts: Parts, receiver: Receiver, clock: VirtualClock
) -> None:
    receiver.statuses = [500]
    began = clock.now()
    delivery = await queued(parts, await registered(parts, receiver.url))
    waits: list[float] = []
    async with delivering(parts):
        for attempt in range(1, 10):
            waiting = await becomes(parts, delivery.delivery_id, QUEUED, attempts=attempt)
            assert waiting.next_at is not None
            waits.append((waiting.next_at - clock.now()).total_seconds())
            clock.advance(waits[-1])
        given_up = await becomes(parts, delivery.delivery_id, FAILED, attempts=10)
    assert len(receiver.received) == 10
    assert all(later > 2 * sooner for sooner, later in zip(waits[:7], waits[1:7], strict=False))
    assert 4 <= waits[0] <= 8
    assert timedelta(hours=12) < given_up.log[-1].at - began < timedelta(hours=24)
    assert [entry.code for entry in given_up.log] == [500] * 10
    assert given_up.next_at is None


@pytest.mark.parametrize(("status", "ends"), [(200, DELIVERED), (302, QUEUED), (404, QUEUED), (429, QUEUED)])
async def test_what_an_answer_means(parts: Parts, receiver: Receiver, status: int, ends: DeliveryStatus) -> None:
    async with Receiver() as elsewhere:
        receiver.statuses = [status]
        receiver.headers = f"location: {elsewhere.url}\r\n"
        delivery = await queued(parts, await registered(parts, receiver.url))
        async with delivering(parts):
            kept = await becomes(parts, delivery.delivery_id, ends)
        assert kept.log[0].code == status
        assert elsewhere.received == [], "a redirect was followed"


async def test_a_receiver_that_is_gone_is_told_nothing_more(parts: Parts, receiver: Receiver) -> None:
    receiver.statuses = [410]
    webhook = await registered(parts, receiver.url, events=(EventKind.REPORT_READY,))
    delivery = await queued(parts, webhook)
    async with delivering(parts):
        await becomes(parts, delivery.delivery_id, FAILED)
        await queued(parts, webhook, 1)
        late = await queued(parts, webhook, 2)
        kept = await becomes(parts, late.delivery_id, FAILED)
    assert kept.log[0].error == "webhook_disabled"
    assert len(receiver.received) == 1
    assert (await parts.storage.webhooks.get(webhook.webhook_id)).disabled_at is not None
    assert await parts.storage.webhooks.interested(EventKind.REPORT_READY) == []
    noted = await parts.storage.audit.of_subject(f"webhook:{webhook.webhook_id}")
    assert [(entry.actor, entry.action) for entry in noted] == [("system:outgoing", "disable webhook")]


async def test_a_receiver_that_hangs_costs_its_time_and_does_not_hold_up_others(
    parts_with: Callable[..., Parts], receiver: Receiver
) -> None:
    parts = parts_with(webhook_timeout_s=1, delivery_concurrency=4)
    receiver.hold()
    hangs = await registered(parts, receiver.url)
    for n in range(20):
        await queued(parts, hangs, n)
    async with Receiver() as answers, delivering(parts):
        await receiver.has(2)
        quick = await queued(parts, await registered(parts, answers.url), 99)
        await becomes(parts, quick.delivery_id, DELIVERED)
        assert receiver.most_at_once == 2

        async def timed_out() -> bool:
            page, _ = await parts.storage.deliveries.page(hangs.webhook_id)
            return any(entry.error == "timeout" for one in page for entry in one.log)

        await until(timed_out)


async def test_an_endless_answer_is_not_read(parts: Parts) -> None:
    async def endless(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n")
        try:
            while True:
                writer.write(b"10000\r\n" + b"x" * 65536 + b"\r\n")
                await writer.drain()
        except ConnectionError:
            writer.close()

    server = await asyncio.start_server(endless, "127.0.0.1", 0)
    url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/"
    delivery = await queued(parts, await registered(parts, url))
    async with delivering(parts):
        kept = await becomes(parts, delivery.delivery_id, DELIVERED)
    server.close()
    assert kept.log[0].duration_ms < 5000


@pytest.mark.parametrize(
    ("url", "error"),
    [
        ("http://127.0.0.1:{port}/", "webhook_url_invalid"),
        ("https://127.0.0.1:{port}/", "webhook_target_refused"),
        ("https://localhost:{port}/", "webhook_target_refused"),
        ("https://2130706433:{port}/", "webhook_target_refused"),
        ("https://[::ffff:127.0.0.1]:{port}/", "webhook_target_refused"),
        ("https://no-such-host.invalid/", "webhook_host_unknown"),
    ],
)
async def test_a_private_target_is_not_connected_to_even_when_it_is_stored(
    parts_with: Callable[..., Parts], receiver: Receiver, url: str, error: str
) -> None:
    parts = parts_with(webhook_allow_private=False)
    delivery = await queued(parts, await registered(parts, url.format(port=receiver.port)))
    async with delivering(parts):
        kept = await becomes(parts, delivery.delivery_id, QUEUED)
    assert kept.log[0].error == error
    assert receiver.received == []


async def test_a_name_is_looked_up_once_and_the_connection_goes_to_what_was_checked(
    parts: Parts, receiver: Receiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    loop = asyncio.get_running_loop()
    real, asked = loop.getaddrinfo, []

    async def rebinds(host: str, *args: Any, **given: Any) -> Any:
        """Answer for the name with the receiver's address at first, and with nobody's from then on."""
        if host != "rebinds.example":
            return await real(host, *args, **given)
        asked.append(host)
        return await real("127.0.0.1" if len(asked) == 1 else "127.0.0.9", *args, **given)

    monkeypatch.setattr(loop, "getaddrinfo", rebinds)
    delivery = await queued(parts, await registered(parts, f"http://rebinds.example:{receiver.port}/"))
    async with delivering(parts):
        await becomes(parts, delivery.delivery_id, DELIVERED)
    assert len(asked) == 1
    assert receiver.received[0].headers["host"] == f"rebinds.example:{receiver.port}"


async def test_an_ipv6_address_is_reached_as_well(parts: Parts) -> None:
    async with Receiver(host="::1") as receiver:
        delivery = await queued(parts, await registered(parts, f"http://[::1]:{receiver.port}/"))
        async with delivering(parts):
            await becomes(parts, delivery.delivery_id, DELIVERED)
        assert receiver.received[0].headers["host"] == f"[::1]:{receiver.port}"


async def test_over_tls_the_certificate_must_be_that_of_the_name(parts: Parts, tmp_path: Path) -> None:
    shown, trusts = certificate(tmp_path)
    async with Receiver(shown) as secure:
        named = await registered(parts, f"https://localhost:{secure.port}/")
        other = await registered(parts, f"https://127.0.0.1:{secure.port}/")
        good, wrong = [await queued(parts, webhook) for webhook in (named, other)]
        poster = Poster(parts.storage.webhooks, parts.clock, timeout_s=10, allow_private=True, tls=trusts)
        assert await poster.send(good) == Outcome(Verdict.DELIVERED, code=204)
        assert (await poster.send(wrong)).error == "tls"
        assert (await Poster.of(parts.settings, parts.storage.webhooks, parts.clock).send(good)).error == "tls"
        assert len(secure.received) == 1
        assert secure.received[0].headers["host"] == f"localhost:{secure.port}"


async def test_nobody_there_is_retried(parts: Parts) -> None:
    async with Receiver() as closed:
        url = closed.url
    delivery = await queued(parts, await registered(parts, url))
    async with delivering(parts):
        assert (await becomes(parts, delivery.delivery_id, QUEUED)).log[0].error == "connect"


async def test_what_killed_so_many_processes_is_given_up_untried(
    parts: Parts, receiver: Receiver, clock: VirtualClock
) -> None:
    delivery = await queued(parts, await registered(parts, receiver.url))
    for n in range(parts.settings.webhook_max_attempts):
        assert await parts.storage.deliveries.claim(f"dead {n}", 60, Channel.WEBHOOK) is not None
        clock.advance(61)
    async with delivering(parts):
        kept = await becomes(parts, delivery.delivery_id, FAILED)
    assert kept.log[-1].error == "too_many_attempts"
    assert receiver.received == []


async def test_a_bug_in_one_delivery_harms_no_other(
    parts: Parts, clock: VirtualClock, caplog: pytest.LogCaptureFixture
) -> None:
    webhook = await registered(parts, "http://127.0.0.1/")
    bad, good = await queued(parts, webhook, 0), await queued(parts, webhook, 1)

    async def send(delivery: Delivery) -> Outcome:
        if delivery.delivery_id == bad.delivery_id:
            raise ValueError("a bug")
        return Outcome(Verdict.DELIVERED, code=200)

    lane = Lane(parts.storage, clock, Channel.WEBHOOK, send, Policy.of(parts.settings))
    stopping = asyncio.Event()
    with caplog.at_level(logging.ERROR):
        running = asyncio.create_task(lane.run(stopping))
        await becomes(parts, good.delivery_id, DELIVERED)
        assert (await becomes(parts, bad.delivery_id, QUEUED)).log[0].error == "internal"
        stopping.set()
        await running
    assert "met a bug" in caplog.text


async def test_while_the_database_is_away_the_loop_waits_and_then_goes_on(
    tmp_path: Path, parts: Parts, receiver: Receiver, clock: VirtualClock, caplog: pytest.LogCaptureFixture
) -> None:
    async with Stack(tmp_path / "state", services=["mongo"], progress=False) as stack:
        chosen = parts.settings.model_copy(update={"mongodb_uri": stack.url("mongo"), "mongodb_wait_s": 0.5})
        other = replace(parts, settings=chosen, storage=await Storage.connect(chosen, parts.clock))
        async with delivering(other):
            webhook = await registered(other, receiver.url)
            await becomes(other, (await queued(other, webhook)).delivery_id, DELIVERED)
            os.kill(stack.pid("mongo"), signal.SIGSTOP)
            try:

                async def waits() -> bool:
                    return "deliveries wait: storage_unavailable" in caplog.text

                await until(waits)
            finally:
                os.kill(stack.pid("mongo"), signal.SIGCONT)
            # a claim that the database still carries out, but whose answer nobody awaits any more, costs its lease
            clock.advance(other.settings.delivery_lease_s + 1)
            await becomes(other, (await queued(other, webhook, 1)).delivery_id, DELIVERED)
        await other.storage.close()


async def test_news_of_an_erased_session_is_not_kept(parts: Parts) -> None:
    gone = session()
    await parts.storage.sessions.add(gone)
    await registered(parts, "http://127.0.0.1/")
    told = News(EventKind.REPORT_READY, "report:1", gone.session_id, datetime.now(UTC), {})
    assert await tell(parts, told) == 1
    await parts.storage.erase_session(gone.session_id)
    assert await parts.storage.deliveries.of(gone.session_id) == []
