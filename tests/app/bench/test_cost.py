import pytest

from app.bench.cost import VCPU_HOUR, dollars
from app.bench.measure import Sample


def test_a_million_characters_in_an_hour_cost_the_hour() -> None:
    sample = Sample(units=1e6, wall=1, cpu=3600)
    assert dollars(sample, use=1.0) == pytest.approx(VCPU_HOUR)
    assert dollars(sample, use=0.1) == pytest.approx(10 * VCPU_HOUR)
