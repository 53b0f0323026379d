"""The token bucket: how often something may happen, by a clock of the test."""

import random

import pytest

from djust.limits import TokenBucket


def test_a_burst_goes_through_and_then_the_rate_holds():
    bucket = TokenBucket(rate=4, burst=2)
    assert [bucket.take(100.0) for _ in range(3)] == [0, 0, 0.25]
    assert bucket.take(100.25) == 0
    assert bucket.take(100.25) == pytest.approx(0.25)


def test_a_refused_try_costs_nothing():
    bucket = TokenBucket(rate=1, burst=1)
    bucket.take(0.0)
    for tenth in range(1, 10):
        assert bucket.take(tenth / 10) > 0
    assert bucket.take(1.0) == 0


def test_a_long_pause_gives_no_more_than_a_burst():
    bucket = TokenBucket(rate=1000, burst=3)
    bucket.take(0.0)
    assert [bucket.take(9e9) for _ in range(4)] == [0, 0, 0, pytest.approx(0.001)]


@pytest.mark.parametrize("rate", [0.1, 3, 50])
def test_the_rate_holds_within_one_percent_over_ten_minutes(rate):
    rng = random.Random(int(rate))
    bucket = TokenBucket(rate=rate, burst=1)
    now, taken = 0.0, 0
    while now < 600:
        taken += bucket.take(now) == 0
        now += rng.expovariate(20 * rate)
    # The tries themselves come a little after each token is there.
    assert taken == pytest.approx(600 * rate, rel=0.06)
    bucket, tick = TokenBucket(rate=rate, burst=1), 1 / rate / 64
    taken = sum(bucket.take(step * tick) == 0 for step in range(round(600 / tick)))
    assert taken == pytest.approx(600 * rate, rel=0.01)


def test_waiting_as_long_as_it_says_is_enough():
    rng = random.Random(7)
    bucket, now = TokenBucket(rate=7, burst=2), 0.0
    for _ in range(2_000):
        now += rng.random() / 7
        if wait := bucket.take(now):
            now += wait
            assert bucket.take(now) == 0
