"""Sends one trace, one log record and three metrics with OpenTelemetry's own exporters; then says what it sent as JSON."""

import json
import logging
import sys

from opentelemetry import metrics, trace
from opentelemetry._logs import set_logger_provider
from opentelemetry.sdk._logs import LoggerProvider, LoggingHandler
from opentelemetry.sdk._logs.export import BatchLogRecordProcessor
from opentelemetry.sdk.metrics import MeterProvider
from opentelemetry.sdk.metrics.export import PeriodicExportingMetricReader
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor

protocol, endpoint, service = sys.argv[1:4]

if protocol == "grpc":
    from opentelemetry.exporter.otlp.proto.grpc._log_exporter import OTLPLogExporter
    from opentelemetry.exporter.otlp.proto.grpc.metric_exporter import OTLPMetricExporter
    from opentelemetry.exporter.otlp.proto.grpc.trace_exporter import OTLPSpanExporter

    options = [{"endpoint": endpoint, "insecure": True}] * 3
else:
    from opentelemetry.exporter.otlp.proto.http import Compression
    from opentelemetry.exporter.otlp.proto.http._log_exporter import OTLPLogExporter
    from opentelemetry.exporter.otlp.proto.http.metric_exporter import OTLPMetricExporter
    from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter

    options = [
        {"endpoint": f"{endpoint}/v1/{signal}", "compression": Compression.Gzip}
        for signal in ("traces", "logs", "metrics")
    ]

resource = Resource.create({"service.name": service, "service.instance.id": f"{service}-1"})
tracers = TracerProvider(resource=resource)
tracers.add_span_processor(BatchSpanProcessor(OTLPSpanExporter(**options[0])))
trace.set_tracer_provider(tracers)
loggers = LoggerProvider(resource=resource)
loggers.add_log_record_processor(BatchLogRecordProcessor(OTLPLogExporter(**options[1])))
set_logger_provider(loggers)
meters = MeterProvider(
    resource=resource, metric_readers=[PeriodicExportingMetricReader(OTLPMetricExporter(**options[2]))]
)
metrics.set_meter_provider(meters)

logger = logging.getLogger("shop")
logger.addHandler(LoggingHandler(logger_provider=loggers))
tracer = trace.get_tracer("shop")
meter = metrics.get_meter("shop")
meter.create_counter("orders.placed", unit="{order}").add(3, {"channel": "web"})
meter.create_up_down_counter("queue.length").add(5)
meter.create_histogram("order.value", unit="EUR").record(42.5)

with tracer.start_as_current_span("place order", kind=trace.SpanKind.SERVER) as parent:
    parent.set_attribute("order.id", "o-1")
    with tracer.start_as_current_span("charge", kind=trace.SpanKind.CLIENT) as child:
        child.set_attribute("peer.service", "payments")
        child.add_event("refused", {"attempt": 2})
        child.set_status(trace.StatusCode.ERROR, "card refused")
        logger.error("payment refused for %s", "o-1")
    context = parent.get_span_context()

tracers.shutdown()
loggers.shutdown()
meters.shutdown()
print(json.dumps({"traceId": format(context.trace_id, "032x"), "spanId": format(context.span_id, "016x")}))
