"""Lint a file, or fix it in memory."""

from __future__ import annotations

from functools import partial

from multitool_lint.linter.lint import internal_error, lint_with_settings
from multitool_lint.named_tuple import NamedTuple
from multitool_lint.syntax.source import Source

TYPE_CHECKING = False
if TYPE_CHECKING:
    from argparse import Namespace

    from multitool_lint.cli.files.target import Target
    from multitool_lint.linter.report import Report
    from multitool_lint.rewrite.fix import Fixed


class FileOutcome(NamedTuple):
    """What came of a file: a report, what its fixes make of it, or an error that says why not.

    There is none of these if the file was skipped. One that was linted `again`, as another file
    names it, has only what was not found before.
    """

    target: Target
    report: Report | None = None
    fixed: Fixed | None = None
    error: str | None = None
    again: bool = False


def lint_file(target: Target, arguments: Namespace) -> FileOutcome:
    """What comes of a file, in this process and without the cache."""
    if target.skipped:
        return FileOutcome(target)
    if target.source is None:
        return FileOutcome(target, error=target.error or "not readable")
    return _linted(target, target.source, arguments)


def _linted(target: Target, source: Source, arguments: Namespace) -> FileOutcome:
    try:
        if not (arguments.fix or arguments.diff):
            return FileOutcome(target, lint_with_settings(source, target.settings))
        from multitool_lint.rewrite.fix import fix

        lint = partial(lint_with_settings, settings=target.settings, confirms=False)
        unsafe, keeping = arguments.unsafe_fixes, arguments.keep_wildcards
        fixed = fix(source, lint=lint, unsafe=unsafe, keep_wildcards=keeping)
        # Only what remains is reported: parliament is asked once, and not after each round.
        report = lint_with_settings(Source(source.path, fixed.text), target.settings)
        return FileOutcome(target, report, fixed if fixed.applied or fixed.refused else None)
    except Exception as error:  # noqa: BLE001 - the other files are still linted
        return FileOutcome(target, error=internal_error(error))
