"""What comes of every file of a run, in the order of the files."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, NamedTuple

from multitool_lint.cli.files import Target, targets
from multitool_lint.judging import judge

if TYPE_CHECKING:
    from argparse import Namespace
    from collections.abc import Iterator

    from multitool_lint.report import Report
    from multitool_lint.rewrite import Fixed
    from multitool_lint.source import Source


class Outcome(NamedTuple):
    """What came of a file: a report, what its fixes make of it, or an error that says why not.

    There is none of these if the file was skipped.
    """

    target: Target
    report: Report | None = None
    fixed: Fixed | None = None
    error: str | None = None


def outcomes(arguments: Namespace) -> Iterator[Outcome]:
    """Lint, or fix in memory, all files that the arguments name.

    Raises:
        ConfigError: an option or a configuration cannot be followed.
    """
    for target in targets(arguments):
        if target.skipped:
            yield Outcome(target)
        elif target.source is None:
            yield Outcome(target, error=target.error or "not readable")
        else:
            yield _judged(target, target.source, arguments)


def _judged(target: Target, source: Source, arguments: Namespace) -> Outcome:
    try:
        if not (arguments.fix or arguments.diff):
            return Outcome(target, judge(source, target.settings))
        from multitool_lint.rewrite.fixes import fix

        lint = partial(judge, settings=target.settings)
        fixed = fix(source, lint=lint, unsafe=arguments.unsafe_fixes)
        return Outcome(target, fixed.remaining, fixed if fixed.applied else None)
    except Exception as error:  # noqa: BLE001 - the other files are linted all the same
        return Outcome(target, error=f"internal error: {type(error).__name__}: {error}")
