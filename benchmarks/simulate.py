"""Compare a simulator of others with our evaluator, rewrites and `diff`. See README.md."""

from __future__ import annotations

import argparse
import json
import random
import re
import shutil
import subprocess
import sys
import time
from collections import Counter
from dataclasses import dataclass, field
from functools import cached_property
from itertools import count, islice, product
from pathlib import Path
from typing import TYPE_CHECKING

from corpus import BUILD
from outside import install
from promises import Document, pair_of
from support.evaluator import Reading, decide
from support.random_policies import ACCOUNT
from support.random_requests import requests

if __name__ == "__main__":
    sys.path.remove(str(Path(__file__).parent))  # where parliament.py is one of the benchmarks

from multitool_lint import diff, expand, fix, shrink

if TYPE_CHECKING:
    from collections.abc import Callable

    from promises import Pair
    from support.evaluator import Request

REQUESTS, BATCH = 60, 100
"""Requests for a pair, and how many seeds are tried together."""

_DEVIATIONS = (
    r"For\w+:Null",  # the qualifier is ignored; for AWS it makes Null always true or never true
    '/0["/.]',  # a network of no bits matches no address
    "NotIpAddress",  # an address of the other version is within a network
    "1893456000",  # seconds since 1970 are read as milliseconds
    "0{20}",  # numbers are floats
    r"\$\{",  # policy variables have a value in every Version
    "NotResource",  # with a part of an ARN there, the statement does not match
    r'SourceArn": (\[[^]]*)?"\*"',  # "*" is not an ARN
)
"""Where the simulator does not follow AWS's documentation: patterns of policies to leave out."""

REWRITES: dict[str, Callable[[Document], str | Document]] = {
    "fix": fix,
    "expand": lambda policy: expand(policy).policy,
    "shrink": lambda policy: shrink(policy).policy,
}
UNREADABLE = (lambda _value, _actual: False, lambda _value, _actual: True)
READINGS = [Reading(*ways) for ways in product(UNREADABLE, (False, True), (False, True))]
"""What the documentation leaves open, in all ways that hold for a whole policy."""


@dataclass
class Case:
    """A pair of policies, what rewrites make of the first one, and requests for all of them."""

    pair: Pair
    requests: list[Request]
    rewritten: dict[str, str | Document] = field(default_factory=dict)

    @cached_property
    def policies(self) -> list[str | Document]:
        """The old policy, the new one, and the rewritten ones."""
        return [self.pair.old, self.pair.new, *self.rewritten.values()]

    def text(self) -> str:
        """The case as the simulator reads it."""
        asked = [
            {
                "principal": request.principal[1],
                "action": request.action,
                "resource": {"resource": request.resource, "accountId": ACCOUNT},
                "contextVariables": dict(request.context),
            }
            for request in self.requests
        ]
        return json.dumps({"policies": self.policies, "requests": asked}) + "\n"


def case_of(seed: int) -> Case | None:
    """The case of a seed, None where the simulator would not decide as AWS does."""
    pair = pair_of(seed)
    if pair.kind != "identity" or pair.format != "json":
        return None
    texts = json.dumps([pair.old, pair.new])
    if any(re.search(pattern, texts) for pattern in _DEVIATIONS):
        return None
    dice = random.Random(seed)  # noqa: S311 - no secrets
    asked = list(islice(requests(dice, pair.kind, [pair.old, pair.new]), REQUESTS))
    changed = {name: rewrite(pair.old) for name, rewrite in REWRITES.items()}
    return Case(pair, asked, {name: new for name, new in changed.items() if new != pair.old})


def compare(case: Case, answers: list[list[str]], counts: Counter[str]) -> list[str]:
    """What is wrong with a case, a line each; counts what was compared."""
    wrong = []
    old, new, *rewritten = answers
    for policy, decisions in ((case.pair.old, old), (case.pair.new, new)):
        for request, theirs in zip(case.requests, decisions, strict=True):
            counts["decisions"] += 1
            ours = {decide(policy, request, "identity", reading) for reading in READINGS}
            if len(ours) > 1:
                counts["of them open in the documentation"] += 1
            elif theirs not in ours:
                wrong.append(f"evaluator: {ours.pop()}, simulator: {theirs}: {request}")
    for name, decisions in zip(case.rewritten, rewritten, strict=True):
        counts[f"policies changed by {name}"] += 1
        if decisions != old:
            wrong.append(f"{name} changed decisions")
    gains = [
        request
        for request, before, after in zip(case.requests, old, new, strict=True)
        if after == "Allow" != before
    ]
    counts["pairs with new access"] += bool(gains)
    changes = diff(case.pair.old, case.pair.new)
    if gains and not (changes.gained or changes.unknown or changes.impossible):
        wrong.append(f"diff has no new access: {gains[0]}")
    return [f"seed {case.pair.seed}: {line}" for line in wrong]


def main() -> None:
    """Try pairs for some time, print the counts and every difference, and fail if there is one."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=float, default=60)
    parser.add_argument("--seed", type=int, default=0, help="of the first pair")
    parser.add_argument("--packages", type=Path, default=BUILD / "outside", help="where they are")
    arguments = parser.parse_args()
    if not (node := shutil.which("node")):
        sys.exit("node is needed")
    install(arguments.packages)
    shutil.copy(Path(__file__).with_suffix(".mjs"), arguments.packages)
    counts: Counter[str] = Counter()
    end = time.monotonic() + arguments.seconds
    for start in count(arguments.seed, BATCH):
        if time.monotonic() > end:
            break
        cases = [case for seed in range(start, start + BATCH) if (case := case_of(seed))]
        simulated = subprocess.run(
            [node, "simulate.mjs"],
            cwd=arguments.packages,
            input="".join(case.text() for case in cases),
            capture_output=True,
            encoding="utf-8",
            check=True,
        )
        counts["pairs"] += len(cases)
        for case, answers in zip(cases, simulated.stdout.splitlines(), strict=True):
            for line in compare(case, json.loads(answers), counts):
                counts["wrong"] += 1
                print(line)
    for name, number in counts.items():
        print(f"{number:,} {name}")
    sys.exit(bool(counts["wrong"]))


if __name__ == "__main__":
    main()
