"""How often something may happen: limits of accounts and addresses in the cache, and of a socket."""

import asyncio
import queue
import random
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from types import SimpleNamespace

import pytest
from django.contrib.auth.models import AnonymousUser, User
from django.core.cache import caches
from django.core.cache.backends.locmem import LocMemCache
from django.test import RequestFactory, override_settings
from pages import Page
from wire import ACK, PONG, event, events, message

from djust import LiveView, event_handler, mounting, rate_limit
from djust.exceptions import RateLimited
from djust.limits import SharedBucket, TokenBucket
from djust.security import address_of
from djust.testing import LiveViewTestClient


@pytest.fixture(autouse=True)
def clock(monkeypatch):
    """The time of the limits in the cache, in `clock.now`."""
    clock = SimpleNamespace(now=1e9)
    monkeypatch.setattr(mounting, "time", lambda: clock.now)
    caches["default"].clear()
    return clock


def bucket(name, **options):
    return SharedBucket(LocMemCache(name, {}), "b", **options)


def test_a_shared_bucket_does_what_one_of_its_own_does():
    dice = random.Random(3)
    for case in range(60):
        rate, burst = dice.choice([0.5, 1, 8]), dice.randrange(1, 8)
        own, shared, now = (
            TokenBucket(rate, burst),
            bucket(f"same{case}", rate=rate, burst=burst),
            1e9,
        )
        for _ in range(150):
            now += dice.choice([0, 0, 0.25, 1.25, burst * 2]) / rate
            waits = own.take(now), shared.take(now)
            assert waits[0] == pytest.approx(waits[1], abs=1e-4), (rate, burst)


def test_the_rate_of_a_shared_bucket_holds_within_one_percent_over_ten_minutes():
    shared, tick = bucket("rate", rate=10, burst=1), 1 / 320
    taken = sum(shared.take(1e9 + step * tick) == 0 for step in range(round(600 / tick)))
    assert taken == pytest.approx(6000, rel=0.01)


class Turns(LocMemCache):
    """A cache that threads enter one at a time, in an order that dice decide."""

    def race(self, dice, take, count):
        """What ``take()`` returns to so many threads at once."""
        self.reached, self.mine = queue.Queue(), threading.local()
        gates = [threading.Semaphore(0) for _ in range(count)]

        def run(gate):
            self.mine.gate = gate
            try:
                return take()
            finally:
                self.reached.put(None)

        with ThreadPoolExecutor(count) as pool:
            running = [pool.submit(run, gate) for gate in gates]
            waiting, alive = [], count
            while alive:
                while len(waiting) < alive:
                    gate = self.reached.get(timeout=30)
                    if gate:
                        waiting.append(gate)
                    else:
                        alive -= 1
                if waiting:
                    waiting.pop(dice.randrange(len(waiting))).release()
        self.mine = None
        return [each.result() for each in running]

    mine = None

    def turn(self):
        if self.mine:
            self.reached.put(self.mine.gate)
            assert self.mine.gate.acquire(timeout=30)

    def add(self, *arguments, **options):
        self.turn()
        return super().add(*arguments, **options)

    def incr(self, *arguments, **options):
        self.turn()
        return super().incr(*arguments, **options)

    def touch(self, *arguments, **options):
        self.turn()
        return super().touch(*arguments, **options)


def test_processes_at_the_same_moment_take_no_token_twice_and_lose_none():
    dice = random.Random(5)
    for case in range(400):
        rate, burst, now = dice.choice([0.25, 1, 8]), dice.randrange(1, 5), 1e9
        cache = Turns(f"race{case}", {})
        own, shared = TokenBucket(rate, burst), SharedBucket(cache, "b", rate, burst)
        for _ in range(dice.randrange(6)):
            own.take(now)
            shared.take(now)
            now += dice.choice([0, 0.5, 1, burst * 3]) / rate
        taken = cache.race(dice, lambda take=shared.take, now=now: take(now), dice.randrange(2, 6))
        free = 0
        while own.take(now) == 0:
            free += 1
        passed = taken.count(0)
        assert passed <= free, (case, "one too many")
        assert passed >= min(free, 1), (case, "none at all")
        while shared.take(now) == 0:
            passed += 1
        assert passed == free, (case, "what was refused took nothing")


def test_an_entry_that_has_just_run_out_is_a_full_bucket():
    class Forgetful(LocMemCache):
        def incr(self, *arguments, **options):
            self.clear()
            return super().incr(*arguments, **options)

    assert SharedBucket(Forgetful("forgetful", {}), "b", 1, 1).take(1e9) == 0


class NewsView(LiveView):
    template_string = "<p>{{ count }}</p>"
    count = 0

    @rate_limit(rate=0.1, burst=2)
    def publish(self):
        self.count += 1

    @rate_limit(rate=0.1, burst=2, by="address")
    async def vote(self):
        self.count += 1

    @rate_limit(rate=0.1, burst=2, by="page")
    def turn(self):
        self.count += 1


def test_an_account_has_one_limit_for_all_of_its_pages(clock, db):
    ada, bob = (User.objects.create_user(name) for name in ("ada", "bob"))
    first, second, other = (
        LiveViewTestClient(NewsView, user=user).mount() for user in (ada, ada, bob)
    )
    first.send_event("publish")
    second.send_event("publish")
    for client in (first, second, first.mount()):
        with pytest.raises(RateLimited, match="again in 10 seconds"):
            client.send_event("publish")
    other.send_event("publish")
    clock.now += 10
    assert first.send_event("publish").state["count"] == 1


def test_visitors_who_are_not_logged_in_are_counted_by_page_or_by_address():
    first, second = (LiveViewTestClient(NewsView).mount() for _ in range(2))
    for _ in range(2):
        first.send_event("publish")
        second.send_event("publish")
        first.send_event("vote")
        first.send_event("turn")
    second.send_event("turn")
    for client, name in [(first, "publish"), (second, "vote"), (first, "turn")]:
        with pytest.raises(RateLimited):
            client.send_event(name)


@pytest.mark.parametrize(
    ("proxies", "peer", "forwarded", "address"),
    [
        (0, "192.0.2.1", "198.51.100.7", "192.0.2.1"),
        (1, "10.0.0.1", "6.6.6.6, 198.51.100.7", "198.51.100.7"),
        (2, "10.0.0.1", "6.6.6.6, 198.51.100.7, 10.0.0.2", "198.51.100.7"),
        (2, "10.0.0.1", "198.51.100.7", "198.51.100.7"),
        (1, "10.0.0.1", "", "10.0.0.1"),
        (0, "2001:db8:1:2:3:4:5:6", "", "2001:db8:1:2::/64"),
        (0, "::ffff:192.0.2.1", "", "192.0.2.1"),
        (0, "testclient", "", "testclient"),
    ],
)
def test_an_address_is_what_a_trusted_proxy_says_and_nothing_else(
    proxies, peer, forwarded, address
):
    request = RequestFactory().get("/", REMOTE_ADDR=peer, HTTP_X_FORWARDED_FOR=forwarded)
    request.user = AnonymousUser()
    with override_settings(DJUST={"TRUSTED_PROXIES": proxies}):
        assert address_of(request) == address


@pytest.mark.django_db(transaction=True)
async def test_a_socket_that_sends_too_much_is_held_back_and_loses_nothing(caplog, settings):
    settings.DJUST = {"EVENTS_PER_SECOND": 40}
    page, other = await Page("/counter/").open(), await Page("/counter/").open()
    start, number = time.monotonic(), 0
    for _ in range(4):
        await page.send(events(*((number := number + 1, "nothing", {}) for _ in range(40))))
    await page.send(message(3))
    await other.send(event(1, "nothing"))
    assert await other.read() == [ACK, 0, 1], "others are served meanwhile"
    answers = [await asyncio.wait_for(page.read(), 30) for _ in range(5)]
    took = time.monotonic() - start
    assert [a for a in answers if a != [PONG]] == [[ACK, 0, n] for n in (40, 80, 120, 160)]
    assert took > 1.5, "160 events: 80 at once, 80 in two seconds"
    assert sum("held back" in record.getMessage() for record in caplog.records) == 1
    await page.close()
    await other.close()


def test_a_limit_in_a_cache_that_nobody_shares_is_warned_of(settings):
    from djust.checks import check_limits

    class LimitedView(NewsView):
        @event_handler
        def plain(self):
            pass

    def ids(backend, debug=False):
        settings.DEBUG = debug
        settings.CACHES = {"default": {"BACKEND": f"django.core.cache.backends.{backend}"}}
        return [message.id for message in check_limits(None)]

    assert ids("locmem.LocMemCache") == ids("dummy.DummyCache", True) == ["djust.W008"]
    assert ids("redis.RedisCache") == ids("locmem.LocMemCache", True) == []
    assert LimitedView
