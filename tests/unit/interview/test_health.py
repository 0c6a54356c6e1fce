"""The worker's sign of life."""

import socket

import httpx
import psutil
import pytest

from interview import health


async def test_it_answers_while_the_worker_runs_and_not_after():
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
    async with health.answering(port), httpx.AsyncClient() as client:
        response = await client.get(f"http://127.0.0.1:{port}/")
        assert (response.status_code, response.text) == (200, "ok\n")
    async with httpx.AsyncClient() as client:
        with pytest.raises(httpx.ConnectError):
            await client.get(f"http://127.0.0.1:{port}/")


async def test_port_zero_answers_nothing():
    listening = {c.laddr for c in psutil.Process().net_connections("inet") if c.status == psutil.CONN_LISTEN}
    async with health.answering(0):
        now = {c.laddr for c in psutil.Process().net_connections("inet") if c.status == psutil.CONN_LISTEN}
    assert now == listening
