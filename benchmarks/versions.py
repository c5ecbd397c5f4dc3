"""Compare consecutive versions of the AWS managed policies by `diff`. See README.md."""

from __future__ import annotations

import argparse
import json
import statistics
import sys
import time
from collections import Counter
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from corpus import managed_policies

if __name__ == "__main__":
    sys.path.remove(str(Path(__file__).parent))  # where parliament.py is one of the benchmarks

from multitool_lint import diff

if TYPE_CHECKING:
    from collections.abc import Iterator

MAX_MEDIAN, MAX_SECONDS = 0.05, 1.0


class Versions(NamedTuple):
    """Two versions of a policy, the second of which follows the first."""

    name: str
    old: dict[str, Any]
    new: dict[str, Any]


def consecutive(path: Path) -> Iterator[Versions]:
    """Consecutive versions of all policies in the file of the npm package."""
    for name, policy in json.loads(path.read_text(encoding="utf-8")).items():
        versions = [(number, version["document"]) for number, version in policy["versions"].items()]
        for (before, old), (after, new) in pairwise(versions):
            yield Versions(f"{name} {before} and {after}", old, new)


def main() -> None:
    """Compare them, print counts and times, fail if it takes too long."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--policies", type=Path, help="managedPolicies.json, instead of npm's")
    arguments = parser.parse_args()
    counts: Counter[str] = Counter()
    times: list[tuple[float, str]] = []
    for versions in consecutive(arguments.policies or managed_policies()):
        start = time.process_time()
        changes = diff(versions.old, versions.new)
        times.append((time.process_time() - start, versions.name))
        differences = (*changes.gained, *changes.lost)
        counts["pairs"] += 1
        counts["with new access"] += bool(changes.gained)
        counts["with less access"] += bool(changes.lost)
        counts["differences"] += len(differences)
        counts["with an example request"] += sum(bool(found.example) for found in differences)
    for name, number in counts.items():
        print(f"{number:,} {name}")
    median = statistics.median(seconds for seconds, _ in times)
    longest, name = max(times)
    print(f"CPU time: median {median * 1000:.0f} ms, at most {longest:.2f} s: {name}")
    sys.exit(median > MAX_MEDIAN or longest > MAX_SECONDS)


if __name__ == "__main__":
    main()
