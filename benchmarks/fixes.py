"""Try every fix of managed policies and of other files, and count what breaks. See README.md."""

from __future__ import annotations

import argparse
import sys
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING

import corpus

from multitool_lint.aws.catalog.catalog import bundled
from multitool_lint.diagnostics.finding import Safety, enumerate_briefly, separate
from multitool_lint.formats.endings import ENDINGS
from multitool_lint.linter.engine import lint_source
from multitool_lint.linter.settings import Opinion
from multitool_lint.policy.access import allowed
from multitool_lint.rewrite.fix import fix
from multitool_lint.syntax.source import Source, UnreadableError, apply_edits, read

if TYPE_CHECKING:
    from collections.abc import Iterator

    from multitool_lint.aws.action_set import ActionSet
    from multitool_lint.diagnostics.finding import Finding, Fix
    from multitool_lint.linter.report import Report


def main() -> None:
    """Try the fixes of each file, one by one and all of them."""
    parser = argparse.ArgumentParser(description=__doc__)
    corpus.add_arguments(parser)
    parser.add_argument("folders", nargs="*", type=Path, help="folders with files of any format")
    arguments = parser.parse_args()
    tried: Counter[str] = Counter()
    broken = 0
    for source in _sources(arguments):
        report = _lint(source)
        for finding in report.findings:
            for fix_ in finding.fixes:
                tried[fix_.safety.value] += 1
                for reason in _objections(source, report, finding, fix_):
                    broken += 1
                    print(f"{source.path}: {fix_.title} [{finding.rule}]: {reason}")
        for reason in _unapplied(source):
            broken += 1
            print(f"{source.path}: {reason}")
    print(", ".join(f"{number:,} {safety}" for safety, number in sorted(tried.items())), "fixes")
    print(f"{broken:,} break something or are not applied")
    sys.exit(broken > 0)


def _sources(arguments: argparse.Namespace) -> Iterator[Source]:
    for name, document in corpus.managed(arguments.policies):
        yield Source(f"{name}.json", corpus.text_of(document))
    for entry in corpus.entries(arguments.corpus):
        if "document" in entry:
            yield Source(f"{entry['id']}.json", corpus.text_of(entry["document"]))
        else:
            yield Source(f"{entry['id']}{Path(entry['path']).suffix}", entry["text"])
    for folder in arguments.folders:
        for file in sorted(folder.rglob("*")):
            if file.is_file() and file.name.endswith(ENDINGS):
                try:
                    yield read(str(file))
                except (OSError, UnreadableError):
                    continue


def _lint(source: Source) -> Report:
    return lint_source(source, opinion=Opinion.NONE)


def _objections(source: Source, before: Report, finding: Finding, fix_: Fix) -> Iterator[str]:
    """What is wrong after a fix alone."""
    after = _lint(Source(source.path, apply_edits(source.text, fix_.edits)))
    old, new = (Counter(found.rule for found in separate(r.findings)) for r in (before, after))
    for rule in new - old:
        titles = [found.title for found in after.findings if found.rule == rule]
        yield f"leads to {titles[-1]} [{rule}]"
    if new[finding.rule] >= old[finding.rule]:
        yield "the finding remains"
    lost = bundled().names(_allowed(before) - _allowed(after))
    if taken := [name for name in lost if name not in finding.title]:
        yield f"takes away {enumerate_briefly(taken)}"


def _allowed(report: Report) -> ActionSet:
    first, *others = [allowed(policy, bundled()) for policy in report.policies]
    return first.union(others)


def _unapplied(source: Source) -> Iterator[str]:
    """The findings that are said to be fixable, and are not fixed by all fixes."""
    for unsafe in (False, True):
        result = fix(source, lint=_lint, unsafe=unsafe)
        for refused in result.refused:
            yield f"refused: {refused.message}"
        wanted = set(Safety) if unsafe else {Safety.SAFE}
        for finding in result.remaining.findings:
            if any(fix_.safety in wanted for fix_ in finding.fixes):
                yield f"not applied: {finding.fixes[0].title} [{finding.rule}]"


if __name__ == "__main__":
    main()
