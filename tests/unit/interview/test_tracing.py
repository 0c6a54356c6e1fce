"""Traces go to a collector where one is named; where none is, nothing is even imported."""

import asyncio
import subprocess
import sys
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import pytest
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from opentelemetry.proto.trace.v1.trace_pb2 import Span
from starlette.requests import Request
from starlette.responses import PlainTextResponse
from starlette.types import Receive, Scope, Send

from interview import tracing

PROJECT = Path(__file__).parents[3]


class Collector(HTTPServer):
    """Takes OTLP over HTTP, as a collector does."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Receiver)
        self.bodies: list[tuple[str, bytes]] = []

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_port}"

    def spans(self) -> list[Span]:
        requests = [ExportTraceServiceRequest.FromString(body) for path, body in self.bodies if path == "/v1/traces"]
        return [s for request in requests for r in request.resource_spans for sc in r.scope_spans for s in sc.spans]


class Receiver(BaseHTTPRequestHandler):
    def do_POST(self) -> None:
        assert isinstance(self.server, Collector)
        self.server.bodies.append((self.path, self.rfile.read(int(self.headers["Content-Length"]))))
        self.send_response(200)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, format: str, *args: object) -> None:
        """Say nothing."""


@pytest.fixture
def collector() -> Iterator[Collector]:
    server = Collector()
    serving = threading.Thread(target=server.serve_forever)
    serving.start()
    yield server
    server.shutdown()
    serving.join()
    server.server_close()


def attributes(span: Span) -> dict[str, str | int]:
    return {a.key: a.value.string_value or a.value.int_value for a in span.attributes}


def test_a_piece_of_work_is_traced_without_the_words_of_its_error(collector: Collector) -> None:
    end = tracing.set_up(collector.url, "reports")
    with tracing.span("report", session_id="s1", attempt=2):
        pass
    with pytest.raises(ValueError, match="Zephyrine"), tracing.span("report", session_id="s2"):
        raise ValueError("Zephyrine said so")
    end()

    well, failed = collector.spans()
    assert (well.name, attributes(well)) == ("report", {"viva.session_id": "s1", "viva.attempt": 2})
    assert attributes(failed) == {"viva.session_id": "s2", "error.type": "ValueError"}
    assert b"Zephyrine" not in b"".join(body for _, body in collector.bodies)
    assert b"viva.reports" in collector.bodies[0][1]


async def test_a_request_is_traced_by_its_route_and_nothing_that_was_asked(collector: Collector) -> None:
    from control_api.logs import RequestLog
    from control_api.monitoring.requests import Requests

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        scope["route"] = type("Route", (), {"path": "/people/{email}"})
        await PlainTextResponse("no", status_code=503)(scope, receive, send)

    from prometheus_client import CollectorRegistry

    end = tracing.set_up(collector.url, "control_api")
    scope = {
        "type": "http",
        "method": "GET",
        "path": "/people/zephyrine@example.com",
        "query_string": b"name=Zephyrine",
        "headers": [(b"x-request-id", b"0123456789abcdef")],
    }
    log = RequestLog(app, Requests(CollectorRegistry()))

    async def send(_: object) -> None: ...

    await log(scope, Request(scope).receive, send)
    await asyncio.to_thread(end)

    (span,) = collector.spans()
    assert span.name == "GET /people/{email}"
    assert attributes(span) == {
        "http.request.method": "GET",
        "viva.request_id": "0123456789abcdef",
        "http.route": "/people/{email}",
        "http.response.status_code": 503,
        "error.type": "503",
    }
    assert b"ephyrine" not in b"".join(body for _, body in collector.bodies)


def test_without_a_collector_nothing_is_imported_and_nothing_done() -> None:
    program = (
        "import sys; from interview import tracing; end = tracing.set_up('', 'x')\n"
        "with tracing.span('y', a=1): pass\n"
        "with tracing.request_span('GET', 'id') as span: span.end_as('/', 500)\n"
        "end(); assert not [name for name in sys.modules if name.startswith('opentelemetry')]"
    )
    subprocess.run([sys.executable, "-c", program], check=True, cwd=PROJECT)
