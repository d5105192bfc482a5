"""OpenTelemetry traces, where an operator wants them: how long what took, and never a text, a header or a query."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from importlib.metadata import version
from typing import TYPE_CHECKING

from starlette.datastructures import Headers
from starlette.types import Scope

from triage.errors import UsageError

if TYPE_CHECKING:
    from opentelemetry import trace
    from opentelemetry.sdk.trace.export import SpanExporter

__all__ = ["Span", "Traces", "traces_to"]


class Span:
    """The span of one request."""

    def __init__(self, span: trace.Span, failed: trace.StatusCode) -> None:
        self._span, self._failed = span, failed

    def tell(self, *, route: str, method: str, status: int, ident: str, items: int | None) -> None:
        """Write down what is known at the end; ``route`` is the template of the path, never the path."""
        self._span.update_name(f"{method} {route}")
        self._span.set_attributes(
            {
                "http.request.method": method,
                "http.route": route,
                "http.response.status_code": status,
                "triage.request_id": ident,
                **({} if items is None else {"triage.items": items}),
            }
        )
        if status >= 500:
            self._span.set_status(self._failed)


class Traces:
    """Makes a span for each request and each batch.

    Args:
        exporter: where spans go. What cannot be delivered is dropped after a while; a request never waits for it.
    """

    def __init__(self, exporter: SpanExporter) -> None:
        # Only for whoever wants traces: the extra `otel` brings these.
        from opentelemetry.context import Context  # noqa: PLC0415
        from opentelemetry.sdk.resources import Resource  # noqa: PLC0415
        from opentelemetry.sdk.trace import TracerProvider  # noqa: PLC0415
        from opentelemetry.sdk.trace.export import BatchSpanProcessor  # noqa: PLC0415
        from opentelemetry.trace import SpanKind, StatusCode  # noqa: PLC0415
        from opentelemetry.trace.propagation.tracecontext import TraceContextTextMapPropagator  # noqa: PLC0415

        # Not Resource.create: that takes in what the environment says, which may be anything.
        resource = Resource({"service.name": "triage", "service.version": version("triage")})
        self._provider = TracerProvider(resource=resource, shutdown_on_exit=False)
        self._provider.add_span_processor(BatchSpanProcessor(exporter))
        self._tracer = self._provider.get_tracer("triage.serve")
        self._parent = TraceContextTextMapPropagator()
        self._server, self._failed, self._none = SpanKind.SERVER, StatusCode.ERROR, Context()

    @contextlib.contextmanager
    def request(self, scope: Scope) -> Iterator[Span]:
        """Open the span of a request, below the caller's own where it sends ``traceparent``."""
        given = {"traceparent": Headers(scope=scope).get("traceparent", "")}
        # An exception is not recorded: its message and its traceback may quote the text.
        with self._tracer.start_as_current_span(
            "request",
            context=self._parent.extract(given),
            kind=self._server,
            record_exception=False,
            set_status_on_exception=False,
        ) as span:
            yield Span(span, self._failed)

    @contextlib.contextmanager
    def batch(self, complaints: int) -> Iterator[None]:
        """Open the span of a batch; it serves several requests, and so has no parent."""
        with self._tracer.start_as_current_span(
            "batch",
            context=self._none,
            attributes={"triage.items": complaints},
            record_exception=False,
            set_status_on_exception=False,
        ):
            yield

    def stop(self) -> None:
        """Deliver what waits, and end."""
        self._provider.shutdown()


def traces_to(address: str) -> Traces:
    """Return traces that go to ``address`` by OTLP over HTTP.

    Raises:
        UsageError: the extra ``otel`` is not installed.
    """
    try:
        from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter  # noqa: PLC0415
    except ImportError:
        raise UsageError("traces is set and OpenTelemetry is missing; pip install 'triage[otel]'") from None
    return Traces(OTLPSpanExporter(endpoint=address, timeout=5))
