"""Flags and confidence as Prometheus counts, by pair and model. Labels are codes and ids, and not many of them."""

from collections.abc import Iterable

from prometheus_client import CollectorRegistry, Counter, Histogram

from app.quality.series import Series
from app.quality.tally import BINS, PER_MILLE, Tally


class QualityMetrics:
    """Each of the series has up to one for every flag, and twelve of confidence once that was asked for."""

    def __init__(self, registry: CollectorRegistry, series: Series) -> None:
        self._series = series
        self._segments = Counter(
            "dragoman_checked_segments",
            "Segments answered and charged; `none` is what no model translated.",
            ["pair", "model"],
            registry=registry,
        )
        self._flagged = Counter(
            "dragoman_flagged_segments",
            "Of those, the ones with a flag.",
            ["flag", "pair", "model"],
            registry=registry,
        )
        self._confidence = Histogram(
            "dragoman_translation_confidence",
            "Probability that a translation is good, where it was asked for.",
            ["pair", "model"],
            buckets=[each / BINS for each in range(1, BINS + 1)],
            registry=registry,
        )

    def add(self, tallies: Iterable[Tally]) -> None:
        for each in tallies:
            pair, model = self._series.labels(each.source, each.target, each.models)
            self._segments.labels(pair, model).inc(each.segments)
            for flag, count in each.flags.items():
                self._flagged.labels(flag, pair, model).inc(count)
            if each.confidences:
                observed = self._confidence.labels(pair, model)
                for confidence in each.confidences:
                    observed.observe(confidence / PER_MILLE)
