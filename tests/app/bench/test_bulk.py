from app.bench.bulk import peak


def test_the_first_tenths_peak_counts_by_what_was_written() -> None:
    looks = [(0, 5), (5, 9), (10, 7), (11, 20), (100, 0)]
    assert peak(looks, until=0.1) == 9
    assert peak(looks, until=1.0) == 20
