"""`python -m fuzz.trees --requests 1000000`: how many of random new requests pass the gate."""

from __future__ import annotations

import argparse
import sys
from collections import Counter
from itertools import count
from pathlib import Path

_OF_A_PAIR = 2_000


def main() -> int:
    """Ask about requests of the pairs that pass, and print each that only the new tree allows."""
    sys.path.insert(0, str(Path(__file__).parents[2] / "tests"))  # for tests/support
    from fuzz.trees.pairs import missed_requests, pair_of, staged

    parser = argparse.ArgumentParser(prog="python -m fuzz.trees", description=__doc__)
    parser.add_argument("--requests", type=int, default=1_000_000)
    parser.add_argument("--seed", type=int, default=0, help="of the first pair")
    arguments = parser.parse_args()
    counts: Counter[str] = Counter()
    wrong = 0
    for seed in count(arguments.seed):
        if counts["requests of pairs that pass"] >= arguments.requests:
            break
        pair = pair_of(seed)
        passes = staged(pair).code == 0
        counts["pairs"] += 1
        counts[f"{'pass' if passes else 'stop'}, {pair.expected or 'either'} expected"] += 1
        if not passes:
            if pair.expected == "pass":
                print(f"seed {seed}: {pair.how}: stops without new access", flush=True)
            continue
        counts["requests of pairs that pass"] += _OF_A_PAIR
        if missed := next(missed_requests(pair, _OF_A_PAIR), None):
            wrong += 1
            print(f"seed {seed}: {pair.how}: passes {missed}", flush=True)
    for name, number in sorted(counts.items()):
        print(f"{number:,} {name}")
    print(f"{wrong:,} pairs with new access that pass")
    return bool(wrong)


if __name__ == "__main__":
    sys.exit(main())
