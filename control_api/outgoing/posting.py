"""Posting one delivery to a webhook."""

import asyncio
import json
import ssl
from typing import Self

import httpx

from control_api.outgoing.outcome import Outcome, Verdict, retry
from control_api.outgoing.signing import signed_headers
from control_api.outgoing.targets import Address, addresses_of, check_url
from interview.clock import Clock
from interview.errors import Invalid, NotFound
from interview.outgoing import Delivery, Webhook
from interview.settings import Settings
from interview.storage.webhooks import Webhooks

_GONE = 410


class Poster:
    """Sends deliveries to webhooks. It follows no redirects and heeds no proxy settings."""

    def __init__(
        self,
        webhooks: Webhooks,
        clock: Clock,
        *,
        timeout_s: float,
        allow_private: bool,
        tls: ssl.SSLContext | None = None,
    ) -> None:
        self._webhooks = webhooks
        self._clock = clock
        self._timeout_s = timeout_s
        self._allow_private = allow_private
        self._tls = tls or httpx.create_ssl_context()

    @classmethod
    def of(cls, settings: Settings, webhooks: Webhooks, clock: Clock) -> Self:
        """Build from settings."""
        return cls(webhooks, clock, timeout_s=settings.webhook_timeout_s, allow_private=settings.webhook_allow_private)

    async def send(self, delivery: Delivery) -> Outcome:
        """Post it. 2xx means delivered, 410 that nothing more is wanted; everything else may be tried again."""
        try:
            webhook = await self._webhooks.get(delivery.target)
        except NotFound:
            return Outcome(Verdict.FAILED, error="webhook_deleted")
        if webhook.disabled_at is not None:
            return Outcome(Verdict.FAILED, error="webhook_disabled")
        try:
            async with asyncio.timeout(self._timeout_s):
                status = await self._post(webhook, delivery)
        except (TimeoutError, httpx.TimeoutException):
            return retry("timeout")
        except Invalid as error:
            return retry(error.code)
        except httpx.ConnectError as error:
            return retry("tls" if "SSL" in str(error) else "connect")
        except (httpx.HTTPError, httpx.InvalidURL, ssl.SSLError, OSError):
            return retry("protocol")
        if 200 <= status < 300:
            return Outcome(Verdict.DELIVERED, code=status)
        return Outcome(Verdict.GONE if status == _GONE else Verdict.RETRY, code=status)

    async def _post(self, webhook: Webhook, delivery: Delivery) -> int:
        url = check_url(webhook.url, allow_private=self._allow_private)
        addresses = await addresses_of(url, allow_private=self._allow_private)
        body = json.dumps(delivery.payload, ensure_ascii=False, separators=(",", ":")).encode()
        headers = {
            "host": url.netloc.decode(),
            "content-type": "application/json",
            "user-agent": "Viva-Webhooks/1",
            **signed_headers(webhook, delivery.delivery_id, self._clock.now(), body),
        }
        for address in addresses[:-1]:
            try:
                return await self._post_to(address, url, headers, body)
            except (httpx.ConnectError, httpx.ConnectTimeout):
                continue  # another of its addresses may answer
        return await self._post_to(addresses[-1], url, headers, body)

    async def _post_to(self, address: Address, url: httpx.URL, headers: dict[str, str], body: bytes) -> int:
        """Post to that address, while certificate and Host stay those of the URL's name; return the answer's status.

        The answer's body is not read: it may be endless, and says nothing that is needed. Each
        time by a client of its own: a connection that is kept is found again by its address alone, and two names can
        share one.
        """
        timeout = httpx.Timeout(self._timeout_s, connect=self._timeout_s / 2)
        async with httpx.AsyncClient(
            verify=self._tls, trust_env=False, follow_redirects=False, timeout=timeout
        ) as client:
            request = client.build_request(
                "POST",
                url.copy_with(host=str(address)),
                headers=headers,
                content=body,
                extensions={"sni_hostname": url.raw_host.decode()},
            )
            answer = await client.send(request, stream=True)
            await answer.aclose()
            return answer.status_code
