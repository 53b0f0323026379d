"""The time in, whether something may happen now out; knows no clock.

``TokenBucket`` counts for itself, ``SharedBucket`` in a cache, for all processes that share it.
"""

import math
from typing import Any

# How often a bucket is looked at again while others are changing it.
ATTEMPTS = 50


class TokenBucket:
    """Holds up to ``burst`` tokens and gets ``rate`` more each second; what happens takes one.

    >>> bucket = TokenBucket(rate=2, burst=1)
    >>> [bucket.take(now) for now in (10.0, 10.0, 10.5)]
    [0.0, 0.5, 0.0]
    """

    __slots__ = ("burst", "rate", "time", "tokens")

    def __init__(self, rate: float, burst: int) -> None:
        self.rate = rate
        self.burst = burst
        self.tokens = float(burst)
        self.time: float | None = None

    def take(self, now: float) -> float:
        """Takes a token at the time ``now`` (seconds of any clock that does not go back).

        Returns 0, or the seconds until there is a token; then none was taken.
        """
        self._fill(now)
        # A sum of many small pieces may stay below the whole by an error of rounding.
        if self.tokens < 1 - 1e-9:
            return (1 - self.tokens) / self.rate
        self.tokens -= 1
        return 0.0

    def owe(self, now: float, count: int) -> float:
        """Takes so many tokens, whether they are there or not.

        Returns the seconds until all that was taken has been there.
        """
        self._fill(now)
        self.tokens -= count
        return max(0.0, -self.tokens / self.rate)

    def _fill(self, now: float) -> None:
        if self.time is not None:
            self.tokens = min(self.burst, self.tokens + (now - self.time) * self.rate)
        self.time = now


class SharedBucket:
    """The same bucket for all who know its name, in a cache of Django.

    The cache holds the time, in microseconds, until which the tokens so far are used up: a token
    moves it on by ``1 / rate`` seconds, and it may be ``burst`` tokens ahead of the clock. It only
    ever moves by ``incr``, which memory, Redis and Memcached do in one step, and reading is moving
    by 0, so that no replica answers. So processes at the same moment may refuse an event that one
    of them alone would have let pass. They let one too many pass only when a process stands still
    between two steps for longer than a burst takes, ``burst / rate`` seconds.
    """

    def __init__(self, cache: Any, name: str, rate: float, burst: int) -> None:
        self.cache = cache
        self.name = name
        self.step = max(1, round(1e6 / rate))
        self.ahead = self.step * burst

    def take(self, now: float) -> float:
        """As ``TokenBucket.take``; ``now`` is in seconds since the epoch."""
        time = round(now * 1e6)
        keep = math.ceil(self.ahead / 1e6) + 1
        for _ in range(ATTEMPTS):
            try:
                used = self.cache.incr(self.name, 0)
                lag = time - used
                if lag > 0:
                    # Nothing happened for a while. Of those who see this at once, the first brings
                    # the time up to now; who comes after it takes back what is too much.
                    if self.cache.incr(self.name, lag) != time:
                        self.cache.decr(self.name, lag)
                    continue
                if used > time + self.ahead:
                    continue  # Somebody is about to take something back.
                over = used + self.step - time - self.ahead
                if over > 0:
                    return over / 1e6
                used = self.cache.incr(self.name, self.step)
                if used > time + self.ahead:
                    self.cache.decr(self.name, self.step)
                elif used > time:
                    self.cache.touch(self.name, keep)
                    return 0.0
                # Another one was faster, or the entry ran out between the two steps.
            except ValueError:
                # Nothing was used for as long as a burst takes.
                if self.cache.add(self.name, time + self.step, keep):
                    return 0.0
        return self.step / 1e6
