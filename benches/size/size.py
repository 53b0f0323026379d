"""What a page downloads, in bytes.

Goes in: the built client files of the Python package. Comes out: one line per file with its size
raw, by gzip -9 and by brotli 11: first those that load when they are needed, then those of the
start, and as the last line the sums of these:
``start: <raw> raw, <gzip> gzip, <brotli> brotli``.

With ``--check`` it fails if the start is more than 2 % larger (brotli) than ``budget.txt`` says,
or a file that loads later is larger than 4 KB; with ``--accept`` it writes what there is into that file.
"""

import gzip
import sys
from pathlib import Path

import brotli

STATIC = Path(__file__).parents[2] / "python/djust/static/djust"
START = ("djust.js", "djust.wasm")
BUDGET = Path(__file__).with_name("budget.txt")
LATER = (*sorted(path.name for path in STATIC.glob("djust-*")), "transitions.css")
# Bytes of one lazy module or part of the engine, by brotli.
MOST = 4096


def sizes(data: bytes) -> tuple[int, int, int]:
    """Return the length of ``data``: raw, with gzip at level 9, with brotli at level 11."""
    return len(data), len(gzip.compress(data, 9, mtime=0)), len(brotli.compress(data, quality=11))


def main() -> None:
    """Print the table."""
    rows = [(name, sizes((STATIC / name).read_bytes())) for name in (*LATER, *START)]
    print(f"{'file':<20}{'raw':>10}{'gzip -9':>10}{'brotli 11':>11}")
    for name, (raw, gzipped, brotlied) in rows:
        print(f"{name:<20}{raw:>10}{gzipped:>10}{brotlied:>11}")
    start = [figures for name, figures in rows if name in START]
    raw, gzipped, brotlied = (sum(column) for column in zip(*start, strict=True))
    if "--accept" in sys.argv:
        BUDGET.write_text(f"{brotlied}\n")
    elif "--check" in sys.argv and brotlied > (allowed := int(BUDGET.read_text()) * 102 // 100):
        print(
            f"A page downloads {brotlied} bytes at start, and {allowed} are allowed. Growth is a\n"
            "decision: make it smaller, or say why in docs/decisions/size.md and accept it with\n"
            "`make size ACCEPT=1`, which changes benches/size/budget.txt."
        )
        raise SystemExit(1)
    for name, (_, _, later) in rows[: len(LATER)]:
        if "--check" in sys.argv and later > MOST:
            raise SystemExit(f"{name} has {later} bytes, and {MOST} are allowed: split it.")
    print(f"start: {raw} raw, {gzipped} gzip, {brotlied} brotli")


if __name__ == "__main__":
    main()
