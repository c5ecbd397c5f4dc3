"""Compare `diff` and the rewrites with the answers of an SMT solver. See README.md."""

from __future__ import annotations

import argparse
import random
import sys
import time
from itertools import count, zip_longest
from pathlib import Path
from typing import TYPE_CHECKING

from corpus import managed_policies
from promises import pair_of as promised_pair_of
from support.encodable_policies import pair_of
from support.solver_verdicts import Verdicts
from versions import Versions, consecutive

if __name__ == "__main__":
    sys.path.remove(str(Path(__file__).parent))  # where parliament.py is one of the benchmarks

if TYPE_CHECKING:
    from collections.abc import Iterator


def random_pairs(seed: int) -> Iterator[Versions]:
    """Random policies without end, of the encoding's own vocabulary and of that of the promises."""
    for number in count(seed):
        yield Versions(f"random pair {number}", *pair_of(number))
        promised = promised_pair_of(number)
        if promised.kind == "identity" and promised.format == "json":
            yield Versions(f"pair {number} of the promises", promised.old, promised.new)


def real_pairs(path: Path, seed: int) -> list[Versions]:
    """Consecutive versions of the AWS managed policies, in random order."""
    pairs = list(consecutive(path))
    random.Random(seed).shuffle(pairs)  # noqa: S311 - no secrets
    return pairs


def main() -> None:
    """Try pairs for some time, print the counts and all that is wrong, and fail if anything is."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=float, default=60)
    parser.add_argument("--seed", type=int, default=0, help="of the first random pair")
    parser.add_argument("--policies", type=Path, help="managedPolicies.json, instead of npm's")
    arguments = parser.parse_args()
    verdicts, wrong = Verdicts(), 0
    end = time.monotonic() + arguments.seconds
    real = real_pairs(arguments.policies or managed_policies(), arguments.seed)
    for pairs in zip_longest(random_pairs(arguments.seed), real):
        for pair in filter(None, pairs):
            for line in (*verdicts.on_diff(pair.old, pair.new), *verdicts.on_rewrites(pair.new)):
                wrong += 1
                print(f"{pair.name}: {line}", flush=True)
        if time.monotonic() > end:
            break
    for name, number in sorted(verdicts.counts.items()):
        print(f"{number:,} {name}")
    sys.exit(bool(wrong))


if __name__ == "__main__":
    main()
