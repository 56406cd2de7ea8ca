from prometheus_client import CollectorRegistry, generate_latest

from app.quality.metrics import QualityMetrics
from app.quality.series import MOST, Series
from tests.app.quality.days import tally


def test_flags_and_confidence_by_pair_and_model() -> None:
    registry = CollectorRegistry()
    metrics = QualityMetrics(registry, Series())
    metrics.add([tally(10, {"repetition": 2}, confidences=(100, 950))])
    metrics.add([tally(5), tally(3, {"left_untranslated": 3}, route=("und", "en", (), ()))])
    found = generate_latest(registry).decode()
    assert 'dragoman_checked_segments_total{model="starter-pt-en",pair="pt-en"} 15.0' in found
    assert (
        'dragoman_flagged_segments_total{flag="repetition",model="starter-pt-en",pair="pt-en"} 2.0' in found
    )
    assert 'dragoman_flagged_segments_total{flag="left_untranslated",model="none",pair="none"} 3.0' in found
    assert 'dragoman_translation_confidence_bucket{le="0.9",model="starter-pt-en",pair="pt-en"} 1.0' in found
    assert 'dragoman_translation_confidence_count{model="starter-pt-en",pair="pt-en"} 2.0' in found


def test_there_are_never_more_series_than_so_many() -> None:
    registry = CollectorRegistry()
    metrics = QualityMetrics(registry, Series())
    for number in range(MOST + 5):
        metrics.add([tally(1, route=("pt", "en", (f"model-{number}",), ("",)))] * 2)
    lines = generate_latest(registry).decode().splitlines()
    series = [line for line in lines if line.startswith("dragoman_checked_segments_total")]
    assert len(series) == MOST + 1
    assert 'dragoman_checked_segments_total{model="other",pair="other"} 10.0' in series
