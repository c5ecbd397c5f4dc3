"""List the rules, with severity, the safety of their fixes and what they find."""

from __future__ import annotations

from typing import TYPE_CHECKING

from multitool_lint import rulebook
from multitool_lint.cli import streams

if TYPE_CHECKING:
    from argparse import ArgumentParser, Namespace


def add_arguments(parser: ArgumentParser) -> None:
    """Add what the command takes."""
    parser.add_argument("--format", choices=("text", "json"), default="text", help="default: text")


def run(arguments: Namespace) -> int:
    """Print the list, and return the exit code."""
    if arguments.format == "json":
        streams.out_utf8(_json())
    else:
        streams.out(_table())
    return 0


def _table() -> str:
    rules = rulebook.rules().values()
    width = max((len(rule.id) for rule in rules), default=0)
    lines = [
        f"{rule.id:<{width}}  {rule.severity.value:<10}  {_fix(rule):<10}  {rule.summary}"
        + ("" if rule.default else " (off by default)")
        for rule in rules
    ]
    return "\n".join(lines) + "\n"


def _fix(rule: rulebook.Rule) -> str:
    return f"{rule.fix} fix" if rule.fix else ""


def _json() -> str:
    import json

    entries = [
        {
            "id": rule.id,
            "summary": rule.summary,
            "severity": rule.severity.value,
            "types": rule.types,
            "fix": rule.fix,
            "default": rule.default,
            "since": rule.since,
            "access_analyzer": rule.access_analyzer,
            "parliament": rule.parliament,
            "references": rule.references,
        }
        for rule in rulebook.rules().values()
    ]
    return json.dumps(entries, indent=2, ensure_ascii=False) + "\n"
