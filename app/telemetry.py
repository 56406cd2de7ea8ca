"""Metrics, in Prometheus' terms. Labels hold model ids, classes and states; never text, keys or addresses."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest

from app.chores import PURGED
from app.jobs.census import Standing
from app.ledger.entry import LedgerEntry
from app.ledger.money import apportion
from app.quality.metrics import QualityMetrics
from app.quality.series import Series
from app.quality.tally import Tally
from app.traces import UNTRACED, Traces
from batching.budget import UNBOUNDED
from batching.observer import Served
from batching.work import Priority
from models.pool import Stock

_SECONDS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0, 60.0, 120.0)
_FILLS = (0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 1.0)
NANOS = 1e-9
_MONEY = ("pair", "model", "currency")


@dataclass(frozen=True, slots=True)
class _Meter:
    """A counter; with buckets, a histogram."""

    name: str
    text: str
    labels: tuple[str, ...] = ()
    buckets: tuple[float, ...] = ()


_METERS = (
    _Meter(
        "dragoman_wait_seconds",
        "Time that a segment waited for an engine thread, models' loading aside.",
        ("priority",),
        _SECONDS,
    ),
    _Meter("dragoman_dropped_segments", "Segments whose caller went away before the engine took them."),
    _Meter(
        "dragoman_repeated_segments",
        "Segments answered without the engine: equal to one in flight, or remembered.",
        ("how",),
    ),
    _Meter("dragoman_batches", "Engine calls.", ("model", "priority")),
    _Meter("dragoman_segments", "Segments through the engine.", ("model", "priority")),
    _Meter("dragoman_source_tokens", "Source tokens through the engine, padding aside.", ("model",)),
    _Meter("dragoman_compute_seconds", "Engine thread time.", ("model",)),
    _Meter(
        "dragoman_batch_fill",
        "Padded tokens of a batch over their budget, or its segments over theirs: the larger.",
        buckets=_FILLS,
    ),
    _Meter("dragoman_engine_failed_segments", "Segments on which the engine failed.", ("model",)),
    _Meter("dragoman_engine_hung", "Engine calls given up because they did not come back.", ("model",)),
    _Meter(
        "dragoman_charged_compute_seconds",
        "Engine thread time in the ledger; the rest of dragoman_compute_seconds served nobody who was charged.",
    ),
    _Meter("dragoman_characters", "Characters written to the ledger.", ("state",)),
    _Meter("dragoman_price", "Charged, in units of the currency; the ledger has it exactly.", _MONEY),
    _Meter("dragoman_cost", "Of the machine's time for it, in units of the currency.", _MONEY),
    _Meter(
        "dragoman_budget_events",
        "Requests refused by a hard budget, and let through over a soft one.",
        ("what",),
    ),
    _Meter("dragoman_purged_rows", "Deleted because their time was over.", ("what",)),
    _Meter("dragoman_purge_failures", "Purges that failed.", ("what",)),
    _Meter(
        "dragoman_translation_seconds",
        "From a translation's admission to its charge, or to its deadline.",
        ("priority",),
        _SECONDS,
    ),
    _Meter("dragoman_http_requests", "HTTP requests answered.", ("route", "status")),
    _Meter(
        "dragoman_replayed_requests",
        "Requests sent again that were answered without being worked on again.",
        ("how",),
    ),
    _Meter("dragoman_http_request_seconds", "Time to answer an HTTP request.", ("route",), _SECONDS),
)

Figure = Callable[[Stock], int]
_STOCK: tuple[tuple[str, str, Figure], ...] = (
    ("dragoman_models_resident", "Models in memory.", lambda found: found.resident),
    ("dragoman_models_memory_bytes", "Memory of models, loading ones included.", lambda found: found.size),
    ("dragoman_model_loads", "Models loaded so far.", lambda found: found.loads),
    ("dragoman_model_load_failures", "Loads of models that failed so far.", lambda found: found.failures),
    ("dragoman_model_evictions", "Models that left memory for others so far.", lambda found: found.evictions),
    ("dragoman_models_quarantined", "Models set aside.", lambda found: found.quarantined),
)


class Telemetry:
    """The service's metrics, and the queue's Observer. One registry an instance, so that tests do not meet."""

    def __init__(
        self, *, batch_tokens: int, batch_segments: int = UNBOUNDED, traces: Traces = UNTRACED
    ) -> None:
        self.traces = traces
        self._batch_tokens = batch_tokens
        self._batch_segments = batch_segments
        self.busy_ns = 0
        """Engine-thread time so far."""
        self.registry = CollectorRegistry()
        self.waiting = 0
        """Tokens in all lanes."""
        Gauge("dragoman_queue_tokens", "Tokens waiting in all lanes.", registry=self.registry).set_function(
            lambda: self.waiting
        )
        self._counters: dict[str, Counter] = {}
        self._histograms: dict[str, Histogram] = {}
        for meter in _METERS:
            self._add(meter)
        self._series = Series()
        self._quality = QualityMetrics(self.registry, self._series)
        self._jobs = Gauge(
            "dragoman_jobs", "Jobs, of all replicas together.", ("state",), registry=self.registry
        )
        self._chunks = Gauge(
            "dragoman_chunks",
            "Parts of jobs for which a worker is wanted, or at work, of all replicas together.",
            ("state",),
            registry=self.registry,
        )
        self._purged_at = Gauge(
            "dragoman_purge_success_timestamp_seconds",
            "When what is over was last deleted; 0: not since the start.",
            ("what",),
            registry=self.registry,
        )
        for what in PURGED:
            self._purged_at.labels(what)
        # Looking a label up costs more than counting: what every request needs is looked up once.
        self._billed, self._unchanged, self._spoilt = (
            self._counters["dragoman_characters"].labels(state) for state in ("billed", "unchanged", "failed")
        )
        self._answered: dict[tuple[str, int], tuple[Counter, Histogram]] = {}

    def _add(self, meter: _Meter) -> None:
        if meter.buckets:
            self._histograms[meter.name] = Histogram(
                meter.name, meter.text, meter.labels, buckets=meter.buckets, registry=self.registry
            )
        else:
            self._counters[meter.name] = Counter(meter.name, meter.text, meter.labels, registry=self.registry)

    def watch(self, stock: Callable[[], Stock]) -> None:
        """`stock`: how the pool of models stands; asked whenever the metrics are."""
        for name, text, value in _STOCK:
            Gauge(name, text, registry=self.registry).set_function(partial(_figure, stock, value))

    def mark(self) -> object | None:
        return self.traces.mark()

    def served(self, works: Sequence[Served]) -> None:
        self.traces.served(works)

    def queued(self, tokens: int) -> None:
        self.waiting = tokens

    def dropped(self, count: int) -> None:
        self._counters["dragoman_dropped_segments"].inc(count)

    def repeated(self, *, coalesced: int, cached: int) -> None:
        if coalesced:
            self._counters["dragoman_repeated_segments"].labels("coalesced").inc(coalesced)
        if cached:
            self._counters["dragoman_repeated_segments"].labels("cached").inc(cached)

    def waited(self, priority: Priority, seconds: Sequence[float]) -> None:
        observed = self._histograms["dragoman_wait_seconds"].labels(priority.name.lower())
        for each in seconds:
            observed.observe(each)

    def batch(
        self, model: str, *, priority: Priority, segments: int, tokens: int, padded: int, compute_ns: int
    ) -> None:
        self._counters["dragoman_batches"].labels(model, priority.name.lower()).inc()
        self._counters["dragoman_segments"].labels(model, priority.name.lower()).inc(segments)
        self._counters["dragoman_source_tokens"].labels(model).inc(tokens)
        self._counters["dragoman_compute_seconds"].labels(model).inc(compute_ns * NANOS)
        self.busy_ns += compute_ns
        fill = max(padded / self._batch_tokens, segments / self._batch_segments)
        self._histograms["dragoman_batch_fill"].observe(fill)

    def failed(self, model: str, segments: int) -> None:
        self._counters["dragoman_engine_failed_segments"].labels(model).inc(segments)

    def hung(self, model: str) -> None:
        self._counters["dragoman_engine_hung"].labels(model).inc()

    def charged(self, entry: LedgerEntry, tallies: Sequence[Tally] = ()) -> None:
        self._counters["dragoman_charged_compute_seconds"].inc(entry.compute_ns * NANOS)
        for line in entry.lines:
            self._billed.inc(line.billed_characters)
            self._unchanged.inc(line.unchanged_characters)
            self._spoilt.inc(line.failed_characters)
        self._money(entry)
        self._quality.add(tallies)

    def _money(self, entry: LedgerEntry) -> None:
        costs = apportion(entry.cost_nanos, [line.compute_ns for line in entry.lines])
        for line, price, cost in zip(entry.lines, entry.line_prices, costs, strict=True):
            labels = (*self._series.labels(line.source, line.target, line.models), entry.currency)
            self._counters["dragoman_price"].labels(*labels).inc(price * NANOS)
            self._counters["dragoman_cost"].labels(*labels).inc(cost * NANOS)

    def jobs(self, found: Standing | None) -> None:
        """As they are now; None: nobody knows, and the metrics are left out rather than old."""
        self._jobs.clear()
        self._chunks.clear()
        if found is None:
            return
        for state, count in found.jobs.items():
            self._jobs.labels(state).set(count)
        self._chunks.labels("waiting").set(found.waiting)
        self._chunks.labels("working").set(found.working)

    def purged(self, what: str, deleted: int | None) -> None:
        """None: it failed."""
        if deleted is None:
            self._counters["dragoman_purge_failures"].labels(what).inc()
            return
        self._counters["dragoman_purged_rows"].labels(what).inc(deleted)
        self._purged_at.labels(what).set_to_current_time()

    def translated(self, priority: Priority, seconds: float) -> None:
        self._histograms["dragoman_translation_seconds"].labels(priority.name.lower()).observe(seconds)

    def replayed(self, how: str) -> None:
        self._counters["dragoman_replayed_requests"].labels(how).inc()

    def budget(self, what: str) -> None:
        """`refused` or `over`."""
        self._counters["dragoman_budget_events"].labels(what).inc()

    def answered(self, route: str, status: int, seconds: float) -> None:
        """`route` is the path's template, so that a label never holds what a caller typed."""
        key = (route, status)
        if key not in self._answered:
            self._answered[key] = (
                self._counters["dragoman_http_requests"].labels(route, str(status)),
                self._histograms["dragoman_http_request_seconds"].labels(route),
            )
        count, duration = self._answered[key]
        count.inc()
        duration.observe(seconds)

    def exposition(self) -> bytes:
        """The text format that Prometheus scrapes."""
        return generate_latest(self.registry)


def _figure(stock: Callable[[], Stock], value: Figure) -> float:
    return float(value(stock()))
