"""The figures of one process, in Prometheus' text form. Each `Metrics` has its own registry."""

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest
from prometheus_client.exposition import CONTENT_TYPE_LATEST

_DECODE_BUCKETS_S = (0.05, 0.1, 0.2, 0.3, 0.5, 0.8, 1.2, 2.0, 4.0, 8.0)
_LOOP_DELAY_BUCKETS_MS = (1, 2, 3, 5, 7, 10, 15, 20, 30, 50, 100, 200, 500, 1000)
_WAIT_BUCKETS_S = (0.01, 0.05, 0.1, 0.2, 0.5, 1.0, 2.0, 4.0, 8.0)
_RESPONSE_BUCKETS_MS = (100, 200, 300, 500, 700, 1000, 1500, 2000, 3000, 5000, 10000)


class Metrics:
    """What is counted. Every label takes few values, none of them from outside. Safe from several threads."""

    content_type = CONTENT_TYPE_LATEST

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        self.calls_started = self._counter("calls_started", "Calls that were connected to the line.")
        self.calls_live = Gauge("calmline_calls_live", "Calls with an open stream.", registry=self.registry)
        self.calls_ended = self._counter("calls_ended", "Calls by how they ended.", "disposition")
        self.calls_refused = self._counter(
            "calls_refused",
            "Calls answered with a courteous sentence instead: full, busy, not_ready.",
            "reason",
        )
        self.calls_resumed = self._counter("calls_resumed", "Streams opened again after they were lost.")
        self.webhooks_refused = self._counter(
            "webhooks_refused", "Webhooks refused: unsigned, forged, ill_formed.", "reason"
        )
        self.webhooks_failed = self._counter(
            "webhooks_failed", "Webhooks answered with an apology after an error, by path.", "path"
        )
        self.tokens_refused = self._counter(
            "stream_tokens_refused", "Streams refused for their token.", "reason"
        )
        self.media_messages_bad = self._counter(
            "media_messages_bad", "Messages on the media socket that were dropped.", "reason"
        )
        self.decode_seconds = Histogram(
            "calmline_decode_seconds",
            "Time the recogniser took for one window: glance, final, partial.",
            ["kind"],
            buckets=_DECODE_BUCKETS_S,
            registry=self.registry,
        )
        self.decode_wait_seconds = Histogram(
            "calmline_decode_wait_seconds",
            "Time that the words of a turn waited for a free recogniser.",
            buckets=_WAIT_BUCKETS_S,
            registry=self.registry,
        )
        self.loop_delay_ms = Histogram(
            "calmline_event_loop_delay_ms",
            "How late the event loop came to what was due, fifty times a second, in milliseconds.",
            buckets=_LOOP_DELAY_BUCKETS_MS,
            registry=self.registry,
        )
        self.decode_retries = self._counter("decode_retries", "Windows decoded again at full length.")
        self.decodes_shed = self._counter(
            "decodes_shed", "Glances and partial transcripts left out under load."
        )
        self.response_ms = Histogram(
            "calmline_response_ms",
            "From the end of the caller's words to the line's first audio, in milliseconds of call time.",
            buckets=_RESPONSE_BUCKETS_MS,
            registry=self.registry,
        )
        self.store_failed = self._counter("store_failed", "Writes that the store would not take.")
        self.recordings_failed = self._counter("recordings_failed", "Recordings that could not be written.")

    def text(self) -> bytes:
        """All figures in the text form that Prometheus reads; its type is `content_type`."""
        return generate_latest(self.registry)

    def _counter(self, name: str, description: str, *labels: str) -> Counter:
        """A counter in this registry, exported as calmline_<name>_total."""
        return Counter(f"calmline_{name}", description, labels, registry=self.registry)
