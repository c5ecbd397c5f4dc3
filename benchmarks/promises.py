"""Look for new access that `diff` misses, and for safe fixes that change access. See README.md."""

from __future__ import annotations

import argparse
import io
import json
import random
import sys
import tempfile
import time
from collections import Counter
from contextlib import redirect_stderr
from dataclasses import dataclass, field
from functools import partial
from itertools import chain, islice
from pathlib import Path
from typing import TYPE_CHECKING, Any
from unittest.mock import patch

ROOT = Path(__file__).parent.parent
sys.path.insert(0, str(ROOT / "tests"))
if __name__ == "__main__":
    sys.path.remove(str(ROOT / "benchmarks"))  # where parliament.py is one of the benchmarks

from support.evaluator import decide  # noqa: E402 - found in the folder of the tests
from support.examples import is_confirmed  # noqa: E402 - as above
from support.policy_texts import FORMATS, filled_in, read, write  # noqa: E402
from support.random_policies import KINDS, Policies, with_scalars  # noqa: E402
from support.random_requests import filling, reading, requests  # noqa: E402

from multitool_lint.cli import main as run_command  # noqa: E402
from multitool_lint.cli.output import diff_reports  # noqa: E402
from multitool_lint.diagnostics.rule import rules  # noqa: E402
from multitool_lint.linter.engine import lint_source  # noqa: E402
from multitool_lint.rewrite.fix import fix  # noqa: E402
from multitool_lint.syntax.source import Source  # noqa: E402

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

    from support.evaluator import Decision, Kind, Request

    from multitool_lint.cli.output.compared import Compared, RunOutcome
    from multitool_lint.policy.changes import Difference as Gain

SEEDS = Path(__file__).with_suffix(".txt")
"""The seeds of pairs that once broke a promise; they are always among those that are tried."""

WORLDS, REQUESTS = 6, 60
"""Two policies are compared in so many worlds, for so many requests in each."""

UNKNOWN, UNRELATED = 0.4, 0.1
"""How many pairs have unknown parts, and how many a new policy that does not change the old one."""

Document = dict[str, Any]


@dataclass(frozen=True)
class Pair:
    """Two policies of a kind, in a format."""

    seed: int
    kind: Kind
    format: str
    old: Document
    new: Document


@dataclass(frozen=True)
class Difference:
    """A request that two policies decide in different ways."""

    request: Request
    values: dict[str, str]
    decisions: tuple[Decision, ...]

    def __str__(self) -> str:
        context = json.dumps(self.request.context, ensure_ascii=False)
        asked = f"{self.request.principal[1]} {self.request.action} {self.request.resource}"
        return f"{' -> '.join(self.decisions)}: {asked} {context} {self.values}"


@dataclass
class Result:
    """What came of the pairs: counts, and a line for each broken promise, by seed.

    `unproved` has a line for each pair with new access by diff that the evaluator does not know.
    """

    counts: Counter[str] = field(default_factory=Counter)
    broken: list[str] = field(default_factory=list)
    unproved: list[str] = field(default_factory=list)

    def add(self, seed: int, promise: str, detail: object) -> None:
        """Take note of a broken promise."""
        self.counts[promise] += 1
        self.broken.append(f"seed {seed}: {promise}: {detail}")


def pair_of(seed: int) -> Pair:
    """The pair of a seed."""
    dice = random.Random(seed)  # noqa: S311 - no secrets
    kind = dice.choice(KINDS)
    unknown = dice.random() < UNKNOWN
    format_ = dice.choice(("json", "terraform", "cloudformation")) if unknown else "json"
    if format_ != "json":
        kind = "identity"
    policies = Policies(dice, kind, unknown=unknown)
    old = policies.policy()
    new = policies.policy() if dice.random() < UNRELATED else policies.changed(old)
    return Pair(seed, kind, format_, with_scalars(old, dice), with_scalars(new, dice))


def check(seeds: Iterable[int]) -> Result:
    """Try the pairs of the seeds."""
    result = Result()
    with tempfile.TemporaryDirectory() as folder:
        for seed in seeds:
            pair = pair_of(seed)
            result.counts["pairs"] += 1
            _check_diff(pair, Path(folder), result)
            _check_fix(pair, result)
    return result


def _check_diff(pair: Pair, folder: Path, result: Result) -> None:
    found = _differences(pair, pair.old, pair.new)
    gained = next((difference for difference in found if difference.decisions[1] == "Allow"), None)
    result.counts["with new access"] += gained is not None
    compared: list[Compared] = []
    messages = io.StringIO()
    # To list thousands of actions would take longer than the comparison.
    with patch.object(diff_reports, "text", _keeping(compared)), redirect_stderr(messages):
        code = run_command(["diff", "--fail-on-new-access", "--no-config", *_files(pair, folder)])
    result.counts["without new access by diff"] += code == 0
    if code not in (0, 1):
        result.add(pair.seed, "diff failed", messages.getvalue().strip())
    elif gained and code == 0:
        missed = next(_possible(chain([gained], found), compared), None)
        if missed:
            result.add(pair.seed, "missed new access", missed)
    elif code == 1:
        gains = [gain for part in compared for gain in part.changes.gained]
        _check_examples(pair, gains, is_gain=gained is not None, result=result)


def _possible(
    differences: Iterable[Difference], compared: Sequence[Compared]
) -> Iterator[Difference]:
    """New access, but for actions of which diff says that there are no such requests."""
    impossible = {
        name.lower()
        for part in compared
        for change in part.changes.impossible
        for name in change.action_names
    }
    for difference in differences:
        is_new = difference.decisions[1] == "Allow"
        if is_new and difference.request.action.lower() not in impossible:
            yield difference


def _check_examples(pair: Pair, gains: Sequence[Gain], *, is_gain: bool, result: Result) -> None:
    """Ask the evaluator about the examples of what diff reports as gained."""
    shown = [gain for gain in gains if gain.example]
    result.counts["gains"] += len(gains)
    result.counts["gains with an example"] += len(shown)
    result.counts["with new access and an example"] += is_gain and bool(shown)
    for gain in shown:
        if not is_confirmed(gain, pair.new, pair.old, pair.kind):
            result.add(pair.seed, "an example is not confirmed", gain.example)
    if not is_gain and not shown:
        result.counts["reported, and no request is known"] += 1
        result.unproved.append(f"seed {pair.seed}: {gains[0].doubt if gains else 'unknown'}")


def _files(pair: Pair, folder: Path) -> list[str]:
    """Write the policies of a pair."""
    files = []
    for version, policy in (("old", pair.old), ("new", pair.new)):
        place = folder / version / FORMATS[pair.format]
        place.parent.mkdir(exist_ok=True)
        place.write_text(write(policy, pair.format), encoding="utf-8")
        files.append(str(place))
    return files


def _keeping(kept: list[Compared]) -> Callable[..., tuple[()]]:
    """Output that is empty, and keeps what was compared."""

    def text(outcome: RunOutcome, **_options: bool) -> tuple[()]:
        kept.extend(outcome.compared)
        return ()

    return text


def _check_fix(pair: Pair, result: Result) -> None:
    text = write(pair.old, pair.format)
    lint = partial(lint_source, enabled=rules())
    try:
        fixed = fix(Source(FORMATS[pair.format], text), lint=lint)
    except Exception as error:  # noqa: BLE001 - it is reported
        result.add(pair.seed, "fix failed", f"{type(error).__name__}: {error}")
        return
    if fixed.remaining.unchecked:
        result.add(pair.seed, "fix failed", "a check failed, or a syntax error")
    if not fixed.applied:
        return
    result.counts["fixed"] += 1
    try:
        after = read(fixed.text, pair.format)
    except ValueError as error:
        result.add(pair.seed, "a fix broke the file", error)
        return
    if changed := next(_differences(pair, pair.old, after), None):
        applied = ", ".join(sorted({fix.finding.rule for fix in fixed.applied}))
        result.add(pair.seed, "a safe fix changed access", f"{applied}: {changed}")


def _differences(pair: Pair, before: Document, after: Document) -> Iterator[Difference]:
    """Requests that the policies decide in different ways.

    A world has values for the unknown parts, and a way to read what the documentation leaves open.
    """
    dice = random.Random(pair.seed)  # noqa: S311 - no secrets
    for _ in range(WORLDS):
        values, way = filling(dice), reading(dice)
        old, new = (filled_in(policy, values) for policy in (before, after))
        for request in islice(requests(dice, pair.kind, [old, new]), REQUESTS):
            decisions = tuple(decide(policy, request, pair.kind, way) for policy in (old, new))
            if decisions[0] != decisions[1]:
                yield Difference(request, values, decisions)


def kept_seeds() -> list[int]:
    """The seeds that broke a promise once."""
    return [int(line.split()[0]) for line in SEEDS.read_text("utf-8").splitlines() if line.strip()]


def main() -> None:
    """Try pairs, print the counts and every broken promise, and fail if there is one."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--pairs", type=int, default=20_000, help="how many (default 20,000)")
    parser.add_argument("--seed", type=int, default=0, help="of the first; the next ones follow")
    parser.add_argument("--show", action="store_true", help="print the policies of the first seed")
    arguments = parser.parse_args()
    if arguments.show:
        pair = pair_of(arguments.seed)
        print(write(pair.old, pair.format), write(pair.new, pair.format), sep="\n-->\n")
    start = time.process_time()
    seeds = range(arguments.seed, arguments.seed + arguments.pairs)
    result = check(dict.fromkeys([*kept_seeds(), *seeds]))
    for line in [*result.unproved, *result.broken]:
        print(line)
    for name, count in result.counts.items():
        print(f"{count:,} {name}")
    print(f"{time.process_time() - start:.0f} s of CPU time")
    sys.exit(bool(result.broken))


if __name__ == "__main__":
    main()
