"""Apply safe fixes to files: they do not change the access that a policy grants.

Prints a diff; --write writes the files. Standard input (-) is written to standard output. The
remaining findings are counted and not printed: `multitool-lint check` prints them.
"""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from multitool_lint.cli.files.read import add_file_arguments, why_not_checked
from multitool_lint.cli.options.settings import add_keep_wildcards_argument, add_rule_arguments
from multitool_lint.cli.output import streams
from multitool_lint.cli.output.rewrites import (
    RewriteOutput,
    add_output_arguments,
    check_files,
    sources,
)
from multitool_lint.diagnostics.finding import counted
from multitool_lint.diagnostics.rule import UNCHECKED
from multitool_lint.linter.lint import internal_error, lint_with_settings

if TYPE_CHECKING:
    from argparse import ArgumentParser, Namespace

    from multitool_lint.cli.files.target import Target
    from multitool_lint.rewrite.fix import Fixed
    from multitool_lint.syntax.source import Source


def add_arguments(parser: ArgumentParser) -> None:
    """Add the arguments of the command."""
    add_file_arguments(parser)
    add_rule_arguments(parser)
    parser.add_argument(
        "--unsafe-fixes",
        action="store_true",
        help="also apply fixes that change access",
    )
    add_keep_wildcards_argument(parser)
    add_output_arguments(parser)


def run(arguments: Namespace) -> int:
    """Fix the files, and return the exit code."""
    from multitool_lint.rewrite.fix import fix

    check_files(arguments)
    output = RewriteOutput(arguments)
    fixed = remaining = printed = 0

    def count_printed(target: Target, source: Source) -> None:
        nonlocal printed
        printed += len(lint_with_settings(source, target.settings, confirms=False).findings)

    for target, source in sources(arguments, output, count_printed):
        try:
            lint = partial(lint_with_settings, settings=target.settings, confirms=False)
            result = fix(
                source,
                lint=lint,
                unsafe=arguments.unsafe_fixes,
                keep_wildcards=arguments.keep_wildcards,
                catalog=target.settings.catalog,
            )
        except Exception as error:  # noqa: BLE001 - the other files are still fixed
            output.error(target.path, internal_error(error))
            continue
        result.remaining.warn_of_former_ids()
        written = output.put(target, result.text)
        _report(output, target, result, written=written)
        fixed += len(result.applied) if written else 0
        remaining += len(result.remaining.findings) + (0 if written else len(result.applied))
    done = "fixed" if arguments.write else "fixable"
    aside = f" ({printed:,} in files that a program printed)" if printed else ""
    left = counted(remaining + printed, "finding")
    streams.err(f"{counted(fixed, 'finding')} {done}, {left} left{aside}\n")
    return output.end()


def _report(output: RewriteOutput, target: Target, result: Fixed, *, written: bool) -> None:
    for applied in result.applied if written else ():
        finding = applied.finding
        output.print_at(finding.source, finding.span, f"{applied.fix.title} [{finding.rule}]")
    for refused in result.refused:
        output.print_at(refused.finding.source, refused.finding.span, refused.message)
        output.incomplete = True
    report = result.remaining
    for finding in report.findings:
        if finding.rule in UNCHECKED:
            output.failed = True
            message = f"error: {finding.title} [{finding.rule}]"
            output.print_at(finding.source, finding.span, message)
    if not report.policy_count and not report.findings and target.named:
        output.error(target.path, why_not_checked(report))
