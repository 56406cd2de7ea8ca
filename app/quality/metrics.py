"""Flags and confidence as Prometheus counts, by pair and model. Labels are codes and ids, and not many of them."""

from collections.abc import Iterable

from prometheus_client import CollectorRegistry, Counter, Histogram

from app.quality.tally import BINS, PER_MILLE, Tally

MOST = 100
"""Pairs of languages with their models that have series of their own; what comes after is `other`. Each has up to
a series for every flag, and twelve of confidence once that was asked for."""
OTHER = ("other", "other")
NO_MODEL = ("none", "none")
"""Of what no model translated: its target may be any code that a caller thought of."""


class QualityMetrics:
    def __init__(self, registry: CollectorRegistry) -> None:
        self._known: dict[tuple[str, str, tuple[str, ...]], tuple[str, str]] = {}
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
            pair, model = self._labels(each)
            self._segments.labels(pair, model).inc(each.segments)
            for flag, count in each.flags.items():
                self._flagged.labels(flag, pair, model).inc(count)
            if each.confidences:
                observed = self._confidence.labels(pair, model)
                for confidence in each.confidences:
                    observed.observe(confidence / PER_MILLE)

    def _labels(self, tally: Tally) -> tuple[str, str]:
        if not tally.models:
            return NO_MODEL
        key = (tally.source, tally.target, tally.models)
        known = self._known.get(key)
        if known is not None:
            return known
        if len(self._known) >= MOST:
            return OTHER
        made = (f"{tally.source}-{tally.target}", "+".join(tally.models))
        self._known[key] = made
        return made
