"""Print the page of a rule: what it finds, why that matters, examples and references."""

from __future__ import annotations

from typing import TYPE_CHECKING

from multitool_lint.cli import streams
from multitool_lint.config import suggestion
from multitool_lint.rulebook import rules

if TYPE_CHECKING:
    from argparse import ArgumentParser, Namespace

    from multitool_lint.rulebook import Rule


def add_arguments(parser: ArgumentParser) -> None:
    """Add what the command takes."""
    parser.add_argument(
        "rule",
        metavar="RULE",
        help="the id of a rule, or the code of a check of IAM Access Analyzer or parliament that "
        "rules answer",
    )


def run(arguments: Namespace) -> int:
    """Print the pages, and return the exit code."""
    meant = _meant(arguments.rule)
    if not meant:
        hint = suggestion(arguments.rule, rules()) or "; `multitool-lint rules` lists them"
        streams.err(f'error: unknown rule "{arguments.rule}"{hint}\n')
        return 2
    streams.out("\n".join(rule.page for rule in meant))
    return 0


def _meant(name: str) -> list[Rule]:
    if name in rules():
        return [rules()[name]]
    code = name.upper()
    return [
        rule for rule in rules().values() if code in rule.access_analyzer or code in rule.parliament
    ]
