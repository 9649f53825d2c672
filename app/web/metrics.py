"""What Prometheus reads: how many requests, how long, by route and status."""

from dataclasses import dataclass

from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, Counter, Gauge, Histogram, generate_latest
from prometheus_client.multiprocess import MultiProcessCollector

from app import __version__

SECONDS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)
MEDIA_TYPE = CONTENT_TYPE_LATEST


@dataclass(frozen=True, slots=True)
class Metrics:
    """The measures of one process; ``shared`` ones add up over the processes of one service."""

    registry: CollectorRegistry
    requests: Histogram
    running: Gauge
    failures: Counter
    shared: bool

    def text(self) -> bytes:
        if not self.shared:
            return generate_latest(self.registry)
        everyone = CollectorRegistry()
        MultiProcessCollector(everyone)  # type: ignore[no-untyped-call]
        return generate_latest(everyone)


def measures(*, shared: bool) -> Metrics:
    """New measures. ``shared`` needs PROMETHEUS_MULTIPROC_DIR, set by ``toise serve`` before it starts workers."""
    registry = CollectorRegistry()
    Gauge("toise_build_info", "Version in use", ["version"], registry=registry, multiprocess_mode="max").labels(
        __version__
    ).set(1)
    return Metrics(
        registry=registry,
        requests=Histogram(
            "toise_request_seconds",
            "Time from the first byte of a request to the last of its response",
            ["method", "route", "status"],
            buckets=SECONDS,
            registry=registry,
        ),
        running=Gauge("toise_requests_running", "Requests under way", registry=registry, multiprocess_mode="livesum"),
        failures=Counter("toise_unexpected_errors", "Requests ended by an error of ours", registry=registry),
        shared=shared,
    )
