"""Statements that grant every action of a service."""

from __future__ import annotations

from typing import TYPE_CHECKING

from multitool_lint.access import everything_there_is
from multitool_lint.iam.patterns import has_wildcard

if TYPE_CHECKING:
    from collections.abc import Iterator

    from multitool_lint.findings import Context, Finding
    from multitool_lint.policy import Policy


def check(policy: Policy, context: Context) -> Iterator[Finding]:
    """One finding for every pattern under Action that is a service and all its actions."""
    for statement in policy.statements:
        if not statement.allows or statement.negates_actions:
            continue
        for at, text in enumerate(statement.action_names):
            if not text.endswith("*"):
                continue
            prefix, _, name = text.partition(":")
            if not name or name.strip("*") or has_wildcard(prefix):
                continue
            count = len(context.catalog.match(text) & everything_there_is(context.catalog))
            if count > 1:
                yield context.finding(
                    statement.action_node(at),
                    f'"{text}" grants all {count:,} actions of {prefix}, and what AWS adds: name '
                    "what is needed",
                )
