"""List the rules with severity, safety of the fix, and what they find.

The list includes the rules of the configuration of the current folder.
"""

from __future__ import annotations

from argparse import ArgumentParser, Namespace
from collections.abc import Sequence

from multitool_lint.cli.options import catalog as catalogs
from multitool_lint.cli.output import streams
from multitool_lint.diagnostics.rule import TOPICS, Rule


def add_arguments(parser: ArgumentParser) -> None:
    """Add the arguments of the command."""
    parser.add_argument("--topic", choices=TOPICS, help="list only the rules of this topic")
    streams.add_format_argument(parser)
    catalogs.add_config_arguments(parser, "include the rules of this configuration")


def run(arguments: Namespace) -> int:
    """Print the list, and return the exit code."""
    known = [
        rule
        for rule in catalogs.config_of(arguments).known().values()
        if arguments.topic is None or arguments.topic in rule.topics
    ]
    if arguments.format == "json":
        streams.out_json(list(map(_entry, known)))
    else:
        streams.out(_table(known))
    return 0


def _table(known: Sequence[Rule]) -> str:
    width = max((len(rule.id) for rule in known), default=0)
    lines = [
        f"{rule.id:<{width}}  {rule.severity.value:<10}  {_fix(rule):<10}  {rule.summary}"
        + ("" if rule.default else " (off by default)")
        + (" (preview)" if rule.preview else "")
        + (f" ({rule.origin})" if rule.origin else "")
        for rule in known
    ]
    return "\n".join(lines) + "\n"


def _fix(rule: Rule) -> str:
    return f"{rule.fix} fix" if rule.fix else ""


def _entry(rule: Rule) -> dict[str, object]:
    return {
        "id": rule.id,
        "aliases": rule.aliases,
        "summary": rule.summary,
        "severity": rule.severity.value,
        "topics": rule.topics,
        "types": rule.types,
        "fix": rule.fix,
        "default": rule.default,
        "preview": rule.preview,
        "since": rule.since or None,
        "access_analyzer": rule.access_analyzer,
        "parliament": rule.parliament,
        "references": rule.references,
        "origin": rule.origin or None,
    }
