"""Whose connections count together."""

import pytest

from app.api.crowd import Crowd
from app.settings import networks


def test_a_network_of_ipv6_counts_as_one() -> None:
    crowd = Crowd(2)
    assert [crowd.enter(f"2001:db8::{number}") for number in range(3)] == [True, True, False]
    assert crowd.enter("2001:db8:0:1::1")
    crowd.leave("2001:db8::1")
    assert crowd.enter("2001:db8::9")


@pytest.mark.parametrize("address", ["10.1.2.3", "::ffff:10.1.2.3", "fd00::1"])
def test_a_proxy_is_known_in_every_form(address: str) -> None:
    crowd = Crowd(1, trusted=networks("10.0.0.0/8, fd00::/16"))
    assert all(crowd.enter(address) for _ in range(3))


def test_nought_is_no_limit_and_what_has_no_address_is_counted() -> None:
    assert all(Crowd(0).enter("192.0.2.1") for _ in range(3))
    crowd = Crowd(1, trusted=networks("10.0.0.0/8"))
    assert [crowd.enter("") for _ in range(2)] == [True, False]
