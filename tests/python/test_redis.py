"""Rate limits of several processes, counted in a Redis that the tests start."""

import subprocess
import sys
import time

import pytest
from django.core.cache import caches
from django.core.cache.backends.redis import RedisCache

from djust import LiveView, rate_limit
from djust.exceptions import RateLimited
from djust.limits import SharedBucket
from djust.testing import LiveViewTestClient


@pytest.fixture(scope="module")
def redis(tmp_path_factory):
    """The address of a Redis server that listens on a socket in a folder."""
    folder = tmp_path_factory.mktemp("redis")
    address = f"unix://{folder}/socket"
    options = f"--port 0 --unixsocket {folder}/socket --dir {folder} --save".split()
    server = subprocess.Popen(["redis-server", *options, ""], stdout=subprocess.DEVNULL)
    try:
        deadline = time.monotonic() + 30
        while not (folder / "socket").exists():
            assert server.poll() is None, "it has started"
            assert time.monotonic() < deadline
            time.sleep(0.02)
        yield address
    finally:
        server.terminate()
        server.wait(30)


# Takes from a bucket as often as it can, in turns that begin for all processes at the same moment,
# each a long time after the one before by the bucket's clock. Prints when it got a token.
TAKER = """
import sys, time
from django.conf import settings
from django.core.cache.backends.redis import RedisCache
from djust.limits import SharedBucket

address, rate, burst, processes, turns = sys.argv[1], *map(float, sys.argv[2:])
settings.configure()
cache = RedisCache(address, {})
redis = cache._cache.get_client()
bucket = SharedBucket(cache, "races", rate, int(burst))
for turn in range(int(turns)):
    redis.incr(f"ready {turn}")
    while int(redis.get(f"ready {turn}")) < processes:
        pass
    end = time.time() + 0.03
    while (now := time.time()) < end:
        if bucket.take(now + 100 * turn) == 0:
            print(turn, now)
"""


# A burst lasts longer than a busy machine lets a process stand still between two steps.
@pytest.mark.parametrize(("rate", "burst"), [(4, 10), (0.5, 1)])
def test_processes_that_share_a_redis_share_a_limit_exactly(redis, rate, burst):
    processes, turns = 6, 60
    RedisCache(redis, {}).clear()
    command = [sys.executable, "-c", TAKER, redis, *map(str, (rate, burst, processes, turns))]
    running = [
        subprocess.Popen(command, stdout=subprocess.PIPE, text=True) for _ in range(processes)
    ]
    got = []
    for each in running:
        out, _ = each.communicate(timeout=120)
        assert each.returncode == 0
        got += [
            (int(turn), float(now)) for turn, now in (line.split() for line in out.splitlines())
        ]
    for turn in range(turns):
        times = sorted(now for each, now in got if each == turn)
        # No more than a full bucket and what came since, whichever token one counts from.
        for first, begin in enumerate(times):
            for count, end in enumerate(times[first:], 1):
                assert count <= burst + rate * (end - begin) + 1e-3, (turn, first, times)
    assert len(got) >= turns / 2, "and not much less, however busy the machine is"
    bucket = SharedBucket(RedisCache(redis, {}), "races", rate, burst)
    now = time.time() + 100 * turns + burst / rate
    left = [bucket.take(now) for _ in range(burst + 1)]
    assert left[:-1] == [0] * burst, "what was refused has left nothing behind"
    assert left[-1] > 0


def test_a_bucket_that_nobody_uses_leaves_redis(redis):
    cache = RedisCache(redis, {})
    cache.clear()
    assert SharedBucket(cache, "gone", rate=4, burst=1).take(time.time()) == 0
    client = cache._cache.get_client()
    assert [0 < client.pttl(key) <= 2000 for key in client.keys("*")] == [True]


class VoteView(LiveView):
    template_string = "<p>{{ count }}</p>"
    count = 0

    @rate_limit(rate=0.01, burst=2, by="address")
    def vote(self):
        self.count += 1


def test_a_handler_is_counted_in_the_redis_of_the_site(redis, settings):
    settings.CACHES = {
        "default": {"BACKEND": "django.core.cache.backends.redis.RedisCache", "LOCATION": redis}
    }
    caches["default"].clear()
    first, second = (LiveViewTestClient(VoteView).mount() for _ in range(2))
    first.send_event("vote")
    second.send_event("vote")
    for client in (first, second):
        with pytest.raises(RateLimited, match=r"again in \d+ seconds"):
            client.send_event("vote")
