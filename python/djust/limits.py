"""The time in, whether something may happen now out; knows no clock and does no I/O."""


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
        if self.time is not None:
            self.tokens = min(self.burst, self.tokens + (now - self.time) * self.rate)
        self.time = now
        # A sum of many small pieces may stay below the whole by an error of rounding.
        if self.tokens < 1 - 1e-9:
            return (1 - self.tokens) / self.rate
        self.tokens -= 1
        return 0.0
