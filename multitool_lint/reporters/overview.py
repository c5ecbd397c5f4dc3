"""What a long report begins with: an example of each rule, a table of the rules, the next steps."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import TYPE_CHECKING

from multitool_lint.diagnostics.finding import Finding
from multitool_lint.limits import MAX_OVERVIEW_LINES
from multitool_lint.reporters.text import RANKS

if TYPE_CHECKING:
    from multitool_lint.reporters.text import Found

_HEADER = ("rule", "severity", "findings", "fixable", "files")


def overview(
    found: Sequence[Found], rendered: Callable[[Iterable[Found]], Iterator[str]], command: str
) -> Iterator[str]:
    """The parts of the report, on two screens: the most severe rules have their examples."""
    rules = _by_rule(found)
    after = [*_table(rules), "", *_next_steps(command, rules[0][0][0].rule), ""]
    room = MAX_OVERVIEW_LINES - len(after)
    shown = 0
    for first, *_ in rules:
        part = "".join(rendered([first]))
        room -= part.count("\n")
        if shown and room < 0:
            break
        shown += 1
        yield part
    total = f"{len(found):,} findings" + " and notes" * any(word for _, word in found)
    yield f"{shown} of {total} shown: an example of the rules that matter most. By rule:\n\n"
    yield "".join(f"{line}\n" for line in after)


def _by_rule(found: Sequence[Found]) -> list[list[Found]]:
    """The findings of each rule, the most severe first; of equally severe rules, the frequent."""
    groups: dict[str, list[Found]] = {}
    for finding, word in sorted(found, key=_rank):
        groups.setdefault(finding.rule, []).append((finding, word))
    return sorted(groups.values(), key=lambda group: (_rank(group[0]), -len(group)))


def _rank(found: Found) -> int:
    finding, word = found
    return len(RANKS) if word else RANKS[finding.severity]


def _table(rules: Sequence[Sequence[Found]]) -> Iterator[str]:
    """The lines of the table."""
    rows = [_HEADER, *map(_row, rules)]
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    for rule, severity, *counts in rows:
        words = [rule.ljust(widths[0]), severity.ljust(widths[1])]
        words += [count.rjust(width) for count, width in zip(counts, widths[2:], strict=True)]
        yield "  ".join(words)


def _row(group: Sequence[Found]) -> tuple[str, ...]:
    findings: list[Finding] = [finding for finding, _ in group]
    first, word = group[0]
    counts = (
        len(findings),
        sum(bool(finding.fixes) for finding in findings),
        len({finding.source.path for finding in findings}),
    )
    return first.rule, word or first.severity.value, *(f"{count:,}" for count in counts)


def _next_steps(command: str, rule: str) -> Iterator[str]:
    """Commands with what they do."""
    steps = (
        ("--verbose", "every finding"),
        (f"--select {rule}", "those of one rule"),
        ("--output html=report.html", "a page with all of them"),
        ("--write-baseline baseline.json", "accept all of them: only new ones are reported"),
    )
    width = max(len(options) for options, _ in steps)
    yield "Next:"
    for options, what in steps:
        yield f"  {command} {options:<{width}}  # {what}"
