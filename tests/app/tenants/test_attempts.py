import pytest

from app.tenants.attempts import ADDRESSES, MOST, WINDOW, Attempts, origin


def test_so_many_a_minute_and_then_none_until_it_is_over() -> None:
    attempts = Attempts()
    for number in range(MOST):
        assert attempts.wait("192.0.2.1", number) == 0
        attempts.failed("192.0.2.1", number)
    assert attempts.wait("192.0.2.1", 20) == WINDOW - 20
    assert attempts.wait("192.0.2.2", 20) == 0
    assert attempts.wait("192.0.2.1", WINDOW) == 0
    attempts.failed("192.0.2.1", WINDOW)
    assert attempts.wait("192.0.2.1", WINDOW) == 0


def test_memory_is_bounded() -> None:
    attempts = Attempts(addresses=100)
    for number in range(10 * 100):
        attempts.failed(f"198.51.{number // 256}.{number % 256}", 0.0)
    assert len(attempts._windows) == 100
    assert ADDRESSES < 100_000


@pytest.mark.parametrize(
    ("address", "place"),
    [
        ("192.0.2.1", "192.0.2.1"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
        ("::ffff:192.0.2.1", "192.0.2.1"),
        ("fe80::1%eth0", "fe80::/64"),
        ("unix", "unix"),
    ],
)
def test_the_addresses_of_one_customer_are_one(address: str, place: str) -> None:
    assert origin(address) == place
