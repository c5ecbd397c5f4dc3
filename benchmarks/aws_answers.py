"""Compare our findings with those that AWS's ValidatePolicy reported. See README.md."""

from __future__ import annotations

import argparse
import gzip
import json
import sys
from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

if __name__ == "__main__":
    sys.path.remove(str(Path(__file__).parent))  # where parliament.py is one of the benchmarks

from multitool_lint.aws.catalog.catalog import bundled
from multitool_lint.diagnostics.rule import rules
from multitool_lint.linter.engine import lint_source
from multitool_lint.policy.policy_type import PolicyType
from multitool_lint.reporters import access_analyzer
from multitool_lint.syntax.source import Source

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

PAGE = Path(__file__).with_suffix(".md")
"""The page whose tables name the differences, and the policies that AWS did not validate."""

ONLY_AWS, ONLY_OURS = "only AWS", "only ours"
HEADINGS = {"## Only AWS": ONLY_AWS, "## Only ours": ONLY_OURS}
NOT_VALIDATED = "## Policies that AWS did not validate"

Places = tuple[str, ...]
"""The locations of a finding, in AWS's order: each the path and the offsets, as text."""

Findings = Counter[tuple[str, Places]]
"""Issue codes with locations, each as often as it is reported."""


@dataclass(frozen=True)
class Answers:
    """A policy of a type with what AWS reported and what we report."""

    name: str
    date: str
    type: str
    aws: Findings
    ours: Findings

    def codes(self, whose: str) -> Counter[str]:
        """How many findings have each code: those of AWS, or ours."""
        counts: Counter[str] = Counter()
        for (code, _), count in (self.aws if whose == ONLY_AWS else self.ours).items():
            counts[code] += count
        return counts


@dataclass(frozen=True)
class Difference:
    """A code that only one of the two reports for a policy, and the places of its findings."""

    policy: str
    date: str
    whose: str
    code: str
    places: tuple[Places, ...]


def main() -> None:
    """Print the table and the differences, and fail if the page does not name one of them."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("file", type=Path, help="a policy a line, with AWS's findings; .gz or not")
    parser.add_argument("--places", action="store_true", help="also list places that differ")
    arguments = parser.parse_args()
    answers = [compare(entry) for entry in read(arguments.file)]
    not_validated, reasons = named()
    print(*report(answers, not_validated), sep="\n")
    unnamed = 0
    for difference in differences(answers):
        key = (difference.policy, difference.code, difference.whose)
        reason = not_validated.get(difference.policy) or reasons.get(key)
        unnamed += reason is None
        print(f"\n{difference.policy} of {difference.date}: {difference.code}, {difference.whose}")
        print(f"  {reason or 'NOT NAMED'}")
        print(*(f"  at {' and '.join(places)}" for places in difference.places[:3]), sep="\n")
    if arguments.places:
        print(*other_places(answers), sep="\n")
    sys.exit(unnamed > 0)


def read(path: Path) -> Iterator[dict[str, Any]]:
    """The entries of a file: `name`, `date`, `policy_text`, and the `findings` of AWS.

    One of another type than an identity policy has `policy_type`, and may have `resource_type`.
    """
    with (gzip.open if path.suffix == ".gz" else open)(path, "rt", encoding="utf-8") as lines:
        yield from map(json.loads, lines)


def compare(entry: dict[str, Any]) -> Answers:
    """Lint the text of an entry as `--format access-analyzer` does."""
    type_ = entry.get("policy_type", PolicyType.IDENTITY.value)
    report = lint_source(
        Source(f"{entry['name']}.json", entry["policy_text"]),
        type=PolicyType(type_),
        resource_type=entry.get("resource_type"),
        enabled=rules(),
    )
    ours = access_analyzer.answers(report.findings)
    aws = _findings(entry["findings"])
    return Answers(entry["name"], entry["date"], type_, aws, _findings(ours))


def _findings(answer: Iterable[dict[str, Any]]) -> Findings:
    return Counter(
        (finding["issueCode"], tuple(map(_place, finding["locations"]))) for finding in answer
    )


def _place(location: dict[str, Any]) -> str:
    steps = (
        f".{step['key']} (key)"
        if "key" in step
        else f"[{step['index']}]"
        if "index" in step
        else f".{step['value']}"
        if "value" in step
        else f"[{step['substring']['start']}:+{step['substring']['length']}]"
        for step in location["path"]
    )
    span = location["span"]
    return f"{''.join(steps)} {span['start']['offset']}-{span['end']['offset']}"


def report(answers: list[Answers], not_validated: Mapping[str, str]) -> Iterator[str]:
    """The table of the policies that AWS validated, and what they and all policies come to."""
    validated = [answer for answer in answers if answer.name not in not_validated]
    yield f"{len(answers):,} policies, {len(validated):,} of them validated by AWS."
    yield f"Catalog of {bundled().date}.\n"
    yield from table(validated)
    yield ""
    yield from figures(validated)
    both, _, ours = map(Counter.total, count(answers))
    precision = _share(both, both + ours)
    yield f"* precision with the policies that AWS did not validate: {precision}"
    if len({answer.type for answer in answers}) > 1:
        yield ""
        yield from by_type(validated)


def by_type(answers: list[Answers]) -> Iterator[str]:
    """By type of policy: in how many policies a code is reported by both or one."""
    yield "| type | policies | both | only AWS | only ours | recall | precision |"
    yield "|---|---|---|---|---|---|---|"
    for type_ in sorted({answer.type for answer in answers}):
        of_type = [answer for answer in answers if answer.type == type_]
        both, theirs, ours = map(Counter.total, count(of_type))
        shares = f"{_share(both, both + theirs)} | {_share(both, both + ours)}"
        yield f"| {type_} | {len(of_type)} | {both} | {theirs} | {ours} | {shares} |"


def count(answers: list[Answers]) -> tuple[Counter[str], Counter[str], Counter[str]]:
    """In how many policies both report each code, only AWS, and only we."""
    both: Counter[str] = Counter()
    theirs: Counter[str] = Counter()
    ours: Counter[str] = Counter()
    for answer in answers:
        aws, own = set(answer.codes(ONLY_AWS)), set(answer.codes(ONLY_OURS))
        both.update(aws & own)
        theirs.update(aws - own)
        ours.update(own - aws)
    return both, theirs, ours


def table(answers: list[Answers]) -> Iterator[str]:
    """By issue code: in how many policies it is reported by both or one, and equal places."""
    both, theirs, ours = count(answers)
    found, placed = _placed(answers)
    yield (
        "| issue code | both | only AWS | only ours | recall | precision "
        "| findings of AWS | at the same places |"
    )
    yield "|---|---|---|---|---|---|---|---|"
    for code in sorted(both | theirs | ours):
        row = (both[code], theirs[code], ours[code], found[code], placed[code])
        yield _row(f"`{code}`", *row)
    yield _row("all", both.total(), theirs.total(), ours.total(), found.total(), placed.total())


def _row(name: str, both: int, theirs: int, ours: int, found: int, placed: int) -> str:
    recall, precision = _share(both, both + theirs), _share(both, both + ours)
    return (
        f"| {name} | {both} | {theirs} | {ours} | {recall} | {precision} "
        f"| {found} | {_share(placed, found)} |"
    )


def _placed(answers: list[Answers]) -> tuple[Counter[str], Counter[str]]:
    """The findings of AWS by code, and those with one of ours at the same places."""
    found: Counter[str] = Counter()
    placed: Counter[str] = Counter()
    for answer in answers:
        for (code, _), times in answer.aws.items():
            found[code] += times
        for (code, _), times in (answer.aws & answer.ours).items():
            placed[code] += times
    return found, placed


def _share(part: int, whole: int) -> str:
    return f"{part / whole:.1%}" if whole else ""


def figures(answers: list[Answers]) -> Iterator[str]:
    """What all policies together come to."""
    same = sum(set(answer.codes(ONLY_AWS)) == set(answer.codes(ONLY_OURS)) for answer in answers)
    equal = sum(answer.aws == answer.ours for answer in answers)
    for what, count in (("set of codes", same), ("findings at the same places", equal)):
        share = _share(count, len(answers))
        yield f"* policies with the same {what}: {count:,} of {len(answers):,} ({share})"


def differences(answers: Iterable[Answers]) -> Iterator[Difference]:
    """Every code that only one of the two reports for a policy."""
    for answer in answers:
        for whose, findings, other in (
            (ONLY_AWS, answer.aws, ONLY_OURS),
            (ONLY_OURS, answer.ours, ONLY_AWS),
        ):
            for code in sorted(set(answer.codes(whose)) - set(answer.codes(other))):
                places = tuple(places for found, places in findings if found == code)
                yield Difference(answer.name, answer.date, whose, code, places)


def other_places(answers: Iterable[Answers]) -> Iterator[str]:
    """The findings of a code that both report for a policy, where only one reports them."""
    for answer in answers:
        shared = set(answer.codes(ONLY_AWS)) & set(answer.codes(ONLY_OURS))
        for whose, left in (
            (ONLY_AWS, answer.aws - answer.ours),
            (ONLY_OURS, answer.ours - answer.aws),
        ):
            for (code, places), count in left.items():
                if code in shared:
                    policy = f"{answer.name} of {answer.date}"
                    yield f"{policy}: {code}, {whose} {count} at {' and '.join(places)}"


def named() -> tuple[dict[str, str], dict[tuple[str, str, str], str]]:
    """What the page says: the policies that AWS did not validate, and the differences.

    A difference is a policy, a code and whose it is; with each of both is the reason.
    """
    not_validated: dict[str, str] = {}
    reasons: dict[tuple[str, str, str], str] = {}
    heading = ""
    for line in PAGE.read_text(encoding="utf-8").splitlines():
        heading = line if line.startswith("#") else heading
        names, *cells = (cell.strip() for cell in line.strip("|").split(" | "))
        for name in names.replace("`", "").split(", ") if names.startswith("`") else ():
            if heading == NOT_VALIDATED and cells:
                not_validated[name] = cells[0]
            elif heading in HEADINGS and cells:
                code, reason = cells
                reasons[name, code.strip("`"), HEADINGS[heading]] = reason
    return not_validated, reasons


if __name__ == "__main__":
    main()
