"""Speed as ratios within one run: each thing beside what a person could have used instead.

Run it with ``make bench``. Machines are noisy and differ, so no figure here is a time to be
compared with another machine's; the ratios are. Each pair is measured in turns, and the best of
each side counts. Name parts to run only those: ``make bench`` runs all of them.
"""

from __future__ import annotations

import sys
from importlib import import_module
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))


def main(wanted: list[str]) -> int:
    """Print a table of every measurement; return 1 when a ratio is above its limit."""
    over = 0
    print(f"{'what':62} {'ratio':>7} {'limit':>6}   beside")
    for path in sorted(Path(__file__).parent.glob("bench_*.py")):
        if wanted and path.stem.removeprefix("bench_") not in wanted:
            continue
        for measurement in import_module(f"benchmarks.{path.stem}").measurements():
            within = measurement.limit is None or measurement.ratio <= measurement.limit
            over += not within
            limit = "" if measurement.limit is None else f"{measurement.limit:.2f}"
            mark = "" if within else "   ABOVE ITS LIMIT"
            print(
                f"{measurement.what:62} {measurement.ratio:7.2f} {limit:>6}   "
                f"{measurement.beside}{mark}",
                flush=True,
            )
    return 1 if over else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
