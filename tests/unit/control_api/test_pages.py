"""Policies of pages and cookies, and the documentation page."""

import pytest

from control_api.app import routed
from control_api.cookies import needs_tls
from control_api.document.describe import operations
from control_api.pages.endpoints import page_policy
from control_api.pages.reference import render_reference


@pytest.mark.parametrize(
    ("public_url", "tls"),
    [
        ("http://127.0.0.1:8000", False),
        ("http://localhost:8000", False),
        ("http://[::1]:8000", False),
        ("https://127.0.0.1", True),
        ("http://viva.example", True),
        ("https://viva.example", True),
        ("http://127.0.0.1.viva.example", True),
    ],
)
def test_the_seat_cookie_travels_in_the_clear_only_on_the_machine_itself(public_url: str, tls: bool) -> None:
    assert needs_tls(public_url) is tls


@pytest.mark.parametrize(
    ("livekit_url", "allowed"),
    [
        ("ws://127.0.0.1:7880", "connect-src 'self' ws://127.0.0.1:7880 http://127.0.0.1:7880;"),
        ("wss://rooms.viva.example", "connect-src 'self' wss://rooms.viva.example https://rooms.viva.example;"),
    ],
)
def test_the_page_reaches_one_livekit_server(livekit_url: str, allowed: str) -> None:
    assert allowed in page_policy(livekit_url)


def test_the_documentation_escapes_what_it_shows() -> None:
    document = {
        "info": {"title": "<script>", "description": "a & b"},
        "paths": {"/x": {"get": {"description": "<b>", "responses": {"200": {}}}}},
    }
    page = render_reference(document)
    assert "<script>" not in page
    assert "&lt;script&gt;" in page
    assert "<b>" not in page


def test_the_documentation_shows_every_operation_with_its_problems_and_an_example_of_what_is_sent() -> None:
    document = routed().openapi()
    page = render_reference(document)
    assert page.count("<section>") == len([*operations(document)])
    start = page.partition("/session/{session_id}/start</code>")[2].partition("<section>")[0]
    assert "<td>409</td>" in start
    assert "<code>too_early</code>" in start
    create = page.partition("/api/parallel_interview/create</code>")[2].partition("<section>")[0]
    assert "<pre>{\n  &quot;name&quot;: &quot;Amina Okafor&quot;" in create
    assert "Header <code>Idempotency-Key</code>" in create
