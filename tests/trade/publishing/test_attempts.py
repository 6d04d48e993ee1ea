"""Failed logins lock the address that tries, for a time."""

from forensics.trade.publishing import accounts
from forensics.trade.publishing.accounts import MAX_FAILURES, WINDOW_SECONDS, Attempts


def tries(held, address, count, now=0.0):
    return [held.begin(address, now + place) for place in range(count)]


def test_an_address_is_locked_and_another_one_is_not():
    held = Attempts()
    assert tries(held, "192.0.2.1", 7) == [True] * MAX_FAILURES + [False] * 2
    assert held.begin("192.0.2.2", 7.0)


def test_the_lock_ends():
    held = Attempts()
    tries(held, "192.0.2.1", 6)
    assert not held.begin("192.0.2.1", WINDOW_SECONDS - 1.0)
    assert held.begin("192.0.2.1", WINDOW_SECONDS + 1.0)


def test_a_login_that_succeeds_does_not_take_back_failures_before_it():
    held = Attempts()
    tries(held, "192.0.2.1", 4)
    assert held.begin("192.0.2.1", 4.0)
    held.succeed("192.0.2.1", 4.0)
    assert tries(held, "192.0.2.1", 2, 5.0) == [True, False]


def test_attempts_at_once_are_all_counted():
    held = Attempts()
    assert [held.begin("192.0.2.1", 1.0) for _turn in range(8)].count(True) == MAX_FAILURES


def test_addresses_of_one_ipv6_network_are_one():
    held = Attempts()
    found = [held.begin(f"2001:db8::{place:x}", 0.0) for place in range(6)]
    assert found == [True] * 5 + [False]


def test_of_very_many_addresses_the_oldest_are_forgotten(monkeypatch):
    monkeypatch.setattr(accounts, "MAX_ADDRESSES", 3)
    held = Attempts()
    tries(held, "192.0.2.1", 5)
    for place in range(2, 4):
        held.begin(f"192.0.2.{place}", 6.0)
    assert not held.begin("192.0.2.1", 7.0)
    held.begin("192.0.2.4", 8.0)
    assert held.begin("192.0.2.1", 9.0)
