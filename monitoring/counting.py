"""What only a process that lasts can count: requests that left no trace in the ledger, since they were refused."""

from prometheus_client import CollectorRegistry, Counter, generate_latest


class Counts:
    """Of one gate. Labels are systems of the book and words of our own, never anything that somebody sent."""

    def __init__(self) -> None:
        """All at zero."""
        self._registry = CollectorRegistry()
        of = self._registry
        self._received = Counter(
            "concordat_webhooks_received", "Announcements that were genuine.", ("system", "sort"), registry=of
        )
        self._refused = Counter(
            "concordat_webhooks_refused", "Announcements that were not.", ("system", "why"), registry=of
        )
        self._logins = Counter("concordat_logins", "Attempts to log in.", ("outcome",), registry=of)

    def received(self, system: str, sort: str) -> None:
        """`new` or `known`."""
        self._received.labels(system, sort).inc()

    def refused(self, system: str, why: str) -> None:
        """`forged` or `too_long`."""
        self._refused.labels(system, why).inc()

    def login(self, outcome: str) -> None:
        """`passed`, `failed` or `waits`."""
        self._logins.labels(outcome).inc()

    def text(self) -> bytes:
        """As Prometheus reads it."""
        return generate_latest(self._registry)
