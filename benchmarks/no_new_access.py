"""Compare the answers of `diff` with those of AWS's CheckNoNewAccess. See README.md."""

from __future__ import annotations

import argparse
import gzip
import json
import sys
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING, Any

if __name__ == "__main__":
    sys.path.remove(str(Path(__file__).parent))  # where parliament.py is one of the benchmarks

from multitool_lint import diff

if TYPE_CHECKING:
    from collections.abc import Iterator

ANSWERS = ("PASS", "FAIL", "undecided")


def main() -> None:
    """Print how the answers compare and which differ, and fail if one contradicts AWS."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("file", type=Path, help="two policies and an answer a line; .gz or not")
    entries = list(read(parser.parse_args().file))
    answers = [answer(entry) for entry in entries]
    counts = Counter(zip((entry["aws"] for entry in entries), answers, strict=True))
    print(*table(counts), sep="\n")
    for entry, ours in zip(entries, answers, strict=True):
        if ours != entry["aws"]:
            print(f"{entry['id']}: AWS {entry['aws']}, ours {ours}")
    sys.exit(bool(counts["PASS", "FAIL"] or counts["FAIL", "PASS"]))


def read(path: Path) -> Iterator[dict[str, Any]]:
    """The entries of a file: `id`, `reference`, `candidate`, and the answer of AWS, `aws`."""
    with (gzip.open if path.suffix == ".gz" else open)(path, "rt", encoding="utf-8") as lines:
        yield from map(json.loads, lines)


def answer(entry: dict[str, Any]) -> str:
    """PASS without new access, FAIL if a gain is proved, and "undecided" otherwise."""
    changes = diff(entry["reference"], entry["candidate"])
    if any(gain.certain for gain in changes.gained):
        return "FAIL"
    return "undecided" if changes.gained or changes.unknown else "PASS"


def table(counts: Counter[tuple[str, str]]) -> Iterator[str]:
    """How often each answer of AWS meets each of ours; what could not be proved fails the gate."""
    yield f"| AWS | {' | '.join(f'ours: {ours}' for ours in ANSWERS)} |"
    yield "|---|---|---|---|"
    for theirs in ANSWERS[:2]:
        yield f"| {theirs} | {' | '.join(str(counts[theirs, ours]) for ours in ANSWERS)} |"
    agree = counts["PASS", "PASS"] + counts["FAIL", "FAIL"]
    unclear = counts["PASS", "undecided"] + counts["FAIL", "undecided"]
    yield f"{counts.total()} answers: {agree} agree, {unclear} could not be proved"
    yield f"{counts['FAIL', 'FAIL']} gains are proved, {counts['FAIL', 'cannot tell']} may be\n"


if __name__ == "__main__":
    main()
