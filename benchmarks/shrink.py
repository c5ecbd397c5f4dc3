"""Measure how short `shrink` makes the action lists of the AWS managed policies. See README.md."""

from __future__ import annotations

import argparse
import json
import time
from operator import itemgetter
from pathlib import Path
from typing import TYPE_CHECKING

import corpus

from multitool_lint.aws.catalog.catalog import bundled
from multitool_lint.rewrite.shrink.action_lists import shorten
from multitool_lint.rewrite.shrink.patterns import Limits

if TYPE_CHECKING:
    from collections.abc import Iterator

    from multitool_lint.aws.catalog.catalog import Catalog

EVERY = 8
ACTIONS_AT_LEAST = 5
OPTIONS = {
    "the shortest": Limits(),
    "--max-wildcards 1": Limits(max_wildcards=1),
    "--min-prefix 3": Limits(min_prefix=3),
    "--whole-words": Limits(whole_words=True),
}


def main() -> None:
    """Take every eighth policy and print what the lists of its statements come to."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--policies", type=Path, help="managedPolicies.json, instead of npm's")
    arguments = parser.parse_args()
    catalog = bundled()
    statements = list(_statements(arguments.policies, catalog))
    print(f"{len(statements)} statements, catalog of {catalog.date}\n")
    print("| action lists as compact JSON | characters | s | patterns not exact |")
    print("|---|---|---|---|")
    expanded = sum(_length(names) for _, names in statements)
    print(f"| expanded | {expanded:,} | | |")
    print(f"| as AWS wrote them | {sum(_length(written) for written, _ in statements):,} | | |")
    for option, limits in OPTIONS.items():
        started = time.process_time()
        lists = [_shrunk(names, limits, catalog) for _, names in statements]
        taken = time.process_time() - started
        wrong = sum(
            _matched(found, catalog) != names
            for found, (_, names) in zip(lists, statements, strict=True)
        )
        print(f"| {option} | {sum(map(_length, lists)):,} | {taken:.1f} | {wrong} |")


def _statements(path: Path | None, catalog: Catalog) -> Iterator[tuple[list[str], list[str]]]:
    """Of each statement that is taken, the actions as written and as expanded."""
    for _, document in sorted(corpus.managed(path), key=itemgetter(0))[::EVERY]:
        statements = document["Statement"]
        for statement in statements if isinstance(statements, list) else [statements]:
            written = statement.get("Action", "*")
            written = [written] if isinstance(written, str) else written
            names = _matched(written, catalog)
            if written != ["*"] and len(names) >= ACTIONS_AT_LEAST:
                yield written, names


def _shrunk(names: list[str], limits: Limits, catalog: Catalog) -> list[str]:
    services: dict[str, set[str]] = {}
    for name in names:
        prefix, _, rest = name.partition(":")
        services.setdefault(prefix, set()).add(rest)
    found: list[str] = []
    for prefix, wanted in services.items():
        matched = _matched([f"{prefix}:*"], catalog)
        current = {name.partition(":")[2] for name in matched}
        # Wildcards match no retired actions: those stay as they are.
        patterns = shorten(prefix, wanted & current, current - wanted, limits)
        found += (f"{prefix}:{rest}" for rest in [*patterns, *sorted(wanted - current)])
    return found


def _matched(actions: list[str], catalog: Catalog) -> list[str]:
    return sorted({name for action in actions for name in catalog.names(catalog.match(action))})


def _length(actions: list[str]) -> int:
    return len(json.dumps(actions, separators=(",", ":")))


if __name__ == "__main__":
    main()
