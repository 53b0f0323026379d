"""Times go in, a table comes out: how often each contender takes what hand-written edits take."""

from math import prod
from statistics import median

FLOOR = "by hand"
# The clock of an isolated page, in milliseconds: no time that it gives is finer.
TICK = 0.005

# Contender to its samples: milliseconds of script, and of script, style and layout.
Times = dict[str, list[list[float]]]


class Table:
    """Prints a line for each case, then the means.

    A line has the bytes of the update frame, median and minimum by hand, and the ratio of each
    contender's median to that. ``kind`` is the column of the samples: 0 for script, 1 with style
    and layout. The last lines are the geometric means of the ratios of medians and of minima, and
    the worst ratio of medians.
    """

    def __init__(self, titles: list[str], names: list[str], kind: int) -> None:
        self.names = [name for name in names if name != FLOOR]
        self.kind = kind
        self.width = max(len("geometric mean of minima"), *map(len, titles)) + 1
        self.medians: dict[str, list[float]] = {name: [] for name in self.names}
        self.minima: dict[str, list[float]] = {name: [] for name in self.names}
        self._print("case", f"{'frame':>9}{'by hand':>11}{'minimum':>11}", self.names)

    def add(self, title: str, size: float, times: Times) -> None:
        """Prints the line of a case."""
        samples = {name: [sample[self.kind] for sample in times[name]] for name in times}
        typical = {name: median(values) for name, values in samples.items()}
        best = {name: max(min(values), TICK) for name, values in samples.items()}
        for name in self.names:
            self.medians[name].append(typical[name] / typical[FLOOR])
            self.minima[name].append(best[name] / best[FLOOR])
        head = f"{size:>7.0f} B{_time(typical[FLOOR])}{_time(best[FLOOR])}"
        self._ratios(title, head, [self.medians[name][-1] for name in self.names])

    def finish(self) -> None:
        """Prints the means and the worst cases."""
        for title, ratios in (
            ("geometric mean", map(_mean, self.medians.values())),
            ("geometric mean of minima", map(_mean, self.minima.values())),
            ("worst case", map(max, self.medians.values())),
        ):
            self._ratios(title, " " * 31, list(ratios))

    def _ratios(self, title: str, head: str, ratios: list[float]) -> None:
        self._print(title, head, [f"{ratio:.2f}" for ratio in ratios])

    def _print(self, title: str, head: str, cells: list[str]) -> None:
        aligned = zip(self.names, cells, strict=True)
        ratios = "".join(cell.rjust(max(8, len(name) + 2)) for name, cell in aligned)
        print(f"{title:<{self.width}}{head}{ratios}", flush=True)


def _mean(ratios: list[float]) -> float:
    return prod(ratios) ** (1 / len(ratios))


def _time(milliseconds: float) -> str:
    return f"{milliseconds * 1000:>8.1f} µs" if milliseconds < 1 else f"{milliseconds:>8.2f} ms"
