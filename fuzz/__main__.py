"""`python -m fuzz --seconds 60`: all harnesses in turn, or those that are named."""

from __future__ import annotations

import argparse
import os
import random
import sys
from math import inf
from pathlib import Path

from fuzz.harness import Harness, failure, keep, run

ROOT = Path(__file__).parent.parent
CRASHES = ROOT / "build" / "fuzz"


def main(argv: list[str] | None = None) -> int:
    """Run the harnesses; the exit code is 1 if an invariant does not hold for an input."""
    sys.path.insert(0, str(ROOT / "tests"))  # for tests/support
    os.environ.setdefault("SOURCE_DATE_EPOCH", "0")  # a catalog is never old
    from fuzz.harnesses import HARNESSES

    parser = argparse.ArgumentParser(prog="python -m fuzz", description=__doc__)
    parser.add_argument("--seconds", type=float, default=60, help="time for all (default: 60)")
    parser.add_argument("--count", type=int, help="inputs for each, instead of a time")
    parser.add_argument("--seed", type=int, help="where to begin (default: a random number)")
    parser.add_argument("--harness", choices=HARNESSES, action="append", help="may be repeated")
    parser.add_argument("--crashes", type=Path, default=CRASHES, help="folder for failing inputs")
    parser.add_argument("--replay", type=Path, help="try the input in this file; needs --harness")
    arguments = parser.parse_args(argv)
    chosen = [HARNESSES[name] for name in arguments.harness or HARNESSES]
    if arguments.replay:
        if len(chosen) != 1:
            parser.error("--replay needs one --harness")
        try:
            data = arguments.replay.read_bytes()
        except OSError as error:
            parser.error(f"--replay: {arguments.replay}: {error.strerror}")
        message = failure(chosen[0], data)
        print(message or "no failure")
        return bool(message)
    if not arguments.seconds > 0:
        parser.error("--seconds must be a positive number: without time, nothing is tried")
    seed = random.randrange(10**9) if arguments.seed is None else arguments.seed  # noqa: S311 - no secret
    print(f"seed {seed}", flush=True)
    seconds = inf if arguments.count else arguments.seconds / len(chosen)
    most = arguments.count or inf
    return max(_report(harness, seed, (seconds, most), arguments.crashes) for harness in chosen)


def _report(harness: Harness, seed: int, limits: tuple[float, float], folder: Path) -> int:
    outcome = run(harness, seed, *limits)
    print(f"{harness.name}: {outcome.tried:,} inputs", flush=True)
    if outcome.crash is None:
        return 0
    # The seed makes the input again where it cannot be kept.
    print(f"{outcome.crash.error}\nseed {outcome.crash.seed}", flush=True)
    path = keep(harness, outcome.crash, folder)
    print(f"again: python -m fuzz --harness {harness.name} --replay {path}", flush=True)
    return 1


if __name__ == "__main__":
    sys.exit(main())
