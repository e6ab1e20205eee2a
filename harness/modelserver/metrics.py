"""What the server counts, for Prometheus."""

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest

from harness.modelserver.admission import Admission
from harness.modelserver.engine import Usage

WAIT_BUCKETS_S = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0)
SPEED_BUCKETS = (1, 3, 10, 30, 100, 200, 400, 700, 1000, 1500, 2000, 3000, 5000)


class Metrics:
    """Counters of one server; a registry of its own, so that two servers in a test do not mix."""

    def __init__(self, admission: Admission) -> None:
        self._registry = CollectorRegistry()
        registry = self._registry
        self._requests = Counter(
            "modelserver_requests",
            "Requests by route and status; 499 is a client that hung up",
            ("route", "status"),
            registry=registry,
        )
        self._prompt_tokens = Counter(
            "modelserver_prompt_tokens", "Tokens of prompts, cached ones included", registry=registry
        )
        self._generated_tokens = Counter(
            "modelserver_generated_tokens", "Tokens of answers", registry=registry
        )
        self._first_token = Histogram(
            "modelserver_time_to_first_token_seconds",
            "From the request's arrival to its first token, queue included",
            buckets=WAIT_BUCKETS_S,
            registry=registry,
        )
        self._queued = Histogram(
            "modelserver_queue_seconds", "Wait for a slot", buckets=WAIT_BUCKETS_S, registry=registry
        )
        self._speed = Histogram(
            "modelserver_tokens_per_second",
            "Speed of one answer while it was decoded",
            buckets=SPEED_BUCKETS,
            registry=registry,
        )
        Gauge("modelserver_queue_length", "Requests waiting for a slot", registry=registry).set_function(
            lambda: admission.waiting
        )
        Gauge("modelserver_running", "Requests in a slot", registry=registry).set_function(
            lambda: admission.running
        )

    def count_request(self, route: str, status: int) -> None:
        """One request ended; `route` is a path of the API, never what the client sent."""
        self._requests.labels(route, str(status)).inc()

    def count_queued(self, wait_s: float) -> None:
        """One request got its slot."""
        self._queued.observe(wait_s)

    def count_first_token(self, wait_s: float) -> None:
        """One request saw its first token."""
        self._first_token.observe(wait_s)

    def count_usage(self, usage: Usage) -> None:
        """One answer was complete."""
        self._prompt_tokens.inc(usage.prompt_tokens)
        self._generated_tokens.inc(usage.generated_tokens)
        if usage.generation_ns > 0:
            self._speed.observe(usage.generated_tokens * 1e9 / usage.generation_ns)

    def text(self) -> bytes:
        """Prometheus text format 0.0.4."""
        return generate_latest(self._registry)
