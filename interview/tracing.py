"""Traces (OpenTelemetry), where OTEL_EXPORTER_OTLP_ENDPOINT is set; nothing is imported where it is not.

Spans carry ids and names from the code: no addresses with what was asked, no bodies, no words of errors.
"""

from collections.abc import Callable, Generator
from contextlib import contextmanager
from typing import Any

_tracer: Any = None


def set_up(endpoint: str, service: str) -> Callable[[], None]:
    """Send this process's spans by OTLP over HTTP to `endpoint` (its root, as the standard variable names it).

    Returns what ends it: it sends what is left, and blocks for that for a few seconds at most. An empty endpoint
    means no traces.
    """
    global _tracer
    if not endpoint:
        return lambda: None
    from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
    from opentelemetry.sdk.resources import Resource
    from opentelemetry.sdk.trace import TracerProvider
    from opentelemetry.sdk.trace.export import BatchSpanProcessor

    exporter = OTLPSpanExporter(endpoint=endpoint.rstrip("/") + "/v1/traces", timeout=5)
    # a resource of our own: the detectors would add the command line and the host's name
    provider = TracerProvider(resource=Resource({"service.name": f"viva.{service}"}), shutdown_on_exit=False)
    provider.add_span_processor(BatchSpanProcessor(exporter))
    _tracer = provider.get_tracer("viva")

    def end() -> None:
        global _tracer
        _tracer = None
        provider.shutdown()

    return end


@contextmanager
def span(name: str, **attributes: str | int | float) -> Generator[None]:
    """Trace a piece of work; an error is noted by its type alone."""
    if _tracer is None:
        yield
        return
    with _tracer.start_as_current_span(name, record_exception=False, set_status_on_exception=False) as current:
        current.set_attributes({f"viva.{key}": value for key, value in attributes.items()})
        try:
            yield
        except BaseException as error:
            _failed(current, type(error).__name__)
            raise


class RequestSpan:
    """A request that is traced, or not; it gets its name when the route is known."""

    def __init__(self, method: str, current: Any = None) -> None:
        self._method = method
        self._current = current

    def end_as(self, route: str, status: int) -> None:
        """Say which route it was, by its template, and how it was answered."""
        if self._current is None:
            return
        self._current.update_name(f"{self._method} {route}")
        self._current.set_attributes({"http.route": route, "http.response.status_code": status})
        if status >= 500:
            _failed(self._current, str(status))


@contextmanager
def request_span(method: str, request_id: str) -> Generator[RequestSpan]:
    """Trace one request."""
    if _tracer is None:
        yield RequestSpan(method)
        return
    from opentelemetry.trace import SpanKind

    attributes = {"http.request.method": method, "viva.request_id": request_id}
    with _tracer.start_as_current_span(
        method, kind=SpanKind.SERVER, attributes=attributes, record_exception=False, set_status_on_exception=False
    ) as current:
        try:
            yield RequestSpan(method, current)
        except BaseException as error:
            _failed(current, type(error).__name__)
            raise


def _failed(current: Any, kind: str) -> None:
    from opentelemetry.trace import StatusCode

    current.set_attribute("error.type", kind)
    current.set_status(StatusCode.ERROR)
